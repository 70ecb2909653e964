//! The moving water: which moment is shown, its surface and arrows, made on a thread of their own and drawn with a material
//! that writes the colours of the legend.

use std::sync::Arc;

use bevy::asset::RenderAssetUsages;
use bevy::camera::visibility::NoFrustumCulling;
use bevy::light::NotShadowCaster;
use bevy::math::{Vec3, Vec4};
use bevy::mesh::MeshVertexBufferLayoutRef;
use bevy::pbr::{MaterialPipeline, MaterialPipelineKey};
use bevy::prelude::*;
use bevy::render::render_resource::{
    AsBindGroup, Extent3d, RenderPipelineDescriptor, ShaderType, SpecializedMeshPipelineError,
    TextureDimension, TextureFormat,
};
use bevy::shader::ShaderRef;
use rayon::prelude::*;

use crate::result::Animation;
use crate::result::legend::{Legend, LegendKind, legend};
use crate::ui::moment::{CellWater, Moment, SHOWN_DEPTH_M, WATER_NOW, WaterAt, depth_legends};

use super::app::{Awake, PictureQuality};
use super::arrows::{ArrowLook, add_head, arrow_distance, arrow_share, strongest};
use super::desktop::Desktop;
use super::materials::{WATER, reads};
use super::pick::Picker;
use super::pointer::{Rig, Scene};
use super::scene::mesh_data::LineData;
use super::space::bevy_from_map_array;
use super::water_mesh::{GroundHeights, SurfaceMesh, surface_mesh};
use super::worker::{Wake, Worker};

/// Triangles of the surface at most, with and without a graphics card.
const BUDGET: [usize; 2] = [1_500_000, 260_000];
/// Steps between two states of the event, with and without a graphics card.
const STEPS: [u32; 2] = [12, 1];
/// Entries of a legend that the shader knows.
const ENTRIES: usize = 40;
/// Speeds (m/s): no arrow below the first, no longer arrow above the second.
const ARROW_SPEEDS: [f32; 2] = [0.05, 2.0];
/// Height (m) of arrows above the water.
const ARROW_LIFT_M: f32 = 0.25;

/// Water. No light: the shader writes final colours.
#[derive(Asset, TypePath, AsBindGroup, Clone, Debug)]
pub struct WaterMaterial {
    /// Places and legend.
    #[uniform(0)]
    pub numbers: WaterNumbers,
    /// Depth and coloured value of each cell.
    #[texture(1, sample_type = "float", filterable = false)]
    pub cells: Handle<Image>,
}

/// Numbers of `shaders/water.wgsl`.
#[derive(Clone, Copy, Debug, PartialEq, ShaderType)]
pub struct WaterNumbers {
    /// Bevy x and z of the north-western corner, 1 / cell, cell (m).
    pub place: Vec4,
    /// Columns, rows, least depth drawn (m), 1 = stale.
    pub size: Vec4,
    /// Number of entries, 1 = continuous, first and last value of a continuous legend.
    pub legend: Vec4,
    /// sRGB colours, w = lower bound of the class.
    pub entries: [Vec4; ENTRIES],
}

impl Material for WaterMaterial {
    fn vertex_shader() -> ShaderRef {
        WATER.into()
    }

    fn fragment_shader() -> ShaderRef {
        WATER.into()
    }

    fn enable_prepass() -> bool {
        false
    }

    fn enable_shadows() -> bool {
        false
    }

    fn specialize(
        _pipeline: &MaterialPipeline,
        descriptor: &mut RenderPipelineDescriptor,
        layout: &MeshVertexBufferLayoutRef,
        _key: MaterialPipelineKey<Self>,
    ) -> Result<(), SpecializedMeshPipelineError> {
        reads(
            descriptor,
            layout,
            &[
                Mesh::ATTRIBUTE_POSITION.at_shader_location(0),
                Mesh::ATTRIBUTE_NORMAL.at_shader_location(1),
            ],
        )
    }
}

