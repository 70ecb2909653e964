//! For each receiver and day: in which time steps does the sun reach it?
//!
//! Definition: a time step counts as lit when the straight line from the receiver to the centre of the sun disc at the middle
//! of the step is free and the sun stands before the receiver's face. Nothing below changes this definition; it only saves
//! rays:
//! * the triangle that shaded the last step is asked first (most shaded steps end there);
//! * while the receiver is lit, a thin sector that holds the sun of the next 4 to 64 steps is asked as a whole
//!   ([`Occluders::sector_is_clear`]); only where it may touch something are single rays cast.
//!
//! [`lit_steps_by_single_rays`] is the obvious version; a property test holds both equal.

use rayon::prelude::*;

use crate::geo::bvh::Sector;
use crate::job::{Cancelled, Job};

use super::occluders::{Crowns, Occluder, Occluders};
use super::position::{SunDay, SunSample};

/// Receivers handled between two looks at the cancel flag (a few ms of work).
const CHUNK: usize = 256;
/// Steps of the first and the longest sector.
const SECTOR_FIRST: usize = 8;
const SECTOR_MAX: usize = 64;
/// Shortest sector worth asking.
const SECTOR_MIN: usize = 3;
/// Time (min) between two looks at tree crowns; lit minutes between them take the mean of both ends.
const CROWN_STEP_MIN: f64 = 5.0;

/// Minutes of one receiver on one day.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Minutes {
    /// Sun above the horizon.
    pub sun: f32,
    /// Sun above the elevation of the rule (EN 17037: 11°).
    pub rule: f32,
    /// As `sun`, weighted by what crowns let through; equals `sun` without trees.
    pub with_trees: f32,
}

/// Minutes for all receivers: `[days][receivers]`.
///
/// `positions` and `normals` are local (m); `rule_elevation_rad` is the lower limit for [`Minutes::rule`]. A receiver with a NaN
/// position gives NaN.
pub fn minutes(
    occluders: &Occluders,
    crowns: Option<&Crowns>,
    positions: &[[f32; 3]],
    normals: &[[f32; 3]],
    days: &[SunDay],
    rule_elevation_rad: f64,
    job: &Job,
    progress: impl Fn(f32) + Sync,
) -> Result<Vec<Vec<Minutes>>, Cancelled> {
    let done = std::sync::atomic::AtomicUsize::new(0);
    let mut by_day = vec![vec![Minutes::default(); positions.len()]; days.len()];
    for (day, out) in days.iter().zip(&mut by_day) {
        out.par_chunks_mut(CHUNK)
            .enumerate()
            .try_for_each(|(chunk, out)| {
                job.check_cancelled()?;
                let mut lit = Vec::with_capacity(day.samples.len());
                for (i, minutes) in out.iter_mut().enumerate() {
                    let at = chunk * CHUNK + i;
                    *minutes = if positions[at][2].is_nan() {
                        Minutes {
                            sun: f32::NAN,
                            rule: f32::NAN,
                            with_trees: f32::NAN,
                        }
                    } else {
                        lit_steps(occluders, positions[at], normals[at], day, &mut lit);
                        count(&lit, crowns, positions[at], day, rule_elevation_rad)
                    };
                }
                let done =
                    done.fetch_add(out.len(), std::sync::atomic::Ordering::Relaxed) + out.len();
                progress(done as f32 / (positions.len() * days.len()).max(1) as f32);
                Ok(())
            })?;
    }
    Ok(by_day)
}

fn count(
    lit: &[bool],
    crowns: Option<&Crowns>,
    position: [f32; 3],
    day: &SunDay,
    rule_elevation_rad: f64,
) -> Minutes {
    let lit_samples = || {
        lit.iter()
            .zip(&day.samples)
            .filter(|(lit, _)| **lit)
            .map(|(_, s)| s)
    };
    let steps = |n: usize| (n as f64 * day.step_min) as f32;
    let sun = steps(lit_samples().count());
    let rule = steps(
        lit_samples()
            .filter(|s| s.elevation_rad >= rule_elevation_rad)
            .count(),
    );
    let with_trees = crowns.map_or(sun, |c| weighted_by_crowns(lit, c, position, day));
    Minutes {
        sun,
        rule,
        with_trees,
    }
}

