//! Wind climate of a station: how often and how strongly it blows from each sector.
//!
//! Speeds of a sector follow Weibull's law, P(U > t) = exp(-(t / c)^k), with k and c by maximum likelihood (Seguro & Lambert 2000,
//! doi:10.1016/S0167-6105(99)00122-1). Calms have no direction and exceed nothing.

use super::error::WindError;

/// One hour of a station.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hour {
    /// Direction from which it blows (rad, clockwise from north); without meaning in a calm.
    pub from_rad: f64,
    /// Mean speed (m/s); 0 for a calm.
    pub speed_mps: f64,
}

/// A sector of a wind rose.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sector {
    /// Share of all hours, calms among them.
    pub frequency: f64,
    /// Weibull's shape.
    pub k: f64,
    /// Weibull's scale (m/s).
    pub c_mps: f64,
}

/// A wind rose: sectors of equal width, the first one around north, clockwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Rose {
    /// Sectors.
    pub sectors: Vec<Sector>,
}

/// Hours that a sector needs for numbers of its own; one with fewer takes those of all hours.
const LEAST_HOURS: f64 = 20.0;

impl Rose {
    /// From hours. Sectors without enough hours take k and c of all of them.
    pub fn from_hours(hours: &[Hour], sectors: usize) -> Option<Self> {
        Self::from_steps(hours, sectors, 0.0)
    }

    /// From hours whose directions are told in steps of `step_rad`: each counts in all sectors that its step touches, by the share of the
    /// step that lies in them. Without that, sectors that do not fit the steps hold more or fewer of them in turn (16 sectors and steps
    /// of 10 degrees: two or three). The same as [`Rose::from_hours`] for 0.
    pub fn from_steps(hours: &[Hour], sectors: usize, step_rad: f64) -> Option<Self> {
        let blows = || hours.iter().filter(|h| h.speed_mps > 0.0);
        let whole = weibull_of(&blows().map(|h| (h.speed_mps, 1.0)).collect::<Vec<_>>())?;
        let width = std::f64::consts::TAU / sectors as f64;
        let mut speeds: Vec<Vec<(f64, f64)>> = vec![Vec::new(); sectors];
        for hour in blows() {
            for (sector, share) in shares(hour.from_rad / width, step_rad / width) {
                let sector = sector.rem_euclid(sectors as f64) as usize;
                speeds[sector % sectors].push((hour.speed_mps, share));
            }
        }
        let sectors = speeds.iter().map(|speeds| {
            let count: f64 = speeds.iter().map(|(_, share)| share).sum();
            let own = (count >= LEAST_HOURS).then(|| weibull_of(speeds)).flatten();
            let (k, c_mps) = own.unwrap_or(whole);
            Sector {
                frequency: count / hours.len() as f64,
                k,
                c_mps,
            }
        });
        Some(Self {
            sectors: sectors.collect(),
        })
    }

