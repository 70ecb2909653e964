//! The sample city: "Hafenquartier", a fictional harbour quarter of one square kilometre, made from a seed.
//!
//! What it is: a plan drawn by hand ([`plan`]: streets, quays, waters, blocks) on which houses, trees and land cover are
//! drawn by lot. Every random number depends on (seed, quarter, block, plot) and its position only, so the same seed
//! gives the same bytes on any machine and for any number of threads.
//! What it is not: a survey. Dimensions and years are typical of a northern German harbour town, nothing is a real place.
//!
//! For benches the quarter repeats, every second copy mirrored so that streets, banks and heights meet, each with houses of
//! its own; 400 000 buildings take less than 2 GB.
//!
//! The files ([`write_sample`]) are written in standard formats and read back by the ordinary importers.

use rayon::prelude::*;

use crate::city::raw::{RawBuilding, RawPart, RawPolygon, RawStreet, RawTree};
use crate::city::{BuildingAttributes, LandCoverKind};

mod cover;
mod draft;
mod green;
mod ground;
mod houses;
mod lots;
mod plan;
mod plane;
mod random;
mod shell;
mod write;

pub use shell::{Face, Shell};
pub use write::{FILES, write_sample};

use ground::Ground;
use lots::{Block, Builder, Draft};
use plan::{Class, Kind, Place, Plan};
use plane::{P2, Rect, distance, distance_to_segment, dot, inset, sub};
use random::Draw;

/// South-western corner of the quarter: easting, northing in EPSG:25832 (m).
pub const ORIGIN: [f64; 2] = [565_500.0, 5_932_500.0];

/// Version of the generator; part of every file it writes.
pub const GENERATOR: &str = "Planspiel sample generator 1";

/// Date of this version of the generator: the date of the data it makes.
pub const DATE: &str = "2026-11-23";

/// Licence of what the generator makes.
pub const LICENCE: &str = "CC0-1.0";

/// What to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleParams {
    /// Seed of all random numbers; 2027 gives the city that ships.
    pub seed: u64,
    /// How large.
    pub size: SampleSize,
}

/// How large a sample city is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleSize {
    /// One quarter.
    Quarter,
    /// As many repeated quarters as this many buildings need; the last one is cut short.
    Buildings(usize),
}

impl Default for SampleParams {
    fn default() -> Self {
        Self {
            seed: 2027,
            size: SampleSize::Quarter,
        }
    }
}

/// A building of the sample: closed shells with what is known about it.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleBuilding {
    /// `HQ-0001` and so on.
    pub id: String,
    /// Function, storeys, year, height, name, address.
    pub attributes: BuildingAttributes,
    /// One closed shell per part.
    pub shells: Vec<Shell>,
}

impl SampleBuilding {
    /// The building as an importer hands it over.
    pub fn to_raw(&self) -> RawBuilding {
        let part_id = |i: usize| match self.shells.len() {
            1 => self.id.clone(),
            _ => format!("{}-{}", self.id, i + 1),
        };
        let parts = self.shells.iter().enumerate().map(|(i, shell)| {
            let at = |&v: &u16| shell.vertices[v as usize];
            let polygons = shell.faces.iter().map(|face| RawPolygon {
                id: None,
                kind: Some(face.kind),
                rings: std::iter::once(&face.ring)
                    .chain(&face.holes)
                    .map(|ring| ring.iter().map(at).collect())
                    .collect(),
            });
            RawPart {
                id: part_id(i),
                attributes: BuildingAttributes::default(),
                lod: "2".to_owned(),
                polygons: polygons.collect(),
                installation: false,
            }
        });
        RawBuilding {
            id: self.id.clone(),
            attributes: self.attributes.clone(),
            parts: parts.collect(),
            place: None,
        }
    }

    /// Outlines of its shells on the ground, counter-clockwise, holes left out.
    pub fn footprints(&self) -> Vec<Vec<[f64; 2]>> {
        self.shells
            .iter()
            .filter_map(|s| s.footprint().into_iter().next())
            .collect()
    }
}

/// A land cover polygon of the sample.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleCover {
    /// `HQ-F0001` and so on.
    pub id: String,
    /// Class.
    pub kind: LandCoverKind,
    /// Exterior counter-clockwise, then holes.
    pub rings: Vec<Vec<[f64; 2]>>,
}

/// Ground heights of the sample: cell centres, row 0 in the north.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleTerrain {
    /// Easting of the western edge (m).
    pub west: f64,
    /// Northing of the northern edge (m).
    pub north: f64,
    /// Cell size (m): 1 for a quarter, more for large cities, so that there are at most 16 million cells.
    pub cell_m: f64,
    /// Columns.
    pub cols: usize,
    /// Heights (m NHN), `[rows][cols]`, whole centimetres.
    pub heights: Vec<f32>,
}

