//! What is built on each kind of block: one function per [`Kind`].
//!
//! Function codes are those of the ALKIS catalogue of building functions (`31001_1010` dwelling ...), roof codes those of
//! the AdV catalogue of roof forms (1000 flat, 2100 monopitch, 3100 gable, 3200 hip, 3300 half-hip, 3400 mansard, 3500
//! pyramid, 3800 saw-tooth, 3900 arched, 4000 spire, 5000 mixed). Dimensions are typical ones, not surveyed.

use super::lots::{Block, Builder, Cutting, Draft, Piece, can_follow, cut, lattice};
use super::plan::{Class, Kind, Place};
use super::plane::{
    P2, Rect, area, contains, direction, distance, inset, left, lerp, middle, offset_path, step,
};
use super::random::Draw;
use super::shell::{
    Shell, arched_profile, band, front, gable_profile, mansard_profile, prism, pyramid, regular,
    ridge_house, sawtooth_profile, setback_profile, slope,
};

const DWELLING: &str = "31001_1010";
const DWELLING_AND_SHOPS: &str = "31001_1120";
const SHOP_HOUSE: &str = "31001_2050";
const OFFICE: &str = "31001_2020";
const MARKET_HALL: &str = "31001_2053";
const HOTEL: &str = "31001_2071";
const WORKSHOP: &str = "31001_2112";
const WAREHOUSE: &str = "31001_2142";
const SHED: &str = "31001_2143";
const PARKING: &str = "31001_2461";
const GARAGE: &str = "31001_2463";
const TOWN_HALL: &str = "31001_3012";
const SCHOOL: &str = "31001_3021";
const MUSEUM: &str = "31001_3034";
const CHURCH: &str = "31001_3041";
const DAY_NURSERY: &str = "31001_3065";
const GYMNASIUM: &str = "31001_3211";

const FLAT: &str = "1000";
const MONOPITCH: &str = "2100";
const GABLE: &str = "3100";
const HIP: &str = "3200";
const HALF_HIP: &str = "3300";
const MANSARD: &str = "3400";
const PYRAMID: &str = "3500";
const SAWTOOTH: &str = "3800";
const ARCHED: &str = "3900";
const MIXED: &str = "5000";

/// Builds on a block.
pub(super) fn build(builder: &mut Builder, kind: Kind, place: &Place) {
    match kind {
        Kind::Tenement => tenements(builder),
        Kind::OldTown => old_town(builder),
        Kind::Modern => modern(builder),
        Kind::Warehouse => warehouses(builder),
        Kind::Court => court(builder),
        Kind::Points => points(builder),
        Kind::Sheds => sheds(builder),
        Kind::Pier => pier(builder, place),
        Kind::Market => market(builder, place),
        Kind::Church => church(builder, place),
        Kind::School => school(builder),
        Kind::Slabs => slabs(builder),
        Kind::Towers => towers(builder),
        Kind::Terraces => terraces(builder),
        Kind::Villas => villas(builder),
        Kind::Park => park(builder, place),
        Kind::Water | Kind::Site | Kind::Strip => {}
    }
}

/// Height (m) of a ridge above its eaves for a roof of this depth and pitch.
fn rise(depth: f64, pitch_deg: f64) -> f64 {
    depth / 2.0 * pitch_deg.to_radians().tan()
}

fn footprint(path: &[P2], depth: f64) -> Vec<P2> {
    let mut ring = path.to_vec();
    ring.extend(offset_path(path, depth).iter().rev());
    ring
}

fn middle_of(path: &[P2]) -> P2 {
    if path.len() > 2 {
        path[path.len() / 2]
    } else {
        lerp(path[0], path[1], 0.5)
    }
}

/// Cross-section and roof code of a house in a row.
struct Section {
    profile: Vec<(f64, f64)>,
    roof: &'static str,
}

fn gable(eaves: f64, depth: f64, pitch_deg: f64) -> Section {
    Section {
        profile: gable_profile(eaves, eaves + rise(depth, pitch_deg)),
        roof: GABLE,
    }
}

fn mansard(eaves: f64, depth: f64) -> Section {
    let kink = eaves + 0.13 * depth * 68f64.to_radians().tan();
    Section {
        profile: mansard_profile(eaves, kink, kink + 0.37 * depth * 28f64.to_radians().tan()),
        roof: MANSARD,
    }
}

fn flat(top: f64) -> Section {
    Section {
        profile: vec![(0.0, top), (1.0, top)],
        roof: FLAT,
    }
}

fn set_back(eaves: f64, storey: f64) -> Section {
    Section {
        profile: setback_profile(eaves, eaves + storey, 0.15),
        roof: FLAT,
    }
}

/// A wing behind a house: on one side of its yard, with a lean-to roof that falls to the yard.
fn wing(house: &Rect, at_start: bool, width: f64, length: f64, base: f64, top: f64) -> Shell {
    let along = if at_start { 0.0 } else { house.length - width };
    let rect = Rect {
        corner: step(house.corner, house.along, along, house.width),
        along: house.along,
        length: width,
        width: length,
    };
    let turned = rect.turned();
    let low = top - 0.32 * width;
    // The roof rises against the direction of the street: towards the start.
    let (start, end) = if at_start { (low, top) } else { (top, low) };
    prism(&turned.ring(), &[], base, slope(&turned, start, end))
}

