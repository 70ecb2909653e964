//! Drafts: glTF 2.0 models (`.glb`, `.gltf`) as building geometry.
//!
//! What is read stands in [`crate::city::gltf`]. Triangles that share edges and a plane become one polygon, so that a wall is
//! one surface and not two triangles.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use nalgebra::Point3;

use crate::city::gltf::{self, GltfError, GltfFault, GltfModel, GltfRemark};
use crate::city::solid_model::length_text;
use crate::city::sources::{Roots, Source};
use crate::finding::Finding;
use crate::geo::merge::merged;

use super::fault::{Fault, ScenarioError};

/// A draft in its own metric frame: x east, y north, z up, origin as drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// Planar polygons: exterior first, then holes; counter-clockwise seen from outside.
    pub polygons: Vec<Vec<Vec<Point3<f64>>>>,
    /// Number of triangles read.
    pub triangles: usize,
    /// Lowest corner; zero without geometry.
    pub min: Point3<f64>,
    /// Highest corner.
    pub max: Point3<f64>,
    /// What the user should know.
    pub findings: Vec<Finding>,
    /// BLAKE3 of the file's bytes, followed by those of the buffers beside it in their order, hex.
    pub blake3: String,
}

impl Draft {
    /// Finding on an unlikely size: a model in millimetres or kilometres comes out 1 cm or 100 km wide.
    pub fn size_finding(&self, scale: f64, object: &str, place: &str) -> Option<Finding> {
        let size = (self.max - self.min) * scale;
        let widest = size.x.max(size.y).max(size.z);
        (self.triangles > 0 && !(1.0..=2000.0).contains(&widest)).then(|| {
            Finding::warning("draft-size")
                .object(object)
                .place(place)
                .arg("width", length_text(size.x.max(size.y)))
                .arg("height", length_text(size.z))
        })
    }
}

/// Drafts that were read before, by resolved path and time of change.
#[derive(Debug, Default)]
pub struct DraftCache {
    drafts: Mutex<BTreeMap<String, Arc<Draft>>>,
}

impl DraftCache {
    /// The draft at a path as written in a scenario.
    pub fn get(&self, path: &str, roots: &Roots) -> Result<Arc<Draft>, ScenarioError> {
        let source = roots.resolve(path)?;
        let key = match &source {
            Source::File(file) => {
                let changed = std::fs::metadata(file).and_then(|m| m.modified()).ok();
                format!("{}\u{0}{changed:?}", file.display())
            }
            Source::Embedded { name, .. } => (*name).to_string(),
        };
        let mut drafts = self.drafts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(draft) = drafts.get(&key) {
            return Ok(draft.clone());
        }
        let draft = Arc::new(read_draft(&source, path, roots)?);
        drafts.insert(key, draft.clone());
        Ok(draft)
    }
}

/// Reads a glTF draft. `name` is the path as written, for messages. An empty draft is a finding here; placing it is an error.
pub fn read_draft(source: &Source, name: &str, roots: &Roots) -> Result<Draft, ScenarioError> {
    let (bytes, folder) = match source {
        Source::File(path) => {
            let size = std::fs::metadata(path)
                .map_err(|e| ScenarioError::cannot_read(path, &e))?
                .len();
            if size > gltf::LARGEST_FILE {
                return Err(invalid(name, *gltf::too_large(size)));
            }
            let bytes = std::fs::read(path).map_err(|e| ScenarioError::cannot_read(path, &e))?;
            (bytes, path.parent().map(Path::to_owned).unwrap_or_default())
        }
        Source::Embedded { bytes, .. } => (bytes.to_vec(), PathBuf::new()),
    };
    let inner_roots = Roots {
        folder,
        data: roots.data.clone(),
    };
    gltf::read_gltf(&bytes, &inner_roots)
        .map(|model| draft_of(model, name))
        .map_err(|error| invalid(name, *error))
}

