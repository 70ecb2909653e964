//! Closed building shells: every maker returns faces whose edges are shared by exactly two of them, seen from outside
//! counter-clockwise.

use super::plane::{P2, Rect, area, lerp, offset_path, step};
use crate::city::SurfaceKind;

/// A polygon of a shell: corners as indices, holes after it.
#[derive(Clone, Debug, PartialEq)]
pub struct Face {
    /// Meaning.
    pub kind: SurfaceKind,
    /// Exterior ring, counter-clockwise from outside.
    pub ring: Vec<u16>,
    /// Holes, clockwise from outside.
    pub holes: Vec<Vec<u16>>,
}

/// A closed shell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shell {
    /// Corners: easting, northing, height (m), on whole millimetres.
    pub vertices: Vec<[f64; 3]>,
    /// Polygons.
    pub faces: Vec<Face>,
}

/// How a ridge ends: 0 with a gable, 1 with a hip, between with a half-hip that starts so far below the ridge.
pub(super) type HipShare = f64;

impl Shell {
    fn vertex(&mut self, p: P2, z: f64) -> u16 {
        self.vertices.push([p[0], p[1], z].map(on_millimetre));
        (self.vertices.len() - 1) as u16
    }

    fn level(&mut self, points: &[P2], z: f64) -> Vec<u16> {
        points.iter().map(|&p| self.vertex(p, z)).collect()
    }

    fn face(&mut self, kind: SurfaceKind, ring: Vec<u16>) {
        self.faces.push(Face {
            kind,
            ring,
            holes: Vec::new(),
        });
    }

    /// Outline on the ground, counter-clockwise from above, holes after it.
    pub fn footprint(&self) -> Vec<Vec<P2>> {
        self.faces
            .iter()
            .filter(|f| f.kind == SurfaceKind::Ground)
            .flat_map(|f| std::iter::once(&f.ring).chain(&f.holes))
            .map(|ring| {
                let at = |&i: &u16| {
                    let v = self.vertices[i as usize];
                    [v[0], v[1]]
                };
                ring.iter().rev().map(at).collect()
            })
            .collect()
    }

    /// Lowest and highest height (m).
    pub fn heights(&self) -> (f64, f64) {
        self.vertices
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), v| {
                (lo.min(v[2]), hi.max(v[2]))
            })
    }
}

fn on_millimetre(x: f64) -> f64 {
    (x * 1000.0).round() / 1000.0
}

/// A house along a street line: `path` is its street side (the house lies to the left), `profile` its cross-section as
/// (share of the depth, height), from street to yard. Bends are mitred, so that all roof faces stay plane.
pub(super) fn band(path: &[P2], depth: f64, profile: &[(f64, f64)], base: f64) -> Shell {
    let mut shell = Shell::default();
    let last = path.len() - 1;
    let inner = offset_path(path, depth);
    let ground_out = shell.level(path, base);
    let ground_in = shell.level(&inner, base);
    let lines: Vec<Vec<u16>> = profile
        .iter()
        .map(|&(t, z)| shell.level(&offset_path(path, t * depth), z))
        .collect();
    let (eaves_out, eaves_in) = (&lines[0], &lines[lines.len() - 1]);
    for i in 0..last {
        shell.face(
            SurfaceKind::Wall,
            vec![
                ground_out[i],
                ground_out[i + 1],
                eaves_out[i + 1],
                eaves_out[i],
            ],
        );
        shell.face(
            SurfaceKind::Wall,
            vec![ground_in[i + 1], ground_in[i], eaves_in[i], eaves_in[i + 1]],
        );
        for (k, pair) in lines.windows(2).enumerate() {
            let upright = profile[k].0 == profile[k + 1].0;
            let kind = if upright {
                SurfaceKind::Wall
            } else {
                SurfaceKind::Roof
            };
            shell.face(
                kind,
                vec![pair[0][i], pair[0][i + 1], pair[1][i + 1], pair[1][i]],
            );
        }
    }
    let mut start = vec![ground_in[0], ground_out[0]];
    start.extend(lines.iter().map(|line| line[0]));
    shell.face(SurfaceKind::Wall, start);
    let mut end = vec![ground_out[last], ground_in[last]];
    end.extend(lines.iter().rev().map(|line| line[last]));
    shell.face(SurfaceKind::Wall, end);
    let mut ground: Vec<u16> = ground_in;
    ground.extend(ground_out.iter().rev());
    shell.face(SurfaceKind::Ground, ground);
    shell
}

