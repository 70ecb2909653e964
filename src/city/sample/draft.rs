//! The draft that the sample scenario places on the site: a tower of 55 m on a plinth, as glTF 2.0 binary.

use super::GENERATOR;
use super::plane::P2;

/// Half edge lengths (m) east-west and north-south, cut of the corners, height of the level, shift of the centre.
struct Level {
    half: P2,
    cut: f64,
    bottom_m: f64,
    top_m: f64,
    shift: P2,
}

/// Plinth, tower and crown.
const LEVELS: [Level; 3] = [
    Level {
        half: [22.0, 16.0],
        cut: 3.0,
        bottom_m: 0.0,
        top_m: 9.0,
        shift: [0.0, 0.0],
    },
    Level {
        half: [11.0, 10.0],
        cut: 3.0,
        bottom_m: 9.0,
        top_m: 44.0,
        shift: [-6.0, 2.0],
    },
    Level {
        half: [7.5, 6.5],
        cut: 2.5,
        bottom_m: 44.0,
        top_m: 55.0,
        shift: [-7.5, 3.0],
    },
];

impl Level {
    /// Outline, counter-clockwise (east, north).
    fn outline(&self) -> [P2; 8] {
        let ([a, b], c) = (self.half, self.cut);
        [
            [a - c, -b],
            [a, -b + c],
            [a, b - c],
            [a - c, b],
            [-a + c, b],
            [-a, b - c],
            [-a, -b + c],
            [-a + c, -b],
        ]
        .map(|p| [p[0] + self.shift[0], p[1] + self.shift[1]])
    }
}

/// Triangles of the closed form, (east, north, up), counter-clockwise from outside.
pub(super) fn triangles() -> Vec<[[f64; 3]; 3]> {
    let mut triangles = Vec::new();
    let at = |p: P2, z: f64| [p[0], p[1], z];
    let mut quad = |a: [f64; 3], b: [f64; 3], c: [f64; 3], d: [f64; 3]| {
        triangles.extend([[a, b, c], [a, c, d]]);
    };
    for (k, level) in LEVELS.iter().enumerate() {
        let outline = level.outline();
        for i in 0..8 {
            let (p, q) = (outline[i], outline[(i + 1) % 8]);
            quad(
                at(p, level.bottom_m),
                at(q, level.bottom_m),
                at(q, level.top_m),
                at(p, level.top_m),
            );
            // Roof terrace around the next level.
            if let Some(next) = LEVELS.get(k + 1) {
                let inner = next.outline();
                let (r, s) = (inner[(i + 1) % 8], inner[i]);
                quad(
                    at(p, level.top_m),
                    at(q, level.top_m),
                    at(r, level.top_m),
                    at(s, level.top_m),
                );
            }
        }
    }
    let (ground, crown) = (&LEVELS[0], &LEVELS[LEVELS.len() - 1]);
    for i in 1..7 {
        let g = ground.outline().map(|p| at(p, ground.bottom_m));
        triangles.push([g[0], g[i + 1], g[i]]);
        let c = crown.outline().map(|p| at(p, crown.top_m));
        triangles.push([c[0], c[i], c[i + 1]]);
    }
    triangles
}

