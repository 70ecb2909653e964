//! Inside and behind trees: the wind that leaves take, and how its lack spreads.
//!
//! The lack of wind d (m/s) of the approaching profile U(z) is marched along the wind, from one plane of cells to the next:
//!
//! * leaves take momentum, du/ds = -c a u with u = U - d, the leaf area density a (1/m) and the drag c (the drag -c a u² of canopy models,
//!   e.g. Wilson & Shaw 1977, doi:10.1175/1520-0450(1977)016<1197:AHOCMF>2.0.CO;2, along a line of the wind);
//! * turbulence mixes, dd/ds = d/dz (m z dd/dz), and likewise across the wind: a diffusivity in proportion to speed and height, as in the lower
//!   boundary layer. In a forest both are in balance, which gives Cionco's exponential profile in kind (Cionco 1965,
//!   doi:10.1175/1520-0450(1965)004<0517:AMMFAF>2.0.CO;2), and behind a row the lack grows wider and weaker.
//!
//! Then the first guess is multiplied by 1 - d / U, after all zones of buildings. The projection that follows makes the rest of a windbreak:
//! slower wind in front of it and faster wind above it. Buildings end the lack of wind of trees upwind of them: it is that of the building then.
//!
//! Valid for trees whose crowns are resolved by a cell or two. Stems, and the wind that trees turn aside by more than the projection does, are
//! missing. Trees do not slow wind that runs against or across the approaching wind in another way than that along it.

use super::{Constants, Guess, Zone};
use crate::wind::grid::WindGrid;
use crate::wind::heading::Heading;
use crate::wind::inflow::Inflow;
use crate::wind::solids::Solids;
use crate::wind::vegetation::Canopy;

/// Lack of wind, as a share of it, that is not followed any further.
const LEAST_LACK: f64 = 0.01;
/// Lack of wind from which a place is told to be sheltered by trees.
const TOLD_LACK: f64 = 0.1;
/// Share of the wind that trees always leave.
const LEAST_LEFT: f64 = 0.03;
/// How high the lack of wind is followed, in heights of the highest tree.
const REACH: f64 = 3.0;
/// Largest share that one pass may move to a neighbour: explicit diffusion is stable to a half, free of wiggles to a quarter.
const LARGEST_PASS: f64 = 0.25;

/// Slows the first guess (order of [`guess`](super::guess)) inside and behind trees. `ground_m` is the ground of each column, empty for the
/// lowest level of the grid. Runs on one thread.
pub fn slow(
    grid: &WindGrid,
    solids: &Solids,
    canopy: &Canopy,
    ground_m: &[f32],
    inflow: &Inflow,
    heading: Heading,
    constants: Constants,
    cells: &mut [Guess],
) {
    if canopy.is_empty() {
        return;
    }
    let march = March::new(grid, solids, canopy, ground_m, inflow, heading, constants);
    let [planes, _] = march.counts();
    let mut lack = vec![0.0; march.across * march.layers];
    let mut next = lack.clone();
    for step in 0..planes {
        let plane = if march.forward {
            step
        } else {
            planes - 1 - step
        };
        march.advance(&lack, &mut next);
        march.mix_across(plane, &mut next, &mut lack);
        for (n, column) in next.chunks_exact_mut(march.layers).enumerate() {
            march.column(plane, n, column, cells);
        }
        std::mem::swap(&mut lack, &mut next);
    }
}

