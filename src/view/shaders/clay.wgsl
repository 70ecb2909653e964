// Buildings, trees, plinth: vertex colour rgb = albedo, a = openness to the sky (baked).
#import bevy_pbr::forward_io::VertexOutput
#import bevy_pbr::mesh_view_bindings::view
#import planspiel::light::{SceneLight, lit, with_haze}

@group(#{MATERIAL_BIND_GROUP}) @binding(0) var<uniform> light: SceneLight;
@group(#{MATERIAL_BIND_GROUP}) @binding(1) var<uniform> tint: vec4<f32>;

@fragment
fn fragment(in: VertexOutput) -> @location(0) vec4<f32> {
    var n = in.world_normal;
    let to_eye = select(
        view.world_position - in.world_position.xyz,
        view.world_from_view[2].xyz,
        view.clip_from_view[3][3] == 1.0,
    );
    if dot(n, to_eye) < 0.0 {
        n = -n;
    }
    let albedo = mix(in.color.rgb, tint.rgb, tint.a);
    let color = lit(albedo, n, in.world_position, in.position.xy, in.color.a, light);
    return vec4<f32>(with_haze(color, in.world_position, light), 1.0);
}