/// Closed edge of tenement houses, wings and small houses in the yards.
fn tenements(builder: &mut Builder) {
    let mut draw = builder.draw.child(1);
    let depth = draw.range(11.8, 13.2);
    let storeys_of_block = draw.int(4, 5);
    let how = Cutting {
        depth: depth + 1.0,
        spare: (3.0, 6.5),
        frontage: (17.0, 23.0),
    };
    let block = builder.block;
    let street = |i: usize| block.classes[i] != Class::Border && !block.classes[i].is_bank();
    let pieces = cut(block, street, &how, &mut draw);
    for (i, piece) in pieces.iter().enumerate() {
        let mut lot = builder.draw.child(100 + i as u64);
        tenement(builder, piece, depth, storeys_of_block, &mut lot);
    }
    yard_houses(builder, depth);
}

fn tenement(
    builder: &mut Builder,
    piece: &Piece,
    block_depth: f64,
    block_storeys: i32,
    lot: &mut Draw,
) {
    let straight = piece.is_straight();
    let mut depth = if straight {
        block_depth + lot.range(-1.0, 1.0)
    } else {
        block_depth
    };
    if !can_follow(&piece.path, depth) {
        depth = 9.5;
        if !can_follow(&piece.path, depth) {
            return;
        }
    }
    let age = lot.unit();
    let storeys = (block_storeys + lot.pick(&[-1, 0, 0, 0, 0, 1])).max(3);
    let (year, storeys, storey_height) = if age < 0.78 {
        (lot.int(1874, 1912), storeys, lot.range(3.35, 3.65))
    } else if age < 0.92 {
        // Gaps of the war, closed plainly.
        (lot.int(1951, 1963), storeys, lot.range(2.8, 2.9))
    } else {
        (lot.int(2003, 2024), storeys + 1, lot.range(3.0, 3.1))
    };
    let base = builder.base(&footprint(&piece.path, depth));
    let eaves = builder.street_level(&piece.path) + 0.9 + f64::from(storeys) * storey_height;
    let form = lot.unit();
    let section = if year > 2000 {
        if form < 0.6 {
            set_back(eaves, 3.0)
        } else {
            flat(eaves + 0.5)
        }
    } else if year > 1950 {
        gable(eaves, depth, lot.range(34.0, 40.0))
    } else if form < 0.56 {
        gable(eaves, depth, lot.range(38.0, 45.0))
    } else if form < 0.82 {
        mansard(eaves, depth)
    } else if form < 0.93 {
        // Low roof behind the cornice, falling to the yard ("Berliner Dach").
        Section {
            profile: vec![
                (0.0, eaves + 0.4 * depth * 0.35),
                (1.0, eaves - 0.06 * depth),
            ],
            roof: MONOPITCH,
        }
    } else {
        flat(eaves + 0.8)
    };
    let function = if lot.chance(0.3) || !straight {
        DWELLING_AND_SHOPS
    } else {
        DWELLING
    };
    let mut draft = Draft {
        shells: vec![band(&piece.path, depth, &section.profile, base)],
        function,
        roof: section.roof,
        storeys: Some(storeys as u32),
        year: Some(year),
        name: None,
        door: builder.door(piece.edge, middle_of(&piece.path)),
    };
    if straight && year < 1920 && piece.frontage() > 14.0 && lot.chance(0.55) {
        let rect = piece.rect(depth);
        let top = eaves - lot.range(0.6, 3.6);
        let wing = wing(
            &rect,
            lot.chance(0.5),
            lot.range(5.0, 6.4),
            lot.range(6.5, 13.5),
            base,
            top,
        );
        draft.shells.push(wing);
        if builder.put(draft.clone()) {
            return;
        }
        draft.shells.pop();
    }
    builder.put(draft);
}

/// Workshops, sheds and garages in the yard of a block.
fn yard_houses(builder: &mut Builder, depth: f64) {
    let mut draw = builder.draw.child(2);
    let block = builder.block;
    let Some(yard) = inset(&block.ring, &vec![depth + 4.0; block.ring.len()]) else {
        return;
    };
    let yard_area = area(&yard);
    if yard_area < 250.0 {
        return;
    }
    let along = block.main_direction();
    let centre = middle(&yard);
    for i in 0..(yard_area / 420.0).min(5.0) as u32 {
        let size = (draw.range(7.0, 15.0), draw.range(5.5, 8.5));
        let place = [draw.range(-32.0, 32.0), draw.range(-26.0, 26.0)];
        let at = step(centre, along, place[0], place[1]);
        let rect = Rect::centred(at, along, size.0, size.1);
        if !rect.ring().iter().all(|&p| contains(&yard, p))
            || !builder.is_free(&[rect.grown(2.5).ring()])
        {
            continue;
        }
        let base = builder.base(&rect.ring());
        let storeys = draw.int(1, 2);
        let eaves = base + 0.3 + f64::from(storeys) * 3.1;
        let pitched = draw.chance(0.6);
        let (shell, roof) = if pitched {
            let top = eaves + 0.28 * rect.width;
            (
                prism(&rect.ring(), &[], base, slope(&rect, eaves, top)),
                MONOPITCH,
            )
        } else {
            (prism(&rect.ring(), &[], base, |_| eaves), FLAT)
        };
        builder.put(Draft {
            shells: vec![shell],
            function: if i % 2 == 0 { WORKSHOP } else { GARAGE },
            roof,
            storeys: Some(storeys as u32),
            year: Some(draw.int(1880, 1985)),
            name: None,
            door: None,
        });
    }
}

