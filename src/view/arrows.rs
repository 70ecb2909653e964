//! Arrows of what flows: where they stand, how long they are, how they look. Water and wind share them.

use bevy::camera::visibility::NoFrustumCulling;
use bevy::light::NotShadowCaster;
use bevy::math::{Vec3, Vec4};
use bevy::prelude::*;

use crate::geo::Grid;
use crate::ui::Theme;

use super::desktop::Desktop;
use super::materials::{LineMaterial, LineStyle};
use super::scene::mesh_data::LineData;

/// Arrows from the lower to the upper edge of the picture.
const ARROWS_DOWN: f32 = 22.0;
/// Length of the shortest arrow as share of the longest: a shorter one is a dot without direction.
const SHORTEST: f32 = 0.45;
/// Width (px) of the rim and of the line in it, and how much wider they are in high contrast.
const WIDTHS_PX: [f32; 2] = [4.2, 2.0];
/// See [`WIDTHS_PX`].
const CONTRAST: f32 = 1.4;
/// Share of the opacity that arrows of a stale result keep.
const STALE: f32 = 0.4;

/// Materials of arrows: a dark rim, and white in it, which shows on the lightest and on the darkest colour of a legend.
#[derive(Resource, Default)]
pub struct ArrowLook {
    lines: [Handle<LineMaterial>; 2],
}

/// Adds the materials; `app` chains [`dress`].
pub fn plugin(app: &mut App) {
    app.init_resource::<ArrowLook>().add_systems(Startup, setup);
}

fn setup(mut look: ResMut<ArrowLook>, mut lines: ResMut<Assets<LineMaterial>>) {
    look.lines = styles(1.0, 1.0).map(|line| lines.add(LineMaterial { line }));
}

/// Rim and line.
fn styles(wider: f32, opacity: f32) -> [LineStyle; 2] {
    let style = |color: [f32; 3], alpha: f32, width_px: f32, pull| LineStyle {
        color: Vec4::new(color[0], color[1], color[2], alpha * opacity),
        style: Vec4::new(width_px * wider, 0.0, pull, 0.0),
    };
    [
        style([0.02, 0.05, 0.10], 0.75, WIDTHS_PX[0], 1.0e-3),
        style([1.0, 1.0, 1.0], 1.0, WIDTHS_PX[1], 1.3e-3),
    ]
}

/// Wider in high contrast, faded while the result is stale.
pub fn dress(desktop: Res<Desktop>, look: Res<ArrowLook>, mut lines: ResMut<Assets<LineMaterial>>) {
    let stale = desktop.result(desktop.ui.variant).is_some_and(|r| r.stale);
    let wider = if desktop.ui.theme == Theme::HighContrast {
        CONTRAST
    } else {
        1.0
    };
    let wanted = styles(wider, if stale { STALE } else { 1.0 });
    for (handle, line) in look.lines.iter().zip(wanted) {
        if lines.get(handle).is_some_and(|m| m.line != line)
            && let Some(mut material) = lines.get_mut(handle)
        {
            material.line = line;
        }
    }
}

impl ArrowLook {
    /// Draws arrows.
    pub fn spawn(
        &self,
        arrows: &LineData,
        meshes: &mut Assets<Mesh>,
        commands: &mut Commands,
    ) -> Vec<Entity> {
        let mesh = meshes.add(arrows.to_mesh());
        let layers = self.lines.iter().enumerate();
        layers
            .map(|(layer, material)| {
                // Nearer ones are drawn later: the white lies on its rim.
                let entity = commands.spawn((
                    Mesh3d(mesh.clone()),
                    MeshMaterial3d(material.clone()),
                    Transform::from_xyz(0.0, 0.05 * layer as f32, 0.0),
                    NoFrustumCulling,
                    NotShadowCaster,
                ));
                entity.id()
            })
            .collect()
    }
}

/// Length of an arrow as share of the longest; `speeds` (m/s): no arrow below the first, no longer one above the second.
pub fn arrow_share(speed: f32, speeds: [f32; 2]) -> f32 {
    (speed / speeds[1]).sqrt().clamp(SHORTEST, 1.0)
}

/// Adds the head of an arrow; `along` is a horizontal unit vector.
pub fn add_head(lines: &mut LineData, tip: Vec3, along: Vec3, barb_m: f32) {
    let across = Vec3::new(-along.z, 0.0, along.x);
    for side in [-0.6, 0.6] {
        let end = tip - barb_m * along + side * barb_m * across;
        lines.push_tapered([end, tip], [1.0; 2]);
    }
}

/// Distance of arrows (cells, a power of two) for the height (m) of the picture.
pub fn arrow_distance(height_m: f32, cell_m: f64) -> usize {
    let wanted = height_m / ARROWS_DOWN / cell_m as f32;
    (wanted.max(1.0) as usize).next_power_of_two().min(1 << 12)
}

/// The middle of a square of `every` cells whose north-western one is given, or the cell with the largest `strength` when it has none.
pub fn strongest(
    grid: &Grid,
    [row, col]: [usize; 2],
    every: usize,
    strength: impl Fn(usize, usize) -> Option<f32>,
) -> Option<(usize, usize)> {
    let middle = (row + every / 2, col + every / 2);
    if middle.0 < grid.rows && middle.1 < grid.cols && strength(middle.0, middle.1).is_some() {
        return Some(middle);
    }
    let rows = row..(row + every).min(grid.rows);
    rows.flat_map(|r| (col..(col + every).min(grid.cols)).map(move |c| (r, c)))
        .filter_map(|(r, c)| Some((strength(r, c)?, (r, c))))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, at)| at)
}
