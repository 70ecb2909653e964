//! Sources and sinks at points, shared by all solvers: inflows, culverts and street inlets.
//!
//! A step asks for the changes of all point sources at once and applies them to its cells. Water of a change is counted in
//! `m of water over the area of a whole cell`, an integer multiple of [`QUANTUM_M`]: what a ledger adds up is what the cells got,
//! and what a culvert takes from one cell the other receives to the last bit.

use super::culvert;
use super::domain::{Culvert, Domain, Forcing, Inflow, Inlet, Series};
use super::inlet;
use super::run::LedgerKind;

/// Unit (m) of which all depths are integer multiples: 2^-40 m, about 1e-12 m. Sums of such depths below 8192 m are exact in
/// f64, so they do not depend on the order either.
pub const QUANTUM_M: f64 = 1.0 / QUANTA_PER_M;

const QUANTA_PER_M: f64 = (1u64 << 40) as f64;

/// Nearest multiple of [`QUANTUM_M`].
pub fn quantised_m(depth_m: f64) -> f64 {
    (depth_m * QUANTA_PER_M).round_ties_even() * QUANTUM_M
}

/// Largest multiple of [`QUANTUM_M`] that is not above.
pub fn quantised_down_m(depth_m: f64) -> f64 {
    (depth_m * QUANTA_PER_M).floor() * QUANTUM_M
}

/// Running integral of a series from 0 s, for many questions.
#[derive(Clone, Debug)]
pub struct RunningIntegral {
    series: Series,
    /// Integral from the first point to each point.
    at_points: Vec<f64>,
    /// Integral from the first point to 0 s.
    at_start: f64,
}

impl RunningIntegral {
    /// Prepares a series; an empty one integrates to 0.
    pub fn new(series: &Series) -> Self {
        let mut at_points = Vec::with_capacity(series.times_s.len());
        let mut sum = 0.0;
        for (i, &time) in series.times_s.iter().enumerate() {
            if i > 0 {
                let mean = 0.5 * (series.values[i - 1] + series.values[i]);
                sum += mean * (time - series.times_s[i - 1]);
            }
            at_points.push(sum);
        }
        let mut integral = Self {
            series: series.clone(),
            at_points,
            at_start: 0.0,
        };
        integral.at_start = integral.since_first_point(0.0);
        integral
    }

    /// Integral from 0 s to a time (value times s).
    pub fn until(&self, time_s: f64) -> f64 {
        self.since_first_point(time_s) - self.at_start
    }

    fn since_first_point(&self, time_s: f64) -> f64 {
        let times = &self.series.times_s;
        let Some(&first) = times.first() else {
            return 0.0;
        };
        let after = times.partition_point(|&t| t <= time_s);
        let Some(before) = after.checked_sub(1) else {
            return self.series.values[0] * (time_s - first);
        };
        let here = self.series.at(time_s);
        let mean = 0.5 * (self.series.values[before] + here);
        self.at_points[before] + mean * (time_s - times[before])
    }
}

/// Which source a change belongs to: an index into the list of the same name in [`Forcing`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointSource {
    /// A discharge into cells.
    Inflow(usize),
    /// A culvert; its changes cancel.
    Culvert(usize),
    /// A street inlet.
    Inlet(usize),
}

/// Change of the water on one cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PointChange {
    /// Cell as index.
    pub cell: usize,
    /// By which source.
    pub source: PointSource,
    /// Water per area of a whole cell (m), a multiple of [`QUANTUM_M`], negative when taken. The change of depth is this divided by the
    /// storage share of the cell.
    pub delta_m: f64,
}

/// A cell that point sources touch.
struct Slot {
    cell: usize,
    bed_m: f64,
    /// Free share of the area.
    storage: f64,
    /// Water per area of a whole cell (m) while a step is put together.
    water_m: f64,
}

impl Slot {
    fn depth_m(&self) -> f64 {
        self.water_m / self.storage
    }

    fn level_m(&self) -> f64 {
        self.bed_m + self.depth_m()
    }
}

/// All point sources of a run.
pub struct PointSources {
    cell_area_m2: f64,
    slots: Vec<Slot>,
    inflows: Vec<(RunningIntegral, Vec<usize>)>,
    culverts: Vec<(Culvert, [usize; 2])>,
    inlets: Vec<(Inlet, usize)>,
    changes: Vec<PointChange>,
}

