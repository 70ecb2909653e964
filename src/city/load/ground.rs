//! The ground below a city: terrain from several files, from trees or level, and how things stand on it.

use nalgebra::Point3;

use crate::city::assemble::extruded;
use crate::city::error::{CityError, CityErrorKind};
use crate::city::raw::{RawBuilding, RawFootprint, RawTerrain};
use crate::city::terrain::{HeightSampler, MAX_CELLS};
use crate::city::{Building, LayerKind, Terrain};
use crate::finding::Finding;
use crate::geo::crs::Converter;
use crate::geo::{Grid, LocalFrame};

use super::frame::local_xy;

/// A building that stands deeper in the ground or higher above it than this (m) is reported. AdV buildings stand on the lowest
/// terrain along their walls; models of different years differ by decimetres.
const FIT_M: f64 = 1.0;
/// Level ground around a model: times the height of its tallest building, as far as the wind looks.
const LEVEL_MARGIN: f64 = 3.0;

/// Level ground under the buildings and around them: three times the height of the tallest, at least a tenth of their width.
pub(super) fn level_ground(
    frame: &LocalFrame,
    raws: &[RawBuilding],
    ground_m: f64,
) -> Option<Terrain> {
    let corners = raws
        .iter()
        .flat_map(|b| &b.parts)
        .flat_map(|p| &p.polygons)
        .flat_map(|p| &p.rings)
        .flatten()
        .filter(|c| c.iter().all(|v| v.is_finite()))
        .map(|c| frame.local_from_crs(*c));
    let (low, high) = corners.fold(None, |range: Option<(Point3<f64>, Point3<f64>)>, p| {
        let (low, high) = range.unwrap_or((p, p));
        Some((low.inf(&p), high.sup(&p)))
    })?;
    let width_m = (high.x - low.x).max(high.y - low.y);
    let margin_m = (LEVEL_MARGIN * (high.z - ground_m)).max(0.1 * width_m);
    let at = |x: f64, y: f64| Point3::new(x, y, ground_m);
    let (west, south) = (low.x - margin_m, low.y - margin_m);
    let (east, north) = (high.x + margin_m, high.y + margin_m);
    Some(Terrain::Tin {
        vertices: vec![
            at(west, south),
            at(east, south),
            at(east, north),
            at(west, north),
        ],
        triangles: vec![[0, 1, 2], [0, 2, 3]],
    })
}

pub(super) fn lowest_point(raws: &[RawBuilding]) -> Option<f64> {
    raws.iter()
        .flat_map(|b| &b.parts)
        .flat_map(|p| &p.polygons)
        .flat_map(|p| &p.rings)
        .flatten()
        .map(|corner| corner[2])
        .filter(|z| crate::city::terrain::HEIGHT_RANGE_M.contains(z))
        .reduce(f64::min)
}

/// The ground of the city from all layers that give heights: layers of kind terrain first, heights inside city models only
/// without one. Several rasters of one grid become one, several lists of points too.
pub(super) fn terrain_of(
    frame: &LocalFrame,
    mut grounds: Vec<(LayerKind, String, RawTerrain, Option<Converter>)>,
    findings: &mut Vec<Finding>,
) -> Result<Option<Terrain>, CityError> {
    let is_terrain = |kind: LayerKind| kind == LayerKind::Terrain;
    if grounds.iter().any(|(kind, ..)| is_terrain(*kind)) {
        grounds.retain(|(kind, ..)| is_terrain(*kind));
    }
    let outlines = grounds.iter().find(|(kind, _, raw, _)| {
        *kind == LayerKind::Buildings && matches!(raw, RawTerrain::Points(_))
    });
    let outlines = outlines.map(|(_, place, ..)| place.clone());
    let mut merged: Option<Terrain> = None;
    let mut points: Vec<[f64; 3]> = Vec::new();
    let mut points_place = String::new();
    let mut left_out = 0;
    for (_, place, raw, converter) in grounds {
        match (raw, converter) {
            (RawTerrain::Points(list), converter) => {
                if points_place.is_empty() {
                    points_place.clone_from(&place);
                }
                for [e, n, h] in list {
                    let place = match &converter {
                        Some(converter) => converter.convert([e, n]).ok(),
                        None => Some([e, n]),
                    };
                    points.extend(place.map(|[e, n]| [e, n, h]));
                }
            }
            (raw, converter) => {
                let next = Terrain::from_raw(frame, converter.as_ref(), raw, &place)?;
                merged = match merged.take() {
                    None => Some(next),
                    Some(first) => Some(match joined(&first, &next) {
                        Some(both) => both,
                        None => {
                            left_out += 1;
                            first
                        }
                    }),
                };
            }
        }
    }
    if merged.is_none() && !points.is_empty() {
        merged = match Terrain::from_raw(frame, None, RawTerrain::Points(points), &points_place) {
            Ok(terrain) => Some(terrain),
            Err(error) if error.kind == CityErrorKind::TooLarge => return Err(error),
            // Some heights of a small model on one line are no ground, but no reason to refuse its buildings either.
            Err(_) => {
                findings.push(Finding::warning("terrain-without-area").place(&points_place));
                None
            }
        };
    } else if !points.is_empty() {
        left_out += 1;
    }
    if let (Some(place), Some(Terrain::Tin { .. })) = (outlines, &merged) {
        findings.push(Finding::warning("terrain-from-buildings").place(place));
    }
    if left_out > 0 {
        findings.push(Finding::warning("terrain-left-out").arg("count", left_out));
    }
    Ok(merged)
}

