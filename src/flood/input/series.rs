//! Levels and discharges over time: inline pairs, files, and the idealised storm surge.

use std::f64::consts::PI;

use super::super::domain::Series;
use super::super::error::{FloodError, SettingFault};
use super::files::Files;

/// Period (s) of the principal lunar tide M2: 12.4206 h.
const TIDE_PERIOD_S: f64 = 44_714.0;
/// Time step (s) of the idealised surge.
const SURGE_STEP_S: f64 = 300.0;

/// A series from inline pairs, or from a file.
pub(super) fn series(
    field: &str,
    inline: &[[f64; 2]],
    file: Option<&String>,
    files: &mut Files<'_>,
) -> Result<Series, FloodError> {
    match file {
        Some(file) => files.series(&format!("{field}.file"), file),
        None => Ok(Series {
            times_s: inline.iter().map(|p| p[0]).collect(),
            values: inline.iter().map(|p| p[1]).collect(),
        }),
    }
}

/// Smallest and largest value of a series, and its unit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    low: f64,
    high: f64,
    unit: &'static str,
}

/// Levels: those of the surface of the Earth.
pub(super) const LEVEL: Range = Range {
    low: -500.0,
    high: 9000.0,
    unit: "m above datum",
};
/// Discharges over an edge, in both directions: the largest river carries 0.2 million m³/s.
pub(super) const DISCHARGE: Range = Range {
    low: -1e6,
    high: 1e6,
    unit: "m³/s",
};
/// Discharges that only enter.
pub(super) const INFLOW: Range = Range {
    low: 0.0,
    ..DISCHARGE
};
/// Intensities of rain.
pub(super) const INTENSITY: Range = Range {
    low: 0.0,
    high: 1e4,
    unit: "mm/h",
};

/// The series, or an error for its first value out of range; `field` is the table that has `series` or `file`.
pub(super) fn within(
    field: &str,
    file: Option<&String>,
    series: Series,
    range: Range,
) -> Result<Series, FloodError> {
    let Range { low, high, unit } = range;
    let Some(i) = series.values.iter().position(|v| !(low..=high).contains(v)) else {
        return Ok(series);
    };
    let value = series.values[i];
    let fault = if value < 0.0 && low == 0.0 {
        ("negative-value", "the value is negative")
    } else {
        ("out-of-range", "the value is out of range")
    };
    let fault = SettingFault::new(fault.0, named(field, file), fault.1)
        .expected(format!("{low} to {high} {unit}"))
        .found(format!("{value} at {} s", series.times_s[i]));
    Err(match file {
        Some(file) => fault.place(file).into(),
        None => fault.into(),
    })
}

/// Path of the setting that a series comes from.
pub(super) fn named(field: &str, file: Option<&String>) -> String {
    match file {
        Some(_) => format!("{field}.file"),
        None => format!("{field}.series"),
    }
}

/// Shape of an idealised storm surge.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surge {
    pub(super) peak_level_m: f64,
    pub(super) peak_s: f64,
    pub(super) surge_duration_s: f64,
    pub(super) high_water_m: f64,
    pub(super) low_water_m: f64,
}

impl Surge {
    /// Level (m above datum): a cosine tide whose high water comes at the peak, and a cosine-squared surge on it, so that the
    /// highest level is exactly the peak. An idealisation, no forecast: real surges shift and distort the tide.
    pub(super) fn level_m(&self, time_s: f64) -> f64 {
        let from_peak = time_s - self.peak_s;
        let middle = 0.5 * (self.high_water_m + self.low_water_m);
        let amplitude = 0.5 * (self.high_water_m - self.low_water_m);
        let tide = middle + amplitude * (2.0 * PI * from_peak / TIDE_PERIOD_S).cos();
        let share = from_peak / self.surge_duration_s;
        let surge = if share.abs() < 0.5 {
            (self.peak_level_m - self.high_water_m) * (PI * share).cos().powi(2)
        } else {
            0.0
        };
        tide + surge
    }

    /// The curve every five minutes until `end_s`, with the peak itself.
    pub(super) fn series(&self, end_s: f64) -> Series {
        let steps = (end_s / SURGE_STEP_S).ceil() as usize;
        let mut times_s: Vec<f64> = (0..=steps).map(|i| i as f64 * SURGE_STEP_S).collect();
        if let Err(at) = times_s.binary_search_by(|t| t.total_cmp(&self.peak_s)) {
            times_s.insert(at, self.peak_s);
        }
        Series {
            values: times_s.iter().map(|t| self.level_m(*t)).collect(),
            times_s,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_surge_has_its_peak_where_it_was_asked_for() {
        let surge = Surge {
            peak_level_m: 6.45,
            peak_s: 36_010.0,
            surge_duration_s: 86_400.0,
            high_water_m: 2.1,
            low_water_m: -1.7,
        };
        let series = surge.series(86_400.0);
        let highest = series
            .values
            .iter()
            .fold(f64::NEG_INFINITY, |a, b| a.max(*b));
        assert!((highest - 6.45).abs() < 1e-12, "{highest}");
        assert!((series.at(36_010.0) - 6.45).abs() < 1e-12);
        assert!(series.times_s.windows(2).all(|w| w[0] < w[1]));
        // Without the surge there is the tide.
        let after = surge.level_m(36_010.0 + 2.0 * TIDE_PERIOD_S);
        assert!((after - 2.1).abs() < 1e-9);
        let low = surge.level_m(36_010.0 + 1.5 * TIDE_PERIOD_S);
        assert!((low + 1.7).abs() < 1e-9, "{low}");
    }
}
