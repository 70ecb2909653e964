//! Which maps a run gives, and the walls and extents they need.

use std::collections::BTreeMap;

use crate::city::{Building, City, SurfaceKind};
use crate::geo::Grid;
use crate::result::compare::{
    FieldDifference, ObjectDifference, compare_objects, compare_tables, difference_table,
    field_differences,
};
use crate::result::legend::{LegendKind, legend};
use crate::result::{Field, FieldData, RunResult, SimulationResult, Table, VariantResult};
use crate::sun::ReceiverKind;
use crate::text::{Texts, texts};

use super::flood;
use super::map_svg::{
    ArrowLayer, Extent, HatchLayer, MapSpec, WATER_ARROWS, WIND_ARROWS, WallLayer, WallMark,
    map_svg, source_line,
};
use super::raster::DrawError;
use super::wind;

/// Width of text on A4 with 18 mm margins (mm).
pub const PAGE_WIDTH_MM: f64 = 174.0;
/// Width of one of two maps side by side (mm).
pub const HALF_WIDTH_MM: f64 = 84.0;

/// What a map shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Values of the baseline.
    Baseline,
    /// Values of the variant.
    Variant,
    /// Variant minus baseline.
    Difference,
}

/// The largest value of each wall that has one, by (building key, surface).
pub fn best_per_wall(field: &Field) -> BTreeMap<(u32, u32), f32> {
    let mut best = BTreeMap::new();
    let FieldData::Receivers {
        receivers,
        range,
        values,
    } = &field.data
    else {
        return best;
    };
    for (i, value) in range.clone().zip(values.iter()) {
        if receivers.kinds[i] == ReceiverKind::Facade && !value.is_nan() {
            let entry = best
                .entry((receivers.buildings[i], receivers.surfaces[i]))
                .or_insert(*value);
            *entry = value.max(*entry);
        }
    }
    best
}

/// True for a field whose values sit on facades.
pub fn is_facade_field(field: &Field) -> bool {
    match &field.data {
        FieldData::Receivers {
            receivers, range, ..
        } => range
            .clone()
            .next()
            .is_some_and(|i| receivers.kinds[i] == ReceiverKind::Facade),
        FieldData::Raster { .. } => false,
    }
}

/// Lines in plan of the walls in `values`, in the unit of the values.
pub fn wall_marks(city: &City, values: &BTreeMap<(u32, u32), f32>) -> Vec<WallMark> {
    let by_key: BTreeMap<u32, &Building> = city.buildings.iter().map(|b| (b.key, &**b)).collect();
    values
        .iter()
        .filter_map(|((key, surface), value)| {
            let (line, outward) = wall_line(by_key.get(key)?, *surface)?;
            Some(WallMark {
                line,
                outward,
                value: f64::from(*value),
            })
        })
        .collect()
}

/// Ends of a wall in plan and its outward direction; `None` for a surface without horizontal direction.
pub fn wall_line(building: &Building, surface: u32) -> Option<([[f64; 2]; 2], [f64; 2])> {
    let surface = building.geometry.surfaces.get(surface as usize)?;
    let length = surface.normal.x.hypot(surface.normal.y);
    if length < 1e-6 {
        return None;
    }
    let outward = [surface.normal.x / length, surface.normal.y / length];
    let along = [-outward[1], outward[0]];
    let ring = building.geometry.ring(surface.rings.start);
    let first = ring.first()?;
    let offset =
        |p: &nalgebra::Point3<f64>| (p.x - first.x) * along[0] + (p.y - first.y) * along[1];
    let (lo, hi) = ring
        .iter()
        .map(offset)
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), t| {
            (lo.min(t), hi.max(t))
        });
    let at = |t: f64| [first.x + t * along[0], first.y + t * along[1]];
    Some(([at(lo), at(hi)], outward))
}

