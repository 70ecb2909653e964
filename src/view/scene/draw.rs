//! Parts of the picture as entities: spawns what is new, leaves what did not change.

use std::collections::BTreeMap;

use bevy::asset::RenderAssetUsages;
use bevy::camera::visibility::NoFrustumCulling;
use bevy::image::ImageSampler;
use bevy::light::NotShadowCaster;
use bevy::math::Vec4;
use bevy::prelude::*;
use bevy::render::render_resource::{Extent3d, TextureDimension, TextureFormat};

use crate::city::LayerKind;
use crate::geo::Grid;
use crate::view::desktop::Desktop;
use crate::view::drag::{ghost_transform, pose};
use crate::view::materials::{
    ClayMaterial, GroundMaterial, GroundNumbers, LineMaterial, LineStyle, PaintMaterial,
    SceneLight, SkyMaterial,
};
use crate::view::paint::Painted;
use crate::view::pointer::Scene;

use super::buildings::TileKey;
use super::edges::add_creases;
use super::mesh_data::{LineData, MeshData};
use super::{Part, SceneParts};

/// Albedo of bare ground: light grey.
const GROUND: Vec4 = Vec4::new(0.700, 0.685, 0.660, 0.0);
/// Accent of drafts: a warm orange-red, linear.
const ACCENT: [f32; 3] = [0.800, 0.155, 0.030];
/// Drafts that touch a building.
const CLASH: [f32; 3] = [0.720, 0.020, 0.030];
const INK: [f32; 3] = [0.030, 0.035, 0.045];
/// Markings between lanes, and kerbs.
const MARKING: [f32; 3] = [0.95, 0.95, 0.93];
const KERB: [f32; 3] = [0.30, 0.30, 0.30];

/// Which layer an entity belongs to.
#[derive(Component, Clone, Copy, PartialEq, Eq)]
pub struct OfLayer(pub LayerKind);

/// A building of its own, by its id.
#[derive(Component)]
pub struct DraftEntity {
    id: String,
}

/// Faces of a draft, which take the colour of a clash.
#[derive(Component)]
pub struct DraftFaces;

/// Lines of a draft.
#[derive(Component)]
pub struct DraftLines;

/// Ground of the terrain, not the plinth.
#[derive(Component)]
pub struct GroundEntity;

/// Materials that the whole scene shares.
#[derive(Resource)]
pub struct Palette {
    clay: Handle<ClayMaterial>,
    foliage: Handle<ClayMaterial>,
    draft: Handle<ClayMaterial>,
    clash: Handle<ClayMaterial>,
    ground: Handle<GroundMaterial>,
    fine_line: Handle<LineMaterial>,
    draft_line: Handle<LineMaterial>,
    clash_line: Handle<LineMaterial>,
    selected_line: Handle<LineMaterial>,
    removed_line: Handle<LineMaterial>,
    lane_line: Handle<LineMaterial>,
    street_edge: Handle<LineMaterial>,
    ghost_line: Handle<LineMaterial>,
    paint: Handle<PaintMaterial>,
    mark: Handle<PaintMaterial>,
    sky: Handle<SkyMaterial>,
}

impl Palette {
    /// Quiet bodies.
    pub fn clay(&self) -> Handle<ClayMaterial> {
        self.clay.clone()
    }

    /// Faces of drafts.
    pub fn draft_faces(&self) -> Handle<ClayMaterial> {
        self.draft.clone()
    }

    /// Edges of drafts.
    pub fn draft_lines(&self) -> Handle<LineMaterial> {
        self.draft_line.clone()
    }

    /// What an outline is where houses stand before it.
    pub fn ghost_lines(&self) -> Handle<LineMaterial> {
        self.ghost_line.clone()
    }

    /// Marks on the map: over all houses, in the colour of the legend by day and by night.
    pub fn marks(&self) -> Handle<PaintMaterial> {
        self.mark.clone()
    }

    /// Lines between lanes.
    pub fn lane_lines(&self) -> Handle<LineMaterial> {
        self.lane_line.clone()
    }

