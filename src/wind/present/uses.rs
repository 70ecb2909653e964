//! Areas with a use, judged by what people do there.

use crate::finding::Finding;
use crate::geo::ring::contains;
use crate::job::Job;
use crate::result::{Cell, Column, Table};
use crate::wind::comfort::{LAWSON_LDDC, Nen8100};
use crate::wind::params::WindActivity;
use crate::wind::study::{ComfortMap, Mask, WindRun};

use super::Presented;

/// Share (%) of the time with more than 15 m/s from which NEN 8100 sees a risk.
const RISK_PERCENT: f32 = 0.05;

/// Share (%) of an area that must have classes for a verdict on it.
const LEAST_PERCENT: f64 = 50.0;

/// How fit a place is for an activity (NEN 8100:2006, table of classes and activities, as commonly published).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Fitness {
    /// Good.
    Good,
    /// Moderate: accepted where nothing better can be had.
    Moderate,
    /// Poor.
    Poor,
}

impl Fitness {
    /// Of a class for an activity.
    pub fn of(class: Nen8100, activity: WindActivity) -> Self {
        let moderate = match activity {
            WindActivity::Sitting => Nen8100::B,
            WindActivity::Standing => Nen8100::C,
            WindActivity::Walking => Nen8100::D,
        };
        match class {
            c if c < moderate => Self::Good,
            c if c == moderate => Self::Moderate,
            _ => Self::Poor,
        }
    }

    /// Text key.
    pub fn key(self) -> &'static str {
        [
            "wind-fitness-good",
            "wind-fitness-moderate",
            "wind-fitness-poor",
        ][self as usize]
    }
}

/// Text key of an activity.
fn activity_key(activity: WindActivity) -> &'static str {
    match activity {
        WindActivity::Sitting => "wind-activity-sitting",
        WindActivity::Standing => "wind-activity-standing",
        WindActivity::Walking => "wind-activity-walking",
    }
}

/// Speed (m/s) that may be exceeded in 5 % of the time at an activity, after Lawson (LDDC).
fn lawson_mps(activity: WindActivity) -> f32 {
    let step = match activity {
        WindActivity::Sitting => 0,
        WindActivity::Standing => 1,
        WindActivity::Walking => 2,
    };
    LAWSON_LDDC.steps[step].1 as f32
}

/// One row per area: shares of it that are good, moderate and poor, the verdict on it, and danger.
///
/// The verdict is that of the worst twentieth of the area, so that a single cell does not decide. An area of which less than half can be
/// judged has none, and a finding says so.
pub(super) fn use_table(input: &Presented<'_>, run: &WindRun, job: &Job) -> Table {
    let grid = &input.input.raster;
    let mut rows = Vec::new();
    for area in &input.input.uses {
        let Some(comfort) = &run.comfort else {
            break;
        };
        let inside: Vec<usize> = (0..grid.len())
            .filter(|&cell| contains(&area.ring, grid.centre(cell / grid.cols, cell % grid.cols)))
            .filter(|&cell| run.mask[cell] != Mask::Solid)
            .collect();
        let judged: Vec<usize> = inside
            .iter()
            .copied()
            .filter(|&cell| run.mask[cell] == Mask::None && !comfort.over_comfort[cell].is_nan())
            .collect();
        let share = 100.0 * judged.len() as f64 / inside.len().max(1) as f64;
        let mut row = vec![
            Cell::Text(area.id.clone()),
            Cell::Key(activity_key(area.activity)),
            Cell::decimal(inside.len() as f64 * grid.cell_m * grid.cell_m, 0),
        ];
        if share < LEAST_PERCENT {
            let share_percent = format!("{share:.0}");
            job.finding(
                Finding::warning("wind-use-unjudged")
                    .object(area.id.clone())
                    .arg("share_percent", share_percent),
            );
            row.extend((0..6).map(|_| Cell::Empty));
        } else {
            row.extend(judgement(area.activity, comfort, &judged));
        }
        row.push(Cell::decimal(share, 0));
        rows.push(row);
    }
    Table {
        id: "wind_uses".to_owned(),
        title: "table-wind-uses",
        columns: vec![
            Column::plain("use", "column-wind-use", ""),
            Column::plain("activity", "column-wind-activity", ""),
            Column::plain("area_m2", "column-area", "m²"),
            Column::plain("verdict", "column-wind-verdict", ""),
            Column::plain("good_percent", "column-wind-good", "%"),
            Column::plain("moderate_percent", "column-wind-moderate", "%"),
            Column::plain("poor_percent", "column-wind-poor", "%"),
            Column::plain("lawson_percent", "column-wind-lawson-fit", "%"),
            Column::plain("risk_percent", "column-wind-risk", "%"),
            Column::plain("judged_percent", "column-wind-judged", "%"),
        ],
        rows,
        key_columns: 1,
    }
}

