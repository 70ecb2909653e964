//! A block as the wind sees it: walls in wind-aligned strips, effective width and length, what stands behind and in front of it.

use crate::wind::grid::WindGrid;
use crate::wind::heading::Heading;
use crate::wind::inflow::Inflow;
use crate::wind::solids::{Block, SAMPLES, edges};

/// The walls of a block along one line of the wind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Strip {
    /// Where the wind meets the block (m).
    pub front_m: f64,
    /// Where it leaves it (m).
    pub lee_m: f64,
    /// Outward normals of both walls in wind axes; `front[0]` is negative, `lee[0]` positive.
    pub front: [f64; 2],
    /// See `front`.
    pub lee: [f64; 2],
    /// Distance (m) from the lee wall to the next wall downwind; infinite for none within reach.
    pub gap_m: f64,
    /// Height (m) of that wall's top.
    pub next_top_m: f64,
    /// Distance (m) from the front to the wall upwind of it; infinite for none within reach.
    pub approach_m: f64,
    /// Highest top (m) upwind within twice the block's height.
    pub shelter_top_m: f64,
    /// Length (m) of slanting wall from here to its end on the side to which the wind runs along it.
    pub to_end_m: f64,
}

/// A block in wind axes.
#[derive(Clone, Debug)]
pub struct Obstacle {
    /// Number of the block.
    pub block: usize,
    /// Base and top (m).
    pub base_m: f64,
    /// See `base_m`.
    pub top_m: f64,
    /// Height (m).
    pub height_m: f64,
    /// Cross-wind width (m).
    pub width_m: f64,
    /// Length along the wind (m): area by width.
    pub length_m: f64,
    /// Smallest t (m).
    pub left_m: f64,
    /// Smallest and largest s (m).
    pub along_m: [f64; 2],
    /// Strips of `strip_m` from `left_m` on; `None` where no wall is met.
    pub strips: Vec<Option<Strip>>,
    /// Width of a strip (m).
    pub strip_m: f64,
    /// What its zones ask for again and again.
    scales: Scales,
}

/// Lengths of a block that cost roots and powers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Scales {
    bluff_m: f64,
    near_wake_m: f64,
    slant_m: f64,
    roof_mps: f64,
    shaft_mps: f64,
}

/// Röckle's length of the displacement zone (m) in front of a block (QES-Winds v1, modified vortex parameterisation).
pub fn displacement_m(height: f64, width: f64) -> f64 {
    1.5 * width / (1.0 + 0.8 * width / height)
}

/// Length of the near wake (m), along the ground in the middle of the lee wall (Röckle 1990; Kaplan & Dinar 1996,
/// doi:10.1016/1352-2310(95)00299-5).
pub fn near_wake_m(height: f64, width: f64, length: f64) -> f64 {
    let slender = (length / height).clamp(0.3, 3.0).powf(0.3);
    1.8 * width / (slender * (1.0 + 0.24 * width / height))
}

impl Obstacle {
    /// A block in the axes of a wind that arrives like this; `tops_m` are the heights at the samples of the grid, for the gaps. None for one without area.
    pub fn new(
        grid: &WindGrid,
        block: &Block,
        number: usize,
        (inflow, heading): (&Inflow, Heading),
        tops_m: &[f32],
    ) -> Option<Self> {
        let ring: Vec<[f64; 2]> = block.ring.iter().map(|&p| heading.to_wind(p)).collect();
        let range = |axis: usize| {
            ring.iter().fold((f64::MAX, f64::MIN), |(a, b), p| {
                (a.min(p[axis]), b.max(p[axis]))
            })
        };
        let ((first, last), (left, right)) = (range(0), range(1));
        let twice: f64 = edges(&ring).map(|(a, b)| a[0] * b[1] - a[1] * b[0]).sum();
        let height = block.top_m - block.base_m;
        if !(twice.abs() > 1e-9 && right - left > 1e-9 && height > 0.0) {
            return None;
        }
        let width = right - left;
        let length = 0.5 * twice.abs() / width;
        // Two in a cell and one more: centres of cells then lie inside strips, and a mirrored block has the mirrored strips.
        let count = 2.0 * (width / grid.cell_m).ceil() + 1.0;
        let strip = width / count;
        let reach = near_wake_m(height, width, length);
        let mut strips: Vec<Option<Strip>> = (0..count as usize)
            .map(|n| {
                let t = left + (n as f64 + 0.5) * strip;
                let mut strip = walls(&ring, t, twice > 0.0)?;
                let top = |s: f64| top_at(grid, tops_m, heading.from_wind([s, t]));
                look_around(
                    &mut strip,
                    block,
                    0.5 * grid.cell_m / SAMPLES as f64,
                    reach,
                    top,
                );
                Some(strip)
            })
            .collect();
        measure_ends(&mut strips, strip);
        let (small, large) = (height.min(width), height.max(width));
        let fronts = strips.iter().flatten().map(|strip| strip.front_m);
        let scales = Scales {
            bluff_m: (small * small * large).cbrt(),
            near_wake_m: reach,
            slant_m: fronts.fold(first, f64::max) - first,
            roof_mps: inflow.speed_mps(height),
            shaft_mps: inflow.speed_mps(0.7 * height),
        };
        Some(Self {
            block: number,
            base_m: block.base_m,
            top_m: block.top_m,
            height_m: height,
            width_m: width,
            length_m: length,
            left_m: left,
            along_m: [first, last],
            strips,
            strip_m: strip,
            scales,
        })
    }

