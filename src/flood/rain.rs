//! Rain over time as a running sum: block, Euler type II, hyetograph, named scenarios.
//!
//! All functions give fallen rain (m) since the start over time (s); the last value is the total, exactly. Statistics of the German
//! weather service are read by [`super::kostra`].

use super::domain::Series;

/// Step of a model storm (s): the resolution of KOSTRA and of DWA-A 118.
pub const STORM_STEP_S: f64 = 300.0;
/// Share of the duration before the peak of an Euler type II storm.
const PEAK_SHARE: f64 = 0.3;
const MM: f64 = 1e-3;

/// Why a rain could not be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RainError {
    /// A duration that is no multiple of the step of a model storm.
    #[error(
        "error[flood::rain]: a model storm of {duration_min} min\n  expected: a multiple of 5 min\n  help: use block rain or a hyetograph for other durations"
    )]
    Step {
        /// As asked (min).
        duration_min: f64,
    },
    /// A duration for which the statistics have no depth.
    #[error(
        "error[flood::rain]: rain depths are known for {first_min} min to {last_min} min\n  found: {duration_min} min\n  help: choose a duration in this range or a table that covers it"
    )]
    Duration {
        /// Asked or needed (min).
        duration_min: f64,
        /// Shortest known duration (min).
        first_min: f64,
        /// Longest known duration (min).
        last_min: f64,
    },
}

/// Rain depth as a function of duration, for one return period.
#[derive(Clone, Debug, PartialEq)]
pub struct DepthDuration {
    durations_s: Vec<f64>,
    depth_m: Vec<f64>,
}

impl DepthDuration {
    /// From points (duration in s, depth in m); `None` unless there is a point and both rise (durations strictly), above 0.
    pub fn new(durations_s: Vec<f64>, depth_m: Vec<f64>) -> Option<Self> {
        let first_ok = durations_s.first() > Some(&0.0) && depth_m.first() > Some(&0.0);
        let rising = durations_s.windows(2).all(|w| w[0] < w[1])
            && depth_m.windows(2).all(|w| w[0] <= w[1])
            && depth_m.last().is_some_and(|d| d.is_finite());
        (first_ok && rising && durations_s.len() == depth_m.len()).then_some(Self {
            durations_s,
            depth_m,
        })
    }

    /// Curve through one depth, with the shape of Reinhold 1940 (Regenspenden in Deutschland): intensity falls with
    /// 38 / (T + 9), T in min, so that depth grows with T / (T + 9).
    ///
    /// For a scenario of which only the total is known. `None` for durations below 5 min or a depth that is not positive.
    pub fn reinhold(depth_m: f64, duration_s: f64) -> Option<Self> {
        let steps = (duration_s / STORM_STEP_S).floor() as usize;
        let share = |time_s: f64| {
            let minutes = |s: f64| s / 60.0;
            minutes(time_s) / (minutes(time_s) + 9.0) * (minutes(duration_s) + 9.0)
                / minutes(duration_s)
        };
        let mut durations: Vec<f64> = (1..=steps).map(|i| i as f64 * STORM_STEP_S).collect();
        if durations.last().is_some_and(|&last| last < duration_s) {
            durations.push(duration_s);
        }
        let mut depths: Vec<f64> = durations.iter().map(|&t| depth_m * share(t)).collect();
        *depths.last_mut()? = depth_m;
        Self::new(durations, depths)
    }

    /// Depth (m) for a duration (s): between two known durations linear in the logarithms of both, as KOSTRA advises.
    pub fn depth_m(&self, duration_s: f64) -> Result<f64, RainError> {
        let (times, depths) = (&self.durations_s, &self.depth_m);
        let after = times.partition_point(|&t| t < duration_s);
        match (after, times.get(after)) {
            (_, Some(&t)) if t <= duration_s => Ok(depths[after]),
            (1.., Some(&t)) => {
                let (t0, h0, h1) = (times[after - 1], depths[after - 1], depths[after]);
                let share = (duration_s / t0).ln() / (t / t0).ln();
                Ok(h0 * (h1 / h0).powf(share))
            }
            _ => Err(RainError::Duration {
                duration_min: duration_s / 60.0,
                first_min: times.first().copied().unwrap_or(f64::NAN) / 60.0,
                last_min: times.last().copied().unwrap_or(f64::NAN) / 60.0,
            }),
        }
    }
}