/// A house with a ridge along the length of `rect`; both ends as their share says. Two full hips that meet give a
/// pyramid.
pub(super) fn ridge_house(
    rect: &Rect,
    base: f64,
    eaves: f64,
    ridge: f64,
    ends: [HipShare; 2],
) -> Shell {
    let inset = ends.map(|share| share * rect.width / 2.0 / rect.length);
    if inset[0] + inset[1] > 0.98 {
        return pyramid(&rect.ring(), base, eaves, rect.at(0.5, 0.5), ridge);
    }
    let mut shell = Shell::default();
    let g = shell.level(&rect.ring(), base);
    let e = shell.level(&rect.ring(), eaves);
    let top = [
        shell.vertex(rect.at(inset[0], 0.5), ridge),
        shell.vertex(rect.at(1.0 - inset[1], 0.5), ridge),
    ];
    // Corners (right, left of the length) where a half-hip cuts the gable; the eaves corners for a full hip.
    let mut clip = |s: f64, share: HipShare, full: [u16; 2]| -> [u16; 2] {
        if share >= 1.0 {
            full
        } else {
            let z = ridge - share * (ridge - eaves);
            [
                shell.vertex(rect.at(s, 0.5 - share / 2.0), z),
                shell.vertex(rect.at(s, 0.5 + share / 2.0), z),
            ]
        }
    };
    let clip0 = if ends[0] > 0.0 {
        Some(clip(0.0, ends[0], [e[0], e[3]]))
    } else {
        None
    };
    let clip1 = if ends[1] > 0.0 {
        Some(clip(1.0, ends[1], [e[1], e[2]]))
    } else {
        None
    };
    shell.face(SurfaceKind::Wall, vec![g[0], g[1], e[1], e[0]]);
    shell.face(SurfaceKind::Wall, vec![g[2], g[3], e[3], e[2]]);
    let without_twins = |mut ring: Vec<u16>| {
        ring.dedup();
        if ring.len() > 1 && ring[0] == ring[ring.len() - 1] {
            ring.pop();
        }
        ring
    };
    // End walls, seen from outside.
    let mut end1 = vec![g[1], g[2], e[2]];
    match clip1 {
        Some([right, left]) => end1.extend([left, right]),
        None => end1.push(top[1]),
    }
    end1.push(e[1]);
    let mut end0 = vec![g[3], g[0], e[0]];
    match clip0 {
        Some([right, left]) => end0.extend([right, left]),
        None => end0.push(top[0]),
    }
    end0.push(e[3]);
    shell.face(SurfaceKind::Wall, without_twins(end1));
    shell.face(SurfaceKind::Wall, without_twins(end0));
    if let Some([right, left]) = clip1 {
        shell.face(SurfaceKind::Roof, vec![right, left, top[1]]);
    }
    if let Some([right, left]) = clip0 {
        shell.face(SurfaceKind::Roof, vec![left, right, top[0]]);
    }
    // Right slope (south of an eastward length), then the left one.
    let mut right_slope = vec![e[0], e[1]];
    right_slope.extend(clip1.map(|c| c[0]));
    right_slope.extend([top[1], top[0]]);
    right_slope.extend(clip0.map(|c| c[0]));
    shell.face(SurfaceKind::Roof, without_twins(right_slope));
    let mut left_slope = vec![e[2], e[3]];
    left_slope.extend(clip0.map(|c| c[1]));
    left_slope.extend([top[0], top[1]]);
    left_slope.extend(clip1.map(|c| c[1]));
    shell.face(SurfaceKind::Roof, without_twins(left_slope));
    shell.face(SurfaceKind::Ground, vec![g[3], g[2], g[1], g[0]]);
    shell
}

/// A convex outline with a roof to one point. Roof faces above an edge on which the point lies become walls.
pub(super) fn pyramid(ring: &[P2], base: f64, eaves: f64, apex: P2, top: f64) -> Shell {
    let mut shell = Shell::default();
    let g = shell.level(ring, base);
    let e = shell.level(ring, eaves);
    let peak = shell.vertex(apex, top);
    let n = ring.len();
    for i in 0..n {
        let j = (i + 1) % n;
        shell.face(SurfaceKind::Wall, vec![g[i], g[j], e[j], e[i]]);
        let upright = area(&[ring[i], ring[j], apex]).abs() < 0.01;
        let kind = if upright {
            SurfaceKind::Wall
        } else {
            SurfaceKind::Roof
        };
        shell.face(kind, vec![e[i], e[j], peak]);
    }
    shell.face(SurfaceKind::Ground, g.into_iter().rev().collect());
    shell
}