/// A generated city. Coordinates are EPSG:25832 and DHHN2016.
#[derive(Clone, Debug)]
pub struct SampleCity {
    /// Buildings in the order of their ids.
    pub buildings: Vec<SampleBuilding>,
    /// Trees.
    pub trees: Vec<RawTree>,
    /// Street lines.
    pub streets: Vec<RawStreet>,
    /// Land cover.
    pub land_cover: Vec<SampleCover>,
    /// Ground heights.
    pub terrain: SampleTerrain,
}

/// Everything of one quarter, before ids are given.
struct Quarter {
    buildings: Vec<SampleBuilding>,
    trees: Vec<RawTree>,
    streets: Vec<RawStreet>,
    land_cover: Vec<cover::Patch>,
}

/// Buildings of a quarter at least; used to see how many quarters a number of buildings needs.
const QUARTER_BUILDINGS: usize = 600;

/// Makes a city.
pub fn generate(params: &SampleParams) -> SampleCity {
    let plan = Plan::new();
    let ground = Ground::new(&plan);
    let wanted = match params.size {
        SampleSize::Quarter => usize::MAX,
        SampleSize::Buildings(n) => n.max(1),
    };
    let quarters = match params.size {
        SampleSize::Quarter => 1,
        SampleSize::Buildings(n) => n.div_ceil(QUARTER_BUILDINGS).max(1),
    };
    // The squarest field of quarters that holds them all, filled row by row.
    let columns = (quarters as f64).sqrt().ceil() as usize;
    let mut city = SampleCity {
        buildings: Vec::new(),
        trees: Vec::new(),
        streets: Vec::new(),
        land_cover: Vec::new(),
        terrain: SampleTerrain {
            west: 0.0,
            north: 0.0,
            cell_m: 1.0,
            cols: 0,
            heights: Vec::new(),
        },
    };
    let mut rows = 0;
    while city.buildings.len() < wanted && rows * columns < quarters {
        let made: Vec<Quarter> = (0..columns)
            .into_par_iter()
            .map(|col| {
                let place = place(col, rows);
                quarter(
                    &plan,
                    &ground,
                    &place,
                    params.seed,
                    (rows * columns + col) as u64,
                )
            })
            .collect();
        for part in made {
            let room = wanted - city.buildings.len();
            city.buildings.extend(part.buildings.into_iter().take(room));
            city.trees.extend(part.trees);
            city.streets.extend(part.streets);
            city.land_cover.extend(
                part.land_cover
                    .into_iter()
                    .map(|(kind, rings)| SampleCover {
                        id: String::new(),
                        kind,
                        rings,
                    }),
            );
        }
        rows += 1;
    }
    city.terrain = terrain(&ground, columns, rows);
    for (i, building) in city.buildings.iter_mut().enumerate() {
        building.id = format!("HQ-{:04}", i + 1);
    }
    for (i, tree) in city.trees.iter_mut().enumerate() {
        tree.id = format!("HQ-B{:05}", i + 1);
    }
    for (i, street) in city.streets.iter_mut().enumerate() {
        street.id = (i + 1).to_string();
    }
    for (i, patch) in city.land_cover.iter_mut().enumerate() {
        patch.id = format!("HQ-F{:04}", i + 1);
    }
    city
}

/// Streets of the quarter without the rest of the city: the same lines with the same ids as in [`generate`].
pub fn quarter_streets() -> Vec<RawStreet> {
    let mut lines = streets(&Plan::new(), &place(0, 0));
    for (i, street) in lines.iter_mut().enumerate() {
        street.id = (i + 1).to_string();
    }
    lines
}

fn place(col: usize, row: usize) -> Place {
    Place {
        origin: [
            ORIGIN[0] + col as f64 * plan::SIZE,
            ORIGIN[1] + row as f64 * plan::SIZE,
        ],
        mirrored: [col % 2 == 1, row % 2 == 1],
    }
}

fn terrain(ground: &Ground, columns: usize, rows: usize) -> SampleTerrain {
    let side = columns.max(rows) as f64 * plan::SIZE;
    let cell_m = (side / 4000.0).ceil();
    let cols = (columns as f64 * plan::SIZE / cell_m).ceil() as usize;
    let lines = (rows as f64 * plan::SIZE / cell_m).ceil() as usize;
    let north = ORIGIN[1] + rows as f64 * plan::SIZE;
    let mut heights = vec![0f32; cols * lines];
    heights
        .par_chunks_mut(cols)
        .enumerate()
        .for_each(|(line, out)| {
            for (col, height) in out.iter_mut().enumerate() {
                let p = [
                    ORIGIN[0] + (col as f64 + 0.5) * cell_m,
                    north - (line as f64 + 0.5) * cell_m,
                ];
                *height = height_at(ground, p, columns, rows);
            }
        });
    SampleTerrain {
        west: ORIGIN[0],
        north,
        cell_m,
        cols,
        heights,
    }
}