/// `depth_mm` in `duration_s` (s), at the same rate all the time.
pub fn block(depth_mm: f64, duration_s: f64) -> Series {
    Series {
        times_s: vec![0.0, duration_s],
        values: vec![0.0, depth_mm * MM],
    }
}

/// Model storm Euler type II (DWA-A 118) of `duration_s` (s), a multiple of 5 min.
///
/// The rule: the curve gives the depth of the first 5, 10, 15 ... min; their differences are sorted, largest first. With n
/// steps and k = 0.3 n rounded down, the peak is step k + 1, so that it begins at 0.3 of the duration rounded down to 5 min; before it stand
/// the second to the (k + 1)-th largest, rising; after it all others, falling. The rain of n steps is that of the curve.
pub fn euler_type_2(curve: &DepthDuration, duration_s: f64) -> Result<Series, RainError> {
    let steps = (duration_s / STORM_STEP_S).round();
    if steps < 1.0 || (steps * STORM_STEP_S - duration_s).abs() > 1e-6 {
        return Err(RainError::Step {
            duration_min: duration_s / 60.0,
        });
    }
    let steps = steps as usize;
    let sums: Vec<f64> = (1..=steps)
        .map(|i| curve.depth_m(i as f64 * STORM_STEP_S))
        .collect::<Result<_, _>>()?;
    let mut parts: Vec<f64> = (0..steps)
        .map(|i| {
            if i == 0 {
                sums[0]
            } else {
                sums[i] - sums[i - 1]
            }
        })
        .collect();
    parts.sort_by(|a, b| b.total_cmp(a));
    // In whole numbers: 0.3 * 10 in floating point is just below 3.
    let before = steps * 3 / 10;
    debug_assert!((before as f64) <= PEAK_SHARE * steps as f64 + 1e-9);
    parts[..=before].reverse();
    let mut values = vec![0.0];
    let mut sum = 0.0;
    for part in parts {
        sum += part;
        values.push(sum);
    }
    // The parts telescope to the last sum up to rounding; the total is that sum itself.
    values[steps] = sums[steps - 1];
    values[steps - 1] = values[steps - 1].min(values[steps]);
    Ok(Series {
        times_s: (0..=steps).map(|i| i as f64 * STORM_STEP_S).collect(),
        values,
    })
}

/// Rain of stated intensities (mm/h), each from its time (s) to the next; the last one ends at `end_s`.
///
/// `None` unless the times rise strictly from 0 or later, the end comes after them and no intensity is negative.
pub fn hyetograph(times_s: &[f64], mm_per_h: &[f64], end_s: f64) -> Option<Series> {
    let ends: Vec<f64> = times_s.iter().copied().skip(1).chain([end_s]).collect();
    let valid = !times_s.is_empty()
        && times_s.len() == mm_per_h.len()
        && times_s[0] >= 0.0
        && times_s
            .iter()
            .zip(&ends)
            .all(|(a, b)| a < b && b.is_finite())
        && mm_per_h.iter().all(|&i| i >= 0.0 && i.is_finite());
    if !valid {
        return None;
    }
    let mut series = Series {
        times_s: vec![times_s[0]],
        values: vec![0.0],
    };
    let mut sum = 0.0;
    for ((&start, &end), &rate) in times_s.iter().zip(&ends).zip(mm_per_h) {
        sum += rate * MM * (end - start) / 3600.0;
        series.times_s.push(end);
        series.values.push(sum);
    }
    Some(series)
}

