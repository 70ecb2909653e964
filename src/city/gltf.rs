//! glTF 2.0 models (`.glb`, `.gltf`) as triangles, z up.
//!
//! What is read: all triangles of the default scene with the transforms of their nodes, in metres, turned from Y up to z up.
//! What is not: materials, textures, skins, morph targets, animations, points and lines (a remark says so). Buffers may be
//! in the file, in a data URI or in a file beside it; nothing is ever fetched from a network.
//!
//! Specification: Khronos glTF 2.0.1, sections 3.6 (accessors), 3.7 (meshes) and 5.25 (nodes).

use std::collections::BTreeSet;

use base64::Engine as _;
use gltf::json;
use gltf::json::validation::Checked;
use nalgebra::{Matrix4, Point3, Quaternion, Translation3, UnitQuaternion, Vector3};

use crate::text::shown;

use super::error::{CityError, CityErrorKind};
use super::sources::{Roots, Source};

/// Largest model, and largest of its buffers (bytes).
pub(crate) const LARGEST_FILE: u64 = 512 << 20;
/// Most corners or indices that one model may have; 20 million triangles.
const MOST_VALUES: usize = 60_000_000;
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

/// A model in its own metric frame: x east, y north, z up, origin as drawn.
#[derive(Clone, Debug)]
pub(crate) struct GltfModel {
    /// One for each node with a mesh, in the order of the scene.
    pub(crate) solids: Vec<GltfSolid>,
    /// What the user should know.
    pub(crate) remarks: BTreeSet<GltfRemark>,
    /// BLAKE3 of the file's bytes, followed by those of the buffers beside it in their order, hex.
    pub(crate) blake3: String,
}

/// What a node shows.
#[derive(Clone, Debug)]
pub(crate) struct GltfSolid {
    /// Name of the node, else of its mesh, else `node-N`.
    pub(crate) name: String,
    /// Number of the node.
    pub(crate) node: usize,
    /// Corners counter-clockwise seen from outside.
    pub(crate) triangles: Vec<[Point3<f64>; 3]>,
}

/// What a model has that is not used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum GltfRemark {
    /// An address in the network.
    Network(String),
    /// Skins or animations.
    Animated,
    /// Points or lines.
    Lines,
}

/// Kind of fault of a glTF model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GltfFault {
    /// Not what the specification says.
    Broken,
    /// The file ends too early.
    Truncated,
    /// Another version.
    Version,
    /// An extension that changes the shape.
    Extension,
    /// A buffer in the network.
    Network,
    /// A buffer in a folder that is not the model's.
    Outside,
    /// A buffer that does not exist.
    BufferMissing,
    /// A buffer that cannot be read.
    Buffer,
    /// More than any honest model has.
    TooLarge,
}

/// Why a glTF model cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GltfError {
    /// Kind of fault.
    pub(crate) kind: GltfFault,
    /// What is wrong, one sentence.
    pub(crate) text: String,
    /// Place in the model such as `accessors[3]`; empty for the file as a whole.
    pub(crate) field: String,
    /// Line of its JSON, from 1.
    pub(crate) line: Option<usize>,
    /// What would be right.
    pub(crate) expected: Option<String>,
    /// What stands there.
    pub(crate) found: Option<String>,
    /// What to do.
    pub(crate) help: Option<String>,
}

impl GltfError {
    fn new(kind: GltfFault, text: impl Into<String>) -> Self {
        Self {
            kind,
            text: text.into(),
            field: String::new(),
            line: None,
            expected: None,
            found: None,
            help: None,
        }
    }

    fn field(mut self, field: impl Into<String>) -> Self {
        self.field = field.into();
        self
    }

    fn line(mut self, line: Option<usize>) -> Self {
        self.line = line;
        self
    }

    fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    fn found(mut self, found: impl Into<String>) -> Self {
        self.found = Some(found.into());
        self
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same as the error of a city file.
    pub(crate) fn into_city(self, file: &str) -> CityError {
        let kind = match self.kind {
            GltfFault::Broken => CityErrorKind::Syntax,
            GltfFault::Truncated => CityErrorKind::Truncated,
            GltfFault::Version | GltfFault::Extension | GltfFault::Network => {
                CityErrorKind::Unsupported
            }
            GltfFault::Outside => CityErrorKind::PathNotAllowed,
            GltfFault::BufferMissing => CityErrorKind::Missing,
            GltfFault::Buffer => CityErrorKind::Unreadable,
            GltfFault::TooLarge => CityErrorKind::TooLarge,
        };
        let mut place = file.to_owned();
        if let Some(line) = self.line {
            place.push_str(&format!(":{line}"));
        }
        if !self.field.is_empty() {
            place.push_str(&format!(", {}", self.field));
        }
        let help = self.help.unwrap_or_else(|| EXPORT_AGAIN.to_owned());
        CityError {
            expected: self.expected,
            found: self.found,
            ..CityError::new(kind, place, self.text).help(help)
        }
    }
}

/// What to do about a broken model.
const EXPORT_AGAIN: &str = "export the model again as .glb";

/// Reads a model; `roots` holds the folder of its buffers.
pub(crate) fn read_gltf(bytes: &[u8], roots: &Roots) -> Result<GltfModel, Box<GltfError>> {
    Reader::new(bytes, roots)?.read()
}

type Read<T> = Result<T, Box<GltfError>>;

fn bad<T>(field: impl Into<String>, text: impl Into<String>) -> Read<T> {
    Err(Box::new(
        GltfError::new(GltfFault::Broken, text).field(field),
    ))
}

struct Reader {
    root: json::Root,
    buffers: Vec<Vec<u8>>,
    remarks: BTreeSet<GltfRemark>,
    hasher: blake3::Hasher,
    solids: Vec<GltfSolid>,
    values: usize,
}

impl Reader {
    fn new(bytes: &[u8], roots: &Roots) -> Read<Self> {
        let (text, binary) = split_container(bytes)?;
        let root: json::Root = serde_json::from_slice(text).map_err(|error| {
            Box::new(
                GltfError::new(GltfFault::Broken, "the file is not a glTF model")
                    .line(Some(error.line()).filter(|line| *line > 0))
                    .expected("glTF 2.0 JSON")
                    .found(shown(&error.to_string()))
                    .help(EXPORT_AGAIN),
            )
        })?;
        let mut reader = Self {
            root,
            buffers: Vec::new(),
            remarks: BTreeSet::new(),
            hasher: blake3::Hasher::new(),
            solids: Vec::new(),
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
                GltfError::new(GltfFault::Version, "this version of glTF is not read")
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
                    GltfError::new(
                        GltfFault::Extension,
                        format!("the model needs the extension `{}`", shown(extension)),
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
            self.remarks.insert(GltfRemark::Network(shown(uri)));
        }
        if !self.root.skins.is_empty() || !self.root.animations.is_empty() {
            self.remarks.insert(GltfRemark::Animated);
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
                    GltfError::new(GltfFault::Broken, "a buffer is shorter than it says")
                        .field(field)
                        .expected(format!("{wanted} bytes"))
                        .found(format!("{} bytes", data.len())),
                ));
            }
            self.buffers.push(data);
        }
        Ok(())
    }

    fn read(mut self) -> Read<GltfModel> {
        for root in self.scene_roots()? {
            self.visit(root, y_up_to_z_up())?;
        }
        self.check_unused_meshes()?;
        Ok(GltfModel {
            solids: self.solids,
            remarks: self.remarks,
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
                    GltfError::new(
                        GltfFault::Broken,
                        format!("node {index} is its own descendant"),
                    )
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
                let triangles = self.read_mesh(mesh.value(), &transform)?;
                let named = |name: Option<String>| name.filter(|n| !n.trim().is_empty());
                let of_mesh = || named(self.root.meshes.get(mesh.value())?.name.clone());
                let name = named(node.name).or_else(of_mesh);
                self.solids.push(GltfSolid {
                    name: name.unwrap_or_else(|| format!("node-{index}")),
                    node: index,
                    triangles,
                });
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
        for index in (0..used.len()).filter(|i| !used[*i]) {
            self.read_mesh(index, &Matrix4::identity())?;
        }
        Ok(())
    }

    /// Triangles of a mesh, moved and turned.
    fn read_mesh(&mut self, index: usize, transform: &Matrix4<f64>) -> Read<Vec<[Point3<f64>; 3]>> {
        let Some(mesh) = self.root.meshes.get(index).cloned() else {
            return bad("meshes", format!("there is no mesh {index}"));
        };
        let mut triangles = Vec::new();
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
                self.remarks.insert(GltfRemark::Lines);
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
                    GltfError::new(
                        GltfFault::Broken,
                        "an index points behind the last position",
                    )
                    .field(field)
                    .expected(format!("less than {}", corners.len()))
                    .found(wrong.to_string()),
                ));
            }
            // A mirroring transform turns the winding (glTF 3.7.4).
            let mirrored = transform.fixed_view::<3, 3>(0, 0).determinant() < 0.0;
            for [a, b, c] in triangle_indices(mode, &order) {
                let [b, c] = if mirrored { [c, b] } else { [b, c] };
                triangles.push([corners[a], corners[b], corners[c]]);
            }
        }
        Ok(triangles)
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
                GltfError::new(GltfFault::TooLarge, "the model has too many corners")
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
                GltfError::new(
                    GltfFault::Broken,
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
    let broken = |text: &str, expected: String, found: String| -> Box<GltfError> {
        Box::new(
            GltfError::new(GltfFault::Truncated, text)
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
            GltfError::new(
                GltfFault::Network,
                "a buffer lies in the network, which is never read",
            )
            .field(field)
            .expected("a file beside the model")
            .found(format!("`{}`", shown(uri)))
            .help("export the model as .glb, with everything in one file"),
        ));
    }
    let path = percent_decoded(uri);
    let fault = |error: &CityError| {
        let fault = match error.kind {
            CityErrorKind::PathNotAllowed => GltfError::new(
                GltfFault::Outside,
                format!("the buffer `{}` leaves the folder of the model", shown(uri)),
            ),
            CityErrorKind::Missing => GltfError::new(
                GltfFault::BufferMissing,
                format!("the buffer `{}` does not exist", shown(uri)),
            ),
            _ => GltfError::new(
                GltfFault::Buffer,
                format!("the buffer `{}` cannot be used", shown(uri)),
            )
            .found(shown(error.found.as_deref().unwrap_or(&error.what))),
        };
        Box::new(
            fault
                .field(field)
                .expected("a file beside the model")
                .help("copy the file that belongs to the model beside it, or export as .glb"),
        )
    };
    let source = roots.resolve(&path).map_err(|error| fault(&error))?;
    let size = match &source {
        Source::Embedded { bytes, .. } => bytes.len() as u64,
        Source::File(path) => std::fs::metadata(path).map_or(0, |m| m.len()),
    };
    if size > LARGEST_FILE {
        return Err(Box::new((*too_large(size)).field(field)));
    }
    source
        .read(&path)
        .map(std::borrow::Cow::into_owned)
        .map_err(|error| fault(&error))
}

/// The fault of a file or buffer of so many bytes.
pub(crate) fn too_large(bytes: u64) -> Box<GltfError> {
    Box::new(
        GltfError::new(GltfFault::TooLarge, "the model is too large")
            .expected(format!("at most {} MB", LARGEST_FILE >> 20))
            .found(format!("{} MB", bytes >> 20)),
    )
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
