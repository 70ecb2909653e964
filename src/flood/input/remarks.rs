//! What the scenario sets and the run does not meet: too late, beyond the terrain, below the ground. Remarks and no faults, because the
//! same file may be right for another duration or another variant.

use crate::city::City;
use crate::finding::Finding;
use crate::job::Job;

use super::super::domain::{Boundary, BoundaryKind, Forcing, Series};
use super::super::params::{FloodBoundary, FloodParams, SewerArea};
use super::places::Places;
use super::series::named;

/// Share of a rain that may be missing for its rounding.
const ROUNDING: f64 = 1e-9;

/// The part of the city that was asked for and has no terrain.
pub(super) fn area(params: &FloodParams, places: &Places<'_>, job: &Job) {
    let Some([west, south, east, north]) = params.area else {
        return;
    };
    let (min, max) = places.grid.bounds();
    let (low, high) = (places.local([west, south]), places.local([east, north]));
    let slack = 1e-6 * places.grid.cell_m;
    let is_cut = (0..2).any(|k| low[k] < min[k] - slack || high[k] > max[k] + slack);
    if is_cut {
        job.finding(
            Finding::warning("flood-area-cut")
                .place("flood.area")
                .arg("area", places.area_list()),
        );
    }
}

/// Rains, breaches and series that do not fit the duration, and a sewer that takes nothing.
///
/// `forcing` holds the rain as it falls: of the whole area first, then of each zone.
pub(super) fn times(
    params: &FloodParams,
    city: &City,
    boundaries: &[Boundary],
    forcing: &Forcing,
    job: &Job,
) {
    let end_s = params.duration_s;
    for (number, rain) in forcing.rain_m.iter().enumerate() {
        let field = match number {
            0 => "flood.rain".to_owned(),
            zone => format!("flood.rain_zone[{zone}].rain"),
        };
        let all = rain.values.last().copied().unwrap_or(0.0);
        let fallen = rain.at(end_s);
        if all > 0.0 && fallen <= 0.0 {
            job.finding(late(&field));
        } else if fallen < all * (1.0 - ROUNDING) {
            job.finding(
                Finding::warning("flood-rain-cut")
                    .place(&field)
                    .arg("field", &field)
                    .arg("fallen_mm", format!("{:.1}", fallen * 1e3))
                    .arg("all_mm", format!("{:.1}", all * 1e3)),
            );
        }
    }
    for breach in city.breaches.iter().filter(|b| b.start_s >= end_s) {
        job.finding(Finding::warning("flood-breach-late").object(&breach.id));
    }
    let held = |field: String, series: &Series| {
        let last = series.times_s.last().copied().unwrap_or(end_s);
        if series.times_s.len() > 1 && last < end_s {
            job.finding(
                Finding::info("flood-series-held")
                    .place(&field)
                    .arg("field", field)
                    .arg("end_s", last),
            );
        }
    };
    for ((boundary, setting), number) in boundaries.iter().zip(&params.boundaries).zip(1..) {
        if let (
            BoundaryKind::Level { series } | BoundaryKind::Discharge { series, .. },
            FloodBoundary::Level { file, .. } | FloodBoundary::Discharge { file, .. },
        ) = (&boundary.kind, setting)
        {
            let field = format!("flood.boundary[{number}]");
            held(named(&field, file.as_ref()), series);
        }
    }
    for ((inflow, setting), number) in forcing.inflows.iter().zip(&params.inflows).zip(1..) {
        let field = format!("flood.inflow[{number}]");
        held(named(&field, setting.file.as_ref()), &inflow.series);
    }
    if params.sewer_area == SewerArea::Sealed && params.sewer_mm_per_h == 0.0 {
        job.finding(Finding::warning("flood-sewer-area").place("flood.sewer_area"));
    }
}

fn late(field: &str) -> Finding {
    Finding::warning("flood-late")
        .place(field)
        .arg("field", field)
}
