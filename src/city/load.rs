//! Loads a city: reads every layer, chooses the local frame, brings all layers into it, drapes them on the ground, and checks
//! how they fit together.
//!
//! Rules, each with its finding:
//! * The first layer in a metric projected CRS gives the frame; layers in another CRS are converted. Without one, the UTM zone
//!   of the first layer in degrees is used; without any CRS the frame is local.
//! * A layer without CRS gets that of `[city] crs`, else that of the frame.
//! * Models in local metres (glTF, OBJ) bring a level ground, which any terrain replaces. In a folder with other files they are
//!   drafts and passed over.
//! * Footprints stand on the lowest ground under their corners, trees without a foot height on the ground. Beyond the edge of
//!   the terrain the nearest known height counts; without terrain a plane at the lowest point of all buildings.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nalgebra::Point3;
use rayon::prelude::*;

use crate::finding::Finding;
use crate::geo::crs::Converter;
use crate::geo::{Crs, Grid, LocalFrame};
use crate::job::Job;
use crate::scenario::{CitySettings, LayerSettings, Scenario};

use super::assemble::{building_from_raw, extruded, make_ids_unique};
use super::detect::{Wanted, import};
use super::error::{CityError, CityErrorKind};
use super::osm::typical_width_m;
use super::raw::{Imported, RawBuilding, RawFootprint, RawTerrain};
use super::solid_model::ModelSettings;
use super::sources::{Roots, Source, embedded_sample};
use super::terrain::{HeightSampler, MAX_CELLS};
use super::terrain_text::source_of;
use super::{Building, City, LandCover, LayerKind, LayerSource, Street, Terrain, Tree, sample};

/// A building that stands deeper in the ground or higher above it than this (m) is reported. AdV buildings stand on the lowest
/// terrain along their walls; models of different years differ by decimetres.
const FIT_M: f64 = 1.0;

/// Level ground around a model: times the height of its tallest building, as far as the wind looks.
const LEVEL_MARGIN: f64 = 3.0;

/// Part of the progress bar for reading the files.
const PROGRESS_READ: f32 = 0.4;

/// A file to be read.
#[derive(Clone)]
struct Request {
    written: String,
    source: Source,
    settings: Option<LayerSettings>,
}

/// What holds for the files that do not say it themselves.
#[derive(Default)]
struct Defaults {
    crs: Option<Crs>,
    model: ModelSettings,
}

impl Defaults {
    fn of(city: &CitySettings) -> Result<Self, CityError> {
        let crs = match &city.crs {
            Some(name) => Some(parse_crs(name, "[city] crs")?),
            None => None,
        };
        let model = ModelSettings {
            up_axis: city.up_axis,
            unit_m: city.unit_m,
        };
        Ok(Self { crs, model })
    }
}

/// A file that was read.
struct Layer {
    written: String,
    imported: Imported,
    crs: Option<Crs>,
    source: LayerSource,
}

/// Loads the city of a scenario.
pub fn load_city(scenario: &Scenario, roots: &Roots, job: &Job) -> Result<City, CityError> {
    let mut findings = Vec::new();
    let mut requests = Vec::new();
    if let Some(city) = &scenario.scenario.city {
        requests.extend(expanded(city, roots)?);
    }
    for layer in &scenario.city.layers {
        requests.push(Request {
            written: layer.path.clone(),
            source: roots.resolve(&layer.path)?,
            settings: Some(layer.clone()),
        });
    }
    if requests.is_empty() {
        return Err(CityError::new(
            CityErrorKind::Head,
            &scenario.scenario.name,
            "the scenario names no city",
        )
        .expected("`city = \"FILE\"` under [scenario], or [[city.layer]] tables"));
    }
    let defaults = Defaults::of(&scenario.city)?;
    let layers = read_layers(requests, &defaults, job, &mut findings)?;
    assembled(scenario.scenario.name.clone(), layers, findings, job)
}

/// Loads a city from one file or folder, without a scenario.
pub fn load_city_file(path: &Path, job: &Job) -> Result<City, CityError> {
    let written = path.file_name().map_or_else(
        || path.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    );
    let roots = Roots {
        folder: path.parent().map_or_else(PathBuf::new, Path::to_owned),
        data: None,
    };
    let requests = if path.file_name().is_some() {
        expanded(&written, &roots)?
    } else {
        let place = path.display().to_string();
        let real = path
            .canonicalize()
            .map_err(|error| CityError::from_io(&place, &error))?;
        folder_files(&real, "")?
    };
    let mut findings = Vec::new();
    let layers = read_layers(requests, &Defaults::default(), job, &mut findings)?;
    let name = written.split('.').next().unwrap_or(&written).to_owned();
    assembled(name, layers, findings, job)
}