/// Course of a named scenario over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// Same rate all the time.
    Block,
    /// Euler type II; the shape between 5 min and the duration is that of [`DepthDuration::reinhold`].
    EulerType2,
}

/// A named rain scenario.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Preset {
    /// Name in scenario files.
    pub id: &'static str,
    /// Depth (mm); of a range the largest.
    pub depth_mm: f64,
    /// Smallest depth (mm) of the range that the source states, else `depth_mm`.
    pub least_depth_mm: f64,
    /// Duration (s).
    pub duration_s: f64,
    /// Course over time.
    pub course: Course,
    /// Return period (a), where the source states one.
    pub return_period_a: Option<f64>,
    /// Class of the heavy rain index (Starkregenindex), 1 to 12, where the source states one.
    pub heavy_rain_index: Option<u8>,
    /// Where the numbers are from.
    pub source: &'static str,
}

const HAMBURG: &str =
    "Hamburg, Starkregengefahrenkarte (BUKEA, HAMBURG WASSER), hamburg.de: Szenarien der Karte";
const BKG: &str =
    "BKG, Hinweiskarte Starkregengefahren, as described by Schleswig-Holstein and Neumünster";

/// The scenarios of the Hamburg map, of a storm there and of the federal map.
pub const PRESETS: [Preset; 6] = [
    preset("HH-SRI5", 29.0, 3600.0, Some(30.0), Some(5), HAMBURG),
    preset("HH-SRI7", 36.0, 3600.0, Some(100.0), Some(7), HAMBURG),
    preset("HH-SRI12", 100.0, 3600.0, None, Some(12), HAMBURG),
    preset(
        "HH-2018-05-10",
        127.0,
        5400.0,
        None,
        None,
        "Hamburg, Starkregengefahrenkarte, hamburg.de: rain of 10 May 2018 in Lohbrügge and Bergedorf (total; course unknown)",
    ),
    Preset {
        least_depth_mm: 35.0,
        course: Course::EulerType2,
        ..preset("BKG-T100", 40.0, 3600.0, Some(100.0), None, BKG)
    },
    preset("BKG-100", 100.0, 3600.0, None, None, BKG),
];

const fn preset(
    id: &'static str,
    depth_mm: f64,
    duration_s: f64,
    return_period_a: Option<f64>,
    heavy_rain_index: Option<u8>,
    source: &'static str,
) -> Preset {
    Preset {
        id,
        depth_mm,
        least_depth_mm: depth_mm,
        duration_s,
        course: Course::Block,
        return_period_a,
        heavy_rain_index,
        source,
    }
}

