//! A model in local metres (glTF, OBJ) as a city: which solid is a building, where the ground is, which axis points up.
//!
//! Rules, each told by a finding:
//! * **Axes.** glTF is y up and in metres, as its specification says. OBJ cannot say it: z is up, as in the OBJ files of city
//!   models and solvers, and one unit is one metre. `[city] up_axis` and `unit_m` override both, for both formats.
//! * **Buildings.** A node of glTF, an object of OBJ, or a group of a file without objects, is a building with that name. One
//!   whose solids stand apart in plan is several buildings, `NAME#1`, `NAME#2` ... in the order of the file.
//! * **Sheets** (surfaces that face up without any wall): over a building they are its roof, else they are ground and left out.
//! * **Ground** is the plane at height 0; for a model wholly above or below it, the plane at its lowest corner. It reaches three
//!   times the height of the tallest building beyond them, as the wind needs. A terrain layer of the scenario replaces it.

use std::collections::HashMap;

use nalgebra::{Point3, Vector3};

use crate::finding::Finding;
use crate::geo::merge::{merged, weld_key};

use super::LayerKind;
use super::error::{CityError, CityErrorKind};
use super::gltf::{GltfRemark, read_gltf};
use super::obj::read_obj;
use super::raw::{Imported, RawBuilding, RawPart, RawPolygon};
use super::sources::Roots;
use super::terrain_text::source_of;
use super::{BuildingAttributes, LayerSource, UpAxis};

/// Solids closer than this (m) in plan belong together.
const TOUCH_M: f64 = 1e-3;
/// A face less steep than this (cosine of its slope) is no wall.
const SHEET_COS: f64 = 0.5;
/// Lowest and highest tallest building (m), and widest model (m), of a city in metres.
const HEIGHTS_M: std::ops::RangeInclusive<f64> = 1.0..=1000.0;
/// See [`HEIGHTS_M`].
const WIDEST_M: f64 = 50_000.0;
/// A model that begins higher (m) than this does not stand on the plane at 0.
const ABOVE_GROUND_M: f64 = 1.0;

/// A named piece of a model, positions as in the file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Piece {
    /// Name of the node, object or group.
    pub(crate) name: String,
    /// Where it stands in the file.
    pub(crate) place: String,
    /// Triangles, counter-clockwise seen from outside.
    pub(crate) triangles: Vec<[Point3<f64>; 3]>,
    /// Faces with more corners.
    pub(crate) polygons: Vec<Vec<Point3<f64>>>,
}

/// What the scenario says about models whose format cannot, or does wrongly.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ModelSettings {
    /// Axis that points up.
    pub(crate) up_axis: Option<UpAxis>,
    /// Length (m) of one unit.
    pub(crate) unit_m: Option<f64>,
}

/// Reads a glTF model as a city; `beside` holds the folder of its buffers.
pub(crate) fn read_gltf_city(
    bytes: &[u8],
    place: &str,
    beside: &Roots,
    settings: ModelSettings,
) -> Result<Imported, CityError> {
    let model = read_gltf(bytes, beside).map_err(|error| error.into_city(place))?;
    let mut findings = Vec::new();
    for remark in model.remarks {
        let finding = match remark {
            GltfRemark::Network(uri) => Finding::warning("model-network").arg("uri", uri),
            GltfRemark::Animated => Finding::info("model-animated"),
            GltfRemark::Lines => Finding::info("model-lines"),
        };
        findings.push(finding.place(place));
    }
    let pieces = model.solids.into_iter().map(|solid| Piece {
        name: solid.name,
        place: format!("{place}, nodes[{}]", solid.node),
        triangles: solid.triangles,
        polygons: Vec::new(),
    });
    let axes = Axes {
        format: "glTF 2.0",
        // The reader has turned them.
        turned: settings.up_axis == Some(UpAxis::Z),
        turn: |p| Point3::new(p.x, p.z, -p.y),
        up: settings.up_axis.unwrap_or(UpAxis::Y),
        unit_m: settings.unit_m.unwrap_or(1.0),
        told: settings.up_axis.is_none() && settings.unit_m.is_none(),
    };
    let mut imported = city_of(pieces.collect(), place, &axes, findings)?;
    // Without buffers beside it the file is all there is.
    let alone = blake3::hash(bytes).to_hex().to_string() == model.blake3;
    imported.blake3 = (!alone).then_some(model.blake3);
    Ok(imported)
}

