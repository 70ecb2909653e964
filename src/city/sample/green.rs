//! Trees: rows along streets and quays, groves in parks, single ones in yards and gardens.

use std::collections::BTreeMap;

use super::lots::Block;
use super::plan::{Class, Kind, Place, Plan, SIZE, WALKS};
use super::plane::{
    P2, bounds, contains, direction, distance, distance_to_ring, distance_to_segment, step,
};
use super::random::Draw;
use crate::city::raw::RawTree;

/// Genus, usual height (m) of young and old trees, crown diameter as a share of the height.
type Species = (&'static str, f64, f64, f64);

// Sizes typical of street and park registers of northern German cities; not surveyed.
const LINDEN: Species = ("Tilia", 9.0, 19.0, 0.52);
const MAPLE: Species = ("Acer", 8.0, 17.0, 0.6);
const PLANE: Species = ("Platanus", 10.0, 20.0, 0.62);
const CHESTNUT: Species = ("Aesculus", 9.0, 18.0, 0.66);
const OAK: Species = ("Quercus", 10.0, 23.0, 0.68);
const BEECH: Species = ("Fagus", 10.0, 24.0, 0.62);
const ASH: Species = ("Fraxinus", 10.0, 21.0, 0.5);
const BIRCH: Species = ("Betula", 8.0, 16.0, 0.42);
const HORNBEAM: Species = ("Carpinus", 6.0, 12.0, 0.5);
const ROBINIA: Species = ("Robinia", 8.0, 16.0, 0.5);
const CHERRY: Species = ("Prunus", 4.0, 8.0, 0.8);
const APPLE: Species = ("Malus", 3.5, 6.5, 0.85);
const WILLOW: Species = ("Salix", 8.0, 16.0, 0.75);
const PINE: Species = ("Pinus", 9.0, 18.0, 0.4);

/// Outlines of houses, found quickly by place.
pub(super) struct Obstacles<'a> {
    rings: &'a [Vec<Vec<P2>>],
    cells: BTreeMap<(i64, i64), Vec<usize>>,
}

const CELL: f64 = 24.0;

fn cell(p: P2) -> (i64, i64) {
    ((p[0] / CELL).floor() as i64, (p[1] / CELL).floor() as i64)
}

impl<'a> Obstacles<'a> {
    /// Outlines with their holes: yards inside a house are open ground.
    pub fn new(rings: &'a [Vec<Vec<P2>>]) -> Self {
        let mut cells: BTreeMap<(i64, i64), Vec<usize>> = BTreeMap::new();
        for (i, ring) in rings.iter().enumerate() {
            let (low, high) = bounds(&ring[0]);
            let (low, high) = (cell(low), cell(high));
            for x in low.0 - 1..=high.0 + 1 {
                for y in low.1 - 1..=high.1 + 1 {
                    cells.entry((x, y)).or_default().push(i);
                }
            }
        }
        Self { rings, cells }
    }

    /// Distance (m) to the nearest outline, 0 inside, at most `CELL`.
    pub fn clearance(&self, p: P2) -> f64 {
        let near = self.cells.get(&cell(p)).map_or(&[][..], Vec::as_slice);
        near.iter()
            .map(|&i| {
                let rings = &self.rings[i];
                let around = rings.iter().filter(|r| contains(r, p)).count();
                if around % 2 == 1 {
                    0.0
                } else {
                    rings
                        .iter()
                        .map(|r| distance_to_ring(p, r))
                        .fold(CELL, f64::min)
                }
            })
            .fold(CELL, f64::min)
    }
}

/// What the trees of a quarter are planted into.
pub(super) struct Planting<'a> {
    pub plan: &'a Plan,
    pub place: &'a Place,
    pub obstacles: Obstacles<'a>,
    /// Whether a place (CRS) lies in water.
    pub is_water: &'a dyn Fn(P2) -> bool,
    pub trees: Vec<RawTree>,
    /// Stems by cell, so that no two stand in each other.
    stems: BTreeMap<(i64, i64), Vec<P2>>,
}

impl<'a> Planting<'a> {
    pub fn new(
        plan: &'a Plan,
        place: &'a Place,
        houses: &'a [Vec<Vec<P2>>],
        is_water: &'a dyn Fn(P2) -> bool,
    ) -> Self {
        Self {
            plan,
            place,
            obstacles: Obstacles::new(houses),
            is_water,
            trees: Vec::new(),
            stems: BTreeMap::new(),
        }
    }

