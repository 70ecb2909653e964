//! What a user can set for a sun study.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Sun hours on given days for ground, facades and roofs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SunParams {
    /// Days (YYYY-MM-DD), 1 to 31 of them, years 1900 to 2100. EN 17037 judges one day between 1 February and 21 March.
    #[schemars(length(min = 1, max = 31))]
    pub dates: Vec<String>,
    /// Time between two visibility tests (s); 60 to 600; 60 is minute-exact.
    #[schemars(range(min = 60, max = 600))]
    pub step_s: f64,
    /// Sun elevation (degrees) from which EN 17037 counts; 11 in Germany; 0 to 45.
    #[schemars(range(min = 0, max = 45))]
    pub min_elevation_deg: f64,
    /// Compute the ground.
    pub ground: bool,
    /// Distance of ground points (m); 0.25 to 50.
    #[schemars(range(min = 0.25, max = 50))]
    pub ground_spacing_m: f64,
    /// Compute facades.
    pub facades: bool,
    /// Distance of facade points along the wall (m); 0.25 to 2.
    #[schemars(range(min = 0.25, max = 2))]
    pub facade_spacing_m: f64,
    /// Compute roofs.
    pub roofs: bool,
    /// Distance of roof points (m); 0.25 to 20.
    #[schemars(range(min = 0.25, max = 20))]
    pub roof_spacing_m: f64,
    /// Storey height (m) assumed where a building names no storeys; 2 to 6.
    #[schemars(range(min = 2, max = 6))]
    pub storey_height_m: f64,
    /// Height (m) of the facade points above each storey floor; EN 17037: at least 1.2; 0 to 3.
    #[schemars(range(min = 0, max = 3))]
    pub height_above_floor_m: f64,
    /// Whether trees shade: EN 17037 practice ignores them.
    pub trees: TreeShading,
    /// Share of direct sun that passes a crown in leaf (May to October, in the south November to April); 0 to 1. Used with
    /// `trees = "shade"`.
    #[schemars(range(min = 0, max = 1))]
    pub crown_transmissivity: f64,
    /// Share of direct sun that passes a bare crown (the other months); 0 to 1. Used with `trees = "shade"`.
    #[schemars(range(min = 0, max = 1))]
    pub bare_crown_transmissivity: f64,
    /// Part of the city that gets receivers: [west, south, east, north] in the CRS of the city; default: all of it.
    /// Everything shades, also outside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area: Option<[f64; 4]>,
    /// CSV of own receivers (`id,x,y,z,nx,ny,nz`, CRS of the city), answered in `receivers.csv`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receivers: Option<String>,
}

/// Whether trees shade.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TreeShading {
    /// Trees are ignored, as in EN 17037 practice.
    #[default]
    Ignore,
    /// A second figure beside the one without trees: lit minutes weighted by the transmissivity of all crowns on the ray.
    Shade,
}

impl Default for SunParams {
    fn default() -> Self {
        Self {
            dates: vec!["2027-03-21".to_owned()],
            step_s: 60.0,
            min_elevation_deg: 11.0,
            ground: true,
            ground_spacing_m: 2.0,
            facades: true,
            facade_spacing_m: 2.0,
            roofs: true,
            roof_spacing_m: 2.0,
            storey_height_m: 3.0,
            height_above_floor_m: 1.2,
            trees: TreeShading::Ignore,
            crown_transmissivity: 0.1,
            bare_crown_transmissivity: 0.65,
            area: None,
            receivers: None,
        }
    }
}
