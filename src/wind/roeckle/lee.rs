//! Downwind of walls: wakes, recirculation, vortices in streets.

use super::obstacle::Obstacle;
use super::{Guess, Place, Reach, Town, Zone};
use crate::wind::wide::wide;

/// How far a wake reaches, in lengths of the near wake.
pub(super) const WAKE_REACH: f64 = 3.0;
/// Cells of a column whose share of a wake is found at once.
const LAYERS: usize = 8;
/// A smaller lack of wind is not told.
const LEAST_LACK: f64 = 0.02;

impl Town<'_> {
    pub(super) fn wake_reach(&self, o: &Obstacle) -> Option<Reach> {
        let far = WAKE_REACH * o.near_wake_m();
        Some(Reach {
            upwind_m: 0.0,
            downwind_m: far,
            aside_m: self.constants.wider * o.bluff_m() + 1.5 * self.spread_m(o, far),
            // Twice the thickness above the roof a hundredth of the lack is left.
            top_m: o.height_m + self.constants.wider * o.bluff_m() + 2.0 * self.spread_m(o, far),
        })
    }

    pub(super) fn recirculation_reach(&self, o: &Obstacle) -> Option<Reach> {
        Some(Reach {
            upwind_m: 0.0,
            downwind_m: o.near_wake_m(),
            aside_m: 0.0,
            top_m: o.height_m,
        })
    }

    /// Thickness (m) of the shear layers at a distance from the lee wall.
    pub(super) fn spread_m(&self, o: &Obstacle, x: f64) -> f64 {
        self.constants.layer * o.bluff_m() + self.constants.growth * x
    }

    /// Behind the walls the wind lacks (d / x)^1.5 of its speed; the lack spreads to the sides and above the roof as the shear layers grow.
    /// Wakes of several blocks multiply.
    ///
    /// The turbulence of a wake grows with the square of the wind that passes outside of its shear layers: behind sheltered blocks that is little.
    /// That of gusts is made in the layers, whose error functions are those of uniform eddy viscosity (Görtler 1942,
    /// doi:10.1002/zamm.19420220503): the shear stress, and with it k (Bradshaw et al. 1967, doi:10.1017/S0022112067002319), falls off as a bell
    /// from their middle. A share of it is carried all over the wake.
    pub(super) fn wake(&self, o: &Obstacle, at: &Place, column: &mut [Guess]) {
        let Some(strip) = o.nearest_strip(at.t) else {
            return;
        };
        let half = 0.5 * o.width_m;
        let t = at.t - o.left_m - half;
        let beyond = at.s - strip.lee_m;
        // Beside the block the layer begins half a roof vortex behind the front (see `sides`), behind it at the lee wall.
        let begins = strip.front_m + 0.45 * o.bluff_m();
        let d = o.near_wake_m();
        if (beyond < 0.0 && (t.abs() < half || at.s < begins)) || beyond > WAKE_REACH * d {
            return;
        }
        let x = beyond.max(0.0);
        let spread = self.spread_m(o, x);
        let wider = self.constants.wider * o.bluff_m();
        // Middles of the shear layers: beside the axis, and above the base.
        let (side, top) = (half + wider, o.height_m + wider);
        let across = step((side - t) / spread) + step((side + t) / spread) - 1.0;
        // Along the wind no wake grows: most columns end here, without a power.
        if across < LEAST_LACK {
            return;
        }
        let along = (d / x.max(d)).powf(1.5) * strip.lee[0].powf(self.constants.wake_slant);
        if along * across < LEAST_LACK {
            return;
        }
        let outside = top + self.spread_m(o, 0.0);
        let square = along * self.passing_mps(o, column, outside).powi(2);
        let c = &self.constants;
        let beside = bell((side - t.abs()) / spread);
        let low = self.layers(o.base_m, o.base_m).start;
        let mut below = [0.0; LAYERS];
        let layers = self.centres_m[low..].chunks(LAYERS);
        for (guesses, centres) in column.chunks_mut(LAYERS).zip(layers) {
            let count = guesses.len();
            let below = &mut below[..count];
            steps_below(&centres[..count], o.base_m, (top, spread), below);
            let cells = guesses.iter_mut().zip(centres).zip(below.iter());
            for ((guess, centre), &below) in cells {
                let lack = along * across * below;
                if lack < LEAST_LACK {
                    return;
                }
                guess.kept *= (1.0 - lack) as f32;
                let all_over = across * below;
                let gust_k = |above: f64| {
                    let layers = (beside * below).max(above);
                    let gusts = c.gust_core * all_over + (1.0 - c.gust_core) * layers;
                    (c.gust_k * square * gusts) as f32
                };
                guess.k = guess.k.max((c.wake_k * square * all_over) as f32);
                // Where not even the middle of the layer had more, its bell is not needed.
                if gust_k(across) > guess.gust_k {
                    let bell = bell((top - (centre - o.base_m)) / spread);
                    guess.gust_k = guess.gust_k.max(gust_k(bell * across));
                }
                guess.mark(Zone::Wake, o);
            }
        }
    }

    /// Speed (m/s) at the height of a block's roof, less what the wakes of blocks upwind take at a height `outside` (m) of its own.
    fn passing_mps(&self, o: &Obstacle, column: &[Guess], outside: f64) -> f64 {
        let layers = self.heights(o).take(column.len());
        let below = layers.take_while(|&z| z < outside).count();
        let passing = column.get(below).or(column.last());
        passing.map_or(1.0, |guess| self.kept(guess)) * o.roof_mps()
    }

    /// Share of the wind that the wakes leave in a cell.
    pub(super) fn kept(&self, guess: &Guess) -> f64 {
        let floor = self.constants.floor;
        floor + (1.0 - floor) * f64::from(guess.kept)
    }

    /// Behind a wall: the vortex of a street where another wall is near, else the air that turns back.
    pub(super) fn recirculation(&self, o: &Obstacle, at: &Place, column: &mut [Guess]) {
        let Some(strip) = o.strip(at.t) else { return };
        let x = at.s - strip.lee_m;
        if x <= 0.0 && at.s > strip.front_m {
            // A yard between the walls of one block: the wind passes above it.
            for guess in column {
                guess.velocity = [0.0; 3];
                guess.mark(Zone::Cavity, o);
            }
            return;
        }
        if x <= 0.0 || x >= strip.gap_m {
            return;
        }
        let speed = o.roof_mps();
        let near = o.near_wake_m();
        let [ns, nt] = strip.lee;
        let street = strip.gap_m < self.constants.canyon_gap * near;
        // The wind's part across the street turns over in it: back at the ground, up at the lee wall, down at the other one.
        let turn = self.constants.canyon * speed * ns;
        let half = x / (0.5 * strip.gap_m);
        let back = turn * half * (2.0 - half);
        let across = 1.0 - o.across(at.t).powi(2);
        for (guess, z) in column.iter_mut().zip(self.heights(o)) {
            if street && o.base_m + z < strip.next_top_m {
                guess.blend([-back * ns, -back * nt], 1.0);
                guess.velocity[2] = (0.5 * turn * (1.0 - half) * (1.0 - half).abs()) as f32;
                guess.mark(Zone::Canyon, o);
                continue;
            }
            let shape = (1.0 - (z / o.height_m).powi(2)) * across;
            let d = near * shape.max(0.0).sqrt();
            if x < d {
                let back = self.constants.cavity * speed * (1.0 - x / d).powi(2);
                guess.velocity[0] = -back as f32;
                guess.mark(Zone::Cavity, o);
            }
        }
    }
}

