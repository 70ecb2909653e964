//! Lines in the plane: lengths, points along, offsets, curves. Metres; left is counter-clockwise.

/// A point (m).
pub(super) type Point = [f64; 2];

pub(super) fn sub(a: Point, b: Point) -> Point {
    [a[0] - b[0], a[1] - b[1]]
}

pub(super) fn distance(a: Point, b: Point) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// Point at `by` times a direction from another.
pub(super) fn step(a: Point, direction: Point, by: f64) -> Point {
    [a[0] + direction[0] * by, a[1] + direction[1] * by]
}

/// Direction of length 1 from a to b; east when both are one place.
pub(super) fn direction(a: Point, b: Point) -> Point {
    let d = distance(a, b);
    if d < 1e-9 {
        [1.0, 0.0]
    } else {
        [(b[0] - a[0]) / d, (b[1] - a[1]) / d]
    }
}

/// Angle (rad, -pi to pi) from one direction to another, to the left positive.
pub(super) fn turn_angle(from: Point, to: Point) -> f64 {
    (from[0] * to[1] - from[1] * to[0]).atan2(from[0] * to[0] + from[1] * to[1])
}

pub(super) fn length(line: &[Point]) -> f64 {
    line.windows(2).map(|w| distance(w[0], w[1])).sum()
}

/// Point at a way (m) along a line, its ends beyond them.
pub(super) fn along(line: &[Point], way: f64) -> Point {
    let mut left = way.max(0.0);
    for pair in line.windows(2) {
        let d = distance(pair[0], pair[1]);
        if left <= d && d > 0.0 {
            let share = left / d;
            return [
                pair[0][0] + share * (pair[1][0] - pair[0][0]),
                pair[0][1] + share * (pair[1][1] - pair[0][1]),
            ];
        }
        left -= d;
    }
    line.last().copied().unwrap_or_default()
}

/// The part of a line from one way to another (m).
pub(super) fn part(line: &[Point], from: f64, to: f64) -> Vec<Point> {
    let mut out = vec![along(line, from)];
    let mut way = 0.0;
    for pair in line.windows(2) {
        way += distance(pair[0], pair[1]);
        if way > from + 0.05 && way < to - 0.05 {
            out.push(pair[1]);
        }
    }
    out.push(along(line, to));
    out
}

/// The line moved to its left by `by` metres (negative: right), corners mitred up to twice the distance.
pub(super) fn offset(line: &[Point], by: f64) -> Vec<Point> {
    let last = line.len() - 1;
    (0..line.len())
        .map(|i| {
            let before = (i > 0).then(|| direction(line[i - 1], line[i]));
            let after = (i < last).then(|| direction(line[i], line[i + 1]));
            let (a, b) = match (before, after) {
                (Some(a), Some(b)) => (a, b),
                (Some(a), None) | (None, Some(a)) => (a, a),
                (None, None) => ([1.0, 0.0], [1.0, 0.0]),
            };
            let normal = [-(a[1] + b[1]), a[0] + b[0]];
            let square = normal[0] * normal[0] + normal[1] * normal[1];
            // Half the square of the sum of the two normals is 1 + cos of the bend; the mitre is by / cos(bend / 2).
            let scale = (2.0 / square.max(1e-9)).min(2.0 / square.max(1e-9).sqrt());
            step(line[i], normal, by * scale)
        })
        .collect()
}

/// How much later than on a circle one turns left: drivers go straight on into the crossing first, past the lanes of the oncoming.
const LATE_LEFT: f64 = 1.4;

