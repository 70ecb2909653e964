//! JSON to flat arrays.
//!
//! Values of an unexpected type inside an object never stop the file: they read as absent and are reported by the importer.
//! The head (type, version, transform) is strict, so that a doubled or mistyped key there is an error.

use std::collections::HashMap;
use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::city::decode::{MAX_DEPTH, line_of, unpacked, utf8_text};
use crate::city::error::{CityError, CityErrorKind};
use crate::finding::Finding;

/// Stands for an index that is negative, no whole number, or larger than any file has vertices.
pub const NO_INDEX: u32 = u32::MAX;

/// Visitor methods for the JSON types that carry nothing useful where they stand.
macro_rules! absent_for {
    ($($kind:ident),*) => { $( absent_for!(@ $kind); )* };
    (@ bool) => { fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> { Ok(Self::Value::default()) } };
    (@ number) => {
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> { Ok(Self::Value::default()) }
        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> { Ok(Self::Value::default()) }
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> { Ok(Self::Value::default()) }
    };
    (@ text) => { fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> { Ok(Self::Value::default()) } };
    (@ null) => { fn visit_unit<E>(self) -> Result<Self::Value, E> { Ok(Self::Value::default()) } };
    (@ list) => {
        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            Ok(Self::Value::default())
        }
    };
    (@ object) => {
        fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
            while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok(Self::Value::default())
        }
    };
    (@ expecting) => {
        fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result { f.write_str("any value") }
    };
}

/// A single value as text: strings as they are, numbers as written for people, anything else absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loose(pub Option<String>);

impl Loose {
    /// The text, if there is one.
    pub fn as_str(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct LooseVisitor;
        impl<'de> Visitor<'de> for LooseVisitor {
            type Value = Loose;
            absent_for!(expecting, bool, null, list, object);
            fn visit_i64<E>(self, v: i64) -> Result<Loose, E> {
                Ok(Loose(Some(v.to_string())))
            }
            fn visit_u64<E>(self, v: u64) -> Result<Loose, E> {
                Ok(Loose(Some(v.to_string())))
            }
            fn visit_f64<E>(self, v: f64) -> Result<Loose, E> {
                Ok(Loose(Some(v.to_string())))
            }
            fn visit_str<E>(self, v: &str) -> Result<Loose, E> {
                Ok(Loose(Some(v.to_owned())))
            }
        }
        deserializer.deserialize_any(LooseVisitor)
    }
}

/// A list; anything else reads as an empty one.
#[derive(Clone, Debug, PartialEq)]
pub struct List<T>(pub Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListVisitor<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
            type Value = List<T>;
            absent_for!(expecting, bool, number, text, null, object);
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<List<T>, A::Error> {
                let mut items = Vec::with_capacity(list.size_hint().unwrap_or(0));
                while let Some(item) = list.next_element()? {
                    items.push(item);
                }
                Ok(List(items))
            }
        }
        deserializer.deserialize_any(ListVisitor(std::marker::PhantomData))
    }
}

/// An object; anything else reads as its default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectVisitor<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de> + Default> Visitor<'de> for ObjectVisitor<T> {
            type Value = Object<T>;
            absent_for!(expecting, bool, number, text, null, list);
            fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(object)).map(Object)
            }
        }
        deserializer.deserialize_any(ObjectVisitor(std::marker::PhantomData))
    }
}

/// Three coordinates; what is no number is NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Vertex(pub [f64; 3]);

impl Default for Vertex {
    fn default() -> Self {
        Self([f64::NAN; 3])
    }
}

impl<'de> Deserialize<'de> for Vertex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct VertexVisitor;
        impl<'de> Visitor<'de> for VertexVisitor {
            type Value = Vertex;
            absent_for!(expecting, bool, number, text, null, object);
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vertex, A::Error> {
                let mut vertex = Vertex::default();
                let mut i = 0;
                while let Some(Number(value)) = list.next_element()? {
                    if let Some(coordinate) = vertex.0.get_mut(i) {
                        *coordinate = value;
                    }
                    i += 1;
                }
                Ok(vertex)
            }
        }
        deserializer.deserialize_any(VertexVisitor)
    }
}

/// A number; anything else is NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number(pub f64);

