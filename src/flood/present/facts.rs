//! Facts of the method, and what the reader should know.

use std::collections::BTreeSet;

use crate::finding::Finding;
use crate::flood::domain::{Axis, BoundaryKind, Domain, Face};
use crate::flood::run::{FloodRun, Method};
use crate::job::Job;
use crate::result::Quality;

use super::{FLOODED_M, Ground, Presented, fields};

/// Relative error of the volume above which a run is no longer called exact.
const EXACT: f64 = 1e-12;
/// Share of the wet ground that reaches its largest depth in the last hundredth of the time: the run ends too early.
const RISING_SHARE: f64 = 0.25;

/// Facts in reading order, as (text key, value). Values are text keys or plain text with ISO numbers.
pub(super) fn method(input: &Presented<'_>, run: &FloodRun) -> Vec<(&'static str, String)> {
    let (equations, precision) = match run.method {
        Method::Full { order, double } => (
            if order == 1 {
                "flood-equations-full-1"
            } else {
                "flood-equations-full-2"
            },
            Some(if double {
                "flood-precision-double"
            } else {
                "flood-precision-single"
            }),
        ),
        Method::LocalInertial => ("flood-equations-inertial", None),
    };
    let grid = &run.grid;
    let open = input.domain.open.iter().filter(|o| **o).count();
    let mean_dt = run.duration_s / run.steps.max(1) as f64;
    let name = &input.event.name;
    let name = if name.is_empty() {
        input.event.kind.key().to_owned()
    } else {
        name.clone()
    };
    let mut facts = vec![("method-flood-event", name)];
    let peak = peak_level_m(input.domain);
    facts.extend(peak.map(|m| ("method-flood-peak-level", format!("{m:.2} m"))));
    facts.push(("method-flood-equations", equations.to_owned()));
    facts.extend(precision.map(|p| ("method-flood-precision", p.to_owned())));
    facts.extend([
        (
            "method-flood-cells",
            format!(
                "{} × {} × {} m, {open}",
                grid.cols,
                grid.rows,
                plain(grid.cell_m)
            ),
        ),
        (
            "method-flood-duration",
            format!("{} min", plain((run.duration_s / 6.0).round() / 10.0)),
        ),
        (
            "method-flood-steps",
            format!("{}, {mean_dt:.3} s", run.steps),
        ),
    ]);
    facts.extend(input.event.facts.iter().cloned());
    if let Some(frame) = fields::largest_volume(input.domain, run) {
        facts.push((
            "method-flood-largest-volume",
            format!("{} min", plain((frame.time_s / 6.0).round() / 10.0)),
        ));
    }
    facts.push(("method-flood-limited", run.limited_cells.to_string()));
    facts.push((
        "method-flood-volume-error",
        small(run.ledger.relative_error()),
    ));
    facts
}

/// Highest level (m above datum) that an open edge gives over time; `None` where none changes.
fn peak_level_m(domain: &Domain) -> Option<f64> {
    let series = domain.boundaries.iter().filter_map(|b| match &b.kind {
        BoundaryKind::Level { series } if series.values.len() > 1 => Some(series),
        _ => None,
    });
    series
        .flat_map(|s| s.values.iter().copied())
        .reduce(f64::max)
}

/// A number with as many decimals as it needs.
fn plain(value: f64) -> String {
    format!("{value}")
}

/// A small number as `4.0e-16`; nothing is `0`.
fn small(value: f64) -> String {
    if value == 0.0 {
        "0".to_owned()
    } else {
        format!("{value:.1e}")
    }
}

/// Remarks on the run.
pub(super) fn findings(input: &Presented<'_>, run: &FloodRun, ground: &Ground, job: &Job) {
    if input.quality == Quality::Coarse {
        job.finding(Finding::info("flood-coarse").arg("cell_m", plain(run.grid.cell_m)));
    }
    if run.method == Method::LocalInertial {
        job.finding(Finding::warning("flood-preview"));
    }
    let error = run.ledger.relative_error();
    if error.is_nan() || error > EXACT {
        job.finding(Finding::warning("flood-volume").arg("error", small(error)));
    }
    let dammed = dammed_cells(input, run, ground);
    if dammed > 0 {
        let length = dammed as f64 * run.grid.cell_m;
        job.finding(Finding::warning("flood-edge").arg("length_m", length.round()));
    }
    let wet =
        |cell: &usize| ground.is_ground[*cell] && f64::from(run.peaks.depth_m[*cell]) >= FLOODED_M;
    let wet: Vec<usize> = (0..ground.is_ground.len()).filter(wet).collect();
    let late = 0.99 * run.duration_s;
    let rising = wet
        .iter()
        .filter(|&&cell| f64::from(run.peaks.depth_time_s[cell]) >= late)
        .count();
    let share = rising as f64 / wet.len().max(1) as f64;
    if share >= RISING_SHARE {
        let percent = (100.0 * share).round();
        job.finding(Finding::warning("flood-still-rising").arg("share_percent", percent));
    }
}

/// Flooded cells along edges of the grid that are walls: water that would run on piles up there.
fn dammed_cells(input: &Presented<'_>, run: &FloodRun, ground: &Ground) -> usize {
    let grid = &run.grid;
    let open: BTreeSet<Face> = input
        .domain
        .boundaries
        .iter()
        .flat_map(|b| b.faces.iter().copied())
        .collect();
    let flooded = |row: usize, col: usize| {
        let cell = grid.index(row, col);
        ground.is_ground[cell] && f64::from(run.peaks.depth_m[cell]) >= FLOODED_M
    };
    let mut count = 0;
    for row in 0..grid.rows {
        for (col, face_col) in [(0, 0), (grid.cols - 1, grid.cols)] {
            let face = Face {
                axis: Axis::X,
                row,
                col: face_col,
            };
            count += usize::from(flooded(row, col) && !open.contains(&face));
        }
    }
    for col in 0..grid.cols {
        for (row, face_row) in [(0, 0), (grid.rows - 1, grid.rows)] {
            let face = Face {
                axis: Axis::Y,
                row: face_row,
                col,
            };
            count += usize::from(flooded(row, col) && !open.contains(&face));
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_error_is_written_as_zero() {
        assert_eq!([0.0, 4.0e-16].map(small), ["0", "4.0e-16"]);
    }
}