/// Lit minutes weighted by what crowns let through; crowns are asked every [`CROWN_STEP_MIN`] within each lit interval.
fn weighted_by_crowns(lit: &[bool], crowns: &Crowns, position: [f32; 3], day: &SunDay) -> f32 {
    let stride = ((CROWN_STEP_MIN / day.step_min) as usize).max(1);
    let share = |s: &SunSample| f64::from(crowns.transmitted(position, s.direction, day.in_leaf));
    let mut minutes = 0.0;
    for run in lit_runs(lit, day) {
        let mut from = run.start;
        let mut share_from = share(&day.samples[from]);
        minutes += share_from * day.step_min;
        while from + 1 < run.end {
            let to = (from + stride).min(run.end - 1);
            let share_to = share(&day.samples[to]);
            minutes += 0.5 * (share_from + share_to) * (to - from) as f64 * day.step_min;
            (from, share_from) = (to, share_to);
        }
    }
    minutes as f32
}

/// Index ranges of lit steps that follow each other without a pause.
pub fn lit_runs(lit: &[bool], day: &SunDay) -> Vec<std::ops::Range<usize>> {
    let mut runs: Vec<std::ops::Range<usize>> = Vec::new();
    for i in (0..lit.len()).filter(|&i| lit[i]) {
        let follows = |run: &&mut std::ops::Range<usize>| {
            let pause = day.samples[i].civil_minute - day.samples[i - 1].civil_minute;
            run.end == i && pause < 1.5 * day.step_min
        };
        match runs.last_mut().filter(follows) {
            Some(run) => run.end = i + 1,
            None => runs.push(i..i + 1),
        }
    }
    runs
}

fn faces(normal: [f32; 3], dir: [f32; 3]) -> bool {
    normal[0] * dir[0] + normal[1] * dir[1] + normal[2] * dir[2] > 0.0
}

/// One flag per sample of the day. See the module for the definition.
pub fn lit_steps(
    occluders: &Occluders,
    position: [f32; 3],
    normal: [f32; 3],
    day: &SunDay,
    lit: &mut Vec<bool>,
) {
    let samples = &day.samples;
    lit.clear();
    lit.resize(samples.len(), false);
    let mut last: Option<Occluder> = None;
    let mut len = SECTOR_FIRST;
    let mut k = 0;
    while k < samples.len() {
        let dir = samples[k].direction;
        if !faces(normal, dir) || last.is_some_and(|o| occluders.hits(o, position, dir)) {
            k += 1;
            continue;
        }
        if len >= SECTOR_MIN {
            let end = samples[k..]
                .iter()
                .take(len)
                .take_while(|s| faces(normal, s.direction))
                .count()
                + k;
            let clear = end - k >= SECTOR_MIN
                && sector(position, &samples[k..end])
                    .is_some_and(|sector| occluders.sector_is_clear(&sector));
            if clear {
                lit[k..end].fill(true);
                k = end;
                len = (len * 2).min(SECTOR_MAX);
            } else {
                len = (end - k).min(len) / 2;
            }
            continue;
        }
        match occluders.any_hit(position, dir) {
            Some(hit) => {
                last = Some(hit);
                len = SECTOR_FIRST;
            }
            None => {
                lit[k] = true;
                // Something is near the path of the sun: one step on, then a short sector again.
                len = SECTOR_MIN + 1;
            }
        }
        k += 1;
    }
}

/// The sector that holds all directions of the samples.
fn sector(position: [f32; 3], samples: &[SunSample]) -> Option<Sector> {
    let v = |s: &SunSample| nalgebra::Vector3::from(s.direction).cast::<f64>();
    let (first, last) = (v(samples.first()?), v(samples.last()?));
    let plane = first.cross(&last).try_normalize(1e-4)?;
    // The sun moves on a small circle; it leaves the plane of its end points most in the middle. 10 % more and 1e-5 rad
    // cover the asymmetry of the arc and rounding.
    let bulge = plane.dot(&v(&samples[samples.len() / 2])).abs();
    Sector::new(
        position,
        samples[0].direction,
        samples[samples.len() - 1].direction,
        (1.1 * bulge + 1e-5) as f32,
    )
}