    /// True where another block makes the same zones.
    pub(super) fn same_but_for_number(&self, other: &Self) -> bool {
        let Self {
            block: _,
            base_m,
            top_m,
            height_m,
            width_m,
            length_m,
            left_m,
            along_m,
            strips,
            strip_m,
            scales,
        } = self;
        *base_m == other.base_m
            && *top_m == other.top_m
            && *height_m == other.height_m
            && *width_m == other.width_m
            && *length_m == other.length_m
            && *left_m == other.left_m
            && *along_m == other.along_m
            && *strips == other.strips
            && *strip_m == other.strip_m
            && *scales == other.scales
    }

    /// The strip at t (m).
    pub fn strip(&self, t: f64) -> Option<&Strip> {
        let n = (t - self.left_m) / self.strip_m;
        if n < 0.0 {
            return None;
        }
        self.strips.get(n as usize)?.as_ref()
    }

    /// The strip at t, or the outermost one on that side.
    pub fn nearest_strip(&self, t: f64) -> Option<&Strip> {
        let n = ((t - self.left_m) / self.strip_m).max(0.0) as usize;
        self.strips.get(n.min(self.strips.len() - 1))?.as_ref()
    }

    /// Position across the block: -1 at its right edge as seen along the wind, 1 at its left edge.
    pub fn across(&self, t: f64) -> f64 {
        2.0 * (t - self.left_m) / self.width_m - 1.0
    }

    /// Bluff length (m), B_s^(2/3) B_l^(1/3) of the smaller and the larger of width and height (Wilson 1979): separated layers scale with it.
    pub fn bluff_m(&self) -> f64 {
        self.scales.bluff_m
    }

    /// Approaching wind (m/s) at the height of its roof.
    pub fn roof_mps(&self) -> f64 {
        self.scales.roof_mps
    }

    /// Approaching wind (m/s) at 0.7 of its height, which a tower brings down.
    pub fn shaft_mps(&self) -> f64 {
        self.scales.shaft_mps
    }

    /// Length (m) of its near wake.
    pub fn near_wake_m(&self) -> f64 {
        self.scales.near_wake_m
    }

    /// How much further downwind than its first corner its front reaches (m).
    pub fn slant_m(&self) -> f64 {
        self.scales.slant_m
    }

    /// Length (m) of its displacement zone.
    pub fn displacement_m(&self) -> f64 {
        displacement_m(self.height_m, self.width_m)
    }

    /// Share of its front whose wall stands within an angle (cosine given) of square to the wind.
    pub fn square_front(&self, cosine: f64) -> f64 {
        let walls = self.strips.iter().flatten();
        let (square, all) = walls.fold((0_usize, 0_usize), |(square, all), strip| {
            (square + usize::from(-strip.front[0] > cosine), all + 1)
        });
        square as f64 / all.max(1) as f64
    }
}

/// Finds what stands downwind of the lee wall within `reach` and upwind of the front within twice the height; `top` is the height (m)
/// at a place along the strip. A wall counts when it is higher than a quarter of the block.
fn look_around(strip: &mut Strip, block: &Block, step: f64, reach: f64, top: impl Fn(f64) -> f64) {
    let height = block.top_m - block.base_m;
    let low = block.base_m + 0.25 * height;
    // The first steps may still touch the block's own samples; half steps keep off the borders of samples.
    let places =
        |until: f64| (2..(until / step).ceil() as usize).map(move |n| (n as f64 + 0.5) * step);
    if let Some(gap) = places(reach).find(|x| top(strip.lee_m + x) > low) {
        // The highest top within a quarter of the block's height.
        let tops =
            places(0.25 * height + 2.0 * step).map(|x| top(strip.lee_m + gap + x - 2.5 * step));
        (strip.gap_m, strip.next_top_m) = (gap, tops.fold(f64::NEG_INFINITY, f64::max));
    }
    for x in places(2.0 * height) {
        let top = top(strip.front_m - x);
        strip.shelter_top_m = strip.shelter_top_m.max(top);
        if top > low && strip.approach_m.is_infinite() {
            strip.approach_m = x;
        }
    }
}