/// Planes of cells across the axis that is nearest to the wind.
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
    /// Columns in a plane, and layers that are followed.
    across: usize,
    layers: usize,
    /// Length (m) of the wind's way from a plane to the next, and how many columns aside it goes.
    way_m: f64,
    aside: f64,
    /// Thickness (m) of the layers, and speed (m/s) in them over ground at the lowest level.
    thickness_m: Vec<f64>,
    level_speed: Vec<f64>,
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
        let floor = grid.levels_m[0];
        let top = floor + REACH * (canopy.top_m - floor);
        let layers = grid.levels_m.partition_point(|&z| z < top).clamp(1, nz);
        let speed = |k: usize| inflow.speed_mps(grid.height_m(k) - floor);
        Self {
            grid,
            solids,
            canopy,
            ground_m,
            inflow,
            constants,
            along_x,
            forward: main > 0.0,
            across: if along_x { ny } else { nx },
            layers,
            way_m: grid.cell_m / main.abs(),
            aside: other / main.abs(),
            thickness_m: grid.thickness_m(),
            level_speed: (0..layers).map(speed).collect(),
        }
    }

    /// Planes, and columns in each.
    fn counts(&self) -> [usize; 2] {
        let [nx, ny, _] = self.grid.cells;
        if self.along_x { [nx, ny] } else { [ny, nx] }
    }

    /// Place of a column in the plan.
    fn place(&self, plane: usize, n: usize) -> [usize; 2] {
        if self.along_x { [plane, n] } else { [n, plane] }
    }

    /// Carries the lack of one plane to the next, along the wind; beyond the edge of the domain it is that of the edge.
    fn advance(&self, from: &[f64], to: &mut [f64]) {
        let last = self.across as f64 - 1.0;
        for (n, column) in to.chunks_exact_mut(self.layers).enumerate() {
            let place = (n as f64 - self.aside).clamp(0.0, last);
            let low = place as usize;
            let share = place - low as f64;
            let high = (low + 1).min(self.across - 1);
            let (a, b) = (&from[low * self.layers..], &from[high * self.layers..]);
            for ((d, a), b) in column.iter_mut().zip(a).zip(b) {
                *d = a + share * (b - a);
            }
        }
    }

    /// Mixes across the wind. Interpolation between columns has mixed a little already. `spare` is overwritten.
    fn mix_across(&self, plane: usize, lack: &mut [f64], spare: &mut [f64]) {
        let shift = self.aside.abs();
        let slant = self.way_m / self.grid.cell_m;
        // Half the variance (columns²) that one step adds at a height above ground: across the wind, seen along the plane.
        let wanted = |z: f64| {
            let length = self.grid.cell_m / slant;
            self.constants.leaf_mix * z * self.way_m / (length * length)
        };
        let done = 0.5 * shift * (1.0 - shift);
        let floor = self.grid.levels_m[0];
        let shares: Vec<f64> = (0..self.layers)
            .map(|k| (wanted(self.grid.height_m(k) - floor) - done).max(0.0))
            .collect();
        let most = shares.iter().copied().fold(0.0, f64::max);
        let passes = (most / LARGEST_PASS).ceil();
        if lack.iter().all(|d| *d == 0.0) {
            return;
        }
        for _ in 0..passes as usize {
            spare.copy_from_slice(lack);
            for n in 1..self.across {
                let ([i, j], [i2, j2]) = (self.place(plane, n - 1), self.place(plane, n));
                for (k, share) in shares.iter().enumerate() {
                    let (a, b) = ((n - 1) * self.layers + k, n * self.layers + k);
                    let moved = share / passes * (spare[a] - spare[b]);
                    let wall = moved != 0.0
                        && (self.solids.is_solid(self.grid.at(i, j, k))
                            || self.solids.is_solid(self.grid.at(i2, j2, k)));
                    if !wall {
                        lack[a] -= moved;
                        lack[b] += moved;
                    }
                }
            }
        }
    }

    /// Leaves and mixing over the height of one column, and the guess there.
    fn column(&self, plane: usize, n: usize, lack: &mut [f64], cells: &mut [Guess]) {
        let [nx, _, nz] = self.grid.cells;
        let [i, j] = self.place(plane, n);
        let first = (j * nx + i) * nz;
        let leaves = &self.canopy.leaf_area_density[first..][..self.layers];
        let leafy = leaves.iter().any(|a| *a > 0.0);
        if !leafy && lack.iter().all(|d| *d == 0.0) {
            return;
        }
        let floor = self.grid.levels_m[0];
        let ground = self.ground_m.get(j * nx + i).map(|z| f64::from(*z));
        let speeds: Vec<f64> = match ground {
            None => self.level_speed.clone(),
            Some(ground) => (0..self.layers)
                .map(|k| self.inflow.speed_mps(self.grid.height_m(k) - ground))
                .collect(),
        };
        let free = |k: usize| !self.solids.is_solid(self.grid.at(i, j, k));
        for (k, (d, a)) in lack.iter_mut().zip(leaves).enumerate() {
            let left = (speeds[k] - *d).max(0.0);
            let drag = self.constants.leaf_drag * f64::from(*a) * self.way_m;
            *d = if free(k) {
                speeds[k] - left * (-drag).exp()
            } else {
                0.0
            };
        }
        // Between layer k and the one above, nothing through roofs.
        let between = |k: usize| {
            if k + 1 >= self.layers || !free(k) || !free(k + 1) {
                return 0.0;
            }
            let height = self.grid.levels_m[k + 1] - ground.unwrap_or(floor);
            let apart = self.grid.height_m(k + 1) - self.grid.height_m(k);
            self.constants.leaf_mix * height.max(0.0) * self.way_m / apart
        };
        mix_up(lack, &self.thickness_m, between);
        let small = |(d, speed): (&f64, &f64)| *d <= LEAST_LACK * speed;
        if lack.iter().zip(&speeds).all(small) {
            lack.fill(0.0);
            return;
        }
        for ((guess, d), speed) in cells[first..].iter_mut().zip(lack).zip(&speeds) {
            if *speed <= 0.0 || *d <= 0.0 {
                continue;
            }
            let left = (1.0 - *d / speed).max(LEAST_LEFT) as f32;
            guess.velocity = guess.velocity.map(|v| v * left);
            guess.k *= left * left;
            let told = matches!(guess.zone, Zone::Free | Zone::Wake);
            if told && f64::from(left) < 1.0 - TOLD_LACK {
                guess.zone = Zone::Trees;
            }
        }
    }
}