/// An outline (with holes, clockwise) under a plane roof: `top` gives the height at a place and must be linear.
pub(super) fn prism(ring: &[P2], holes: &[Vec<P2>], base: f64, top: impl Fn(P2) -> f64) -> Shell {
    let mut shell = Shell::default();
    let mut grounds = Vec::new();
    let mut roofs = Vec::new();
    for outline in std::iter::once(ring).chain(holes.iter().map(Vec::as_slice)) {
        let g = shell.level(outline, base);
        let r: Vec<u16> = outline.iter().map(|&p| shell.vertex(p, top(p))).collect();
        let n = outline.len();
        for i in 0..n {
            let j = (i + 1) % n;
            shell.face(SurfaceKind::Wall, vec![g[i], g[j], r[j], r[i]]);
        }
        grounds.push(g.into_iter().rev().collect::<Vec<u16>>());
        roofs.push(r);
    }
    let ground = grounds.remove(0);
    let roof = roofs.remove(0);
    shell.faces.push(Face {
        kind: SurfaceKind::Roof,
        ring: roof,
        holes: roofs,
    });
    shell.faces.push(Face {
        kind: SurfaceKind::Ground,
        ring: ground,
        holes: grounds,
    });
    shell
}

/// A deck between two ends: `top` heights at start and end of the rectangle's length, `thickness` of the slab.
pub(super) fn deck(rect: &Rect, top: [f64; 2], thickness: f64) -> Shell {
    let mut shell = Shell::default();
    let ring = rect.ring();
    let at = |i: usize| if i == 0 || i == 3 { top[0] } else { top[1] };
    let g: Vec<u16> = (0..4)
        .map(|i| shell.vertex(ring[i], at(i) - thickness))
        .collect();
    let r: Vec<u16> = (0..4).map(|i| shell.vertex(ring[i], at(i))).collect();
    for i in 0..4 {
        let j = (i + 1) % 4;
        shell.face(SurfaceKind::Wall, vec![g[i], g[j], r[j], r[i]]);
    }
    shell.face(SurfaceKind::Roof, r);
    shell.face(SurfaceKind::Ground, g.into_iter().rev().collect());
    shell
}

/// Cross-section of a gabled roof.
pub(super) fn gable_profile(eaves: f64, ridge: f64) -> Vec<(f64, f64)> {
    vec![(0.0, eaves), (0.5, ridge), (1.0, eaves)]
}

/// Cross-section of a mansard roof: steep below, flat above.
pub(super) fn mansard_profile(eaves: f64, kink: f64, ridge: f64) -> Vec<(f64, f64)> {
    vec![
        (0.0, eaves),
        (0.13, kink),
        (0.5, ridge),
        (0.87, kink),
        (1.0, eaves),
    ]
}

/// Cross-section of a flat roof with a set-back top storey.
pub(super) fn setback_profile(eaves: f64, top: f64, share: f64) -> Vec<(f64, f64)> {
    vec![
        (0.0, eaves),
        (share, eaves),
        (share, top),
        (1.0 - share, top),
        (1.0 - share, eaves),
        (1.0, eaves),
    ]
}

/// Cross-section of a round roof in eight flat strips.
pub(super) fn arched_profile(eaves: f64, rise: f64) -> Vec<(f64, f64)> {
    (0..=8)
        .map(|i| {
            let t = f64::from(i) / 8.0;
            (t, eaves + rise * 4.0 * t * (1.0 - t))
        })
        .collect()
}

/// Cross-section of a saw-tooth roof: `teeth` of them, glass upright towards the start.
pub(super) fn sawtooth_profile(eaves: f64, rise: f64, teeth: u32) -> Vec<(f64, f64)> {
    let width = 1.0 / f64::from(teeth);
    let mut profile = vec![(0.0, eaves + rise)];
    for tooth in 0..teeth {
        let end = f64::from(tooth + 1) * width;
        profile.push((end, eaves));
        if tooth + 1 < teeth {
            profile.push((end, eaves + rise));
        }
    }
    profile
}

/// Street side of a rectangle as a path.
pub(super) fn front(rect: &Rect) -> Vec<P2> {
    vec![rect.at(0.0, 0.0), rect.at(1.0, 0.0)]
}

/// Regular polygon.
pub(super) fn regular(centre: P2, along: P2, radius: f64, corners: u32) -> Vec<P2> {
    (0..corners)
        .map(|i| {
            let angle = std::f64::consts::TAU * (f64::from(i) + 0.5) / f64::from(corners);
            step(centre, along, radius * angle.cos(), radius * angle.sin())
        })
        .collect()
}