/// Narrow plots, gables to the street, steep roofs.
fn old_town(builder: &mut Builder) {
    let mut draw = builder.draw.child(1);
    let how = Cutting {
        depth: 14.5,
        spare: (0.5, 3.0),
        frontage: (10.5, 14.5),
    };
    let block = builder.block;
    let pieces = cut(
        block,
        |i| block.classes[i] != Class::Border,
        &how,
        &mut draw,
    );
    for (i, piece) in pieces.iter().enumerate() {
        let mut lot = builder.draw.child(100 + i as u64);
        let storeys = lot.pick(&[2, 3, 3, 3, 4]);
        let year = lot.pick(&[
            1652, 1689, 1714, 1738, 1763, 1791, 1822, 1846, 1868, 1955, 2011,
        ]) + lot.int(0, 11);
        let street_level = builder.street_level(&piece.path);
        let eaves = street_level + 0.5 + f64::from(storeys) * lot.range(2.95, 3.3);
        let function = lot.pick(&[DWELLING, DWELLING_AND_SHOPS, DWELLING_AND_SHOPS, SHOP_HOUSE]);
        let steep = lot.range(46.0, 53.0);
        let depth = if piece.is_straight() {
            lot.range(11.0, 14.3)
        } else {
            12.0
        };
        if !can_follow(&piece.path, depth) || lot.chance(0.02) {
            continue;
        }
        let base = builder.base(&footprint(&piece.path, depth));
        let form = lot.unit();
        let (shell, roof) = if year > 2000 {
            let section = flat(eaves + 2.4);
            (
                band(&piece.path, depth, &section.profile, base),
                section.roof,
            )
        } else if !piece.is_straight() {
            let section = gable(eaves, depth, 47.0);
            (
                band(&piece.path, depth, &section.profile, base),
                section.roof,
            )
        } else {
            let rect = piece.rect(depth);
            // Length of the turned rectangle runs from the street to the yard.
            let to_yard = rect.turned();
            let ridge = eaves + rise(to_yard.width, steep);
            let ridge_along = eaves + rise(depth, steep - 4.0);
            if form < 0.42 {
                (ridge_house(&to_yard, base, eaves, ridge, [0.0, 0.0]), GABLE)
            } else if form < 0.56 {
                (
                    ridge_house(&to_yard, base, eaves, ridge, [0.4, 0.0]),
                    HALF_HIP,
                )
            } else if form < 0.64 {
                (
                    ridge_house(&to_yard, base, eaves, ridge, [0.4, 0.4]),
                    HALF_HIP,
                )
            } else if form < 0.72 {
                (ridge_house(&to_yard, base, eaves, ridge, [0.0, 1.0]), MIXED)
            } else if form < 0.9 {
                (
                    ridge_house(&rect, base, eaves, ridge_along, [0.0, 0.0]),
                    GABLE,
                )
            } else {
                let section = mansard(eaves, depth);
                (
                    band(&piece.path, depth, &section.profile, base),
                    section.roof,
                )
            }
        };
        let mut draft = Draft {
            shells: vec![shell],
            function,
            roof,
            storeys: Some(storeys as u32),
            year: Some(year),
            name: None,
            door: builder.door(piece.edge, middle_of(&piece.path)),
        };
        if piece.is_straight() && piece.frontage() > 9.0 && lot.chance(0.3) {
            let rect = piece.rect(depth);
            let top = (eaves - 1.0).min(base + 7.2);
            draft.shells.push(wing(
                &rect,
                lot.chance(0.5),
                lot.range(4.2, 5.4),
                lot.range(5.0, 9.0),
                base,
                top,
            ));
            if builder.put(draft.clone()) {
                continue;
            }
            draft.shells.pop();
        }
        builder.put(draft);
    }
    back_houses(builder);
}

/// Houses behind the houses of the old town: small, gabled, along the lanes of the yard.
fn back_houses(builder: &mut Builder) {
    let mut draw = builder.draw.child(2);
    let block = builder.block;
    let along = block.main_direction();
    let turned = if draw.chance(0.5) { left(along) } else { along };
    let cells = lattice(block, turned, (13.5, 12.5));
    for (i, centre) in cells.into_iter().enumerate() {
        let mut lot = draw.child(i as u64);
        let size = (lot.range(8.0, 13.0), lot.range(6.5, 8.5));
        let centre = step(centre, turned, lot.range(-3.2, 3.2), lot.range(-3.2, 3.2));
        let rect = Rect::centred(centre, turned, size.0, size.1);
        if !lot.chance(0.62) || !builder.is_free(&[rect.grown(2.2).ring()]) {
            continue;
        }
        let base = builder.base(&rect.ring());
        let storeys = lot.int(1, 2);
        let eaves = builder.street_level(&rect.ring()) + 0.3 + f64::from(storeys) * 2.9;
        let half_hipped = lot.chance(0.3);
        let ends = if half_hipped { [0.4, 0.4] } else { [0.0, 0.0] };
        let ridge = eaves + rise(rect.width, lot.range(42.0, 50.0));
        builder.put(Draft {
            shells: vec![ridge_house(&rect, base, eaves, ridge, ends)],
            function: lot.pick(&[WORKSHOP, DWELLING]),
            roof: if half_hipped { HALF_HIP } else { GABLE },
            storeys: Some(storeys as u32),
            year: Some(lot.int(1760, 1890)),
            name: None,
            door: None,
        });
    }
}

