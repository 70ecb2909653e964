// Water of one moment: the colour of the legend at the depth of the place, shaded by at most 15 % for form, a thin foam line
// at the wet edge. No light, no haze. The rasters hold one value per cell; a value between cell centres is interpolated over
// the cells that can hold water, as `ui::moment` does for the cursor.
#import bevy_pbr::mesh_functions::{get_world_from_local, mesh_position_local_to_world}
#import bevy_pbr::mesh_view_bindings::view
#import planspiel::light::stale_color

struct Water {
    // west, north (Bevy x, z of the north-western corner), 1 / cell, cell (m)
    place: vec4<f32>,
    // columns, rows, least depth drawn (m), 1 = stale
    size: vec4<f32>,
    // number of entries; 1 = continuous; first and last value of a continuous legend
    legend: vec4<f32>,
    // sRGB colour; w = lower bound of the class
    entries: array<vec4<f32>, 40>,
}

@group(#{MATERIAL_BIND_GROUP}) @binding(0) var<uniform> water: Water;
// r = depth (m), below 0 where no water can be; g = value that is coloured
@group(#{MATERIAL_BIND_GROUP}) @binding(1) var cells: texture_2d<f32>;

struct Vertex {
    @builtin(instance_index) instance_index: u32,
    @location(0) position: vec3<f32>,
    @location(1) normal: vec3<f32>,
}

struct Varying {
    @builtin(position) position: vec4<f32>,
    @location(0) world: vec3<f32>,
    @location(1) normal: vec3<f32>,
}

@vertex
fn vertex(in: Vertex) -> Varying {
    let world = mesh_position_local_to_world(get_world_from_local(in.instance_index), vec4<f32>(in.position, 1.0));
    var clip = view.clip_from_world * world;
    // A little in front of the ground, which is drawn with fewer triangles than the water has cells.
    if view.clip_from_view[3][3] == 1.0 {
        clip.z += 2e-5;
    } else {
        clip.z *= 1.0004;
    }
    var out: Varying;
    out.position = clip;
    out.world = world.xyz;
    out.normal = in.normal;
    return out;
}

// Depth, value and weight of the open cells around a place (in cells, centres at whole numbers).
fn sampled(at: vec2<f32>) -> vec3<f32> {
    let size = vec2<i32>(water.size.xy);
    let first = vec2<i32>(floor(at));
    let f = at - floor(at);
    var sum = vec3<f32>(0.0);
    for (var i = 0; i < 4; i++) {
        let d = vec2<i32>(i & 1, i >> 1);
        let p = first + d;
        if any(p < vec2<i32>(0)) || any(p >= size) {
            continue;
        }
        let cell = textureLoad(cells, p, 0).rg;
        if cell.r < 0.0 {
            continue;
        }
        let w = mix(1.0 - f.x, f.x, f32(d.x)) * mix(1.0 - f.y, f.y, f32(d.y));
        sum += w * vec3<f32>(cell, 1.0);
    }
    return sum;
}

fn legend_color(value: f32) -> vec3<f32> {
    let last = i32(water.legend.x) - 1;
    if water.legend.y > 0.5 {
        let t = clamp((value - water.legend.z) / (water.legend.w - water.legend.z), 0.0, 1.0) * f32(last);
        let i = min(i32(floor(t)), last);
        let a = water.entries[i].rgb;
        let b = water.entries[min(i + 1, last)].rgb;
        return round(mix(a, b, t - f32(i)) * 255.0) / 255.0;
    }
    var color = water.entries[0].rgb;
    for (var i = 1; i <= last; i++) {
        if value >= water.entries[i].w {
            color = water.entries[i].rgb;
        }
    }
    return color;
}

fn linear_from_srgb(c: vec3<f32>) -> vec3<f32> {
    return select(pow((c + 0.055) / 1.055, vec3<f32>(2.4)), c / 12.92, c <= vec3<f32>(0.04045));
}

@fragment
fn fragment(in: Varying) -> @location(0) vec4<f32> {
    let at = (in.world.xz - water.place.xy) * water.place.z - 0.5;
    let sum = sampled(at);
    let depth = sum.x / max(sum.z, 1e-6);
    let value = sum.y / max(sum.z, 1e-6);
    // Size of a pixel in cells and in depth, before anything is thrown away.
    let pixel = max(length(dpdx(at)), length(dpdy(at)));
    let step = max(fwidth(depth), 1e-6);
    if sum.z < 0.02 || depth < water.size.z {
        discard;
    }
    var color = linear_from_srgb(legend_color(value));
    if water.size.w > 0.5 {
        return vec4<f32>(stale_color(color, in.position.xy), 1.0);
    }
    // Light from the north-west, as on maps: a level surface keeps its colour.
    let n = normalize(in.normal);
    let away = dot(n, vec3<f32>(-0.5, 0.0, -0.5));
    color *= clamp(1.0 + 0.6 * away, 0.85, 1.0);
    // The foam of many puddles far away would hide their depth.
    let near = 1.0 - smoothstep(0.35, 0.8, pixel);
    let edge = 1.0 - smoothstep(0.9, 1.7, (depth - water.size.z) / step);
    color = mix(color, vec3<f32>(0.90, 0.93, 0.95), edge * near * 0.85);
    return vec4<f32>(color, 1.0);
}