/// The water that the window shows, as the panels' state asks for it.
#[derive(Clone)]
pub struct ShownWater {
    /// The moment, exactly at the event's time.
    pub moment: Moment,
    /// Water of the baseline at the same time, when the difference to it is shown.
    pub baseline: Option<Moment>,
    /// Legend of the depth, or of its difference.
    pub legend: &'static Legend,
    /// The scenario changed since.
    pub stale: bool,
}

impl ShownWater {
    /// The coloured value at a local place: depth, or difference of depths.
    pub fn value(&self, x: f64, y: f64) -> Option<(WaterAt, f32)> {
        let water = self.moment.at(x, y)?;
        let value = match &self.baseline {
            Some(base) => water.depth_m - base.at(x, y).map_or(0.0, |b| b.depth_m),
            None => water.depth_m,
        };
        Some((water, value))
    }

    /// The water where a ray meets its surface, `ground` being where it meets the ground.
    pub fn on_ray(&self, origin: [f32; 3], ground: [f32; 3]) -> Option<(WaterAt, f32, [f32; 3])> {
        let mut p = ground;
        let mut found = None;
        for _ in 0..3 {
            let (water, value) = self.value(f64::from(p[0]), f64::from(p[1]))?;
            let up = water.level_m.max(ground[2]) - ground[2];
            let share = up / (origin[2] - ground[2]).max(1e-3);
            p = [0, 1, 2].map(|i| ground[i] + share.clamp(0.0, 1.0) * (origin[i] - ground[i]));
            found = Some((water, value, p));
        }
        found
    }
}

impl Desktop {
    /// The moving water, when it is what the window shows.
    pub fn water(&self) -> Option<ShownWater> {
        if self.ui.field.as_deref() != Some(WATER_NOW) {
            return None;
        }
        let shown = self.water_result(self.ui.variant)?;
        let moment = |of: &Arc<Animation>| Moment::new(of.clone(), self.ui.event.time_s);
        let names = depth_legends(&shown.result);
        let animation = shown.result.animation.as_ref()?;
        let baseline = self
            .water_result(0)
            .filter(|_| self.ui.difference && self.ui.variant > 0)
            .filter(|_| names.difference.is_some())
            .filter(|base| base.result.quality == shown.result.quality);
        let compared = baseline.and_then(|b| b.result.animation.as_ref());
        let compared = compared
            .filter(|b| b.grid == animation.grid)
            .and_then(moment);
        let id = match (&compared, names.difference) {
            (Some(_), Some(id)) => id,
            _ => names.depth,
        };
        Some(ShownWater {
            moment: moment(animation)?,
            stale: shown.stale || baseline.is_some_and(|b| b.stale),
            baseline: compared,
            legend: legend(id)?,
        })
    }
}

/// What is to be made.
pub struct WaterRequest {
    key: WaterKey,
    moment: Moment,
    baseline: Option<Moment>,
    ground: Arc<Picker>,
    budget: usize,
}

/// The finished surface.
pub struct WaterParts {
    key: WaterKey,
    mesh: SurfaceMesh,
    /// Depth and coloured value per cell.
    cells: Vec<f32>,
    columns: usize,
    arrows: LineData,
}

/// What a surface was made from: animations, moment, drawn ground, distance of arrows in cells (0: none).
#[derive(Clone, Debug, PartialEq)]
struct WaterKey {
    animation: usize,
    baseline: Option<usize>,
    moment: (usize, u32),
    ground: usize,
    arrows: usize,
}

type WaterWorker = Worker<WaterRequest, WaterParts>;

/// What of it is on screen.
#[derive(Resource, Default)]
pub struct Water {
    asked: Option<WaterKey>,
    shown: Option<WaterKey>,
    entities: Vec<Entity>,
    material: Handle<WaterMaterial>,
}

impl Water {
    /// The surface that the state asks for is drawn, or none is asked for.
    pub fn complete(&self) -> bool {
        self.asked == self.shown
    }
}

