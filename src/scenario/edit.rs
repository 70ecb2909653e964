//! City + edits = city of a variant. Buildings that no edit touches stay the same `Arc`.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use nalgebra::{Point3, Vector3};

use crate::city::assemble::{building_from_raw, extruded};
use crate::city::raw::{RawBuilding, RawPart, RawPolygon};
use crate::city::sources::Roots;
use crate::city::terrain::Ground;
use crate::city::{Building, BuildingAttributes, City, LayerKind, LayerSource, SurfaceKind, Tree};
use crate::finding::Finding;

use super::draft::DraftCache;
use super::fault::{Fault, ScenarioError, list_of, nearest, shown};
use super::{Edit, Variant};

/// Keys of one variant's new buildings lie in a block of this size above the baseline.
const KEYS_PER_VARIANT: u32 = 65_536;

/// Distance (m) of the places under a footprint at which the terrain is asked.
const TERRAIN_STEP_M: f64 = 1.0;

/// The city of a variant.
///
/// `number` is the variant's position with the baseline as 0; it makes the keys of new buildings, so that they stay the
/// same while edits change. All faulty edits are named, not only the first.
pub fn apply_edits(
    baseline: &City,
    variant: &Variant,
    number: usize,
    roots: &Roots,
    drafts: &DraftCache,
) -> Result<City, ScenarioError> {
    let mut editor = Editor {
        baseline,
        city: baseline.clone(),
        ground: OnceCell::new(),
        index: OnceCell::new(),
        sources: baseline.sources.to_vec(),
        roots,
        drafts,
    };
    let first_key = baseline.buildings.len() as u32 + (number as u32).saturating_sub(1) * KEYS_PER_VARIANT;
    let mut faults = Vec::new();
    for (i, edit) in variant.edits.iter().enumerate() {
        match editor.apply(edit, first_key + i as u32) {
            Ok(()) => {}
            Err(EditFault::Fault(fault)) => {
                let mut fault = *fault;
                fault.text = format!("edit {} of variant `{}`: {}", i + 1, shown(&variant.name), fault.text);
                let path = format!("variant[{number}].edit[{}]", i + 1);
                fault.field = match fault.field.as_str() {
                    "" => path,
                    field => format!("{path}.{field}"),
                };
                faults.push(fault);
            }
            Err(EditFault::Other(error)) => match *error {
                ScenarioError::Invalid(of_draft) => faults.extend(of_draft.into_iter().map(|mut fault| {
                    fault.text = format!("edit {} of variant `{}`: {}", i + 1, shown(&variant.name), fault.text);
                    fault
                })),
                // A missing file decides the exit code, so it is told at once.
                error => return Err(error),
            },
        }
    }
    if !faults.is_empty() {
        return Err(ScenarioError::Invalid(faults));
    }
    let Editor { mut city, sources, .. } = editor;
    if sources.len() != city.sources.len() {
        city.sources = Arc::new(sources);
    }
    city.findings.sort();
    city.findings.dedup();
    Ok(city)
}

/// Centre about which a footprint turns: that of the box around it, (easting, northing).
pub fn footprint_centre(footprint: &[[f64; 2]]) -> [f64; 2] {
    let (lo, hi) = footprint.iter().fold(
        ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]),
        |(lo, hi), p| {
            (
                [lo[0].min(p[0]), lo[1].min(p[1])],
                [hi[0].max(p[0]), hi[1].max(p[1])],
            )
        },
    );
    [0.5 * (lo[0] + hi[0]), 0.5 * (lo[1] + hi[1])]
}

/// Turns (x east, y north) clockwise, seen from above.
fn turned([x, y]: [f64; 2], degrees: f64) -> [f64; 2] {
    // Quarter turns are exact, so that a draft turned by 90 degrees stays on its grid.
    let (sin, cos) = match degrees.rem_euclid(360.0) {
        d if d == 0.0 => (0.0, 1.0),
        d if d == 90.0 => (1.0, 0.0),
        d if d == 180.0 => (0.0, -1.0),
        d if d == 270.0 => (-1.0, 0.0),
        d => d.to_radians().sin_cos(),
    };
    [x * cos + y * sin, y * cos - x * sin]
}

