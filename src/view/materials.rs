//! The materials of the model (that of the moving water is in [`super::water`]). All write final colours: no tone mapping, no Bevy fog.

use bevy::asset::{load_internal_asset, uuid_handle};
use bevy::mesh::{MeshVertexBufferLayoutRef, VertexAttributeDescriptor};
use bevy::pbr::{MaterialPipeline, MaterialPipelineKey};
use bevy::prelude::*;
use bevy::render::render_resource::{
    AsBindGroup, RenderPipelineDescriptor, ShaderType, SpecializedMeshPipelineError,
};
use bevy::shader::{Shader, ShaderRef};

const LIGHT: Handle<Shader> = uuid_handle!("0d5b1c1e-52a0-4f7c-9a0e-3f9a0c8d1e01");
const CLAY: Handle<Shader> = uuid_handle!("0d5b1c1e-52a0-4f7c-9a0e-3f9a0c8d1e02");
const GROUND: Handle<Shader> = uuid_handle!("0d5b1c1e-52a0-4f7c-9a0e-3f9a0c8d1e03");
const LINE: Handle<Shader> = uuid_handle!("0d5b1c1e-52a0-4f7c-9a0e-3f9a0c8d1e04");
const PAINT: Handle<Shader> = uuid_handle!("0d5b1c1e-52a0-4f7c-9a0e-3f9a0c8d1e05");
const SKY: Handle<Shader> = uuid_handle!("0d5b1c1e-52a0-4f7c-9a0e-3f9a0c8d1e06");

pub(super) const WATER: Handle<Shader> = uuid_handle!("0d5b1c1e-52a0-4f7c-9a0e-3f9a0c8d1e07");

/// Registers shaders and materials.
pub fn plugin(app: &mut App) {
    load_internal_asset!(app, LIGHT, "shaders/light.wgsl", Shader::from_wgsl);
    load_internal_asset!(app, CLAY, "shaders/clay.wgsl", Shader::from_wgsl);
    load_internal_asset!(app, GROUND, "shaders/ground.wgsl", Shader::from_wgsl);
    load_internal_asset!(app, LINE, "shaders/line.wgsl", Shader::from_wgsl);
    load_internal_asset!(app, PAINT, "shaders/paint.wgsl", Shader::from_wgsl);
    load_internal_asset!(app, SKY, "shaders/sky.wgsl", Shader::from_wgsl);
    load_internal_asset!(app, WATER, "shaders/water.wgsl", Shader::from_wgsl);
    app.add_plugins((
        MaterialPlugin::<ClayMaterial>::default(),
        MaterialPlugin::<GroundMaterial>::default(),
        MaterialPlugin::<LineMaterial>::default(),
        MaterialPlugin::<PaintMaterial>::default(),
        MaterialPlugin::<SkyMaterial>::default(),
    ));
}

/// The pipeline of a material that reads these attributes of a mesh and is seen from both sides.
pub(super) fn reads(
    descriptor: &mut RenderPipelineDescriptor,
    layout: &MeshVertexBufferLayoutRef,
    attributes: &[VertexAttributeDescriptor],
) -> Result<(), SpecializedMeshPipelineError> {
    descriptor.vertex.buffers = vec![layout.0.get_layout(attributes)?];
    descriptor.primitive.cull_mode = None;
    Ok(())
}

/// Light of the scene, the same in all materials (see `shaders/light.wgsl`). Linear colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, ShaderType)]
pub struct SceneLight {
    /// Sun on a surface that faces it; w = 1 while it is above the horizon.
    pub sun: Vec4,
    /// Sky on an open horizontal surface.
    pub sky: Vec4,
    /// Light from the ground on a surface that faces down.
    pub bounce: Vec4,
    /// Colour of the haze; w = 1 / distance (1/m).
    pub haze: Vec4,
    /// Sky overhead.
    pub zenith: Vec4,
}

/// Buildings, trees, plinth. Vertex colours: rgb = albedo, a = openness to the sky.
#[derive(Asset, TypePath, AsBindGroup, Clone, Debug)]
pub struct ClayMaterial {
    /// Light.
    #[uniform(0)]
    pub light: SceneLight,
    /// rgb and share of a tint over the albedo.
    #[uniform(1)]
    pub tint: Vec4,
}

impl Material for ClayMaterial {
    fn fragment_shader() -> ShaderRef {
        CLAY.into()
    }