/// Adds the thread and the resources; `app` chains the systems.
pub fn plugin(app: &mut App, wake: Wake) {
    let mut heights = GroundHeights::new();
    app.add_plugins(MaterialPlugin::<WaterMaterial>::default())
        .insert_resource(Worker::spawn("water", wake, move |r: WaterRequest| {
            make(r, &mut heights)
        }))
        .init_resource::<Water>()
        .add_systems(Startup, setup);
}

fn setup(
    mut water: ResMut<Water>,
    mut materials: ResMut<Assets<WaterMaterial>>,
    mut images: ResMut<Assets<Image>>,
) {
    water.material = materials.add(WaterMaterial {
        numbers: WaterNumbers {
            place: Vec4::ZERO,
            size: Vec4::ZERO,
            legend: Vec4::ZERO,
            entries: [Vec4::ZERO; ENTRIES],
        },
        cells: images.add(cells_image([1, 1], &[-1.0, 0.0])),
    });
}

/// Depth and value of every cell as a texture.
fn cells_image(size: [usize; 2], values: &[f32]) -> Image {
    let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    Image::new(
        Extent3d {
            width: size[0] as u32,
            height: size[1] as u32,
            depth_or_array_layers: 1,
        },
        TextureDimension::D2,
        bytes,
        TextureFormat::Rg32Float,
        RenderAssetUsages::RENDER_WORLD,
    )
}

/// Colours and limits of a legend for the shader.
fn legend_numbers(legend: &Legend) -> (Vec4, [Vec4; ENTRIES]) {
    let mut entries = [Vec4::ZERO; ENTRIES];
    let color = |c: [u8; 3], lower: f32| {
        let [r, g, b] = c.map(|v| f32::from(v) / 255.0);
        Vec4::new(r, g, b, lower)
    };
    match &legend.kind {
        LegendKind::Classes(classes) => {
            for (entry, class) in entries.iter_mut().zip(classes) {
                *entry = color(class.color, class.lower.max(-1e30) as f32);
            }
            let count = classes.len().min(ENTRIES);
            (Vec4::new(count as f32, 0.0, 0.0, 0.0), entries)
        }
        LegendKind::Continuous {
            min, max, colors, ..
        } => {
            for (entry, c) in entries.iter_mut().zip(colors) {
                *entry = color(*c, 0.0);
            }
            let count = colors.len().min(ENTRIES);
            let numbers = Vec4::new(count as f32, 1.0, *min as f32, *max as f32);
            (numbers, entries)
        }
    }
}

fn make(request: WaterRequest, heights: &mut GroundHeights) -> WaterParts {
    let WaterRequest {
        key,
        moment,
        baseline,
        ground,
        budget,
    } = request;
    let height = |x: f32, y: f32| ground.ground_height(x, y);
    let mesh = surface_mesh(&moment, key.ground, heights, height, budget);
    let grid = *moment.grid();
    let cells = (0..grid.len())
        .into_par_iter()
        .with_min_len(1024)
        .flat_map_iter(|i| match moment.cell(i / grid.cols, i % grid.cols) {
            CellWater::Closed => [-1.0, 0.0],
            CellWater::Open(depth) => {
                let base = baseline.as_ref().map_or(0.0, |b| b.depth_m(i).max(0.0));
                [depth, depth - base]
            }
        })
        .collect();
    let mut arrows = LineData::default();
    if key.arrows > 0 {
        add_arrows(&mut arrows, &moment, key.arrows, height);
    }
    WaterParts {
        key,
        mesh,
        cells,
        columns: grid.cols,
        arrows,
    }
}