    /// Edges of streets.
    pub fn street_edges(&self) -> Handle<LineMaterial> {
        self.street_edge.clone()
    }

    /// Dashed lines of what is not there.
    pub fn dashed_lines(&self) -> Handle<LineMaterial> {
        self.removed_line.clone()
    }
}

/// Entities of the parts.
#[derive(Resource, Default)]
pub struct Drawn {
    tiles: BTreeMap<TileKey, (u64, Entity)>,
    trees: BTreeMap<TileKey, (u64, Entity)>,
    ground: Option<(std::sync::Arc<super::GroundParts>, Entity)>,
    loose: Vec<Entity>,
    outline: Option<(u32, usize, Entity)>,
    paint: Option<Entity>,
    /// Radius (m) of the scene.
    pub radius_m: f32,
}

fn line(
    color: [f32; 3],
    alpha: f32,
    width_px: f32,
    dash_m: f32,
    pull: f32,
    thin_far: bool,
) -> LineMaterial {
    LineMaterial {
        line: LineStyle {
            color: Vec4::new(color[0], color[1], color[2], alpha),
            style: Vec4::new(width_px, dash_m, pull, f32::from(u8::from(thin_far))),
        },
    }
}

/// Makes the shared materials and the sky.
pub fn setup(
    mut commands: Commands,
    mut meshes: ResMut<Assets<Mesh>>,
    mut images: ResMut<Assets<Image>>,
    mut clays: ResMut<Assets<ClayMaterial>>,
    mut grounds: ResMut<Assets<GroundMaterial>>,
    mut lines: ResMut<Assets<LineMaterial>>,
    mut paints: ResMut<Assets<PaintMaterial>>,
    mut skies: ResMut<Assets<SkyMaterial>>,
) {
    let light = SceneLight::default();
    let tinted = |color: [f32; 3], share| Vec4::new(color[0], color[1], color[2], share);
    let mut clay = |tint| clays.add(ClayMaterial { light, tint });
    let white = images.add(image(
        [1, 1],
        vec![255; 4],
        TextureFormat::Rgba8Unorm,
        ImageSampler::linear(),
    ));
    let palette = Palette {
        clay: clay(Vec4::ZERO),
        foliage: clay(Vec4::ZERO),
        draft: clay(tinted([0.95, 0.46, 0.24], 0.42)),
        clash: clay(tinted([0.85, 0.10, 0.08], 0.62)),
        ground: grounds.add(GroundMaterial {
            light,
            numbers: GroundNumbers {
                cover_rect: Vec4::ZERO,
                paint_rect: Vec4::ZERO,
                facing_rect: Vec4::ZERO,
                flags: Vec4::new(1.0, 1.0, 0.0, 0.0),
                ground: GROUND,
            },
            cover: white.clone(),
            openness: white.clone(),
            paint: white.clone(),
            facing: white,
        }),
        fine_line: lines.add(line(INK, 0.62, 1.0, 0.0, 2.5e-4, true)),
        draft_line: lines.add(line(ACCENT, 1.0, 2.0, 0.0, 6e-4, false)),
        clash_line: lines.add(line(CLASH, 1.0, 2.4, 0.0, 6e-4, false)),
        selected_line: lines.add(line(INK, 1.0, 3.0, 0.0, 8e-4, false)),
        removed_line: lines.add(line(ACCENT, 0.85, 1.3, 2.6, 5e-4, false)),
        lane_line: lines.add(line(MARKING, 0.85, 1.2, 4.0, 2e-4, true)),
        street_edge: lines.add(line(KERB, 0.55, 1.0, 0.0, 2e-4, true)),
        ghost_line: lines.add(line(ACCENT, 0.4, 1.6, 0.0, 20.0, false)),
        paint: paints.add(PaintMaterial { flags: Vec4::ZERO }),
        mark: paints.add(PaintMaterial {
            flags: Vec4::new(0.0, 20.0, 0.0, 0.0),
        }),
        sky: skies.add(SkyMaterial { light }),
    };
    commands.spawn((
        Mesh3d(
            meshes.add(
                Sphere::new(1000.0)
                    .mesh()
                    .ico(2)
                    .unwrap_or_else(|_| Sphere::new(1000.0).into()),
            ),
        ),
        MeshMaterial3d(palette.sky.clone()),
        NoFrustumCulling,
        NotShadowCaster,
    ));
    commands.insert_resource(palette);
    commands.init_resource::<Drawn>();
}

