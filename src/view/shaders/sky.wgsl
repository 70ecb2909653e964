// Pale sky: haze at the horizon, a calm blue above. Drawn infinitely far away.
#import bevy_pbr::mesh_view_bindings::view
#import planspiel::light::SceneLight

@group(#{MATERIAL_BIND_GROUP}) @binding(0) var<uniform> light: SceneLight;

struct Varying {
    @builtin(position) position: vec4<f32>,
    @location(0) direction: vec3<f32>,
}

@vertex
fn vertex(@location(0) position: vec3<f32>) -> Varying {
    var out: Varying;
    let clip = view.clip_from_world * vec4<f32>(view.world_position + position, 1.0);
    // Depth 0 is infinity.
    out.position = vec4<f32>(clip.xy, 0.0, clip.w);
    out.direction = position;
    return out;
}

@fragment
fn fragment(in: Varying) -> @location(0) vec4<f32> {
    let height = clamp(normalize(in.direction).y, 0.0, 1.0);
    let color = mix(light.haze.rgb, light.zenith.rgb, pow(height, 0.55));
    return vec4<f32>(color, 1.0);
}