    /// Plants a tree where there is room for it; its crown shrinks beside a wall.
    fn plant(&mut self, at: P2, species: Species, age: f64, apart: f64, draw: &mut Draw) {
        let clearance = self.obstacles.clearance(at);
        let in_quarter = self
            .place
            .plan(at)
            .iter()
            .all(|c| (1.0..SIZE - 1.0).contains(c));
        if clearance < 2.4 || !in_quarter || (self.is_water)(at) {
            return;
        }
        let (x, y) = cell(at);
        let crowded = (x - 1..=x + 1).any(|x| {
            (y - 1..=y + 1).any(|y| {
                self.stems
                    .get(&(x, y))
                    .is_some_and(|stems| stems.iter().any(|&s| distance(s, at) < apart))
            })
        });
        if crowded {
            return;
        }
        let (genus, young, old, crown) = species;
        let height = young + (old - young) * age.clamp(0.0, 1.0);
        let crown = (height * crown * draw.range(0.85, 1.15)).min(2.0 * clearance - 0.8);
        if crown < 1.6 {
            return;
        }
        self.stems.entry((x, y)).or_default().push(at);
        self.trees.push(RawTree {
            id: String::new(),
            position: at.map(|c| (c * 100.0).round() / 100.0),
            foot_height_m: None,
            height_m: (height * 10.0).round() / 10.0,
            crown_diameter_m: (crown * 10.0).round() / 10.0,
            genus: Some(genus.to_owned()),
        });
    }

    /// Whether a place is clear of all carriageways (by a margin), apart from line `own`.
    fn off_the_road(&self, at: P2, own: usize) -> bool {
        let p = self.place.plan(at);
        let on_walk = WALKS
            .iter()
            .flat_map(|(_, path)| path.windows(2))
            .any(|w| distance_to_segment(p, w[0], w[1]) < 3.2);
        if on_walk {
            return false;
        }
        self.plan.lines.iter().enumerate().all(|(i, line)| {
            let width = line.class.carriageway();
            if i == own || !line.class.is_way() {
                return true;
            }
            line.nodes.windows(2).all(|w| {
                let (a, b) = (self.plan.nodes[w[0]], self.plan.nodes[w[1]]);
                distance_to_segment(p, a, b) > width + 4.0
            })
        })
    }

    /// Rows along the lines of the plan.
    pub fn rows(&mut self, draw: &Draw) {
        let plan = self.plan;
        for (l, line) in plan.lines.iter().enumerate() {
            let mut draw = draw.child(l as u64);
            let species = draw.pick(&[LINDEN, MAPLE, ASH, HORNBEAM, ROBINIA, CHERRY]);
            let age = draw.range(0.25, 0.9);
            // Distances from the line on which rows stand, and between stems.
            let (sides, spacing, species): (&[f64], f64, Species) = match line.class {
                Class::Primary => (&[9.6, -9.6], 9.5, LINDEN),
                Class::Avenue => (&[8.0, -8.0], 10.0, PLANE),
                Class::Residential if draw.chance(0.72) => (&[5.2, -5.2], 12.0, species),
                Class::Residential => (&[5.2], 13.0, species),
                Class::Quay => (&[8.6, -8.6], 11.0, draw.pick(&[MAPLE, PLANE, ROBINIA])),
                Class::CanalWalk => (&[4.4, -4.4], 9.0, draw.pick(&[LINDEN, WILLOW])),
                Class::Bank => (&[9.0, -9.0, 16.0, -16.0], 14.0, WILLOW),
                _ => continue,
            };
            for pair in line.nodes.windows(2) {
                let (a, b) = (
                    self.place.world(plan.nodes[pair[0]]),
                    self.place.world(plan.nodes[pair[1]]),
                );
                let (u, length) = (direction(a, b), distance(a, b));
                for &side in sides {
                    let mut s = 5.0 + draw.range(0.0, 3.0);
                    while s < length - 4.0 {
                        let keep = draw.chance(0.88);
                        let at = step(a, u, s + draw.range(-0.4, 0.4), side);
                        let age = age + draw.range(-0.15, 0.15);
                        s += spacing;
                        if keep && self.off_the_road(at, l) {
                            self.plant(at, species, age, 5.0, &mut draw);
                        }
                    }
                }
            }
        }
    }