fn image(size: [u32; 2], data: Vec<u8>, format: TextureFormat, sampler: ImageSampler) -> Image {
    let mut image = Image::new(
        Extent3d {
            width: size[0],
            height: size[1],
            depth_or_array_layers: 1,
        },
        TextureDimension::D2,
        data,
        format,
        RenderAssetUsages::default(),
    );
    image.sampler = sampler;
    image
}

fn grid_image(grid: &Grid, data: Vec<u8>, format: TextureFormat, sampler: ImageSampler) -> Image {
    image([grid.cols as u32, grid.rows as u32], data, format, sampler)
}

/// Place of a raster for the ground shader.
fn rect(grid: &Grid) -> Vec4 {
    let (lo, hi) = grid.bounds();
    Vec4::new(
        lo[0] as f32,
        -hi[1] as f32,
        1.0 / (hi[0] - lo[0]) as f32,
        1.0 / (hi[1] - lo[1]) as f32,
    )
}

/// Brings the entities up to date with new parts.
pub fn show_parts(
    parts: &SceneParts,
    commands: &mut Commands,
    drawn: &mut Drawn,
    palette: &Palette,
    meshes: &mut Assets<Mesh>,
    images: &mut Assets<Image>,
    grounds: &mut Assets<GroundMaterial>,
) {
    let same_ground = drawn
        .ground
        .as_ref()
        .is_some_and(|(g, _)| std::sync::Arc::ptr_eq(g, &parts.ground));
    if !same_ground {
        if let Some((_, old)) = drawn.ground.take() {
            commands.entity(old).despawn();
        }
        let entity = commands
            .spawn((Transform::IDENTITY, Visibility::Inherited))
            .with_children(|parent| {
                parent.spawn((
                    GroundEntity,
                    OfLayer(LayerKind::Terrain),
                    Mesh3d(meshes.add(parts.ground.mesh.mesh().to_mesh())),
                    MeshMaterial3d(palette.ground.clone()),
                ));
                parent.spawn((
                    Mesh3d(meshes.add(parts.ground.mesh.plinth().to_mesh())),
                    MeshMaterial3d(palette.clay.clone()),
                    NotShadowCaster,
                ));
            })
            .id();
        drawn.ground = Some((parts.ground.clone(), entity));
        let (lo, hi) = parts.ground.cover.grid.bounds();
        drawn.radius_m = 0.5 * (hi[0] - lo[0]).hypot(hi[1] - lo[1]) as f32;
    }
    if let Some(mut ground) = grounds.get_mut(&palette.ground) {
        let cover = &parts.ground.cover;
        if !same_ground {
            ground.cover = images.add(grid_image(
                &cover.grid,
                cover.values.clone(),
                TextureFormat::Rgba8Unorm,
                ImageSampler::linear(),
            ));
            ground.numbers.cover_rect = rect(&cover.grid);
            ground.numbers.ground.w = f32::from(u8::from(parts.ground.facing.is_some()));
            if let Some(facing) = &parts.ground.facing {
                ground.numbers.facing_rect = rect(&facing.grid);
                ground.facing = images.add(grid_image(
                    &facing.grid,
                    facing.values.clone(),
                    TextureFormat::Rg8Unorm,
                    ImageSampler::linear(),
                ));
            }
        }
        let open = &parts.openness;
        // The grids differ in cell size, so that their edges may differ by a cell; that is nothing for soft light.
        ground.openness = images.add(grid_image(
            &open.grid,
            open.values.clone(),
            TextureFormat::R8Unorm,
            ImageSampler::linear(),
        ));
    }
    update_tiles(
        &mut drawn.tiles,
        &parts.tiles,
        commands,
        |commands, part| {
            commands
                .spawn((
                    OfLayer(LayerKind::Buildings),
                    Mesh3d(meshes.add(part.faces.to_mesh())),
                    MeshMaterial3d(palette.clay.clone()),
                ))
                .with_child((
                    Mesh3d(meshes.add(part.lines.to_mesh())),
                    MeshMaterial3d(palette.fine_line.clone()),
                    NotShadowCaster,
                ))
                .id()
        },
    );
    update_tiles(
        &mut drawn.trees,
        &parts.trees,
        commands,
        |commands, part: &MeshData| {
            commands
                .spawn((
                    OfLayer(LayerKind::Trees),
                    Mesh3d(meshes.add(part.to_mesh())),
                    MeshMaterial3d(palette.foliage.clone()),
                ))
                .id()
        },
    );
    for old in drawn.loose.drain(..) {
        commands.entity(old).despawn();
    }
    for draft in &parts.drafts {
        let entity = commands
            .spawn((
                DraftEntity {
                    id: draft.building.id.clone(),
                },
                Transform::IDENTITY,
                Visibility::Inherited,
            ))
            .with_children(|parent| {
                parent.spawn((
                    DraftFaces,
                    Mesh3d(meshes.add(draft.mesh.faces.to_mesh())),
                    MeshMaterial3d(palette.draft.clone()),
                ));
                parent.spawn((
                    DraftLines,
                    Mesh3d(meshes.add(draft.mesh.lines.to_mesh())),
                    MeshMaterial3d(palette.draft_line.clone()),
                    NotShadowCaster,
                ));
            })
            .id();
        drawn.loose.push(entity);
    }
    if !parts.removed.segments.is_empty() {
        let entity = commands
            .spawn((
                Mesh3d(meshes.add(parts.removed.to_mesh())),
                MeshMaterial3d(palette.removed_line.clone()),
                NotShadowCaster,
            ))
            .id();
        drawn.loose.push(entity);
    }
}

