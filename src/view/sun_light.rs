//! Light of the scene from the position of the sun: colours and strengths for the shaders.

use bevy::math::{Vec3, Vec4};

use super::materials::SceneLight;

/// Linear mix.
fn mix(a: Vec3, b: Vec3, t: f32) -> Vec3 {
    a.lerp(b, t.clamp(0.0, 1.0))
}

/// 0 below `from`, 1 above `to`, smooth in between.
fn ramp(from: f32, to: f32, x: f32) -> f32 {
    let t = ((x - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// Light for a sun elevation (degrees); `haze_m` is the distance at which haze is strong.
///
/// Taste, not photometry: a real clear sky spans a factor of 100 000 between noon and dusk, a picture on paper a factor of
/// 20. So the sum of sun and sky on a surface that faces the sun stays close to white all day, low light is warm, and
/// night is a blue model that can still be read.
pub fn scene_light(elevation_deg: f32, haze_m: f32) -> SceneLight {
    let day = ramp(-8.0, 6.0, elevation_deg);
    let high = ramp(2.0, 32.0, elevation_deg);
    let dusk = ramp(-7.0, 0.0, elevation_deg) * (1.0 - ramp(3.0, 20.0, elevation_deg));
    let sun_color = mix(
        Vec3::new(1.0, 0.60, 0.30),
        Vec3::new(1.0, 0.950, 0.860),
        ramp(0.0, 26.0, elevation_deg),
    );
    // A photographer would expose longer for the low sun; the shader keeps the brightest walls from burning out.
    let exposure =
        1.0 + 0.55 * ramp(-6.0, 4.0, elevation_deg) * (1.0 - ramp(6.0, 42.0, elevation_deg));
    let sun = sun_color * 0.86 * ramp(-0.3, 8.0, elevation_deg) * exposure;
    let night_sky = Vec3::new(0.085, 0.120, 0.210);
    let sky = mix(
        night_sky,
        mix(
            Vec3::new(0.29, 0.33, 0.42),
            Vec3::new(0.275, 0.310, 0.365),
            high,
        ),
        day,
    );
    let sky = sky * exposure;
    let bounce = exposure * mix(night_sky * 0.6, Vec3::new(0.235, 0.222, 0.205), day);
    let day_haze = mix(
        Vec3::new(0.80, 0.80, 0.81),
        Vec3::new(0.84, 0.87, 0.89),
        high,
    );
    let haze = mix(Vec3::new(0.045, 0.065, 0.120), day_haze, day);
    let haze = mix(haze, Vec3::new(0.90, 0.70, 0.52), 0.55 * dusk);
    let day_zenith = mix(
        Vec3::new(0.36, 0.46, 0.60),
        Vec3::new(0.40, 0.56, 0.72),
        high,
    );
    let zenith = mix(Vec3::new(0.012, 0.020, 0.050), day_zenith, day);
    SceneLight {
        sun: sun.extend(if elevation_deg > 0.0 { 1.0 } else { 0.0 }),
        sky: sky.extend(0.0),
        bounce: bounce.extend(0.0),
        haze: haze.extend(1.0 / haze_m.max(1.0)),
        zenith: Vec4::from((zenith, 0.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Linear light on a wall (albedo 0.86) that faces the sun.
    fn sunlit(elevation_deg: f32) -> Vec3 {
        let light = scene_light(elevation_deg, 1000.0);
        0.86 * (light.sun.truncate() + 0.5 * (light.sky + light.bounce).truncate())
    }

    #[test]
    fn noon_is_bright_but_not_burnt_out() {
        let noon = sunlit(40.0);
        assert!(
            noon.max_element() < 1.02 && noon.min_element() > 0.75,
            "{noon}"
        );
    }

    #[test]
    fn low_sun_is_warm_and_night_is_blue_and_not_black() {
        let low = scene_light(4.0, 1000.0).sun;
        assert!(low.x > 1.8 * low.z);
        let night = scene_light(-30.0, 1000.0);
        assert_eq!(night.sun.w, 0.0);
        assert!(night.sky.z > 1.5 * night.sky.x && night.sky.z > 0.15);
    }

    #[test]
    fn light_changes_without_jumps() {
        for step in -400..700 {
            let e = step as f32 * 0.1;
            let (a, b) = (scene_light(e, 1000.0), scene_light(e + 0.1, 1000.0));
            for (a, b) in [
                (a.sun, b.sun),
                (a.sky, b.sky),
                (a.haze, b.haze),
                (a.zenith, b.zenith),
            ] {
                assert!((a - b).truncate().abs().max_element() < 0.03, "at {e}");
            }
        }
    }
}