impl Default for Number {
    fn default() -> Self {
        Self(f64::NAN)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberVisitor;
        impl<'de> Visitor<'de> for NumberVisitor {
            type Value = Number;
            absent_for!(expecting, bool, text, null, list, object);
            fn visit_i64<E>(self, v: i64) -> Result<Number, E> {
                Ok(Number(v as f64))
            }
            fn visit_u64<E>(self, v: u64) -> Result<Number, E> {
                Ok(Number(v as f64))
            }
            fn visit_f64<E>(self, v: f64) -> Result<Number, E> {
                Ok(Number(v))
            }
        }
        deserializer.deserialize_any(NumberVisitor)
    }
}

/// The nested arrays of a geometry's `boundaries`, laid flat: each list of ends counts items of the list before it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Boundaries {
    /// Vertex indices; [`NO_INDEX`] where the file has none.
    pub indices: Vec<u32>,
    /// Ends of rings in `indices`.
    pub ring_ends: Vec<u32>,
    /// Ends of surfaces in `ring_ends`.
    pub surface_ends: Vec<u32>,
    /// Ends of shells in `surface_ends`.
    pub shell_ends: Vec<u32>,
    /// Nesting: 1 for a list of indices, 3 for surfaces, 4 for a solid, 5 for several solids.
    pub height: usize,
    /// Lists of unequal depth, empty lists, or values that are no index: what belongs together is not certain.
    pub malformed: bool,
}

impl Boundaries {
    /// Rings of surface `surface`, each as vertex indices.
    pub fn rings(&self, surface: usize) -> impl Iterator<Item = &[u32]> {
        let start = |ends: &[u32], i: usize| if i == 0 { 0 } else { ends[i - 1] as usize };
        let rings = start(&self.surface_ends, surface)..self.surface_ends[surface] as usize;
        rings.map(move |r| &self.indices[start(&self.ring_ends, r)..self.ring_ends[r] as usize])
    }
}

impl<'de> Deserialize<'de> for Boundaries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut boundaries = Self::default();
        boundaries.height = Nested(&mut boundaries).deserialize(deserializer)?;
        Ok(boundaries)
    }
}

/// Reads one value at an unknown depth and returns its nesting.
struct Nested<'b>(&'b mut Boundaries);

impl<'de> DeserializeSeed<'de> for Nested<'_> {
    type Value = usize;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Nested<'_> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("nested lists of vertex indices")
    }

    fn visit_u64<E>(self, index: u64) -> Result<usize, E> {
        self.0
            .indices
            .push(u32::try_from(index).unwrap_or(NO_INDEX));
        Ok(0)
    }

    fn visit_i64<E>(self, _: i64) -> Result<usize, E> {
        self.0.indices.push(NO_INDEX);
        Ok(0)
    }

    fn visit_f64<E>(self, _: f64) -> Result<usize, E> {
        self.0.indices.push(NO_INDEX);
        Ok(0)
    }

    fn visit_bool<E>(self, _: bool) -> Result<usize, E> {
        self.0.malformed = true;
        Ok(0)
    }

    fn visit_str<E>(self, _: &str) -> Result<usize, E> {
        self.0.malformed = true;
        Ok(0)
    }

    fn visit_unit<E>(self) -> Result<usize, E> {
        self.0.malformed = true;
        Ok(0)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<usize, A::Error> {
        self.0.malformed = true;
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(0)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<usize, A::Error> {
        let flat = self.0;
        let mut height = None;
        while let Some(below) = list.next_element_seed(Nested(flat))? {
            flat.malformed |= *height.get_or_insert(below) != below;
        }
        let Some(below) = height else {
            flat.malformed = true;
            return Ok(1);
        };
        match below {
            0 => flat.ring_ends.push(flat.indices.len() as u32),
            1 => flat.surface_ends.push(flat.ring_ends.len() as u32),
            2 => flat.shell_ends.push(flat.surface_ends.len() as u32),
            _ => {}
        }
        Ok(below + 1)
    }
}

/// The nested `values` of a geometry's semantics, laid flat: per surface the index of its meaning.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SurfaceMeanings(pub Vec<Option<u32>>);

impl<'de> Deserialize<'de> for SurfaceMeanings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut values = Self::default();
        Meanings(&mut values.0).deserialize(deserializer)?;
        Ok(values)
    }
}

