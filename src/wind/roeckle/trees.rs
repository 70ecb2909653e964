//! Inside and behind trees: the wind that leaves take, and how its lack spreads.
//!
//! The lack of wind d (m/s) of the approaching profile U(z) is marched along the wind, from one plane of cells to the next, with u = U - d:
//!
//! * leaves take momentum, du/ds = -c a u, with the leaf area density a (m²/m³) and the drag c: the force c a u² of canopy models (Wilson &
//!   Shaw 1977, doi:10.1175/1520-0450(1977)016<1197:AHOCMF>2.0.CO;2) along a line of the wind;
//! * turbulence mixes, u dd/ds = d/dz (U m dd/dz), and likewise across the wind. The length m grows with the distance s from the leaves, m = g² s,
//!   as in a shear layer whose thickness is g s, until it is that of the lower boundary layer, m = k u* / U z. In a forest leaves
//!   and mixing are in balance, and the wind falls off about exponentially below the tops, as Cionco found (1965,
//!   doi:10.1175/1520-0450(1965)004<0517:AMMFAF>2.0.CO;2); behind a row the lack grows wider and weaker.
//!
//! Then the first guess is multiplied by 1 - d / U, after all zones of buildings. The projection that follows makes the rest of a windbreak:
//! slower wind in front of it, faster wind above it and through the gap below the crowns. Buildings end the lack of wind of the trees
//! upwind of them: what follows is theirs. Turbulent energy falls with the square of the speed, and does not rise again further behind.
//!
//! Valid for crowns of a cell or more, on ground without steep slopes. Stems are missing, and so is what trees add to the turbulence.

use std::ops::Range;

use super::{Constants, Guess, Zone};
use crate::job::{Cancelled, Job};
use crate::wind::grid::WindGrid;
use crate::wind::heading::Heading;
use crate::wind::inflow::Inflow;
use crate::wind::solids::Solids;
use crate::wind::vegetation::Canopy;

/// Lack of wind, as a share of it, that is not followed any further.
const LEAST_LACK: f64 = 0.005;
/// Lack of wind from which a place is told to be sheltered by trees.
const TOLD_LACK: f64 = 0.1;
/// Share of the wind that trees always leave: air in a forest is never quite still.
const LEAST_LEFT: f64 = 0.03;
/// How high the lack of wind is followed, in heights of the highest tree.
const REACH: f64 = 2.0;

/// Slows the first guess (order of [`guess`](super::guess)) inside and behind trees. `ground_m` is the ground (m) of each column, empty for
/// the lowest level of the grid. Costs nothing without trees; runs on one thread, as a plane is too small to share.
pub fn slow(
    grid: &WindGrid,
    solids: &Solids,
    canopy: &Canopy,
    ground_m: &[f32],
    inflow: &Inflow,
    heading: Heading,
    constants: Constants,
    cells: &mut [Guess],
    job: &Job,
) -> Result<(), Cancelled> {
    if canopy.is_empty() {
        return Ok(());
    }
    let march = March::new(grid, solids, canopy, ground_m, inflow, heading, constants);
    let speed = |k: usize| inflow.speed_mps(grid.height_m(k) - grid.levels_m[0]);
    let still = WindLine::still((0..march.layers).map(speed).collect());
    let mut lines = vec![still; march.lines()];
    for step in 0..march.planes {
        job.check_cancelled()?;
        let seen = march.in_plane(step);
        let lines = &mut lines[seen.clone()];
        march.mix_across(step, seen.clone(), lines);
        for (line, number) in lines.iter_mut().zip(seen.clone()) {
            march.leaves_and_height(step, number, line);
        }
        march.slow_plane(step, seen, lines, cells);
    }
    Ok(())
}

/// Lack of wind along a line of the wind, where it crosses a plane of cells.
#[derive(Clone, Debug)]
struct WindLine {
    /// Speed (m/s) that arrives in each layer.
    speed: Vec<f64>,
    /// Lack (m/s) in each layer.
    lack: Vec<f64>,
    /// Distance (m) from the leaves that made it.
    since_m: f64,
    /// False without a lack.
    lacks: bool,
    /// Of diffusion: conductances to the next cell, and ratios of the elimination.
    conductance: Vec<f64>,
    ratio: Vec<f64>,
}