impl Preset {
    /// The scenario of that name.
    pub fn by_id(id: &str) -> Option<&'static Self> {
        PRESETS.iter().find(|p| p.id == id)
    }

    /// Fallen rain (m) over time (s), with another depth (mm) than the usual one if wanted.
    pub fn series(&self, depth_mm: Option<f64>) -> Result<Series, RainError> {
        let depth_mm = depth_mm.unwrap_or(self.depth_mm);
        match self.course {
            Course::Block => Ok(block(depth_mm, self.duration_s)),
            Course::EulerType2 => match DepthDuration::reinhold(depth_mm * MM, self.duration_s) {
                Some(curve) => euler_type_2(&curve, self.duration_s),
                None => Ok(block(depth_mm, self.duration_s)),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates_mm_per_h(series: &Series) -> Vec<f64> {
        let steps = series.times_s.windows(2).zip(series.values.windows(2));
        steps
            .map(|(t, v)| (v[1] - v[0]) / (t[1] - t[0]) * 3.6e6)
            .collect()
    }

    #[test]
    fn block_rain_falls_evenly() {
        let rain = block(100.0, 3600.0);
        assert_eq!(rain.at(1800.0), 0.05);
        assert_eq!(rain.at(9999.0), 0.1);
    }

    #[test]
    fn euler_type_2_has_its_peak_at_three_tenths_and_keeps_the_total() {
        // Depths (mm) of 5, 10, 15 ... 60 min.
        let sums = [
            10.0, 15.0, 18.0, 20.0, 21.6, 23.0, 24.2, 25.3, 26.3, 27.2, 28.0, 28.7,
        ];
        let curve = DepthDuration::new(
            (1..=12).map(|i| 300.0 * f64::from(i)).collect(),
            sums.iter().map(|h| h * MM).collect(),
        )
        .unwrap();
        let rain = euler_type_2(&curve, 3600.0).unwrap();
        let steps: Vec<f64> = rates_mm_per_h(&rain).iter().map(|r| r / 12.0).collect();
        let expected = [2.0, 3.0, 5.0, 10.0, 1.6, 1.4, 1.2, 1.1, 1.0, 0.9, 0.8, 0.7];
        for (a, b) in steps.iter().zip(expected) {
            assert!((a - b).abs() < 1e-9, "{steps:?}");
        }
        assert_eq!(rain.values[12], 0.0287);
        assert_eq!(rain.times_s[12], 3600.0);
        // 50 min: 0.3 of 10 steps is exactly 3.
        let rain = euler_type_2(&curve, 3000.0).unwrap();
        let steps = rates_mm_per_h(&rain);
        let peak = steps.iter().cloned().fold(0.0, f64::max);
        assert_eq!(steps.iter().position(|&s| s == peak), Some(3));
        assert!(matches!(
            euler_type_2(&curve, 3700.0),
            Err(RainError::Step { .. })
        ));
        assert!(matches!(
            euler_type_2(&curve, 7200.0),
            Err(RainError::Duration { .. })
        ));
    }

    #[test]
    fn depths_between_durations_lie_on_a_power_law() {
        let curve = DepthDuration::new(vec![300.0, 1200.0], vec![0.010, 0.020]).unwrap();
        assert!((curve.depth_m(600.0).unwrap() - 0.010 * 2f64.sqrt()).abs() < 1e-15);
        assert_eq!(curve.depth_m(300.0).unwrap(), 0.010);
        assert_eq!(curve.depth_m(1200.0).unwrap(), 0.020);
        assert!(curve.depth_m(299.0).is_err() && curve.depth_m(1201.0).is_err());
        assert!(DepthDuration::new(vec![300.0, 300.0], vec![0.01, 0.02]).is_none());
        assert!(DepthDuration::new(vec![300.0, 600.0], vec![0.02, 0.01]).is_none());
        assert!(DepthDuration::new(vec![], vec![]).is_none());
    }

    #[test]
    fn a_hyetograph_adds_up() {
        let rain = hyetograph(&[0.0, 600.0, 1200.0], &[30.0, 0.0, 60.0], 1800.0).unwrap();
        assert_eq!(rain.values, [0.0, 0.005, 0.005, 0.015]);
        assert!(hyetograph(&[0.0, 600.0], &[1.0, -1.0], 900.0).is_none());
        assert!(hyetograph(&[0.0, 600.0], &[1.0, 1.0], 600.0).is_none());
        assert!(hyetograph(&[], &[], 600.0).is_none());
    }

    #[test]
    fn presets_have_the_depths_of_their_maps() {
        for preset in &PRESETS {
            let rain = preset.series(None).unwrap();
            assert!((rain.values.last().unwrap() - preset.depth_mm * MM).abs() <= 1e-12);
            assert_eq!(*rain.times_s.last().unwrap(), preset.duration_s);
            assert!(rain.values.windows(2).all(|w| w[0] <= w[1]));
            assert_eq!(Preset::by_id(preset.id), Some(preset));
        }
        let bkg = Preset::by_id("BKG-T100")
            .unwrap()
            .series(Some(35.0))
            .unwrap();
        assert_eq!(bkg.values[12], 0.035);
        let rates = rates_mm_per_h(&bkg);
        assert!(rates[3] > 150.0 && rates[3] < 200.0, "{rates:?}");
        assert!(Preset::by_id("HH-SRI13").is_none());
    }
}
