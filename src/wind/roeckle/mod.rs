//! The first guess of tier 1: zones of known flow around each block, after Röckle.
//!
//! Röckle 1990 (dissertation, TH Darmstadt); lengths and profiles are those of the QES-Winds v1 theory guide (Bozorgmehr et al. 2021,
//! doi:10.1016/j.envsoft.2021.105022), equations 5 to 25. Three things are added, as the method fails without them where a tower stands
//! among blocks and where the wind is oblique: wakes with shear layers that grow to the sides (`lee`), wind along slanting fronts and past
//! their corners, and the downwash of towers (`front`). Order after Brown et al. 2009: in front of walls first, wakes multiply, then
//! cavities and canyons, then what towers and slanting walls bring down, then rooftops and sidewalls (`sides`).
//! Trees come last and slow whatever is there ([`trees`]).
//!
//! Velocities are those of cell centres in wind axes until [`super::project`] makes them conserve mass.

pub mod constants;
mod front;
mod lee;
pub mod obstacle;
mod sides;
pub mod trees;

use std::collections::BTreeMap;
use std::ops::Range;

use rayon::prelude::*;

use crate::job::{Cancelled, Job};

pub use self::constants::Constants;
use self::obstacle::Obstacle;
use super::grid::WindGrid;
use super::heading::Heading;
use super::inflow::Inflow;
use super::solids::{Block, Solids};

/// What made the wind at a place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Zone {
    /// The approaching wind.
    #[default]
    Free,
    /// In front of a wall.
    Displacement,
    /// Behind the near wake, still slowed.
    Wake,
    /// Recirculation behind a wall.
    Cavity,
    /// Vortex between two walls.
    Canyon,
    /// Wind along a slanting front.
    WallJet,
    /// Faster wind past the corner of a block.
    CornerStream,
    /// Air that a tower brings down its front.
    Downwash,
    /// Separated flow above a roof.
    Rooftop,
    /// Separated flow beside a wall.
    Sidewall,
    /// Inside or behind trees.
    Trees,
}

/// First guess in one cell.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Guess {
    /// Velocity (m/s) along the wind, across it to the left, up.
    pub velocity: [f32; 3],
    /// Turbulent kinetic energy (m²/s²) in the mean of the speed.
    pub k: f32,
    /// The same of gusts.
    pub gust_k: f32,
    /// Share of the wind that all wakes leave.
    kept: f32,
    /// Zone.
    pub zone: Zone,
    /// Number of the block that made it; without meaning in [`Zone::Free`] and [`Zone::Trees`].
    pub block: u32,
}

impl Guess {
    fn mark(&mut self, zone: Zone, obstacle: &Obstacle) {
        (self.zone, self.block) = (zone, obstacle.block as u32);
    }

    /// Moves the velocity along and across the wind towards another one.
    fn blend(&mut self, new: [f64; 2], share: f64) {
        for (v, new) in self.velocity.iter_mut().zip(new) {
            *v += (share * (new - f64::from(*v))) as f32;
        }
    }
}

/// What all zones need.
struct Town<'a> {
    grid: &'a WindGrid,
    inflow: &'a Inflow,
    heading: Heading,
    constants: Constants,
    /// Ground (m) of each column.
    ground_m: &'a [f32],
    /// Height (m) of the centre of each layer.
    centres_m: Vec<f64>,
}

/// Columns and layers where a kind of zone of a block may be.
#[derive(Clone, Debug, PartialEq)]
struct Area {
    /// Place among the obstacles.
    obstacle: usize,
    /// Least and largest y (m) of the centres of columns.
    south_m: f64,
    north_m: f64,
    /// Columns of a row.
    columns: Range<usize>,
    layers: Range<usize>,
}