/// New houses around open yards.
fn modern(builder: &mut Builder) {
    let mut draw = builder.draw.child(1);
    let depth = draw.range(14.0, 16.0);
    let storeys_of_block = draw.int(5, 6);
    let how = Cutting {
        depth,
        spare: (6.0, 12.0),
        frontage: (20.0, 31.0),
    };
    let block = builder.block;
    let usable = |i: usize| block.classes[i] != Class::Border;
    let pieces = cut(block, usable, &how, &mut draw);
    let mut gap_before = true;
    for (i, piece) in pieces.iter().enumerate() {
        let mut lot = builder.draw.child(100 + i as u64);
        // Openings between street and yard, never two in a row and never at corners.
        let gap = piece.is_straight() && !gap_before && lot.chance(0.3);
        gap_before = gap;
        if gap || !can_follow(&piece.path, depth) {
            continue;
        }
        let corner = !piece.is_straight();
        let storeys = storeys_of_block
            + lot.pick(&[-1, 0, 0, 1])
            + if corner { lot.pick(&[0, 1, 2]) } else { 0 };
        let storey_height = lot.range(3.15, 3.5);
        let base = builder.base(&footprint(&piece.path, depth));
        let eaves = builder.street_level(&piece.path) + 1.3 + f64::from(storeys) * storey_height;
        let form = lot.unit();
        let section = if form < 0.45 {
            flat(eaves + 0.6)
        } else if form < 0.85 {
            set_back(eaves, 3.2)
        } else {
            Section {
                profile: vec![(0.0, eaves), (1.0, eaves + 0.16 * depth)],
                roof: MONOPITCH,
            }
        };
        builder.put(Draft {
            shells: vec![band(&piece.path, depth, &section.profile, base)],
            function: lot.pick(&[DWELLING, DWELLING, DWELLING_AND_SHOPS, OFFICE]),
            roof: section.roof,
            storeys: Some(storeys as u32),
            year: Some(lot.int(2006, 2025)),
            name: None,
            door: builder.door(piece.edge, middle_of(&piece.path)),
        });
    }
}

/// Warehouses from the canal to the street behind.
fn warehouses(builder: &mut Builder) {
    let mut draw = builder.draw.child(1);
    let how = Cutting {
        depth: 24.0,
        spare: (4.0, 8.0),
        frontage: (21.0, 33.0),
    };
    let block = builder.block;
    // A short side of the block at another canal belongs to its corner house.
    let long_wall = |i: usize| {
        let side = distance(block.ring[i], block.ring[(i + 1) % block.ring.len()]);
        block.classes[i] == Class::CanalWall && side > 45.0
    };
    let pieces = cut(block, long_wall, &how, &mut draw);
    let row = draw.int(4, 5);
    for (i, piece) in pieces.iter().enumerate() {
        let mut lot = builder.draw.child(100 + i as u64);
        let reach = piece
            .path
            .windows(2)
            .flat_map(|w| {
                let inwards = left(direction(w[0], w[1]));
                [0.0, 0.5, 1.0].map(|t| block.reach(lerp(w[0], w[1], t), inwards))
            })
            .fold(f64::INFINITY, f64::min);
        let depth = (reach - 0.15).min(27.0);
        if depth < 12.0 || !can_follow(&piece.path, depth) {
            continue;
        }
        let storeys = row + lot.pick(&[0, 0, 1]);
        let base = builder.base(&footprint(&piece.path, depth));
        let eaves = base + 1.2 + f64::from(storeys) * lot.range(3.6, 3.8);
        let year = lot.int(1885, 1912);
        let form = lot.unit();
        let (shell, roof) = if !piece.is_straight() {
            let section = gable(eaves, depth, 30.0);
            (
                band(&piece.path, depth, &section.profile, base),
                section.roof,
            )
        } else {
            let rect = piece.rect(depth);
            let to_street = rect.turned();
            let across = eaves + rise(rect.length, 36.0).min(10.0);
            if piece.free[0] || piece.free[1] {
                let ends = piece.free.map(|free| if free { 1.0 } else { 0.0 });
                (
                    ridge_house(&rect, base, eaves, eaves + rise(depth, 34.0), ends),
                    HIP,
                )
            } else if form < 0.3 {
                (
                    ridge_house(&to_street, base, eaves, across, [0.0, 0.0]),
                    GABLE,
                )
            } else if form < 0.45 {
                (
                    ridge_house(&to_street, base, eaves, across, [0.35, 0.35]),
                    HALF_HIP,
                )
            } else if form < 0.68 {
                // Two gables to the water.
                let peak = eaves + rise(rect.length / 2.0, 40.0);
                let profile = [
                    (0.0, eaves),
                    (0.25, peak),
                    (0.5, eaves),
                    (0.75, peak),
                    (1.0, eaves),
                ];
                (
                    band(&front(&to_street), to_street.width, &profile, base),
                    GABLE,
                )
            } else if form < 0.85 {
                let section = mansard(eaves, depth);
                (
                    band(&piece.path, depth, &section.profile, base),
                    section.roof,
                )
            } else {
                let section = gable(eaves, depth, 33.0);
                (
                    band(&piece.path, depth, &section.profile, base),
                    section.roof,
                )
            }
        };
        let letter = char::from(b'A' + (i % 26) as u8);
        builder.put(Draft {
            shells: vec![shell],
            function: lot.pick(&[WAREHOUSE, WAREHOUSE, WAREHOUSE, OFFICE, MUSEUM]),
            roof,
            storeys: Some(storeys as u32),
            year: Some(year),
            name: Some(format!("Speicher {letter}")),
            door: builder.nearest_door(middle_of(&offset_path(&piece.path, depth))),
        });
    }
}

