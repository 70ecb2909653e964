//! Blocks for the zones of tier 1, found in the heights of a city rather than in its files: houses that touch and are about equally high
//! are one block to the wind, a tower on a podium is two.
//!
//! Heights are cut at levels, each half as high again as the last. What is connected above a level is a block; where less than three
//! quarters of it reach the next level, and what does is half as high again as the rest, it is a block of its own on top. The top of a
//! block is the mean height of what belongs to it alone, which for a pitched roof is the height of a flat one with the same volume.

use super::surface::{NOBODY, Surface};
use crate::wind::grid::WindGrid;
use crate::wind::solids::{Block, SAMPLES};

/// Ratio of one level to the one below.
const NEXT: f32 = 1.5;
/// Share of a block that must reach the next level for the block to go on.
const GOES_ON: f64 = 0.75;
/// Smallest block, in samples: half a cell.
const LEAST: usize = SAMPLES * SAMPLES / 2;
/// Walls shorter than this, in cells, are part of their neighbours: each wall has zones of its own, and those of a kink would be a streak
/// of wind that is not there.
const SHORTEST: f64 = 1.5;
/// Outlines may leave the stairs of their samples by this much, in samples: a straight slanting wall becomes one line.
const SMOOTH: f64 = 1.5;

/// Blocks of a surface, each with the building that has most of it (position in the city).
pub(super) fn blocks(grid: &WindGrid, surface: &Surface) -> (Vec<Block>, Vec<u32>) {
    let nx = grid.cells[0];
    let cols = nx * SAMPLES;
    let ground = |s: usize| surface.ground_m[s / cols / SAMPLES * nx + s % cols / SAMPLES];
    let above_m = (0..surface.tops_m.len()).map(|s| surface.tops_m[s] - ground(s));
    let mut finder = Finder {
        grid,
        surface,
        cols,
        above_m: above_m.collect(),
        part: vec![0; surface.tops_m.len()],
        parts: 0,
    };
    let lowest = (grid.levels_m[1] - grid.levels_m[0]) as f32;
    let mut todo = finder.connected(0..surface.tops_m.len() as u32, lowest);
    let (mut blocks, mut owners) = (Vec::new(), Vec::new());
    while let Some(part) = todo.pop() {
        let (block, owner) = finder.take(part, &mut todo);
        blocks.push(block);
        owners.push(owner);
    }
    (blocks, owners)
}

/// Samples that hang together above a level.
struct Part {
    /// Number in [`Finder::part`].
    number: u32,
    samples: Vec<u32>,
    /// Height (m) above ground that all of them exceed.
    level_m: f32,
}

struct Finder<'a> {
    grid: &'a WindGrid,
    surface: &'a Surface,
    /// Samples in a row.
    cols: usize,
    /// Height (m) above ground of each sample.
    above_m: Vec<f32>,
    /// Number of the part that each sample was last given to; 0 for none.
    part: Vec<u32>,
    parts: u32,
}