    fn specialize(
        _pipeline: &MaterialPipeline,
        descriptor: &mut RenderPipelineDescriptor,
        _layout: &MeshVertexBufferLayoutRef,
        _key: MaterialPipelineKey<Self>,
    ) -> Result<(), SpecializedMeshPipelineError> {
        // Delivered shells are not always oriented well; the shader turns the normal to the eye.
        descriptor.primitive.cull_mode = None;
        Ok(())
    }
}

/// Numbers of `shaders/ground.wgsl`.
#[derive(Clone, Copy, Debug, PartialEq, ShaderType)]
pub struct GroundNumbers {
    /// Place of the cover and openness rasters: Bevy x and z of the north-western corner, 1/width, 1/height.
    pub cover_rect: Vec4,
    /// Place of the result raster.
    pub paint_rect: Vec4,
    /// Place of the raster of directions.
    pub facing_rect: Vec4,
    /// 1 = visible: land cover, streets, result; 1 = stale.
    pub flags: Vec4,
    /// Albedo of bare ground; w = 1 when there is a raster of directions.
    pub ground: Vec4,
}

/// Terrain.
#[derive(Asset, TypePath, AsBindGroup, Clone, Debug)]
pub struct GroundMaterial {
    /// Light.
    #[uniform(0)]
    pub light: SceneLight,
    /// Places and switches.
    #[uniform(1)]
    pub numbers: GroundNumbers,
    /// Water, green, paved, street as edge rasters.
    #[texture(2)]
    #[sampler(3)]
    pub cover: Handle<Image>,
    /// Openness to the sky.
    #[texture(4)]
    #[sampler(5)]
    pub openness: Handle<Image>,
    /// Result.
    #[texture(6)]
    #[sampler(7)]
    pub paint: Handle<Image>,
    /// Horizontal direction in which steep ground faces.
    #[texture(8)]
    #[sampler(9)]
    pub facing: Handle<Image>,
}

impl Material for GroundMaterial {
    fn fragment_shader() -> ShaderRef {
        GROUND.into()
    }

    fn specialize(
        _pipeline: &MaterialPipeline,
        descriptor: &mut RenderPipelineDescriptor,
        _layout: &MeshVertexBufferLayoutRef,
        _key: MaterialPipelineKey<Self>,
    ) -> Result<(), SpecializedMeshPipelineError> {
        descriptor.primitive.cull_mode = None;
        Ok(())
    }
}

/// Lines of constant width on screen.
#[derive(Asset, TypePath, AsBindGroup, Clone, Debug)]
pub struct LineMaterial {
    /// Look.
    #[uniform(0)]
    pub line: LineStyle,
}

/// Numbers of `shaders/line.wgsl`.
#[derive(Clone, Copy, Debug, PartialEq, ShaderType)]
pub struct LineStyle {
    /// Linear colour.
    pub color: Vec4,
    /// Width (px), dash length (m; 0 = solid), pull towards the eye (share of the distance), 1 = thinner when far.
    pub style: Vec4,
}

impl Material for LineMaterial {
    fn vertex_shader() -> ShaderRef {
        LINE.into()
    }

    fn fragment_shader() -> ShaderRef {
        LINE.into()
    }

    fn alpha_mode(&self) -> AlphaMode {
        AlphaMode::Blend
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
                Mesh::ATTRIBUTE_UV_0.at_shader_location(2),
            ],
        )
    }
}

/// Result cells on facades and roofs. Vertex colours are final colours.
#[derive(Asset, TypePath, AsBindGroup, Clone, Debug)]
pub struct PaintMaterial {
    /// x = 1: stale; y: pull towards the eye (share of the distance).
    #[uniform(0)]
    pub flags: Vec4,
}

impl Material for PaintMaterial {
    fn vertex_shader() -> ShaderRef {
        PAINT.into()
    }

    fn fragment_shader() -> ShaderRef {
        PAINT.into()
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
                Mesh::ATTRIBUTE_COLOR.at_shader_location(5),
            ],
        )
    }
}

/// Sky dome.
#[derive(Asset, TypePath, AsBindGroup, Clone, Debug)]
pub struct SkyMaterial {
    /// Light.
    #[uniform(0)]
    pub light: SceneLight,
}

impl Material for SkyMaterial {
    fn vertex_shader() -> ShaderRef {
        SKY.into()
    }

    fn fragment_shader() -> ShaderRef {
        SKY.into()
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
            &[Mesh::ATTRIBUTE_POSITION.at_shader_location(0)],
        )
    }
}