impl PointSources {
    /// Prepares the inflows, culverts and inlets of `forcing`. Cells must lie in the grid.
    pub fn new(domain: &Domain, forcing: &Forcing) -> Self {
        let mut cells: Vec<usize> = (forcing.inflows.iter().flat_map(|i| i.cells.iter().copied()))
            .chain(forcing.culverts.iter().flat_map(|c| c.cells))
            .chain(forcing.inlets.iter().map(|i| i.cell))
            .collect();
        cells.sort_unstable();
        cells.dedup();
        let slot_of = |cell: usize| cells.partition_point(|&c| c < cell);
        let storage = |cell: usize| match &domain.porosity {
            Some(porosity) => f64::from(porosity.storage[cell]),
            None => 1.0,
        };
        Self {
            cell_area_m2: domain.grid.cell_m * domain.grid.cell_m,
            inflows: (forcing.inflows.iter())
                .map(|Inflow { cells, series, .. }| {
                    let slots = cells.iter().map(|&c| slot_of(c)).collect();
                    (RunningIntegral::new(series), slots)
                })
                .collect(),
            culverts: (forcing.culverts.iter())
                .map(|c| (c.clone(), c.cells.map(slot_of)))
                .collect(),
            inlets: (forcing.inlets.iter())
                .map(|i| (i.clone(), slot_of(i.cell)))
                .collect(),
            changes: Vec::new(),
            slots: (cells.iter())
                .map(|&cell| Slot {
                    cell,
                    bed_m: domain.bed_m[cell],
                    storage: storage(cell),
                    water_m: 0.0,
                })
                .collect(),
        }
    }

    /// True without any source.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Cells that may change, rising, each once.
    pub fn cells(&self) -> impl Iterator<Item = usize> + '_ {
        self.slots.iter().map(|s| s.cell)
    }

    /// Kind and position in the list of [`Forcing`] for the ledger; `None` for culverts, which only move water.
    pub fn ledger_entry(source: PointSource) -> Option<(LedgerKind, usize)> {
        match source {
            PointSource::Inflow(i) => Some((LedgerKind::Inflow, i)),
            PointSource::Inlet(i) => Some((LedgerKind::Inlet, i)),
            PointSource::Culvert(_) => None,
        }
    }

    /// Changes of a step from `from_s` to `to_s` (s), given the depths (m) in the cells; sources act one after the other (inflows,
    /// culverts, inlets, each in the order of the scenario) and see what the earlier ones left.
    ///
    /// Discharges are those of the depths at the start of the step. No cell gives more than it has, and a culvert never moves
    /// so much that the levels cross. Depends on nothing but its arguments: a restarted run goes on with the same bits.
    pub fn changes(
        &mut self,
        from_s: f64,
        to_s: f64,
        depth_of: impl Fn(usize) -> f64,
    ) -> &[PointChange] {
        let dt = to_s - from_s;
        let area = self.cell_area_m2;
        self.changes.clear();
        for slot in &mut self.slots {
            // Never more than there is.
            slot.water_m = quantised_down_m(depth_of(slot.cell) * slot.storage);
        }
        let (slots, changes) = (&mut self.slots, &mut self.changes);
        let mut give = |slots: &mut [Slot], at: usize, source: PointSource, delta_m: f64| {
            if delta_m != 0.0 {
                slots[at].water_m += delta_m;
                changes.push(PointChange {
                    cell: slots[at].cell,
                    source,
                    delta_m,
                });
            }
        };
        for (i, (integral, cells)) in self.inflows.iter().enumerate() {
            let share = 1.0 / (area * cells.len() as f64);
            // Differences of one rounded running sum: nothing is lost over any number of steps.
            let given = |time: f64| (integral.until(time) * share * QUANTA_PER_M).round_ties_even();
            let delta_m = ((given(to_s) - given(from_s)) * QUANTUM_M).max(0.0);
            for &slot in cells {
                give(slots, slot, PointSource::Inflow(i), delta_m);
            }
        }
        for (i, (culvert, ends)) in self.culverts.iter().enumerate() {
            let levels = ends.map(|s| slots[s].level_m());
            let flow = culvert::discharge(culvert, levels);
            let [upper, lower] = if flow > 0.0 {
                *ends
            } else {
                [ends[1], ends[0]]
            };
            let (a, b) = (slots[upper].storage, slots[lower].storage);
            let level = (levels[0] - levels[1]).abs() * a * b / (a + b);
            let moved = quantised_down_m((flow.abs() * dt / area).min(level))
                .min(slots[upper].water_m)
                .max(0.0);
            give(slots, upper, PointSource::Culvert(i), -moved);
            give(slots, lower, PointSource::Culvert(i), moved);
        }
        for (i, (grate, slot)) in self.inlets.iter().enumerate() {
            let flow = inlet::discharge(grate, slots[*slot].depth_m());
            let taken = quantised_m(flow * dt / area).min(slots[*slot].water_m);
            give(slots, *slot, PointSource::Inlet(i), -taken);
        }
        &self.changes
    }
}

#[cfg(test)]
mod tests {
    use super::super::domain::CulvertSection;
    use super::*;
    use crate::geo::Grid;

    fn domain() -> Domain {
        let grid = Grid {
            west: 0.0,
            north: 0.0,
            cell_m: 2.0,
            cols: 10,
            rows: 1,
        };
        Domain {
            grid,
            bed_m: vec![1.0; 10],
            manning_n: vec![0.03; 10],
            open: vec![true; 10],
            crests: Vec::new(),
            porosity: None,
            boundaries: Vec::new(),
        }
    }