struct Meanings<'b>(&'b mut Vec<Option<u32>>);

impl<'de> DeserializeSeed<'de> for Meanings<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Meanings<'_> {
    type Value = ();
    absent_for!(expecting, bool, text, object);

    fn visit_u64<E>(self, index: u64) -> Result<(), E> {
        self.0.push(Some(u32::try_from(index).unwrap_or(NO_INDEX)));
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        self.0.push(Some(NO_INDEX));
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        self.0.push(Some(NO_INDEX));
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.0.push(None);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Meanings(self.0))?.is_some() {}
        Ok(())
    }
}

/// Semantics of a geometry.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Semantics {
    /// Meanings.
    pub surfaces: List<Object<SemanticSurface>>,
    /// Per surface the index of its meaning.
    pub values: SurfaceMeanings,
}

/// One meaning.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct SemanticSurface {
    /// `RoofSurface` and so on.
    #[serde(rename = "type")]
    pub kind: Loose,
    /// Id, if any.
    pub id: Loose,
}

/// A geometry of an object, or a template.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Geometry {
    /// `Solid`, `MultiSurface` and so on.
    #[serde(rename = "type")]
    pub kind: Loose,
    /// Level of detail.
    pub lod: Loose,
    /// Vertex indices.
    pub boundaries: Boundaries,
    /// Meanings of the surfaces.
    pub semantics: Object<Semantics>,
    /// Number of the template (GeometryInstance).
    pub template: Loose,
    /// Row-major 4 x 4 matrix (GeometryInstance).
    #[serde(rename = "transformationMatrix")]
    pub matrix: List<Number>,
}

/// Attributes that buildings have; all others are passed over.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Attributes {
    /// Name.
    pub name: Loose,
    /// Function code.
    pub function: Loose,
    /// Roof type code.
    pub roof_type: Loose,
    /// Height (m).
    pub measured_height: Loose,
    /// Storeys above ground.
    pub storeys_above_ground: Loose,
    /// Year of construction (CityJSON 1).
    pub year_of_construction: Loose,
    /// Date of construction (CityJSON 2).
    pub date_of_construction: Loose,
}

/// An address.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct AddressRead {
    /// Street.
    pub thoroughfare_name: Loose,
    /// House number.
    pub thoroughfare_number: Loose,
    /// Postal code.
    pub postal_code: Loose,
    /// Town.
    pub locality_name: Loose,
}

/// One object (CityJSON 1.0) or a list of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Addresses(pub Vec<AddressRead>);

impl<'de> Deserialize<'de> for Addresses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AddressesVisitor;
        impl<'de> Visitor<'de> for AddressesVisitor {
            type Value = Addresses;
            absent_for!(expecting, bool, number, text, null);
            fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Addresses, A::Error> {
                AddressRead::deserialize(MapAccessDeserializer::new(object))
                    .map(|one| Addresses(vec![one]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Addresses, A::Error> {
                let mut all = Vec::new();
                while let Some(Object(one)) = list.next_element()? {
                    all.push(one);
                }
                Ok(Addresses(all))
            }
        }
        deserializer.deserialize_any(AddressesVisitor)
    }
}

/// A city object.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct CityObject {
    /// `Building` and so on.
    #[serde(rename = "type")]
    pub kind: Loose,
    /// Geometries of all levels of detail.
    pub geometry: List<Object<Geometry>>,
    /// Attributes.
    pub attributes: Object<Attributes>,
    /// Addresses.
    pub address: Addresses,
    /// Objects it belongs to.
    pub parents: List<Loose>,
}

/// Objects in the order of the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CityObjects {
    /// Key and object; of several with one key the last.
    pub objects: Vec<(String, CityObject)>,
    /// Keys that occurred more than once.
    pub doubled: Vec<String>,
}

impl<'de> Deserialize<'de> for CityObjects {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectsVisitor;
        impl<'de> Visitor<'de> for ObjectsVisitor {
            type Value = CityObjects;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("an object with the city objects")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<CityObjects, A::Error> {
                let mut all = CityObjects::default();
                let mut places: HashMap<String, usize> = HashMap::new();
                while let Some((key, Object(object))) =
                    map.next_entry::<String, Object<CityObject>>()?
                {
                    if let Some(&place) = places.get(&key) {
                        all.objects[place].1 = object;
                        all.doubled.push(key);
                    } else {
                        places.insert(key.clone(), all.objects.len());
                        all.objects.push((key, object));
                    }
                }
                Ok(all)
            }
        }
        deserializer.deserialize_map(ObjectsVisitor)
    }
}