/// A kind of zone: how far it reaches, and what it does to a column.
type Kind<'a> = (
    fn(&Town<'a>, &Obstacle) -> Option<Reach>,
    fn(&Town<'a>, &Obstacle, &Place, &mut [Guess]),
);

/// The first guess of a town with what it was made of, so that an edit computes only the columns that it reaches.
#[derive(Clone, Debug)]
pub struct Guessed {
    /// From upwind to downwind.
    obstacles: Vec<Obstacle>,
    /// Column after column from the lowest cell up, columns row by row from the south.
    pub cells: Vec<Guess>,
}

/// Where a column of cells is: along and across the wind (m).
struct Place {
    s: f64,
    t: f64,
}

/// How far a kind of zone of a block reaches (m): before its front, behind its lee, beyond its sides, above its base.
struct Reach {
    upwind_m: f64,
    downwind_m: f64,
    aside_m: f64,
    top_m: f64,
}

impl Reach {
    /// Corners in wind axes, with a cell more on all sides.
    fn corners(&self, o: &Obstacle, cell_m: f64) -> [[f64; 2]; 4] {
        let s = [
            o.along_m[0] - self.upwind_m - cell_m,
            o.along_m[1] + self.downwind_m + cell_m,
        ];
        let aside = self.aside_m + cell_m;
        let t = [o.left_m - aside, o.left_m + o.width_m + aside];
        [[s[0], t[0]], [s[0], t[1]], [s[1], t[0]], [s[1], t[1]]]
    }
}

/// First guess for every cell, column after column from the lowest cell up, columns row by row from the south. `ground_m` is the ground of
/// each column, empty for the lowest level of the grid.
pub fn guess(
    grid: &WindGrid,
    solids: &Solids,
    blocks: &[Block],
    ground_m: &[f32],
    inflow: &Inflow,
    heading: Heading,
    constants: Constants,
    job: &Job,
) -> Result<Guessed, Cancelled> {
    let town = Town::new(grid, ground_m, inflow, heading, constants);
    let obstacles = town.obstacles(blocks, solids);
    let mut cells = vec![Guess::default(); grid.len()];
    let wanted = vec![true; grid.cells[0] * grid.cells[1]];
    town.fill(&obstacles, solids, &wanted, &mut cells, job)?;
    Ok(Guessed { obstacles, cells })
}

impl Guessed {
    /// Brings the guess of a town before an edit to `blocks` and `solids`, the same bits as from scratch; all else is as it was. `before` are the blocks
    /// of then and `changed` columns where solids differ. A cancelled guess is worth nothing. Gives the columns that were computed again.
    pub fn follow(
        &mut self,
        grid: &WindGrid,
        (before, blocks): (&[Block], &[Block]),
        (solids, changed): (&Solids, &[bool]),
        ground_m: &[f32],
        inflow: &Inflow,
        heading: Heading,
        constants: Constants,
        job: &Job,
    ) -> Result<Vec<bool>, Cancelled> {
        let town = Town::new(grid, ground_m, inflow, heading, constants);
        let obstacles = town.obstacles(blocks, solids);
        let (numbers, old, new) = compare(before, blocks, &self.obstacles, &obstacles);
        let mut wanted = changed.to_vec();
        for (obstacles, differs) in [(&self.obstacles, &old), (&obstacles, &new)] {
            for (n, o) in obstacles.iter().enumerate() {
                if differs[n] {
                    town.mark_columns(n, o, &mut wanted);
                }
            }
        }
        if numbers.iter().enumerate().any(|(n, &to)| n as u32 != to) {
            self.cells.par_iter_mut().for_each(|guess| {
                guess.block = numbers.get(guess.block as usize).copied().unwrap_or(0);
            });
        }
        town.fill(&obstacles, solids, &wanted, &mut self.cells, job)?;
        self.obstacles = obstacles;
        Ok(wanted)
    }
}

/// New number of each old block (0 for those that are gone), and which old and new obstacles have no equal on the other side, in the same order
/// along the wind.
fn compare(
    before: &[Block],
    blocks: &[Block],
    old: &[Obstacle],
    new: &[Obstacle],
) -> (Vec<u32>, Vec<bool>, Vec<bool>) {
    // Bits of a block; equal ones are told apart by their order.
    let key = |block: &Block| -> Vec<u64> {
        let corners = block.ring.iter().flatten();
        let all = corners.chain([&block.base_m, &block.top_m]);
        all.map(|x| x.to_bits()).collect()
    };
    let mut places: BTreeMap<Vec<u64>, Vec<usize>> = BTreeMap::new();
    for (n, block) in blocks.iter().enumerate().rev() {
        places.entry(key(block)).or_default().push(n);
    }
    let mut numbers = vec![0; before.len()];
    let mut origin = vec![None; blocks.len()];
    for (n, block) in before.iter().enumerate() {
        if let Some(to) = places.get_mut(&key(block)).and_then(Vec::pop) {
            numbers[n] = to as u32;
            origin[to] = Some(n);
        }
    }
    let mut rank = vec![None; before.len()];
    for (n, o) in old.iter().enumerate() {
        rank[o.block] = Some(n);
    }
    let (mut of_old, mut of_new) = (vec![true; old.len()], vec![true; new.len()]);
    let mut last = None;
    for (n, o) in new.iter().enumerate() {
        let Some(at) = origin[o.block].and_then(|before| rank[before]) else {
            continue;
        };
        // One that changed places with another counts as new.
        if last.is_none_or(|last| at > last) {
            let differs = !o.same_but_for_number(&old[at]);
            (of_old[at], of_new[n]) = (differs, differs);
            last = Some(at);
        }
    }
    (numbers, of_old, of_new)
}

impl<'a> Town<'a> {
    /// Zones that come before wakes, and those after them.
    const BEFORE_WAKES: [Kind<'a>; 1] = [(Self::displacement_reach, Self::displacement)];
    const WAKES: [Kind<'a>; 1] = [(Self::wake_reach, Self::wake)];
    const AFTER_WAKES: [Kind<'a>; 4] = [
        (Self::recirculation_reach, Self::recirculation),
        (Self::slanting_front_reach, Self::slanting_front),
        (Self::downwash_reach, Self::downwash),
        (Self::side_reach, Self::rooftop_and_sidewall),
    ];

    fn new(
        grid: &'a WindGrid,
        ground_m: &'a [f32],
        inflow: &'a Inflow,
        heading: Heading,
        constants: Constants,
    ) -> Self {
        Self {
            grid,
            inflow,
            heading,
            constants,
            ground_m,
            centres_m: (0..grid.cells[2]).map(|k| grid.height_m(k)).collect(),
        }
    }

    /// Blocks from upwind to downwind.
    fn obstacles(&self, blocks: &[Block], solids: &Solids) -> Vec<Obstacle> {
        let wind = (self.inflow, self.heading);
        let mut obstacles: Vec<Obstacle> = blocks
            .par_iter()
            .enumerate()
            .filter_map(|(n, block)| Obstacle::new(self.grid, block, n, wind, &solids.tops_m))
            .collect();
        obstacles.sort_by(|a, b| {
            let middle = |o: &Obstacle| o.along_m[0] + o.along_m[1];
            middle(a).total_cmp(&middle(b)).then(a.block.cmp(&b.block))
        });
        obstacles
    }

    /// Where a kind of zone of a block may be.
    fn area(&self, n: usize, o: &Obstacle, kind: &Kind<'a>) -> Option<Area> {
        let reach = kind.0(self, o)?;
        let cell = self.grid.cell_m;
        let corners = reach.corners(o, cell).map(|p| self.heading.from_wind(p));
        let range = |axis: usize| {
            let low = corners.iter().map(|p| p[axis]).fold(f64::MAX, f64::min);
            let high = corners.iter().map(|p| p[axis]).fold(f64::MIN, f64::max);
            (low, high)
        };
        let ((west, east), (south_m, north_m)) = (range(0), range(1));
        let nx = self.grid.cells[0];
        let clip = |x: f64| (((x - self.grid.west_m) / cell).max(0.0) as usize).min(nx);
        Some(Area {
            obstacle: n,
            south_m,
            north_m,
            columns: clip(west)..clip(east + cell),
            // Above the block's base and below the zone's top.
            layers: self.layers(o.base_m, o.base_m + reach.top_m),
        })
    }

    /// Marks all columns where a block may have a zone.
    fn mark_columns(&self, n: usize, o: &Obstacle, wanted: &mut [bool]) {
        let [nx, ny, _] = self.grid.cells;
        let kinds = Self::BEFORE_WAKES.into_iter();
        let kinds = kinds.chain(Self::WAKES).chain(Self::AFTER_WAKES);
        for area in kinds.filter_map(|kind| self.area(n, o, &kind)) {
            for j in 0..ny {
                let y = self.grid.centre_m(0, j)[1];
                if y >= area.south_m && y <= area.north_m && !area.columns.is_empty() {
                    wanted[j * nx..][area.columns.clone()].fill(true);
                }
            }
        }
    }

    /// Computes the wanted columns.
    fn fill(
        &self,
        obstacles: &[Obstacle],
        solids: &Solids,
        wanted: &[bool],
        cells: &mut [Guess],
        job: &Job,
    ) -> Result<(), Cancelled> {
        let [nx, _, nz] = self.grid.cells;
        let areas = |kind: &Kind<'a>| -> Vec<Area> {
            let areas = obstacles.iter().enumerate();
            areas.filter_map(|(n, o)| self.area(n, o, kind)).collect()
        };
        let before = Self::BEFORE_WAKES.map(|kind| (kind, areas(&kind)));
        let wakes = Self::WAKES.map(|kind| (kind, areas(&kind)));
        let after = Self::AFTER_WAKES.map(|kind| (kind, areas(&kind)));
        cells
            .par_chunks_mut(nx * nz)
            .zip(wanted.par_chunks(nx))
            .enumerate()
            .try_for_each(|(j, (row, wanted))| {
                if !wanted.contains(&true) {
                    return Ok(());
                }
                job.check_cancelled()?;
                self.arrive(j, wanted, row);
                self.pass(obstacles, &before, j, wanted, row);
                self.pass(obstacles, &wakes, j, wanted, row);
                let columns = || wanted.iter().enumerate().filter(|(_, wanted)| **wanted);
                for (i, _) in columns() {
                    for guess in &mut row[i * nz..][..nz] {
                        let kept = self.kept(guess) as f32;
                        guess.velocity = guess.velocity.map(|v| v * kept);
                    }
                }
                self.pass(obstacles, &after, j, wanted, row);
                for (i, _) in columns() {
                    for (k, guess) in row[i * nz..][..nz].iter_mut().enumerate() {
                        if solids.is_solid(self.grid.at(i, j, k)) {
                            guess.velocity = [0.0; 3];
                        }
                    }
                }
                Ok(())
            })
    }

    /// The approaching wind in the wanted columns of a row.
    fn arrive(&self, j: usize, wanted: &[bool], row: &mut [Guess]) {
        let [nx, _, nz] = self.grid.cells;
        let floor = self.grid.levels_m[0] as f32;
        let mut profile: Option<(f32, Vec<Guess>)> = None;
        for (i, column) in row.chunks_exact_mut(nz).enumerate() {
            if !wanted[i] {
                continue;
            }
            let ground = self.ground_m.get(j * nx + i).copied().unwrap_or(floor);
            // Neighbours often stand on the same ground.
            if profile.as_ref().is_none_or(|(known, _)| *known != ground) {
                profile = Some((ground, self.profile(f64::from(ground))));
            }
            if let Some((_, profile)) = &profile {
                column.copy_from_slice(profile);
            }
        }
    }

    /// The approaching wind over ground at a height (m).
    fn profile(&self, ground_m: f64) -> Vec<Guess> {
        let guess = |&centre: &f64| {
            let height = centre - ground_m;
            let k = self.inflow.k_m2_per_s2(height) as f32;
            Guess {
                velocity: [self.inflow.speed_mps(height) as f32, 0.0, 0.0],
                k,
                gust_k: k,
                kept: 1.0,
                ..Guess::default()
            }
        };
        self.centres_m.iter().map(guess).collect()
    }

    /// Applies kinds of zones to the wanted columns of a row, one kind after the other, block after block from upwind to downwind.
    fn pass(
        &self,
        obstacles: &[Obstacle],
        kinds: &[(Kind<'a>, Vec<Area>)],
        j: usize,
        wanted: &[bool],
        row: &mut [Guess],
    ) {
        let nz = self.grid.cells[2];
        let y = self.grid.centre_m(0, j)[1];
        for ((_, apply), areas) in kinds {
            for area in areas {
                if y < area.south_m || y > area.north_m {
                    continue;
                }
                let obstacle = &obstacles[area.obstacle];
                for i in area.columns.clone() {
                    if !wanted[i] {
                        continue;
                    }
                    let [s, t] = self.heading.to_wind(self.grid.centre_m(i, j));
                    let column = &mut row[i * nz..][area.layers.clone()];
                    apply(self, obstacle, &Place { s, t }, column);
                }
            }
        }
    }

    /// Layers whose centres are between two heights (m).
    fn layers(&self, low_m: f64, high_m: f64) -> Range<usize> {
        let above = |z: f64| self.centres_m.partition_point(|&centre| centre < z);
        let (low, high) = (above(low_m), above(high_m));
        low..high.max(low)
    }

    /// Height (m) above the block's base of each cell of a column that [`Town::pass`] gives to a zone.
    fn heights<'b>(&'b self, o: &Obstacle) -> impl Iterator<Item = f64> + use<'a, 'b> {
        let base = o.base_m;
        let low = self.layers(base, base).start;
        self.centres_m[low..]
            .iter()
            .map(move |centre| centre - base)
    }
}