enum EditFault {
    Fault(Box<Fault>),
    Other(Box<ScenarioError>),
}

impl From<Fault> for EditFault {
    fn from(fault: Fault) -> Self {
        Self::Fault(Box::new(fault))
    }
}

impl From<ScenarioError> for EditFault {
    fn from(error: ScenarioError) -> Self {
        Self::Other(Box::new(error))
    }
}

struct Editor<'a> {
    baseline: &'a City,
    city: City,
    ground: OnceCell<Ground<'a>>,
    /// Position in `city.buildings` by id, of the baseline.
    index: OnceCell<BTreeMap<&'a str, usize>>,
    sources: Vec<LayerSource>,
    roots: &'a Roots,
    drafts: &'a DraftCache,
}

impl<'a> Editor<'a> {
    fn apply(&mut self, edit: &Edit, key: u32) -> Result<(), EditFault> {
        match edit {
            Edit::AddBuilding {
                id,
                footprint,
                height_m,
                storeys,
                base_height_m,
                rotation_deg,
            } => {
                self.require_new_id(id)?;
                let centre = footprint_centre(footprint);
                let ring: Vec<[f64; 2]> = footprint
                    .iter()
                    .map(|p| {
                        let [e, n] = turned([p[0] - centre[0], p[1] - centre[1]], *rotation_deg);
                        [centre[0] + e, centre[1] + n]
                    })
                    .collect();
                check_ring(&ring)?;
                let base = base_height_m.unwrap_or_else(|| self.lowest_ground(&ring));
                let attributes = BuildingAttributes {
                    storeys: *storeys,
                    measured_height_m: Some(*height_m),
                    ..BuildingAttributes::default()
                };
                let raw = extruded(id, &[ring], base, *height_m, attributes);
                self.add(raw, key)
            }
            Edit::Place {
                id,
                draft,
                position,
                base_height_m,
                rotation_deg,
                scale,
            } => {
                self.require_new_id(id)?;
                self.place(id, draft, *position, *base_height_m, *rotation_deg, *scale, key)
            }
            Edit::Remove { building } => {
                let at = self.find(building)?;
                self.city.buildings.remove(at);
                Ok(())
            }
            Edit::SetHeight { building, height_m } => {
                let at = self.find(building)?;
                let old = self.city.buildings[at].clone();
                let raw = stretched(&self.city, &old, *height_m);
                let mut findings = Vec::new();
                let mut new = building_from_raw(&self.city.frame, old.key, &raw, &mut findings).ok_or_else(|| {
                    Fault::new("edit-no-geometry", format!("building `{}` has no usable faces at this height", shown(building)))
                        .field("height_m")
                })?;
                new.draft = old.draft;
                self.city.findings.extend(findings);
                self.city.buildings[at] = Arc::new(new);
                Ok(())
            }
            Edit::Move {
                building,
                by,
                raise_m,
                rotation_deg,
            } => {
                let at = self.find(building)?;
                let moved = moved(&self.city.buildings[at], *by, *raise_m, *rotation_deg);
                self.city.buildings[at] = Arc::new(moved);
                Ok(())
            }
            Edit::AddTree {
                id,
                position,
                height_m,
                crown_diameter_m,
            } => {
                if self.city.trees.iter().any(|t| t.id == *id) {
                    return Err(taken(id, "tree").into());
                }
                let mut foot = self.city.frame.local_from_crs([position[0], position[1], 0.0]);
                foot.z = self.ground_at(foot.x, foot.y);
                self.city.trees.push(Tree {
                    id: id.clone(),
                    foot,
                    height_m: *height_m,
                    crown_diameter_m: *crown_diameter_m,
                    genus: None,
                });
                Ok(())
            }
        }
    }