/// Integer to real coordinates.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Transform {
    /// Size of one step per axis.
    pub scale: [f64; 3],
    /// Place of the origin.
    pub translate: [f64; 3],
}

impl Default for Transform {
    fn default() -> Self {
        Self {
            scale: [1.0; 3],
            translate: [0.0; 3],
        }
    }
}

impl Transform {
    /// Real coordinates of a stored vertex.
    pub fn apply(&self, vertex: [f64; 3]) -> [f64; 3] {
        std::array::from_fn(|i| vertex[i] * self.scale[i] + self.translate[i])
    }
}

/// Metadata of the file.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Metadata {
    /// CRS as URL or URN.
    pub reference_system: Loose,
    /// Date of the data.
    pub reference_date: Loose,
    /// Title.
    pub title: Loose,
    /// Who answers for the data.
    pub point_of_contact: Object<Contact>,
    /// Licence (an extra key that some producers write).
    pub license: Loose,
}

/// Who answers for the data.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Contact {
    /// Name.
    pub contact_name: Loose,
    /// Organisation.
    pub organization: Loose,
}

/// Geometry templates.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Templates {
    /// Geometries.
    pub templates: List<Object<Geometry>>,
    /// Their vertices, real numbers.
    #[serde(rename = "vertices-templates")]
    pub vertices: List<Vertex>,
}

/// A CityJSON object, or a feature of a sequence.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Document {
    /// `CityJSON` or `CityJSONFeature`.
    #[serde(rename = "type")]
    pub kind: Loose,
    /// Version.
    pub version: Loose,
    /// Integer to real coordinates.
    pub transform: Option<Transform>,
    /// Metadata.
    pub metadata: Object<Metadata>,
    /// Objects.
    #[serde(rename = "CityObjects")]
    pub objects: CityObjects,
    /// Vertices as stored.
    pub vertices: List<Vertex>,
    /// Templates.
    #[serde(rename = "geometry-templates")]
    pub templates: Object<Templates>,
}

/// What holds for the whole file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileHead {
    /// `1.0`, `1.1` or `2.0`.
    pub version: &'static str,
    /// Integer to real coordinates.
    pub transform: Transform,
    /// Metadata.
    pub metadata: Metadata,
    /// Number of features, for a sequence.
    pub features: Option<usize>,
}

/// Reads the text of a file and calls `each` with the document, or with the header and every feature of a sequence, and the
/// place of each (`file` or `file:line`). Broken lines of a sequence become findings.
pub fn read_documents(
    bytes: &[u8],
    place: &str,
    findings: &mut Vec<Finding>,
    mut each: impl FnMut(Document, &FileHead, &str),
) -> Result<FileHead, CityError> {
    let bytes = unpacked(bytes, place)?;
    let text = utf8_text(&bytes, place)?;
    if !text.trim_start().starts_with('{') {
        return Err(not_cityjson(place, "no JSON object"));
    }
    let (first, rest) = split_sequence(text);
    let document = parse(first, place)?;
    let mut head = head_of(&document, place)?;
    each(document, &head, place);
    if rest.trim().is_empty() {
        return Ok(head);
    }
    let mut features = 0;
    for (i, line) in rest.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        let here = format!("{place}:{}", i + 2);
        match parse(line, &here) {
            Ok(feature) if feature.kind.as_str() == Some("CityJSONFeature") => {
                features += 1;
                each(feature, &head, &here);
            }
            Ok(other) => findings.push(
                Finding::warning("line-skipped")
                    .place(here)
                    .arg("line", i + 2)
                    .arg("reason", other.kind.as_str().unwrap_or("?")),
            ),
            Err(error) => findings.push(
                Finding::warning("line-skipped")
                    .place(here)
                    .arg("line", i + 2)
                    .arg("reason", error.found.unwrap_or(error.what)),
            ),
        }
    }
    head.features = Some(features);
    Ok(head)
}