impl Finder<'_> {
    /// Parts of these samples that hang together by their sides above a level, without those too small for a block.
    fn connected(&mut self, samples: impl Iterator<Item = u32>, level_m: f32) -> Vec<Part> {
        let high: Vec<u32> = samples
            .filter(|&s| self.above_m[s as usize] > level_m)
            .collect();
        self.parts += 1;
        let waiting = self.parts;
        for &s in &high {
            self.part[s as usize] = waiting;
        }
        let mut found = Vec::new();
        for &first in &high {
            if self.part[first as usize] != waiting {
                continue;
            }
            self.parts += 1;
            let number = self.parts;
            self.part[first as usize] = number;
            let mut samples = vec![first];
            let mut next = 0;
            while let Some(&s) = samples.get(next) {
                next += 1;
                let (s, col) = (s as usize, s as usize % self.cols);
                let sides = [
                    (col > 0).then(|| s - 1),
                    (col + 1 < self.cols).then_some(s + 1),
                    s.checked_sub(self.cols),
                    (s + self.cols < self.part.len()).then_some(s + self.cols),
                ];
                for side in sides.into_iter().flatten() {
                    if self.part[side] == waiting {
                        self.part[side] = number;
                        samples.push(side as u32);
                    }
                }
            }
            if samples.len() >= LEAST {
                found.push(Part {
                    number,
                    samples,
                    level_m,
                });
            }
        }
        found
    }

    /// The block of a part; what stands on it goes to `todo`.
    fn take(&mut self, part: Part, todo: &mut Vec<Part>) -> (Block, u32) {
        let ring = self.outline(&part);
        let mut level_m = part.level_m * NEXT;
        let all = part.samples.len();
        loop {
            let (mut high, mut sums) = (0_usize, [0.0, 0.0]);
            for &s in &part.samples {
                let above_m = self.above_m[s as usize];
                let reaches = above_m > level_m;
                high += usize::from(reaches);
                sums[usize::from(reaches)] += f64::from(above_m);
            }
            let [rest_m, high_m] = [
                sums[0] / (all - high).max(1) as f64,
                sums[1] / high.max(1) as f64,
            ];
            let goes_on = high as f64 >= GOES_ON * all as f64 || high_m < f64::from(NEXT) * rest_m;
            if high < LEAST || !goes_on {
                break;
            }
            level_m *= NEXT;
        }
        let on_top = self.connected(part.samples.iter().copied(), level_m);
        let covered = |s: u32| on_top.iter().any(|p| p.number == self.part[s as usize]);
        let cols = self.cols;
        let nx = self.grid.cells[0];
        let (mut base, mut height, mut own) = (0.0, 0.0, 0_usize);
        let mut counts: std::collections::BTreeMap<u32, usize> = std::collections::BTreeMap::new();
        for &s in &part.samples {
            let at = s as usize;
            let column = at / cols / SAMPLES * nx + at % cols / SAMPLES;
            base += f64::from(self.surface.ground_m[column]);
            let owner = self.surface.owners[at];
            if owner != NOBODY {
                *counts.entry(owner).or_default() += 1;
            }
            if !covered(s) {
                height += f64::from(self.above_m[at]);
                own += 1;
            }
        }
        // The first of those with equally much.
        let owner = counts.iter().rev().max_by_key(|(_, count)| **count);
        let base_m = base / all as f64;
        // A part whose every sample carries something higher is as high as its level.
        let height_m = if own > 0 {
            height / own as f64
        } else {
            f64::from(part.level_m)
        };
        todo.extend(on_top);
        let block = Block {
            ring,
            base_m,
            top_m: base_m + height_m,
        };
        (block, owner.map_or(NOBODY, |(owner, _)| *owner))
    }

    /// Outer outline (m) of a part, counter-clockwise: along the sides of its samples, then smoothed.
    fn outline(&self, part: &Part) -> Vec<[f64; 2]> {
        let rows = (self.part.len() / self.cols) as i64;
        let inside = |x: i64, y: i64| {
            x >= 0
                && y >= 0
                && x < self.cols as i64
                && y < rows
                && self.part[y as usize * self.cols + x as usize] == part.number
        };
        let first = part.samples.iter().min().map_or(0, |&s| s as usize);
        // The lowest row's first sample: its south-western corner, heading east along its southern side.
        let start = [(first % self.cols) as i64, (first / self.cols) as i64];
        let (mut at, mut heading) = (start, [1_i64, 0_i64]);
        let mut corners = vec![start];
        loop {
            at = [at[0] + heading[0], at[1] + heading[1]];
            // Samples ahead of this corner, to the left and to the right of the way.
            let [dx, dy] = heading;
            let ahead = |side: i64| {
                // A corner is the south-western one of the sample with its numbers.
                let x = 2 * at[0] + dx - side * dy - 1;
                let y = 2 * at[1] + dy + side * dx - 1;
                inside(x / 2, y / 2)
            };
            let turned = if !ahead(1) {
                [-dy, dx]
            } else if ahead(-1) {
                [dy, -dx]
            } else {
                heading
            };
            if at == start && turned == [1, 0] {
                break;
            }
            if turned != heading {
                corners.push(at);
                heading = turned;
            }
        }
        let step = self.grid.cell_m / SAMPLES as f64;
        let ring = smoothed(&corners).into_iter().map(|[x, y]| {
            [
                self.grid.west_m + x as f64 * step,
                self.grid.south_m + y as f64 * step,
            ]
        });
        without_short_walls(ring.collect(), SHORTEST * self.grid.cell_m)
    }
}