/// Reads an OBJ model as a city.
pub(crate) fn read_obj_city(
    bytes: &[u8],
    place: &str,
    settings: ModelSettings,
) -> Result<Imported, CityError> {
    let mut findings = Vec::new();
    let pieces = read_obj(bytes, place, &mut findings)?;
    let axes = Axes {
        format: "Wavefront OBJ",
        turned: settings.up_axis == Some(UpAxis::Y),
        turn: |p| Point3::new(p.x, -p.z, p.y),
        up: settings.up_axis.unwrap_or(UpAxis::Z),
        unit_m: settings.unit_m.unwrap_or(1.0),
        told: settings.up_axis.is_none() && settings.unit_m.is_none(),
    };
    city_of(pieces, place, &axes, findings)
}

/// How positions of a file become x east, y north, z up in metres.
struct Axes {
    format: &'static str,
    turned: bool,
    turn: fn(Point3<f64>) -> Point3<f64>,
    up: UpAxis,
    unit_m: f64,
    /// False where the scenario decides some of it.
    told: bool,
}

impl Axes {
    fn apply(&self, p: &mut Point3<f64>) {
        let turned = if self.turned { (self.turn)(*p) } else { *p };
        *p = turned * self.unit_m;
    }

    fn finding(&self, place: &str) -> Finding {
        let code = match (self.told, self.format) {
            (false, _) => "model-axes-given",
            (true, "glTF 2.0") => "model-axes-gltf",
            (true, _) => "model-axes-obj",
        };
        Finding::info(code)
            .place(place)
            .arg("up", self.up.name())
            .arg("unit", length_text(self.unit_m))
    }
}

/// A length for people: `1 cm`, `12.3 m`, `4.5 km`.
pub(crate) fn length_text(metres: f64) -> String {
    match metres {
        m if m < 0.0095 => format!("{:.1} mm", m * 1e3),
        m if m < 1.0 => format!("{:.0} cm", m * 1e2),
        m if m < 1000.0 => format!("{m:.1} m"),
        m => format!("{:.1} km", m / 1e3),
    }
}

type Rings = Vec<Vec<Point3<f64>>>;

/// Faces that hang together.
struct Component {
    piece: usize,
    faces: Vec<Rings>,
    min: Point3<f64>,
    max: Point3<f64>,
    /// Without any wall.
    sheet: bool,
}

fn city_of(
    mut pieces: Vec<Piece>,
    place: &str,
    axes: &Axes,
    mut findings: Vec<Finding>,
) -> Result<Imported, CityError> {
    let mut components = Vec::new();
    for (index, piece) in pieces.iter_mut().enumerate() {
        let corners = piece.triangles.iter_mut().flatten();
        corners
            .chain(piece.polygons.iter_mut().flatten())
            .for_each(|p| axes.apply(p));
        let mut faces = merged(&std::mem::take(&mut piece.triangles));
        faces.extend(piece.polygons.drain(..).map(|ring| vec![ring]));
        components.extend(connected(index, faces));
    }
    if components.is_empty() {
        return Err(no_geometry(place, "the model has no surfaces")
            .expected("triangles or polygons of buildings")
            .found("none")
            .help("export the buildings as meshes"));
    }
    let (groups, ground) = grouped(&components);
    if groups.is_empty() {
        return Err(no_geometry(place, "the model has ground, but no building")
            .expected("surfaces with walls")
            .found("surfaces that face up only")
            .help(
                "export the buildings too, or check which axis points up (`up_axis` under [city])",
            ));
    }
    findings.push(axes.finding(place));
    if let Some(first) = ground.first() {
        findings.push(
            Finding::warning("model-sheet")
                .place(place)
                .arg("count", ground.len())
                .arg("first", &pieces[components[*first].piece].name),
        );
    }
    let (low, high) = groups
        .iter()
        .flatten()
        .map(|c| (components[*c].min, components[*c].max))
        .reduce(|(low, high), (a, b)| (low.inf(&a), high.sup(&b)))
        .unwrap_or_default();
    let ground_m = if low.z > ABOVE_GROUND_M || high.z <= 0.0 {
        low.z
    } else {
        0.0
    };
    findings.extend(size_finding(&components, &groups, low, high, place));
    let mut parts_of = vec![0_usize; pieces.len()];
    let piece_of = |group: &Vec<usize>| components[group[0]].piece;
    for group in &groups {
        parts_of[piece_of(group)] += 1;
    }
    let mut number = vec![0_usize; pieces.len()];
    let mut buildings = Vec::with_capacity(groups.len());
    let owners: Vec<usize> = groups.iter().map(piece_of).collect();
    let mut faces: Vec<Vec<Rings>> = components.into_iter().map(|c| c.faces).collect();
    for (group, owner) in groups.into_iter().zip(owners) {
        number[owner] += 1;
        let piece = &pieces[owner];
        let id = if parts_of[owner] == 1 {
            piece.name.clone()
        } else {
            format!("{}#{}", piece.name, number[owner])
        };
        let polygons = group
            .into_iter()
            .flat_map(|c| std::mem::take(&mut faces[c]))
            .map(|rings| RawPolygon {
                id: None,
                kind: None,
                rings: rings
                    .into_iter()
                    .map(|ring| ring.into_iter().map(|p| [p.x, p.y, p.z]).collect())
                    .collect(),
            })
            .collect();
        buildings.push(RawBuilding {
            id: id.clone(),
            attributes: BuildingAttributes::default(),
            parts: vec![RawPart {
                id,
                lod: "3".to_owned(),
                polygons,
                ..RawPart::default()
            }],
            place: Some(piece.place.clone()),
        });
    }
    Ok(Imported {
        source: Some(LayerSource {
            layer: LayerKind::Buildings,
            ..source_of(axes.format, buildings.len())
        }),
        buildings,
        ground_plane_m: Some(ground_m),
        findings,
        ..Imported::default()
    })
}

