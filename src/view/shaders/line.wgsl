// Lines of constant width on screen with smooth edges; each segment is a quad made here.
#import bevy_pbr::mesh_functions::{get_world_from_local, mesh_position_local_to_world}
#import bevy_pbr::mesh_view_bindings::view

struct Line {
    color: vec4<f32>,
    // width (px), dash length (m; 0 = solid), pull towards the eye (share of the distance), fade (1 = thin out far away)
    style: vec4<f32>,
}

@group(#{MATERIAL_BIND_GROUP}) @binding(0) var<uniform> line: Line;

struct Vertex {
    @builtin(instance_index) instance_index: u32,
    @location(0) position: vec3<f32>,
    // Vector from the start to the end of the segment.
    @location(1) along: vec3<f32>,
    // x: share of the width here, negative on one side; y: 0 at the start, 1 at the end
    @location(2) corner: vec2<f32>,
}

struct Varying {
    @builtin(position) position: vec4<f32>,
    @location(0) side_px: f32,
    @location(1) metres: f32,
    @location(2) alpha: f32,
    // Half of the width here.
    @location(3) half_px: f32,
}

fn pulled(clip: vec4<f32>, pull: f32) -> vec4<f32> {
    var p = clip;
    if view.clip_from_view[3][3] == 1.0 {
        p.z += pull * 0.2;
    } else {
        p.z *= 1.0 + pull;
    }
    // What is drawn over everything still lies behind the near plane.
    p.z = min(p.z, 0.999 * p.w);
    return p;
}

@vertex
fn vertex(in: Vertex) -> Varying {
    let world_from_local = get_world_from_local(in.instance_index);
    let start = mesh_position_local_to_world(world_from_local, vec4<f32>(in.position, 1.0));
    let end = mesh_position_local_to_world(world_from_local, vec4<f32>(in.position + in.along, 1.0));
    var a = view.clip_from_world * start;
    var b = view.clip_from_world * end;
    // Cut at the near plane, so that the direction on screen stays right.
    let near = 0.05;
    if a.w < near && b.w > near {
        a = mix(a, b, (near - a.w) / (b.w - a.w));
    } else if b.w < near && a.w > near {
        b = mix(b, a, (near - b.w) / (a.w - b.w));
    }
    let size = view.viewport.zw;
    let direction = (b.xy / b.w - a.xy / a.w) * size;
    let unit = select(vec2<f32>(1.0, 0.0), normalize(direction), length(direction) > 1e-4);
    let across = vec2<f32>(-unit.y, unit.x);
    let width_px = line.style.x * abs(in.corner.x);
    let half_px = 0.5 * width_px + 0.75;
    let side = sign(in.corner.x);
    let here = mix(a, b, in.corner.y);
    // A little longer than the segment, so that corners close.
    let offset = (across * side * half_px + unit * (in.corner.y * 2.0 - 1.0) * 0.25 * width_px) * 2.0 / size;
    var out: Varying;
    out.position = pulled(vec4<f32>(here.xy + offset * here.w, here.z, here.w), line.style.z);
    out.side_px = side * half_px;
    out.half_px = 0.5 * width_px;
    out.metres = in.corner.y * length(in.along);
    // Pixels per metre at this place.
    let scale = view.clip_from_view[1][1] * 0.5 * size.y / here.w;
    out.alpha = select(1.0, clamp(0.25 + 0.32 * scale, 0.0, 1.0), line.style.w > 0.5);
    return out;
}

@fragment
fn fragment(in: Varying) -> @location(0) vec4<f32> {
    if line.style.y > 0.0 && fract(in.metres / line.style.y) > 0.55 {
        discard;
    }
    let cover = clamp(in.half_px + 0.5 - abs(in.side_px), 0.0, 1.0);
    return vec4<f32>(line.color.rgb, line.color.a * cover * in.alpha);
}
