//! Tier 1: the wind of one direction in a second. Zones around the blocks, then the least change that conserves mass.

use std::sync::Arc;

use rayon::prelude::*;

use crate::job::{Cancelled, Job};

use super::flow::Flow;
use super::grid::WindGrid;
use super::heading::Heading;
use super::inflow::Inflow;
use super::poisson::{Poisson, Solved};
use super::project::{change_solver, potential_solver, project, rows_mut, to_faces};
use super::roeckle::trees::slow;
use super::roeckle::{Constants, Guess, Guessed, Zone, guess};
use super::solids::{Block, Solids, tops_m};
use super::vegetation::{Canopy, Tree};

/// Relative residual of the potential: speeds then change by less than a thousandth.
const TOLERANCE: f32 = 1e-4;
/// The same after an edit: what it left undone stands in the few cells around it, and the norm is that of the whole town.
const FOLLOWED_TOLERANCE: f32 = 3e-5;
/// The potential needs some ten iterations; more than this means that something is wrong with the grid.
const MOST_ITERATIONS: usize = 50;

/// A place with its buildings, for any number of wind directions.
pub struct Site {
    /// Cells.
    pub grid: WindGrid,
    /// Free shares of cells and faces.
    pub solids: Solids,
    /// Parts of buildings.
    pub blocks: Arc<Vec<Block>>,
    /// Ground (m) of each column, row by row from the south; empty for the lowest level of the grid.
    pub ground_m: Vec<f32>,
    /// Leaves of trees.
    pub canopy: Canopy,
    solver: Poisson,
    /// Start of the next solution: that of the last one.
    potential: Vec<f32>,
    /// What directions left for the next edit; None where nothing is kept.
    kept: Option<Vec<Kept>>,
}

/// What a direction leaves for the wind after an edit.
struct Kept {
    inflow: Inflow,
    heading: Heading,
    constants: Constants,
    guessed: Guessed,
    potential: Vec<f32>,
    /// Blocks of that time, and columns whose solids have changed since.
    blocks: Arc<Vec<Block>>,
    changed: Vec<bool>,
    /// True where no edit came since.
    is_fresh: bool,
}

/// Cells times directions that a site keeps at most for the next edit, and bytes of each.
pub const MOST_KEPT: usize = 4_000_000;
/// See [`MOST_KEPT`].
pub const KEPT_BYTES: usize = size_of::<Guess>() + size_of::<f32>();

/// Wind of one direction.
#[derive(Clone, Debug)]
pub struct Field {
    /// Mean velocities (m/s).
    pub flow: Flow,
    /// Turbulent kinetic energy (m²/s²) of each cell in the mean of the speed.
    pub k: Vec<f32>,
    /// The same of gusts, without that of shear ([`shear_k`](super::turbulence::shear_k)).
    pub gust_k: Vec<f32>,
    /// What made the wind in each cell, and the number of the block behind it.
    pub zones: Vec<(Zone, u32)>,
    /// How the potential was found.
    pub solved: Solved,
}

impl Site {
    /// Voxels of blocks on the ground.
    pub fn new(grid: WindGrid, blocks: Vec<Block>, ground_m: Vec<f32>) -> Self {
        let tops_m = tops_m(&grid, &ground_m, &blocks);
        Self::with_tops(grid, blocks, ground_m, tops_m)
    }

    /// The same with heights of their own at the samples (order of [`Solids::tops_m`]): pitched roofs, yards.
    pub fn with_tops(
        grid: WindGrid,
        blocks: Vec<Block>,
        ground_m: Vec<f32>,
        tops_m: Vec<f32>,
    ) -> Self {
        let solids = Solids::new(&grid, tops_m);
        let solver = potential_solver(&grid, &solids);
        let potential = vec![0.0; grid.len()];
        Self {
            grid,
            solids,
            blocks: Arc::new(blocks),
            ground_m,
            canopy: Canopy::default(),
            solver,
            potential,
            kept: None,
        }
    }

    /// The same place that keeps what directions leave, so that an edit ([`Site::change`]) is answered faster.
    #[must_use]
    pub fn keeping(mut self) -> Self {
        self.kept = Some(Vec::new());
        self
    }

    /// True where [`Site::change`] leads to a place on this grid and this ground.
    pub fn follows(&self, grid: &WindGrid, ground_m: &[f32]) -> bool {
        self.grid == *grid && self.ground_m == ground_m
    }