/// The obvious version: one ray per time step.
pub fn lit_steps_by_single_rays(
    occluders: &Occluders,
    position: [f32; 3],
    normal: [f32; 3],
    day: &SunDay,
) -> Vec<bool> {
    day.samples
        .iter()
        .map(|s| faces(normal, s.direction) && occluders.any_hit(position, s.direction).is_none())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::TimeZone;
    use crate::sun::position::{Date, Site};
    use proptest::prelude::*;

    fn hamburg() -> Site {
        Site {
            latitude_deg: 53.55,
            longitude_deg: 10.0,
            grid_north_rad: 0.0,
            time_zone: TimeZone::EuropeBerlin,
        }
    }

    /// Triangles of an axis-parallel box.
    fn cuboid([x, y, z]: [f32; 3], [w, d, h]: [f32; 3]) -> Vec<[[f32; 3]; 3]> {
        let p = |i: usize| {
            [
                x + if i & 1 > 0 { w } else { 0.0 },
                y + if i & 2 > 0 { d } else { 0.0 },
                z + if i & 4 > 0 { h } else { 0.0 },
            ]
        };
        [
            [0, 2, 3, 1],
            [4, 5, 7, 6],
            [0, 1, 5, 4],
            [2, 6, 7, 3],
            [0, 4, 6, 2],
            [1, 3, 7, 5],
        ]
        .iter()
        .flat_map(|&[a, b, c, d]| [[p(a), p(b), p(c)], [p(a), p(c), p(d)]])
        .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn fast_version_equals_single_rays(
            boxes in prop::collection::vec(
                (prop::array::uniform2(-80.0_f32..80.0), prop::array::uniform3(0.2_f32..40.0)), 1..40),
            x in -90.0_f32..90.0,
            y in -90.0_f32..90.0,
            azimuth in 0.0_f32..6.3,
            day in 0_usize..4,
        ) {
            let triangles: Vec<_> =
                boxes.iter().flat_map(|&([x, y], size)| cuboid([x, y, 0.0], size)).collect();
            let occluders = Occluders::from_triangles(&triangles);
            let date = ["2027-01-17", "2027-03-21", "2027-06-21", "2027-12-21"][day];
            let day = SunDay::new(&hamburg(), Date::parse(date).unwrap(), 60.0).unwrap();
            let mut lit = Vec::new();
            for normal in [[0.0, 0.0, 1.0], [azimuth.sin(), azimuth.cos(), 0.0]] {
                let position = [x, y, 1.2];
                lit_steps(&occluders, position, normal, &day, &mut lit);
                prop_assert_eq!(&lit, &lit_steps_by_single_rays(&occluders, position, normal, &day));
            }
        }
    }

    #[test]
    fn a_thin_mast_is_not_missed() {
        // 0.2 m wide at 30 m: shades about 1.5 minutes at noon, far less than any sector.
        let occluders = Occluders::from_triangles(&cuboid([-0.1, -30.0, 0.0], [0.2, 0.2, 60.0]));
        let day = SunDay::new(&hamburg(), Date::parse("2027-03-21").unwrap(), 60.0).unwrap();
        let mut lit = Vec::new();
        lit_steps(
            &occluders,
            [0.0, 0.0, 0.05],
            [0.0, 0.0, 1.0],
            &day,
            &mut lit,
        );
        let shaded = lit.iter().filter(|l| !**l).count();
        assert!((1..=3).contains(&shaded), "{shaded} shaded minutes");
    }

    #[test]
    fn runs_are_found() {
        let day = SunDay::new(&hamburg(), Date::parse("2027-03-21").unwrap(), 60.0).unwrap();
        assert_eq!(lit_runs(&[true, true, false, true], &day), vec![0..2, 3..4]);
        assert!(lit_runs(&[false], &day).is_empty());
        // On the other side of the Earth the night lies within the day of UTC.
        let site = Site {
            longitude_deg: 151.0,
            latitude_deg: -33.9,
            grid_north_rad: 0.0,
            time_zone: TimeZone::Utc,
        };
        let day = SunDay::new(&site, Date::parse("2027-03-21").unwrap(), 60.0).unwrap();
        let runs = lit_runs(&vec![true; day.samples.len()], &day);
        assert_eq!(runs.len(), 2);
        assert_eq!(runs[1].end, day.samples.len());
    }
}