/// An outline (m) whose walls are at least `least_m` long, as far as four corners are left: the walls beside a short one meet where their lines
/// do, or in its middle where that would be far away.
fn without_short_walls(mut ring: Vec<[f64; 2]>, least_m: f64) -> Vec<[f64; 2]> {
    while ring.len() > 4 {
        let count = ring.len();
        let length = |n: usize| {
            let (a, b) = (ring[n], ring[(n + 1) % count]);
            (b[0] - a[0]).hypot(b[1] - a[1])
        };
        // The first of equally short ones.
        let shortest = (0..count).min_by(|&a, &b| length(a).total_cmp(&length(b)));
        let Some(n) = shortest.filter(|&n| length(n) < least_m) else {
            break;
        };
        let [before, a, b, after] = [count - 1, 0, 1, 2].map(|k| ring[(n + k) % count]);
        let middle = [0.5 * (a[0] + b[0]), 0.5 * (a[1] + b[1])];
        let meeting = crossing([before, a], [b, after])
            .filter(|p| (p[0] - middle[0]).hypot(p[1] - middle[1]) < least_m);
        ring[n] = meeting.unwrap_or(middle);
        ring.remove((n + 1) % count);
    }
    ring
}

/// Where two lines meet; None for parallel ones.
fn crossing([a, b]: [[f64; 2]; 2], [c, d]: [[f64; 2]; 2]) -> Option<[f64; 2]> {
    let (u, v) = ([b[0] - a[0], b[1] - a[1]], [d[0] - c[0], d[1] - c[1]]);
    let turn = u[0] * v[1] - u[1] * v[0];
    let share = ((c[0] - a[0]) * v[1] - (c[1] - a[1]) * v[0]) / turn;
    let meeting = [a[0] + share * u[0], a[1] + share * u[1]];
    meeting.iter().all(|x| x.is_finite()).then_some(meeting)
}

/// A closed outline without the corners that lie within [`SMOOTH`] of the line between others (Douglas & Peucker 1973,
/// doi:10.3138/FM57-6770-U75U-7727), cut at its first corner and at the one farthest from that.
fn smoothed(corners: &[[i64; 2]]) -> Vec<[i64; 2]> {
    let far = |p: &[i64; 2]| (p[0] - corners[0][0]).pow(2) + (p[1] - corners[0][1]).pow(2);
    let opposite = (0..corners.len())
        .max_by_key(|&n| far(&corners[n]))
        .unwrap_or(0);
    let mut kept = vec![corners[0]];
    keep(&corners[..=opposite], &mut kept);
    kept.push(corners[opposite]);
    let mut back: Vec<[i64; 2]> = corners[opposite..].to_vec();
    back.push(corners[0]);
    keep(&back, &mut kept);
    kept
}