/// Ground surfaces of a building in plan, each as its rings: exterior first, then holes, closed. Without any, all roofs.
pub fn ground_rings(building: &Building) -> Vec<Vec<Vec<[f64; 2]>>> {
    let geometry = &building.geometry;
    let of_kind = |kind: SurfaceKind| -> Vec<Vec<Vec<[f64; 2]>>> {
        let surfaces = geometry.surfaces.iter().filter(|s| s.kind == kind);
        surfaces
            .map(|surface| {
                let rings = surface.rings.clone();
                rings
                    .map(|ring| {
                        let ring = geometry.ring(ring);
                        let mut points: Vec<[f64; 2]> = ring.iter().map(|p| [p.x, p.y]).collect();
                        // Seen from above an exterior runs counter-clockwise; ground surfaces are seen from below.
                        if kind == SurfaceKind::Ground {
                            points.reverse();
                        }
                        points.extend(points.first().copied());
                        points
                    })
                    .collect()
            })
            .collect()
    };
    let ground = of_kind(SurfaceKind::Ground);
    if ground.is_empty() {
        of_kind(SurfaceKind::Roof)
    } else {
        ground
    }
}

/// Box of the results of a simulation, or of the buildings where it has no raster.
pub fn result_extent(city: &City, simulation: &SimulationResult) -> Option<Extent> {
    let mut points: Vec<[f64; 2]> = Vec::new();
    for field in &simulation.fields {
        if let FieldData::Raster { grid, values } = &field.data {
            // Only where there are values: the grid may reach beyond the terrain.
            for row in 0..grid.rows {
                let cells = &values[grid.index(row, 0)..grid.index(row, 0) + grid.cols];
                let first = cells.iter().position(|v| !v.is_nan());
                let last = cells.iter().rposition(|v| !v.is_nan());
                points.extend(
                    first
                        .into_iter()
                        .chain(last)
                        .map(|col| grid.centre(row, col)),
                );
            }
        }
    }
    if points.is_empty() {
        for building in &city.buildings {
            let (min, max) = building.bounds();
            points.extend([[min.x, min.y], [max.x, max.y]]);
        }
    }
    Extent::around(points)
}

/// Changes of this share of the range of their legend (half an hour of sun, 6 cm of water) are in the focus of the maps.
const FOCUS_SHARE: f64 = 0.125;
/// Margin (m) around what changed.
const FOCUS_MARGIN_M: f64 = 25.0;

/// What one variant changed in the fields of one simulation.
pub struct VariantChange {
    /// Objects that differ.
    pub objects: ObjectDifference,
    /// Differences of all fields.
    pub fields: Vec<FieldDifference>,
    /// For each of `fields` on facades: best point of the variant minus best point of the baseline, per wall.
    pub walls: Vec<BTreeMap<(u32, u32), f32>>,
    /// Baseline, variant and change of all tables.
    pub tables: Vec<Table>,
    /// Part of the city where something changed visibly.
    pub focus: Option<Extent>,
}

/// Compares a variant with the baseline.
pub fn variant_change(
    baseline: &VariantResult,
    simulation_b: &SimulationResult,
    variant: &VariantResult,
    simulation: &SimulationResult,
) -> VariantChange {
    let objects = compare_objects(&baseline.city, &variant.city);
    let fields = field_differences(simulation_b, simulation);
    let walls = fields
        .iter()
        .map(|difference| {
            let id = difference.field.id.trim_end_matches("_difference");
            let best =
                |s: &SimulationResult| s.fields.iter().find(|f| f.id == id).map(best_per_wall);
            let before = best(simulation_b).unwrap_or_default();
            let mut after = best(simulation).unwrap_or_default();
            after.retain(|wall, value| match before.get(wall) {
                Some(old) => {
                    *value -= old;
                    true
                }
                None => false,
            });
            after
        })
        .collect();
    let full = result_extent(&baseline.city, simulation_b);
    let mut points: Vec<[f64; 2]> = Vec::new();
    let boxes = objects
        .added
        .iter()
        .chain(&objects.removed)
        .chain(objects.changed.iter().flatten());
    for building in boxes {
        let (min, max) = building.bounds();
        points.extend([[min.x, min.y], [max.x, max.y]]);
    }
    for tree in objects.trees_added.iter().chain(&objects.trees_removed) {
        points.push([tree.foot.x, tree.foot.y]);
    }
    let barriers = variant.city.flood_walls.iter().map(|w| &w.line);
    let breaches = variant.city.breaches.iter().map(|b| &b.line);
    points.extend(barriers.chain(breaches).flatten());
    for difference in &fields {
        let Some(LegendKind::Continuous { max, .. }) =
            legend(difference.field.legend).map(|l| &l.kind)
        else {
            continue;
        };
        let visible = (FOCUS_SHARE * max) as f32;
        match &difference.field.data {
            FieldData::Raster { grid, values } => {
                for row in 0..grid.rows {
                    for col in 0..grid.cols {
                        if values[grid.index(row, col)].abs() >= visible {
                            points.push(grid.centre(row, col));
                        }
                    }
                }
            }
            FieldData::Receivers {
                receivers,
                range,
                values,
            } => points.extend(
                range
                    .clone()
                    .zip(values.iter())
                    .filter(|(_, v)| v.abs() >= visible)
                    .map(|(i, _)| receivers.positions[i])
                    .map(|p| [f64::from(p[0]), f64::from(p[1])]),
            ),
        }
    }
    let changed = Extent::around(points).map(|e| e.grown(FOCUS_MARGIN_M));
    let focus = match (changed, full) {
        (Some(changed), Some(full)) => changed.intersection(full).or(Some(full)),
        (changed, full) => full.or(changed),
    };
    let changed = objects.changed_ids();
    let tables = simulation
        .tables
        .iter()
        // A log has no key: its lines are not those of the other side.
        .filter(|table| table.key_columns > 0)
        .filter_map(|table| {
            let old = simulation_b.tables.iter().find(|t| t.id == table.id)?;
            let rows = compare_tables(old, table).rows;
            Some(difference_table(old, table, &rows, &changed))
        })
        .collect();
    VariantChange {
        tables,
        objects,
        fields,
        walls,
        focus,
    }
}