impl WindLine {
    fn still(speed: Vec<f64>) -> Self {
        let layers = speed.len();
        Self {
            speed,
            lack: vec![0.0; layers],
            since_m: 0.0,
            lacks: false,
            conductance: vec![0.0; layers],
            ratio: vec![0.0; layers],
        }
    }

    /// Implicit diffusion over the height, with the conductances (m) to the layer above; nothing passes the ground.
    fn mix_up(&mut self, thickness_m: &[f64]) {
        let (mut below, mut ratio, mut value) = (0.0, 0.0, 0.0);
        for (k, d) in self.lack.iter_mut().enumerate() {
            let above = self.conductance[k];
            let diagonal = thickness_m[k] + below * (1.0 - ratio) + above;
            ratio = above / diagonal;
            value = (thickness_m[k] * *d + below * value) / diagonal;
            (self.ratio[k], *d, below) = (ratio, value, above);
        }
        for k in (1..self.lack.len()).rev() {
            self.lack[k - 1] += self.ratio[k - 1] * self.lack[k];
        }
    }
}

/// Planes of cells across the axis that is nearest to the wind, crossed by lines of the wind that are as far apart as columns of cells.
///
/// Lines do not lie on columns where the wind is oblique: leaves are interpolated from columns to lines, and lacks from lines to columns,
/// each once. Carried from column to column, a lack would be interpolated in each plane, which blurs more than turbulence mixes.
struct March<'a> {
    grid: &'a WindGrid,
    solids: &'a Solids,
    canopy: &'a Canopy,
    ground_m: &'a [f32],
    inflow: &'a Inflow,
    constants: Constants,
    /// True where planes follow each other along x, else along y.
    along_x: bool,
    /// True where they do so towards larger coordinates.
    forward: bool,
    /// Number of planes, of columns in a plane, and of layers that are followed.
    planes: usize,
    across: usize,
    layers: usize,
    /// Length (m) of the wind's way from a plane to the next, and how many columns aside it goes.
    way_m: f64,
    aside: f64,
    /// Place of the first line in the first plane, in columns.
    first: f64,
    /// Thickness (m) of the layers.
    thickness_m: Vec<f64>,
}

impl<'a> March<'a> {
    fn new(
        grid: &'a WindGrid,
        solids: &'a Solids,
        canopy: &'a Canopy,
        ground_m: &'a [f32],
        inflow: &'a Inflow,
        heading: Heading,
        constants: Constants,
    ) -> Self {
        let [nx, ny, nz] = grid.cells;
        let [ex, ey] = heading.0;
        let along_x = ex.abs() >= ey.abs();
        let (main, other) = if along_x { (ex, ey) } else { (ey, ex) };
        let (planes, across) = if along_x { (nx, ny) } else { (ny, nx) };
        let floor = grid.levels_m[0];
        let top = floor + REACH * (canopy.top_m - floor);
        let layers = grid.levels_m.partition_point(|&z| z < top).clamp(1, nz);
        let aside = other / main.abs();
        let drift = aside * (planes.max(1) - 1) as f64;
        Self {
            grid,
            solids,
            canopy,
            ground_m,
            inflow,
            constants,
            along_x,
            forward: main > 0.0,
            planes,
            across,
            layers,
            way_m: grid.cell_m / main.abs(),
            aside,
            first: (-drift).min(0.0).floor() - 1.0,
            thickness_m: grid.thickness_m(),
        }
    }

    /// Number of lines: all that cross a plane somewhere, and one more on each side.
    fn lines(&self) -> usize {
        let drift = self.aside * (self.planes.max(1) - 1) as f64;
        self.across + drift.abs().ceil() as usize + 3
    }

    /// Place of a line in a plane, in columns.
    fn position(&self, step: usize, number: usize) -> f64 {
        self.first + number as f64 + self.aside * step as f64
    }

