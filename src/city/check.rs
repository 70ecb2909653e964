//! Checks and repairs of building geometry: rings, closedness, orientation.
//!
//! Corners are compared as whole millimetres of the CRS, so that two deliveries of the same corner are equal and the checks
//! are exact. Geometry itself keeps its delivered coordinates.
//!
//! A shell is closed when every edge is used exactly twice, in opposite directions. Repairs only turn faces round; nothing
//! is moved, closed or invented.

use std::collections::HashMap;

use nalgebra::Point3;

use crate::geo::LocalFrame;

/// A corner in whole millimetres of the CRS.
pub type Key = [i64; 3];

/// Largest plausible easting or northing (m); national systems with a zone prefix reach 6e7.
const MAX_HORIZONTAL_M: f64 = 1e8;

/// Largest plausible height (m); anything above is a sentinel or an overflow.
const MAX_VERTICAL_M: f64 = 1e5;

/// Smallest number of faces from which the volume under an open shell says which side is out.
const MIN_FACES_FOR_SIDE: usize = 4;

/// True for numbers that can be a place on Earth in metres.
pub fn is_plausible([easting, northing, height]: [f64; 3]) -> bool {
    // Comparisons with NaN are false.
    easting.abs() <= MAX_HORIZONTAL_M
        && northing.abs() <= MAX_HORIZONTAL_M
        && height.abs() <= MAX_VERTICAL_M
}

/// A place rounded to whole millimetres.
pub fn key(place: [f64; 3]) -> Key {
    place.map(|c| (c * 1000.0).round_ties_even() as i64)
}

/// A ring without repeated points, not closed by a repeated first point.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ring {
    /// Corners in the local frame.
    pub points: Vec<Point3<f64>>,
    /// The same corners in whole millimetres of the CRS.
    pub keys: Vec<Key>,
}

impl Ring {
    /// Turns the ring round.
    pub fn reverse(&mut self) {
        self.points.reverse();
        self.keys.reverse();
    }

    /// Six times the signed volume (m³) of the cone from `apex` over the ring, as a fan from its first corner: exact for
    /// planar rings, and independent of the triangulation.
    fn cone(&self, apex: &Point3<f64>) -> f64 {
        let Some(first) = self.points.first() else {
            return 0.0;
        };
        let a = first - apex;
        self.points[1..]
            .windows(2)
            .map(|w| a.dot(&(w[0] - apex).cross(&(w[1] - apex))))
            .sum()
    }
}

/// Why a ring cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RingFault {
    /// A coordinate is not a number or no place on Earth.
    Coordinates,
    /// Fewer than three distinct corners.
    TooFewCorners,
}

/// Drops repeated points, the closing point and spikes (out and back the same way). Returns the ring and whether a spike was
/// dropped.
pub fn clean_ring(frame: &LocalFrame, delivered: &[[f64; 3]]) -> Result<(Ring, bool), RingFault> {
    if !delivered.iter().copied().all(is_plausible) {
        return Err(RingFault::Coordinates);
    }
    let mut ring = Ring {
        points: Vec::with_capacity(delivered.len()),
        keys: Vec::with_capacity(delivered.len()),
    };
    let mut spike = false;
    for &place in delivered {
        let k = key(place);
        if ring.keys.last() == Some(&k) {
            continue;
        }
        if ring.keys.len() >= 2 && ring.keys[ring.keys.len() - 2] == k {
            ring.points.pop();
            ring.keys.pop();
            spike = true;
            continue;
        }
        ring.points.push(frame.local_from_crs(place));
        ring.keys.push(k);
    }
    // The closing point, and spikes around the first point.
    while ring.keys.len() > 1 {
        let n = ring.keys.len();
        if ring.keys[0] == ring.keys[n - 1] {
            ring.points.pop();
            ring.keys.pop();
        } else if n > 2 && ring.keys[0] == ring.keys[n - 2] {
            ring.points.truncate(n - 2);
            ring.keys.truncate(n - 2);
            spike = true;
        } else if n > 2 && ring.keys[1] == ring.keys[n - 1] {
            ring.points.remove(0);
            ring.keys.remove(0);
            spike = true;
        } else {
            break;
        }
    }
    if ring.keys.len() < 3 {
        return Err(RingFault::TooFewCorners);
    }
    Ok((ring, spike))
}