fn update_tiles<T>(
    drawn: &mut BTreeMap<TileKey, (u64, Entity)>,
    parts: &BTreeMap<TileKey, Part<T>>,
    commands: &mut Commands,
    mut spawn: impl FnMut(&mut Commands, &T) -> Entity,
) {
    drawn.retain(|key, (version, entity)| {
        let keep = parts.get(key).is_some_and(|p| p.version == *version);
        if !keep {
            commands.entity(*entity).despawn();
        }
        keep
    });
    for (key, part) in parts {
        if !drawn.contains_key(key) {
            let entity = spawn(commands, &part.mesh);
            drawn.insert(*key, (part.version, entity));
        }
    }
}

/// Puts a painted result on ground, facades and roofs, or takes it away.
pub fn show_paint(
    painted: Option<&Painted>,
    commands: &mut Commands,
    drawn: &mut Drawn,
    palette: &Palette,
    meshes: &mut Assets<Mesh>,
    images: &mut Assets<Image>,
    grounds: &mut Assets<GroundMaterial>,
) {
    if let Some(old) = drawn.paint.take() {
        commands.entity(old).despawn();
    }
    let raster = painted.and_then(|p| p.ground.as_ref());
    if let Some(mut ground) = grounds.get_mut(&palette.ground) {
        ground.numbers.flags.z = f32::from(u8::from(raster.is_some()));
        if let Some((grid, rgba)) = raster {
            ground.numbers.paint_rect = rect(grid);
            ground.paint = images.add(grid_image(
                grid,
                rgba.clone(),
                TextureFormat::Rgba8UnormSrgb,
                ImageSampler::nearest(),
            ));
        }
    }
    if let Some(cells) = painted.map(|p| &p.cells).filter(|c| !c.is_empty()) {
        let entity = commands
            .spawn((
                OfLayer(LayerKind::Buildings),
                Mesh3d(meshes.add(cells.to_mesh())),
                MeshMaterial3d(palette.paint.clone()),
                NotShadowCaster,
            ))
            .id();
        drawn.paint = Some(entity);
    }
}