/// Everything a map of one field needs.
pub struct FieldMap<'a> {
    /// The run.
    pub run: &'a RunResult,
    /// Variant of the city that is drawn, baseline = 0.
    pub variant: usize,
    /// The field: values, or the difference.
    pub field: &'a Field,
    /// What is shown.
    pub shown: Shown,
    /// Changed objects.
    pub changes: Option<&'a ObjectDifference>,
    /// Walls, for a facade field.
    pub walls: Vec<WallMark>,
    /// Part of the city.
    pub extent: Extent,
    /// Width on paper (mm).
    pub width_mm: f64,
    /// Largest height of the map on paper (mm).
    pub max_height_mm: f64,
}

/// Name of a variant for people.
pub fn variant_name(run: &RunResult, variant: usize, texts: &Texts) -> String {
    if variant == 0 {
        texts.get("common-variant-baseline")
    } else {
        run.variants
            .get(variant)
            .map_or_else(String::new, |v| v.name.clone())
    }
}

/// Title of a field: quantity, plane, day or wind direction.
pub fn field_title(field: &Field, texts: &Texts) -> String {
    let mut title = format!("{} {}", texts.get(field.quantity), texts.get(field.plane));
    if let Some(date) = &field.date {
        title = format!("{title}, {}", texts.language().date(date));
    }
    if let Some(deg) = field.from_deg {
        let deg = texts
            .language()
            .number(deg, usize::from(deg.fract() != 0.0));
        title = format!("{title}, {}", texts.with("wind-from", &[("deg", deg)]));
    }
    title
}

/// Fields of water that are drawn with arrows.
const WITH_ARROWS: [&str; 2] = ["flood_depth_max", "flood_speed_max"];

/// The raster with this id among the results of the map's variant.
fn raster<'a>(map: &FieldMap<'a>, id: &str) -> Option<(&'a Grid, &'a [f32])> {
    raster_of(map, map.variant, id)
}

fn raster_of<'a>(map: &FieldMap<'a>, variant: usize, id: &str) -> Option<(&'a Grid, &'a [f32])> {
    let simulations = &map.run.variants.get(variant)?.simulations;
    let fields = simulations.iter().flat_map(|s| &s.fields);
    let mut fields = fields.filter(|f| f.id == id);
    fields.find_map(|f| match &f.data {
        FieldData::Raster { grid, values } => Some((grid, values.as_slice())),
        FieldData::Receivers { .. } => None,
    })
}