    fn forcing() -> Forcing {
        Forcing {
            inflows: vec![Inflow {
                id: "pump".into(),
                cells: vec![1, 2],
                series: Series {
                    times_s: vec![0.0, 100.0, 200.0],
                    values: vec![0.0, 0.7, 0.1],
                },
            }],
            culverts: vec![Culvert {
                id: "underpass".into(),
                cells: [2, 7],
                invert_m: [1.0, 1.0],
                length_m: 10.0,
                section: CulvertSection::Box {
                    width_m: 2.0,
                    height_m: 2.0,
                },
                manning_n: 0.015,
                losses: 1.5,
            }],
            inlets: vec![Inlet {
                id: "grate".into(),
                cell: 7,
                perimeter_m: 1.6,
                area_m2: 0.1,
                capacity_m3_per_s: 0.02,
            }],
            ..Forcing::default()
        }
    }

    #[test]
    fn volumes_close_to_the_last_bit_and_depths_stay_above_zero() {
        let (domain, forcing) = (domain(), forcing());
        let mut sources = PointSources::new(&domain, &forcing);
        assert_eq!(sources.cells().collect::<Vec<_>>(), [1, 2, 7]);
        let mut depth = vec![0.0; 10];
        let (mut inflow, mut inlet, mut culvert) = (0.0, 0.0, 0.0);
        let (mut time, mut step) = (0.0, 0);
        while time < 200.0 {
            let until = (time + 0.05 + 0.013 * f64::from(step % 7)).min(200.0);
            for change in sources.changes(time, until, |c| depth[c]).to_vec() {
                depth[change.cell] += change.delta_m;
                assert!(depth[change.cell] >= 0.0);
                assert_eq!(change.delta_m % QUANTUM_M, 0.0);
                match change.source {
                    PointSource::Inflow(_) => inflow += change.delta_m,
                    PointSource::Inlet(_) => inlet -= change.delta_m,
                    PointSource::Culvert(_) => culvert += change.delta_m,
                }
            }
            (time, step) = (until, step + 1);
        }
        assert_eq!(depth.iter().sum::<f64>(), inflow - inlet);
        assert_eq!(culvert, 0.0);
        // 75 m³ over cells of 4 m², rounded once per cell.
        assert!((inflow - 75.0 / 4.0).abs() <= 2.0 * QUANTUM_M, "{inflow}");
        assert!(inlet > 0.1 && depth[7] > 0.1, "{inlet} {depth:?}");
    }

    #[test]
    fn a_culvert_levels_two_cells_without_crossing() {
        let (domain, mut forcing) = (domain(), forcing());
        forcing.inflows.clear();
        forcing.inlets.clear();
        let mut sources = PointSources::new(&domain, &forcing);
        let mut depth = [0.0; 10];
        depth[2] = quantised_m(1.5);
        for _ in 0..200 {
            for change in sources.changes(0.0, 0.5, |c| depth[c]).to_vec() {
                depth[change.cell] += change.delta_m;
            }
            assert!(depth[2] >= depth[7], "{} {}", depth[2], depth[7]);
        }
        assert_eq!(depth[2] + depth[7], 1.5);
        assert!((depth[2] - depth[7]).abs() < 1e-9);
    }

    #[test]
    fn partly_built_cells_move_the_same_water() {
        let (mut domain, mut forcing) = (domain(), forcing());
        forcing.inflows.clear();
        let mut storage = vec![1.0f32; 10];
        storage[2] = 0.3;
        domain.porosity = Some(super::super::domain::Porosity {
            storage: storage.clone(),
            conveyance_x: vec![1.0; 11],
            conveyance_y: vec![1.0; 20],
        });
        let mut sources = PointSources::new(&domain, &forcing);
        let mut water = [0.0; 10];
        water[2] = quantised_m(0.4);
        let mut inlet = 0.0;
        for step in 0..100 {
            let depth = |c: usize| water[c] / f64::from(storage[c]);
            for change in sources
                .changes(f64::from(step), f64::from(step + 1), depth)
                .to_vec()
            {
                water[change.cell] += change.delta_m;
                assert!(water[change.cell] >= 0.0);
                if change.source == PointSource::Inlet(0) {
                    inlet += change.delta_m;
                }
            }
        }
        assert!(inlet < 0.0);
        assert_eq!(water.iter().sum::<f64>() - inlet, quantised_m(0.4));
    }

    #[test]
    fn a_running_integral_is_that_of_the_series() {
        let series = Series {
            times_s: vec![-10.0, 20.0, 40.0],
            values: vec![1.0, 3.0, 1.0],
        };
        let running = RunningIntegral::new(&series);
        for until in [0.0, 5.0, 20.0, 33.0, 40.0, 100.0] {
            let exact = series.integral(0.0, until);
            assert!((running.until(until) - exact).abs() < 1e-12, "{until}");
        }
        let late = RunningIntegral::new(&Series {
            times_s: vec![50.0],
            values: vec![2.0],
        });
        assert_eq!(
            [late.until(0.0), late.until(10.0), late.until(60.0)],
            [0.0, 20.0, 120.0]
        );
    }
}