    fn place(
        &mut self,
        id: &str,
        path: &str,
        position: [f64; 2],
        base_height_m: Option<f64>,
        rotation_deg: f64,
        scale: f64,
        key: u32,
    ) -> Result<(), EditFault> {
        let draft = self.drafts.get(path, self.roots)?;
        if draft.polygons.is_empty() {
            return Err(Fault::new("draft-empty", format!("the draft `{}` has no surfaces", shown(path)))
                .field("draft")
                .expected("a model with triangles")
                .found("none")
                .into());
        }
        let at = self.city.frame.local_from_crs([position[0], position[1], 0.0]);
        let base = base_height_m.unwrap_or_else(|| self.ground_at(at.x, at.y));
        let to_crs = |p: &Point3<f64>| {
            let [e, n] = turned([p.x * scale, p.y * scale], rotation_deg);
            [position[0] + e, position[1] + n, base + p.z * scale]
        };
        let polygons = draft
            .polygons
            .iter()
            .map(|rings| RawPolygon {
                id: None,
                kind: None,
                rings: rings.iter().map(|ring| ring.iter().map(to_crs).collect()).collect(),
            })
            .collect();
        let raw = RawBuilding {
            id: id.to_owned(),
            attributes: BuildingAttributes::default(),
            parts: vec![RawPart {
                id: id.to_owned(),
                attributes: BuildingAttributes::default(),
                installation: false,
                lod: "3".to_owned(),
                polygons,
            }],
            place: Some(path.to_owned()),
        };
        self.city.findings.extend(draft.findings.iter().cloned());
        self.city.findings.extend(draft.size_finding(scale, id, path));
        let source = LayerSource {
            layer: LayerKind::Buildings,
            path: path.to_owned(),
            format: "glTF 2.0".to_owned(),
            origin: None,
            licence: None,
            date: None,
            crs: self.city.frame.crs.name(),
            blake3: draft.blake3.clone(),
            objects: 1,
        };
        if !self.sources.contains(&source) {
            self.sources.push(source);
        }
        self.add(raw, key)
    }

    fn add(&mut self, raw: RawBuilding, key: u32) -> Result<(), EditFault> {
        let mut findings = Vec::new();
        let Some(mut building) = building_from_raw(&self.city.frame, key, &raw, &mut findings) else {
            return Err(Fault::new("edit-no-geometry", format!("`{}` has no usable faces", shown(&raw.id)))
                .expected("a shape with an area")
                .help("check the corners, and the unit of the model")
                .into());
        };
        building.draft = true;
        self.city.findings.extend(findings);
        self.city.buildings.push(Arc::new(building));
        Ok(())
    }

    fn require_new_id(&self, id: &str) -> Result<(), Fault> {
        match self.position_of(id) {
            Some(_) => Err(taken(id, "building")),
            None => Ok(()),
        }
    }

    fn find(&self, id: &str) -> Result<usize, Fault> {
        self.position_of(id).ok_or_else(|| {
            let removed = self.baseline_index().contains_key(id);
            let fault = Fault::new(
                if removed { "edit-removed-building" } else { "edit-unknown-building" },
                if removed {
                    format!("building `{}` was removed by an earlier edit", shown(id))
                } else {
                    format!("the city has no building `{}`", shown(id))
                },
            )
            .field("building");
            let ids = self.city.buildings.iter().map(|b| b.id.as_str());
            match nearest(id, ids.clone()) {
                Some(near) => fault.help(format!("did you mean `{}`?", shown(near))),
                None => {
                    let some: Vec<&str> = ids.take(3).collect();
                    fault.help(match some.as_slice() {
                        [] => "the city has no buildings at all".to_owned(),
                        _ => format!("ids of this city look like {}", list_of(&some)),
                    })
                }
            }
        })
    }

    /// Position in the edited city. Removals only shift positions down, so the search starts where the baseline has it.
    fn position_of(&self, id: &str) -> Option<usize> {
        let buildings = &self.city.buildings;
        if let Some(at) = self.baseline_index().get(id) {
            let start = (*at).min(buildings.len().saturating_sub(1));
            if let Some(found) = (0..=start).rev().find(|i| buildings.get(*i).is_some_and(|b| b.id == id)) {
                return Some(found);
            }
        }
        // Buildings that edits added stand at the end; so does one that was removed and added again under its old id.
        buildings
            .iter()
            .rposition(|b| b.key as usize >= self.baseline.buildings.len() && b.id == id)
    }