/// Implicit diffusion over the layers of a column: `between` is the conductance (m) between a layer and the one above; nothing passes
/// the ground and the top.
fn mix_up(values: &mut [f64], thickness_m: &[f64], between: impl Fn(usize) -> f64) {
    let mut ratios = vec![0.0; values.len()];
    let mut below = 0.0;
    for k in 0..values.len() {
        let above = between(k);
        let (ratio, value) = match k.checked_sub(1) {
            Some(lower) => (ratios[lower], values[lower]),
            None => (0.0, 0.0),
        };
        let diagonal = thickness_m[k] + below + above - below * ratio;
        ratios[k] = above / diagonal;
        values[k] = (thickness_m[k] * values[k] + below * value) / diagonal;
        below = above;
    }
    for k in (1..values.len()).rev() {
        values[k - 1] += ratios[k - 1] * values[k];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mixing_keeps_the_sum_and_evens_out() {
        let thickness = [1.0, 1.0, 2.0, 3.0];
        let mut values = [0.0, 4.0, 1.0, 0.0];
        mix_up(&mut values, &thickness, |k| if k < 3 { 0.7 } else { 0.0 });
        let sum: f64 = values.iter().zip(thickness).map(|(v, t)| v * t).sum();
        assert!((sum - 6.0).abs() < 1e-12);
        assert!(values[0] > 0.0 && values[1] < 4.0 && values[3] > 0.0);
        // Without a way up the lower two stay apart from the rest.
        let mut values = [0.0, 4.0, 1.0, 0.0];
        mix_up(&mut values, &thickness, |k| if k == 0 { 1e9 } else { 0.0 });
        assert!((values[0] - 2.0).abs() < 1e-6 && (values[1] - 2.0).abs() < 1e-6);
        assert_eq!(values[2..], [1.0, 0.0]);
    }
}