/// Directions of water or wind for a map of depth or speed; none on small maps, where they hide what is below.
fn arrows<'a>(map: &FieldMap<'a>) -> Option<ArrowLayer<'a>> {
    if map.shown == Shown::Difference || map.width_mm < 120.0 {
        return None;
    }
    if let Some(direction) = map.field.id.strip_prefix("wind_speed_") {
        let (grid, direction_deg) = raster(map, &format!("wind_direction_{direction}"))?;
        let (_, speed_m_per_s) = raster(map, &map.field.id)?;
        return Some(ArrowLayer {
            grid,
            direction_deg,
            speed_m_per_s,
            lengths_mm: WIND_ARROWS,
            label: "report-map-wind-arrows",
        });
    }
    if !WITH_ARROWS.contains(&map.field.id.as_str()) {
        return None;
    }
    let (grid, direction_deg) = raster(map, "flood_direction")?;
    let (_, speed_m_per_s) = raster(map, "flood_speed_max")?;
    Some(ArrowLayer {
        grid,
        direction_deg,
        speed_m_per_s,
        lengths_mm: WATER_ARROWS,
        label: "report-map-arrows",
    })
}

/// Cells of a map of classes that have none.
fn hatch<'a>(map: &FieldMap<'a>) -> Option<HatchLayer<'a>> {
    if !wind::is_hatched(&map.field.id) {
        return None;
    }
    let (grid, mask) = raster(map, wind::MASK)?;
    // A difference needs both.
    let baseline = raster_of(map, 0, wind::MASK).filter(|(g, _)| *g == grid);
    let baseline = baseline.filter(|_| map.shown == Shown::Difference);
    let masks = std::iter::once(mask).chain(baseline.map(|(_, mask)| mask));
    Some(HatchLayer {
        grid,
        masks: masks.collect(),
    })
}

/// Name of the event that a field belongs to, if its simulation has one.
fn event_name(map: &FieldMap<'_>, texts: &Texts) -> Option<String> {
    let id = map.field.id.trim_end_matches("_difference");
    let simulations = &map.run.variants.get(map.variant)?.simulations;
    let of = simulations
        .iter()
        .find(|s| s.fields.iter().any(|f| f.id == id))?;
    flood::event(texts, of)
}

/// Draws the map of one field.
pub fn field_map(map: &FieldMap) -> Result<String, DrawError> {
    let texts = texts(map.run.scenario.scenario.language);
    let variant = &map.run.variants[map.variant];
    let mut title = field_title(map.field, texts);
    let name = variant_name(map.run, map.variant, texts);
    let mut subtitle = format!("{} · {name}", map.run.scenario.scenario.name);
    if map.shown == Shown::Difference {
        title = format!("{}: {title}", texts.get("report-map-difference"));
        subtitle = format!(
            "{} · {}",
            map.run.scenario.scenario.name,
            texts.with(
                "report-map-minus",
                &[
                    ("variant", name.as_str()),
                    ("baseline", texts.get("common-variant-baseline").as_str()),
                ],
            )
        );
    }
    if let Some(event) = event_name(map, texts) {
        subtitle = format!("{subtitle} · {event}");
    }
    let is_raster = matches!(map.field.data, FieldData::Raster { .. });
    let walls = (!is_raster).then(|| WallLayer {
        title: format!(
            "{} ({})",
            texts.get(if map.shown == Shown::Difference {
                "report-map-best-point-change"
            } else {
                "report-map-best-point"
            }),
            map.field.unit
        ),
        legend: map.field.legend,
        walls: map.walls.clone(),
    });
    map_svg(&MapSpec {
        texts,
        title,
        subtitle,
        city: &variant.city,
        changes: map.changes,
        raster: is_raster.then_some(map.field),
        walls,
        arrows: arrows(map),
        hatch: hatch(map),
        extent: map.extent,
        width_mm: map.width_mm,
        max_height_mm: map.max_height_mm,
        sources: source_line(&variant.city, texts),
        stamp: stamp(map.run, texts),
    })
}

/// Program version and scenario hash, as printed on every picture.
pub fn stamp(run: &RunResult, texts: &Texts) -> String {
    let hash: String = run.scenario_blake3.chars().take(12).collect();
    texts.with(
        "report-stamp",
        &[
            ("version", env!("CARGO_PKG_VERSION")),
            ("hash", hash.as_str()),
        ],
    )
}
