//! Drafts: glTF 2.0 models (`.glb`, `.gltf`) as building geometry.
//!
//! What is read: all triangles of the default scene with the transforms of their nodes, in metres, turned from Y up to z up.
//! What is not: materials, textures, skins, morph targets, animations, points and lines (a finding says so). Buffers may be
//! in the file, in a data URI or in a file beside it; nothing is ever fetched from a network.
//!
//! Triangles that share edges and a plane become one polygon, so that a wall is one surface and not two triangles.
//! Specification: Khronos glTF 2.0.1, sections 3.6 (accessors), 3.7 (meshes) and 5.25 (nodes).

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use gltf::json;
use gltf::json::validation::Checked;
use nalgebra::{Matrix4, Point3, Quaternion, Translation3, UnitQuaternion, Vector3};

use crate::city::sources::{Roots, Source};
use crate::finding::Finding;

use super::fault::{Fault, ScenarioError, shown};

/// Largest draft with its buffers (bytes).
const LARGEST_FILE: u64 = 512 << 20;
/// Most corners or indices that one draft may have; 20 million triangles.
const MOST_VALUES: usize = 60_000_000;
/// Corners closer than this (m) are one corner.
const WELD_M: f64 = 1e-4;
/// Largest angle between triangles of one polygon: cosine of 0.1 degrees.
const COPLANAR_COS: f64 = 0.999_998_476_9;
/// Largest distance (m) of a corner from the plane of its polygon.
const COPLANAR_M: f64 = 1e-3;
/// Extensions without influence on the shape.
const HARMLESS_EXTENSIONS: &[&str] = &[
    "KHR_lights_punctual",
    "KHR_mesh_quantization",
    "KHR_texture_basisu",
    "KHR_texture_transform",
    "KHR_xmp_json_ld",
    "EXT_texture_webp",
    "EXT_texture_avif",
    "MSFT_texture_dds",
];

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

