//! Names along streets, where there is room.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::city::City;
use crate::report::escape::escape;

use super::ink;
use super::paper::{Extent, Paper};
use super::words::text_width;

/// Writes each street name once, along the longest nearly straight piece of it on the map that has room for it and where no
/// label stands. `taken`: left, top, right and bottom (mm) of the labels.
pub(super) fn draw_street_names(
    body: &mut String,
    city: &City,
    paper: &Paper,
    size: f64,
    taken: &[[f64; 4]],
) {
    let mut pieces: BTreeMap<&str, Vec<(f64, [[f64; 2]; 2])>> = BTreeMap::new();
    for street in city.streets.iter() {
        let Some(name) = street.name.as_deref().filter(|n| n.chars().count() < 40) else {
            continue;
        };
        for piece in straight_pieces(&street.line) {
            let Some(piece) = clipped(piece, paper.extent) else {
                continue;
            };
            let length = (piece[1][0] - piece[0][0]).hypot(piece[1][1] - piece[0][1]);
            pieces.entry(name).or_default().push((length, piece));
        }
    }
    for (name, mut pieces) in pieces {
        // Stable: the first of equally long ones.
        pieces.sort_by(|a, b| b.0.total_cmp(&a.0));
        let width = text_width(name, size);
        let place = pieces.iter().find_map(|(length, piece)| {
            let needed = width / (0.85 * length * paper.mm_per_m);
            // In the middle, else as far to either side as the name allows.
            let aside = 0.5 - 0.5 * needed;
            let mut shares = [0.5, 0.5 - aside, 0.5 + aside].into_iter();
            let share = (needed <= 1.0)
                .then(|| shares.find(|share| is_free(paper, *piece, *share, width, size, taken)));
            share.flatten().map(|share| (*piece, share))
        });
        let Some(([a, b], share)) = place else {
            continue;
        };
        let [x, y] = on_paper(paper, [a, b], share);
        let mut angle = -(b[1] - a[1]).atan2(b[0] - a[0]).to_degrees();
        // Never upside down.
        if angle > 90.0 {
            angle -= 180.0;
        } else if angle <= -90.0 {
            angle += 180.0;
        }
        let _ = write!(
            body,
            r##"<text transform="translate({x:.2} {y:.2}) rotate({angle:.1})" y="{:.2}" font-size="{size}" text-anchor="middle" fill="{}" stroke="#ffffff" stroke-opacity="0.75" stroke-width="0.6" stroke-linejoin="round" paint-order="stroke">{}</text>"##,
            0.35 * size,
            ink::STREET_NAME,
            escape(name)
        );
    }
}

/// The place (mm) at a share of the way along a piece of street.
fn on_paper(paper: &Paper, [a, b]: [[f64; 2]; 2], share: f64) -> [f64; 2] {
    let at = |i: usize| a[i] + share * (b[i] - a[i]);
    [paper.x(at(0)), paper.y(at(1))]
}

/// True when a name of this width (mm), written along a piece around a share of its way, meets none of the boxes.
fn is_free(
    paper: &Paper,
    piece: [[f64; 2]; 2],
    share: f64,
    width: f64,
    size: f64,
    taken: &[[f64; 4]],
) -> bool {
    let [a, b] = [0.0, 1.0].map(|share| on_paper(paper, piece, share));
    let length = (b[0] - a[0]).hypot(b[1] - a[1]).max(1e-9);
    let steps = (width / size).ceil().max(1.0);
    (0..=steps as usize).all(|i| {
        let along = share + (i as f64 / steps - 0.5) * width / length;
        let [x, y] = on_paper(paper, piece, along);
        let clear = 0.6 * size;
        taken.iter().all(|[left, top, right, bottom]| {
            x < left - clear || x > right + clear || y < top - clear || y > bottom + clear
        })
    })
}

/// Chords of a line over runs that turn by less than 10 degrees in all.
fn straight_pieces(line: &[[f64; 2]]) -> Vec<[[f64; 2]; 2]> {
    let heading = |a: [f64; 2], b: [f64; 2]| (b[1] - a[1]).atan2(b[0] - a[0]);
    let mut pieces = Vec::new();
    let mut start = 0;
    for end in 1..line.len() {
        let first = heading(line[start], line[start + 1]);
        let turn = (heading(line[end - 1], line[end]) - first).sin().abs();
        if turn > 0.17 {
            pieces.push([line[start], line[end - 1]]);
            start = end - 1;
        }
    }
    if let (Some(last), true) = (line.last(), line.len() > start + 1) {
        pieces.push([line[start], *last]);
    }
    pieces
}

/// Part of a segment inside a box (Liang and Barsky 1984); `None` when it lies outside.
fn clipped([a, b]: [[f64; 2]; 2], extent: Extent) -> Option<[[f64; 2]; 2]> {
    let (mut t0, mut t1) = (0.0_f64, 1.0_f64);
    for i in 0..2 {
        let d = b[i] - a[i];
        let (lo, hi) = (extent.min[i] - a[i], extent.max[i] - a[i]);
        if d == 0.0 {
            if lo > 0.0 || hi < 0.0 {
                return None;
            }
            continue;
        }
        let (near, far) = if d > 0.0 {
            (lo / d, hi / d)
        } else {
            (hi / d, lo / d)
        };
        t0 = t0.max(near);
        t1 = t1.min(far);
    }
    let at = |t: f64| std::array::from_fn(|i| a[i] + t * (b[i] - a[i]));
    (t0 < t1).then(|| [at(t0), at(t1)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_at_its_corners_and_at_the_edge_of_the_map() {
        let pieces = straight_pieces(&[[0.0, 0.0], [10.0, 0.5], [20.0, 0.0], [20.0, 15.0]]);
        assert_eq!(
            pieces,
            [[[0.0, 0.0], [20.0, 0.0]], [[20.0, 0.0], [20.0, 15.0]]]
        );
        let extent = Extent {
            min: [0.0, 0.0],
            max: [10.0, 10.0],
        };
        assert_eq!(
            clipped([[-5.0, 5.0], [20.0, 5.0]], extent),
            Some([[0.0, 5.0], [10.0, 5.0]])
        );
        assert_eq!(clipped([[-5.0, 50.0], [20.0, 50.0]], extent), None);
        assert_eq!(clipped([[-5.0, 0.0], [0.0, -5.0]], extent), None);
    }

    #[test]
    fn a_street_name_makes_way_for_a_label() {
        let paper = Paper {
            extent: Extent {
                min: [0.0, 0.0],
                max: [100.0, 40.0],
            },
            mm_per_m: 1.0,
            top_mm: 0.0,
        };
        let street = [[0.0, 20.0], [100.0, 20.0]];
        let free =
            |share: f64, taken: &[[f64; 4]]| is_free(&paper, street, share, 12.0, 2.1, taken);
        let label = [45.0, 17.0, 60.0, 21.0];
        assert!(free(0.5, &[]));
        assert!(!free(0.5, &[label]), "both at the middle");
        assert!(free(0.1, &[label]) && free(0.9, &[label]));
        assert!(free(0.5, &[[45.0, 5.0, 60.0, 9.0]]), "above the street");
    }
}