/// An office house around a court, with a higher part on one side.
fn court(builder: &mut Builder) {
    let mut draw = builder.draw.child(1);
    let block = builder.block;
    let width = draw.range(14.0, 15.5);
    let Some(inner) = inset(&block.ring, &vec![width; block.ring.len()]) else {
        return;
    };
    let inner = super::plane::without_repeats(&inner);
    let storeys = draw.int(6, 7);
    let base = builder.base(&block.ring);
    let level = builder.street_level(&block.ring);
    let top = level + 1.0 + f64::from(storeys) * 3.7;
    let hole: Vec<P2> = inner.iter().rev().copied().collect();
    let year = draw.int(2009, 2022);
    let function = draw.pick(&[OFFICE, HOTEL]);
    let front = lerp(block.ring[0], block.ring[1], 0.5);
    builder.put(Draft {
        shells: vec![prism(&block.ring, &[hole], base, |_| top)],
        function,
        roof: FLAT,
        storeys: Some(storeys as u32),
        year: Some(year),
        name: Some(
            if function == OFFICE {
                "Kontorhof"
            } else {
                "Hotel am Höft"
            }
            .to_owned(),
        ),
        door: builder.nearest_door(front),
    });
}

/// Free-standing houses in rows.
fn points(builder: &mut Builder) {
    let mut draw = builder.draw.child(1);
    let block = builder.block;
    let along = block.main_direction();
    let storeys_of_block = draw.int(6, 7);
    for (i, centre) in lattice(block, along, (33.0, 34.0)).into_iter().enumerate() {
        let mut lot = builder.draw.child(100 + i as u64);
        let rect = Rect::centred(centre, along, lot.range(18.0, 22.0), lot.range(18.0, 23.0));
        let base = builder.base(&rect.ring());
        let storeys = storeys_of_block + lot.int(-1, 1);
        let eaves = builder.street_level(&rect.ring()) + 1.0 + f64::from(storeys) * 3.2;
        let mut shells = Vec::new();
        let roof = if lot.chance(0.6) {
            let section = set_back(eaves, 3.1);
            shells.push(band(&front(&rect), rect.width, &section.profile, base));
            FLAT
        } else {
            shells.push(prism(
                &rect.ring(),
                &[],
                base,
                slope(&rect, eaves, eaves + 3.0),
            ));
            MONOPITCH
        };
        builder.put(Draft {
            shells,
            function: if i % 4 == 3 { DAY_NURSERY } else { DWELLING },
            roof,
            storeys: Some(storeys as u32),
            year: Some(lot.int(2008, 2024)),
            name: None,
            door: builder.nearest_door(centre),
        });
    }
}

/// Low halls of the harbour.
fn sheds(builder: &mut Builder) {
    let block = builder.block;
    let along = block.main_direction();
    for (i, centre) in lattice(block, along, (49.0, 27.0)).into_iter().enumerate() {
        let mut lot = builder.draw.child(100 + i as u64);
        let rect = Rect::centred(centre, along, lot.range(38.0, 44.0), lot.range(18.0, 22.0));
        let base = builder.base(&rect.ring());
        let eaves = base + lot.range(5.5, 7.5);
        let (shell, roof, function) = match i % 3 {
            0 => (
                ridge_house(
                    &rect,
                    base,
                    eaves,
                    eaves + rise(rect.width, 22.0),
                    [0.0, 0.0],
                ),
                GABLE,
                SHED,
            ),
            1 => {
                let turned = rect.turned();
                let profile = sawtooth_profile(eaves, 2.4, 6);
                (
                    band(&front(&turned), turned.width, &profile, base),
                    SAWTOOTH,
                    WORKSHOP,
                )
            }
            _ => (
                band(&front(&rect), rect.width, &arched_profile(eaves, 4.2), base),
                ARCHED,
                SHED,
            ),
        };
        builder.put(Draft {
            shells: vec![shell],
            function,
            roof,
            storeys: Some(1),
            year: Some(lot.int(1898, 1958)),
            name: Some(format!("Schuppen {}", 20 + i)),
            door: builder.nearest_door(centre),
        });
    }
}

/// The two houses at the end of the pier: a museum whose roof rises towards the river, and a pilots' office.
fn pier(builder: &mut Builder, place: &Place) {
    let outline = |corners: &[P2]| {
        let mut ring: Vec<P2> = corners.iter().map(|&p| place.world(p)).collect();
        if place.reversed() {
            ring.reverse();
        }
        ring
    };
    let wedge = outline(&[
        [425.0, 161.2],
        [496.0, 163.9],
        [496.0, 197.0],
        [425.0, 171.0],
    ]);
    let base = builder.base(&wedge);
    let top = move |p: P2| base + 27.0 + (496.0 - place.plan(p)[0]) * 0.27;
    let door = builder.nearest_door(place.world([500.0, 180.0]));
    builder.put(Draft {
        shells: vec![prism(&wedge, &[], base, top)],
        function: MUSEUM,
        roof: MONOPITCH,
        storeys: Some(8),
        year: Some(2019),
        name: Some("Haus der Gezeiten".to_owned()),
        door,
    });
    let office = outline(&[
        [509.0, 164.3],
        [541.0, 164.2],
        [537.0, 212.5],
        [509.0, 202.0],
    ]);
    let base = builder.base(&office);
    let ring = office.clone();
    builder.put(Draft {
        shells: vec![prism(&ring, &[], base, |_| base + 24.5)],
        function: OFFICE,
        roof: FLAT,
        storeys: Some(6),
        year: Some(2014),
        name: Some("Lotsenhaus".to_owned()),
        door,
    });
}

