//! City + edits = city of a variant. Buildings that no edit touches stay the same `Arc`.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use nalgebra::{Point3, Vector3};

use crate::city::assemble::{building_from_raw, extruded};
use crate::city::raw::{RawBuilding, RawPart, RawPolygon};
use crate::city::sources::Roots;
use crate::city::terrain::Ground;
use crate::city::{
    Breach, Building, BuildingAttributes, City, FloodWall, LayerKind, LayerSource, SurfaceKind,
    Terrain, Tree, WallCrest,
};
use crate::finding::Finding;
use crate::geo::Grid;
use crate::geo::ring::contains;

use super::draft::DraftCache;
use super::fault::{Fault, ScenarioError, list_of, nearest, shown};
use super::{Edit, Variant};

/// Keys of one variant's new buildings lie in a block of this size above the baseline.
const KEYS_PER_VARIANT: u32 = 65_536;

/// Distance (m) of the places under a footprint at which the terrain is asked.
const TERRAIN_STEP_M: f64 = 1.0;

/// A breach within this distance (m) of a flood wall belongs to it.
const BREACH_REACH_M: f64 = 5.0;

/// Most cells of a raster made from a network of triangles, and its cell size (m) where that allows it.
const MOST_TERRAIN_CELLS: f64 = 4e6;
const TERRAIN_CELL_M: f64 = 1.0;

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
    let first_key =
        baseline.buildings.len() as u32 + (number as u32).saturating_sub(1) * KEYS_PER_VARIANT;
    let mut faults = Vec::new();
    for (i, edit) in variant.edits.iter().enumerate() {
        match editor.apply(edit, first_key + i as u32) {
            Ok(()) => {}
            Err(EditFault::Fault(fault)) => {
                let mut fault = *fault;
                fault.text = format!(
                    "edit {} of variant `{}`: {}",
                    i + 1,
                    shown(&variant.name),
                    fault.text
                );
                let path = format!("variant[{number}].edit[{}]", i + 1);
                fault.field = match fault.field.as_str() {
                    "" => path,
                    field => format!("{path}.{field}"),
                };
                faults.push(fault);
            }
            Err(EditFault::Other(error)) => match *error {
                ScenarioError::Invalid(of_draft) => {
                    faults.extend(of_draft.into_iter().map(|mut fault| {
                        fault.text = format!(
                            "edit {} of variant `{}`: {}",
                            i + 1,
                            shown(&variant.name),
                            fault.text
                        );
                        fault
                    }))
                }
                // A missing file decides the exit code, so it is told at once.
                error => return Err(error),
            },
        }
    }
    if !faults.is_empty() {
        return Err(ScenarioError::Invalid(faults));
    }
    let Editor {
        mut city, sources, ..
    } = editor;
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
        0.0 => (0.0, 1.0),
        90.0 => (1.0, 0.0),
        180.0 => (0.0, -1.0),
        270.0 => (-1.0, 0.0),
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
                check_ring(&ring, "footprint")?;
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
                self.place(
                    id,
                    draft,
                    *position,
                    *base_height_m,
                    *rotation_deg,
                    *scale,
                    key,
                )
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
                let mut new = building_from_raw(&self.city.frame, old.key, &raw, &mut findings)
                    .ok_or_else(|| {
                        Fault::new(
                            "edit-no-geometry",
                            format!(
                                "building `{}` has no usable faces at this height",
                                shown(building)
                            ),
                        )
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
                let mut foot = self
                    .city
                    .frame
                    .local_from_crs([position[0], position[1], 0.0]);
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
            Edit::FloodWall {
                id,
                line,
                height_m,
                crest_level_m,
                mobile,
            } => {
                let crest = match (crest_level_m, height_m) {
                    (Some(level), _) => WallCrest::Level(*level),
                    (None, Some(height)) => WallCrest::AboveGround(*height),
                    (None, None) => {
                        let fault = Fault::new("alternatives", "the wall has no height");
                        return Err(fault.expected("`height_m` or `crest_level_m`").into());
                    }
                };
                Ok(self.build_wall(id, line, crest, *mobile)?)
            }
            Edit::Breach {
                id,
                line,
                width_m,
                sill_level_m,
                start_s,
                duration_s,
            } => {
                let breach = Breach {
                    id: id.clone(),
                    line: self.local_line(line),
                    width_m: *width_m,
                    sill_m: *sill_level_m,
                    start_s: *start_s,
                    duration_s: *duration_s,
                };
                Ok(self.cut_breach(breach)?)
            }
            Edit::RaiseTerrain {
                area,
                level_m,
                by_m,
                ..
            } => Ok(self.raise_terrain(area, *level_m, *by_m)?),
            Edit::GreenRoof {
                building,
                retention_mm,
            } => {
                let at = self.find(building)?;
                let mut green = Building::clone(&self.city.buildings[at]);
                green.attributes.green_roof_mm = Some(*retention_mm);
                self.city.buildings[at] = Arc::new(green);
                Ok(())
            }
            Edit::ShuttleService(change) => {
                Arc::make_mut(&mut self.city.shuttle_changes).push(change.clone());
                Ok(())
            }
            // Network and demand are read by the simulation, which applies them.
            Edit::BusPriority(_)
            | Edit::StreetClosure(_)
            | Edit::BusLane(_)
            | Edit::SignalPlan(_)
            | Edit::Headway(_) => {
                let changes = Arc::make_mut(&mut self.city.traffic_changes);
                changes.extend(edit.traffic_change());
                Ok(())
            }
            // So is the timetable.
            Edit::TransitLine(_)
            | Edit::TransitHeadway(_)
            | Edit::TransitStop(_)
            | Edit::TransitRemove(_)
            | Edit::ShuttleOffer(_) => {
                let changes = Arc::make_mut(&mut self.city.transit_changes);
                changes.extend(edit.transit_change());
                Ok(())
            }
        }
    }

    fn local_line(&self, line: &[[f64; 2]]) -> Vec<[f64; 2]> {
        line.iter()
            .map(|p| {
                let p = self.city.frame.local_from_crs([p[0], p[1], 0.0]);
                [p.x, p.y]
            })
            .collect()
    }

    fn build_wall(
        &mut self,
        id: &str,
        line: &[[f64; 2]],
        crest: WallCrest,
        mobile: bool,
    ) -> Result<(), Fault> {
        if self.city.flood_walls.iter().any(|w| w.id == id) {
            return Err(taken(id, "flood wall"));
        }
        let line = self.local_line(line);
        if line.windows(2).all(|w| w[0] == w[1]) {
            return Err(Fault::new("bad-line", "the line of the wall has no length")
                .field("line")
                .expected("at least two different points"));
        }
        Arc::make_mut(&mut self.city.flood_walls).push(FloodWall {
            id: id.to_owned(),
            line,
            crest,
            mobile,
        });
        Ok(())
    }

    fn cut_breach(&mut self, breach: Breach) -> Result<(), Fault> {
        if self.city.breaches.iter().any(|b| b.id == breach.id) {
            return Err(taken(&breach.id, "breach"));
        }
        let reach = BREACH_REACH_M.max(0.5 * breach.width_m);
        let on_wall = self.city.flood_walls.iter().any(|wall| {
            let near = |p: &[f64; 2]| distance_to_line(*p, &wall.line) <= reach;
            breach.line.iter().any(near) || lines_cross(&breach.line, &wall.line)
        });
        if breach.line.len() < 2 && !on_wall {
            let wall = self.city.flood_walls.iter().min_by(|a, b| {
                let distance = |w: &FloodWall| distance_to_line(breach.line[0], &w.line);
                distance(a).total_cmp(&distance(b))
            });
            let fault = Fault::new("edit-breach-nowhere", "the breach lies on no flood wall")
                .field("line")
                .expected(format!(
                    "a place within {BREACH_REACH_M} m of a flood wall that an earlier edit builds"
                ))
                .help("for a dike in the terrain give a line across it, from side to side");
            return Err(match wall {
                Some(wall) => fault.found(format!(
                    "{:.1} m to the nearest one, `{}`",
                    distance_to_line(breach.line[0], &wall.line),
                    shown(&wall.id)
                )),
                None => fault.found("no flood wall at all"),
            });
        }
        if !on_wall && breach.sill_m.is_none() {
            return Err(
                Fault::new("missing-field", "a breach of a dike needs its sill")
                    .field("sill_level_m")
                    .expected("the level (m above datum) that is left of the dike"),
            );
        }
        Arc::make_mut(&mut self.city.breaches).push(breach);
        Ok(())
    }

    /// Changes the heights inside an area. All other heights stay the same numbers; a network of triangles becomes a raster.
    fn raise_terrain(
        &mut self,
        area: &[[f64; 2]],
        level_m: Option<f64>,
        by_m: Option<f64>,
    ) -> Result<(), Fault> {
        check_ring(area, "area")?;
        let Some(terrain) = self.city.terrain.clone() else {
            return Err(Fault::new("edit-no-terrain", "the city has no terrain"));
        };
        let ring = self.local_line(area);
        let (grid, mut heights) = match &*terrain {
            Terrain::Raster { grid, heights } => (*grid, heights.clone()),
            Terrain::Tin { .. } => {
                let raster = gridded(&terrain);
                self.city.findings.push(
                    Finding::info("terrain-gridded")
                        .arg("cell_m", format!("{:.2}", raster.0.cell_m)),
                );
                raster
            }
        };
        let mut changed = 0;
        for (i, height) in heights.iter_mut().enumerate() {
            let [x, y] = grid.centre(i / grid.cols, i % grid.cols);
            if !contains(&ring, [x, y]) {
                continue;
            }
            let new = match (level_m, by_m) {
                (Some(level), _) => level,
                (None, by) => f64::from(*height) + by.unwrap_or(0.0),
            };
            if new.is_finite() {
                *height = new as f32;
                changed += 1;
            }
        }
        if changed == 0 {
            return Err(Fault::new(
                "edit-no-ground",
                "no height of the terrain lies in this area",
            )
            .field("area")
            .expected(format!(
                "an area on the terrain, larger than its cells of {} m",
                grid.cell_m
            )));
        }
        self.city.terrain = Some(Arc::new(Terrain::Raster { grid, heights }));
        Ok(())
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
            return Err(Fault::new(
                "draft-empty",
                format!("the draft `{}` has no surfaces", shown(path)),
            )
            .field("draft")
            .expected("a model with triangles")
            .found("none")
            .into());
        }
        let at = self
            .city
            .frame
            .local_from_crs([position[0], position[1], 0.0]);
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
                rings: rings
                    .iter()
                    .map(|ring| ring.iter().map(to_crs).collect())
                    .collect(),
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
        self.city
            .findings
            .extend(draft.size_finding(scale, id, path));
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
        let Some(mut building) = building_from_raw(&self.city.frame, key, &raw, &mut findings)
        else {
            return Err(Fault::new(
                "edit-no-geometry",
                format!("`{}` has no usable faces", shown(&raw.id)),
            )
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
                if removed {
                    "edit-removed-building"
                } else {
                    "edit-unknown-building"
                },
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
            if let Some(found) = (0..=start)
                .rev()
                .find(|i| buildings.get(*i).is_some_and(|b| b.id == id))
            {
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
        // What an earlier edit raised counts; it is a raster, which is quick to ask.
        if let Some(terrain) = &self.city.terrain
            && !baseline
                .terrain
                .as_ref()
                .is_some_and(|b| Arc::ptr_eq(b, terrain))
            && let Some(height) = terrain.height_at(x, y)
        {
            return height;
        }
        self.ground
            .get_or_init(|| baseline.ground())
            .height_at(x, y)
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
            let steps = ((b[0] - a[0]).hypot(b[1] - a[1]) / TERRAIN_STEP_M)
                .ceil()
                .clamp(1.0, 2000.0) as usize;
            for k in 0..steps {
                let t = k as f64 / steps as f64;
                ask(a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1]));
            }
        }
        let (lo, hi) = local.iter().fold(
            ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]),
            |(lo, hi), p| {
                (
                    [lo[0].min(p[0]), lo[1].min(p[1])],
                    [hi[0].max(p[0]), hi[1].max(p[1])],
                )
            },
        );
        // At most some 40 000 places, also under a very large footprint.
        let step = TERRAIN_STEP_M.max((hi[0] - lo[0]).max(hi[1] - lo[1]) / 200.0);
        let (cols, rows) = (
            ((hi[0] - lo[0]) / step) as usize,
            ((hi[1] - lo[1]) / step) as usize,
        );
        for row in 1..=rows {
            for col in 1..=cols {
                let (x, y) = (lo[0] + col as f64 * step, lo[1] + row as f64 * step);
                if contains(&local, [x, y]) {
                    ask(x, y);
                }
            }
        }
        lowest
    }
}

