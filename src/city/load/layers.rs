//! Reads the files, each as a layer with its source.

use std::path::{Path, PathBuf};

use crate::city::detect::{Wanted, import};
use crate::city::error::{CityError, CityErrorKind};
use crate::city::raw::{Imported, RawTerrain};
use crate::city::sources::{Roots, Source};
use crate::city::terrain_text::source_of;
use crate::city::{LayerKind, LayerSource, sample};
use crate::finding::Finding;
use crate::geo::Crs;
use crate::job::Job;

use super::city::{PROGRESS_READ, stopped};
use super::requests::{Defaults, Request, parse_crs};

/// A file that was read.
pub(super) struct Layer {
    pub(super) written: String,
    pub(super) imported: Imported,
    pub(super) crs: Option<Crs>,
    pub(super) source: LayerSource,
}

/// Reads all files. In a folder, files that are no layer are passed over with a finding.
pub(super) fn read_layers(
    requests: Vec<Request>,
    defaults: &Defaults,
    job: &Job,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Layer>, CityError> {
    job.phase("phase-city-read");
    let count = requests.len();
    let mut layers = Vec::with_capacity(count);
    let mut passed_over = Vec::new();
    for (i, request) in requests.into_iter().enumerate() {
        if job.is_cancelled() {
            return Err(stopped(&request.written));
        }
        let optional = count > 1 && request.settings.is_none();
        match read_layer(request.clone(), defaults, !optional) {
            Ok(layer) => layers.push(layer),
            Err(error) if optional && error.kind == CityErrorKind::WrongFormat => {
                passed_over.push(request);
            }
            Err(error) => return Err(error),
        }
        job.progress(PROGRESS_READ * (i + 1) as f32 / count as f32);
    }
    // A folder without any city file may hold a model, perhaps with its materials.
    for request in passed_over {
        let last_hope = layers.is_empty();
        match read_layer(request.clone(), defaults, true) {
            Ok(layer) if last_hope => layers.push(layer),
            Err(error) if last_hope && error.kind != CityErrorKind::WrongFormat => {
                return Err(error);
            }
            _ => findings.push(Finding::info("file-passed-over").place(request.written)),
        }
    }
    if layers.is_empty() {
        return Err(CityError::new(
            CityErrorKind::Empty,
            "",
            "no file of the city can be read",
        ));
    }
    Ok(layers)
}

/// Reads one file; `models` tells whether a model in local metres is a city.
fn read_layer(request: Request, defaults: &Defaults, models: bool) -> Result<Layer, CityError> {
    let Request {
        written,
        source,
        settings,
    } = request;
    let bytes = source.read(&written)?;
    let blake3 = blake3::hash(&bytes).to_hex().to_string();
    let beside = Roots {
        folder: match &source {
            Source::File(path) => path.parent().map(Path::to_owned).unwrap_or_default(),
            Source::Embedded { .. } => PathBuf::new(),
        },
        data: None,
    };
    let wanted = Wanted {
        kind: settings.as_ref().map(|s| s.kind),
        assumed_height_m: settings.as_ref().and_then(|s| s.assumed_height_m),
        model: models.then_some((defaults.model, &beside)),
    };
    let mut imported = import(&bytes, &written, wanted)?;
    drop(bytes);
    let declared = imported.crs.take();
    let crs = match settings.as_ref().and_then(|s| s.crs.as_deref()) {
        Some(name) => {
            let mut given = parse_crs(name, &written)?;
            if let Some(declared) = &declared {
                if declared.same_horizontal(&given) {
                    given.vertical = given.vertical.or_else(|| declared.vertical.clone());
                } else {
                    imported.findings.push(
                        Finding::info("crs-overridden")
                            .place(&written)
                            .arg("declared", declared)
                            .arg("given", &given),
                    );
                }
            }
            Some(given)
        }
        // The samples lie in UTM 32, also those of their files that cannot say so.
        None if matches!(source, Source::Embedded { .. }) => {
            Some(declared.unwrap_or_else(Crs::utm32))
        }
        None => declared.or_else(|| defaults.crs.clone()),
    };
    let crs = crs.filter(|crs| fits(crs, &mut imported, &written));
    let mut meta = imported.source.take().unwrap_or_else(|| source_of("", 0));
    meta.path.clone_from(&written);
    meta.blake3 = imported.blake3.take().unwrap_or(blake3);
    if let Source::Embedded { .. } = source {
        // Formats without a place for it (GeoTIFF, CSV, OSM, GeoJSON) cannot say it themselves.
        meta.origin
            .get_or_insert_with(|| sample::GENERATOR.to_owned());
        meta.licence
            .get_or_insert_with(|| sample::LICENCE.to_owned());
        meta.date.get_or_insert_with(|| sample::DATE.to_owned());
    }
    if let Some(settings) = settings {
        meta.origin = settings.origin.or(meta.origin);
        meta.licence = settings.licence.or(meta.licence);
        meta.date = settings.date.or(meta.date);
    }
    Ok(Layer {
        written,
        imported,
        crs,
        source: meta,
    })
}

/// False, with a finding, for coordinates that cannot belong to the CRS they are labelled with.
fn fits(crs: &Crs, imported: &mut Imported, written: &str) -> bool {
    let Some((min, max)) = bounds(imported) else {
        return true;
    };
    let middle = [0.5 * (min[0] + max[0]), 0.5 * (min[1] + max[1])];
    if crs.epsg.is_none() || crs.can_hold(middle[0], middle[1]) {
        return true;
    }
    // The reader has said so already.
    imported.findings.retain(|f| f.code != "outside-crs");
    imported.findings.push(
        Finding::warning("crs-does-not-fit")
            .place(written)
            .arg("crs", crs)
            .arg("easting_m", format!("{:.2}", middle[0]))
            .arg("northing_m", format!("{:.2}", middle[1])),
    );
    false
}

/// Runs over every horizontal position of a layer but its terrain.
pub(super) fn each_position(imported: &mut Imported, mut visit: impl FnMut(&mut [f64; 2])) {
    let corners = imported
        .buildings
        .iter_mut()
        .flat_map(|b| &mut b.parts)
        .flat_map(|p| &mut p.polygons)
        .flat_map(|p| &mut p.rings)
        .flatten();
    for corner in corners {
        let mut place = [corner[0], corner[1]];
        visit(&mut place);
        (corner[0], corner[1]) = (place[0], place[1]);
    }
    imported
        .footprints
        .iter_mut()
        .flat_map(|f| &mut f.rings)
        .flatten()
        .for_each(&mut visit);
    imported
        .trees
        .iter_mut()
        .map(|t| &mut t.position)
        .for_each(&mut visit);
    imported
        .streets
        .iter_mut()
        .flat_map(|s| &mut s.line)
        .for_each(&mut visit);
    imported
        .land_cover
        .iter_mut()
        .flat_map(|l| &mut l.rings)
        .flatten()
        .for_each(&mut visit);
}

/// Box around everything in a layer, in its CRS.
pub(super) fn bounds(imported: &mut Imported) -> Option<([f64; 2], [f64; 2])> {
    let (mut min, mut max) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    let mut add = |p: &[f64; 2]| {
        // Numbers that are no place on Earth are dropped later.
        if p.iter().all(|c| c.abs() < 1e8) {
            min = [min[0].min(p[0]), min[1].min(p[1])];
            max = [max[0].max(p[0]), max[1].max(p[1])];
        }
    };
    each_position(imported, |p| add(p));
    match &imported.terrain {
        Some(RawTerrain::Raster {
            west,
            north,
            cell_m,
            cols,
            heights,
        }) => {
            add(&[*west, *north]);
            let rows = heights.len() / cols.max(&1);
            add(&[west + cell_m * *cols as f64, north - cell_m * rows as f64]);
        }
        Some(
            RawTerrain::Points(points)
            | RawTerrain::Tin {
                vertices: points, ..
            },
        ) => {
            points.iter().for_each(|p| add(&[p[0], p[1]]));
        }
        None => {}
    }
    (min[0] <= max[0]).then_some((min, max))
}

/// One entry per kind of thing that a file gave.
pub(super) fn sources_of(layer: &Layer, frame_crs: &Crs) -> Vec<LayerSource> {
    let imported = &layer.imported;
    let terrain = match &imported.terrain {
        None => 0,
        Some(RawTerrain::Raster { heights, .. }) => {
            heights.iter().filter(|h| h.is_finite()).count()
        }
        Some(
            RawTerrain::Points(points)
            | RawTerrain::Tin {
                vertices: points, ..
            },
        ) => points.len(),
    };
    let counts = [
        (
            LayerKind::Buildings,
            imported.buildings.len() + imported.footprints.len(),
        ),
        (LayerKind::Terrain, terrain),
        (LayerKind::Trees, imported.trees.len()),
        (LayerKind::Streets, imported.streets.len()),
        (LayerKind::LandCover, imported.land_cover.len()),
    ];
    let crs = layer.crs.as_ref().unwrap_or(frame_crs).to_string();
    let of_kind = |(kind, objects): (LayerKind, usize)| LayerSource {
        layer: kind,
        objects,
        crs: crs.clone(),
        ..layer.source.clone()
    };
    let filled: Vec<LayerSource> = counts
        .into_iter()
        .filter(|(_, n)| *n > 0)
        .map(of_kind)
        .collect();
    if filled.is_empty() {
        vec![of_kind((layer.source.layer, 0))]
    } else {
        filled
    }
}
