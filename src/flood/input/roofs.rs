//! Rain on each cell: zones, factors, and what the roofs do with their rain.
//!
//! The rain on the area of the grid is the area times the depth. What falls on a building that is a hole goes to the cells around
//! it or into the sewer; a green roof holds the first millimetres back. Nothing is lost on the way: what does not reach the
//! cells is stated in [`RoofWater`].

use std::collections::{BTreeMap, BTreeSet};

use crate::city::City;
use crate::geo::Grid;

use super::super::domain::{Forcing, Series};
use super::super::error::{FloodError, SettingFault};
use super::super::params::{BuildingMode, FloodParams, RoofRain};
use super::InputBuilding;
use super::buildings::Cover;

/// Zones of rain at most: each cell names its zone with 16 bits.
const MOST_ZONES: usize = 60_000;

/// Rain that fell on roofs and never reaches the ground (m³ over the whole time).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RoofWater {
    /// Into the sewer.
    pub drained_m3: f64,
    /// Held back by green roofs.
    pub retained_m3: f64,
    /// On roofs with no ground around them.
    pub lost_m3: f64,
}

/// Rain of a curve after the first part of it is held back, times a weight.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Term {
    zone: u16,
    loss_m: f64,
    weight: f64,
}

/// Where the roofs of the city drain to.
pub(super) struct Roofs<'a> {
    pub(super) city: &'a City,
    pub(super) grid: &'a Grid,
    pub(super) cover: &'a Cover,
    pub(super) buildings: &'a [InputBuilding],
    /// Cells that buildings close or raise.
    pub(super) solid: &'a [bool],
    pub(super) open: &'a [bool],
}

impl Roofs<'_> {
    /// Lays the rain of roofs over `forcing`, which holds the rain by zone and factor as it falls.
    pub(super) fn drain(
        &self,
        params: &FloodParams,
        forcing: &mut Forcing,
    ) -> Result<RoofWater, FloodError> {
        let mut water = RoofWater::default();
        if forcing.rain_m.is_empty() || self.buildings.is_empty() {
            return Ok(water);
        }
        let cell_m2 = self.grid.cell_m * self.grid.cell_m;
        let to_drain = params.roof_rain == RoofRain::Drain;
        let zone = |cell: usize| forcing.rain_zone.get(cell).copied().unwrap_or(0);
        let factor = |cell: usize| forcing.rain_factor.get(cell).map_or(1.0, |f| f64::from(*f));
        let total = |zone: u16| {
            let series = &forcing.rain_m[usize::from(zone)];
            series.at(params.duration_s)
        };
        let mut terms: BTreeMap<usize, Vec<Term>> = BTreeMap::new();
        // Cells whose own rain is in the terms already.
        let mut own: BTreeSet<usize> = BTreeSet::new();
        for (number, building) in self.buildings.iter().enumerate() {
            let loss_m = 1e-3
                * self.city.buildings[building.building]
                    .attributes
                    .green_roof_mm
                    .unwrap_or(0.0);
            // Rain on the roof by its zone: sum of factors times the share of a cell.
            let mut roof: BTreeMap<u16, f64> = BTreeMap::new();
            let owned = |cell: &&usize| self.cover.owner(**cell) == Some(building.building);
            for &cell in building.cells.iter().filter(owned) {
                let share = self.cover.share(cell);
                let free = self.open[cell];
                match params.buildings {
                    BuildingMode::Porous if free && share > 0.0 => {
                        let volume = factor(cell) * share * cell_m2;
                        if to_drain {
                            water.drained_m3 += volume * (total(zone(cell)) - loss_m).max(0.0);
                        }
                        water.retained_m3 += volume * total(zone(cell)).min(loss_m);
                        if to_drain || loss_m > 0.0 {
                            let term = |loss_m, weight| Term {
                                zone: zone(cell),
                                loss_m,
                                weight,
                            };
                            let list = terms.entry(cell).or_default();
                            list.push(term(0.0, factor(cell) * (1.0 - share)));
                            if !to_drain {
                                list.push(term(loss_m, factor(cell) * share));
                            }
                            own.insert(cell);
                        }
                    }
                    BuildingMode::Block if self.solid[cell] && free => {
                        let volume = factor(cell) * cell_m2;
                        if to_drain {
                            water.drained_m3 += volume * (total(zone(cell)) - loss_m).max(0.0);
                        }
                        if to_drain || loss_m > 0.0 {
                            let weight = if to_drain { 0.0 } else { factor(cell) };
                            terms.entry(cell).or_default().push(Term {
                                zone: zone(cell),
                                loss_m,
                                weight,
                            });
                            own.insert(cell);
                        }
                        water.retained_m3 += volume * total(zone(cell)).min(loss_m);
                    }
                    BuildingMode::Hole | BuildingMode::Porous if self.solid[cell] && !free => {
                        *roof.entry(zone(cell)).or_default() += factor(cell);
                    }
                    _ => {}
                }
            }
            if roof.is_empty() {
                continue;
            }
            let around = self.around(number);
            for (zone, weight) in roof {
                let volume = weight * cell_m2;
                let runs_off = volume * (total(zone) - loss_m).max(0.0);
                water.retained_m3 += volume * total(zone).min(loss_m);
                if to_drain {
                    water.drained_m3 += runs_off;
                } else if around.is_empty() {
                    water.lost_m3 += runs_off;
                } else {
                    for &cell in &around {
                        let list = terms.entry(cell).or_default();
                        list.push(Term {
                            zone,
                            loss_m,
                            weight: weight / around.len() as f64,
                        });
                    }
                }
            }
        }
        for (&cell, list) in terms.iter_mut().filter(|(cell, _)| !own.contains(cell)) {
            list.push(Term {
                zone: zone(cell),
                loss_m: 0.0,
                weight: factor(cell),
            });
        }
        composed(terms, forcing, self.grid)?;
        Ok(water)
    }

    /// Cells around a building; for one among others those around its block of houses.
    fn around(&self, number: usize) -> Vec<usize> {
        let building = &self.buildings[number];
        if !building.facade.is_empty() {
            return building.facade.clone();
        }
        let mut ring: Vec<usize> = building.cells.clone();
        let mut seen: BTreeMap<usize, ()> = ring.iter().map(|c| (*c, ())).collect();
        while !ring.is_empty() {
            let mut found: Vec<usize> = Vec::new();
            let mut next = Vec::new();
            for &cell in &ring {
                for neighbour in neighbours(self.grid, cell) {
                    if seen.insert(neighbour, ()).is_some() {
                        continue;
                    }
                    if self.open[neighbour] && !self.solid[neighbour] {
                        found.push(neighbour);
                    } else if self.solid[neighbour] {
                        next.push(neighbour);
                    }
                }
            }
            if !found.is_empty() {
                found.sort_unstable();
                return found;
            }
            ring = next;
        }
        Vec::new()
    }
}