/// The draft as `.glb`: Y up, metres, origin in the middle of the plinth on the ground; north is -Z.
pub(super) fn glb() -> Vec<u8> {
    let triangles = triangles();
    let mut binary: Vec<u8> = Vec::new();
    let (mut low, mut high) = ([f32::INFINITY; 3], [f32::NEG_INFINITY; 3]);
    let gltf = |p: [f64; 3]| [p[0] as f32, p[2] as f32, -p[1] as f32].map(|x| x + 0.0);
    for point in triangles.iter().flatten() {
        for (k, x) in gltf(*point).into_iter().enumerate() {
            (low[k], high[k]) = (low[k].min(x), high[k].max(x));
            binary.extend(x.to_le_bytes());
        }
    }
    let count = triangles.len() * 3;
    let positions = binary.len();
    for [a, b, c] in &triangles {
        let (u, v) = (
            [0, 1, 2].map(|k| b[k] - a[k]),
            [0, 1, 2].map(|k| c[k] - a[k]),
        );
        let normal = [
            u[1] * v[2] - u[2] * v[1],
            u[2] * v[0] - u[0] * v[2],
            u[0] * v[1] - u[1] * v[0],
        ];
        let length = normal.iter().map(|x| x * x).sum::<f64>().sqrt();
        for _ in 0..3 {
            for x in gltf(normal.map(|x| x / length)) {
                binary.extend(x.to_le_bytes());
            }
        }
    }
    let json = serde_json::json!({
        "asset": { "version": "2.0", "generator": GENERATOR, "copyright": "CC0-1.0" },
        "scene": 0,
        "scenes": [{ "nodes": [0] }],
        "nodes": [{ "name": "Turm am Kai", "mesh": 0 }],
        "meshes": [{
            "name": "Turm am Kai",
            "primitives": [{ "attributes": { "POSITION": 0, "NORMAL": 1 }, "material": 0 }],
        }],
        "materials": [{
            "name": "hell",
            "pbrMetallicRoughness": { "baseColorFactor": [0.86, 0.85, 0.83, 1.0], "metallicFactor": 0.0, "roughnessFactor": 0.9 },
        }],
        "accessors": [
            { "bufferView": 0, "componentType": 5126, "count": count, "type": "VEC3", "min": low, "max": high },
            { "bufferView": 1, "componentType": 5126, "count": count, "type": "VEC3" },
        ],
        "bufferViews": [
            { "buffer": 0, "byteOffset": 0, "byteLength": positions, "target": 34962 },
            { "buffer": 0, "byteOffset": positions, "byteLength": binary.len() - positions, "target": 34962 },
        ],
        "buffers": [{ "byteLength": binary.len() }],
    });
    let mut text = json.to_string().into_bytes();
    text.resize(text.len().next_multiple_of(4), b' ');
    let total = 12 + 8 + text.len() + 8 + binary.len();
    let mut out = Vec::with_capacity(total);
    out.extend(b"glTF");
    for number in [2, total as u32, text.len() as u32] {
        out.extend(number.to_le_bytes());
    }
    out.extend(b"JSON");
    out.extend(text);
    out.extend((binary.len() as u32).to_le_bytes());
    out.extend(b"BIN\0");
    out.extend(binary);
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn tower_is_closed_and_55_m_high() {
        let key = |p: [f64; 3]| p.map(|x| (x * 1000.0).round() as i64);
        let mut edges: BTreeMap<_, i32> = BTreeMap::new();
        let mut volume = 0.0;
        for t in triangles() {
            for i in 0..3 {
                *edges.entry((key(t[i]), key(t[(i + 1) % 3]))).or_default() += 1;
            }
            let [a, b, c] = t;
            volume += (a[0] * (b[1] * c[2] - b[2] * c[1])
                + a[1] * (b[2] * c[0] - b[0] * c[2])
                + a[2] * (b[0] * c[1] - b[1] * c[0]))
                / 6.0;
        }
        for ((a, b), count) in &edges {
            assert_eq!(*count, 1);
            assert_eq!(edges.get(&(*b, *a)), Some(&1));
        }
        // Rectangles less two squares of the corner cut each: (1408 - 18) * 9 + (440 - 18) * 35 + (195 - 12.5) * 11.
        assert!(
            (volume - (1390.0 * 9.0 + 422.0 * 35.0 + 182.5 * 11.0)).abs() < 1e-6,
            "{volume}"
        );
        let top = triangles()
            .iter()
            .flatten()
            .map(|p| p[2])
            .fold(0.0, f64::max);
        assert_eq!(top, 55.0);
    }

    #[test]
    fn glb_is_read_by_the_gltf_reader() {
        let gltf::Gltf { document, blob } = gltf::Gltf::from_slice(&glb()).unwrap();
        let buffer = blob.unwrap();
        let mesh = document.meshes().next().unwrap();
        let primitive = mesh.primitives().next().unwrap();
        let reader = primitive.reader(|_| Some(&buffer));
        let top = reader
            .read_positions()
            .unwrap()
            .map(|p| p[1])
            .fold(0.0, f32::max);
        assert_eq!(top, 55.0);
        assert_eq!(
            reader.read_normals().unwrap().count(),
            triangles().len() * 3
        );
    }
}