/// Town hall on the north side of the market, market hall on its south side.
fn market(builder: &mut Builder, place: &Place) {
    let along = place.turn([0.998, 0.003]);
    let rect = |x: f64, y: f64, length: f64, width: f64| {
        Rect::centred(place.world([x, y]), along, length, width)
    };
    let body = [
        rect(530.5, 562.0, 22.0, 17.0),
        rect(572.5, 562.0, 22.0, 17.0),
    ];
    let tower = rect(551.5, 562.0, 20.0, 19.0);
    let spire = rect(551.5, 547.5, 8.0, 10.0);
    let base = body
        .iter()
        .chain([&tower, &spire])
        .map(|r| builder.base(&r.ring()))
        .fold(f64::INFINITY, f64::min);
    let eaves = base + 14.5;
    let mut shells: Vec<Shell> = vec![ridge_house(
        &tower.turned(),
        base,
        eaves + 3.5,
        eaves + 12.5,
        [0.0, 0.0],
    )];
    for (side, r) in body.iter().enumerate() {
        // The outer end is hipped, the inner one leans on the middle. The length starts in the west of the plan.
        let ends = if side == 0 { [1.0, 0.0] } else { [0.0, 1.0] };
        shells.push(ridge_house(r, base, eaves, eaves + 8.0, ends));
    }
    shells.push(pyramid(
        &spire.ring(),
        base,
        base + 31.0,
        spire.at(0.5, 0.5),
        base + 48.0,
    ));
    let door = builder.nearest_door(place.world([551.0, 545.0]));
    builder.put(Draft {
        shells,
        function: TOWN_HALL,
        roof: MIXED,
        storeys: Some(4),
        year: Some(1896),
        name: Some("Rathaus".to_owned()),
        door,
    });
    let hall = rect(551.0, 486.5, 52.0, 17.0);
    let base = builder.base(&hall.ring());
    builder.put(Draft {
        shells: vec![band(
            &front(&hall),
            hall.width,
            &arched_profile(base + 6.5, 5.0),
            base,
        )],
        function: MARKET_HALL,
        roof: ARCHED,
        storeys: Some(1),
        year: Some(1911),
        name: Some("Markthalle".to_owned()),
        door: builder.nearest_door(place.world([551.0, 478.0])),
    });
}

/// Church with nave, aisles, apse and spire; parish house.
fn church(builder: &mut Builder, place: &Place) {
    let (cx, cy) = (646.0, 528.0);
    let (cos, sin) = (0.9945, 0.1045);
    let along = place.turn([cos, sin]);
    // Metres along the nave (east) and across it (north), from the middle.
    let at = |s: f64, t: f64| place.world([cx + s * cos - t * sin, cy + s * sin + t * cos]);
    let nave = Rect::centred(at(2.0, 0.0), along, 30.0, 12.0);
    let tower = Rect::centred(at(-17.5, 0.0), along, 9.0, 9.0);
    let aisles = [1.0, -1.0].map(|side| Rect::centred(at(2.0, side * 8.5), along, 26.0, 5.0));
    let base = [&nave, &tower, &aisles[0], &aisles[1]]
        .into_iter()
        .map(|r| builder.base(&r.ring()))
        .fold(f64::INFINITY, f64::min);
    let mut shells = vec![ridge_house(
        &nave,
        base,
        base + 15.0,
        base + 25.0,
        [0.0, 0.0],
    )];
    for (side, aisle) in aisles.iter().enumerate() {
        // The roof leans on the nave: it falls to the left of the length on the left aisle.
        let on_left = (side == 0) != place.reversed();
        let (start, end) = if on_left { (12.5, 8.5) } else { (8.5, 12.5) };
        shells.push(prism(
            &aisle.ring(),
            &[],
            base,
            slope(aisle, base + start, base + end),
        ));
    }
    // Apse: half an octagon against the eastern gable.
    let mut apse: Vec<P2> = vec![at(17.0, -5.5)];
    apse.extend([-67.5f64, -22.5, 22.5, 67.5].map(|a| {
        let a = a.to_radians();
        at(17.0 + 6.0 * a.cos(), 5.9 * a.sin())
    }));
    apse.push(at(17.0, 5.5));
    if place.reversed() {
        apse.reverse();
    }
    shells.push(pyramid(
        &apse,
        base,
        base + 12.0,
        at(17.0, 0.0),
        base + 19.0,
    ));
    shells.push(pyramid(
        &tower.ring(),
        base,
        base + 36.0,
        tower.at(0.5, 0.5),
        base + 72.0,
    ));
    builder.put(Draft {
        shells,
        function: CHURCH,
        roof: MIXED,
        storeys: None,
        year: Some(1744),
        name: Some("Sankt Jürgen".to_owned()),
        door: builder.nearest_door(at(-24.0, 0.0)),
    });
    let house = Rect::centred(place.world([664.0, 483.0]), along, 17.0, 11.0);
    let base = builder.base(&house.ring());
    builder.put(Draft {
        shells: vec![ridge_house(
            &house,
            base,
            base + 6.8,
            base + 12.6,
            [1.0, 1.0],
        )],
        function: DWELLING,
        roof: HIP,
        storeys: Some(2),
        year: Some(1788),
        name: Some("Pfarrhaus".to_owned()),
        door: builder.nearest_door(house.at(0.5, 0.0)),
    });
}