/// Height (m NHN, whole centimetres) at CRS coordinates.
fn height_at(ground: &Ground, p: P2, columns: usize, rows: usize) -> f32 {
    let tile = |k: usize, count: usize| {
        let i = ((p[k] - ORIGIN[k]) / plan::SIZE).floor().max(0.0) as usize;
        i.min(count - 1)
    };
    let place = place(tile(0, columns), tile(1, rows));
    ((ground.height(place.plan(p)) * 100.0).round() / 100.0) as f32
}

fn quarter(plan: &Plan, ground: &Ground, place: &Place, seed: u64, number: u64) -> Quarter {
    let land = |p: P2| ground.height(place.plan(p));
    let is_water = |p: P2| ground.is_water(place.plan(p));
    let mut drafts: Vec<Draft> = Vec::new();
    let mut patches = Vec::new();
    let mut blocks = Vec::new();
    for (f, face) in plan.faces.iter().enumerate() {
        let n = face.nodes.len();
        let mut ring: Vec<P2> = plan.ring(face).iter().map(|&p| place.world(p)).collect();
        let mut lines = face.lines.clone();
        if place.reversed() {
            ring.reverse();
            lines = (0..n).map(|j| face.lines[(2 * n - 2 - j) % n]).collect();
        }
        let classes: Vec<Class> = lines.iter().map(|&l| plan.lines[l].class).collect();
        let draw = Draw::new(seed, &[number, f as u64]);
        let block = block(&ring, &classes, &lines);
        if let (Some(block), true) = (&block, face.kind != Kind::Water) {
            let mut builder = Builder::new(block, &land, draw.clone());
            houses::build(&mut builder, face.kind, place);
            drafts.append(&mut builder.drafts);
        }
        let face_in_crs = cover::Ground {
            ring: &ring,
            classes: &classes,
            kind: face.kind,
            place,
        };
        patches.extend(cover::patches(&face_in_crs, block.as_ref()));
        if let Some(block) = block {
            blocks.push((face.kind, block, draw));
        }
    }
    drafts.extend(bridges(plan, place));
    let houses: Vec<Vec<Vec<P2>>> = drafts
        .iter()
        .flat_map(|d| &d.shells)
        .map(Shell::footprint)
        .collect();
    let mut planting = green::Planting::new(plan, place, &houses, &is_water);
    planting.rows(&Draw::new(seed, &[number, 1 << 32]));
    for (kind, block, draw) in &blocks {
        planting.block(*kind, block, draw);
    }
    let trees = planting.trees;
    let streets = streets(plan, place);
    Quarter {
        buildings: numbered(plan, place, drafts),
        trees,
        streets,
        land_cover: patches,
    }
}

/// The plots of a face: its outline behind streets and promenades.
fn block(ring: &[P2], classes: &[Class], lines: &[usize]) -> Option<Block> {
    let setbacks: Vec<f64> = classes.iter().map(|c| c.setback()).collect();
    let inner = inset(ring, &setbacks)?;
    let n = inner.len();
    let kept: Vec<usize> = (0..n)
        .filter(|&i| distance(inner[i], inner[(i + 1) % n]) > 0.01)
        .collect();
    Some(Block {
        ring: kept.iter().map(|&i| inner[i]).collect(),
        classes: kept.iter().map(|&i| classes[i]).collect(),
        lines: kept.iter().map(|&i| lines[i]).collect(),
    })
}

/// Bridge decks. They belong to the model as structures (ALKIS 53001), since the ground below them is the bed.
fn bridges(plan: &Plan, place: &Place) -> Vec<Draft> {
    plan.lines
        .iter()
        .filter(|l| l.class.is_bridge())
        .map(|line| {
            let (a, b) = (
                place.world(plan.nodes[line.nodes[0]]),
                place.world(plan.nodes[line.nodes[1]]),
            );
            let middle = plane::lerp(a, b, 0.5);
            let rect = Rect::centred(
                middle,
                plane::direction(a, b),
                distance(a, b) + 1.6,
                2.0 * line.class.carriageway(),
            );
            let top = ground::QUAY + 0.05;
            Draft {
                shells: vec![shell::deck(&rect, [top, top], 0.9)],
                function: "53001_1800",
                roof: "1000",
                storeys: None,
                year: Some(1888),
                name: Some(line.name.to_owned()),
                door: None,
            }
        })
        .collect()
}

