//! Brings all layers into one frame and checks them.

use std::collections::HashMap;
use std::sync::Arc;

use nalgebra::Point3;
use rayon::prelude::*;

use crate::city::assemble::{building_from_raw, make_ids_unique};
use crate::city::error::{CityError, CityErrorKind};
use crate::city::osm::typical_width_m;
use crate::city::raw::{Imported, RawBuilding, RawFootprint};
use crate::city::{Building, City, LandCover, LayerSource, Street, Tree};
use crate::finding::Finding;
use crate::geo::LocalFrame;
use crate::job::Job;

use super::city::stopped;
use super::frame::{choose_frame, local_line, local_xy};
use super::ground::{Drape, check_fit, level_ground, lowest_point, terrain_of};
use super::layers::{Layer, each_position, sources_of};

/// Puts the layers together.
pub(super) fn assembled(
    name: String,
    mut layers: Vec<Layer>,
    mut findings: Vec<Finding>,
    job: &Job,
) -> Result<City, CityError> {
    job.phase("phase-city-place");
    let frame = choose_frame(&mut layers, &mut findings)?;
    let sources: Vec<LayerSource> = layers
        .iter()
        .flat_map(|l| sources_of(l, &frame.crs))
        .collect();
    let mut grounds = Vec::new();
    let mut raws: Vec<RawBuilding> = Vec::new();
    let mut footprints: Vec<RawFootprint> = Vec::new();
    let mut rest: Vec<Imported> = Vec::new();
    let mut model: Option<(f64, String)> = None;
    for mut layer in layers {
        if job.is_cancelled() {
            return Err(stopped(&layer.written));
        }
        let fault = |error: crate::geo::crs::CrsError| {
            CityError::new(CityErrorKind::Crs, &layer.written, error.to_string())
        };
        let converter = match &layer.crs {
            Some(crs) => crs.converter_to(&frame.crs).map_err(fault)?,
            None => None,
        };
        if let Some(converter) = &converter {
            // A position that cannot be converted becomes NaN and is dropped with its object.
            each_position(&mut layer.imported, |p| {
                *p = converter.convert(*p).unwrap_or([f64::NAN; 2]);
            });
        }
        if let Some(raw) = layer.imported.terrain.take() {
            grounds.push((layer.source.layer, layer.written.clone(), raw, converter));
        }
        if let Some(ground_m) = layer.imported.ground_plane_m
            && model.as_ref().is_none_or(|(lowest, _)| ground_m < *lowest)
        {
            model = Some((ground_m, layer.written.clone()));
        }
        findings.append(&mut layer.imported.findings);
        without_twins(&mut layer.imported.buildings, &raws, &mut findings);
        raws.append(&mut layer.imported.buildings);
        footprints.append(&mut layer.imported.footprints);
        rest.push(layer.imported);
    }
    let mut terrain = terrain_of(&frame, grounds, &mut findings)?;
    if let (None, Some((ground_m, place))) = (&terrain, model) {
        terrain = level_ground(&frame, &raws, ground_m);
        let finding = if ground_m == 0.0 {
            Finding::info("model-ground")
        } else {
            Finding::warning("model-ground-moved")
        };
        findings.push(
            finding
                .place(place)
                .arg("height_m", format!("{ground_m:.2}")),
        );
    }
    job.progress(0.5);

    job.phase("phase-city-buildings");
    let plane_m = lowest_point(&raws);
    let drape = Drape::new(terrain.as_ref(), plane_m.unwrap_or(0.0));
    let mut beyond = 0u64;
    for footprint in footprints {
        let (raw, outside) = drape.block(&frame, footprint);
        beyond += u64::from(outside);
        raws.extend(raw);
    }
    make_ids_unique(&mut raws, &mut findings);
    let buildings =
        checked_buildings(&frame, &raws, job, &mut findings).ok_or_else(|| stopped(&name))?;
    drop(raws);
    job.progress(0.9);

    job.phase("phase-city-check");
    let mut trees = Vec::new();
    let mut streets = Vec::new();
    let mut land_cover = Vec::new();
    for imported in rest {
        for tree in imported.trees {
            let [x, y] = local_xy(&frame, tree.position);
            if !(x.is_finite() && y.is_finite()) {
                continue;
            }
            let z = tree.foot_height_m.unwrap_or_else(|| {
                let (z, outside) = drape.height_at(x, y);
                beyond += u64::from(outside);
                z
            });
            trees.push(Tree {
                id: tree.id,
                foot: Point3::new(x, y, z),
                height_m: tree.height_m,
                crown_diameter_m: tree.crown_diameter_m,
                genus: tree.genus,
            });
        }
        streets.extend(imported.streets.into_iter().filter_map(|street| {
            let line = local_line(&frame, &street.line);
            (line.len() >= 2).then(|| Street {
                width_m: street
                    .width_m
                    .unwrap_or_else(|| typical_width_m(&street.class)),
                id: street.id,
                class: street.class,
                name: street.name,
                line,
            })
        }));
        land_cover.extend(imported.land_cover.into_iter().filter_map(|cover| {
            let mut rings: Vec<_> = cover
                .rings
                .iter()
                .map(|ring| local_line(&frame, ring))
                .collect();
            let usable = rings.first().is_some_and(|ring| ring.len() >= 3);
            rings.retain(|ring| ring.len() >= 3);
            usable.then_some(LandCover {
                id: cover.id,
                kind: cover.kind,
                rings,
            })
        }));
    }
    unique_tree_ids(&mut trees);
    if beyond > 0 {
        findings.push(Finding::warning("outside-terrain").arg("count", beyond));
    }
    match &terrain {
        Some(terrain) => check_fit(&buildings, terrain, &mut findings),
        None if !(buildings.is_empty() && trees.is_empty()) => {
            let height = plane_m
                .or_else(|| trees.iter().map(|t: &Tree| t.foot.z).reduce(f64::min))
                .unwrap_or(0.0);
            findings.push(Finding::warning("no-terrain").arg("height_m", format!("{height:.2}")));
        }
        None => {}
    }
    job.progress(1.0);
    Ok(City {
        buildings: buildings.into_iter().map(Arc::new).collect(),
        terrain: terrain.map(Arc::new),
        trees,
        streets: Arc::new(streets),
        land_cover: Arc::new(land_cover),
        sources: Arc::new(sources),
        findings,
        ..City::empty(name, frame)
    })
}

