//! Land cover: water, carriageways, pavements, yards and greens as polygons that share their borders and do not overlap.

use super::lots::Block;
use super::plan::{Class, Kind, POND, Place};
use super::plane::{P2, area, contains, inset, without_repeats};
use crate::city::LandCoverKind;

/// A polygon: class and rings, exterior counter-clockwise, holes clockwise.
pub(super) type Patch = (LandCoverKind, Vec<Vec<P2>>);

/// A face of the plan in the CRS.
pub(super) struct Ground<'a> {
    pub ring: &'a [P2],
    pub classes: &'a [Class],
    pub kind: Kind,
    pub place: &'a Place,
}

/// Polygons of one face.
pub(super) fn patches(face: &Ground, block: Option<&Block>) -> Vec<Patch> {
    let ring = face.ring;
    if face.kind == Kind::Water {
        return vec![(LandCoverKind::Water, vec![ring.to_vec()])];
    }
    let n = ring.len();
    let curb: Vec<f64> = face.classes.iter().map(|c| c.carriageway()).collect();
    let plot: Vec<f64> = face.classes.iter().map(|c| c.setback()).collect();
    let (Some(curbs), Some(plots), Some(block)) = (inset(ring, &curb), inset(ring, &plot), block)
    else {
        return vec![(LandCoverKind::Paved, vec![ring.to_vec()])];
    };
    let mut patches = Vec::new();
    let mut add = |kind: LandCoverKind, outline: [P2; 4]| {
        let outline = without_repeats(&outline);
        if outline.len() >= 3 && area(&outline) > 0.3 {
            patches.push((kind, vec![outline]));
        }
    };
    for i in 0..n {
        let j = (i + 1) % n;
        let class = face.classes[i];
        add(
            LandCoverKind::Street,
            [ring[i], ring[j], curbs[j], curbs[i]],
        );
        let verge = match class {
            Class::Bank | Class::Border => LandCoverKind::Green,
            _ => LandCoverKind::Paved,
        };
        add(verge, [curbs[i], curbs[j], plots[j], plots[i]]);
    }
    let plain = |kind| vec![(kind, vec![block.ring.clone()])];
    // Paved at the street, green in the yard.
    let green_yard = |depth: f64| match inset(&block.ring, &vec![depth; block.ring.len()]) {
        Some(yard) if area(&yard) > 60.0 => {
            let yard = without_repeats(&yard);
            let hole = yard.iter().rev().copied().collect();
            vec![
                (LandCoverKind::Paved, vec![block.ring.clone(), hole]),
                (LandCoverKind::Green, vec![yard]),
            ]
        }
        _ => vec![(LandCoverKind::Paved, vec![block.ring.clone()])],
    };
    patches.extend(match face.kind {
        Kind::Tenement => green_yard(15.5),
        Kind::Modern => green_yard(18.0),
        Kind::Court => green_yard(20.0),
        Kind::Church | Kind::School => green_yard(9.0),
        Kind::OldTown => green_yard(19.0),
        Kind::Warehouse | Kind::Sheds | Kind::Pier | Kind::Market => plain(LandCoverKind::Paved),
        Kind::Site => plain(LandCoverKind::Other),
        Kind::Park => park(face.place, block),
        Kind::Points | Kind::Slabs | Kind::Towers | Kind::Terraces | Kind::Villas | Kind::Strip => {
            plain(LandCoverKind::Green)
        }
        Kind::Water => Vec::new(),
    });
    patches
}

fn park(place: &Place, block: &Block) -> Vec<Patch> {
    let mut pond: Vec<P2> = POND.iter().map(|&p| place.world(p)).collect();
    if place.reversed() {
        pond.reverse();
    }
    if !contains(&block.ring, pond[0]) {
        return vec![(LandCoverKind::Green, vec![block.ring.clone()])];
    }
    let hole = pond.iter().rev().copied().collect();
    vec![
        (LandCoverKind::Green, vec![block.ring.clone(), hole]),
        (LandCoverKind::Water, vec![pond]),
    ]
}