/// School: two long wings, a hall between them, and a gymnasium.
fn school(builder: &mut Builder) {
    let block = builder.block;
    let along = block.main_direction();
    let centre = middle(&block.ring);
    let rect = |s: f64, t: f64, length: f64, width: f64| {
        Rect::centred(step(centre, along, s, t), along, length, width)
    };
    let old = rect(0.0, -27.0, 62.0, 14.0);
    let base = builder.base(&old.ring());
    let eaves = builder.street_level(&old.ring()) + 1.0 + 3.0 * 3.9;
    let link = rect(-24.0, -10.0, 14.0, 20.0);
    let link_base = builder.base(&link.ring()).min(base);
    builder.put(Draft {
        shells: vec![
            ridge_house(&old, base, eaves, eaves + rise(14.0, 38.0), [1.0, 1.0]),
            prism(&link.ring(), &[], link_base, |_| eaves - 4.5),
        ],
        function: SCHOOL,
        roof: MIXED,
        storeys: Some(3),
        year: Some(1907),
        name: Some("Schule am Wall".to_owned()),
        door: builder.nearest_door(old.at(0.5, 0.0)),
    });
    let new = rect(-26.0, 20.0, 20.0, 40.0);
    let base = builder.base(&new.ring());
    builder.put(Draft {
        shells: vec![prism(&new.ring(), &[], base, |_| base + 8.6)],
        function: SCHOOL,
        roof: FLAT,
        storeys: Some(2),
        year: Some(1974),
        name: Some("Schule am Wall, Fachräume".to_owned()),
        door: None,
    });
    let gym = rect(24.0, 25.0, 30.0, 18.0);
    let base = builder.base(&gym.ring());
    builder.put(Draft {
        shells: vec![prism(
            &gym.ring(),
            &[],
            base,
            slope(&gym, base + 7.0, base + 9.5),
        )],
        function: GYMNASIUM,
        roof: MONOPITCH,
        storeys: Some(1),
        year: Some(1998),
        name: Some("Turnhalle".to_owned()),
        door: None,
    });
}

/// Parallel slabs of the fifties.
fn slabs(builder: &mut Builder) {
    let mut draw = builder.draw.child(1);
    let block = builder.block;
    let along = block.main_direction();
    // Rows stand slightly turned against the street, towards the sun.
    let turn = draw.range(0.1, 0.22);
    let along = step([0.0, 0.0], along, turn.cos(), turn.sin());
    let length = draw.range(38.0, 46.0);
    let storeys = draw.int(3, 4);
    for (i, centre) in lattice(block, along, (length + 11.0, 27.0))
        .into_iter()
        .enumerate()
    {
        let mut lot = builder.draw.child(100 + i as u64);
        for (length, shift) in [(length, 0.0), (length * 0.72, 0.0), (length * 0.5, 4.0)] {
            let centre = step(centre, along, shift, 0.0);
            let rect = Rect::centred(centre, along, length, 11.2);
            let base = builder.base(&rect.ring());
            let storeys = storeys + lot.int(0, 1);
            let eaves = builder.street_level(&rect.ring()) + 0.9 + f64::from(storeys) * 2.8;
            let hipped = lot.chance(0.25);
            let ends = if hipped { [1.0, 1.0] } else { [0.0, 0.0] };
            let put = builder.put(Draft {
                shells: vec![ridge_house(
                    &rect,
                    base,
                    eaves,
                    eaves + rise(11.2, 31.0),
                    ends,
                )],
                function: DWELLING,
                roof: if hipped { HIP } else { GABLE },
                storeys: Some(storeys as u32),
                year: Some(lot.int(1953, 1964)),
                name: None,
                door: builder.nearest_door(centre),
            });
            if put {
                break;
            }
        }
    }
}

/// Point towers in green, with a low garage.
fn towers(builder: &mut Builder) {
    let block = builder.block;
    let along = block.main_direction();
    for (i, centre) in lattice(block, along, (47.0, 41.0)).into_iter().enumerate() {
        let mut lot = builder.draw.child(100 + i as u64);
        let centre = step(centre, along, lot.range(-5.0, 5.0), lot.range(-6.0, 6.0));
        if i % 5 == 3 {
            let rect = Rect::centred(centre, along, 32.0, 17.0);
            let base = builder.base(&rect.ring());
            builder.put(Draft {
                shells: vec![prism(&rect.ring(), &[], base, |_| base + 5.8)],
                function: PARKING,
                roof: FLAT,
                storeys: Some(2),
                year: Some(1973),
                name: Some("Parkhaus".to_owned()),
                door: None,
            });
            continue;
        }
        let rect = Rect::centred(centre, along, lot.range(19.0, 22.0), lot.range(19.0, 22.0));
        let base = builder.base(&rect.ring());
        let storeys = lot.int(10, 15);
        let eaves = builder.street_level(&rect.ring()) + 1.2 + f64::from(storeys) * 2.95;
        // Lift house on the roof.
        let profile = [
            (0.0, eaves),
            (0.36, eaves),
            (0.36, eaves + 3.4),
            (0.64, eaves + 3.4),
            (0.64, eaves),
            (1.0, eaves),
        ];
        builder.put(Draft {
            shells: vec![band(&front(&rect), rect.width, &profile, base)],
            function: DWELLING,
            roof: FLAT,
            storeys: Some(storeys as u32),
            year: Some(lot.int(1966, 1974)),
            name: None,
            door: builder.nearest_door(centre),
        });
    }
}

