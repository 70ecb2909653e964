//! Plane geometry of plots and streets. Rings are counter-clockwise without a repeated end; left is inside.

pub(super) use crate::geo::ring::contains;

/// A place in the plane (m).
pub(super) type P2 = [f64; 2];

pub(super) fn add(a: P2, b: P2) -> P2 {
    [a[0] + b[0], a[1] + b[1]]
}

pub(super) fn sub(a: P2, b: P2) -> P2 {
    [a[0] - b[0], a[1] - b[1]]
}

pub(super) fn mul(a: P2, k: f64) -> P2 {
    [a[0] * k, a[1] * k]
}

pub(super) fn dot(a: P2, b: P2) -> f64 {
    a[0] * b[0] + a[1] * b[1]
}

pub(super) fn cross(a: P2, b: P2) -> f64 {
    a[0] * b[1] - a[1] * b[0]
}

pub(super) fn distance(a: P2, b: P2) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// Unit vector from `a` to `b`.
pub(super) fn direction(a: P2, b: P2) -> P2 {
    mul(sub(b, a), 1.0 / distance(a, b))
}

/// Quarter turn to the left.
pub(super) fn left(u: P2) -> P2 {
    [-u[1], u[0]]
}

pub(super) fn lerp(a: P2, b: P2, t: f64) -> P2 {
    [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t]
}

/// `origin` moved by `along` in direction `u` and by `across` to its left.
pub(super) fn step(origin: P2, u: P2, along: f64, across: f64) -> P2 {
    let v = left(u);
    [
        origin[0] + u[0] * along + v[0] * across,
        origin[1] + u[1] * along + v[1] * across,
    ]
}

/// Edges of a ring.
pub(super) fn edges(ring: &[P2]) -> impl Iterator<Item = (P2, P2)> + '_ {
    (0..ring.len()).map(|i| (ring[i], ring[(i + 1) % ring.len()]))
}

/// Signed area (m²), positive for counter-clockwise rings.
pub(super) fn area(ring: &[P2]) -> f64 {
    edges(ring).map(|(a, b)| cross(a, b)).sum::<f64>() / 2.0
}

/// Mean of the corners.
pub(super) fn middle(ring: &[P2]) -> P2 {
    let sum = ring.iter().fold([0.0, 0.0], |s, &p| add(s, p));
    mul(sum, 1.0 / ring.len() as f64)
}

/// South-western and north-eastern corner.
pub(super) fn bounds(ring: &[P2]) -> (P2, P2) {
    ring.iter().fold(
        ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]),
        |(lo, hi), p| {
            (
                [lo[0].min(p[0]), lo[1].min(p[1])],
                [hi[0].max(p[0]), hi[1].max(p[1])],
            )
        },
    )
}

/// Distance (m) to a segment.
pub(super) fn distance_to_segment(p: P2, a: P2, b: P2) -> f64 {
    let ab = sub(b, a);
    let length_squared = dot(ab, ab);
    let t = if length_squared > 0.0 {
        (dot(sub(p, a), ab) / length_squared).clamp(0.0, 1.0)
    } else {
        0.0
    };
    distance(p, lerp(a, b, t))
}

/// Distance (m) to the nearest edge of a ring.
pub(super) fn distance_to_ring(p: P2, ring: &[P2]) -> f64 {
    edges(ring)
        .map(|(a, b)| distance_to_segment(p, a, b))
        .fold(f64::INFINITY, f64::min)
}

/// Whether two segments cross or touch.
fn segments_meet(a: P2, b: P2, c: P2, d: P2) -> bool {
    let side = |p: P2, q: P2, r: P2| cross(sub(q, p), sub(r, p));
    let (s1, s2) = (side(a, b, c), side(a, b, d));
    let (s3, s4) = (side(c, d, a), side(c, d, b));
    s1 * s2 <= 0.0 && s3 * s4 <= 0.0 && !(s1 == 0.0 && s2 == 0.0)
}

/// Whether two rings share area or touch.
pub(super) fn rings_meet(a: &[P2], b: &[P2]) -> bool {
    let (a_lo, a_hi) = bounds(a);
    let (b_lo, b_hi) = bounds(b);
    if a_lo[0] > b_hi[0] || b_lo[0] > a_hi[0] || a_lo[1] > b_hi[1] || b_lo[1] > a_hi[1] {
        return false;
    }
    contains(a, b[0])
        || contains(b, a[0])
        || edges(a).any(|(p, q)| edges(b).any(|(r, s)| segments_meet(p, q, r, s)))
}

/// A path moved `by` metres to its left: mitred bends, square ends.
pub(super) fn offset_path(path: &[P2], by: f64) -> Vec<P2> {
    let last = path.len() - 1;
    (0..=last)
        .map(|i| {
            let before = (i > 0).then(|| left(direction(path[i - 1], path[i])));
            let after = (i < last).then(|| left(direction(path[i], path[i + 1])));
            let shift = match (before, after) {
                (Some(m), Some(n)) => mul(add(m, n), by / (1.0 + dot(m, n))),
                (Some(n), None) | (None, Some(n)) => mul(n, by),
                (None, None) => [0.0, 0.0],
            };
            add(path[i], shift)
        })
        .collect()
}