/// Marks a painted result as stale.
pub fn mark_stale(
    stale: bool,
    palette: &Palette,
    paints: &mut Assets<PaintMaterial>,
    grounds: &mut Assets<GroundMaterial>,
) {
    let flag = f32::from(u8::from(stale));
    if paints
        .get(&palette.paint)
        .is_some_and(|p| p.flags.x != flag)
        && let Some(mut paint) = paints.get_mut(&palette.paint)
    {
        paint.flags.x = flag;
    }
    if grounds
        .get(&palette.ground)
        .is_some_and(|g| g.numbers.flags.w != flag)
        && let Some(mut ground) = grounds.get_mut(&palette.ground)
    {
        ground.numbers.flags.w = flag;
    }
}

/// Gives all materials the light of the moment, and the trees their season.
pub fn light_materials(
    light: SceneLight,
    month: u32,
    palette: &Palette,
    clays: &mut Assets<ClayMaterial>,
    grounds: &mut Assets<GroundMaterial>,
    skies: &mut Assets<SkyMaterial>,
) {
    for handle in [
        &palette.clay,
        &palette.foliage,
        &palette.draft,
        &palette.clash,
    ] {
        if let Some(mut clay) = clays.get_mut(handle) {
            clay.light = light;
        }
    }
    if let Some(mut foliage) = clays.get_mut(&palette.foliage) {
        foliage.tint = season_tint(month);
    }
    if let Some(mut ground) = grounds.get_mut(&palette.ground) {
        ground.light = light;
    }
    if let Some(mut sky) = skies.get_mut(&palette.sky) {
        sky.light = light;
    }
}

/// Crowns in leaf keep their own two tones; bare ones are grey-brown, young leaf is lighter, autumn warmer.
fn season_tint(month: u32) -> Vec4 {
    match month {
        6..=9 => Vec4::ZERO,
        4 | 5 => Vec4::new(0.62, 0.70, 0.48, 0.40),
        10 => Vec4::new(0.70, 0.58, 0.40, 0.50),
        _ => Vec4::new(0.66, 0.63, 0.58, 0.62),
    }
}

/// Shows and hides layers.
pub fn show_layers(
    desktop: Res<Desktop>,
    palette: Res<Palette>,
    mut grounds: ResMut<Assets<GroundMaterial>>,
    mut entities: Query<(&OfLayer, &mut Visibility)>,
) {
    let hidden = &desktop.ui.hidden_layers;
    for (layer, mut visibility) in &mut entities {
        let wanted = if hidden.contains(&layer.0) {
            Visibility::Hidden
        } else {
            Visibility::Inherited
        };
        visibility.set_if_neq(wanted);
    }
    let flag = |layer| f32::from(u8::from(!hidden.contains(&layer)));
    let (cover, streets) = (flag(LayerKind::LandCover), flag(LayerKind::Streets));
    if let Some(ground) = grounds.get(&palette.ground)
        && (ground.numbers.flags.x != cover || ground.numbers.flags.y != streets)
        && let Some(mut ground) = grounds.get_mut(&palette.ground)
    {
        ground.numbers.flags.x = cover;
        ground.numbers.flags.y = streets;
    }
}

/// Draws the crisp outline of the selected building.
pub fn outline_selection(
    desktop: Res<Desktop>,
    scene: Res<Scene>,
    palette: Res<Palette>,
    mut drawn: ResMut<Drawn>,
    mut commands: Commands,
    mut meshes: ResMut<Assets<Mesh>>,
) {
    // As it is drawn now, which may be a moment behind.
    let city = scene.picker.as_ref().map(|p| &p.city);
    let wanted = desktop
        .selected()
        .and_then(|b| city?.buildings.iter().find(|d| d.id == b.id))
        .map(|b| (b.key, std::sync::Arc::as_ptr(b).addr(), b.clone()));
    let current = drawn.outline.map(|(key, address, _)| (key, address));
    if wanted.as_ref().map(|w| (w.0, w.1)) == current {
        return;
    }
    if let Some((_, _, old)) = drawn.outline.take() {
        commands.entity(old).despawn();
    }
    if let Some((key, address, building)) = wanted {
        let mut lines = LineData::default();
        add_creases(&mut lines, &building);
        let entity = commands
            .spawn((
                DraftEntity {
                    id: building.id.clone(),
                },
                Mesh3d(meshes.add(lines.to_mesh())),
                MeshMaterial3d(palette.selected_line.clone()),
                NotShadowCaster,
            ))
            .id();
        drawn.outline = Some((key, address, entity));
    }
}