/// A length for people: `1 cm`, `12.3 m`, `4.5 km`.
fn length_text(metres: f64) -> String {
    match metres {
        m if m < 0.0095 => format!("{:.1} mm", m * 1e3),
        m if m < 1.0 => format!("{:.0} cm", m * 1e2),
        m if m < 1000.0 => format!("{m:.1} m"),
        m => format!("{:.1} km", m / 1e3),
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
            if size > LARGEST_FILE {
                return Err(invalid(
                    name,
                    Fault::new("draft-too-large", "the draft is too large")
                        .expected(format!("at most {} MB", LARGEST_FILE >> 20))
                        .found(format!("{} MB", size >> 20)),
                ));
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
    Reader::new(name, &bytes, &inner_roots)
        .and_then(Reader::read)
        .map_err(|fault| invalid(name, *fault))
}

fn invalid(name: &str, fault: Fault) -> ScenarioError {
    let fault = if fault.file.is_empty() {
        fault.file(name)
    } else {
        fault
    };
    ScenarioError::Invalid(vec![fault])
}

type Read<T> = Result<T, Box<Fault>>;

fn bad<T>(field: impl Into<String>, text: impl Into<String>) -> Read<T> {
    Err(Box::new(Fault::new("bad-draft", text).field(field)))
}

struct Reader<'a> {
    name: &'a str,
    root: json::Root,
    buffers: Vec<Vec<u8>>,
    findings: Vec<Finding>,
    hasher: blake3::Hasher,
    triangles: Vec<[Point3<f64>; 3]>,
    values: usize,
}

impl<'a> Reader<'a> {
    fn new(name: &'a str, bytes: &[u8], roots: &Roots) -> Read<Self> {
        let (text, binary) = split_container(bytes)?;
        let root: json::Root = serde_json::from_slice(text).map_err(|error| {
            Box::new(
                Fault::new("bad-draft", "the file is not a glTF model")
                    .line(Some(error.line()).filter(|line| *line > 0))
                    .expected("glTF 2.0 JSON")
                    .found(shown(&error.to_string()))
                    .help("export the model again as .glb"),
            )
        })?;
        let mut reader = Self {
            name,
            root,
            buffers: Vec::new(),
            findings: Vec::new(),
            hasher: blake3::Hasher::new(),
            triangles: Vec::new(),
            values: 0,
        };
        reader.hasher.update(bytes);
        reader.check_head()?;
        reader.read_buffers(binary, roots)?;
        Ok(reader)
    }

    fn check_head(&mut self) -> Read<()> {
        let version = self
            .root
            .asset
            .min_version
            .as_ref()
            .unwrap_or(&self.root.asset.version);
        if version.split('.').next() != Some("2") {
            return Err(Box::new(
                Fault::new("draft-version", "this version of glTF is not read")
                    .field("asset.version")
                    .expected("2.0")
                    .found(format!("`{}`", shown(version)))
                    .help("export the model as glTF 2.0"),
            ));
        }
        for extension in &self.root.extensions_required {
            let harmless = HARMLESS_EXTENSIONS.contains(&extension.as_str())
                || extension.starts_with("KHR_materials_");
            if !harmless {
                return Err(Box::new(
                    Fault::new(
                        "draft-extension",
                        format!("the draft needs the extension `{}`", shown(extension)),
                    )
                    .field("extensionsRequired")
                    .expected("a model without compression or special geometry")
                    .found(format!("`{}`", shown(extension)))
                    .help("export the model again with compression switched off"),
                ));
            }
        }
        let remote = self.root.images.iter().filter_map(|i| i.uri.as_deref());
        for uri in remote.filter(|u| u.contains("://")) {
            let finding = Finding::warning("draft-network")
                .object(self.name)
                .place(self.name)
                .arg("uri", shown(uri));
            self.findings.push(finding);
        }
        if !self.root.skins.is_empty() || !self.root.animations.is_empty() {
            self.findings.push(
                Finding::info("draft-animated")
                    .object(self.name)
                    .place(self.name),
            );
        }
        Ok(())
    }

    fn read_buffers(&mut self, binary: Option<&[u8]>, roots: &Roots) -> Read<()> {
        for (i, buffer) in self.root.buffers.iter().enumerate() {
            let field = format!("buffers[{i}]");
            let data = match &buffer.uri {
                None => match binary {
                    Some(binary) if i == 0 => binary.to_vec(),
                    _ => return bad(field, "a buffer has neither an address nor a binary part"),
                },
                Some(uri) => {
                    let data = read_uri(uri, &field, roots)?;
                    // A data address is part of the file and counted already.
                    if !uri.starts_with("data:") {
                        self.hasher.update(&data);
                    }
                    data
                }
            };
            let wanted = buffer.byte_length.0;
            if wanted > data.len() as u64 {
                return Err(Box::new(
                    Fault::new("bad-draft", "a buffer is shorter than it says")
                        .field(field)
                        .expected(format!("{wanted} bytes"))
                        .found(format!("{} bytes", data.len())),
                ));
            }
            self.buffers.push(data);
        }
        Ok(())
    }

    fn read(mut self) -> Read<Draft> {
        for (root, transform) in self.scene_roots()?.into_iter().map(|n| (n, y_up_to_z_up())) {
            self.visit(root, transform)?;
        }
        self.check_unused_meshes()?;
        let polygons = merged(&self.triangles);
        let (mut min, mut max) = (
            Point3::from([f64::INFINITY; 3]),
            Point3::from([f64::NEG_INFINITY; 3]),
        );
        for p in self.triangles.iter().flatten() {
            min = min.inf(p);
            max = max.sup(p);
        }
        if self.triangles.is_empty() {
            (min, max) = (Point3::origin(), Point3::origin());
            self.findings.push(
                Finding::warning("draft-empty")
                    .object(self.name)
                    .place(self.name),
            );
        }
        self.findings.sort();
        self.findings.dedup();
        Ok(Draft {
            polygons,
            triangles: self.triangles.len(),
            min,
            max,
            findings: self.findings,
            blake3: self.hasher.finalize().to_hex().to_string(),
        })
    }

    /// Root nodes of the default scene; of the first one, or all nodes without a parent, where none is named.
    fn scene_roots(&self) -> Read<Vec<usize>> {
        let scene = match self.root.scene {
            Some(index) => match self.root.scenes.get(index.value()) {
                Some(scene) => Some(scene),
                None => return bad("scene", format!("there is no scene {}", index.value())),
            },
            None => self.root.scenes.first(),
        };
        if let Some(scene) = scene {
            return Ok(scene.nodes.iter().map(json::Index::value).collect());
        }
        let mut has_parent = vec![false; self.root.nodes.len()];
        for node in &self.root.nodes {
            for child in node.children.iter().flatten() {
                if let Some(flag) = has_parent.get_mut(child.value()) {
                    *flag = true;
                }
            }
        }
        Ok((0..has_parent.len()).filter(|i| !has_parent[*i]).collect())
    }

    /// Walks the nodes below one root without recursion; a node reached twice is a cycle or a second parent, both forbidden.
    fn visit(&mut self, root: usize, transform: Matrix4<f64>) -> Read<()> {
        let mut stack = vec![(root, transform)];
        let mut seen = vec![false; self.root.nodes.len()];
        while let Some((index, parent)) = stack.pop() {
            let Some(node) = self.root.nodes.get(index).cloned() else {
                return bad("nodes", format!("there is no node {index}"));
            };
            if std::mem::replace(&mut seen[index], true) {
                return Err(Box::new(
                    Fault::new("bad-draft", format!("node {index} is its own descendant"))
                        .field(format!("nodes[{index}].children"))
                        .expected("a tree")
                        .found("a node that is reached twice"),
                ));
            }
            let transform = parent * local_transform(&node);
            if transform.iter().any(|v| !v.is_finite()) {
                return bad(format!("nodes[{index}]"), "a transform is not finite");
            }
            if let Some(mesh) = node.mesh {
                self.read_mesh(mesh.value(), &transform)?;
            }
            stack.extend(
                node.children
                    .iter()
                    .flatten()
                    .rev()
                    .map(|c| (c.value(), transform)),
            );
        }
        Ok(())
    }

    /// A mesh that no node shows is not used, but a broken one is a broken file all the same.
    fn check_unused_meshes(&mut self) -> Read<()> {
        let mut used = vec![false; self.root.meshes.len()];
        for mesh in self.root.nodes.iter().filter_map(|node| node.mesh) {
            if let Some(flag) = used.get_mut(mesh.value()) {
                *flag = true;
            }
        }
        let shown = self.triangles.len();
        for index in (0..used.len()).filter(|i| !used[*i]) {
            self.read_mesh(index, &Matrix4::identity())?;
            self.triangles.truncate(shown);
        }
        Ok(())
    }

    fn read_mesh(&mut self, index: usize, transform: &Matrix4<f64>) -> Read<()> {
        let Some(mesh) = self.root.meshes.get(index).cloned() else {
            return bad("meshes", format!("there is no mesh {index}"));
        };
        for (i, primitive) in mesh.primitives.iter().enumerate() {
            let field = format!("meshes[{index}].primitives[{i}]");
            let mode = match primitive.mode {
                Checked::Valid(mode) => mode,
                Checked::Invalid => return bad(field, "unknown kind of primitive"),
            };
            use json::mesh::Mode;
            if !matches!(
                mode,
                Mode::Triangles | Mode::TriangleStrip | Mode::TriangleFan
            ) {
                self.findings.push(
                    Finding::info("draft-lines")
                        .object(self.name)
                        .place(self.name),
                );
                continue;
            }
            let Some(positions) = primitive
                .attributes
                .get(&Checked::Valid(json::mesh::Semantic::Positions))
            else {
                return bad(field, "a primitive has no positions");
            };
            let positions = self.read_accessor(positions.value(), 3)?;
            let corners: Vec<Point3<f64>> = positions
                .chunks_exact(3)
                .map(|p| transform.transform_point(&Point3::new(p[0], p[1], p[2])))
                .collect();
            if corners.iter().any(|p| p.iter().any(|v| !v.is_finite())) {
                return bad(field, "a position is not finite");
            }
            let order: Vec<usize> = match primitive.indices {
                Some(indices) => {
                    let read = self.read_accessor(indices.value(), 1)?;
                    read.into_iter().map(|i| i as usize).collect()
                }
                None => (0..corners.len()).collect(),
            };
            if let Some(wrong) = order.iter().find(|i| **i >= corners.len()) {
                return Err(Box::new(
                    Fault::new("bad-draft", "an index points behind the last position")
                        .field(field)
                        .expected(format!("less than {}", corners.len()))
                        .found(wrong.to_string()),
                ));
            }
            // A mirroring transform turns the winding (glTF 3.7.4).
            let mirrored = transform.fixed_view::<3, 3>(0, 0).determinant() < 0.0;
            for [a, b, c] in triangle_indices(mode, &order) {
                let [b, c] = if mirrored { [c, b] } else { [b, c] };
                self.triangles.push([corners[a], corners[b], corners[c]]);
            }
        }
        Ok(())
    }

    /// All components of an accessor as numbers.
    fn read_accessor(&mut self, index: usize, width: usize) -> Read<Vec<f64>> {
        let field = format!("accessors[{index}]");
        let Some(accessor) = self.root.accessors.get(index) else {
            return bad("accessors", format!("there is no accessor {index}"));
        };
        let (Checked::Valid(component), Checked::Valid(shape)) =
            (&accessor.component_type, &accessor.type_)
        else {
            return bad(field, "unknown type of numbers");
        };
        let component = component.0;
        if shape.multiplicity() != width {
            return bad(
                field,
                format!(
                    "an accessor has {} numbers per element instead of {width}",
                    shape.multiplicity()
                ),
            );
        }
        let count = accessor.count.0 as usize;
        self.values = self.values.saturating_add(count.saturating_mul(width));
        if self.values > MOST_VALUES {
            return Err(Box::new(
                Fault::new("draft-too-large", "the draft has too many corners")
                    .field(field)
                    .expected(format!("at most {MOST_VALUES} numbers"))
                    .found(self.values.to_string()),
            ));
        }
        let mut values = match accessor.buffer_view {
            Some(view) => {
                let offset = accessor.byte_offset.map_or(0, |o| o.0 as usize);
                self.read_view(view.value(), offset, count, width, component, &field)?
            }
            None => vec![0.0; count * width],
        };
        if let Some(sparse) = &accessor.sparse {
            let few = sparse.count.0 as usize;
            if few > count {
                return bad(field, "a sparse accessor replaces more values than it has");
            }
            let Checked::Valid(kind) = &sparse.indices.component_type else {
                return bad(field, "unknown type of sparse indices");
            };
            let places = self.read_view(
                sparse.indices.buffer_view.value(),
                sparse.indices.byte_offset.0 as usize,
                few,
                1,
                kind.0,
                &field,
            )?;
            let replaced = self.read_view(
                sparse.values.buffer_view.value(),
                sparse.values.byte_offset.0 as usize,
                few,
                width,
                component,
                &field,
            )?;
            for (place, new) in places.iter().zip(replaced.chunks_exact(width)) {
                let start = *place as usize * width;
                match values.get_mut(start..start + width) {
                    Some(old) => old.copy_from_slice(new),
                    None => return bad(field, "a sparse accessor points behind its end"),
                }
            }
        }
        if accessor.normalized {
            let largest = largest_value(component);
            values
                .iter_mut()
                .for_each(|v| *v = (*v / largest).max(-1.0));
        }
        Ok(values)
    }

    fn read_view(
        &self,
        index: usize,
        offset: usize,
        count: usize,
        width: usize,
        component: json::accessor::ComponentType,
        field: &str,
    ) -> Read<Vec<f64>> {
        let Some(view) = self.root.buffer_views.get(index) else {
            return bad(field, format!("there is no buffer view {index}"));
        };
        let Some(buffer) = self.buffers.get(view.buffer.value()) else {
            return bad(field, format!("there is no buffer {}", view.buffer.value()));
        };
        let start = view.byte_offset.map_or(0, |o| o.0 as usize);
        let bytes = start
            .checked_add(view.byte_length.0 as usize)
            .and_then(|end| buffer.get(start..end));
        let size = component.size() * width;
        let stride = view.byte_stride.map_or(size, |s| s.0.max(1));
        // Last byte that the accessor touches (glTF 3.6.2.4).
        let needed = match count {
            0 => Some(offset),
            _ => (count - 1)
                .checked_mul(stride)
                .and_then(|n| n.checked_add(offset)?.checked_add(size)),
        };
        let (Some(bytes), Some(needed)) = (bytes, needed) else {
            return bad(
                format!("bufferViews[{index}]"),
                "a buffer view reaches behind the end of its buffer",
            );
        };
        if needed > bytes.len() {
            return Err(Box::new(
                Fault::new(
                    "bad-draft",
                    "an accessor reaches behind the end of its buffer view",
                )
                .field(field)
                .expected(format!("at most {} bytes", bytes.len()))
                .found(format!("{needed} bytes")),
            ));
        }
        let mut values = Vec::with_capacity(count * width);
        for element in 0..count {
            let at = offset + element * stride;
            for number in bytes[at..at + size].chunks_exact(component.size()) {
                values.push(number_from(number, component));
            }
        }
        Ok(values)
    }
}

fn split_container(bytes: &[u8]) -> Read<(&[u8], Option<&[u8]>)> {
    if !bytes.starts_with(b"glTF") {
        return Ok((bytes, None));
    }
    let word = |at: usize| -> Option<usize> {
        let four = bytes.get(at..at + 4)?;
        Some(u32::from_le_bytes([four[0], four[1], four[2], four[3]]) as usize)
    };
    let broken = |text: &str, expected: String, found: String| -> Box<Fault> {
        Box::new(
            Fault::new("bad-draft", text)
                .expected(expected)
                .found(found)
                .help("the file is damaged; copy or export it again"),
        )
    };
    let (Some(version), Some(length)) = (word(4), word(8)) else {
        return Err(broken(
            "the .glb file ends in its head",
            "12 bytes".to_owned(),
            format!("{} bytes", bytes.len()),
        ));
    };
    if version != 2 {
        return Err(broken(
            "this version of .glb is not read",
            "version 2".to_owned(),
            format!("version {version}"),
        ));
    }
    if length > bytes.len() {
        return Err(broken(
            "the .glb file is shorter than it says",
            format!("{length} bytes"),
            format!("{} bytes", bytes.len()),
        ));
    }
    let (mut json, mut binary, mut at) = (None, None, 12);
    while at + 8 <= length {
        let (Some(size), Some(kind)) = (word(at), bytes.get(at + 4..at + 8)) else {
            break;
        };
        let Some(chunk) = bytes[..length].get(at + 8..at + 8 + size) else {
            return Err(broken(
                "a part of the .glb file is longer than the file",
                format!("at most {} bytes", length - at - 8),
                format!("{size} bytes"),
            ));
        };
        match kind {
            b"JSON" if json.is_none() => json = Some(chunk),
            b"BIN\0" if binary.is_none() => binary = Some(chunk),
            _ => {}
        }
        at += 8 + size;
    }
    match json {
        Some(json) => Ok((json, binary)),
        None => Err(broken(
            "the .glb file has no JSON part",
            "a JSON part".to_owned(),
            "none".to_owned(),
        )),
    }
}

fn read_uri(uri: &str, field: &str, roots: &Roots) -> Read<Vec<u8>> {
    if let Some(data) = uri.strip_prefix("data:") {
        let Some((_, encoded)) = data.split_once(";base64,") else {
            return bad(field, "a data address is not base64");
        };
        return base64::engine::general_purpose::STANDARD
            .decode(encoded)
            .or_else(|error| bad(field, format!("a data address is damaged: {error}")));
    }
    if uri.contains("://") {
        return Err(Box::new(
            Fault::new(
                "draft-network",
                "a buffer lies in the network, which is never read",
            )
            .field(field)
            .expected("a file beside the draft")
            .found(format!("`{}`", shown(uri)))
            .help("export the model as .glb, with everything in one file"),
        ));
    }
    let path = percent_decoded(uri);
    if let Some(mut fault) = super::validate::path_fault(&path, roots) {
        fault.text = format!("the buffer `{}` leaves the folder of the draft", shown(uri));
        return Err(Box::new(fault.field(field)));
    }
    let read = |path: &Path| -> std::io::Result<Vec<u8>> {
        let size = std::fs::metadata(path)?.len();
        if size > LARGEST_FILE {
            return Err(std::io::Error::other(format!(
                "{} MB is too large",
                size >> 20
            )));
        }
        std::fs::read(path)
    };
    let source = roots.resolve(&path).map_err(|error| {
        Box::new(
            Fault::new(
                "draft-buffer",
                format!("the buffer `{}` cannot be used", shown(uri)),
            )
            .field(field)
            .found(shown(&error.what)),
        )
    })?;
    match source {
        Source::Embedded { bytes, .. } => Ok(bytes.to_vec()),
        Source::File(path) => read(&path).map_err(|error| {
            Box::new(
                Fault::new(
                    "draft-buffer",
                    format!("the buffer `{}` cannot be read", shown(uri)),
                )
                .field(field)
                .found(super::fault::plain_io(&error))
                .help("copy the file that belongs to the draft beside it, or export as .glb"),
            )
        }),
    }
}

fn percent_decoded(uri: &str) -> String {
    let bytes = uri.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let byte = (bytes[i] == b'%')
            .then(|| {
                uri.get(i + 1..i + 3)
                    .and_then(|hex| u8::from_str_radix(hex, 16).ok())
            })
            .flatten();
        match byte {
            Some(byte) => {
                out.push(byte);
                i += 3;
            }
            None => {
                out.push(bytes[i]);
                i += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn number_from(bytes: &[u8], component: json::accessor::ComponentType) -> f64 {
    use json::accessor::ComponentType as C;
    match (component, bytes) {
        (C::I8, [a]) => f64::from(a.cast_signed()),
        (C::U8, [a]) => f64::from(*a),
        (C::I16, [a, b]) => f64::from(i16::from_le_bytes([*a, *b])),
        (C::U16, [a, b]) => f64::from(u16::from_le_bytes([*a, *b])),
        (C::U32, [a, b, c, d]) => f64::from(u32::from_le_bytes([*a, *b, *c, *d])),
        (C::F32, [a, b, c, d]) => f64::from(f32::from_le_bytes([*a, *b, *c, *d])),
        _ => f64::NAN,
    }
}

fn largest_value(component: json::accessor::ComponentType) -> f64 {
    use json::accessor::ComponentType as C;
    match component {
        C::I8 => f64::from(i8::MAX),
        C::U8 => f64::from(u8::MAX),
        C::I16 => f64::from(i16::MAX),
        C::U16 => f64::from(u16::MAX),
        C::U32 => f64::from(u32::MAX),
        C::F32 => 1.0,
    }
}

/// (x, y, z) of glTF, y up and z towards the viewer, is (east, up, south).
fn y_up_to_z_up() -> Matrix4<f64> {
    Matrix4::new(
        1.0, 0.0, 0.0, 0.0, //
        0.0, 0.0, -1.0, 0.0, //
        0.0, 1.0, 0.0, 0.0, //
        0.0, 0.0, 0.0, 1.0,
    )
}

fn local_transform(node: &json::Node) -> Matrix4<f64> {
    if let Some(matrix) = node.matrix {
        return Matrix4::from_column_slice(&matrix.map(f64::from));
    }
    let [x, y, z] = node.translation.unwrap_or([0.0; 3]).map(f64::from);
    let [i, j, k, w] = node.rotation.unwrap_or_default().0.map(f64::from);
    let scale = node.scale.unwrap_or([1.0; 3]).map(f64::from);
    let rotation = UnitQuaternion::try_new(Quaternion::new(w, i, j, k), 1e-12).unwrap_or_default();
    Translation3::new(x, y, z).to_homogeneous()
        * rotation.to_homogeneous()
        * Matrix4::new_nonuniform_scaling(&Vector3::from(scale))
}

fn triangle_indices(mode: json::mesh::Mode, order: &[usize]) -> Vec<[usize; 3]> {
    use json::mesh::Mode;
    match mode {
        Mode::TriangleStrip => order
            .windows(3)
            .enumerate()
            .map(|(i, w)| {
                if i % 2 == 0 {
                    [w[0], w[1], w[2]]
                } else {
                    [w[0], w[2], w[1]]
                }
            })
            .collect(),
        Mode::TriangleFan => order
            .get(1..)
            .unwrap_or_default()
            .windows(2)
            .map(|w| [order[0], w[0], w[1]])
            .collect(),
        _ => order.chunks_exact(3).map(|t| [t[0], t[1], t[2]]).collect(),
    }
}

/// Welds corners and merges coplanar neighbours into polygons, in the order of the triangles.
fn merged(triangles: &[[Point3<f64>; 3]]) -> Vec<Vec<Vec<Point3<f64>>>> {
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
            let key = [p.x, p.y, p.z].map(|v| (v / WELD_M).round() as i64);
            *known.entry(key).or_insert_with(|| {
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
    let inside: std::collections::BTreeSet<(u32, u32)> =
        region.iter().flat_map(|f| edges_of(&faces[*f])).collect();
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
pub(super) mod tests {
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
