//! The city model. All geometry is in the local frame ([`LocalFrame`]): metres, x east, y north, z height above datum.

use std::ops::Range;
use std::sync::Arc;

use nalgebra::{Point3, Vector3};
use serde::{Deserialize, Serialize};

use crate::access::params::TransitChange;
use crate::finding::Finding;
use crate::geo::{Grid, LocalFrame};
use crate::shuttle::params::ShuttleService;
use crate::traffic::TrafficChange;

/// A city: buildings, terrain, trees, streets, land cover, and where each of them came from.
#[derive(Clone, Debug)]
pub struct City {
    /// Name for people.
    pub name: String,
    /// Place of the local frame.
    pub frame: LocalFrame,
    /// Buildings in the order of the sources. Shared between variants: an unchanged building is the same `Arc`.
    pub buildings: Vec<Arc<Building>>,
    /// Bare ground; `None` when no source gives heights (a finding says so).
    pub terrain: Option<Arc<Terrain>>,
    /// Single trees.
    pub trees: Vec<Tree>,
    /// Street centre lines.
    pub streets: Arc<Vec<Street>>,
    /// Land cover polygons.
    pub land_cover: Arc<Vec<LandCover>>,
    /// Flood walls and mobile barriers that edits placed.
    pub flood_walls: Arc<Vec<FloodWall>>,
    /// Breaches of walls and dikes that edits cut.
    pub breaches: Arc<Vec<Breach>>,
    /// Changes of traffic that edits planned, in order.
    pub traffic_changes: Arc<Vec<TrafficChange>>,
    /// Changes of public transport and shuttles that edits planned, in order.
    pub transit_changes: Arc<Vec<TransitChange>>,
    /// Changes of the service of shuttles that edits planned, in order.
    pub shuttle_changes: Arc<Vec<ShuttleService>>,
    /// Origin, licence, date and CRS of each layer.
    pub sources: Arc<Vec<LayerSource>>,
    /// What the user should know about the data.
    pub findings: Vec<Finding>,
}

/// Where a layer came from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerSource {
    /// What it holds.
    pub layer: LayerKind,
    /// Path as written in the scenario.
    pub path: String,
    /// Format as recognised, e.g. `CityGML 1.0`: a name that all languages share; what it holds is said by `layer`.
    pub format: String,
    /// Who made it, as the attribution must be printed.
    pub origin: Option<String>,
    /// Licence, e.g. `dl-de/by-2-0`.
    pub licence: Option<String>,
    /// Date of the data, as declared.
    pub date: Option<String>,
    /// CRS for people, e.g. `EPSG:25832 + DHHN2016`.
    pub crs: String,
    /// BLAKE3 of the file's bytes, hex.
    pub blake3: String,
    /// Number of objects used.
    pub objects: usize,
}

/// Kinds of layers.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum LayerKind {
    /// Buildings with semantic surfaces, or footprints to be extruded.
    Buildings,
    /// Bare ground heights.
    Terrain,
    /// Single trees.
    Trees,
    /// Street lines.
    Streets,
    /// Land cover polygons.
    LandCover,
}

/// Axis that points up in a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UpAxis {
    /// As in glTF and most programs for drawing.
    Y,
    /// As in maps and most solvers.
    Z,
}

impl UpAxis {
    /// `y` or `z`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Y => "y",
            Self::Z => "z",
        }
    }
}

/// Semantic class of a surface (CityGML RoofSurface, WallSurface, GroundSurface, ClosureSurface).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SurfaceKind {
    /// Facade.
    Wall,
    /// Roof.
    Roof,
    /// Surface on the ground.
    Ground,
    /// Closes a volume without being built (passages).
    Closure,
}

/// One building with its parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Building {
    /// Id of the source (gml:id, CityJSON key) or of the edit that made it. Unique within a city.
    pub id: String,
    /// Number unique within a scenario: position in the baseline city, or above it for buildings added by edits.
    /// Stays the same over all variants.
    pub key: u32,
    /// Attributes of the building as a whole.
    pub attributes: BuildingAttributes,
    /// Parts; a simple building has one. `geometry.surfaces[i].part` refers to them.
    pub parts: Vec<BuildingPart>,
    /// All surfaces of all parts.
    pub geometry: Geometry,
    /// True for a draft or mass that a variant added.
    pub draft: bool,
}

/// One part of a building.
#[derive(Clone, Debug, PartialEq)]
pub struct BuildingPart {
    /// Id of the source; equals the building's id where there is one part only.
    pub id: String,
    /// Own attributes; empty ones are inherited from the building.
    pub attributes: BuildingAttributes,
    /// Level of detail of the geometry used, e.g. `2`.
    pub lod: String,
    /// True when every edge is shared by two opposite faces.
    pub closed: bool,
    /// Volume (m³) of a closed shell; `None` for an open one.
    pub volume_m3: Option<f64>,
}

