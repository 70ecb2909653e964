// Ground: albedo by land cover, openness from a baked raster, result raster on top without any light.
#import bevy_pbr::forward_io::VertexOutput
#import bevy_pbr::mesh_view_bindings::view
#import planspiel::light::{SceneLight, lit, with_haze, stale_color}

struct Ground {
    // west, north (Bevy x, z of the north-western corner), 1/width, 1/height
    cover_rect: vec4<f32>,
    paint_rect: vec4<f32>,
    facing_rect: vec4<f32>,
    // 1 = visible: land cover, streets, result; 1 = stale
    flags: vec4<f32>,
    // rgb of the bare ground; w = 1: there is a raster of directions
    ground: vec4<f32>,
}

@group(#{MATERIAL_BIND_GROUP}) @binding(0) var<uniform> light: SceneLight;
@group(#{MATERIAL_BIND_GROUP}) @binding(1) var<uniform> ground: Ground;
@group(#{MATERIAL_BIND_GROUP}) @binding(2) var cover_texture: texture_2d<f32>;
@group(#{MATERIAL_BIND_GROUP}) @binding(3) var cover_sampler: sampler;
@group(#{MATERIAL_BIND_GROUP}) @binding(4) var open_texture: texture_2d<f32>;
@group(#{MATERIAL_BIND_GROUP}) @binding(5) var open_sampler: sampler;
@group(#{MATERIAL_BIND_GROUP}) @binding(6) var paint_texture: texture_2d<f32>;
@group(#{MATERIAL_BIND_GROUP}) @binding(7) var paint_sampler: sampler;
@group(#{MATERIAL_BIND_GROUP}) @binding(8) var facing_texture: texture_2d<f32>;
@group(#{MATERIAL_BIND_GROUP}) @binding(9) var facing_sampler: sampler;

const WATER = vec3<f32>(0.235, 0.335, 0.385);
const GREEN = vec3<f32>(0.500, 0.560, 0.430);
const PAVED = vec3<f32>(0.640, 0.625, 0.600);
const STREET = vec3<f32>(0.800, 0.795, 0.785);

fn inside(uv: vec2<f32>) -> bool {
    return all(uv >= vec2<f32>(0.0)) && all(uv <= vec2<f32>(1.0));
}

// The rasters hold 0.5 at an edge and fall off over some texels: a step at 0.5 is a clean edge at any zoom.
fn edge(v: f32, width: f32) -> f32 {
    let w = clamp(width, 0.01, 0.5);
    return smoothstep(0.5 - w, 0.5 + w, v);
}

// Normal of the triangle; on steep ground of a raster the direction of the whole slope.
fn normal_at(world_position: vec3<f32>, xz: vec2<f32>) -> vec3<f32> {
    var n = normalize(cross(dpdy(world_position), dpdx(world_position)));
    n *= sign(n.y);
    let uv = (xz - ground.facing_rect.xy) * ground.facing_rect.zw;
    let d = textureSampleLevel(facing_texture, facing_sampler, uv, 0.0).rg * 2.0 - 1.0;
    if ground.ground.w > 0.5 && n.y < 0.6 && length(d) > 0.3 {
        return normalize(vec3<f32>(d.x, 0.12, d.y));
    }
    return n;
}

@fragment
fn fragment(in: VertexOutput) -> @location(0) vec4<f32> {
    let xz = in.world_position.xz;
    let uv = (xz - ground.cover_rect.xy) * ground.cover_rect.zw;
    let paint_uv = (xz - ground.paint_rect.xy) * ground.paint_rect.zw;
    let cover = textureSampleLevel(cover_texture, cover_sampler, uv, 0.0);
    let open = textureSampleLevel(open_texture, open_sampler, uv, 0.0).r;
    let paint = textureSampleLevel(paint_texture, paint_sampler, paint_uv, 0.0);
    let width = fwidth(cover) * 0.75;
    let normal = normal_at(in.world_position.xyz, xz);
    let steep = normal.y < 0.6;
    if ground.flags.z > 0.5 && paint.a > 0.5 && inside(paint_uv) {
        if ground.flags.w > 0.5 {
            return vec4<f32>(stale_color(paint.rgb, in.position.xy), 1.0);
        }
        return vec4<f32>(paint.rgb, 1.0);
    }
    var albedo = ground.ground.rgb;
    var openness = 1.0;
    var water = 0.0;
    if inside(uv) {
        openness = open;
        if ground.flags.x > 0.5 {
            albedo = mix(albedo, PAVED, edge(cover.b, width.b));
            albedo = mix(albedo, GREEN, edge(cover.g, width.g));
            // A quay wall is stone down to the bed.
            water = select(edge(cover.r, width.r), 0.0, steep);
        }
        if ground.flags.y > 0.5 && !steep {
            albedo = mix(albedo, STREET, edge(cover.a, width.a));
        }
        albedo = mix(albedo, WATER, water);
    }
    var color = lit(albedo, normal, in.world_position, in.position.xy, openness, light);
    // A slight mirror of the sky at grazing angles.
    let to_eye = normalize(view.world_position - in.world_position.xyz);
    let fresnel = pow(1.0 - clamp(to_eye.y, 0.0, 1.0), 4.0) * 0.55;
    color = mix(color, light.haze.rgb, water * fresnel);
    return vec4<f32>(with_haze(color, in.world_position, light), 1.0);
}