/// Ways of the plan with class, name and width.
fn streets(plan: &Plan, place: &Place) -> Vec<RawStreet> {
    plan.lines
        .iter()
        .filter(|l| l.class.is_way())
        .map(|line| RawStreet {
            id: String::new(),
            class: highway(line.class).to_owned(),
            name: Some(line.name.to_owned()),
            width_m: Some(2.0 * line.class.carriageway()),
            line: line
                .nodes
                .iter()
                .map(|&i| place.world(plan.nodes[i]))
                .collect(),
        })
        .chain(promenades(plan, place))
        .collect()
}

/// OSM class of a line.
fn highway(class: Class) -> &'static str {
    match class {
        Class::Primary => "primary",
        Class::Avenue => "secondary",
        Class::Residential | Class::Brook | Class::Bridge => "residential",
        Class::Lane => "living_street",
        Class::Foot | Class::FootBridge => "pedestrian",
        Class::Quay | Class::CanalWalk | Class::CanalWall | Class::Bank | Class::Border => {
            "footway"
        }
    }
}

/// Footways on the quays, along canals, on the bank and through the parks.
fn promenades(plan: &Plan, place: &Place) -> Vec<RawStreet> {
    let mut ways = Vec::new();
    for line in &plan.lines {
        let by = match line.class {
            Class::Quay => 5.5,
            Class::CanalWalk => 2.5,
            Class::Bank => 12.0,
            _ => continue,
        };
        let path: Vec<P2> = line.nodes.iter().map(|&i| plan.nodes[i]).collect();
        // Land lies on the side where no water face is.
        let middle = plane::lerp(path[0], path[1], 0.5);
        let probe = plane::step(middle, plane::direction(path[0], path[1]), 0.0, 1.0);
        let water_left = plan.waters().iter().any(|w| plane::contains(w, probe));
        let moved = plane::offset_path(&path, if water_left { -by } else { by });
        ways.push(RawStreet {
            id: String::new(),
            class: "footway".to_owned(),
            name: Some(line.name.to_owned()),
            width_m: Some(4.0),
            line: moved.iter().map(|&p| place.world(p)).collect(),
        });
    }
    ways.extend(plan::WALKS.iter().map(|(name, path)| RawStreet {
        id: String::new(),
        class: "footway".to_owned(),
        name: Some((*name).to_owned()),
        width_m: Some(3.0),
        line: path.iter().map(|&p| place.world(p)).collect(),
    }));
    ways
}

/// Gives heights and house numbers: odd on the left of a street, even on its right, in the order of the street.
fn numbered(plan: &Plan, place: &Place, drafts: Vec<Draft>) -> Vec<SampleBuilding> {
    // (street name, side, part of the street, distance along it) of each door.
    let mut doors: Vec<(&str, bool, usize, f64, usize)> = drafts
        .iter()
        .enumerate()
        .filter_map(|(i, draft)| {
            let (l, at) = draft.door?;
            let line = &plan.lines[l];
            let at = place.plan(at);
            let mut best = (f64::INFINITY, 0.0, false);
            let mut before = 0.0;
            for pair in line.nodes.windows(2) {
                let (a, b) = (plan.nodes[pair[0]], plan.nodes[pair[1]]);
                let d = distance_to_segment(at, a, b);
                let u = plane::direction(a, b);
                if d < best.0 {
                    best = (
                        d,
                        before + dot(sub(at, a), u),
                        plane::cross(u, sub(at, a)) > 0.0,
                    );
                }
                before += distance(a, b);
            }
            Some((line.name, best.2, l, best.1, i))
        })
        .collect();
    doors.sort_by(|a, b| {
        (a.0, a.1, a.2)
            .cmp(&(b.0, b.1, b.2))
            .then(a.3.total_cmp(&b.3))
    });
    let mut addresses: Vec<Option<String>> = vec![None; drafts.len()];
    let mut number = 0;
    for (k, door) in doors.iter().enumerate() {
        let same_side = k > 0 && (doors[k - 1].0, doors[k - 1].1) == (door.0, door.1);
        number = match (same_side, door.1) {
            (true, _) => number + 2,
            (false, true) => 1,
            (false, false) => 2,
        };
        addresses[door.4] = Some(format!("{} {number}", door.0));
    }
    drafts
        .into_iter()
        .zip(addresses)
        .map(|(draft, address)| {
            let (low, high) = draft
                .shells
                .iter()
                .map(Shell::heights)
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), (l, h)| {
                    (lo.min(l), hi.max(h))
                });
            SampleBuilding {
                id: String::new(),
                attributes: BuildingAttributes {
                    name: draft.name,
                    function: Some(draft.function.to_owned()),
                    roof_type: Some(draft.roof.to_owned()),
                    storeys: draft.storeys,
                    measured_height_m: Some(((high - low) * 1000.0).round() / 1000.0),
                    assumed_height_m: None,
                    year: draft.year,
                    address,
                    green_roof_mm: None,
                },
                shells: draft.shells,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests;
