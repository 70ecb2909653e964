//! Fallen rain over time, by zone.

use super::super::domain::Series;
use super::super::error::{FloodError, SettingFault};
use super::super::kostra::Kostra;
use super::super::params::{Rain, RainPreset, SeriesShape};
use super::super::rain::{DepthDuration, Preset, RainError, block, euler_type_2, hyetograph};
use super::files::{Files, table_fault};
use super::series::{INTENSITY, named, series, within};

/// Pieces of a straight line of intensities; the fallen rain is exact at their ends.
const PIECES: usize = 60;

/// Fallen rain (m) over time, starting at 0.
pub(super) fn fallen(
    field: &str,
    rain: &Rain,
    duration_s: f64,
    files: &mut Files<'_>,
) -> Result<Series, FloodError> {
    let (series, start_s) = match rain {
        Rain::Preset { preset, start_s } => (of_preset(field, *preset)?, *start_s),
        Rain::Block {
            depth_mm,
            intensity_mm_per_h,
            duration_s,
            start_s,
        } => {
            let by_rate = intensity_mm_per_h.map(|rate| rate * duration_s / 3600.0);
            let depth = depth_mm.or(by_rate).unwrap_or(0.0);
            (block(depth, *duration_s), *start_s)
        }
        Rain::Euler2 {
            depth_mm,
            files: paths,
            index_rc,
            return_period_a,
            duration_s,
            start_s,
        } => {
            let curve = match depth_mm {
                Some(depth) => {
                    DepthDuration::reinhold(depth * 1e-3, *duration_s).ok_or_else(|| {
                        SettingFault::new(
                            "rain",
                            format!("{field}.depth_mm"),
                            "no rain of this depth",
                        )
                        .expected("a depth above 0")
                        .found(format!("{depth} mm"))
                    })?
                }
                None => {
                    let table = kostra(field, paths, *index_rc, files)?;
                    let period = return_period_a.unwrap_or(0.0);
                    table.curve(period).ok_or_else(|| {
                        SettingFault::new(
                            "return-period",
                            format!("{field}.return_period_a"),
                            "the table has no depths for this return period",
                        )
                        .expected(range_text(&table.return_periods_a, "a"))
                        .found(format!("{period} a"))
                    })?
                }
            };
            let storm = euler_type_2(&curve, *duration_s)
                .map_err(|error| rain_fault(&format!("{field}.duration_s"), &error))?;
            (storm, *start_s)
        }
        Rain::Series {
            series: inline,
            file,
            shape,
            start_s,
        } => {
            let file = file.as_ref();
            let rates = series(field, inline, file, files)?;
            let rates = within(field, file, rates, INTENSITY)?;
            let fallen = summed(&rates, *shape, duration_s - start_s).ok_or_else(|| {
                let what = "the intensities make no rain";
                let fault = SettingFault::new("rain", named(field, file), what)
                    .expected("times from 0 on, strictly rising");
                match file {
                    Some(file) => fault.place(file),
                    None => fault,
                }
            })?;
            (fallen, *start_s)
        }
    };
    Ok(shifted(series, start_s))
}

fn of_preset(field: &str, preset: RainPreset) -> Result<Series, FloodError> {
    let fault = || SettingFault::new("rain", format!("{field}.preset"), "the storm is not known");
    let storm = Preset::by_id(preset.name()).ok_or_else(fault)?;
    storm
        .series(None)
        .map_err(|error| rain_fault(&format!("{field}.preset"), &error))
}

fn kostra(
    field: &str,
    paths: &[String],
    index_rc: Option<u32>,
    files: &mut Files<'_>,
) -> Result<Kostra, FloodError> {
    let mut read = Vec::new();
    for (i, path) in paths.iter().enumerate() {
        let bytes = files.bytes(&format!("{field}.files[{}]", i + 1), path)?;
        read.push((path.as_str(), bytes));
    }
    let tables: Vec<(&str, &[u8])> = read.iter().map(|(path, bytes)| (*path, &**bytes)).collect();
    Kostra::read(&tables, index_rc).map_err(|error| table_fault(&format!("{field}.files"), &error))
}

fn range_text(values: &[f64], unit: &str) -> String {
    match (values.first(), values.last()) {
        (Some(first), Some(last)) => format!("{first} {unit} to {last} {unit}"),
        _ => "a table with return periods".to_owned(),
    }
}

