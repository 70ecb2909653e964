//! Loose triangles as planar polygons, so that a wall is one surface and not two triangles.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use nalgebra::{Point3, Vector3};

/// Corners closer than this (m) are one corner.
const WELD_M: f64 = 1e-4;
/// Largest angle between triangles of one polygon: cosine of 0.1 degrees.
const COPLANAR_COS: f64 = 0.999_998_476_9;
/// Largest distance (m) of a corner from the plane of its polygon.
const COPLANAR_M: f64 = 1e-3;

/// Corner in units of [`WELD_M`]: equal for corners that are one.
pub fn weld_key(p: &Point3<f64>) -> [i64; 3] {
    [p.x, p.y, p.z].map(|v| (v / WELD_M).round() as i64)
}

/// Welds corners and merges coplanar neighbours into polygons (exterior first, then holes), in the order of the triangles.
pub fn merged(triangles: &[[Point3<f64>; 3]]) -> Vec<Vec<Vec<Point3<f64>>>> {
    let (corners, faces) = welded(triangles);
    let normals: Vec<Vector3<f64>> = faces
        .iter()
        .map(|f| {
            let [a, b, c] = f.map(|i| corners[i as usize]);
            (b - a).cross(&(c - a)).normalize()
        })
        .collect();
    // Directed edge -> its face; `None` where two faces run along it in the same direction.
    let mut edges: HashMap<(u32, u32), Option<u32>> = HashMap::with_capacity(3 * faces.len());
    for (i, face) in faces.iter().enumerate() {
        for (a, b) in edges_of(face) {
            edges
                .entry((a, b))
                .and_modify(|e| *e = None)
                .or_insert(Some(i as u32));
        }
    }
    let mut done = vec![false; faces.len()];
    let mut polygons = Vec::new();
    for seed in 0..faces.len() {
        if done[seed] {
            continue;
        }
        done[seed] = true;
        let origin = corners[faces[seed][0] as usize];
        let mut region = vec![seed];
        let mut next = 0;
        while next < region.len() {
            let face = faces[region[next]];
            next += 1;
            for (a, b) in edges_of(&face) {
                let Some(Some(neighbour)) = edges.get(&(b, a)) else {
                    continue;
                };
                let neighbour = *neighbour as usize;
                let fits = !done[neighbour]
                    && normals[neighbour].dot(&normals[seed]) >= COPLANAR_COS
                    && faces[neighbour].iter().all(|i| {
                        (corners[*i as usize] - origin).dot(&normals[seed]).abs() <= COPLANAR_M
                    });
                if fits {
                    done[neighbour] = true;
                    region.push(neighbour);
                }
            }
        }
        let rings = outline(&region, &faces, &corners, &normals[seed]);
        match rings {
            Some(rings) => polygons.push(rings),
            None => polygons.extend(
                region
                    .iter()
                    .map(|f| vec![faces[*f].map(|i| corners[i as usize]).to_vec()]),
            ),
        }
    }
    polygons
}

fn edges_of(face: &[u32; 3]) -> [(u32, u32); 3] {
    [(face[0], face[1]), (face[1], face[2]), (face[2], face[0])]
}

fn welded(triangles: &[[Point3<f64>; 3]]) -> (Vec<Point3<f64>>, Vec<[u32; 3]>) {
    let mut corners: Vec<Point3<f64>> = Vec::new();
    let mut known: HashMap<[i64; 3], u32> = HashMap::new();
    let mut faces = Vec::with_capacity(triangles.len());
    for triangle in triangles {
        let face = triangle.map(|p| {
            *known.entry(weld_key(&p)).or_insert_with(|| {
                corners.push(p);
                corners.len() as u32 - 1
            })
        });
        let [a, b, c] = face.map(|i| corners[i as usize]);
        // Less than a square millimetre is a line, and lines have no direction.
        if (b - a).cross(&(c - a)).norm() > 2e-6 {
            faces.push(face);
        }
    }
    (corners, faces)
}

/// Rings around a region of faces: exterior first. `None` where the border touches itself.
fn outline(
    region: &[usize],
    faces: &[[u32; 3]],
    corners: &[Point3<f64>],
    normal: &Vector3<f64>,
) -> Option<Vec<Vec<Point3<f64>>>> {
    let mut border: BTreeMap<u32, u32> = BTreeMap::new();
    let inside: BTreeSet<(u32, u32)> = region.iter().flat_map(|f| edges_of(&faces[*f])).collect();
    for (a, b) in &inside {
        if !inside.contains(&(*b, *a)) && border.insert(*a, *b).is_some() {
            return None;
        }
    }
    let mut rings: Vec<(f64, Vec<Point3<f64>>)> = Vec::new();
    while let Some((start, mut at)) = border.pop_first() {
        let mut ring = vec![corners[start as usize]];
        while at != start {
            ring.push(corners[at as usize]);
            at = border.remove(&at)?;
        }
        let area = 0.5
            * (1..ring.len().saturating_sub(1))
                .map(|i| {
                    (ring[i] - ring[0])
                        .cross(&(ring[i + 1] - ring[0]))
                        .dot(normal)
                })
                .sum::<f64>();
        rings.push((area, ring));
    }
    // One border runs counter-clockwise around the region, all others are holes.
    (rings.iter().filter(|(area, _)| *area > 0.0).count() == 1).then(|| {
        rings.sort_by(|a, b| b.0.total_cmp(&a.0));
        rings.into_iter().map(|(_, ring)| ring).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hole_in_a_wall_stays_a_hole() {
        // A 3 × 3 m square of nine fields without the middle one, in the plane z = 0.
        let mut triangles = Vec::new();
        for (i, j) in (0..9).map(|k| (f64::from(k % 3), f64::from(k / 3))) {
            if (i, j) != (1.0, 1.0) {
                let p = |x, y| Point3::new(i + x, j + y, 0.0);
                triangles.push([p(0.0, 0.0), p(1.0, 0.0), p(1.0, 1.0)]);
                triangles.push([p(0.0, 0.0), p(1.0, 1.0), p(0.0, 1.0)]);
            }
        }
        let polygons = merged(&triangles);
        assert_eq!(polygons.len(), 1);
        assert_eq!(
            polygons[0].iter().map(Vec::len).collect::<Vec<_>>(),
            [12, 4]
        );
    }
}
