// Result cells on facades and roofs: exactly the colour of the legend, no light, no haze.
#import bevy_pbr::mesh_functions::{get_world_from_local, mesh_position_local_to_world}
#import bevy_pbr::mesh_view_bindings::view
#import planspiel::light::stale_color

// x = 1: stale; y = pull towards the eye (share of the distance)
@group(#{MATERIAL_BIND_GROUP}) @binding(0) var<uniform> flags: vec4<f32>;

struct Vertex {
    @builtin(instance_index) instance_index: u32,
    @location(0) position: vec3<f32>,
    @location(5) color: vec4<f32>,
}

struct Varying {
    @builtin(position) position: vec4<f32>,
    @location(0) @interpolate(flat) color: vec4<f32>,
}

@vertex
fn vertex(in: Vertex) -> Varying {
    let world = mesh_position_local_to_world(get_world_from_local(in.instance_index), vec4<f32>(in.position, 1.0));
    var clip = view.clip_from_world * world;
    // A share of the distance in front of the wall, so that the two never fight.
    if view.clip_from_view[3][3] == 1.0 {
        clip.z += 1e-5 + 0.2 * flags.y;
    } else {
        clip.z *= 1.0002 + flags.y;
    }
    clip.z = min(clip.z, 0.999 * clip.w);
    var out: Varying;
    out.position = clip;
    out.color = in.color;
    return out;
}

@fragment
fn fragment(in: Varying) -> @location(0) vec4<f32> {
    if flags.x > 0.5 {
        return vec4<f32>(stale_color(in.color.rgb, in.position.xy), 1.0);
    }
    return vec4<f32>(in.color.rgb, 1.0);
}