/// Smooth curve from a place with a direction to another (cubic Bézier with the handles of a circle's arc, left turns later than that).
pub(super) fn curve(from: Point, out: Point, to: Point, into: Point) -> Vec<Point> {
    let chord = distance(from, to);
    let angle = turn_angle(out, into);
    let bend = angle.abs();
    let handle = if bend < 0.05 {
        chord / 3.0
    } else {
        let handle = chord * (4.0 / 3.0) * (bend / 4.0).tan() / (2.0 * (bend / 2.0).sin());
        // Turning round on the spot needs a wider bow than the distance of the two lanes.
        if bend > 2.6 {
            handle.max(4.0)
        } else {
            handle.min(chord)
        }
    };
    let late = if (0.7..2.4).contains(&angle) {
        LATE_LEFT
    } else {
        1.0
    };
    let (a, b) = (
        step(from, out, handle * late),
        step(to, into, -handle / late.sqrt()),
    );
    let straight = bend < 0.02 && turn_angle(out, direction(from, to)).abs() < 0.02;
    let pieces = if straight || chord < 0.5 { 1 } else { 10 };
    (0..=pieces)
        .map(|i| {
            let t = f64::from(i) / f64::from(pieces);
            let u = 1.0 - t;
            let w = [u * u * u, 3.0 * u * u * t, 3.0 * u * t * t, t * t * t];
            [0, 1].map(|k| w[0] * from[k] + w[1] * a[k] + w[2] * b[k] + w[3] * to[k])
        })
        .collect()
}

/// Distance of a point to a line (m).
pub(super) fn distance_to_line(point: Point, line: &[Point]) -> f64 {
    line.windows(2)
        .map(|pair| {
            let d = sub(pair[1], pair[0]);
            let square = d[0] * d[0] + d[1] * d[1];
            let share = if square > 0.0 {
                (((point[0] - pair[0][0]) * d[0] + (point[1] - pair[0][1]) * d[1]) / square)
                    .clamp(0.0, 1.0)
            } else {
                0.0
            };
            distance(point, step(pair[0], d, share))
        })
        .fold(f64::INFINITY, f64::min)
}

/// First and last way (m) along `of` where it is nearer than `limit` to `to`, measured every half metre.
pub(super) fn near(of: &[Point], to: &[Point], limit: f64) -> Option<(f64, f64)> {
    // Most lines are far apart: points outside the other's box are not measured.
    let mut low = [f64::INFINITY; 2];
    let mut high = [f64::NEG_INFINITY; 2];
    for point in to {
        for k in 0..2 {
            low[k] = low[k].min(point[k] - limit);
            high[k] = high[k].max(point[k] + limit);
        }
    }
    let in_box = |p: Point| (0..2).all(|k| (low[k]..=high[k]).contains(&p[k]));
    let total = length(of);
    let count = (total / 0.5).ceil().max(1.0) as usize;
    let mut range: Option<(f64, f64)> = None;
    for i in 0..=count {
        let at = total * i as f64 / count as f64;
        let point = along(of, at);
        if in_box(point) && distance_to_line(point, to) < limit {
            range = Some(range.map_or((at, at), |(first, _)| (first, at)));
        }
    }
    range
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_moved_to_its_left_and_keeps_its_distance_in_corners() {
        let line = [[0.0, 0.0], [10.0, 0.0], [10.0, 10.0]];
        let left = offset(&line, 1.0);
        for (found, expected) in left.iter().zip([[0.0, 1.0], [9.0, 1.0], [9.0, 10.0]]) {
            assert!(distance(*found, expected) < 1e-9, "{found:?}");
        }
    }

    #[test]
    fn a_right_angle_becomes_an_arc() {
        let arc = curve([0.0, 0.0], [0.0, 1.0], [10.0, 10.0], [1.0, 0.0]);
        let center = [10.0, 0.0];
        for point in &arc {
            assert!((distance(*point, center) - 10.0).abs() < 0.05, "{point:?}");
        }
        assert!((length(&arc) - 5.0 * std::f64::consts::PI).abs() < 0.1);
    }

    #[test]
    fn a_part_has_the_length_that_was_asked_for() {
        let line = [[0.0, 0.0], [10.0, 0.0], [10.0, 10.0]];
        let middle = part(&line, 4.0, 13.0);
        assert_eq!(middle, vec![[4.0, 0.0], [10.0, 0.0], [10.0, 3.0]]);
    }
}