/// Arrows on a lattice of `every` cells: where the most water moves in each square, as long as it is fast.
fn add_arrows(
    lines: &mut LineData,
    moment: &Moment,
    every: usize,
    ground: impl Fn(f32, f32) -> Option<f32>,
) {
    let grid = moment.grid();
    let reach = every as f32 * grid.cell_m as f32;
    let discharge = |r: usize, c: usize| {
        let cell = grid.index(r, c);
        let [u, v] = moment.velocity(cell);
        let speed = u.hypot(v);
        (moment.is_wet(cell) && speed >= ARROW_SPEEDS[0]).then(|| moment.depth_m(cell) * speed)
    };
    for row in (0..grid.rows).step_by(every) {
        for col in (0..grid.cols).step_by(every) {
            let Some((r, c)) = strongest(grid, [row, col], every, discharge) else {
                continue;
            };
            let cell = grid.index(r, c);
            let [u, v] = moment.velocity(cell);
            let speed = u.hypot(v);
            let [x, y] = grid.centre(r, c).map(|v| v as f32);
            let level = moment.bed_m(cell) + moment.depth_m(cell);
            let z = ground(x, y).map_or(level, |g| level.max(g)) + ARROW_LIFT_M;
            let length = 0.9 * reach * arrow_share(speed, ARROW_SPEEDS);
            let along = Vec3::new(u, 0.0, -v) / speed;
            let middle = bevy_from_map_array([x, y, z]);
            let (tail, tip) = (middle - 0.5 * length * along, middle + 0.5 * length * along);
            lines.segments.push([tail, tip]);
            add_head(lines, tip, along, 0.28 * length);
        }
    }
}

/// Asks for the surface of the moment when something of it changed, and takes it away when it is no longer shown.
pub fn ask_for_water(
    desktop: Res<Desktop>,
    rig: Res<Rig>,
    scene: Res<Scene>,
    quality: Res<PictureQuality>,
    mut water: ResMut<Water>,
    mut worker: ResMut<WaterWorker>,
    mut materials: ResMut<Assets<WaterMaterial>>,
    mut commands: Commands,
    mut awake: ResMut<Awake>,
) {
    let shown = desktop.water().zip(scene.picker.clone());
    let Some((shown, ground)) = shown else {
        if !water.entities.is_empty() {
            for entity in water.entities.drain(..) {
                commands.entity(entity).despawn();
            }
            awake.0 = awake.0.max(2);
        }
        water.asked = None;
        water.shown = None;
        return;
    };
    let weak = usize::from(quality.software);
    // While the event runs the surface goes in steps; at rest it shows the very moment that the cursor tells.
    let drawn = |moment: Moment| {
        if desktop.ui.event.playing {
            moment.in_steps(STEPS[weak])
        } else {
            moment
        }
    };
    let moment = drawn(shown.moment.clone());
    let address = |m: &Moment| Arc::as_ptr(m.animation()).addr();
    let arrows = if desktop.ui.arrows_shown() {
        arrow_distance(rig.target.height_m(), moment.grid().cell_m)
    } else {
        0
    };
    let key = WaterKey {
        animation: address(&moment),
        baseline: shown.baseline.as_ref().map(address),
        moment: moment.mark(),
        ground: ground.ground_mark(),
        arrows,
    };
    let numbers = numbers_of(&moment, &shown);
    if materials
        .get(&water.material)
        .is_some_and(|m| m.numbers != numbers)
        && let Some(mut material) = materials.get_mut(&water.material)
    {
        material.numbers = numbers;
    }
    if water.asked.as_ref() == Some(&key) {
        return;
    }
    water.asked = Some(key.clone());
    worker.request(WaterRequest {
        key,
        moment,
        baseline: shown.baseline.map(drawn),
        ground,
        budget: BUDGET[weak],
    });
}

fn numbers_of(moment: &Moment, shown: &ShownWater) -> WaterNumbers {
    let grid = moment.grid();
    let (legend, entries) = legend_numbers(shown.legend);
    WaterNumbers {
        place: Vec4::new(
            grid.west as f32,
            -grid.north as f32,
            (1.0 / grid.cell_m) as f32,
            grid.cell_m as f32,
        ),
        size: Vec4::new(
            grid.cols as f32,
            grid.rows as f32,
            SHOWN_DEPTH_M,
            f32::from(u8::from(shown.stale)),
        ),
        legend,
        entries,
    }
}