/// What sources say about a building. Nothing is guessed here; assumptions are marked as such.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BuildingAttributes {
    /// Name, if any.
    pub name: Option<String>,
    /// Function code as delivered, e.g. `31001_1010`.
    pub function: Option<String>,
    /// Roof type code as delivered, e.g. `3100`.
    pub roof_type: Option<String>,
    /// Storeys above ground as delivered.
    pub storeys: Option<u32>,
    /// Measured height (m) as delivered: ridge above ground.
    pub measured_height_m: Option<f64>,
    /// Height (m) that was assumed because the source has none; shown as assumed wherever it appears.
    pub assumed_height_m: Option<f64>,
    /// Year of construction.
    pub year: Option<i32>,
    /// Street and number.
    pub address: Option<String>,
    /// Rain (mm) that the green roof holds back; `None` for a roof that is not green.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub green_roof_mm: Option<f64>,
}

/// Flat polygon storage of one building.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Geometry {
    /// Ring corners, ring after ring; corners are not shared between rings.
    pub vertices: Vec<Point3<f64>>,
    /// End (exclusive) of each ring in `vertices`; ring i starts at the end of ring i-1.
    pub ring_ends: Vec<u32>,
    /// Triangles as indices into `vertices`, counter-clockwise seen from outside.
    pub triangles: Vec<[u32; 3]>,
    /// Surfaces (polygons).
    pub surfaces: Vec<Surface>,
}

/// One planar polygon with a meaning.
#[derive(Clone, Debug, PartialEq)]
pub struct Surface {
    /// gml:id, if any.
    pub id: Option<String>,
    /// Meaning.
    pub kind: SurfaceKind,
    /// Index into `Building::parts`.
    pub part: u16,
    /// Rings in `Geometry::ring_ends`: exterior first, then holes.
    pub rings: Range<u32>,
    /// Triangles in `Geometry::triangles`.
    pub triangles: Range<u32>,
    /// Unit normal (Newell), pointing outwards.
    pub normal: Vector3<f64>,
    /// Area (m²) of exterior minus holes.
    pub area_m2: f64,
}

impl Geometry {
    /// Corners of ring `ring`.
    pub fn ring(&self, ring: u32) -> &[Point3<f64>] {
        let start = if ring == 0 {
            0
        } else {
            self.ring_ends[ring as usize - 1]
        };
        &self.vertices[start as usize..self.ring_ends[ring as usize] as usize]
    }

    /// Triangles of a surface as corner triples.
    pub fn surface_triangles(
        &self,
        surface: &Surface,
    ) -> impl Iterator<Item = [Point3<f64>; 3]> + '_ {
        self.triangles[surface.triangles.start as usize..surface.triangles.end as usize]
            .iter()
            .map(|t| t.map(|i| self.vertices[i as usize]))
    }
}

impl Building {
    /// Lowest and highest z (m), from the geometry.
    pub fn z_range(&self) -> (f64, f64) {
        self.geometry
            .vertices
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), p| {
                (lo.min(p.z), hi.max(p.z))
            })
    }

    /// Corners (min, max) of the box around the geometry; infinite and inverted without geometry.
    pub fn bounds(&self) -> (Point3<f64>, Point3<f64>) {
        self.geometry.vertices.iter().fold(
            (
                Point3::from([f64::INFINITY; 3]),
                Point3::from([f64::NEG_INFINITY; 3]),
            ),
            |(lo, hi), p| (lo.inf(p), hi.sup(p)),
        )
    }

    /// Total area (m²) of surfaces of one kind.
    pub fn area_m2(&self, kind: SurfaceKind) -> f64 {
        self.geometry
            .surfaces
            .iter()
            .filter(|s| s.kind == kind)
            .map(|s| s.area_m2)
            .sum()
    }

    /// Volume (m³) if every part is closed.
    pub fn volume_m3(&self) -> Option<f64> {
        self.parts.iter().map(|p| p.volume_m3).sum()
    }
}

/// Bare ground.
#[derive(Clone, Debug, PartialEq)]
pub enum Terrain {
    /// Heights (m above datum) at cell centres, f32, NaN where unknown. The surface is the two triangles between each
    /// four neighbouring centres, split from south-west to north-east.
    Raster {
        /// Cells; heights belong to their centres.
        grid: Grid,
        /// `[rows][cols]`, row 0 in the north.
        heights: Vec<f32>,
    },
    /// Triangulated irregular network.
    Tin {
        /// Corners.
        vertices: Vec<Point3<f64>>,
        /// Counter-clockwise seen from above.
        triangles: Vec<[u32; 3]>,
    },
}