fn draft_of(model: GltfModel, name: &str) -> Draft {
    let told = |finding: Finding| finding.object(name).place(name);
    let mut findings: Vec<Finding> = model
        .remarks
        .into_iter()
        .map(|remark| match remark {
            GltfRemark::Network(uri) => told(Finding::warning("draft-network")).arg("uri", uri),
            GltfRemark::Animated => told(Finding::info("draft-animated")),
            GltfRemark::Lines => told(Finding::info("draft-lines")),
        })
        .collect();
    let triangles: Vec<[Point3<f64>; 3]> =
        model.solids.into_iter().flat_map(|s| s.triangles).collect();
    let (mut min, mut max) = (
        Point3::from([f64::INFINITY; 3]),
        Point3::from([f64::NEG_INFINITY; 3]),
    );
    for p in triangles.iter().flatten() {
        min = min.inf(p);
        max = max.sup(p);
    }
    if triangles.is_empty() {
        (min, max) = (Point3::origin(), Point3::origin());
        findings.push(told(Finding::warning("draft-empty")));
    }
    findings.sort();
    Draft {
        polygons: merged(&triangles),
        triangles: triangles.len(),
        min,
        max,
        findings,
        blake3: model.blake3,
    }
}

fn invalid(name: &str, error: GltfError) -> ScenarioError {
    let code = match error.kind {
        GltfFault::Broken | GltfFault::Truncated | GltfFault::Outside => "bad-draft",
        GltfFault::Version => "draft-version",
        GltfFault::Extension => "draft-extension",
        GltfFault::Network => "draft-network",
        GltfFault::BufferMissing | GltfFault::Buffer => "draft-buffer",
        GltfFault::TooLarge => "draft-too-large",
    };
    ScenarioError::Invalid(vec![Fault {
        code,
        text: error.text,
        file: name.to_owned(),
        line: error.line,
        field: error.field,
        expected: error.expected,
        found: error.found,
        help: error.help,
    }])
}

#[cfg(test)]
pub(super) mod tests {
    use base64::Engine as _;

    use super::*;

    fn base64(bytes: &[u8]) -> String {
        base64::engine::general_purpose::STANDARD.encode(bytes)
    }

    fn floats(values: &[f32]) -> Vec<u8> {
        values.iter().flat_map(|v| v.to_le_bytes()).collect()
    }

    const FACES: [[u16; 3]; 12] = [
        [0, 1, 2],
        [0, 2, 3],
        [4, 6, 5],
        [4, 7, 6],
        [0, 4, 5],
        [0, 5, 1],
        [1, 5, 6],
        [1, 6, 2],
        [2, 6, 7],
        [2, 7, 3],
        [3, 7, 4],
        [3, 4, 0],
    ];

    /// A closed box from the origin to `size` (glTF axes), outward faces, with its buffer in a data URI.
    pub(crate) fn box_gltf([x, y, z]: [f32; 3]) -> String {
        let corners = [
            [0.0, 0.0, 0.0],
            [x, 0.0, 0.0],
            [x, 0.0, z],
            [0.0, 0.0, z],
            [0.0, y, 0.0],
            [x, y, 0.0],
            [x, y, z],
            [0.0, y, z],
        ];
        let mut buffer = floats(corners.as_flattened());
        buffer.extend(FACES.as_flattened().iter().flat_map(|i| i.to_le_bytes()));
        document(
            &format!("data:application/octet-stream;base64,{}", base64(&buffer)),
            buffer.len(),
            "{\"mesh\":0}",
        )
    }