/// Draws a finished surface.
pub fn take_water(
    worker: Res<WaterWorker>,
    arrows: Res<ArrowLook>,
    mut water: ResMut<Water>,
    mut commands: Commands,
    mut meshes: ResMut<Assets<Mesh>>,
    mut images: ResMut<Assets<Image>>,
    mut materials: ResMut<Assets<WaterMaterial>>,
    mut awake: ResMut<Awake>,
) {
    let Some(parts) = worker.newest() else { return };
    if water.asked.is_none() {
        return;
    }
    for entity in std::mem::take(&mut water.entities) {
        commands.entity(entity).despawn();
    }
    let rows = parts.cells.len() / 2 / parts.columns.max(1);
    if let Some(mut material) = materials.get_mut(&water.material) {
        material.cells = images.add(cells_image([parts.columns, rows], &parts.cells));
    }
    if !parts.mesh.indices.is_empty() {
        let entity = commands.spawn((
            Mesh3d(meshes.add(parts.mesh.to_mesh())),
            MeshMaterial3d(water.material.clone()),
            NoFrustumCulling,
            NotShadowCaster,
        ));
        let entity = entity.id();
        water.entities.push(entity);
    }
    if !parts.arrows.segments.is_empty() {
        let arrows = arrows.spawn(&parts.arrows, &mut meshes, &mut commands);
        water.entities.extend(arrows);
    }
    water.shown = Some(parts.key);
    awake.0 = awake.0.max(3);
}

/// Lets the event run; it stops at its end.
pub fn play_event(mut desktop: ResMut<Desktop>, time: Res<Time<Real>>, mut awake: ResMut<Awake>) {
    if desktop.advance_event(f64::from(time.delta_secs().min(1.0))) {
        awake.0 = awake.0.max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::moment::tests::animation;

    #[test]
    fn the_shader_knows_every_class_of_the_depth_legends() {
        for id in ["flood_depth_pluvial_lubw", "flood_depth_river"] {
            let legend = legend(id).unwrap();
            let (numbers, entries) = legend_numbers(legend);
            assert_eq!(numbers.x as usize, legend.classes().len());
            for (class, entry) in legend.classes().iter().zip(entries) {
                assert_eq!(entry.w, class.lower as f32);
                let color = [entry.x, entry.y, entry.z].map(|v| (v * 255.0).round() as u8);
                assert_eq!(color, class.color);
            }
        }
    }

    #[test]
    fn arrows_are_few_and_point_downstream() {
        let n = 64;
        let a = animation(n, vec![0.0; n * n], &[vec![1.0; n * n]]);
        let moment = Moment::new(a, 0.0).unwrap();
        let mut lines = LineData::default();
        add_arrows(&mut lines, &moment, 16, |_, _| None);
        assert_eq!(lines.segments.len(), 3 * 16);
        // 0.3 m/s to the east, 0.4 m/s to the south: Bevy z is south.
        let [tail, tip] = lines.segments[0];
        let along = (tip - tail).normalize();
        assert!(along.abs_diff_eq(Vec3::new(0.6, 0.0, 0.8), 1e-5), "{along}");
        assert_eq!(arrow_distance(1300.0, 2.0), 32);
    }

    #[test]
    fn a_ray_meets_the_water_before_the_ground() {
        let a = animation(20, vec![0.0; 400], &[vec![2.0; 400]]);
        let shown = ShownWater {
            moment: Moment::new(a, 0.0).unwrap(),
            baseline: None,
            legend: legend("flood_depth_river").unwrap(),
            stale: false,
        };
        let (water, value, p) = shown.on_ray([10.0, 0.0, 10.0], [10.0, 10.0, 0.0]).unwrap();
        assert_eq!((water.depth_m, value), (2.0, 2.0));
        assert!(
            (p[2] - 2.0).abs() < 1e-4 && (p[1] - 8.0).abs() < 1e-4,
            "{p:?}"
        );
    }
}