/// Fills in [`Strip::to_end_m`], from strips `width` (m) wide: walls that slant to the left end on the left, others on the right.
fn measure_ends(strips: &mut [Option<Strip>], width: f64) {
    for to_left in [true, false] {
        let mut run = 0.0;
        let count = strips.len();
        for n in 0..count {
            let n = if to_left { count - 1 - n } else { n };
            match &mut strips[n] {
                Some(strip) if (strip.front[1] > 0.0) == to_left && strip.front[1] != 0.0 => {
                    let wall = width / -strip.front[0];
                    strip.to_end_m = run + 0.5 * wall;
                    run += wall;
                }
                _ => run = 0.0,
            }
        }
    }
}

/// First and last wall of an outline along the line t.
fn walls(ring: &[[f64; 2]], t: f64, counter_clockwise: bool) -> Option<Strip> {
    let mut found: Option<Strip> = None;
    for (a, b) in edges(ring) {
        if (a[1] <= t) == (b[1] <= t) {
            continue;
        }
        let s = a[0] + (t - a[1]) / (b[1] - a[1]) * (b[0] - a[0]);
        let (ds, dt) = (b[0] - a[0], b[1] - a[1]);
        let length = ds.hypot(dt);
        let sign = if counter_clockwise { 1.0 } else { -1.0 };
        let normal = [sign * dt / length, -sign * ds / length];
        let strip = found.get_or_insert(Strip {
            front_m: s,
            lee_m: s,
            front: normal,
            lee: normal,
            gap_m: f64::INFINITY,
            next_top_m: f64::NEG_INFINITY,
            approach_m: f64::INFINITY,
            shelter_top_m: f64::NEG_INFINITY,
            to_end_m: 0.0,
        });
        if s < strip.front_m {
            (strip.front_m, strip.front) = (s, normal);
        }
        if s > strip.lee_m {
            (strip.lee_m, strip.lee) = (s, normal);
        }
    }
    found
}

/// Height (m) of ground or roof at a place; minus infinity outside the grid.
fn top_at(grid: &WindGrid, tops_m: &[f32], [x, y]: [f64; 2]) -> f64 {
    let step = grid.cell_m / SAMPLES as f64;
    let (col, row) = ((x - grid.west_m) / step, (y - grid.south_m) / step);
    let cols = grid.cells[0] * SAMPLES;
    if col < 0.0 || row < 0.0 || col >= cols as f64 {
        return f64::NEG_INFINITY;
    }
    tops_m
        .get(row as usize * cols + col as usize)
        .map_or(f64::NEG_INFINITY, |&top| f64::from(top))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wind::solids::tops_m;

    #[test]
    fn walls_gaps_and_lengths_of_a_street_across_the_wind() {
        let grid = WindGrid {
            cells: [40, 20, 10],
            cell_m: 2.0,
            west_m: 0.0,
            south_m: 0.0,
            levels_m: (0..=10).map(|k| 2.0 * f64::from(k)).collect(),
        };
        let block = |west: f64, top_m: f64| Block {
            ring: vec![
                [west, 10.0],
                [west + 10.0, 10.0],
                [west + 10.0, 30.0],
                [west, 30.0],
            ],
            base_m: 0.0,
            top_m,
        };
        let blocks = [block(10.0, 10.0), block(32.0, 14.0)];
        let tops = tops_m(&grid, &[], &blocks);
        let west_wind = Heading::coming_from(1.5 * std::f64::consts::PI);
        let inflow = Inflow::Log {
            z0_m: 0.5,
            reference_m: 10.0,
            speed_mps: 5.0,
        };
        let wind = (&inflow, west_wind);
        let o = Obstacle::new(&grid, &blocks[0], 0, wind, &tops).unwrap();
        assert!((o.width_m - 20.0).abs() < 1e-9 && (o.length_m - 10.0).abs() < 1e-9);
        let strip = o.strip(west_wind.to_wind([0.0, 20.0])[1]).unwrap();
        assert!((strip.front_m - 10.0).abs() < 1e-9 && (strip.lee_m - 20.0).abs() < 1e-9);
        assert!((strip.front[0] + 1.0).abs() < 1e-9 && (strip.lee[0] - 1.0).abs() < 1e-9);
        assert!((strip.gap_m - 12.0).abs() <= 0.5, "{}", strip.gap_m);
        assert!((strip.next_top_m - 14.0).abs() < 1e-5);
        // W / H = 2, L / H = 1.
        assert!((o.near_wake_m() - 1.8 * 20.0 / 1.48).abs() < 1e-9);
        assert!((o.displacement_m() - 1.5 * 20.0 / 2.6).abs() < 1e-9);
        assert_eq!(o.square_front(0.97), 1.0);
        let far = Obstacle::new(&grid, &blocks[1], 1, wind, &tops).unwrap();
        assert!(far.strips.iter().flatten().all(|s| s.gap_m.is_infinite()));
    }
}