fn no_geometry(place: &str, what: &str) -> CityError {
    CityError::new(CityErrorKind::NoGeometry, place, what)
}

/// Finding on a size that is plainly not in metres.
fn size_finding(
    components: &[Component],
    groups: &[Vec<usize>],
    low: Point3<f64>,
    high: Point3<f64>,
    place: &str,
) -> Option<Finding> {
    let height = |group: &Vec<usize>| {
        let (low, high) = group.iter().fold((f64::MAX, f64::MIN), |(low, high), c| {
            (
                low.min(components[*c].min.z),
                high.max(components[*c].max.z),
            )
        });
        high - low
    };
    let tallest_m = groups.iter().map(height).fold(0.0, f64::max);
    let width_m = (high.x - low.x).max(high.y - low.y);
    (!HEIGHTS_M.contains(&tallest_m) || width_m > WIDEST_M).then(|| {
        Finding::warning("model-size")
            .place(place)
            .arg("width", length_text(width_m))
            .arg("height", length_text(tallest_m))
    })
}

/// Splits faces into those that hang together by a corner, in the order of their first faces.
fn connected(piece: usize, faces: Vec<Rings>) -> Vec<Component> {
    let mut sets = Sets::new(faces.len());
    let mut owner: HashMap<[i64; 3], usize> = HashMap::new();
    for (i, face) in faces.iter().enumerate() {
        for corner in face.iter().flatten() {
            let first = *owner.entry(weld_key(corner)).or_insert(i);
            sets.join(first, i);
        }
    }
    let mut place: HashMap<usize, usize> = HashMap::new();
    let mut components: Vec<Component> = Vec::new();
    for (i, face) in faces.into_iter().enumerate() {
        let next = components.len();
        let index = *place.entry(sets.root(i)).or_insert(next);
        if index == next {
            components.push(Component {
                piece,
                faces: Vec::new(),
                min: Point3::from([f64::INFINITY; 3]),
                max: Point3::from([f64::NEG_INFINITY; 3]),
                sheet: false,
            });
        }
        let component = &mut components[index];
        for corner in face.iter().flatten() {
            component.min = component.min.inf(corner);
            component.max = component.max.sup(corner);
        }
        component.faces.push(face);
    }
    for component in &mut components {
        component.sheet = is_sheet(component);
    }
    components
}