/// Rows of terraced houses with gardens.
fn terraces(builder: &mut Builder) {
    let mut draw = builder.draw.child(1);
    let block = builder.block;
    let along = block.main_direction();
    let width = draw.range(6.1, 6.9);
    let houses = draw.int(5, 6);
    let row_length = f64::from(houses) * width;
    let year = draw.int(1928, 1996);
    for (row, centre) in lattice(block, along, (row_length + 8.0, 28.0))
        .into_iter()
        .enumerate()
    {
        let mut lot = builder.draw.child(100 + row as u64);
        let depth = lot.range(9.6, 10.8);
        let pitch = lot.range(36.0, 44.0);
        for house in 0..houses {
            let mut one = lot.child(house as u64);
            let stagger = one.pick(&[0.0, 0.0, 0.8]);
            let start = step(
                centre,
                along,
                f64::from(house) * width - row_length / 2.0,
                stagger - depth / 2.0,
            );
            let rect = Rect {
                corner: start,
                along,
                length: width,
                width: depth,
            };
            let base = builder.base(&rect.ring());
            let eaves = builder.street_level(&rect.ring()) + 0.4 + 2.0 * 2.75;
            builder.put(Draft {
                shells: vec![ridge_house(
                    &rect,
                    base,
                    eaves,
                    eaves + rise(depth, pitch),
                    [0.0, 0.0],
                )],
                function: DWELLING,
                roof: GABLE,
                storeys: Some(2),
                year: Some(year),
                name: None,
                door: builder.nearest_door(rect.at(0.5, 0.0)),
            });
        }
    }
}

/// Villas in gardens, with garages beside some of them.
fn villas(builder: &mut Builder) {
    let mut draw = builder.draw.child(1);
    let how = Cutting {
        depth: 26.0,
        spare: (0.0, 1.0),
        frontage: (21.0, 26.0),
    };
    let block: &Block = builder.block;
    let pieces = cut(block, |i| block.classes[i].is_way(), &how, &mut draw);
    for (i, piece) in pieces.iter().enumerate() {
        let mut lot = builder.draw.child(100 + i as u64);
        // A corner plot is used on its longer side.
        let side = piece
            .path
            .windows(2)
            .max_by(|a, b| distance(a[0], a[1]).total_cmp(&distance(b[0], b[1])));
        let Some(side) = side else { continue };
        let along = direction(side[0], side[1]);
        let length = lot.range(11.0, 14.5);
        let width = lot.range(10.0, 12.5);
        let setback = lot.range(5.0, 7.5);
        let middle = lerp(side[0], side[1], 0.5);
        let square = lot.chance(0.3);
        let length = if square { width } else { length };
        let centre = step(middle, along, lot.range(-1.5, 1.5), setback + width / 2.0);
        let rect = Rect::centred(centre, along, length, width);
        if !builder.is_free(&[rect.grown(2.4).ring()]) {
            continue;
        }
        let base = builder.base(&rect.ring());
        let eaves = builder.street_level(&rect.ring()) + 0.8 + 2.0 * 3.1;
        let form = lot.unit();
        let ridge = eaves + rise(width, 43.0);
        let (shell, roof) = if square {
            (ridge_house(&rect, base, eaves, ridge, [1.0, 1.0]), PYRAMID)
        } else if form < 0.35 {
            (ridge_house(&rect, base, eaves, ridge, [1.0, 1.0]), HIP)
        } else if form < 0.65 {
            (
                ridge_house(&rect, base, eaves, ridge, [0.45, 0.45]),
                HALF_HIP,
            )
        } else if form < 0.85 {
            let turned = rect.turned();
            let ridge = eaves + rise(turned.width, 43.0);
            (ridge_house(&turned, base, eaves, ridge, [0.0, 0.0]), GABLE)
        } else {
            let section = mansard(eaves - 1.5, width);
            (
                band(&front(&rect), width, &section.profile, base),
                section.roof,
            )
        };
        builder.put(Draft {
            shells: vec![shell],
            function: DWELLING,
            roof,
            storeys: Some(2),
            year: Some(lot.int(1903, 1937)),
            name: None,
            door: builder.door(piece.edge, rect.at(0.5, 0.0)),
        });
        if lot.chance(0.3) {
            let corner = step(rect.at(1.0, 0.0), along, 1.8, lot.range(1.0, 3.0));
            let garage = Rect {
                corner,
                along,
                length: 3.2,
                width: 6.0,
            };
            let base = builder.base(&garage.ring());
            builder.put(Draft {
                shells: vec![prism(&garage.ring(), &[], base, |_| base + 2.9)],
                function: GARAGE,
                roof: FLAT,
                storeys: Some(1),
                year: Some(lot.int(1958, 1999)),
                name: None,
                door: None,
            });
        }
    }
}

/// A pavilion by the pond.
fn park(builder: &mut Builder, place: &Place) {
    let centre = place.world([518.0, 801.0]);
    if !contains(&builder.block.ring, centre) {
        return;
    }
    let ring = regular(centre, [1.0, 0.0], 5.0, 8);
    let base = builder.base(&ring);
    builder.put(Draft {
        shells: vec![pyramid(&ring, base, base + 3.4, centre, base + 6.0)],
        function: SHOP_HOUSE,
        roof: PYRAMID,
        storeys: Some(1),
        year: Some(1903),
        name: Some("Pavillon am Wallteich".to_owned()),
        door: None,
    });
}