    fn document(uri: &str, bytes: usize, node: &str) -> String {
        format!(
            r#"{{"asset":{{"version":"2.0"}},"scene":0,"scenes":[{{"nodes":[0]}}],"nodes":[{node}],
            "meshes":[{{"primitives":[{{"attributes":{{"POSITION":0}},"indices":1}}]}}],
            "buffers":[{{"uri":"{uri}","byteLength":{bytes}}}],
            "bufferViews":[{{"buffer":0,"byteLength":96}},{{"buffer":0,"byteOffset":96,"byteLength":72}}],
            "accessors":[{{"bufferView":0,"componentType":5126,"count":8,"type":"VEC3"}},
                         {{"bufferView":1,"componentType":5123,"count":36,"type":"SCALAR"}}]}}"#
        )
    }

    fn read(text: &str) -> Result<Draft, ScenarioError> {
        let folder = tempfile::tempdir().unwrap();
        read_in(folder.path(), text.as_bytes())
    }

    fn read_in(folder: &Path, bytes: &[u8]) -> Result<Draft, ScenarioError> {
        let path = folder.join("draft.gltf");
        std::fs::write(&path, bytes).unwrap();
        let roots = Roots {
            folder: folder.to_owned(),
            data: None,
        };
        read_draft(&Source::File(path), "draft.gltf", &roots)
    }

    fn volume(draft: &Draft) -> f64 {
        let fan = |ring: &Vec<Point3<f64>>| -> f64 {
            (1..ring.len() - 1)
                .map(|i| {
                    ring[0]
                        .coords
                        .dot(&ring[i].coords.cross(&ring[i + 1].coords))
                        / 6.0
                })
                .sum()
        };
        draft.polygons.iter().flatten().map(fan).sum()
    }

    #[test]
    fn y_up_becomes_z_up_and_triangles_become_walls() {
        let draft = read(&box_gltf([4.0, 10.0, 2.0])).unwrap();
        assert_eq!((draft.triangles, draft.polygons.len()), (12, 6));
        assert_eq!(
            (draft.min, draft.max),
            (Point3::new(0.0, -2.0, 0.0), Point3::new(4.0, 0.0, 10.0))
        );
        assert!((volume(&draft) - 80.0).abs() < 1e-9, "{}", volume(&draft));
        assert!(draft.findings.is_empty());
    }

    #[test]
    fn transforms_of_nodes_count_and_a_mirror_keeps_the_outside_outside() {
        let text = box_gltf([4.0, 10.0, 2.0]);
        // A quarter turn about y (up), moved by 1 m east, twice as large, mirrored in x.
        let node = r#"{"mesh":0,"translation":[1,0,0],"rotation":[0,0.70710678,0,0.70710678],"scale":[-2,2,2]}"#;
        let draft = read(&text.replace("{\"mesh\":0}", node)).unwrap();
        assert!((volume(&draft) - 640.0).abs() < 1e-3, "{}", volume(&draft));
        let (min, max) = (draft.min, draft.max);
        // x to -8..0, z to 0..4; the turn maps (x, z) to (z, -x): east 0..4 + 1, south 0..8.
        assert!(
            (min - Point3::new(1.0, -8.0, 0.0)).norm() < 1e-5
                && (max - Point3::new(5.0, 0.0, 20.0)).norm() < 1e-5,
            "{min} {max}"
        );
        let matrix = r#"{"mesh":0,"matrix":[1,0,0,0, 0,3,0,0, 0,0,1,0, 5,0,0,1]}"#;
        let draft = read(&text.replace("{\"mesh\":0}", matrix)).unwrap();
        assert_eq!((draft.min.x, draft.max.z), (5.0, 30.0));
    }

    #[test]
    fn buffers_may_lie_in_glb_beside_the_file_or_below_it() {
        let text = box_gltf([1.0, 1.0, 1.0]);
        let uri = text
            .split("\"uri\":\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        let buffer = base64::engine::general_purpose::STANDARD
            .decode(uri.split(',').nth(1).unwrap())
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("sub dir")).unwrap();
        std::fs::write(folder.path().join("sub dir/b.bin"), &buffer).unwrap();
        let beside = read_in(
            folder.path(),
            text.replace(uri, "sub%20dir/b.bin").as_bytes(),
        )
        .unwrap();
        assert_eq!(beside.polygons.len(), 6);
        // Both files determine the draft, so both are in its hash.
        let both = [text.replace(uri, "sub%20dir/b.bin").as_bytes(), &buffer].concat();
        assert_eq!(beside.blake3, blake3::hash(&both).to_hex().to_string());

        let mut json = text
            .replace(&format!("\"uri\":\"{uri}\","), "")
            .into_bytes();
        json.resize(json.len().next_multiple_of(4), b' ');
        let mut glb = b"glTF\x02\0\0\0".to_vec();
        glb.extend(((12 + 8 + json.len() + 8 + buffer.len()) as u32).to_le_bytes());
        for (kind, chunk) in [(b"JSON", &json), (b"BIN\0", &buffer)] {
            glb.extend((chunk.len() as u32).to_le_bytes());
            glb.extend(kind);
            glb.extend(chunk);
        }
        let packed = read_in(folder.path(), &glb).unwrap();
        assert_eq!(packed.blake3, blake3::hash(&glb).to_hex().to_string());
        assert_eq!(packed.polygons, beside.polygons);
        for cut in 0..glb.len() {
            assert!(
                read_in(folder.path(), &glb[..cut]).is_err(),
                "{cut} bytes were accepted"
            );
        }
    }

    #[test]
    fn faults_are_named() {
        let good = box_gltf([1.0, 1.0, 1.0]);
        for (from, to, code, word) in [
            (
                "\"version\":\"2.0\"",
                "\"version\":\"1.0\"",
                "draft-version",
                "`1.0`",
            ),
            (
                "\"asset\"",
                "\"extensionsRequired\":[\"KHR_draco_mesh_compression\"],\"asset\"",
                "draft-extension",
                "KHR_draco_mesh_compression",
            ),
            (
                "\"count\":36",
                "\"count\":37",
                "bad-draft",
                "behind the end",
            ),
            (
                "\"count\":8",
                "\"count\":7",
                "bad-draft",
                "behind the last position",
            ),
            ("\"nodes\":[0]", "\"nodes\":[3]", "bad-draft", "no node 3"),
            (
                "\"type\":\"VEC3\"",
                "\"type\":\"VEC2\"",
                "bad-draft",
                "instead of 3",
            ),
            (
                "\"byteOffset\":96",
                "\"byteOffset\":18446744073709551615",
                "bad-draft",
                "behind the end",
            ),
        ] {
            let text = good.replacen(from, to, 1);
            assert_ne!(text, good, "{from}");
            let error = read(&text).unwrap_err();
            assert_eq!(
                (error.faults()[0].code, error.exit_code()),
                (code, 65),
                "{error}"
            );
            assert!(error.to_string().contains(word), "{error}");
        }
        let quantised = good.replace(
            "\"asset\"",
            "\"extensionsRequired\":[\"KHR_mesh_quantization\"],\"asset\"",
        );
        assert!(read(&quantised).is_ok());
    }

    #[test]
    fn hostile_drafts_get_what_they_deserve() {
        let Some(data) = crate::verify::data_root_or_skip("hostile_drafts_get_what_they_deserve")
        else {
            return;
        };
        let folder = data.join("ux/hostile");
        for (name, word) in [
            ("glb_chunk_length_lies.glb", "longer than the file"),
            ("glb_length_lies.glb", "shorter than it says"),
            ("gltf_accessor_overflow.glb", "too many corners"),
            ("gltf_nan_matrix.gltf", "number out of range"),
            ("gltf_node_cycle.gltf", "own descendant"),
            ("gltf_uri_path_traversal.gltf", "leaves the folder"),
        ] {
            let roots = Roots {
                folder: folder.clone(),
                data: None,
            };
            let error = read_draft(&Source::File(folder.join(name)), name, &roots).unwrap_err();
            let text = error.to_string();
            assert_eq!(error.exit_code(), 65, "{text}");
            assert!(text.contains(word) && text.contains(name), "{text}");
        }
        let name = "gltf_uri_http.gltf";
        let roots = Roots {
            folder: folder.clone(),
            data: None,
        };
        let draft = read_draft(&Source::File(folder.join(name)), name, &roots).unwrap();
        let codes: Vec<&str> = draft.findings.iter().map(|f| f.code.as_str()).collect();
        assert_eq!(codes, ["draft-empty", "draft-network"]);
    }
}