/// Reads a raster of any quantity (ESRI ASCII grid or GeoTIFF, also gzipped) into the frame of a city; unknown cells are NaN.
///
/// A raster that names no CRS has that of the city. Values beyond -500 to 9000 count as unknown, as they do for heights.
pub fn read_raster(
    bytes: &[u8],
    place: &str,
    frame: &LocalFrame,
) -> Result<(Grid, Vec<f32>), CityError> {
    let wanted = Wanted {
        kind: Some(LayerKind::Terrain),
        ..Wanted::default()
    };
    let imported = import(bytes, place, wanted)?;
    let Some(raw @ RawTerrain::Raster { .. }) = imported.terrain else {
        return Err(
            CityError::new(CityErrorKind::WrongFormat, place, "the file is no raster")
                .expected("an ESRI ASCII grid or a GeoTIFF"),
        );
    };
    let converter = match &imported.crs {
        Some(crs) => crs
            .converter_to(&frame.crs)
            .map_err(|error| CityError::new(CityErrorKind::Crs, place, error.to_string()))?,
        None => None,
    };
    match Terrain::from_raw(frame, converter.as_ref(), raw, place)? {
        Terrain::Raster { grid, heights } => Ok((grid, heights)),
        Terrain::Tin { .. } => Err(CityError::new(
            CityErrorKind::WrongFormat,
            place,
            "the file is no raster",
        )),
    }
}

fn parse_crs(name: &str, place: &str) -> Result<Crs, CityError> {
    Crs::parse(name).map_err(|error| {
        CityError::new(CityErrorKind::Crs, place, error.to_string())
            .expected("for example EPSG:25832")
            .found(name.to_owned())
    })
}

/// The files behind a city: itself, the files of a folder, or those of an embedded sample.
fn expanded(written: &str, roots: &Roots) -> Result<Vec<Request>, CityError> {
    if let Some(name) = written.strip_prefix("sample:") {
        let files = embedded_sample(name);
        if !files.is_empty() {
            return files
                .into_iter()
                .map(|file| {
                    let written = format!("sample:{file}");
                    Ok(Request {
                        source: roots.resolve(&written)?,
                        written,
                        settings: None,
                    })
                })
                .collect();
        }
    }
    match roots.resolve(written)? {
        Source::File(path) if path.is_dir() => folder_files(&path, written),
        source => Ok(vec![Request {
            written: written.to_owned(),
            source,
            settings: None,
        }]),
    }
}

/// The files in a folder, by name; hidden files and subfolders are left out.
fn folder_files(folder: &Path, written: &str) -> Result<Vec<Request>, CityError> {
    let io = |error: std::io::Error| CityError::from_io(written, &error);
    let mut files: Vec<(String, PathBuf)> = std::fs::read_dir(folder)
        .map_err(io)?
        .filter_map(Result::ok)
        .map(|entry| {
            (
                entry.file_name().to_string_lossy().into_owned(),
                entry.path(),
            )
        })
        // A link could lead outside of the folder.
        .filter(|(name, path)| {
            !name.starts_with('.') && path.symlink_metadata().is_ok_and(|m| m.is_file())
        })
        .collect();
    files.sort();
    if files.is_empty() {
        return Err(
            CityError::new(CityErrorKind::Empty, written, "the folder has no files")
                .expected("a city model, and perhaps terrain, trees, streets and land cover"),
        );
    }
    let prefix = if written.is_empty() {
        String::new()
    } else {
        format!("{}/", written.trim_end_matches('/'))
    };
    Ok(files
        .into_iter()
        .map(|(name, path)| Request {
            written: format!("{prefix}{name}"),
            source: Source::File(path),
            settings: None,
        })
        .collect())
}

fn stopped(place: &str) -> CityError {
    CityError::new(CityErrorKind::Cancelled, place, "the loading was stopped")
}