    /// Trees of a block.
    pub fn block(&mut self, kind: Kind, block: &Block, draw: &Draw) {
        let mut draw = draw.child(7);
        // Distance of a jittered lattice, share of its points used, distance from houses, and what grows there.
        let (spacing, share, clear, species): (f64, f64, f64, &[Species]) = match kind {
            Kind::Park => (
                8.2,
                0.8,
                4.0,
                &[OAK, BEECH, LINDEN, MAPLE, CHESTNUT, BIRCH, PINE, HORNBEAM],
            ),
            Kind::Strip => (9.0, 0.35, 3.0, &[WILLOW, BIRCH, CHERRY]),
            Kind::Tenement => (8.5, 0.5, 4.2, &[CHESTNUT, MAPLE, BIRCH, CHERRY, LINDEN]),
            Kind::OldTown => (8.0, 0.3, 3.4, &[CHERRY, APPLE, LINDEN, CHESTNUT]),
            Kind::Modern => (9.0, 0.45, 4.2, &[MAPLE, BIRCH, CHERRY, PINE]),
            Kind::Points => (9.0, 0.4, 4.0, &[PINE, MAPLE, BIRCH]),
            Kind::Court => (8.0, 0.5, 5.0, &[MAPLE, CHERRY]),
            Kind::Slabs => (10.0, 0.5, 4.5, &[BIRCH, MAPLE, OAK, PINE, LINDEN]),
            Kind::Towers => (10.0, 0.55, 5.0, &[BIRCH, PINE, MAPLE, ASH, OAK]),
            Kind::Terraces => (7.5, 0.42, 3.2, &[APPLE, CHERRY, BIRCH, HORNBEAM]),
            Kind::Villas => (9.0, 0.62, 3.6, &[BEECH, OAK, CHESTNUT, APPLE, PINE, BIRCH]),
            Kind::School => (9.5, 0.4, 5.0, &[LINDEN, MAPLE, OAK]),
            Kind::Church => (8.5, 0.7, 5.5, &[LINDEN, LINDEN, CHESTNUT]),
            Kind::Market => (7.5, 0.0, 5.0, &[LINDEN]),
            Kind::Water | Kind::Site | Kind::Warehouse | Kind::Sheds | Kind::Pier => return,
        };
        if kind == Kind::Market {
            self.market_rows(&mut draw);
            return;
        }
        let (low, high) = bounds(&block.ring);
        let (low, high) = (self.place.plan(low), self.place.plan(high));
        let (x0, x1) = (low[0].min(high[0]), low[0].max(high[0]));
        let (y0, y1) = (low[1].min(high[1]), low[1].max(high[1]));
        let count = |from: f64, to: f64| ((to - from) / spacing).ceil() as u32;
        for row in 0..count(y0, y1) {
            for col in 0..count(x0, x1) {
                let mut one = draw.child(u64::from(row) << 32 | u64::from(col));
                let p = [
                    x0 + (f64::from(col) + one.range(0.08, 0.92)) * spacing,
                    y0 + (f64::from(row) + one.range(0.08, 0.92)) * spacing,
                ];
                // Parks have lawns: groves follow slow waves.
                let density = if kind == Kind::Park {
                    let wave = (p[0] / 37.0).sin() + (p[1] / 23.0 + p[0] / 71.0).cos();
                    if wave > 0.55 { 0.04 } else { share }
                } else {
                    share
                };
                if !one.chance(density) {
                    continue;
                }
                let at = self.place.world(p);
                let inside = contains(&block.ring, at) && distance_to_ring(at, &block.ring) > 1.8;
                if inside
                    && self.obstacles.clearance(at) > clear
                    && self.off_the_road(at, usize::MAX)
                {
                    let species = one.pick(species);
                    let age = one.range(0.1, 1.0);
                    self.plant(at, species, age, 4.6, &mut one);
                }
            }
        }
    }

    /// Two double rows at the sides of the market.
    fn market_rows(&mut self, draw: &mut Draw) {
        for x in [517.5, 525.0, 577.0, 584.5] {
            for i in 0..5 {
                let at = self.place.world([x, 500.5 + 8.4 * f64::from(i)]);
                self.plant(at, LINDEN, 0.45, 5.0, draw);
            }
        }
    }
}