/// Puts the ghost of a dragged draft where its edit will put it, and colours a clash.
pub fn place_ghost(
    desktop: Res<Desktop>,
    palette: Res<Palette>,
    mut drafts: Query<(&DraftEntity, &mut Transform)>,
    mut faces: Query<(&ChildOf, &mut MeshMaterial3d<ClayMaterial>), With<DraftFaces>>,
    mut lines: Query<(&ChildOf, &mut MeshMaterial3d<LineMaterial>), With<DraftLines>>,
    ids: Query<&DraftEntity>,
) {
    let ghost = desktop.ghost();
    for (draft, mut transform) in &mut drafts {
        let wanted = match &ghost {
            Some((id, movement)) if *id == draft.id => *movement,
            _ => Transform::IDENTITY,
        };
        transform.set_if_neq(wanted);
    }
    let clashes = |parent: &ChildOf| {
        let id = ids.get(parent.parent()).map(|d| d.id.as_str());
        !desktop.ui.collisions.is_empty()
            && ghost.as_ref().is_some_and(|(g, _)| id == Ok(g.as_str()))
    };
    for (parent, mut material) in &mut faces {
        let wanted = if clashes(parent) {
            &palette.clash
        } else {
            &palette.draft
        };
        if material.0 != *wanted {
            material.0 = wanted.clone();
        }
    }
    for (parent, mut material) in &mut lines {
        let wanted = if clashes(parent) {
            &palette.clash_line
        } else {
            &palette.draft_line
        };
        if material.0 != *wanted {
            material.0 = wanted.clone();
        }
    }
}

impl Desktop {
    /// Id of the building under way, and its movement from where it is drawn.
    pub fn ghost(&self) -> Option<(String, Transform)> {
        let preview = self.preview.as_ref()?;
        let city = self.city()?;
        let id = crate::view::desktop::object_of(&preview.to)?;
        let building = city.building(id)?;
        // A moved building turns about the middle of the box that it has in the baseline.
        let box_centre = self.baseline().and_then(|b| b.building(id)).map(|b| {
            let (lo, hi) = b.bounds();
            let p = city.frame.crs_from_local(nalgebra::center(&lo, &hi));
            [p[0], p[1]]
        });
        let (from, to) = (
            pose(&preview.from, box_centre)?,
            pose(&preview.to, box_centre)?,
        );
        let lift = match (from.base_m, to.base_m) {
            (Some(a), Some(b)) => b - a,
            (None, Some(b)) => b - building.z_range().0,
            (None, None) => self.ground_step(&from.pivot, &to.pivot),
            (Some(_), None) => 0.0,
        };
        let origin = [city.frame.origin_easting, city.frame.origin_northing];
        Some((id.to_owned(), ghost_transform(&from, &to, lift, origin)))
    }

    /// Difference (m) of the ground between two CRS places.
    fn ground_step(&self, from: &[f64; 2], to: &[f64; 2]) -> f64 {
        let height = |p: &[f64; 2]| {
            let city = self.city()?;
            let local = city.frame.local_from_crs([p[0], p[1], 0.0]);
            city.terrain.as_ref()?.height_at(local.x, local.y)
        };
        height(to).zip(height(from)).map_or(0.0, |(a, b)| a - b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_raster_place_maps_corners_to_zero_and_one() {
        let grid = Grid {
            west: -20.0,
            north: 30.0,
            cell_m: 2.0,
            cols: 40,
            rows: 10,
        };
        let r = rect(&grid);
        let uv = |x: f32, north: f32| ((x - r.x) * r.z, (-north - r.y) * r.w);
        assert_eq!(uv(-20.0, 30.0), (0.0, 0.0));
        assert_eq!(uv(60.0, 10.0), (1.0, 1.0));
    }
}