    /// Lines that cross a plane between its columns or less than a column beside them.
    fn in_plane(&self, step: usize) -> Range<usize> {
        let first = self.position(step, 0);
        // Of the first line after a place.
        let after = |place: f64| ((place - first).floor() + 1.0).max(0.0) as usize;
        let end = (self.across as f64 - first).ceil().max(0.0) as usize;
        after(-1.0)..end.min(self.lines())
    }

    /// Place of a column in the plan.
    fn place(&self, step: usize, n: usize) -> [usize; 2] {
        let plane = if self.forward {
            step
        } else {
            self.planes - 1 - step
        };
        if self.along_x { [plane, n] } else { [n, plane] }
    }

    /// The column that is nearest to a line.
    fn nearest(&self, step: usize, number: usize) -> [usize; 2] {
        let column = self.position(step, number).round();
        self.place(step, column.clamp(0.0, self.across as f64 - 1.0) as usize)
    }

    fn is_free(&self, [i, j]: [usize; 2], k: usize) -> bool {
        !self.solids.is_solid(self.grid.at(i, j, k))
    }

    /// Height (m) of a column's ground.
    fn ground_m(&self, [i, j]: [usize; 2]) -> f64 {
        let ground = self.ground_m.get(j * self.grid.cells[0] + i);
        ground.map_or(self.grid.levels_m[0], |z| f64::from(*z))
    }

    /// Leaf area density (m²/m³) of a layer of a column; 0 beyond the edge.
    fn leaves(&self, step: usize, column: f64, k: usize) -> f64 {
        if column < 0.0 || column >= self.across as f64 {
            return 0.0;
        }
        let [nx, _, nz] = self.grid.cells;
        let [i, j] = self.place(step, column as usize);
        f64::from(self.canopy.leaf_area_density[(j * nx + i) * nz + k])
    }

    /// Length (m) of mixing at a height above ground (m), where this share of the wind is left.
    fn mixing_m(&self, since_m: f64, height_m: f64, left: f64) -> f64 {
        let young = self.constants.leaf_growth.powi(2) * since_m;
        let old = self.constants.leaf_mix * height_m.max(0.0);
        young.min(old) / left.max(LEAST_LEFT)
    }

    /// Mixes across the wind, all layers of a line at once.
    fn mix_across(&self, step: usize, seen: Range<usize>, lines: &mut [WindLine]) {
        if !lines.iter().any(|line| line.lacks) {
            return;
        }
        // Distance (m) between neighbouring lines.
        let apart = self.grid.cell_m * self.grid.cell_m / self.way_m;
        let far = self.way_m / (apart * apart);
        // A line that gets its lack from the side is as old as its neighbours.
        let ages: Vec<f64> = lines
            .iter()
            .map(|t| if t.lacks { t.since_m } else { 0.0 })
            .collect();
        for (n, line) in lines.iter_mut().enumerate() {
            if !line.lacks {
                let sides = [n.max(1) - 1, (n + 1).min(ages.len() - 1)];
                line.since_m = ages[sides[0]].max(ages[sides[1]]);
            }
        }
        for n in 0..lines.len() {
            let (before, here) = lines.split_at_mut(n);
            let Some((line, after)) = here.split_first_mut() else {
                break;
            };
            line.conductance.fill(0.0);
            if let Some(next) = after.first().filter(|next| line.lacks || next.lacks) {
                let columns = [0, 1].map(|side| self.nearest(step, seen.start + n + side));
                let ground = columns.map(|column| self.ground_m(column));
                let ground = 0.5 * (ground[0] + ground[1]);
                let since = line.since_m.max(next.since_m);
                for (k, conductance) in line.conductance.iter_mut().enumerate() {
                    if columns.iter().all(|column| self.is_free(*column, k)) {
                        let lack = line.lack[k] + next.lack[k];
                        let left = share_left(lack, line.speed[k] + next.speed[k]);
                        let height = self.grid.height_m(k) - ground;
                        *conductance = self.mixing_m(since, height, left) * far;
                    }
                }
            }
            let (a, b) = match before.last() {
                Some(last) if last.lacks || line.lacks => (last, line),
                _ => {
                    first_of_row(line);
                    continue;
                }
            };
            for k in 0..self.layers {
                let (towards, after) = (a.conductance[k], b.conductance[k]);
                let diagonal = 1.0 + towards * (1.0 - a.ratio[k]) + after;
                b.ratio[k] = after / diagonal;
                b.lack[k] = (b.lack[k] + towards * a.lack[k]) / diagonal;
            }
        }
        for n in (1..lines.len()).rev() {
            let (before, here) = lines.split_at_mut(n);
            if let (Some(last), Some(line)) = (before.last_mut(), here.first()) {
                for k in 0..self.layers {
                    last.lack[k] += last.ratio[k] * line.lack[k];
                }
            }
        }
    }