/// A face as the shell check sees it.
pub struct ShellFace<'a> {
    /// Exterior first, then holes in the opposite direction.
    pub rings: &'a [Ring],
    /// Area (m²).
    pub area_m2: f64,
}

/// What the shell check found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shell {
    /// True when every edge is used twice, in opposite directions, as delivered.
    pub closed_as_delivered: bool,
    /// The same after turning the faces of `turned`.
    pub closed: bool,
    /// Per face: must be turned round to point outwards.
    pub turned: Vec<bool>,
    /// Number of connected groups of faces that were inside out as a whole.
    pub inside_out: usize,
    /// Number of faces turned because they disagreed with their neighbours.
    pub disagreeing: usize,
    /// Edges that are not shared by exactly two faces.
    pub unpaired_edges: usize,
    /// Volume (m³) after turning, if closed.
    pub volume_m3: Option<f64>,
}

struct Edge {
    ends: [u32; 2],
    face: u32,
    forward: bool,
}

/// Checks whether faces form a closed shell, and which faces point the wrong way.
///
/// Orientation spreads over edges shared by exactly two faces; within each connected group the smaller area gives way. A
/// group whose volume is negative is inside out, unless it lies inside the box of another group (an inner courtyard or
/// cavity, which rightly points inwards).
pub fn check_shell(faces: &[ShellFace]) -> Shell {
    let edges = sorted_edges(faces);
    let pairs: Vec<&[Edge]> = edges.chunk_by(|a, b| a.ends == b.ends).collect();
    let closed_with = |turned: &[bool]| {
        !pairs.is_empty()
            && pairs.iter().all(|uses| match uses {
                [a, b] => {
                    (a.forward ^ turned[a.face as usize]) != (b.forward ^ turned[b.face as usize])
                }
                _ => false,
            })
    };
    let mut shell = Shell {
        turned: vec![false; faces.len()],
        unpaired_edges: pairs.iter().filter(|uses| uses.len() != 2).count(),
        ..Shell::default()
    };
    shell.closed_as_delivered = closed_with(&shell.turned);
    turn_disagreeing(faces, &pairs, &mut shell);
    shell.closed = closed_with(&shell.turned);
    if shell.closed {
        let apex = first_point(faces);
        let six = faces
            .iter()
            .zip(&shell.turned)
            .map(|(face, &turned)| signed(cone(face, &apex), turned))
            .sum::<f64>();
        shell.volume_m3 = Some(six / 6.0);
    }
    shell
}

fn signed(value: f64, turned: bool) -> f64 {
    if turned { -value } else { value }
}

fn cone(face: &ShellFace, apex: &Point3<f64>) -> f64 {
    face.rings.iter().map(|ring| ring.cone(apex)).sum()
}

fn first_point(faces: &[ShellFace]) -> Point3<f64> {
    faces
        .iter()
        .flat_map(|f| f.rings)
        .find_map(|r| r.points.first())
        .copied()
        .unwrap_or_default()
}

/// All edges of all rings, sorted so that uses of the same edge are neighbours.
fn sorted_edges(faces: &[ShellFace]) -> Vec<Edge> {
    let mut numbers: HashMap<Key, u32> = HashMap::new();
    let mut edges = Vec::new();
    for (face, rings) in faces.iter().map(|f| f.rings).enumerate() {
        for ring in rings {
            let mut number = |k: &Key| {
                let next = numbers.len() as u32;
                *numbers.entry(*k).or_insert(next)
            };
            let Some(last) = ring.keys.last() else {
                continue;
            };
            let mut from = number(last);
            for k in &ring.keys {
                let to = number(k);
                edges.push(Edge {
                    ends: [from.min(to), from.max(to)],
                    face: face as u32,
                    forward: from < to,
                });
                from = to;
            }
        }
    }
    edges.sort_by_key(|e| (e.ends, e.face));
    edges
}

/// Faces joined to groups, each with its side relative to the root of its group.
struct Groups {
    parent: Vec<u32>,
    /// Side relative to the parent.
    opposite: Vec<bool>,
    /// Per root: two paths ask for different sides (a Moebius band).
    contradictory: Vec<bool>,
}

impl Groups {
    fn new(count: usize) -> Self {
        Self {
            parent: (0..count as u32).collect(),
            opposite: vec![false; count],
            contradictory: vec![false; count],
        }
    }