/// Height of a plane that rises from `low` on the edge a-b of a rectangle's ring to `high` on the opposite edge.
pub(super) fn slope(rect: &Rect, low: f64, high: f64) -> impl Fn(P2) -> f64 + use<> {
    let (origin, along, width) = (rect.corner, rect.along, rect.width);
    move |p| {
        let across = super::plane::cross(along, super::plane::sub(p, origin));
        let t = across / width;
        lerp([low, 0.0], [high, 0.0], t)[0]
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Volume (m³) of a closed shell; panics with the reason when an edge is not shared by two opposite faces.
    pub(in super::super) fn closed_volume(shell: &Shell) -> f64 {
        let mut edges: BTreeMap<(u16, u16), u32> = BTreeMap::new();
        let mut volume = 0.0;
        for face in &shell.faces {
            for ring in std::iter::once(&face.ring).chain(&face.holes) {
                assert!(ring.len() >= 3, "ring of {} corners", ring.len());
                let origin = shell.vertices[ring[0] as usize];
                for i in 0..ring.len() {
                    let j = (i + 1) % ring.len();
                    *edges.entry((ring[i], ring[j])).or_default() += 1;
                    let (a, b) = (
                        shell.vertices[ring[i] as usize],
                        shell.vertices[ring[j] as usize],
                    );
                    let d = |p: [f64; 3]| {
                        [
                            p[0] - shell.vertices[0][0],
                            p[1] - shell.vertices[0][1],
                            p[2],
                        ]
                    };
                    let (o, a, b) = (d(origin), d(a), d(b));
                    volume += (o[0] * (a[1] * b[2] - a[2] * b[1])
                        + o[1] * (a[2] * b[0] - a[0] * b[2])
                        + o[2] * (a[0] * b[1] - a[1] * b[0]))
                        / 6.0;
                }
            }
        }
        for (&(a, b), &count) in &edges {
            assert_eq!(count, 1, "edge {a}-{b} used {count} times");
            assert!(edges.contains_key(&(b, a)), "edge {a}-{b} has no partner");
        }
        volume
    }

    fn house() -> Rect {
        Rect {
            corner: [3.0, 4.0],
            along: [0.6, 0.8],
            length: 20.0,
            width: 10.0,
        }
    }

    #[test]
    fn ridge_houses_close_with_the_volume_of_their_form() {
        // Base 5, eaves 15, ridge 20 above 20 m x 10 m: block 2000, gable prism 500.
        let volume = |ends| closed_volume(&ridge_house(&house(), 5.0, 15.0, 20.0, ends));
        assert!((volume([0.0, 0.0]) - 2500.0).abs() < 0.5);
        // A full hip cuts off a third of the prism over 5 m: 125 / 3.
        assert!((volume([1.0, 0.0]) - (2500.0 - 125.0 / 3.0)).abs() < 0.5);
        // A half-hip of 0.4 cuts a pyramid 0.4 times as large in all directions.
        assert!((volume([0.0, 0.4]) - (2500.0 - 0.064 * 125.0 / 3.0)).abs() < 0.5);
        let tent = Rect {
            length: 10.0,
            ..house()
        };
        let pyramid = closed_volume(&ridge_house(&tent, 5.0, 15.0, 20.0, [1.0, 1.0]));
        assert!((pyramid - (1000.0 + 500.0 / 3.0)).abs() < 0.5);
    }

    #[test]
    fn bands_close_on_straight_and_bent_streets() {
        let straight = band(&front(&house()), 10.0, &gable_profile(15.0, 20.0), 5.0);
        assert!((closed_volume(&straight) - 2500.0).abs() < 0.5);
        let bent = [[0.0, 0.0], [30.0, 0.0], [30.0, 30.0]];
        let corner = band(&bent, 10.0, &gable_profile(15.0, 20.0), 5.0);
        // Footprint 2 * 30 * 10 - 10 * 10 = 500 m²; the gable adds 5 m at the ridge: volume by Pappus along the ridge
        // line, 25 + 25 m long.
        assert!((closed_volume(&corner) - (5000.0 + 25.0 * 50.0)).abs() < 0.5);
        for profile in [
            mansard_profile(15.0, 18.0, 20.0),
            setback_profile(15.0, 18.0, 0.15),
            arched_profile(10.0, 5.0),
            sawtooth_profile(6.0, 2.0, 5),
        ] {
            assert!(closed_volume(&band(&bent, 10.0, &profile, 5.0)) > 500.0);
        }
    }

    #[test]
    fn prisms_close_with_holes_and_slopes() {
        let yard = vec![vec![[5.0, 5.0], [5.0, 15.0], [15.0, 15.0], [15.0, 5.0]]];
        let ring = [[0.0, 0.0], [20.0, 0.0], [20.0, 20.0], [0.0, 20.0]];
        let court = prism(&ring, &yard, 2.0, |_| 12.0);
        assert!((closed_volume(&court) - 3000.0).abs() < 0.5);
        let rect = Rect {
            corner: [0.0, 0.0],
            along: [1.0, 0.0],
            length: 20.0,
            width: 20.0,
        };
        let lean = prism(&rect.ring(), &[], 0.0, slope(&rect, 4.0, 8.0));
        assert!((closed_volume(&lean) - 2400.0).abs() < 0.5);
        assert!((closed_volume(&deck(&rect, [5.0, 6.0], 1.0)) - 400.0).abs() < 0.5);
    }
}
