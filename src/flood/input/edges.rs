//! Open edges of the grid.

use std::collections::BTreeSet;

use super::super::domain::{Boundary, BoundaryKind, Face, Series};
use super::super::error::{FloodError, SettingFault};
use super::super::params::{FloodBoundary, FloodParams};
use super::files::Files;
use super::places::{Places, edge_cell};
use super::series::{DISCHARGE, LEVEL, Surge, series, within};
use crate::geo::Grid;

/// Boundaries in the order of the scenario. A line takes its faces from the side on which it lies.
pub(super) fn boundaries(
    params: &FloodParams,
    places: &Places<'_>,
    files: &mut Files<'_>,
) -> Result<Vec<Boundary>, FloodError> {
    let mut faces: Vec<Vec<Face>> = Vec::new();
    let mut taken: BTreeSet<Face> = BTreeSet::new();
    for (i, boundary) in params.boundaries.iter().enumerate() {
        let (side, line) = boundary.place();
        let Some(side) = side else {
            let field = format!("flood.boundary[{}].line", i + 1);
            let of_line = places.line_faces(line);
            let stray = places.off_edge(line);
            if of_line.is_empty() || stray.is_some() {
                let mut fault = SettingFault::new(
                    "no-edge",
                    field,
                    "the line does not run along the edge of the simulated area",
                );
                if let Some([e, n]) = stray {
                    fault = fault.found(format!("[{e}, {n}] on the line"));
                }
                return Err(fault
                    .expected(format!(
                        "a line within a cell ({} m) of the edge: {}",
                        places.grid.cell_m,
                        places.area_text()
                    ))
                    .help("`side = \"south\"` opens a whole side")
                    .into());
            }
            if of_line.iter().any(|face| !taken.insert(*face)) {
                return Err(SettingFault::new(
                    "double-edge",
                    field,
                    "a part of the edge is open twice",
                )
                .expected("lines that do not overlap")
                .into());
            }
            faces.push(of_line);
            continue;
        };
        faces.push(places.side_faces(side));
    }
    // Sides leave to lines what lies on them.
    for ((list, boundary), number) in faces.iter_mut().zip(&params.boundaries).zip(1..) {
        if boundary.place().0.is_some() {
            list.retain(|face| !taken.contains(face));
            if list.is_empty() {
                return Err(SettingFault::new(
                    "no-edge",
                    format!("flood.boundary[{number}].side"),
                    "no cell of this side can hold water",
                )
                .expected("a side with known ground that no line opens already")
                .into());
            }
        }
    }
    let mut boundaries = Vec::new();
    for ((boundary, faces), number) in params.boundaries.iter().zip(faces).zip(1..) {
        let field = format!("flood.boundary[{number}]");
        boundaries.push(Boundary {
            id: boundary.id().to_owned(),
            faces,
            kind: kind(&field, boundary, params.duration_s, files)?,
        });
    }
    Ok(boundaries)
}

/// Least Manning's n (s/m^(1/3)) with which a uniform flow exists on any slope of the scenario.
const LEAST_NORMAL_N: f32 = 1e-3;

/// Without friction there is no normal depth: water would leave at any speed.
pub(super) fn normal_depth_needs_friction(
    boundaries: &[Boundary],
    grid: &Grid,
    manning_n: &[f32],
) -> Result<(), FloodError> {
    for (boundary, number) in boundaries.iter().zip(1..) {
        if !matches!(boundary.kind, BoundaryKind::NormalDepth { .. }) {
            continue;
        }
        let beside = boundary
            .faces
            .iter()
            .map(|face| manning_n[edge_cell(grid, face)]);
        let least = beside.fold(f32::INFINITY, f32::min);
        if least < LEAST_NORMAL_N {
            return Err(SettingFault::new(
                "no-friction",
                format!("flood.boundary[{number}]"),
                "water without friction has no normal depth",
            )
            .expected(format!(
                "Manning's n of at least {LEAST_NORMAL_N} s/m^(1/3) along this edge"
            ))
            .found(least.to_string())
            .help("set `manning_n`, or let the water leave with `kind = \"free\"`")
            .into());
        }
    }
    Ok(())
}

fn kind(
    field: &str,
    boundary: &FloodBoundary,
    duration_s: f64,
    files: &mut Files<'_>,
) -> Result<BoundaryKind, FloodError> {
    Ok(match boundary {
        FloodBoundary::Free { .. } => BoundaryKind::Free,
        FloodBoundary::NormalDepth { slope, .. } => BoundaryKind::NormalDepth { slope: *slope },
        FloodBoundary::Level {
            level_m: Some(level),
            ..
        } => BoundaryKind::Level {
            series: Series::constant(*level),
        },
        FloodBoundary::Level {
            series: inline,
            file,
            ..
        } => {
            let file = file.as_ref();
            let levels = series(field, inline, file, files)?;
            BoundaryKind::Level {
                series: within(field, file, levels, LEVEL)?,
            }
        }
        FloodBoundary::Surge {
            peak_level_m,
            peak_s,
            surge_duration_s,
            high_water_m,
            low_water_m,
            ..
        } => {
            let surge = Surge {
                peak_level_m: *peak_level_m,
                peak_s: *peak_s,
                surge_duration_s: *surge_duration_s,
                high_water_m: *high_water_m,
                low_water_m: *low_water_m,
            };
            BoundaryKind::Level {
                series: surge.series(duration_s.max(*peak_s)),
            }
        }
        FloodBoundary::Discharge {
            series: inline,
            file,
            depth_m,
            ..
        } => {
            let file = file.as_ref();
            let discharges = series(field, inline, file, files)?;
            BoundaryKind::Discharge {
                series: within(field, file, discharges, DISCHARGE)?,
                depth_m: *depth_m,
            }
        }
    })
}