    /// Root of a face and its side relative to it.
    fn root(&mut self, face: usize) -> (usize, bool) {
        let mut path = Vec::new();
        let mut at = face;
        while self.parent[at] as usize != at {
            path.push(at);
            at = self.parent[at] as usize;
        }
        // Point everything on the path to the root, from the root's end backwards.
        let mut side = false;
        for &node in path.iter().rev() {
            side ^= self.opposite[node];
            self.opposite[node] = side;
            self.parent[node] = at as u32;
        }
        (at, side)
    }

    fn join(&mut self, a: usize, b: usize, opposite: bool) {
        let ((ra, sa), (rb, sb)) = (self.root(a), self.root(b));
        if ra == rb {
            self.contradictory[ra] |= (sa ^ sb) != opposite;
        } else {
            self.parent[rb] = ra as u32;
            self.opposite[rb] = sa ^ sb ^ opposite;
            self.contradictory[ra] |= self.contradictory[rb];
        }
    }
}

#[derive(Clone)]
struct Group {
    faces: Vec<usize>,
    min: Point3<f64>,
    max: Point3<f64>,
}

impl Group {
    fn lies_inside(&self, other: &Self) -> bool {
        (0..3).all(|i| other.min[i] <= self.min[i] && self.max[i] <= other.max[i])
    }
}