/// From 0 outside of a shear layer to 1 inside, by the distance from its middle in thicknesses.
#[inline(always)]
fn step(inside: f64) -> f64 {
    0.5 * (1.0 + erf(inside / std::f64::consts::SQRT_2))
}

wide! {
    /// [`step`] of each height (m) above `base` below the middle of a shear layer, given by its height above the base and its thickness.
    fn steps_below(centres: &[f64], base: f64, layer: (f64, f64), out: &mut [f64]) {
        let (top, spread) = layer;
        for (out, centre) in out.iter_mut().zip(centres) {
            *out = step((top - (centre - base)) / spread);
        }
    }
}

/// Slope of [`step`], 1 in the middle.
fn bell(inside: f64) -> f64 {
    (-0.5 * inside * inside).exp()
}

/// Error function within 5e-4 (Abramowitz & Stegun 7.1.27), a smooth step.
#[inline(always)]
fn erf(x: f64) -> f64 {
    let a = x.abs();
    let p = 1.0 + a * (0.278_393 + a * (0.230_389 + a * (0.000_972 + a * 0.078_108)));
    let y = 1.0 - 1.0 / (p * p * p * p);
    if x < 0.0 { -y } else { y }
}

#[cfg(test)]
mod tests {
    use super::erf;

    #[test]
    fn the_error_function_meets_its_table() {
        for (x, want) in [(0.0, 0.0), (0.5, 0.520_5), (1.0, 0.842_7), (-2.0, -0.995_3)] {
            assert!((erf(x) - want).abs() < 6e-4, "{x}");
        }
    }
}