/// Adds the corners strictly between both ends of a line that it cannot do without.
fn keep(line: &[[i64; 2]], kept: &mut Vec<[i64; 2]>) {
    let (Some(&[ax, ay]), Some(&[bx, by])) = (line.first(), line.last()) else {
        return;
    };
    let (dx, dy) = ((bx - ax) as f64, (by - ay) as f64);
    let length = dx.hypot(dy).max(1e-9);
    let away = |[x, y]: [i64; 2]| (dx * (y - ay) as f64 - dy * (x - ax) as f64).abs() / length;
    let farthest =
        (1..line.len().saturating_sub(1)).max_by(|&a, &b| away(line[a]).total_cmp(&away(line[b])));
    if let Some(n) = farthest
        && away(line[n]) > SMOOTH
    {
        keep(&line[..=n], kept);
        kept.push(line[n]);
        keep(&line[n..], kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wind::grid::levels;

    /// 40 x 40 cells of 2 m on level ground at 0; heights from a function of the place.
    fn found(height: impl Fn(f64, f64) -> f32) -> Vec<Block> {
        let grid = WindGrid {
            cells: [40, 40, 20],
            cell_m: 2.0,
            west_m: 100.0,
            south_m: 50.0,
            levels_m: levels(0.0, 2.0, 40.0, 1.2, 10.0, 80.0),
        };
        let cols = 40 * SAMPLES;
        let step = 2.0 / SAMPLES as f64;
        let tops_m = (0..cols * cols)
            .map(|s| {
                height(
                    (s % cols) as f64 * step + 0.25,
                    (s / cols) as f64 * step + 0.25,
                )
            })
            .collect();
        let surface = Surface {
            ground_m: vec![0.0; 1600],
            tops_m,
            owners: vec![0; cols * cols],
        };
        blocks(&grid, &surface).0
    }

    fn within(x: f64, y: f64, [west, east]: [f64; 2], [south, north]: [f64; 2]) -> bool {
        x > west && x < east && y > south && y < north
    }

    #[test]
    fn a_house_is_its_rectangle() {
        let blocks = found(|x, y| {
            if within(x, y, [20.0, 40.0], [10.0, 25.0]) {
                12.0
            } else {
                0.0
            }
        });
        assert_eq!(blocks.len(), 1);
        assert_eq!((blocks[0].base_m, blocks[0].top_m), (0.0, 12.0));
        assert_eq!(
            blocks[0].ring,
            [[120.0, 60.0], [140.0, 60.0], [140.0, 75.0], [120.0, 75.0]]
        );
    }

    #[test]
    fn a_tower_on_a_podium_is_two_blocks_and_a_row_of_houses_one() {
        let tower = found(|x, y| {
            if within(x, y, [30.0, 40.0], [30.0, 40.0]) {
                60.0
            } else if within(x, y, [20.0, 60.0], [20.0, 50.0]) {
                8.0
            } else {
                0.0
            }
        });
        let mut tops: Vec<f64> = tower.iter().map(|b| b.top_m).collect();
        tops.sort_by(f64::total_cmp);
        assert_eq!(tops, [8.0, 60.0]);
        // Houses of 11, 12 and 13 m side by side.
        let row = found(|x, y| {
            if within(x, y, [10.0, 40.0], [10.0, 20.0]) {
                11.0 + (x / 10.0).floor() as f32 - 1.0
            } else {
                0.0
            }
        });
        assert_eq!(row.len(), 1);
        assert!((row[0].top_m - 12.0).abs() < 1e-6);
    }

    #[test]
    fn a_pitched_roof_is_as_high_as_a_flat_one_of_its_volume() {
        let blocks = found(|x, y| {
            if within(x, y, [20.0, 60.0], [20.0, 30.0]) {
                8.0 + 1.2 * (5.0 - (y as f32 - 25.0).abs())
            } else {
                0.0
            }
        });
        assert_eq!(blocks.len(), 1);
        assert!((blocks[0].top_m - 11.0).abs() < 0.01, "{}", blocks[0].top_m);
    }

    #[test]
    fn a_turned_wall_becomes_a_line_and_a_yard_is_enclosed() {
        let turned = found(|x, y| {
            let (a, b) = (
                (x - 40.0) * 0.8 + (y - 40.0) * 0.6,
                (y - 40.0) * 0.8 - (x - 40.0) * 0.6,
            );
            if a.abs() < 15.0 && b.abs() < 8.0 {
                10.0
            } else {
                0.0
            }
        });
        assert_eq!(turned.len(), 1);
        let ring = &turned[0].ring;
        assert!(ring.len() <= 8, "{ring:?}");
        let twice: f64 = (0..ring.len())
            .map(|n| {
                let (a, b) = (ring[n], ring[(n + 1) % ring.len()]);
                a[0] * b[1] - a[1] * b[0]
            })
            .sum();
        assert!((0.5 * twice - 480.0).abs() < 20.0, "{}", 0.5 * twice);
        // Two corners of a house cut off by one and a half cells: it has four walls all the same.
        let cut = found(|x, y| {
            let inside = within(x, y, [20.0, 44.0], [20.0, 40.0]);
            let [a, b] = [x - 20.0 + (y - 20.0), 44.0 - x + (40.0 - y)];
            if inside && a > 2.0 && b > 2.0 {
                12.0
            } else {
                0.0
            }
        });
        assert_eq!(cut[0].ring.len(), 4, "{:?}", cut[0].ring);
        let yard = found(|x, y| {
            let all = within(x, y, [10.0, 50.0], [10.0, 50.0]);
            if all && !within(x, y, [20.0, 40.0], [20.0, 40.0]) {
                15.0
            } else {
                0.0
            }
        });
        assert_eq!(yard.len(), 1);
        assert_eq!(yard[0].ring.len(), 4);
        assert_eq!(yard[0].top_m, 15.0);
    }
}