/// Two rasters on the same grid lines as one; where both know a height the first counts.
fn joined(first: &Terrain, next: &Terrain) -> Option<Terrain> {
    let (
        Terrain::Raster {
            grid: a,
            heights: ha,
        },
        Terrain::Raster {
            grid: b,
            heights: hb,
        },
    ) = (first, next)
    else {
        return None;
    };
    let cell_m = a.cell_m;
    let steps = |d: f64| {
        let n = d / cell_m;
        ((n - n.round()).abs() < 0.01).then(|| n.round() as i64)
    };
    if (a.cell_m - b.cell_m).abs() > 1e-6 * cell_m {
        return None;
    }
    let (right, down) = (steps(b.west - a.west)?, steps(a.north - b.north)?);
    let (west, north) = (right.min(0), down.min(0));
    let east = (a.cols as i64).max(right + b.cols as i64);
    let south = (a.rows as i64).max(down + b.rows as i64);
    let (cols, rows) = ((east - west) as u64, (south - north) as u64);
    if cols.checked_mul(rows)? > MAX_CELLS {
        return None;
    }
    let grid = Grid {
        west: a.west + west as f64 * cell_m,
        north: a.north - north as f64 * cell_m,
        cell_m,
        cols: cols as usize,
        rows: rows as usize,
    };
    let mut heights = vec![f32::NAN; grid.len()];
    let mut copy = |part: &Grid, values: &[f32], right: i64, down: i64| {
        for (i, value) in values.iter().enumerate().filter(|(_, v)| v.is_finite()) {
            let row = (i / part.cols) as i64 + down - north;
            let col = (i % part.cols) as i64 + right - west;
            heights[grid.index(row as usize, col as usize)] = *value;
        }
    };
    copy(b, hb, right, down);
    copy(a, ha, 0, 0);
    Some(Terrain::Raster { grid, heights })
}

/// Heights for draping: the terrain, beyond its edge the nearest known height, without terrain a plane.
pub(super) struct Drape<'a> {
    sampler: Option<HeightSampler<'a>>,
    /// Some thousand known places.
    anchors: Vec<Point3<f64>>,
    plane_m: f64,
}

impl<'a> Drape<'a> {
    pub(super) fn new(terrain: Option<&'a Terrain>, plane_m: f64) -> Self {
        Self {
            sampler: terrain.map(Terrain::sampler),
            anchors: terrain.map(|t| t.mesh(8192).positions).unwrap_or_default(),
            plane_m,
        }
    }

    /// Height (m), and whether the place lies beyond the terrain.
    pub(super) fn height_at(&self, x: f64, y: f64) -> (f64, bool) {
        let Some(sampler) = &self.sampler else {
            return (self.plane_m, false);
        };
        if let Some(z) = sampler.height_at(x, y) {
            return (z, false);
        }
        let distance = |p: &Point3<f64>| (p.x - x).powi(2) + (p.y - y).powi(2);
        let nearest = self
            .anchors
            .iter()
            .min_by(|a, b| distance(a).total_cmp(&distance(b)));
        (nearest.map_or(self.plane_m, |p| p.z), true)
    }

    /// A footprint as a block on the lowest ground under its corners; the flag tells that it lies beyond the terrain.
    pub(super) fn block(
        &self,
        frame: &LocalFrame,
        footprint: RawFootprint,
    ) -> (Option<RawBuilding>, bool) {
        let attributes = &footprint.attributes;
        let Some(height_m) = attributes.measured_height_m.or(attributes.assumed_height_m) else {
            return (None, false);
        };
        let corners = || {
            footprint
                .rings
                .iter()
                .flatten()
                .map(|p| local_xy(frame, *p))
        };
        let mut outside = false;
        let base_m = footprint
            .base_height_m
            .unwrap_or_else(|| match &self.sampler {
                None => self.plane_m,
                Some(sampler) => {
                    let known = corners()
                        .filter_map(|[x, y]| sampler.height_at(x, y))
                        .reduce(f64::min);
                    known.unwrap_or_else(|| {
                        outside = true;
                        corners()
                            .next()
                            .map_or(self.plane_m, |[x, y]| self.height_at(x, y).0)
                    })
                }
            });
        let block = extruded(
            &footprint.id,
            &footprint.rings,
            base_m,
            height_m,
            footprint.attributes.clone(),
        );
        (Some(block), outside)
    }
}

/// Compares the foot of each building with the terrain along it.
pub(super) fn check_fit(buildings: &[Building], terrain: &Terrain, findings: &mut Vec<Finding>) {
    let sampler = terrain.sampler();
    for building in buildings {
        let (foot, _) = building.z_range();
        let ground = building
            .geometry
            .vertices
            .iter()
            .filter(|p| p.z < foot + 0.5)
            .filter_map(|p| sampler.height_at(p.x, p.y))
            .fold(None, |range: Option<(f64, f64)>, h| match range {
                None => Some((h, h)),
                Some((lo, hi)) => Some((lo.min(h), hi.max(h))),
            });
        let Some((lowest, highest)) = ground else {
            continue;
        };
        let (code, metres) = if foot < lowest - FIT_M {
            ("building-below-terrain", lowest - foot)
        } else if foot > highest + FIT_M {
            ("building-above-terrain", foot - highest)
        } else {
            continue;
        };
        let finding = Finding::warning(code).object(&building.id);
        findings.push(finding.arg("gap_m", format!("{metres:.1}")));
    }
}