fn turn_disagreeing(faces: &[ShellFace], pairs: &[&[Edge]], shell: &mut Shell) {
    let mut groups = Groups::new(faces.len());
    for uses in pairs {
        if let [a, b] = uses
            && a.face != b.face
        {
            groups.join(a.face as usize, b.face as usize, a.forward == b.forward);
        }
    }
    let mut group_of_root: Vec<Option<usize>> = vec![None; faces.len()];
    let mut members: Vec<Group> = Vec::new();
    for (i, face) in faces.iter().enumerate() {
        let (root, _) = groups.root(i);
        if groups.contradictory[root] {
            continue;
        }
        let group = *group_of_root[root].get_or_insert_with(|| {
            members.push(Group {
                faces: Vec::new(),
                min: Point3::from([f64::INFINITY; 3]),
                max: Point3::from([f64::NEG_INFINITY; 3]),
            });
            members.len() - 1
        });
        let group = &mut members[group];
        group.faces.push(i);
        for p in face.rings.iter().flat_map(|r| &r.points) {
            group.min = group.min.inf(p);
            group.max = group.max.sup(p);
        }
    }
    for (g, group) in members.iter().enumerate() {
        let mut area = [0.0; 2];
        for &i in &group.faces {
            area[usize::from(groups.root(i).1)] += faces[i].area_m2;
        }
        let giving_way = area[0] < area[1];
        for &i in &group.faces {
            // `giving_way` is true when the root's side is the smaller one.
            let turn = groups.root(i).1 != giving_way;
            shell.turned[i] = turn;
            shell.disagreeing += usize::from(turn);
        }
        if group.faces.len() < MIN_FACES_FOR_SIDE {
            continue;
        }
        let apex = Point3::new(
            0.5 * (group.min.x + group.max.x),
            0.5 * (group.min.y + group.max.y),
            group.min.z,
        );
        let volume: f64 = group
            .faces
            .iter()
            .map(|&i| signed(cone(&faces[i], &apex), shell.turned[i]))
            .sum();
        let size = group.max - group.min;
        let negative = volume / 6.0 < -1e-3 * size.x * size.y * size.z;
        let inner = members
            .iter()
            .enumerate()
            .any(|(h, other)| h != g && group.lies_inside(other));
        if negative && !inner {
            shell.inside_out += 1;
            for &i in &group.faces {
                shell.turned[i] = !shell.turned[i];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::{Crs, LocalFrame};

    fn frame() -> LocalFrame {
        LocalFrame::near(Crs::utm32(), 566_000.0, 5_933_000.0)
    }

    /// Faces of the box between two corners, outwards.
    fn block(lo: [f64; 3], hi: [f64; 3]) -> Vec<Vec<Ring>> {
        let corner = |i: usize| {
            let pick = |axis: usize| {
                if i >> axis & 1 == 1 {
                    hi[axis]
                } else {
                    lo[axis]
                }
            };
            [566_000.0 + pick(0), 5_933_000.0 + pick(1), pick(2)]
        };
        [
            [0, 2, 3, 1],
            [4, 5, 7, 6],
            [0, 1, 5, 4],
            [1, 3, 7, 5],
            [3, 2, 6, 7],
            [2, 0, 4, 6],
        ]
        .iter()
        .map(|f| vec![clean_ring(&frame(), &f.map(corner)).unwrap().0])
        .collect()
    }

    fn check(faces: &[Vec<Ring>]) -> Shell {
        let faces: Vec<_> = faces
            .iter()
            .map(|rings| ShellFace {
                rings,
                area_m2: crate::geo::triangulate::area_vector(&rings[0].points).norm(),
            })
            .collect();
        check_shell(&faces)
    }

    const BOX: ([f64; 3], [f64; 3]) = ([0.0, 0.0, 5.0], [10.0, 10.0, 15.0]);

    #[test]
    fn closed_box_has_its_volume() {
        let shell = check(&block(BOX.0, BOX.1));
        assert!(shell.closed && shell.closed_as_delivered);
        assert_eq!(shell.turned, [false; 6]);
        approx::assert_relative_eq!(shell.volume_m3.unwrap(), 1000.0, epsilon = 1e-9);
    }

    #[test]
    fn box_inside_out_is_turned_as_a_whole() {
        let mut faces = block(BOX.0, BOX.1);
        faces.iter_mut().for_each(|f| f[0].reverse());
        let shell = check(&faces);
        assert!(shell.closed && shell.closed_as_delivered);
        assert_eq!((shell.inside_out, shell.disagreeing), (1, 0));
        approx::assert_relative_eq!(shell.volume_m3.unwrap(), 1000.0, epsilon = 1e-9);
    }

    #[test]
    fn each_single_turned_face_is_found() {
        for i in 0..6 {
            let mut faces = block(BOX.0, BOX.1);
            faces[i][0].reverse();
            let shell = check(&faces);
            assert!(shell.closed && !shell.closed_as_delivered);
            assert_eq!((shell.inside_out, shell.disagreeing), (0, 1));
            assert!(shell.turned[i]);
        }
    }

    #[test]
    fn missing_face_leaves_the_shell_open_but_oriented() {
        for missing in 0..6 {
            let mut faces = block(BOX.0, BOX.1);
            faces.remove(missing);
            faces.iter_mut().for_each(|f| f[0].reverse());
            let shell = check(&faces);
            assert!(!shell.closed);
            assert_eq!(shell.unpaired_edges, 4);
            assert_eq!(shell.turned, [true; 5], "without face {missing}");
        }
    }

    #[test]
    fn cavity_keeps_pointing_inwards() {
        let mut faces = block(BOX.0, BOX.1);
        let mut cavity = block([2.0, 2.0, 7.0], [4.0, 4.0, 9.0]);
        cavity.iter_mut().for_each(|f| f[0].reverse());
        faces.extend(cavity);
        let shell = check(&faces);
        assert_eq!(shell.turned, [false; 12]);
        approx::assert_relative_eq!(shell.volume_m3.unwrap(), 992.0, epsilon = 1e-9);
    }

    #[test]
    fn repeated_points_closing_point_and_spikes_are_dropped() {
        let at = |x: f64, y: f64| [566_000.0 + x, 5_933_000.0 + y, 0.0];
        let delivered = [
            at(0.0, 0.0),
            at(5.0, 0.0),
            at(5.0, 0.000_2),
            at(5.0, 5.0),
            at(9.0, 9.0),
            at(5.0, 5.0),
            at(0.0, 5.0),
            at(0.0, 0.0),
        ];
        let (ring, spike) = clean_ring(&frame(), &delivered).unwrap();
        assert!(spike);
        assert_eq!(ring.keys.len(), 4);
        assert_eq!(
            clean_ring(&frame(), &[at(0.0, 0.0), at(1.0, 0.0), at(0.0, 0.0)]),
            Err(RingFault::TooFewCorners)
        );
    }

    #[test]
    fn numbers_that_are_no_place_are_refused() {
        for bad in [f64::NAN, f64::INFINITY, 9e18, -9e18] {
            let ring = [[0.0, 0.0, 0.0], [1.0, bad, 0.0], [1.0, 1.0, 0.0]];
            assert_eq!(clean_ring(&frame(), &ring), Err(RingFault::Coordinates));
        }
    }
}