    /// Takes the wind that leaves take from a line, and mixes over the height.
    fn leaves_and_height(&self, step: usize, number: usize, line: &mut WindLine) {
        let position = self.position(step, number);
        let (low, share) = (position.floor(), position - position.floor());
        let leaves = |k: usize| {
            (1.0 - share) * self.leaves(step, low, k) + share * self.leaves(step, low + 1.0, k)
        };
        let told = |(d, speed): (&f64, &f64)| *d > LEAST_LACK * speed;
        let leafy = (0..self.layers).any(|k| leaves(k) > 0.0);
        line.lacks = leafy || line.lack.iter().zip(&line.speed).any(told);
        if !line.lacks {
            line.lack.fill(0.0);
            line.since_m = 0.0;
            return;
        }
        let column = self.nearest(step, number);
        let ground = self.ground_m(column);
        if !self.ground_m.is_empty() {
            for (k, speed) in line.speed.iter_mut().enumerate() {
                *speed = self.inflow.speed_mps(self.grid.height_m(k) - ground);
            }
        }
        line.since_m += self.way_m;
        let before = self.sum(&line.lack);
        for (k, (d, speed)) in line.lack.iter_mut().zip(&line.speed).enumerate() {
            let density = leaves(k);
            if !self.is_free(column, k) {
                *d = 0.0;
            } else if density > 0.0 {
                let drag = self.constants.leaf_drag * density * self.way_m;
                *d = speed - (speed - *d).max(0.0) * (-drag).exp();
            }
        }
        let after = self.sum(&line.lack);
        if after > before {
            // What is new is young.
            line.since_m *= before / after;
        }
        for k in 0..self.layers {
            let above = k + 1 < self.layers && self.is_free(column, k + 1);
            line.conductance[k] = if above && self.is_free(column, k) {
                let lack = line.lack[k] + line.lack[k + 1];
                let left = share_left(lack, line.speed[k] + line.speed[k + 1]);
                let height = self.grid.levels_m[k + 1] - ground;
                let apart = self.grid.height_m(k + 1) - self.grid.height_m(k);
                self.mixing_m(line.since_m, height, left) * self.way_m / apart
            } else {
                0.0
            };
        }
        line.mix_up(&self.thickness_m);
    }

    /// Sum of a lack over the height (m²/s).
    fn sum(&self, lack: &[f64]) -> f64 {
        lack.iter()
            .zip(&self.thickness_m)
            .map(|(d, dz)| d * dz)
            .sum()
    }