    /// From a table with the columns `sector_centre_deg`, `frequency`, `weibull_k` and `weibull_c_mps`, one line per sector.
    /// `file` is its name in messages; lines that begin with `#` are remarks.
    pub fn parse(file: &str, bytes: &[u8]) -> Result<Self, WindError> {
        let fault = |line: Option<u64>, found: String, expected: &str| WindError::Table {
            file: file.to_owned(),
            line,
            found,
            expected: expected.to_owned(),
        };
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .comment(Some(b'#'))
            .from_reader(bytes);
        let headers = reader
            .headers()
            .map_err(|e| fault(Some(1), e.to_string(), "a line of headings"))?
            .clone();
        let mut columns = [0; 4];
        let names = [
            "sector_centre_deg",
            "frequency",
            "weibull_k",
            "weibull_c_mps",
        ];
        for (column, name) in columns.iter_mut().zip(names) {
            let place = headers.iter().position(|h| h == name);
            let found = || format!("headings {}", headers.iter().collect::<Vec<_>>().join(", "));
            *column =
                place.ok_or_else(|| fault(Some(1), found(), &format!("a column `{name}`")))?;
        }
        let mut rows: Vec<(u64, [f64; 4])> = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|e| {
                let line = e.position().map(csv::Position::line);
                fault(line, e.to_string(), "as many columns as headings")
            })?;
            let line = record.position().map_or(0, csv::Position::line);
            let mut row = [0.0; 4];
            for ((value, column), name) in row.iter_mut().zip(columns).zip(names) {
                let text = record.get(column).unwrap_or_default();
                *value = text
                    .parse()
                    .ok()
                    .filter(|x: &f64| x.is_finite())
                    .ok_or_else(|| {
                        fault(
                            Some(line),
                            format!("`{text}`"),
                            &format!("a number for {name}"),
                        )
                    })?;
            }
            rows.push((line, row));
        }
        let width = 360.0 / rows.len().max(1) as f64;
        for (n, &(line, [centre, frequency, k, c])) in rows.iter().enumerate() {
            let want = n as f64 * width;
            if (centre - want).abs() > 0.01 {
                let expected = format!(
                    "{want} deg: {} sectors of equal width, clockwise from north",
                    rows.len()
                );
                return Err(fault(
                    Some(line),
                    format!("sector_centre_deg {centre}"),
                    &expected,
                ));
            }
            if !(0.0..=1.0).contains(&frequency) {
                return Err(fault(
                    Some(line),
                    format!("frequency {frequency}"),
                    "a share from 0 to 1",
                ));
            }
            if frequency > 0.0 && !(k > 0.0 && c > 0.0) {
                let found = format!("weibull_k {k}, weibull_c_mps {c}");
                return Err(fault(
                    Some(line),
                    found,
                    "positive numbers in a sector with wind",
                ));
            }
        }
        let sum: f64 = rows.iter().map(|(_, row)| row[1]).sum();
        if rows.len() < 4 || !(0.5..=1.000_1).contains(&sum) {
            let found = format!(
                "{} sectors with frequencies that add up to {sum:.4}",
                rows.len()
            );
            return Err(fault(
                None,
                found,
                "at least 4 sectors; 1 less the share of calms",
            ));
        }
        Ok(Self {
            sectors: rows
                .iter()
                .map(|&(_, [_, frequency, k, c_mps])| Sector {
                    frequency,
                    k,
                    c_mps,
                })
                .collect(),
        })
    }

    /// Share of all hours without wind.
    pub fn calm(&self) -> f64 {
        1.0 - self.sectors.iter().map(|s| s.frequency).sum::<f64>()
    }

    /// Share of all hours in which the speed at a place exceeds `threshold_mps`, when the wind of each sector arrives there `ratio` times
    /// as strong as at the station (one ratio per sector).
    pub fn exceedance(&self, threshold_mps: f64, ratio: &[f64]) -> f64 {
        let sectors = self
            .sectors
            .iter()
            .zip(ratio)
            .filter(|(_, ratio)| **ratio > 0.0);
        sectors
            .map(|(s, ratio)| s.frequency * (-(threshold_mps / (ratio * s.c_mps)).powf(s.k)).exp())
            .sum()
    }
}

/// Speeds (m/s) between which those exceeded in a share of the time are looked for.
const FASTEST_MPS: f64 = 200.0;

impl Rose {
    /// Speed (m/s) at a place that is exceeded in a share of all hours (ratios as in [`Rose::exceedance`]); 0 where less than this share
    /// has any wind.
    pub fn exceeded_mps(&self, share: f64, ratio: &[f64]) -> f64 {
        let (mut low, mut high) = (0.0, FASTEST_MPS);
        if self.exceedance(1e-6, ratio) <= share {
            return 0.0;
        }
        // Exceedance falls with the speed; 22 halvings of 200 m/s leave 0.05 mm/s.
        for _ in 0..22 {
            let middle = 0.5 * (low + high);
            if self.exceedance(middle, ratio) > share {
                low = middle;
            } else {
                high = middle;
            }
        }
        0.5 * (low + high)
    }
}

impl Rose {
    /// The same climate in sectors a third as wide: for more directions than sectors.
    #[must_use]
    pub fn in_thirds(&self) -> Self {
        let count = self.sectors.len();
        let part = |n: usize| {
            let own = self.sectors[(n + 1) / 3 % count];
            Sector {
                frequency: own.frequency / 3.0,
                ..own
            }
        };
        Self {
            sectors: (0..3 * count).map(part).collect(),
        }
    }
}

/// Values of directions in equal steps clockwise from north, at other such directions: linear in the angle, around the circle.
pub fn around(values: &[f64], sectors: usize) -> Vec<f64> {
    let count = values.len();
    (0..sectors)
        .map(|sector| {
            let place = sector as f64 * count as f64 / sectors as f64;
            let (low, share) = (place as usize, place.fract());
            let (a, b) = (values[low % count], values[(low + 1) % count]);
            a + share * (b - a)
        })
        .collect()
}