fn is_sheet(component: &Component) -> bool {
    if component.max.z - component.min.z < TOUCH_M {
        return true;
    }
    let mut sides = component.faces.iter().map(|rings| {
        let ring = &rings[0];
        let area: Vector3<f64> = (1..ring.len().saturating_sub(1))
            .map(|i| (ring[i] - ring[0]).cross(&(ring[i + 1] - ring[0])))
            .sum();
        let flat = area.z.abs() > SHEET_COS * area.norm();
        flat.then_some(area.z > 0.0)
    });
    let first = sides.next().flatten();
    first.is_some() && sides.all(|side| side == first)
}

/// Components of each building, in the order of the file with a wall first, and the sheets that are ground.
fn grouped(components: &[Component]) -> (Vec<Vec<usize>>, Vec<usize>) {
    let mut sets = Sets::new(components.len());
    // What a sheet lies on: the first component whose middle is lower.
    let mut below: Vec<Option<usize>> = vec![None; components.len()];
    let mut order: Vec<usize> = (0..components.len()).collect();
    order.sort_by(|a, b| components[*a].min.x.total_cmp(&components[*b].min.x));
    let mut active: Vec<usize> = Vec::new();
    for i in order {
        let one = &components[i];
        active.retain(|j| components[*j].max.x + TOUCH_M >= one.min.x);
        for &j in &active {
            let other = &components[j];
            if one.min.y > other.max.y + TOUCH_M || other.min.y > one.max.y + TOUCH_M {
                continue;
            }
            let (sheet, solid) = match (one.sheet, other.sheet) {
                (true, true) => continue,
                (false, false) => {
                    if one.piece == other.piece {
                        sets.join(i, j);
                    }
                    continue;
                }
                (true, false) => (i, j),
                (false, true) => (j, i),
            };
            let middle = 0.5 * (components[solid].min.z + components[solid].max.z);
            if components[sheet].min.z > middle {
                below[sheet] = Some(below[sheet].map_or(solid, |known| known.min(solid)));
            }
        }
        active.push(i);
    }
    let mut ground = Vec::new();
    for (i, component) in components.iter().enumerate() {
        match below[i] {
            Some(solid) => sets.join(solid, i),
            None if component.sheet => ground.push(i),
            None => {}
        }
    }
    let mut place: HashMap<usize, usize> = HashMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let solids = (0..components.len()).filter(|i| !components[*i].sheet);
    let roofs = (0..components.len()).filter(|i| below[*i].is_some());
    for i in solids.chain(roofs) {
        let next = groups.len();
        let index = *place.entry(sets.root(i)).or_insert(next);
        if index == next {
            groups.push(Vec::new());
        }
        groups[index].push(i);
    }
    (groups, ground)
}

/// Disjoint sets of numbers.
struct Sets {
    parent: Vec<usize>,
}

impl Sets {
    fn new(count: usize) -> Self {
        Self {
            parent: (0..count).collect(),
        }
    }

    fn root(&mut self, mut i: usize) -> usize {
        while self.parent[i] != i {
            self.parent[i] = self.parent[self.parent[i]];
            i = self.parent[i];
        }
        i
    }