    fn baseline_index(&self) -> &BTreeMap<&'a str, usize> {
        let baseline: &'a City = self.baseline;
        self.index.get_or_init(|| {
            baseline
                .buildings
                .iter()
                .enumerate()
                .map(|(i, b)| (b.id.as_str(), i))
                .collect()
        })
    }

    fn ground_at(&self, x: f64, y: f64) -> f64 {
        let baseline: &'a City = self.baseline;
        self.ground.get_or_init(|| baseline.ground()).height_at(x, y)
    }

    /// Lowest terrain under a footprint (CRS coordinates): corners, borders and a raster inside.
    fn lowest_ground(&self, ring: &[[f64; 2]]) -> f64 {
        let local: Vec<[f64; 2]> = ring
            .iter()
            .map(|p| {
                let p = self.city.frame.local_from_crs([p[0], p[1], 0.0]);
                [p.x, p.y]
            })
            .collect();
        let mut lowest = f64::INFINITY;
        let mut ask = |x: f64, y: f64| lowest = lowest.min(self.ground_at(x, y));
        for (i, a) in local.iter().enumerate() {
            let b = local[(i + 1) % local.len()];
            let steps = ((b[0] - a[0]).hypot(b[1] - a[1]) / TERRAIN_STEP_M).ceil().clamp(1.0, 2000.0) as usize;
            for k in 0..steps {
                let t = k as f64 / steps as f64;
                ask(a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1]));
            }
        }
        let (lo, hi) = local.iter().fold(([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]), |(lo, hi), p| {
            ([lo[0].min(p[0]), lo[1].min(p[1])], [hi[0].max(p[0]), hi[1].max(p[1])])
        });
        // At most some 40 000 places, also under a very large footprint.
        let step = TERRAIN_STEP_M.max((hi[0] - lo[0]).max(hi[1] - lo[1]) / 200.0);
        let (cols, rows) = (((hi[0] - lo[0]) / step) as usize, ((hi[1] - lo[1]) / step) as usize);
        for row in 1..=rows {
            for col in 1..=cols {
                let (x, y) = (lo[0] + col as f64 * step, lo[1] + row as f64 * step);
                if contains(&local, x, y) {
                    ask(x, y);
                }
            }
        }
        lowest
    }
}

fn taken(id: &str, what: &str) -> Fault {
    Fault::new("duplicate-id", format!("there is already a {what} `{}`", shown(id)))
        .field("id")
        .expected("an id that the city does not have")
        .help("choose another id")
}

/// Even-odd rule.
fn contains(ring: &[[f64; 2]], x: f64, y: f64) -> bool {
    let mut inside = false;
    for (i, a) in ring.iter().enumerate() {
        let b = ring[(i + 1) % ring.len()];
        if (a[1] > y) != (b[1] > y) && x < a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]) {
            inside = !inside;
        }
    }
    inside
}