/// Sectors that a step around a direction touches, and the share of the step in each; all lengths in widths of a sector, sector n from
/// n - 1/2 to n + 1/2. A step without width lies in one sector.
fn shares(direction: f64, step: f64) -> impl Iterator<Item = (f64, f64)> {
    let (low, high) = (direction - 0.5 * step, direction + 0.5 * step);
    let (first, last) = (low.round(), high.round());
    (0..=(last - first) as usize).filter_map(move |n| {
        let sector = first + n as f64;
        if first == last {
            return Some((sector, 1.0));
        }
        let inside = high.min(sector + 0.5) - low.max(sector - 0.5);
        (inside > 0.0).then_some((sector, inside / step))
    })
}

/// Weibull's k and c (m/s) of positive speeds (m/s) by maximum likelihood; None for fewer than two different ones.
pub fn weibull(speeds_mps: &[f64]) -> Option<(f64, f64)> {
    let once: Vec<(f64, f64)> = speeds_mps.iter().map(|&v| (v, 1.0)).collect();
    weibull_of(&once)
}

/// The same of speeds (m/s) that count with a weight.
fn weibull_of(speeds: &[(f64, f64)]) -> Option<(f64, f64)> {
    let n: f64 = speeds.iter().map(|(_, weight)| weight).sum();
    let largest = speeds.iter().map(|(v, _)| *v).fold(0.0, f64::max);
    let logs: Vec<(f64, f64)> = speeds
        .iter()
        .map(|(v, weight)| ((v / largest).ln(), *weight))
        .collect();
    let mean = logs.iter().map(|(log, weight)| weight * log).sum::<f64>() / n;
    if logs.iter().all(|(log, _)| log.abs() < 1e-9) {
        return None;
    }
    // The root of a rising function: mean of ln v weighted by v^k, less 1 / k, less mean of ln v.
    let excess = |k: f64| {
        let (sum, weighted) = logs
            .iter()
            .fold((0.0, 0.0), |(sum, weighted), (log, weight)| {
                let power = weight * (k * log).exp();
                (sum + power, weighted + power * log)
            });
        weighted / sum - 1.0 / k - mean
    };
    let (mut low, mut high) = (0.05, 50.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if excess(middle) < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    let k = 0.5 * (low + high);
    let power: f64 = logs
        .iter()
        .map(|(log, weight)| weight * (k * log).exp())
        .sum();
    Some((k, largest * (power / n).powf(1.0 / k)))
}

/// How much stronger the undisturbed wind at a height at the site is than at the station: log law from the anemometer up to the
/// blending height of 60 m with the station's roughness, and down again with the site's (Wieringa 1986).
pub fn exposure(station: Exposure, site: Exposure) -> f64 {
    let at = |e: Exposure, z: f64| (z / e.z0_m).ln_1p();
    at(station, BLENDING_M) / at(station, station.height_m) * at(site, site.height_m)
        / at(site, BLENDING_M)
}

/// Height (m) at which the wind does not feel single roughness elements any more.
const BLENDING_M: f64 = 60.0;

/// Ground and height at which a speed is meant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exposure {
    /// Roughness length (m).
    pub z0_m: f64,
    /// Height above ground (m).
    pub height_m: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weibull_comes_back_from_its_own_quantiles() {
        for (k, c) in [(1.2, 3.0), (1.87, 4.7), (3.5, 8.0)] {
            let count = 4000;
            let speeds: Vec<f64> = (0..count)
                .map(|n| {
                    let p = (f64::from(n) + 0.5) / f64::from(count);
                    c * (-(1.0 - p).ln()).powf(1.0 / k)
                })
                .collect();
            let (got_k, got_c) = weibull(&speeds).unwrap();
            assert!(
                (got_k / k - 1.0).abs() < 4e-3 && (got_c / c - 1.0).abs() < 2e-3,
                "{got_k} {got_c}"
            );
        }
        assert_eq!(weibull(&[3.0, 3.0]), None);
    }

    #[test]
    fn a_rose_of_hours_counts_calms_and_turns_around_north() {
        let hour = |deg: f64, speed_mps: f64| Hour {
            from_rad: deg.to_radians(),
            speed_mps,
        };
        let mut hours: Vec<Hour> = (0..40).map(|n| hour(350.0, 1.0 + f64::from(n))).collect();
        hours.extend((0..40).map(|n| hour(10.0, 1.0 + f64::from(n))));
        hours.extend([hour(0.0, 0.0); 20]);
        let rose = Rose::from_hours(&hours, 12).unwrap();
        assert!((rose.sectors[0].frequency - 0.8).abs() < 1e-12);
        assert!((rose.calm() - 0.2).abs() < 1e-12);
        assert!((rose.exceedance(0.0, &[1.0; 12]) - 0.8).abs() < 1e-12);
        assert_eq!(rose.exceedance(5.0, &[0.0; 12]), 0.0);
    }

    #[test]
    fn directions_are_interpolated_around_the_circle() {
        let values = around(&[0.0, 1.0, 2.0, 3.0], 8);
        assert_eq!(values, vec![0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 1.5]);
        assert_eq!(around(&[1.0, 2.0, 3.0], 3), vec![1.0, 2.0, 3.0]);
    }

    #[test]
    fn exposure_is_one_for_the_same_ground_and_less_in_a_city() {
        let field = Exposure {
            z0_m: 0.05,
            height_m: 10.0,
        };
        assert!((exposure(field, field) - 1.0).abs() < 1e-12);
        let city = Exposure {
            z0_m: 1.0,
            height_m: 10.0,
        };
        let factor = exposure(field, city);
        // By hand: ln(1201) / ln(201) * ln(11) / ln(61).
        let want = 1201.0_f64.ln() / 201.0_f64.ln() * 11.0_f64.ln() / 61.0_f64.ln();
        assert!((factor - want).abs() < 1e-12 && factor < 0.8);
    }

    #[test]
    fn thirds_of_sectors_are_the_same_climate() {
        let sector = |frequency: f64, c_mps: f64| Sector {
            frequency,
            k: 2.0,
            c_mps,
        };
        let rose = Rose {
            sectors: vec![
                sector(0.3, 4.0),
                sector(0.1, 5.0),
                sector(0.2, 6.0),
                sector(0.3, 3.0),
            ],
        };
        let thirds = rose.in_thirds();
        assert!(
            (rose.exceedance(5.0, &[0.7; 4]) - thirds.exceedance(5.0, &[0.7; 12])).abs() < 1e-12
        );
        // Around north: the last, the first and the second part.
        let calm: Vec<f64> = (0..12)
            .map(|n| if [11, 0, 1].contains(&n) { 1.0 } else { 0.0 })
            .collect();
        let north = 0.3 * (-(5.0_f64 / 4.0).powi(2)).exp();
        assert!((thirds.exceedance(5.0, &calm) - north).abs() < 1e-12);
        let speed = rose.exceeded_mps(0.05, &[0.7; 4]);
        assert!((rose.exceedance(speed, &[0.7; 4]) - 0.05).abs() < 1e-4);
    }

    #[test]
    fn wrong_roses_are_told_with_line_and_what_to_expect() {
        let head = "sector_centre_deg,frequency,weibull_k,weibull_c_mps\n";
        let cases = [
            (
                "a,b\n1,2\n",
                ":1\n  found: headings a, b\n  expected: a column `sector_centre_deg`",
            ),
            (
                &format!("{head}0,x,2,4\n"),
                ":2\n  found: `x`\n  expected: a number for frequency",
            ),
            (
                &format!("{head}0,.25,2,4\n90,.25,2,4\n200,.25,2,4\n270,.2,2,4\n"),
                ":4\n  found: sector_centre_deg 200\n  expected: 180 deg: 4 sectors of equal width, clockwise from north",
            ),
            (
                &format!("{head}0,.25,2,4\n90,.25,0,4\n180,.25,2,4\n270,.2,2,4\n"),
                ":3\n  found: weibull_k 0, weibull_c_mps 4\n  expected: positive numbers in a sector with wind",
            ),
            (
                &format!("{head}0,.5,2,4\n90,.5,2,4\n180,.5,2,4\n270,.2,2,4\n"),
                "\n  found: 4 sectors with frequencies that add up to 1.7000",
            ),
        ];
        for (n, (text, want)) in cases.iter().enumerate() {
            let file = format!("{n}.csv");
            let message = Rose::parse(&file, text.as_bytes()).unwrap_err().to_string();
            assert!(message.contains(want), "{message}");
        }
    }
}