    /// The lower number stays the root.
    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.parent[a.max(b)] = a.min(b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::detect::{Wanted, import};

    /// Faces of a box, corners counted from the last eight.
    const FACES: &str = "f -8 -5 -6 -7\nf -4 -3 -2 -1\nf -8 -7 -3 -4\nf -7 -6 -2 -3\nf -6 -5 -1 -2\nf -5 -8 -4 -1\n";

    /// A box in OBJ from one corner to the other.
    fn cuboid([x, y, z]: [f64; 3], [a, b, c]: [f64; 3]) -> String {
        format!(
            "v {x} {y} {z}\nv {a} {y} {z}\nv {a} {b} {z}\nv {x} {b} {z}\n\
             v {x} {y} {c}\nv {a} {y} {c}\nv {a} {b} {c}\nv {x} {b} {c}\n{FACES}"
        )
    }

    fn sheet(low: f64, high: f64, z: f64) -> String {
        format!(
            "v {low} {low} {z}\nv {high} {low} {z}\nv {high} {high} {z}\nv {low} {high} {z}\nf -4 -3 -2 -1\n"
        )
    }

    fn read_with(text: &str, settings: ModelSettings) -> Result<Imported, CityError> {
        let roots = Roots::default();
        let wanted = Wanted {
            model: Some((settings, &roots)),
            ..Wanted::default()
        };
        import(text.as_bytes(), "m.obj", wanted)
    }

    fn read(text: &str) -> Imported {
        read_with(text, ModelSettings::default()).unwrap()
    }

    fn ids(imported: &Imported) -> Vec<&str> {
        imported.buildings.iter().map(|b| b.id.as_str()).collect()
    }

    fn codes(imported: &Imported) -> Vec<&str> {
        imported.findings.iter().map(|f| f.code.as_str()).collect()
    }

    #[test]
    fn solids_apart_are_buildings_and_what_stands_on_one_belongs_to_it() {
        let text = format!(
            "o Row\n{}{}{}o Tower\n{}",
            cuboid([0.0, 0.0, 0.0], [10.0, 10.0, 9.0]),
            cuboid([20.0, 0.0, 0.0], [30.0, 10.0, 9.0]),
            // A chimney on the first.
            cuboid([4.0, 4.0, 9.5], [5.0, 5.0, 11.0]),
            cuboid([50.0, 0.0, 0.0], [60.0, 10.0, 40.0]),
        );
        let city = read(&text);
        assert_eq!(ids(&city), ["Row#1", "Row#2", "Tower"]);
        let faces = |i: usize| city.buildings[i].parts[0].polygons.len();
        assert_eq!((faces(0), faces(1), faces(2)), (12, 6, 6));
        assert_eq!(codes(&city), ["model-axes-obj"]);
        assert_eq!(city.ground_plane_m, Some(0.0));
    }

    #[test]
    fn sheets_are_roofs_over_walls_and_ground_elsewhere() {
        let walls = cuboid([0.0, 0.0, 0.0], [10.0, 10.0, 9.0]);
        let text = format!(
            "o Land\n{}o Walls\n{walls}o Roof\n{}",
            sheet(-50.0, 50.0, 0.0),
            sheet(-0.5, 10.5, 9.1)
        );
        let city = read(&text);
        assert_eq!(ids(&city), ["Walls"]);
        assert_eq!(city.buildings[0].parts[0].polygons.len(), 7);
        assert_eq!(codes(&city), ["model-axes-obj", "model-sheet"]);
        assert_eq!(city.findings[1].args["first"], "Land");
        let alone = read_with(&sheet(0.0, 9.0, 0.0), ModelSettings::default()).unwrap_err();
        assert_eq!(alone.kind, CityErrorKind::NoGeometry);
    }

    #[test]
    fn axes_and_unit_of_the_scenario_count() {
        let text = cuboid([0.0, 0.0, 0.0], [10_000.0, 40_000.0, 20_000.0]);
        let settings = ModelSettings {
            up_axis: Some(UpAxis::Y),
            unit_m: Some(0.001),
        };
        let city = read_with(&text, settings).unwrap();
        let corners = city.buildings[0].parts[0]
            .polygons
            .iter()
            .flat_map(|p| &p.rings[0]);
        let far = corners.fold([0.0_f64; 3], |far, c| {
            std::array::from_fn(|k| {
                if c[k].abs() > far[k].abs() {
                    c[k]
                } else {
                    far[k]
                }
            })
        });
        assert_eq!(far, [10.0, -20.0, 40.0]);
        assert_eq!(codes(&city), ["model-axes-given"]);
        assert_eq!(codes(&read(&text)), ["model-axes-obj", "model-size"]);
    }

    #[test]
    fn a_model_above_zero_brings_its_ground() {
        let city = read(&cuboid([0.0, 0.0, 25.0], [10.0, 10.0, 34.0]));
        assert_eq!(city.ground_plane_m, Some(25.0));
        let cellar = read(&cuboid([0.0, 0.0, -3.0], [10.0, 10.0, 9.0]));
        assert_eq!(cellar.ground_plane_m, Some(0.0));
    }

    #[test]
    fn cut_and_damaged_files_never_panic() {
        let text = format!("# a\no A\n{}", cuboid([0.0; 3], [10.0, 10.0, 9.0]));
        for cut in 0..text.len() {
            let _ = read_with(&text[..cut], ModelSettings::default());
        }
        for at in 0..text.len() {
            for byte in *b"-0/fv \\\n" {
                let mut bytes = text.clone().into_bytes();
                bytes[at] = byte;
                let damaged = String::from_utf8(bytes).unwrap();
                let _ = read_with(&damaged, ModelSettings::default());
            }
        }
    }
}