    /// Slows the guess in a plane.
    fn slow_plane(&self, step: usize, seen: Range<usize>, lines: &[WindLine], cells: &mut [Guess]) {
        let [nx, _, nz] = self.grid.cells;
        let start = self.position(step, seen.start);
        for n in 0..self.across {
            let number = n as f64 - start;
            let share = number - number.floor();
            // A line just beside the window has no weight.
            let at = |number: f64| lines.get(number.max(0.0) as usize);
            let Some(low) = at(number.floor()) else {
                continue;
            };
            let high = at(number.floor() + 1.0).unwrap_or(low);
            if !low.lacks && !high.lacks {
                continue;
            }
            let [i, j] = self.place(step, n);
            for (k, guess) in cells[(j * nx + i) * nz..][..self.layers]
                .iter_mut()
                .enumerate()
            {
                let between = |a: f64, b: f64| (1.0 - share) * a + share * b;
                let lack = between(low.lack[k], high.lack[k]);
                let left = share_left(lack, between(low.speed[k], high.speed[k]));
                let left = left.clamp(LEAST_LEFT, 1.0) as f32;
                guess.velocity = guess.velocity.map(|v| v * left);
                guess.k *= left * left;
                guess.gust_k *= left * left;
                let open = matches!(guess.zone, Zone::Free | Zone::Wake);
                if open && f64::from(left) < 1.0 - TOLD_LACK {
                    guess.zone = Zone::Trees;
                }
            }
        }
    }
}

/// Share of a speed that a lack leaves.
fn share_left(lack: f64, speed: f64) -> f64 {
    if speed > 0.0 { 1.0 - lack / speed } else { 1.0 }
}

