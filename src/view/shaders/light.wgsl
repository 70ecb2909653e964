// Light of the white model: sun with cast shadow, sky, light from the ground, haze. Linear colours, no tone mapping.
#define_import_path planspiel::light

#import bevy_pbr::mesh_view_bindings::{view, lights}
#import bevy_pbr::mesh_view_types::DIRECTIONAL_LIGHT_FLAGS_SHADOWS_ENABLED_BIT
#import bevy_pbr::shadows::fetch_directional_shadow

struct SceneLight {
    // rgb; w = 1 while the sun is above the horizon
    sun: vec4<f32>,
    sky: vec4<f32>,
    bounce: vec4<f32>,
    // rgb; w = 1 / distance of the haze (1/m)
    haze: vec4<f32>,
    zenith: vec4<f32>,
}

fn lit(
    albedo: vec3<f32>,
    normal: vec3<f32>,
    world_position: vec4<f32>,
    frag_coord: vec2<f32>,
    openness: f32,
    light: SceneLight,
) -> vec3<f32> {
    var n = normalize(normal);
    let up = 0.5 + 0.5 * n.y;
    var incoming = mix(light.bounce.rgb, light.sky.rgb, up) * openness;
    if light.sun.w > 0.5 && lights.n_directional_lights > 0u {
        let to_sun = lights.directional_lights[0].direction_to_light;
        let cosine = dot(n, to_sun);
        if cosine > 0.0 {
            let view_z = dot(vec4<f32>(
                view.view_from_world[0].z,
                view.view_from_world[1].z,
                view.view_from_world[2].z,
                view.view_from_world[3].z,
            ), world_position);
            var shadow = 1.0;
            if (lights.directional_lights[0].flags & DIRECTIONAL_LIGHT_FLAGS_SHADOWS_ENABLED_BIT) != 0u {
                shadow = fetch_directional_shadow(0u, world_position, n, view_z, frag_coord);
            }
            incoming += light.sun.rgb * cosine * shadow;
        }
    }
    return soft_white(albedo * incoming);
}

// Linear up to 0.72, then bent, so that bright walls keep their form. Results never come here.
fn soft_white(color: vec3<f32>) -> vec3<f32> {
    let over = max(color - vec3<f32>(0.72), vec3<f32>(0.0));
    return min(color, vec3<f32>(0.72)) + 0.26 * (1.0 - exp(-over / 0.26));
}

fn with_haze(color: vec3<f32>, world_position: vec4<f32>, light: SceneLight) -> vec3<f32> {
    let d = distance(world_position.xyz, view.world_position) * light.haze.w;
    // Only in perspective: a plan has no distance.
    let amount = select(1.0 - exp(-d * d), 0.0, view.clip_from_view[3][3] == 1.0);
    return mix(color, light.haze.rgb, amount);
}

// Diagonal stripes for stale results, in screen space.
fn stale_color(color: vec3<f32>, frag_coord: vec2<f32>) -> vec3<f32> {
    let faded = mix(color, vec3<f32>(0.72), 0.45);
    let stripe = fract((frag_coord.x + frag_coord.y) / 9.0);
    return select(faded, faded * 0.62, stripe < 0.22);
}