/// First line and rest of a sequence; anything else is one document.
fn split_sequence(text: &str) -> (&str, &str) {
    if let Some((first, rest)) = text.split_once('\n')
        && first.trim_end().ends_with('}')
        && rest.trim_start().starts_with('{')
    {
        (first, rest)
    } else {
        (text, "")
    }
}

fn parse(text: &str, place: &str) -> Result<Document, CityError> {
    check_depth(text, place)?;
    serde_json::from_str(text).map_err(|error| {
        let here = if error.line() > 1 {
            format!("{place}:{}", error.line())
        } else {
            place.to_owned()
        };
        if error.is_eof() {
            return CityError::new(CityErrorKind::Truncated, here, "the file is cut off")
                .expected("the closing } of the CityJSON object")
                .found(format!("the end after {} bytes", text.len()))
                .help("download or export the file again");
        }
        let message = error.to_string();
        if message.starts_with("recursion limit") {
            return too_deep(here);
        }
        let kind = if error.is_data() {
            CityErrorKind::Head
        } else {
            CityErrorKind::Syntax
        };
        CityError::new(kind, here, "the file is not valid CityJSON").found(message)
    })
}

/// Refuses brackets nested deeper than the cap, in front of the recursive parser.
fn check_depth(text: &str, place: &str) -> Result<(), CityError> {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut i = 0;
    while let Some(&byte) = bytes.get(i) {
        match byte {
            b'"' => {
                i += 1;
                while let Some(&byte) = bytes.get(i) {
                    match byte {
                        b'"' => break,
                        b'\\' => i += 2,
                        _ => i += 1,
                    }
                }
            }
            b'[' | b'{' => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(too_deep(format!("{place}:{}", line_of(bytes, i))));
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        i += 1;
    }
    Ok(())
}

fn too_deep(place: String) -> CityError {
    CityError::new(
        CityErrorKind::TooDeep,
        place,
        "the brackets are nested too deeply",
    )
    .expected(format!("at most {MAX_DEPTH} levels; CityJSON needs 9"))
}

fn not_cityjson(place: &str, found: &str) -> CityError {
    CityError::new(
        CityErrorKind::WrongFormat,
        place,
        "the file is not a CityJSON file",
    )
    .expected("a JSON object with \"type\": \"CityJSON\"")
    .found(found)
}

fn head_of(document: &Document, place: &str) -> Result<FileHead, CityError> {
    match document.kind.as_str() {
        Some("CityJSON") => {}
        Some("CityJSONFeature") => {
            return Err(not_cityjson(
                place,
                "a CityJSONFeature without the header of its sequence",
            )
            .help("the first line of a sequence must be the CityJSON object with the transform"));
        }
        Some(other) => return Err(not_cityjson(place, &format!("\"type\": \"{other}\""))),
        None => return Err(not_cityjson(place, "no \"type\"")),
    }
    let declared = document.version.as_str().unwrap_or("none");
    let version = ["1.0", "1.1", "2.0"]
        .into_iter()
        .find(|v| declared.starts_with(v))
        .ok_or_else(|| {
            CityError::new(
                CityErrorKind::Unsupported,
                format!("{place}, version"),
                "this version of CityJSON is not read",
            )
            .expected("1.0, 1.1 or 2.0")
            .found(declared)
            .help("convert the file with cjio (`upgrade`)")
        })?;
    let transform = match document.transform {
        Some(transform) => transform,
        None if version == "1.0" => Transform::default(),
        None => {
            return Err(CityError::new(
                CityErrorKind::Head,
                format!("{place}, transform"),
                "the transform is missing",
            )
            .expected(format!(
                "scale and translate, mandatory in CityJSON {version}"
            )));
        }
    };
    // Comparisons with NaN are false, so NaN is refused too.
    let usable = transform
        .scale
        .iter()
        .all(|s| s.abs() > 0.0 && s.is_finite())
        && transform.translate.iter().all(|t| t.is_finite());
    if !usable {
        return Err(CityError::new(
            CityErrorKind::Head,
            format!("{place}, transform"),
            "the transform cannot be used",
        )
        .expected("three scales other than 0 and three finite translations")
        .found(format!("{:?}, {:?}", transform.scale, transform.translate)));
    }
    Ok(FileHead {
        version,
        transform,
        metadata: document.metadata.0.clone(),
        features: None,
    })
}