/// The up to eight cells around a cell.
pub(super) fn neighbours(grid: &Grid, cell: usize) -> impl Iterator<Item = usize> + use<> {
    let grid = *grid;
    let (row, col) = (cell / grid.cols, cell % grid.cols);
    let rows = row.saturating_sub(1)..(row + 2).min(grid.rows);
    rows.flat_map(move |r| {
        let cols = col.saturating_sub(1)..(col + 2).min(grid.cols);
        cols.filter(move |&c| (r, c) != (row, col))
            .map(move |c| grid.index(r, c))
    })
}

/// Puts the terms of cells into zones and factors: a factor where one curve does, else a zone of its own.
fn composed(
    terms: BTreeMap<usize, Vec<Term>>,
    forcing: &mut Forcing,
    grid: &Grid,
) -> Result<(), FloodError> {
    if terms.is_empty() {
        return Ok(());
    }
    if forcing.rain_factor.is_empty() {
        forcing.rain_factor = vec![1.0; grid.len()];
    }
    let mut made: BTreeMap<Vec<(u16, u64, u64)>, u16> = BTreeMap::new();
    for (cell, list) in terms {
        let mut merged: BTreeMap<(u16, u64), f64> = BTreeMap::new();
        for term in &list {
            *merged
                .entry((term.zone, term.loss_m.to_bits()))
                .or_default() += term.weight;
        }
        merged.retain(|_, weight| *weight > 0.0);
        let plain = merged.len() == 1 && merged.keys().all(|(_, loss)| *loss == 0);
        if merged.is_empty() {
            forcing.rain_factor[cell] = 0.0;
            continue;
        }
        if plain {
            for ((zone, _), weight) in merged {
                set_zone(forcing, grid, cell, zone);
                forcing.rain_factor[cell] = weight as f32;
            }
            continue;
        }
        let key: Vec<(u16, u64, u64)> = merged
            .iter()
            .map(|((zone, loss), weight)| (*zone, *loss, weight.to_bits()))
            .collect();
        let zone = match made.get(&key) {
            Some(zone) => *zone,
            None => {
                let number = forcing.rain_m.len();
                if number >= MOST_ZONES {
                    return Err(SettingFault::new(
                        "too-many-zones",
                        "flood.rain_zone",
                        "too many different rains",
                    )
                    .expected(format!("at most {MOST_ZONES}, green roofs included"))
                    .help("limit `flood.area`")
                    .into());
                }
                let parts = merged.iter().map(|((zone, loss), weight)| {
                    (
                        &forcing.rain_m[usize::from(*zone)],
                        f64::from_bits(*loss),
                        *weight,
                    )
                });
                let curve = sum_of(&parts.collect::<Vec<_>>());
                forcing.rain_m.push(curve);
                made.insert(key, number as u16);
                number as u16
            }
        };
        set_zone(forcing, grid, cell, zone);
        forcing.rain_factor[cell] = 1.0;
    }
    Ok(())
}

fn set_zone(forcing: &mut Forcing, grid: &Grid, cell: usize, zone: u16) {
    if forcing.rain_zone.is_empty() {
        if zone == 0 {
            return;
        }
        forcing.rain_zone = vec![0; grid.len()];
    }
    forcing.rain_zone[cell] = zone;
}

/// Sum of weight times what is left of each curve after its loss; exact, with a point where each loss is used up.
fn sum_of(parts: &[(&Series, f64, f64)]) -> Series {
    let mut times: Vec<f64> = Vec::new();
    for (curve, loss, _) in parts {
        times.extend(&curve.times_s);
        for (t, v) in curve.times_s.windows(2).zip(curve.values.windows(2)) {
            if v[0] < *loss && *loss < v[1] {
                times.push(t[0] + (loss - v[0]) / (v[1] - v[0]) * (t[1] - t[0]));
            }
        }
    }
    times.sort_by(f64::total_cmp);
    times.dedup();
    let value = |time: f64| -> f64 {
        let left =
            |(curve, loss, weight): &(&Series, f64, f64)| weight * (curve.at(time) - loss).max(0.0);
        parts.iter().map(left).sum()
    };
    let mut values: Vec<f64> = times.iter().map(|t| value(*t)).collect();
    // Rounding must not let fallen rain fall again.
    for i in 1..values.len() {
        values[i] = values[i].max(values[i - 1]);
    }
    Series {
        times_s: times,
        values,
    }
}