fn taken(id: &str, what: &str) -> Fault {
    Fault::new(
        "duplicate-id",
        format!("there is already a {what} `{}`", shown(id)),
    )
    .field("id")
    .expected("an id that the city does not have")
    .help("choose another id")
}

/// Distance of a place from a polyline, which may be one point.
fn distance_to_line(p: [f64; 2], line: &[[f64; 2]]) -> f64 {
    let to = |q: [f64; 2]| (p[0] - q[0]).hypot(p[1] - q[1]);
    let on_segments = line.windows(2).map(|w| {
        let [a, b] = [w[0], w[1]];
        let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
        let length2 = dx * dx + dy * dy;
        let t = if length2 > 0.0 {
            (((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length2).clamp(0.0, 1.0)
        } else {
            0.0
        };
        to([a[0] + t * dx, a[1] + t * dy])
    });
    let first = line.first().map_or(f64::INFINITY, |q| to(*q));
    on_segments.fold(first, f64::min)
}

fn side(a: [f64; 2], b: [f64; 2], c: [f64; 2]) -> f64 {
    (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}

fn lines_cross(one: &[[f64; 2]], other: &[[f64; 2]]) -> bool {
    one.windows(2).any(|v| {
        let (a, b) = (v[0], v[1]);
        other.windows(2).any(|w| {
            let (c, d) = (w[0], w[1]);
            side(a, b, c) * side(a, b, d) < 0.0 && side(c, d, a) * side(c, d, b) < 0.0
        })
    })
}

/// Heights of a network of triangles on a raster.
fn gridded(terrain: &Terrain) -> (Grid, Vec<f32>) {
    let (lo, hi) = match terrain {
        Terrain::Raster { grid, .. } => grid.bounds(),
        Terrain::Tin { vertices, .. } => vertices.iter().fold(
            ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]),
            |(lo, hi), p| {
                (
                    [lo[0].min(p.x), lo[1].min(p.y)],
                    [hi[0].max(p.x), hi[1].max(p.y)],
                )
            },
        ),
    };
    let area = (hi[0] - lo[0]) * (hi[1] - lo[1]);
    let cell_m = TERRAIN_CELL_M.max((area / MOST_TERRAIN_CELLS).sqrt());
    let grid = Grid::covering(lo, hi, cell_m);
    let sampler = terrain.sampler();
    let heights = (0..grid.len())
        .map(|i| {
            let [x, y] = grid.centre(i / grid.cols, i % grid.cols);
            sampler.height_at(x, y).map_or(f32::NAN, |h| h as f32)
        })
        .collect();
    (grid, heights)
}

/// A ring must have an area and must not cross itself.
fn check_ring(ring: &[[f64; 2]], field: &str) -> Result<(), Fault> {
    let origin = ring[0];
    let p: Vec<[f64; 2]> = ring
        .iter()
        .map(|q| [q[0] - origin[0], q[1] - origin[1]])
        .collect();
    let n = p.len();
    let area = 0.5
        * (0..n)
            .map(|i| p[i][0] * p[(i + 1) % n][1] - p[(i + 1) % n][0] * p[i][1])
            .sum::<f64>();
    let fault = |text: String| Fault::new("bad-footprint", text).field(field);
    if area.abs() < 0.1 {
        return Err(fault(format!("the {field} has no area"))
            .expected("at least 0.1 m²")
            .found(format!("{:.3} m²", area.abs())));
    }
    for i in 0..n {
        for j in i + 2..n {
            if i == 0 && j == n - 1 {
                continue;
            }
            let (a, b, c, d) = (p[i], p[i + 1], p[j], p[(j + 1) % n]);
            if side(a, b, c) * side(a, b, d) < 0.0 && side(c, d, a) * side(c, d, b) < 0.0 {
                return Err(fault(format!("the {field} crosses itself"))
                    .expected("corners in order around it")
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
    let lift = eaves.is_finite()
        && eaves > highest_ground.max(ground) + 0.1
        && eaves + rise > highest_ground.max(ground) + 0.1;
    let factor = if ridge > ground {
        height_m / (ridge - ground)
    } else {
        1.0
    };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::Terrain;
    use crate::geo::{Crs, Grid, LocalFrame};
    use std::path::PathBuf;

    const EAST: f64 = 565_000.0;
    const NORTH: f64 = 5_934_000.0;

    fn block(id: &str, key: u32, at: [f64; 2], base: f64, height: f64) -> Arc<Building> {
        let [e, n] = [EAST + at[0], NORTH + at[1]];
        let ring = vec![[e, n], [e + 10.0, n], [e + 10.0, n + 20.0], [e, n + 20.0]];
        let raw = extruded(
            id,
            &[ring],
            base,
            height,
            BuildingAttributes {
                storeys: Some(4),
                ..Default::default()
            },
        );
        Arc::new(building_from_raw(&frame(), key, &raw, &mut Vec::new()).unwrap())
    }

    fn frame() -> LocalFrame {
        LocalFrame::near(Crs::utm32(), EAST, NORTH)
    }

    /// Two blocks on a slope that rises by 0.1 m per metre to the east.
    fn city() -> City {
        let grid = Grid {
            west: -100.0,
            north: 100.0,
            cell_m: 1.0,
            cols: 200,
            rows: 200,
        };
        let heights = (0..grid.len())
            .map(|i| (0.1 * grid.centre(i / 200, i % 200)[0]) as f32)
            .collect();
        City {
            buildings: vec![
                block("b1", 0, [0.0, 0.0], 2.0, 12.0),
                block("b2", 1, [50.0, 0.0], 7.0, 8.0),
            ],
            terrain: Some(Arc::new(Terrain::Raster { grid, heights })),
            ..City::empty("test", frame())
        }
    }

    fn apply(edits: Vec<Edit>) -> Result<City, ScenarioError> {
        apply_at(1, edits, PathBuf::new())
    }

    fn apply_at(number: usize, edits: Vec<Edit>, folder: PathBuf) -> Result<City, ScenarioError> {
        let variant = Variant {
            name: "V".to_owned(),
            comment: None,
            edits,
        };
        let roots = Roots { folder, data: None };
        apply_edits(&city(), &variant, number, &roots, &DraftCache::default())
    }

    fn new_block(id: &str, rotation_deg: f64, base_height_m: Option<f64>) -> Edit {
        let [e, n] = [EAST + 20.0, NORTH + 30.0];
        Edit::AddBuilding {
            id: id.to_owned(),
            footprint: vec![[e, n], [e + 20.0, n], [e + 20.0, n + 10.0], [e, n + 10.0]],
            height_m: 15.0,
            storeys: Some(5),
            base_height_m,
            rotation_deg,
        }
    }

    fn remove(id: &str) -> Edit {
        Edit::Remove {
            building: id.to_owned(),
        }
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-6
    }

    #[test]
    fn an_added_block_stands_on_the_lowest_ground_and_is_closed() {
        let city = apply(vec![new_block("n", 0.0, None)]).unwrap();
        let new = city.building("n").unwrap();
        let (low, high) = new.z_range();
        // The terrain under the western side (x = 20) is 2.0 m; f32 heights hold that to 1e-6.
        assert!(
            (low - 2.0).abs() < 1e-5 && (high - 17.0).abs() < 1e-5,
            "{low} {high}"
        );
        assert!((new.volume_m3().unwrap() - 20.0 * 10.0 * 15.0).abs() < 1e-3);
        assert!(new.draft && new.attributes.storeys == Some(5));
        assert!(Arc::ptr_eq(
            &city.buildings[0],
            city.building("b1").unwrap()
        ));
    }

    #[test]
    fn a_given_base_wins_and_a_turn_is_clockwise_about_the_centre() {
        let city = apply(vec![new_block("n", 90.0, Some(4.0))]).unwrap();
        let (min, max) = city.building("n").unwrap().bounds();
        // 20 × 10 m about (30, 35) becomes 10 × 20 m.
        assert!(
            close(min.x, 25.0) && close(max.x, 35.0) && close(min.y, 25.0) && close(max.y, 45.0),
            "{min} {max}"
        );
        assert!(close(min.z, 4.0) && close(max.z, 19.0));
        let [x, y] = turned([0.0, 1.0], 30.0);
        assert!(
            close(x, 0.5) && close(y, 0.75_f64.sqrt()),
            "north turns towards east: {x} {y}"
        );
    }

    #[test]
    fn keys_are_those_of_variant_and_edit() {
        let first = apply_at(
            1,
            vec![new_block("n", 0.0, None), new_block("m", 0.0, None)],
            PathBuf::new(),
        )
        .unwrap();
        let second = apply_at(2, vec![new_block("n", 0.0, None)], PathBuf::new()).unwrap();
        let keys = |c: &City| c.buildings.iter().map(|b| b.key).collect::<Vec<_>>();
        assert_eq!(keys(&first), [0, 1, 2, 3]);
        assert_eq!(keys(&second), [0, 1, 2 + KEYS_PER_VARIANT]);
        let moved = apply(vec![
            remove("b1"),
            Edit::Move {
                building: "b2".to_owned(),
                by: [1.0, 0.0],
                raise_m: 0.0,
                rotation_deg: 0.0,
            },
        ]);
        assert_eq!(keys(&moved.unwrap()), [1], "a moved building keeps its key");
    }

    #[test]
    fn a_removed_building_is_gone_and_its_id_free_again() {
        let city = apply(vec![remove("b1"), new_block("b1", 0.0, None)]).unwrap();
        assert_eq!(
            city.buildings
                .iter()
                .map(|b| b.id.as_str())
                .collect::<Vec<_>>(),
            ["b2", "b1"]
        );
        let twice = apply(vec![remove("b1"), remove("b1")])
            .unwrap_err()
            .to_string();
        assert!(
            twice.contains("was removed by an earlier edit")
                && twice.contains("variant[1].edit[2].building"),
            "{twice}"
        );
        let again = apply(vec![remove("b1"), new_block("b1", 0.0, None), remove("b1")]).unwrap();
        assert_eq!(again.buildings.len(), 1);
    }

    #[test]
    fn a_new_height_lifts_the_roof_and_stretches_the_walls() {
        let to = |height_m| {
            apply(vec![Edit::SetHeight {
                building: "b1".to_owned(),
                height_m,
            }])
            .unwrap()
        };
        for height in [30.0, 3.0] {
            let city = to(height);
            let b = city.building("b1").unwrap();
            let (low, high) = b.z_range();
            assert!(close(low, 2.0) && close(high, 2.0 + height), "{low} {high}");
            assert!((b.volume_m3().unwrap() - 200.0 * height).abs() < 1e-3);
            assert_eq!(
                (b.attributes.measured_height_m, b.attributes.storeys),
                (Some(height), None)
            );
            assert!(
                close(b.area_m2(SurfaceKind::Roof), 200.0)
                    && (b.area_m2(SurfaceKind::Wall) - 60.0 * height).abs() < 1e-3
            );
            assert_eq!(b.key, 0);
            assert!(!b.draft);
        }
    }

    #[test]
    fn a_moved_building_turns_about_its_own_centre() {
        let city = apply(vec![Edit::Move {
            building: "b1".to_owned(),
            by: [100.0, 10.0],
            raise_m: 1.5,
            rotation_deg: 90.0,
        }])
        .unwrap();
        let b = city.building("b1").unwrap();
        let (min, max) = b.bounds();
        assert!(
            close(min.x, 95.0) && close(max.x, 115.0) && close(min.y, 15.0) && close(max.y, 25.0),
            "{min} {max}"
        );
        assert!(close(min.z, 3.5) && close(max.z, 15.5));
        for surface in &b.geometry.surfaces {
            let [p, q, r] = b.geometry.surface_triangles(surface).next().unwrap();
            let normal = (q - p).cross(&(r - p)).normalize();
            assert!(
                (normal - surface.normal).norm() < 1e-9,
                "normals turn with the walls"
            );
        }
    }

    #[test]
    fn trees_stand_on_the_ground() {
        let tree = |id: &str| Edit::AddTree {
            id: id.to_owned(),
            position: [EAST + 40.0, NORTH],
            height_m: 10.0,
            crown_diameter_m: 6.0,
        };
        let city = apply(vec![tree("t")]).unwrap();
        assert!(
            (city.trees[0].foot.z - 4.0).abs() < 1e-5,
            "{}",
            city.trees[0].foot
        );
        assert!(
            apply(vec![tree("t"), tree("t")])
                .unwrap_err()
                .to_string()
                .contains("there is already a tree `t`")
        );
    }

    #[test]
    fn all_faulty_edits_are_named_with_place_and_help() {
        let cross = Edit::AddBuilding {
            id: "x".to_owned(),
            footprint: vec![[0.0, 0.0], [10.0, 10.0], [10.0, 0.0], [0.0, 10.0]],
            height_m: 5.0,
            storeys: None,
            base_height_m: None,
            rotation_deg: 0.0,
        };
        let error = apply(vec![
            remove("b11"),
            new_block("b2", 0.0, None),
            cross,
            remove("zzz"),
        ])
        .unwrap_err();
        assert_eq!(error.exit_code(), 65);
        let found: Vec<(&str, &str)> = error
            .faults()
            .iter()
            .map(|f| (f.code, f.field.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("edit-unknown-building", "variant[1].edit[1].building"),
                ("duplicate-id", "variant[1].edit[2].id"),
                ("bad-footprint", "variant[1].edit[3].footprint"),
                ("edit-unknown-building", "variant[1].edit[4].building"),
            ]
        );
        assert_eq!(
            error.faults()[0].help.as_deref(),
            Some("did you mean `b1`?")
        );
        assert_eq!(
            error.faults()[3].help.as_deref(),
            Some("ids of this city look like `b1` or `b2`")
        );
    }

    #[test]
    fn a_placed_draft_is_scaled_turned_and_set_on_the_ground() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(
            folder.path().join("box.gltf"),
            super::super::draft::tests::box_gltf([4.0, 10.0, 2.0]),
        )
        .unwrap();
        let place = |rotation_deg, scale, base_height_m| Edit::Place {
            id: "d".to_owned(),
            draft: "box.gltf".to_owned(),
            position: [EAST + 30.0, NORTH + 50.0],
            base_height_m,
            rotation_deg,
            scale,
        };
        let city = apply_at(1, vec![place(0.0, 1.0, None)], folder.path().to_owned()).unwrap();
        let draft = city.building("d").unwrap();
        let (min, max) = draft.bounds();
        // The box spans x 0 to 4, y (up) 0 to 10, z (south) 0 to 2.
        assert!(
            close(min.x, 30.0) && close(max.x, 34.0) && close(min.y, 48.0) && close(max.y, 50.0),
            "{min} {max}"
        );
        assert!(
            (min.z - 3.0).abs() < 1e-5 && (max.z - 13.0).abs() < 1e-5,
            "{min} {max}"
        );
        assert_eq!(
            draft.geometry.surfaces.len(),
            6,
            "two triangles make one wall"
        );
        assert!((draft.volume_m3().unwrap() - 80.0).abs() < 1e-3);
        assert!(
            (draft.area_m2(SurfaceKind::Wall) - 120.0).abs() < 1e-3
                && (draft.area_m2(SurfaceKind::Roof) - 8.0).abs() < 1e-3
        );
        assert_eq!(city.sources.len(), 1);
        assert_eq!(
            (city.sources[0].path.as_str(), city.sources[0].blake3.len()),
            ("box.gltf", 64)
        );

        let turned = apply_at(
            1,
            vec![place(90.0, 2.0, Some(7.0))],
            folder.path().to_owned(),
        )
        .unwrap();
        let (min, max) = turned.building("d").unwrap().bounds();
        assert!(
            close(min.x, 26.0) && close(max.x, 30.0) && close(min.y, 42.0) && close(max.y, 50.0),
            "{min} {max}"
        );
        assert!(close(min.z, 7.0) && close(max.z, 27.0));

        let tiny = apply_at(1, vec![place(0.0, 0.001, None)], folder.path().to_owned()).unwrap();
        let size: Vec<_> = tiny
            .findings
            .iter()
            .filter(|f| f.code == "draft-size")
            .collect();
        assert_eq!(
            (
                size.len(),
                size[0].args["width"].as_str(),
                size[0].args["height"].as_str()
            ),
            (1, "4.0 mm", "1 cm")
        );
        let missing =
            apply_at(1, vec![place(0.0, 1.0, None)], folder.path().join("none")).unwrap_err();
        assert_eq!(missing.exit_code(), 66);
    }
}