/// Reads all files. In a folder, files that are no layer are passed over with a finding.
fn read_layers(
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
fn each_position(imported: &mut Imported, mut visit: impl FnMut(&mut [f64; 2])) {
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
fn bounds(imported: &mut Imported) -> Option<([f64; 2], [f64; 2])> {
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

/// Chooses the frame of a city.
fn choose_frame(
    layers: &mut [Layer],
    findings: &mut Vec<Finding>,
) -> Result<LocalFrame, CityError> {
    let metric = layers
        .iter()
        .filter_map(|l| l.crs.as_ref())
        .find(|crs| crs.is_metric())
        .cloned();
    let crs = match metric {
        Some(mut crs) => {
            crs.vertical = crs.vertical.clone().or_else(|| first_vertical(layers));
            crs
        }
        None => degrees_frame(layers)?.unwrap_or_else(Crs::local),
    };
    let systems: BTreeSet<String> = layers
        .iter()
        .filter(|l| matches!(l.source.layer, LayerKind::Buildings | LayerKind::Terrain))
        .filter_map(|l| l.crs.as_ref()?.vertical.clone())
        .collect();
    if systems.len() > 1 {
        let list: Vec<String> = systems.into_iter().collect();
        findings.push(Finding::warning("heights-mixed").arg("systems", list.join(", ")));
    }
    for layer in layers.iter_mut().filter(|l| l.crs.is_none()) {
        // The reader's own remark would come twice.
        let told = layer
            .imported
            .findings
            .iter()
            .any(|f| f.code == "crs-does-not-fit");
        if crs.epsg.is_some() && !told {
            layer.imported.findings.retain(|f| f.code != "crs-missing");
            // Tables and ASCII grids cannot name one, so that only a silent city model is remarkable.
            let finding = if layer.source.layer == LayerKind::Buildings {
                Finding::warning("crs-assumed")
            } else {
                Finding::info("crs-assumed")
            };
            let finding = finding.place(&layer.written).arg("crs", &crs);
            layer.imported.findings.push(finding);
        } else if !told
            && !layer
                .imported
                .findings
                .iter()
                .any(|f| f.code == "crs-missing")
        {
            layer
                .imported
                .findings
                .push(Finding::warning("crs-missing").place(&layer.written));
        }
    }
    // Buildings are what people look at; else whatever has a place.
    let of_buildings =
        |l: &&mut Layer| !(l.imported.buildings.is_empty() && l.imported.footprints.is_empty());
    let middle = layers
        .iter_mut()
        .find_map(|l| of_buildings(&l).then(|| middle_of(l, &crs)).flatten());
    let middle = match middle {
        Some(middle) => middle,
        None => layers
            .iter_mut()
            .find_map(|l| middle_of(l, &crs))
            .unwrap_or([0.0, 0.0]),
    };
    Ok(LocalFrame::near(crs, middle[0], middle[1]))
}

fn first_vertical(layers: &[Layer]) -> Option<String> {
    layers.iter().find_map(|l| l.crs.as_ref()?.vertical.clone())
}

/// UTM zone of the first layer that is not in metres.
fn degrees_frame(layers: &mut [Layer]) -> Result<Option<Crs>, CityError> {
    for layer in layers.iter_mut() {
        let Some(crs) = layer.crs.clone().filter(|crs| crs.epsg.is_some()) else {
            continue;
        };
        let Some((min, max)) = bounds(&mut layer.imported) else {
            continue;
        };
        let [lon, lat] = crs
            .to_lonlat(0.5 * (min[0] + max[0]), 0.5 * (min[1] + max[1]))
            .map_err(|error| {
                CityError::new(CityErrorKind::Crs, &layer.written, error.to_string())
            })?;
        let mut utm = Crs::utm_at(lon, lat);
        utm.vertical = first_vertical(layers);
        return Ok(Some(utm));
    }
    Ok(None)
}

/// Middle of a layer in the CRS of the frame.
fn middle_of(layer: &mut Layer, target: &Crs) -> Option<[f64; 2]> {
    let (min, max) = bounds(&mut layer.imported)?;
    let middle = [0.5 * (min[0] + max[0]), 0.5 * (min[1] + max[1])];
    match layer.crs.as_ref().map(|crs| crs.converter_to(target)) {
        Some(Ok(Some(converter))) => converter.convert(middle).ok(),
        Some(Err(_)) => None,
        _ => Some(middle),
    }
}

/// Puts the layers together.
fn assembled(
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
        name,
        frame,
        buildings: buildings.into_iter().map(Arc::new).collect(),
        terrain: terrain.map(Arc::new),
        trees,
        streets: Arc::new(streets),
        land_cover: Arc::new(land_cover),
        flood_walls: Arc::default(),
        breaches: Arc::default(),
        traffic_changes: Arc::default(),
        transit_changes: Arc::default(),
        shuttle_changes: Arc::default(),
        sources: Arc::new(sources),
        findings,
    })
}

/// One entry per kind of thing that a file gave.
fn sources_of(layer: &Layer, frame_crs: &Crs) -> Vec<LayerSource> {
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

fn local_xy(frame: &LocalFrame, [e, n]: [f64; 2]) -> [f64; 2] {
    [e - frame.origin_easting, n - frame.origin_northing]
}

fn local_line(frame: &LocalFrame, line: &[[f64; 2]]) -> Vec<[f64; 2]> {
    line.iter()
        .map(|p| local_xy(frame, *p))
        .filter(|p| p.iter().all(|c| c.is_finite()))
        .collect()
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

/// Level ground under the buildings and around them: three times the height of the tallest, at least a tenth of their width.
fn level_ground(frame: &LocalFrame, raws: &[RawBuilding], ground_m: f64) -> Option<Terrain> {
    let corners = raws
        .iter()
        .flat_map(|b| &b.parts)
        .flat_map(|p| &p.polygons)
        .flat_map(|p| &p.rings)
        .flatten()
        .filter(|c| c.iter().all(|v| v.is_finite()))
        .map(|c| frame.local_from_crs(*c));
    let (low, high) = corners.fold(None, |range: Option<(Point3<f64>, Point3<f64>)>, p| {
        let (low, high) = range.unwrap_or((p, p));
        Some((low.inf(&p), high.sup(&p)))
    })?;
    let width_m = (high.x - low.x).max(high.y - low.y);
    let margin_m = (LEVEL_MARGIN * (high.z - ground_m)).max(0.1 * width_m);
    let at = |x: f64, y: f64| Point3::new(x, y, ground_m);
    let (west, south) = (low.x - margin_m, low.y - margin_m);
    let (east, north) = (high.x + margin_m, high.y + margin_m);
    Some(Terrain::Tin {
        vertices: vec![
            at(west, south),
            at(east, south),
            at(east, north),
            at(west, north),
        ],
        triangles: vec![[0, 1, 2], [0, 2, 3]],
    })
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

fn lowest_point(raws: &[RawBuilding]) -> Option<f64> {
    raws.iter()
        .flat_map(|b| &b.parts)
        .flat_map(|p| &p.polygons)
        .flat_map(|p| &p.rings)
        .flatten()
        .map(|corner| corner[2])
        .filter(|z| super::terrain::HEIGHT_RANGE_M.contains(z))
        .reduce(f64::min)
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

/// The ground of the city from all layers that give heights: layers of kind terrain first, heights inside city models only
/// without one. Several rasters of one grid become one, several lists of points too.
fn terrain_of(
    frame: &LocalFrame,
    mut grounds: Vec<(LayerKind, String, RawTerrain, Option<Converter>)>,
    findings: &mut Vec<Finding>,
) -> Result<Option<Terrain>, CityError> {
    let is_terrain = |kind: LayerKind| kind == LayerKind::Terrain;
    if grounds.iter().any(|(kind, ..)| is_terrain(*kind)) {
        grounds.retain(|(kind, ..)| is_terrain(*kind));
    }
    let outlines = grounds.iter().find(|(kind, _, raw, _)| {
        *kind == LayerKind::Buildings && matches!(raw, RawTerrain::Points(_))
    });
    let outlines = outlines.map(|(_, place, ..)| place.clone());
    let mut merged: Option<Terrain> = None;
    let mut points: Vec<[f64; 3]> = Vec::new();
    let mut points_place = String::new();
    let mut left_out = 0;
    for (_, place, raw, converter) in grounds {
        match (raw, converter) {
            (RawTerrain::Points(list), converter) => {
                if points_place.is_empty() {
                    points_place.clone_from(&place);
                }
                for [e, n, h] in list {
                    let place = match &converter {
                        Some(converter) => converter.convert([e, n]).ok(),
                        None => Some([e, n]),
                    };
                    points.extend(place.map(|[e, n]| [e, n, h]));
                }
            }
            (raw, converter) => {
                let next = Terrain::from_raw(frame, converter.as_ref(), raw, &place)?;
                merged = match merged.take() {
                    None => Some(next),
                    Some(first) => Some(match joined(&first, &next) {
                        Some(both) => both,
                        None => {
                            left_out += 1;
                            first
                        }
                    }),
                };
            }
        }
    }
    if merged.is_none() && !points.is_empty() {
        merged = match Terrain::from_raw(frame, None, RawTerrain::Points(points), &points_place) {
            Ok(terrain) => Some(terrain),
            Err(error) if error.kind == CityErrorKind::TooLarge => return Err(error),
            // Some heights of a small model on one line are no ground, but no reason to refuse its buildings either.
            Err(_) => {
                findings.push(Finding::warning("terrain-without-area").place(&points_place));
                None
            }
        };
    } else if !points.is_empty() {
        left_out += 1;
    }
    if let (Some(place), Some(Terrain::Tin { .. })) = (outlines, &merged) {
        findings.push(Finding::warning("terrain-from-buildings").place(place));
    }
    if left_out > 0 {
        findings.push(Finding::warning("terrain-left-out").arg("count", left_out));
    }
    Ok(merged)
}

/// Two rasters on the same grid lines as one; where both know a height the first counts.
fn joined(first: &Terrain, next: &Terrain) -> Option<Terrain> {
    let (
        Terrain::Raster {
            grid: a,
            heights: ha,
        },
        Terrain::Raster {
            grid: b,
            heights: hb,
        },
    ) = (first, next)
    else {
        return None;
    };
    let cell_m = a.cell_m;
    let steps = |d: f64| {
        let n = d / cell_m;
        ((n - n.round()).abs() < 0.01).then(|| n.round() as i64)
    };
    if (a.cell_m - b.cell_m).abs() > 1e-6 * cell_m {
        return None;
    }
    let (right, down) = (steps(b.west - a.west)?, steps(a.north - b.north)?);
    let (west, north) = (right.min(0), down.min(0));
    let east = (a.cols as i64).max(right + b.cols as i64);
    let south = (a.rows as i64).max(down + b.rows as i64);
    let (cols, rows) = ((east - west) as u64, (south - north) as u64);
    if cols.checked_mul(rows)? > MAX_CELLS {
        return None;
    }
    let grid = Grid {
        west: a.west + west as f64 * cell_m,
        north: a.north - north as f64 * cell_m,
        cell_m,
        cols: cols as usize,
        rows: rows as usize,
    };
    let mut heights = vec![f32::NAN; grid.len()];
    let mut copy = |part: &Grid, values: &[f32], right: i64, down: i64| {
        for (i, value) in values.iter().enumerate().filter(|(_, v)| v.is_finite()) {
            let row = (i / part.cols) as i64 + down - north;
            let col = (i % part.cols) as i64 + right - west;
            heights[grid.index(row as usize, col as usize)] = *value;
        }
    };
    copy(b, hb, right, down);
    copy(a, ha, 0, 0);
    Some(Terrain::Raster { grid, heights })
}

/// Heights for draping: the terrain, beyond its edge the nearest known height, without terrain a plane.
struct Drape<'a> {
    sampler: Option<HeightSampler<'a>>,
    /// Some thousand known places.
    anchors: Vec<Point3<f64>>,
    plane_m: f64,
}

impl<'a> Drape<'a> {
    fn new(terrain: Option<&'a Terrain>, plane_m: f64) -> Self {
        Self {
            sampler: terrain.map(Terrain::sampler),
            anchors: terrain.map(|t| t.mesh(8192).positions).unwrap_or_default(),
            plane_m,
        }
    }

    /// Height (m), and whether the place lies beyond the terrain.
    fn height_at(&self, x: f64, y: f64) -> (f64, bool) {
        let Some(sampler) = &self.sampler else {
            return (self.plane_m, false);
        };
        if let Some(z) = sampler.height_at(x, y) {
            return (z, false);
        }
        let distance = |p: &Point3<f64>| (p.x - x).powi(2) + (p.y - y).powi(2);
        let nearest = self
            .anchors
            .iter()
            .min_by(|a, b| distance(a).total_cmp(&distance(b)));
        (nearest.map_or(self.plane_m, |p| p.z), true)
    }

    /// A footprint as a block on the lowest ground under its corners; the flag tells that it lies beyond the terrain.
    fn block(&self, frame: &LocalFrame, footprint: RawFootprint) -> (Option<RawBuilding>, bool) {
        let attributes = &footprint.attributes;
        let Some(height_m) = attributes.measured_height_m.or(attributes.assumed_height_m) else {
            return (None, false);
        };
        let corners = || {
            footprint
                .rings
                .iter()
                .flatten()
                .map(|p| local_xy(frame, *p))
        };
        let mut outside = false;
        let base_m = footprint
            .base_height_m
            .unwrap_or_else(|| match &self.sampler {
                None => self.plane_m,
                Some(sampler) => {
                    let known = corners()
                        .filter_map(|[x, y]| sampler.height_at(x, y))
                        .reduce(f64::min);
                    known.unwrap_or_else(|| {
                        outside = true;
                        corners()
                            .next()
                            .map_or(self.plane_m, |[x, y]| self.height_at(x, y).0)
                    })
                }
            });
        let block = extruded(
            &footprint.id,
            &footprint.rings,
            base_m,
            height_m,
            footprint.attributes.clone(),
        );
        (Some(block), outside)
    }
}

/// Compares the foot of each building with the terrain along it.
fn check_fit(buildings: &[Building], terrain: &Terrain, findings: &mut Vec<Finding>) {
    let sampler = terrain.sampler();
    for building in buildings {
        let (foot, _) = building.z_range();
        let ground = building
            .geometry
            .vertices
            .iter()
            .filter(|p| p.z < foot + 0.5)
            .filter_map(|p| sampler.height_at(p.x, p.y))
            .fold(None, |range: Option<(f64, f64)>, h| match range {
                None => Some((h, h)),
                Some((lo, hi)) => Some((lo.min(h), hi.max(h))),
            });
        let Some((lowest, highest)) = ground else {
            continue;
        };
        let (code, metres) = if foot < lowest - FIT_M {
            ("building-below-terrain", lowest - foot)
        } else if foot > highest + FIT_M {
            ("building-above-terrain", foot - highest)
        } else {
            continue;
        };
        let finding = Finding::warning(code).object(&building.id);
        findings.push(finding.arg("gap_m", format!("{metres:.1}")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::SurfaceKind;

    fn scenario(text: &str) -> Scenario {
        toml::from_str(text).unwrap()
    }

    fn written(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(dir.path().join(name), text).unwrap();
        }
        dir
    }

    fn roots(dir: &tempfile::TempDir) -> Roots {
        Roots {
            folder: dir.path().to_owned(),
            data: None,
        }
    }

    fn codes(city: &City) -> Vec<&str> {
        city.findings.iter().map(|f| f.code.as_str()).collect()
    }

    /// A square of 10 m with a height, in UTM 32.
    const BLOCK: &str = r#"{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:25832"}},"features":[
        {"type":"Feature","id":"b1","properties":{"height":10},"geometry":{"type":"Polygon","coordinates":[[[566000,5933000],[566010,5933000],[566010,5933010],[566000,5933010],[566000,5933000]]]}}]}"#;

    /// 40 m x 40 m of ground rising from 5 m in the west by 1 m every 10 m.
    const GROUND: &str = "ncols 4\nnrows 4\nxllcorner 565985\nyllcorner 5932985\ncellsize 10\n\
        5 6 7 8\n5 6 7 8\n5 6 7 8\n5 6 7 8\n";

    const LAYERS: &str = r#"
        scenario = { version = 1, name = "Test" }
        [city]
        [[city.layer]]
        kind = "buildings"
        path = "b.geojson"
        origin = "Amt"
        [[city.layer]]
        kind = "terrain"
        path = "g.asc"
        [[city.layer]]
        kind = "trees"
        path = "t.csv"
        crs = "EPSG:4326"
    "#;

    #[test]
    fn layers_of_different_systems_meet_in_one_frame() {
        let [lon, lat] = Crs::utm32().to_lonlat(566_005.0, 5_933_020.0).unwrap();
        let trees = format!("id,lon,lat,height,crown\nA,{lon},{lat},8,3\nB,10.5,53.5,8,3\n");
        let dir = written(&[("b.geojson", BLOCK), ("g.asc", GROUND), ("t.csv", &trees)]);
        let job = Job::default();
        let city = load_city(&scenario(LAYERS), &roots(&dir), &job).unwrap();
        assert_eq!(city.frame.crs.epsg, Some(25832));
        // The block stands on the lowest ground under its corners: 6 m at x = 566000 (between the centres 565990 and 566000).
        let block = &city.buildings[0];
        assert_eq!(block.id, "b1");
        let (low, high) = block.z_range();
        assert!(
            (low - 6.0).abs() < 1e-6 && (high - 16.0).abs() < 1e-6,
            "{low} {high}"
        );
        assert!((block.volume_m3().unwrap() - 1000.0).abs() < 1e-6);
        // The first tree stands on the ground at its place, the second far outside on the nearest known height.
        let place = city.frame.crs_from_local(city.trees[0].foot);
        assert!((place[0] - 566_005.0).abs() < 1e-4 && (place[1] - 5_933_020.0).abs() < 1e-4);
        assert!((place[2] - 6.5).abs() < 1e-4, "{place:?}");
        assert_eq!(city.trees[1].foot.z, 8.0);
        assert_eq!(codes(&city), ["crs-assumed", "outside-terrain"]);
        assert_eq!(city.sources.len(), 3);
        assert_eq!(city.sources[0].origin.as_deref(), Some("Amt"));
        assert_eq!(
            city.sources[0].blake3,
            blake3::hash(BLOCK.as_bytes()).to_hex().to_string()
        );
        assert_eq!(
            (city.sources[1].crs.as_str(), city.sources[1].objects),
            ("EPSG:25832", 16)
        );
        assert_eq!(job.fraction(), 1.0);
    }

    #[test]
    fn degrees_alone_give_the_utm_zone_and_a_plane() {
        let text = r#"{"type":"Polygon","coordinates":[[[9.99,53.55],[9.9902,53.55],[9.9902,53.5502],[9.99,53.55]]]}"#;
        let dir = written(&[("b.geojson", text)]);
        let settings = "scenario = { version = 1, name = \"T\" }\n[[city.layer]]\nkind = \"buildings\"\npath = \"b.geojson\"\nassumed_height_m = 12.0\n";
        let city = load_city(&scenario(settings), &roots(&dir), &Job::default()).unwrap();
        assert_eq!(city.frame.crs.epsg, Some(25832));
        assert_eq!(city.buildings[0].attributes.assumed_height_m, Some(12.0));
        assert_eq!(city.buildings[0].z_range(), (0.0, 12.0));
        assert_eq!(codes(&city), ["height-assumed", "no-terrain"]);
        assert_eq!(city.ground().height_at(0.0, 0.0), 0.0);
    }

    #[test]
    fn a_folder_is_a_city_and_order_of_names_decides() {
        let dir = written(&[
            ("a.geojson", BLOCK),
            ("b.asc", GROUND),
            (
                "c.csv",
                "e,n,height_m,crown_diameter_m\n566005,5933020,8,3\n",
            ),
            ("readme.txt", "hello there"),
            (".hidden", "x"),
        ]);
        let city = load_city_file(dir.path(), &Job::default()).unwrap();
        assert_eq!((city.buildings.len(), city.trees.len()), (1, 1));
        assert!(city.terrain.is_some());
        assert_eq!(
            codes(&city),
            ["file-passed-over", "crs-assumed", "crs-assumed"]
        );
    }

    #[test]
    fn neighbouring_rasters_become_one_and_points_are_joined() {
        let east = GROUND.replace("565985", "566025");
        let other_cell = GROUND.replace("cellsize 10", "cellsize 5");
        let dir = written(&[("a.asc", GROUND), ("b.asc", &east), ("c.asc", &other_cell)]);
        let layer = |path: &str| {
            format!("[[city.layer]]\nkind = \"terrain\"\npath = \"{path}\"\ncrs = \"EPSG:25832\"\n")
        };
        let head = "scenario = { version = 1, name = \"T\" }\n";
        let text = format!(
            "{head}{}{}{}",
            layer("a.asc"),
            layer("b.asc"),
            layer("c.asc")
        );
        let city = load_city(&scenario(&text), &roots(&dir), &Job::default()).unwrap();
        let Some(Terrain::Raster { grid, heights }) = city.terrain.as_deref() else {
            panic!("{:?}", city.terrain)
        };
        assert_eq!((grid.cols, grid.rows), (8, 4));
        assert_eq!(heights[4], 5.0);
        assert_eq!(codes(&city), ["terrain-left-out"]);
    }

    #[test]
    fn a_local_model_with_a_national_label_is_told() {
        let text = BLOCK
            .replace("566000", "0")
            .replace("566010", "10")
            .replace("5933", "");
        let text = text.replace("000]", "0]").replace("010]", "10]");
        let dir = written(&[("b.geojson", &text)]);
        let city = load_city_file(&dir.path().join("b.geojson"), &Job::default()).unwrap();
        assert_eq!(city.frame.crs, Crs::local());
        assert!(codes(&city).contains(&"crs-does-not-fit"));
    }

    #[test]
    fn missing_files_and_cancelling() {
        let dir = written(&[("b.geojson", BLOCK)]);
        let error = load_city(&scenario(LAYERS), &roots(&dir), &Job::default()).unwrap_err();
        assert_eq!((error.exit_code(), error.place.as_str()), (66, "g.asc"));
        let job = Job::default();
        job.cancel();
        let error = load_city_file(&dir.path().join("b.geojson"), &job).unwrap_err();
        assert_eq!(error.kind, CityErrorKind::Cancelled);
        let empty = scenario("scenario = { version = 1, name = \"T\" }\n");
        assert_eq!(
            load_city(&empty, &roots(&dir), &Job::default())
                .unwrap_err()
                .exit_code(),
            65
        );
    }

    /// The city of a scenario that ships, with the data folder; `None` without data.
    fn shipped(name: &str) -> Option<City> {
        let data = crate::verify::data_root_or_skip(name)?;
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("scenarios")
            .join(name);
        let loaded = crate::scenario::read_scenario(&path, Some(data)).unwrap();
        assert_eq!(loaded.findings, []);
        Some(load_city(&loaded.scenario, &loaded.roots, &Job::default()).unwrap())
    }

    #[test]
    fn essen_stands_on_its_terrain() {
        let Some(city) = shipped("essen.toml") else {
            return;
        };
        assert_eq!(city.buildings.len(), 117);
        assert_eq!(city.frame.crs, Crs::utm32());
        let (low, high) = city.terrain.as_ref().unwrap().height_range().unwrap();
        assert!(
            (low - 29.3).abs() < 0.1 && (high - 40.2).abs() < 0.1,
            "{low} {high}"
        );
        // Five rings are bent by more than a centimetre (data README); nothing else is wrong.
        let others: Vec<&str> = codes(&city)
            .into_iter()
            .filter(|c| *c != "face-nonplanar")
            .collect();
        assert!(others.is_empty(), "{others:?}");
        let licences: Vec<Option<&str>> =
            city.sources.iter().map(|s| s.licence.as_deref()).collect();
        assert_eq!(licences, [Some("dl-de/zero-2-0"); 2]);
    }

    #[test]
    fn hamburg_stands_on_the_feet_of_its_trees() {
        let Some(city) = shipped("hamburg-innenstadt.toml") else {
            return;
        };
        assert!(city.buildings.len() >= 2330);
        assert_eq!((city.trees.len(), city.streets.len()), (2110, 1624));
        let assumed = |b: &Arc<Building>| b.attributes.assumed_height_m.is_some();
        assert!(
            city.buildings
                .iter()
                .all(|b| assumed(b) && b.volume_m3().is_some())
        );
        assert!(
            city.buildings
                .iter()
                .all(|b| b.area_m2(SurfaceKind::Roof) > 0.0)
        );
        let (low, high) = city.terrain.as_ref().unwrap().height_range().unwrap();
        assert!(
            (1.9..2.1).contains(&low) && (20.5..20.7).contains(&high),
            "{low} {high}"
        );
        assert_eq!(
            codes(&city),
            [
                "height-assumed",
                "height-assumed-small",
                "terrain-from-trees",
                "outside-terrain"
            ]
        );
    }

    #[test]
    fn real_files_land_in_their_countries() {
        let Some(data) = crate::verify::data_root_or_skip("real_files_land_in_their_countries")
        else {
            return;
        };
        for (file, epsg, buildings) in [
            ("adv-lod2/EssenExample.gml", Some(25832), 117),
            ("berlin/berlin_3910_5819.gml", Some(25833), 35),
            ("hamburg/LoD2_466_5974_1_HH.sample.gml", Some(25832), 1),
            ("cityjson/delft.json", Some(28992), 1),
            ("cityjson/zurich_subset_lod2.json", Some(2056), 1),
            ("cityjson/vienna.city.jsonl", None, 1),
            ("cityjson/rotterdam_subset.json", None, 1),
        ] {
            let city = load_city_file(&data.join("city").join(file), &Job::default()).unwrap();
            assert_eq!(city.frame.crs.epsg, epsg, "{file}");
            assert!(
                city.buildings.len() >= buildings,
                "{file}: {}",
                city.buildings.len()
            );
            let (min, max) = city.bounds_xy().unwrap();
            assert!(
                min.iter().chain(&max).all(|c| c.abs() < 25_000.0),
                "{file}: {min:?} {max:?}"
            );
        }
    }
}