    /// Brings the place to other blocks and heights at the samples. Voxels and zones are those of a new place to the bit; the potential starts from the one
    /// before the edit and meets the same tolerance.
    pub fn change(&mut self, blocks: Vec<Block>, tops_m: Vec<f32>) {
        let changed = self.solids.change(&self.grid, tops_m);
        change_solver(&mut self.solver, &self.grid, &self.solids, &changed);
        self.blocks = Arc::new(blocks);
        // Directions that nobody asked for since the last edit make room.
        if let Some(kept) = &mut self.kept {
            kept.retain(|kept| kept.is_fresh);
        }
        for kept in self.kept.iter_mut().flatten() {
            kept.is_fresh = false;
            for (all, new) in kept.changed.iter_mut().zip(&changed) {
                *all |= new;
            }
        }
    }

    /// The same place with these trees in place of those it had.
    #[must_use]
    pub fn with_trees(mut self, trees: &[Tree]) -> Self {
        self.canopy = Canopy::new(&self.grid, trees);
        self
    }

    /// Wind that arrives with a profile and a heading.
    pub fn wind(&mut self, inflow: &Inflow, heading: Heading) -> Field {
        self.wind_with(inflow, heading, Constants::FITTED)
    }

    /// The same with other constants: to fit them, and to see what a case says that took no part in the fit.
    pub fn wind_with(&mut self, inflow: &Inflow, heading: Heading, constants: Constants) -> Field {
        let never = Job::default();
        self.wind_for(&never, inflow, heading, constants)
            .expect("nobody else has this job to cancel it")
    }

    /// The same for a job that may be cancelled: it then ends after some hundredths of a second of work.
    pub fn wind_for(
        &mut self,
        job: &Job,
        inflow: &Inflow,
        heading: Heading,
        constants: Constants,
    ) -> Result<Field, Cancelled> {
        let known = self.kept.as_ref().and_then(|kept| {
            let is_this =
                |k: &Kept| (&k.inflow, k.heading, k.constants) == (inflow, heading, constants);
            kept.iter().position(is_this)
        });
        let known = self
            .kept
            .as_mut()
            .zip(known)
            .map(|(kept, n)| kept.remove(n));
        let tolerance = match known {
            Some(_) => FOLLOWED_TOLERANCE,
            None => TOLERANCE,
        };
        let (guessed, start) = match known {
            Some(mut known) => {
                known.guessed.follow(
                    &self.grid,
                    (&known.blocks, &self.blocks),
                    (&self.solids, &known.changed),
                    &self.ground_m,
                    inflow,
                    heading,
                    constants,
                    job,
                )?;
                (known.guessed, Some(known.potential))
            }
            None => {
                let guessed = guess(
                    &self.grid,
                    &self.solids,
                    &self.blocks,
                    &self.ground_m,
                    inflow,
                    heading,
                    constants,
                    job,
                )?;
                (guessed, None)
            }
        };
        if let Some(start) = start {
            self.potential = start;
        }
        let room = self
            .kept
            .as_ref()
            .is_some_and(|kept| (kept.len() + 1) * self.grid.len() <= MOST_KEPT);
        let mut guessed = guessed;
        // Trees change the guess in place: what is kept has none.
        let before_trees = (room && !self.canopy.is_empty()).then(|| guessed.clone());
        slow(
            &self.grid,
            &self.solids,
            &self.canopy,
            &self.ground_m,
            inflow,
            heading,
            constants,
            &mut guessed.cells,
            job,
        )?;
        let cells = &guessed.cells;
        let mut flow = to_faces(&self.grid, &self.solids, cells, heading);
        job.check_cancelled()?;
        let solved = project(
            &self.grid,
            &self.solids,
            &mut self.solver,
            &mut self.potential,
            &mut flow,
            (tolerance, MOST_ITERATIONS),
            job,
        )?;
        let (k, gust_k, zones) = in_grid_order(&self.grid, cells);
        let field = Field {
            flow,
            k,
            gust_k,
            zones,
            solved,
        };
        if let Some(kept) = self.kept.as_mut().filter(|_| room) {
            kept.push(Kept {
                inflow: inflow.clone(),
                heading,
                constants,
                guessed: before_trees.unwrap_or(guessed),
                potential: self.potential.clone(),
                blocks: self.blocks.clone(),
                changed: vec![false; self.grid.cells[0] * self.grid.cells[1]],
                is_fresh: true,
            });
        }
        Ok(field)
    }
}