/// Verdict, shares of good, moderate and poor, share that Lawson accepts, share with a risk.
fn judgement(activity: WindActivity, comfort: &ComfortMap, cells: &[usize]) -> [Cell; 6] {
    let fitness = |&cell: &usize| {
        let class = Nen8100::of(f64::from(comfort.over_comfort[cell]) / 100.0);
        Fitness::of(class, activity)
    };
    let percent = |count: usize| 100.0 * count as f64 / cells.len() as f64;
    let count = |wanted: Fitness| cells.iter().filter(|cell| fitness(cell) == wanted).count();
    let [good, moderate, poor] = [Fitness::Good, Fitness::Moderate, Fitness::Poor].map(count);
    let least = cells.len() as f64 / 20.0;
    let verdict = if poor as f64 > least {
        Fitness::Poor
    } else if (moderate + poor) as f64 > least {
        Fitness::Moderate
    } else {
        Fitness::Good
    };
    let limit = lawson_mps(activity);
    let fit = cells.iter().filter(|&&c| comfort.activity_mps[c] <= limit);
    let risk = cells
        .iter()
        .filter(|&&c| comfort.over_danger[c] >= RISK_PERCENT);
    [
        Cell::Key(verdict.key()),
        Cell::decimal(percent(good), 1),
        Cell::decimal(percent(moderate), 1),
        Cell::decimal(percent(poor), 1),
        Cell::decimal(percent(fit.count()), 1),
        Cell::decimal(percent(risk.count()), 1),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fitness_is_that_of_the_table_of_nen_8100() {
        use Fitness::{Good, Moderate, Poor};
        use Nen8100::{A, B, C, D, E};
        let row = |activity| [A, B, C, D, E].map(|class| Fitness::of(class, activity));
        assert_eq!(
            row(WindActivity::Walking),
            [Good, Good, Good, Moderate, Poor]
        );
        assert_eq!(
            row(WindActivity::Standing),
            [Good, Good, Moderate, Poor, Poor]
        );
        assert_eq!(
            row(WindActivity::Sitting),
            [Good, Moderate, Poor, Poor, Poor]
        );
    }

    #[test]
    fn the_worst_twentieth_decides() {
        let comfort = |poor: usize| ComfortMap {
            over_comfort: (0..100)
                .map(|n| if n < poor { 12.0 } else { 1.0 })
                .collect(),
            over_danger: vec![0.0; 100],
            activity_mps: (0..100).map(|n| if n < poor { 6.5 } else { 3.0 }).collect(),
            safety_mps: vec![9.0; 100],
        };
        let cells: Vec<usize> = (0..100).collect();
        let verdict = |poor| judgement(WindActivity::Standing, &comfort(poor), &cells);
        assert_eq!(verdict(5)[0], Cell::Key("wind-fitness-good"));
        assert_eq!(verdict(6)[0], Cell::Key("wind-fitness-poor"));
        assert_eq!(verdict(6)[4], Cell::decimal(94.0, 1));
    }
}