/// For each corner of a ring the corner it has after every edge moved inwards by its own distance; edges that vanish
/// leave their two corners on one place. `None` when nothing is left.
pub(super) fn inset(ring: &[P2], by: &[f64]) -> Option<Vec<P2>> {
    let n = ring.len();
    let line = |i: usize| {
        let (a, b) = (ring[i], ring[(i + 1) % n]);
        let u = direction(a, b);
        (step(a, u, 0.0, by[i]), u)
    };
    let meet = |i: usize, j: usize| {
        let ((p, u), (q, v)) = (line(i), line(j));
        let denominator = cross(u, v);
        if denominator.abs() < 0.03 {
            // Nearly straight: halfway between the two shifted copies of the shared corner.
            let corner = ring[j];
            let n_i = mul(left(u), by[i]);
            let n_j = mul(left(v), by[j]);
            add(corner, mul(add(n_i, n_j), 0.5))
        } else {
            add(p, mul(u, cross(sub(q, p), v) / denominator))
        }
    };
    let mut alive: Vec<usize> = (0..n).collect();
    while alive.len() >= 3 {
        let k = alive.len();
        // corner[m]: start of the m-th living edge.
        let corner: Vec<P2> = (0..k)
            .map(|m| meet(alive[(m + k - 1) % k], alive[m]))
            .collect();
        let flipped = (0..k)
            .filter(|&m| {
                let (_, u) = line(alive[m]);
                dot(sub(corner[(m + 1) % k], corner[m]), u) <= 0.0
            })
            .min_by(|&x, &y| {
                let length = |m: usize| distance(ring[alive[m]], ring[(alive[m] + 1) % n]);
                length(x).total_cmp(&length(y))
            });
        match flipped {
            Some(m) => {
                alive.remove(m);
            }
            None => {
                // The start of a vanished edge sits where the next living edge starts.
                return Some(
                    (0..n)
                        .map(|i| {
                            let m = alive.iter().position(|&e| e >= i).unwrap_or(0);
                            corner[m]
                        })
                        .collect(),
                );
            }
        }
    }
    None
}

/// The ring without corners that coincide with the one before.
pub(super) fn without_repeats(ring: &[P2]) -> Vec<P2> {
    let n = ring.len();
    (0..n)
        .filter(|&i| distance(ring[i], ring[(i + n - 1) % n]) > 0.01)
        .map(|i| ring[i])
        .collect()
}

/// A rectangle: corner, direction of its length, length, width to the left.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rect {
    pub corner: P2,
    pub along: P2,
    pub length: f64,
    pub width: f64,
}

impl Rect {
    /// The rectangle around a centre.
    pub fn centred(centre: P2, along: P2, length: f64, width: f64) -> Self {
        Self {
            corner: step(centre, along, -length / 2.0, -width / 2.0),
            along,
            length,
            width,
        }
    }

    /// Corners, counter-clockwise from `corner`.
    pub fn ring(&self) -> Vec<P2> {
        vec![
            self.at(0.0, 0.0),
            self.at(1.0, 0.0),
            self.at(1.0, 1.0),
            self.at(0.0, 1.0),
        ]
    }

    /// Place at fractions of length and width.
    pub fn at(&self, s: f64, t: f64) -> P2 {
        step(self.corner, self.along, s * self.length, t * self.width)
    }

    /// The same place with length and width exchanged.
    pub fn turned(&self) -> Self {
        Self {
            corner: self.at(1.0, 0.0),
            along: left(self.along),
            length: self.width,
            width: self.length,
        }
    }

    /// Grown by a margin on all sides.
    pub fn grown(&self, by: f64) -> Self {
        Self {
            corner: step(self.corner, self.along, -by, -by),
            along: self.along,
            length: self.length + 2.0 * by,
            width: self.width + 2.0 * by,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQUARE: [P2; 4] = [[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]];

    #[test]
    fn inset_moves_each_edge_by_its_own_distance() {
        let inner = inset(&SQUARE, &[1.0, 2.0, 3.0, 4.0]).unwrap();
        assert_eq!(inner, vec![[4.0, 1.0], [8.0, 1.0], [8.0, 7.0], [4.0, 7.0]]);
    }

    #[test]
    fn inset_drops_edges_that_vanish() {
        // A square with one corner cut by 2 m: moving in by 5 m leaves a point-like rest, by 3 m the cut is gone.
        let ring = [
            [0.0, 0.0],
            [20.0, 0.0],
            [20.0, 19.0],
            [19.0, 20.0],
            [0.0, 20.0],
        ];
        let inner = inset(&ring, &[3.0; 5]).unwrap();
        assert_eq!(inner.len(), 5);
        let compact = without_repeats(&inner);
        assert_eq!(compact.len(), 4);
        assert!((area(&compact) - 196.0).abs() < 1e-9);
        assert!(inset(&SQUARE, &[6.0; 4]).is_none());
    }

    #[test]
    fn offset_keeps_the_distance_in_bends() {
        let path = [[0.0, 0.0], [10.0, 0.0], [10.0, 10.0]];
        let moved = offset_path(&path, 2.0);
        assert_eq!(moved, vec![[0.0, 2.0], [8.0, 2.0], [8.0, 10.0]]);
    }
}