/// A single tree.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    /// Id of the source or of the edit.
    pub id: String,
    /// Foot of the trunk, local frame; z from the source or draped on the terrain.
    pub foot: Point3<f64>,
    /// Height (m) from foot to top.
    pub height_m: f64,
    /// Crown diameter (m).
    pub crown_diameter_m: f64,
    /// Genus or species, if known.
    pub genus: Option<String>,
}

impl Tree {
    /// Height (m) of the lower end of the crown above the foot: a quarter of the tree, at most 4 m (street trees are
    /// pruned to 4.5 m above carriageways; an assumption, since the registers give no crown base).
    pub fn crown_base_m(&self) -> f64 {
        (0.25 * self.height_m).min(4.0)
    }
}

/// A street centre line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Street {
    /// Id of the source, e.g. the OSM way id.
    pub id: String,
    /// Class, in OSM words (`residential`, `footway` ...).
    pub class: String,
    /// Street name.
    pub name: Option<String>,
    /// Carriageway width (m), from the source or typical for the class.
    pub width_m: f64,
    /// Local (x, y) points.
    pub line: Vec<[f64; 2]>,
}

/// Classes of land cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LandCoverKind {
    /// Water.
    Water,
    /// Grass, parks, planted ground.
    Green,
    /// Paved ground, squares.
    Paved,
    /// Carriageways and paths as areas.
    Street,
    /// Railway.
    Railway,
    /// Anything else.
    Other,
}

/// A land cover polygon.
#[derive(Clone, Debug, PartialEq)]
pub struct LandCover {
    /// Id of the source.
    pub id: String,
    /// Class.
    pub kind: LandCoverKind,
    /// Rings of local (x, y): exterior first, then holes; not repeated at the end.
    pub rings: Vec<Vec<[f64; 2]>>,
}

/// A flood wall or mobile barrier: a line without width that water crosses above its crest only.
#[derive(Clone, Debug, PartialEq)]
pub struct FloodWall {
    /// Id of the edit.
    pub id: String,
    /// Local (x, y) points, at least 2.
    pub line: Vec<[f64; 2]>,
    /// Top.
    pub crest: WallCrest,
    /// True for a barrier that is set up for the event only.
    pub mobile: bool,
}

/// Top of a flood wall.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum WallCrest {
    /// Height (m) above the higher ground of both sides.
    AboveGround(f64),
    /// Level (m above datum).
    Level(f64),
}

/// A breach of a flood wall, or of a dike in the terrain.
#[derive(Clone, Debug, PartialEq)]
pub struct Breach {
    /// Id of the edit.
    pub id: String,
    /// Local (x, y) points: one place on a flood wall, or a line across a dike.
    pub line: Vec<[f64; 2]>,
    /// Width (m).
    pub width_m: f64,
    /// Height (m above datum) that is left; `None`: the ground beside it.
    pub sill_m: Option<f64>,
    /// Begin (s).
    pub start_s: f64,
    /// Time (s) until the sill is reached.
    pub duration_s: f64,
}

impl City {
    /// A place without anything: what most cities say only a part of.
    pub fn empty(name: impl Into<String>, frame: LocalFrame) -> Self {
        Self {
            name: name.into(),
            frame,
            buildings: Vec::new(),
            terrain: None,
            trees: Vec::new(),
            streets: Arc::default(),
            land_cover: Arc::default(),
            flood_walls: Arc::default(),
            breaches: Arc::default(),
            traffic_changes: Arc::default(),
            transit_changes: Arc::default(),
            shuttle_changes: Arc::default(),
            sources: Arc::default(),
            findings: Vec::new(),
        }
    }

    /// South-western and north-eastern corner of everything that has a place; `None` for an empty city.
    pub fn bounds_xy(&self) -> Option<([f64; 2], [f64; 2])> {
        let mut lo = [f64::INFINITY; 2];
        let mut hi = [f64::NEG_INFINITY; 2];
        let mut add = |x: f64, y: f64| {
            lo = [lo[0].min(x), lo[1].min(y)];
            hi = [hi[0].max(x), hi[1].max(y)];
        };
        for building in &self.buildings {
            let (min, max) = building.bounds();
            add(min.x, min.y);
            add(max.x, max.y);
        }
        match self.terrain.as_deref() {
            Some(Terrain::Raster { grid, .. }) => {
                let (min, max) = grid.bounds();
                add(min[0], min[1]);
                add(max[0], max[1]);
            }
            Some(Terrain::Tin { vertices, .. }) => vertices.iter().for_each(|p| add(p.x, p.y)),
            None => {}
        }
        self.trees.iter().for_each(|t| add(t.foot.x, t.foot.y));
        self.streets
            .iter()
            .flat_map(|s| &s.line)
            .for_each(|p| add(p[0], p[1]));
        (lo[0] <= hi[0]).then_some((lo, hi))
    }

    /// The building with this id.
    pub fn building(&self, id: &str) -> Option<&Arc<Building>> {
        self.buildings.iter().find(|b| b.id == id)
    }
}