/// Drops buildings that an earlier file delivered already, as tiles do for buildings on their edge: same id, same first corner.
fn without_twins(new: &mut Vec<RawBuilding>, old: &[RawBuilding], findings: &mut Vec<Finding>) {
    if old.is_empty() {
        return;
    }
    let first_corner = |b: &RawBuilding| -> Option<[f64; 3]> {
        b.parts
            .first()?
            .polygons
            .first()?
            .rings
            .first()?
            .first()
            .copied()
    };
    let known: HashMap<&str, &RawBuilding> = old.iter().map(|b| (b.id.as_str(), b)).collect();
    let before = new.len();
    new.retain(|b| {
        let Some(twin) = known.get(b.id.as_str()) else {
            return true;
        };
        let near = |(a, b): ([f64; 3], [f64; 3])| (0..3).all(|k| (a[k] - b[k]).abs() < 0.01);
        !first_corner(b).zip(first_corner(twin)).is_some_and(near)
    });
    if new.len() < before {
        findings.push(Finding::info("building-twice").arg("count", before - new.len()));
    }
}

fn unique_tree_ids(trees: &mut [Tree]) {
    let mut seen: HashMap<String, u32> = HashMap::new();
    for tree in trees {
        let count = seen.entry(tree.id.clone()).or_insert(0);
        *count += 1;
        if *count > 1 {
            tree.id = format!("{}#{count}", tree.id);
        }
    }
}

/// Checks and triangulates all buildings; `None` when the user stopped.
fn checked_buildings(
    frame: &LocalFrame,
    raws: &[RawBuilding],
    job: &Job,
    findings: &mut Vec<Finding>,
) -> Option<Vec<Building>> {
    let results: Vec<(Option<Building>, Vec<Finding>)> = raws
        .par_iter()
        .map(|raw| {
            let mut found = Vec::new();
            if job.is_cancelled() {
                return (None, found);
            }
            (building_from_raw(frame, 0, raw, &mut found), found)
        })
        .collect();
    if job.is_cancelled() {
        return None;
    }
    let mut buildings = Vec::with_capacity(results.len());
    for (building, mut found) in results {
        findings.append(&mut found);
        if let Some(mut building) = building {
            building.key = buildings.len() as u32;
            buildings.push(building);
        }
    }
    Some(buildings)
}