fn rain_fault(field: &str, error: &RainError) -> FloodError {
    let fault = SettingFault::new("rain", field, "no storm of this duration can be made");
    match error {
        RainError::Step { duration_min } => fault
            .expected("a multiple of 5 min")
            .found(format!("{duration_min} min")),
        RainError::Duration {
            duration_min,
            first_min,
            last_min,
        } => fault
            .expected(format!("depths for {duration_min} min"))
            .found(format!("depths for {first_min} min to {last_min} min")),
    }
    .into()
}

/// Fallen rain of intensities (mm/h) over time. The last of several steps lasts until the end; lines end at their last point.
///
/// `None` for times before 0.
fn summed(rates: &Series, shape: SeriesShape, end_s: f64) -> Option<Series> {
    match shape {
        SeriesShape::Steps => {
            let end = end_s.max(rates.times_s.last()? + 1.0);
            hyetograph(&rates.times_s, &rates.values, end)
        }
        SeriesShape::Linear => {
            let first = *rates.times_s.first()?;
            if first < 0.0 {
                return None;
            }
            let mut fallen = Series {
                times_s: vec![first],
                values: vec![0.0],
            };
            let mut sum = 0.0;
            for (t, v) in rates.times_s.windows(2).zip(rates.values.windows(2)) {
                let length = t[1] - t[0];
                for k in 1..=PIECES {
                    let share = k as f64 / PIECES as f64;
                    let mean = v[0] + 0.5 * share * (v[1] - v[0]);
                    fallen.times_s.push(t[0] + share * length);
                    fallen.values.push(sum + mean * share * length / 3.6e6);
                }
                sum += 0.5 * (v[0] + v[1]) * length / 3.6e6;
            }
            Some(fallen)
        }
    }
}

fn shifted(mut series: Series, start_s: f64) -> Series {
    series.times_s.iter_mut().for_each(|t| *t += start_s);
    series
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::sources::Roots;

    fn rain(text: &str) -> Result<Series, FloodError> {
        let rain: Rain = toml::from_str(text).unwrap();
        let roots = Roots::default();
        fallen("flood.rain", &rain, 7200.0, &mut Files::new(&roots))
    }

    #[test]
    fn storms_fall_as_written() {
        let block = rain(
            "kind = \"block\"\nintensity_mm_per_h = 60.0\nduration_s = 1800.0\nstart_s = 600.0",
        )
        .unwrap();
        assert_eq!(block.at(600.0), 0.0);
        assert!((block.at(1500.0) - 0.015).abs() < 1e-15);
        assert!((block.at(9999.0) - 0.03).abs() < 1e-15);
        let preset = rain("kind = \"preset\"\npreset = \"HH-SRI12\"").unwrap();
        assert!((preset.at(3600.0) - 0.1).abs() < 1e-15);
        let euler = rain("kind = \"euler2\"\ndepth_mm = 40.0\nduration_s = 3600.0").unwrap();
        assert!((euler.at(3600.0) - 0.04).abs() < 1e-12);
    }

    #[test]
    fn steps_and_lines_have_their_volume() {
        let pairs = "kind = \"series\"\nseries = [[0, 70], [3600, 70], [7200, 0]]\nshape = ";
        let lines = rain(&format!("{pairs}\"linear\"")).unwrap();
        assert!((lines.at(3600.0) - 0.07).abs() < 1e-12);
        assert!((lines.at(7200.0) - 0.105).abs() < 1e-12);
        // Half of the fall: three quarters of its rain.
        assert!((lines.at(5400.0) - (0.07 + 0.75 * 0.035)).abs() < 1e-12);
        let steps = rain(&format!("{pairs}\"steps\"")).unwrap();
        assert!((steps.at(7200.0) - 0.14).abs() < 1e-12);
    }

    #[test]
    fn faults_name_field_and_file() {
        let missing = rain("kind = \"series\"\nfile = \"none.csv\"").unwrap_err();
        assert_eq!(missing.exit_code(), 66);
        let text = missing.to_string();
        assert!(
            text.contains("none.csv") && text.contains("flood.rain.file"),
            "{text}"
        );
        let negative = rain("kind = \"series\"\nseries = [[0, 70], [3600, -1]]").unwrap_err();
        assert!(
            negative.to_string().contains("flood.rain.series"),
            "{negative}"
        );
    }
}