/// Begins the elimination of a row.
fn first_of_row(line: &mut WindLine) {
    for k in 0..line.lack.len() {
        let after = line.conductance[k];
        line.ratio[k] = after / (1.0 + after);
        line.lack[k] /= 1.0 + after;
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::*;
    use crate::wind::solids::{Block, tops_m};
    use crate::wind::vegetation::{Crown, Tree};

    const INFLOW: Inflow = Inflow::Log {
        z0_m: 0.3,
        reference_m: 10.0,
        speed_mps: 5.0,
    };

    fn grid() -> WindGrid {
        WindGrid {
            cells: [61, 61, 12],
            cell_m: 3.0,
            west_m: -91.5,
            south_m: -91.5,
            levels_m: (0..=12).map(|k| 1.5 * f64::from(k)).collect(),
        }
    }

    fn tree(centre: [f64; 2], radius_m: f64) -> Tree {
        Tree {
            centre,
            crown: Crown::Spheroid,
            radius_m,
            crown_base_m: 2.0,
            top_m: 10.0,
            leaf_area_density: 1.0,
        }
    }

    /// Share of the wind that trees leave in each cell, column after column.
    fn left(trees: &[Tree], from_rad: f64) -> Vec<f64> {
        left_of(&[], &[], trees, from_rad)
    }

    fn left_of(blocks: &[Block], ground_m: &[f32], trees: &[Tree], from_rad: f64) -> Vec<f64> {
        let (grid, heading) = (grid(), Heading::coming_from(from_rad));
        let solids = Solids::new(&grid, tops_m(&grid, ground_m, blocks));
        let constants = Constants::FITTED;
        let free = Guess {
            velocity: [1.0; 3],
            ..Guess::default()
        };
        let mut cells = vec![free; grid.len()];
        let canopy = Canopy::new(&grid, trees);
        let job = Job::default();
        slow(
            &grid, &solids, &canopy, ground_m, &INFLOW, heading, constants, &mut cells, &job,
        )
        .unwrap();
        let shares = cells.iter().map(|cell| f64::from(cell.velocity[0]));
        shares.collect()
    }

    fn row() -> Vec<Tree> {
        (-10..=10)
            .map(|n| tree([-30.0, 3.0 * f64::from(n)], 2.5))
            .collect()
    }

    #[test]
    fn a_house_ends_the_lack_of_wind_and_so_does_a_hill() {
        let house = Block {
            ring: vec![[-12.0, -30.0], [0.0, -30.0], [0.0, 30.0], [-12.0, 30.0]],
            base_m: 0.0,
            top_m: 12.0,
        };
        let at = |left: &[f64], i: usize, k: usize| left[(30 * 61 + i) * 12 + k];
        let before = left(&row(), 1.5 * PI);
        let behind = left_of(&[house], &[], &row(), 1.5 * PI);
        // In front of the house nothing changes, behind it the lack of the trees is gone.
        assert!((at(&behind, 24, 3) - at(&before, 24, 3)).abs() < 1e-6);
        assert!(at(&before, 34, 3) < 0.85 && at(&behind, 34, 3) > 0.97);
        let level = left_of(&[], &vec![0.0; 61 * 61], &row(), 1.5 * PI);
        assert_eq!(level, before, "level ground");
        let hill: Vec<f32> = (0..61 * 61)
            .map(|n| if n % 61 > 28 { 10.5 } else { 0.0 })
            .collect();
        let hill = left_of(&[], &hill, &row(), 1.5 * PI);
        assert!((8..12).all(|k| at(&hill, 34, k) > 0.8));
    }

    #[test]
    fn a_lone_tree_takes_the_same_wind_from_any_direction() {
        let lacks = [1.5, 1.4, 1.3, 1.251, 1.2, 0.0, 0.9].map(|from| {
            // As far downwind as a circle around the tree.
            let left = left(&[tree([0.0, 0.0], 4.0)], from * PI);
            let near = left.iter().enumerate().filter(|(n, _)| {
                let [x, y] = grid().centre_m(n / 12 % 61, n / 12 / 61);
                x.hypot(y) < 80.0
            });
            near.map(|(_, left)| 1.0 - left).sum::<f64>()
        });
        for lack in lacks {
            // Oblique lines of the wind share its leaves: the densest middle is thinner.
            assert!((lack / lacks[0] - 1.0).abs() < 0.12, "{lacks:?}");
        }
    }

    #[test]
    fn the_wind_falls_off_below_the_tops_of_a_forest() {
        let places = (0..15).flat_map(|i| (0..15).map(move |j| [i, j].map(f64::from)));
        let forest: Vec<Tree> = places
            .map(|[x, y]| tree([6.0 * x - 42.0, 6.0 * y - 42.0], 3.0))
            .collect();
        let left = left(&forest, 1.5 * PI);
        // 75 m behind its edge, in the middle.
        let column = &left[(30 * 61 + 41) * 12..][..12];
        let speed = |k: usize| column[k] * INFLOW.speed_mps(grid().height_m(k));
        assert!((1..12).all(|k| speed(k) > speed(k - 1)));
        // Cionco's attenuation between 3.75 and 9.75 m, of a canopy of 10 m: 1 to 4 in what he measured and collected.
        let attenuation = (speed(6) / speed(2)).ln() / 0.6;
        assert!((1.0..4.5).contains(&attenuation), "{attenuation}");
    }

    #[test]
    fn behind_a_row_the_lack_grows_weaker() {
        let left = left(&row(), 1.5 * PI);
        let at = |i: usize, k: usize| left[(30 * 61 + i) * 12 + k];
        // Upwind nothing, behind the row a lack that is weaker further on.
        assert!((at(10, 3) - 1.0).abs() < 1e-6);
        assert!(at(22, 3) < 0.6 && at(50, 3) > at(24, 3) && at(50, 3) < 0.98);
        assert!(at(24, 11) > 0.97, "above the trees");
    }

    #[test]
    fn mixing_up_keeps_the_sum_and_evens_out() {
        let widths = [1.0, 1.0, 2.0, 3.0];
        let mut line = WindLine::still(vec![5.0; 4]);
        line.lack = vec![0.0, 4.0, 1.0, 0.0];
        line.conductance = vec![0.7, 0.7, 0.7, 0.0];
        line.mix_up(&widths);
        let sum: f64 = line.lack.iter().zip(widths).map(|(v, w)| v * w).sum();
        assert!((sum - 6.0).abs() < 1e-12);
        assert!(line.lack[0] > 0.0 && line.lack[1] < 4.0 && line.lack[3] > 0.0);
        // Without a way up the lower two stay apart from the rest.
        line.lack = vec![0.0, 4.0, 1.0, 0.0];
        line.conductance = vec![1e9, 0.0, 0.0, 0.0];
        line.mix_up(&widths);
        assert!((line.lack[0] - 2.0).abs() < 1e-6 && (line.lack[1] - 2.0).abs() < 1e-6);
        assert_eq!(line.lack[2..], [1.0, 0.0]);
    }
}