/// Turbulent energy, that of gusts, and zones in the order of the grid, from cells in columns.
fn in_grid_order(grid: &WindGrid, cells: &[Guess]) -> (Vec<f32>, Vec<f32>, Vec<(Zone, u32)>) {
    let [nx, ny, nz] = grid.cells;
    let (mut k, mut gust_k) = (vec![0.0; grid.len()], vec![0.0; grid.len()]);
    let mut zones = vec![(Zone::Free, 0); grid.len()];
    let energies = rows_mut(&mut k, nx, ny);
    let energies = energies.into_par_iter().zip(rows_mut(&mut gust_k, nx, ny));
    let rows = energies.zip(rows_mut(&mut zones, nx, ny));
    rows.zip(cells.par_chunks(nx * nz))
        .for_each(|(((ks, gusts), zones), cells)| {
            for (n, ((k, gust_k), zones)) in ks.into_iter().zip(gusts).zip(zones).enumerate() {
                for (i, cell) in cells[n..].iter().step_by(nz).enumerate() {
                    (k[i], gust_k[i]) = (cell.k, cell.gust_k);
                    zones[i] = (cell.zone, cell.block);
                }
            }
        });
    (k, gust_k, zones)
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::super::grid::levels;
    use super::super::probe::wind_at;
    use super::super::vegetation::Crown;
    use super::*;

    const SIDE: usize = 40;

    fn grid() -> WindGrid {
        WindGrid {
            cells: [SIDE, SIDE, 14],
            cell_m: 3.0,
            west_m: -60.0,
            south_m: -60.0,
            levels_m: levels(0.0, 2.0, 12.0, 1.3, 12.0, 60.0)[..15].to_vec(),
        }
    }

    /// A tower behind a low house, and a house turned against both.
    fn blocks() -> Vec<Block> {
        let house = |ring: [[f64; 2]; 4], top_m: f64| Block {
            ring: ring.to_vec(),
            base_m: 0.0,
            top_m,
        };
        vec![
            house(
                [[-24.0, -9.0], [-12.0, -9.0], [-12.0, 12.0], [-24.0, 12.0]],
                9.0,
            ),
            house([[0.0, -9.0], [15.0, -9.0], [15.0, 6.0], [0.0, 6.0]], 27.0),
            house([[6.0, 18.0], [18.0, 24.0], [12.0, 36.0], [0.0, 30.0]], 12.0),
        ]
    }

    fn inflow() -> Inflow {
        Inflow::Log {
            z0_m: 0.5,
            reference_m: 10.0,
            speed_mps: 4.0,
        }
    }

    fn wind(blocks: &[Block], from_rad: f64) -> (Site, Field) {
        planted(blocks, &[], from_rad)
    }

    fn planted(blocks: &[Block], trees: &[Tree], from_rad: f64) -> (Site, Field) {
        let mut site = Site::new(grid(), blocks.to_vec(), Vec::new()).with_trees(trees);
        let field = site.wind(&inflow(), Heading::coming_from(from_rad));
        (site, field)
    }

    /// Trees on both sides of the street between the house and the tower, and one by itself.
    fn trees() -> Vec<Tree> {
        let places = [[-6.0, -8.0], [-5.5, 1.0], [-6.0, 7.0], [-40.0, 20.0]];
        let tree = |centre: [f64; 2]| Tree {
            centre,
            crown: Crown::Spheroid,
            radius_m: 3.4,
            crown_base_m: 2.5,
            top_m: 11.0,
            leaf_area_density: 1.0,
        };
        places.map(tree).to_vec()
    }

    /// Largest difference (m/s) between two fields, with cells and velocities of the second one moved by a map of the plan.
    fn difference(
        (site, a): &(Site, Field),
        (_, b): &(Site, Field),
        place: impl Fn(usize, usize) -> (usize, usize),
        turn: impl Fn(f32, f32) -> (f32, f32),
    ) -> f32 {
        let mut worst = 0.0_f32;
        for k in 0..14 {
            for j in 0..SIDE {
                for i in 0..SIDE {
                    let (i2, j2) = place(i, j);
                    let [u, v, w] = a.flow.at_centre(&site.grid, [i, j, k]);
                    let [u2, v2, w2] = b.flow.at_centre(&site.grid, [i2, j2, k]);
                    let (u2, v2) = turn(u2, v2);
                    worst = worst
                        .max((u - u2).abs())
                        .max((v - v2).abs())
                        .max((w - w2).abs());
                }
            }
        }
        worst
    }

    #[test]
    fn wind_turned_with_its_town_is_the_same_wind() {
        let quarter: Vec<Block> = blocks()
            .into_iter()
            .map(|b| Block {
                ring: b.ring.iter().map(|[x, y]| [*y, -x]).collect(),
                ..b
            })
            .collect();
        for from in [1.5 * PI, 4.1] {
            // Clockwise by a quarter: what blew to the east blows to the south.
            for planting in [Vec::new(), trees()] {
                let turned: Vec<Tree> = planting
                    .iter()
                    .map(|tree| Tree {
                        centre: [tree.centre[1], -tree.centre[0]],
                        ..*tree
                    })
                    .collect();
                let a = planted(&blocks(), &planting, from);
                let b = planted(&quarter, &turned, from + 0.5 * PI);
                let worst = difference(&a, &b, |i, j| (j, SIDE - 1 - i), |u, v| (-v, u));
                assert!(worst < 5e-3, "{from}: {worst} m/s");
            }
        }
    }

    #[test]
    fn a_mirrored_town_has_the_mirrored_wind() {
        let mirrored: Vec<Block> = blocks()
            .into_iter()
            .map(|b| Block {
                ring: b.ring.iter().map(|[x, y]| [*x, -y]).collect(),
                ..b
            })
            .collect();
        // West wind, and one from the south-west against one from the north-west.
        for (from, other) in [(1.5 * PI, 1.5 * PI), (1.27 * PI, 1.73 * PI)] {
            for planting in [Vec::new(), trees()] {
                let turned: Vec<Tree> = planting
                    .iter()
                    .map(|tree| Tree {
                        centre: [tree.centre[0], -tree.centre[1]],
                        ..*tree
                    })
                    .collect();
                let a = planted(&blocks(), &planting, from);
                let b = planted(&mirrored, &turned, other);
                let worst = difference(&a, &b, |i, j| (i, SIDE - 1 - j), |u, v| (u, -v));
                assert!(worst < 5e-3, "{from}: {worst} m/s");
            }
        }
    }

    #[test]
    fn mass_is_conserved_nothing_crosses_walls_and_threads_change_no_bit() {
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| planted(&blocks(), &trees(), 4.1))
        };
        let (site, field) = run(1);
        let outflow = field.flow.outflow(&site.grid, &site.solids);
        // Of what passes a face of a cell at 4 m/s.
        let largest = outflow.iter().fold(0.0_f32, |a, b| a.max(b.abs())) / (3.0 * 2.0 * 4.0);
        assert!(largest < 2e-3, "{largest}");
        for (axis, speeds) in [&field.flow.u, &field.flow.v, &field.flow.w]
            .into_iter()
            .enumerate()
        {
            let closed = speeds
                .iter()
                .zip(&site.solids.open[axis])
                .filter(|(_, open)| **open == 0);
            assert!(closed.into_iter().all(|(speed, _)| *speed == 0.0));
            assert!(speeds.iter().all(|speed| speed.abs() < 20.0));
        }
        for threads in [2, 8] {
            assert_eq!(run(threads).1.flow, field.flow, "{threads} threads");
        }
    }

    #[test]
    fn after_edits_the_wind_is_that_from_scratch() {
        // Houses that come, go, move and change their places in the list, with and without trees.
        let mut state = 11_u64;
        let mut random = move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) as f64 / (1_u64 << 31) as f64
        };
        for (threads, planting) in [(1, Vec::new()), (2, trees()), (8, Vec::new())] {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            let mut town = blocks();
            let headings = [4.1, 1.5 * PI].map(Heading::coming_from);
            let new = |town: &[Block]| Site::new(grid(), town.to_vec(), Vec::new());
            let mut live = new(&town).with_trees(&planting).keeping();
            let cold =
                headings.map(|heading| pool.install(|| live.wind(&inflow(), heading)).solved);
            // Nothing edited: what is kept is what is asked for.
            live.change(town.clone(), tops_m(&grid(), &[], &town));
            for (heading, cold) in headings.into_iter().zip(cold) {
                let warm = pool.install(|| live.wind(&inflow(), heading)).solved;
                assert!(2 * warm.iterations < cold.iterations, "{warm:?} {cold:?}");
            }
            for edit in 0..12 {
                let n = (random() * town.len() as f64) as usize;
                match edit % 4 {
                    0 => town[n].top_m = 6.0 + 20.0 * random(),
                    1 => {
                        let by = [random() * 20.0 - 10.0, random() * 20.0 - 10.0];
                        for corner in &mut town[n].ring {
                            *corner = [corner[0] + by[0], corner[1] + by[1]];
                        }
                    }
                    2 => {
                        let (x, y) = (80.0 * random() - 50.0, 80.0 * random() - 50.0);
                        let ring = vec![[x, y], [x + 9.0, y], [x + 9.0, y + 12.0], [x, y + 12.0]];
                        let house = Block {
                            ring,
                            base_m: 0.0,
                            top_m: 9.0,
                        };
                        town.insert(0, house);
                    }
                    _ => {
                        town.swap_remove(n);
                    }
                }
                let scratch_tops = tops_m(&grid(), &[], &town);
                live.change(town.clone(), scratch_tops);
                for heading in headings {
                    let mut scratch = new(&town).with_trees(&planting);
                    let (now, want) = pool.install(|| {
                        let want = scratch.wind(&inflow(), heading);
                        (live.wind(&inflow(), heading), want)
                    });
                    assert!(live.solids == scratch.solids, "edit {edit}");
                    assert_eq!(now.k, want.k, "edit {edit}");
                    assert_eq!(now.gust_k, want.gust_k, "edit {edit}");
                    let told = |field: &Field| -> Vec<(Zone, u32)> {
                        let zones = field.zones.iter();
                        let has_block = |zone| !matches!(zone, Zone::Free | Zone::Trees);
                        zones
                            .map(|&(zone, block)| (zone, if has_block(zone) { block } else { 0 }))
                            .collect()
                    };
                    assert_eq!(told(&now), told(&want), "edit {edit}");
                    assert!(now.solved.residual <= FOLLOWED_TOLERANCE);
                    for (a, b) in [
                        (&now.flow.u, &want.flow.u),
                        (&now.flow.v, &want.flow.v),
                        (&now.flow.w, &want.flow.w),
                    ] {
                        let worst = a.iter().zip(b).map(|(a, b)| (a - b).abs());
                        let worst = worst.fold(0.0, f32::max);
                        assert!(worst < 0.01, "edit {edit}: {worst} m/s");
                    }
                }
            }
        }
    }

    #[test]
    fn trees_slow_the_wind_behind_them_and_change_nothing_where_there_are_none() {
        let west = 1.5 * PI;
        let (site, with) = planted(&blocks(), &trees(), west);
        let (_, without) = wind(&blocks(), west);
        let speed = |field: &Field, i: usize, j: usize| {
            let [u, v, _] = field.flow.at_centre(&site.grid, [i, j, 2]);
            u.hypot(v)
        };
        // Behind the tree that stands by itself, at (-40, 20).
        assert!(speed(&with, 9, 26) < 0.8 * speed(&without, 9, 26));
        assert!((speed(&with, 30, 2) - speed(&without, 30, 2)).abs() < 0.05);
        assert_eq!(with.zones[site.grid.at(9, 26, 2)].0, Zone::Trees);
        assert_eq!(planted(&blocks(), &[], west).1.flow, without.flow);
    }

    #[test]
    fn a_tower_behind_a_low_house_has_downwash_at_its_foot() {
        let (site, field) = wind(&blocks(), 1.5 * PI);
        let foot = site.grid.at(18, 19, 0);
        assert_eq!(field.zones[foot], (Zone::Downwash, 1));
        let alone: Vec<Block> = blocks().into_iter().filter(|b| b.top_m != 27.0).collect();
        let (_, without) = wind(&alone, 1.5 * PI);
        let speed = |field: &Field, j: usize| {
            let [u, v, _] = field.flow.at_centre(&site.grid, [18, j, 0]);
            u.hypot(v)
        };
        // At the corner of the tower, where the downwash leaves.
        assert!(speed(&field, 16) > speed(&without, 16) + 0.5);
    }

    #[test]
    fn a_yard_between_the_walls_of_a_block_is_calm() {
        // A horseshoe, open to the north, with a yard of 18 m x 18 m.
        let horseshoe = Block {
            ring: vec![
                [-18.0, -18.0],
                [18.0, -18.0],
                [18.0, 9.0],
                [9.0, 9.0],
                [9.0, -9.0],
                [-9.0, -9.0],
                [-9.0, 9.0],
                [-18.0, 9.0],
            ],
            base_m: 0.0,
            top_m: 16.0,
        };
        let (site, field) = wind(&[horseshoe], 1.5 * PI);
        let free = inflow().speed_mps(1.0) as f32;
        for (i, j) in [(19, 18), (20, 19), (18, 17)] {
            let [u, v, _] = field.flow.at_centre(&site.grid, [i, j, 0]);
            assert!(u.hypot(v) < 0.3 * free, "{u} {v} of {free}");
        }
    }

    /// West wind that is turned by an angle (degrees) from square to a wall along x whose front looks south.
    fn along_a_wall(length: f64, from_square_deg: f64) -> impl Fn(f64) -> f64 {
        let block = Block {
            ring: vec![[0.0, 0.0], [length, 0.0], [length, 24.0], [0.0, 24.0]],
            base_m: 0.0,
            top_m: 24.0,
        };
        let grid = WindGrid {
            cells: [75 + length as usize / 4, 75, 24],
            cell_m: 4.0,
            west_m: -120.0,
            south_m: -140.0,
            levels_m: levels(0.0, 2.0, 28.0, 1.2, 12.0, 130.0)[..25].to_vec(),
        };
        let angle = from_square_deg.to_radians();
        let mut site = Site::new(grid, vec![block], Vec::new());
        let field = site.wind(&inflow(), Heading([angle.sin(), angle.cos()]));
        move |x| {
            let at = [x, -6.0];
            wind_at(
                &site.grid,
                &site.solids,
                &field.flow,
                &field.k,
                at,
                2.0,
                0.5,
            )
            .map_or(f64::NAN, |wind| wind.vector_speed())
        }
    }

    #[test]
    fn a_long_wall_speeds_the_wind_up_at_its_end_alone() {
        for from_square_deg in [45.0_f64, 60.0] {
            let own = inflow().speed_mps(2.0) * from_square_deg.to_radians().sin();
            let long = along_a_wall(176.0, from_square_deg);
            let (middle, end) = (long(88.0), long(170.0));
            // The wind keeps what it has along a wall without ends.
            assert!((middle / own - 1.0).abs() < 0.08, "{own} {middle}");
            assert!(end > 2.0 * own, "{own} {end}");
            // There the length of the wall matters little.
            let short = along_a_wall(24.0, from_square_deg)(18.0);
            assert!((short / end - 1.0).abs() < 0.3, "{short} {end}");
        }
    }

    #[test]
    fn turbulence_of_wakes_is_in_their_shear_layers_and_small_behind_shelter() {
        let row = |west: f64| Block {
            ring: vec![
                [west, -9.0],
                [west + 9.0, -9.0],
                [west + 9.0, 9.0],
                [west, 9.0],
            ],
            base_m: 0.0,
            top_m: 12.0,
        };
        // With little turbulence of its own.
        let inflow = Inflow::Power {
            alpha: 0.2,
            reference_m: 10.0,
            speed_mps: 4.0,
        };
        let k = |blocks: Vec<Block>, x: f64, y: f64| {
            let mut site = Site::new(grid(), blocks, Vec::new());
            let field = site.wind(&inflow, Heading([1.0, 0.0]));
            wind_at(
                &site.grid,
                &site.solids,
                &field.flow,
                &field.gust_k,
                [x, y],
                2.0,
                0.5,
            )
            .map_or(f64::NAN, |wind| wind.k_m2_per_s2)
        };
        let (first, second) = (vec![row(-24.0)], vec![row(-24.0), row(3.0)]);
        let (core, layer) = (k(first.clone(), -9.0, 0.0), k(first, -9.0, 12.0));
        let (behind_one, behind_two) = (k(vec![row(3.0)], 18.0, 10.0), k(second, 18.0, 10.0));
        assert!(layer > 1.45 * core, "{core} {layer}");
        assert!(behind_two < 0.89 * behind_one, "{behind_one} {behind_two}");
    }
}