/// A footprint must have an area and must not cross itself.
fn check_ring(ring: &[[f64; 2]]) -> Result<(), Fault> {
    let origin = ring[0];
    let p: Vec<[f64; 2]> = ring.iter().map(|q| [q[0] - origin[0], q[1] - origin[1]]).collect();
    let n = p.len();
    let area = 0.5 * (0..n).map(|i| p[i][0] * p[(i + 1) % n][1] - p[(i + 1) % n][0] * p[i][1]).sum::<f64>();
    let fault = |text: &str| Fault::new("bad-footprint", text).field("footprint");
    if area.abs() < 0.1 {
        return Err(fault("the footprint has no area")
            .expected("at least 0.1 m²")
            .found(format!("{:.3} m²", area.abs())));
    }
    let side = |a: [f64; 2], b: [f64; 2], c: [f64; 2]| (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
    for i in 0..n {
        for j in i + 2..n {
            if i == 0 && j == n - 1 {
                continue;
            }
            let (a, b, c, d) = (p[i], p[i + 1], p[j], p[(j + 1) % n]);
            if side(a, b, c) * side(a, b, d) < 0.0 && side(c, d, a) * side(c, d, b) < 0.0 {
                return Err(fault("the footprint crosses itself")
                    .expected("corners in order around the building")
                    .found(format!("side {} crosses side {}", i + 1, j + 1)));
            }
        }
    }
    Ok(())
}

/// A building with another height: everything from the eaves up moves, the walls below stretch.
///
/// Where the ground reaches up to the eaves (a slope) or the new height is less than the roof's own, all heights are scaled
/// instead: that keeps every face plane.
fn stretched(city: &City, building: &Building, height_m: f64) -> RawBuilding {
    let (ground, ridge) = building.z_range();
    let geometry = &building.geometry;
    let mut eaves = f64::INFINITY;
    let mut highest_ground = f64::NEG_INFINITY;
    for surface in &geometry.surfaces {
        for p in surface.rings.clone().flat_map(|r| geometry.ring(r)) {
            match surface.kind {
                SurfaceKind::Roof => eaves = eaves.min(p.z),
                SurfaceKind::Ground => highest_ground = highest_ground.max(p.z),
                SurfaceKind::Wall | SurfaceKind::Closure => {}
            }
        }
    }
    let rise = ground + height_m - ridge;
    let lift = eaves.is_finite() && eaves > highest_ground.max(ground) + 0.1 && eaves + rise > highest_ground.max(ground) + 0.1;
    let factor = if ridge > ground { height_m / (ridge - ground) } else { 1.0 };
    let new_z = |z: f64| {
        if !lift {
            ground + (z - ground) * factor
        } else if z >= eaves - 1e-6 {
            z + rise
        } else {
            z
        }
    };
    let mut parts: Vec<RawPart> = building
        .parts
        .iter()
        .map(|part| RawPart {
            id: part.id.clone(),
            attributes: of_new_height(&part.attributes, None),
            // What was open before stays open; the finding of the baseline says so already.
            installation: !part.closed,
            lod: part.lod.clone(),
            polygons: Vec::new(),
        })
        .collect();
    for surface in &geometry.surfaces {
        let rings = surface
            .rings
            .clone()
            .map(|r| {
                let ring = geometry.ring(r).iter();
                ring.map(|p| city.frame.crs_from_local(Point3::new(p.x, p.y, new_z(p.z))))
                    .collect()
            })
            .collect();
        if let Some(part) = parts.get_mut(surface.part as usize) {
            part.polygons.push(RawPolygon {
                id: surface.id.clone(),
                kind: Some(surface.kind),
                rings,
            });
        }
    }
    RawBuilding {
        id: building.id.clone(),
        attributes: of_new_height(&building.attributes, Some(height_m)),
        parts,
        place: None,
    }
}

/// Heights and storeys of the source no longer hold; the height of the edit does.
fn of_new_height(attributes: &BuildingAttributes, height_m: Option<f64>) -> BuildingAttributes {
    BuildingAttributes {
        measured_height_m: height_m,
        assumed_height_m: None,
        storeys: None,
        ..attributes.clone()
    }
}

/// A building moved, raised and turned about the vertical axis through the centre of its box.
fn moved(building: &Building, by: [f64; 2], raise_m: f64, rotation_deg: f64) -> Building {
    let (min, max) = building.bounds();
    let centre = [0.5 * (min.x + max.x), 0.5 * (min.y + max.y)];
    let mut out = building.clone();
    for p in &mut out.geometry.vertices {
        let [x, y] = turned([p.x - centre[0], p.y - centre[1]], rotation_deg);
        *p = Point3::new(centre[0] + x + by[0], centre[1] + y + by[1], p.z + raise_m);
    }
    for surface in &mut out.geometry.surfaces {
        let [x, y] = turned([surface.normal.x, surface.normal.y], rotation_deg);
        surface.normal = Vector3::new(x, y, surface.normal.z);
    }
    out
}

/// Findings that an edit adds to those of the city, for a message beside the edit.
pub fn new_findings<'a>(baseline: &City, variant: &'a City) -> Vec<&'a Finding> {
    variant
        .findings
        .iter()
        .filter(|f| !baseline.findings.contains(f))
        .collect()
}
