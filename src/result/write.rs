//! Writes a run into its results folder.
//!
//! ```text
//! summary.json       key figures per variant, differences, findings
//! provenance.json    what determines the result: hashes of inputs, scenario and outputs, version, seed
//! report.html        for people
//! baseline/          layers and tables of the baseline
//! 01-NAME/           the same for the first variant, and its differences to the baseline (`*_difference`)
//! ```
//!
//! Rasters are GeoTIFF, points, walls, buildings and streets GeoJSON in the CRS of the city, tables CSV with ISO numbers, maps
//! PNG, the water on streets over time `street_passability.json` ([`super::passability`]). The same run
//! gives the same bytes: no clock, no thread count, no machine; those are in `run.json`, which the command line writes.
//!
//! All files are written into `.results.part` first; until then an earlier run stays as it is. Then they are renamed into
//! their places, so that a name either holds a whole file or none. `summary.json`, `report.html` and `provenance.json` of the
//! earlier run go first and those of this run come last: a folder with `provenance.json` is whole, even if the program was
//! killed on the way.
//!
//! This module is the one place of `result` that looks further right, at [`crate::report`], because the report belongs to the
//! folder.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Cursor, Write as _};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};

use crate::city::geotiff::write_geotiff;
use crate::city::{Building, City, LayerSource, Street};
use crate::finding::Finding;
use crate::flood::present::WET_M;
use crate::geo::LocalFrame;
use crate::job::{Cancelled, Job};
use crate::report::map_svg::Extent;
use crate::report::maps::{self, FieldMap, PAGE_WIDTH_MM, Shown, VariantChange};
use crate::report::raster::{DrawError, png_from_svg};
use crate::sun::receivers::NO_OWNER;

use super::compare::indicator_differences;
use super::{
    Cell, Field, FieldData, Indicator, InputFile, RunResult, SimulationResult, Table, VariantResult,
};

/// Pixels across a map of full width: 200 per inch on A4.
const MAP_WIDTH_PX: u32 = 1370;
/// Largest height of a map on paper (mm): what is left of an A4 page beside title and legend.
const MAP_HEIGHT_MM: f64 = 205.0;

/// Folder below the results folder in which files wait until all of them are there.
pub const STAGED: &str = ".results.part";
/// Says what this run and those before it may have left, while there is no `provenance.json`.
const LISTED: &str = "provenance.json.part";
/// The files that speak of all others, in the order in which they come.
const LAST: [&str; 3] = ["summary.json", "report.html", "provenance.json"];

/// A results folder could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The folder or a file cannot be made or written.
    #[error("cannot write {}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A map could not be drawn.
    #[error("cannot write {}: {source}", path.display())]
    Draw {
        /// The file.
        path: PathBuf,
        /// Why.
        source: DrawError,
    },
    /// The user cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl WriteError {
    /// Stable short name for the documentation.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                "result::disk-full"
            }
            Self::Io { .. } => "result::cannot-write",
            Self::Draw { .. } => "result::cannot-draw",
            Self::Cancelled(_) => "result::cancelled",
        }
    }

    /// What the user can do.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                "free some space, then run again; no file was replaced"
            }
            Self::Io { .. } => "choose another folder with `--out DIR`",
            Self::Draw { .. } => "this is a fault of the program; please report it",
            Self::Cancelled(_) => "run again to get the results",
        }
    }
}

/// One file to be made: path below the results folder (with `/`) and its bytes.
type FileJob<'a> = (
    String,
    Box<dyn Fn() -> Result<Vec<u8>, DrawError> + Send + Sync + 'a>,
);

/// A written file, as `provenance.json` lists it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Output {
    path: String,
    bytes: usize,
    blake3: String,
}

impl Output {
    fn of(file: &ResultFile) -> Self {
        Self {
            path: file.path.clone(),
            bytes: file.bytes.len(),
            blake3: blake3::hash(&file.bytes).to_hex().to_string(),
        }
    }
}

/// Folder of a variant below the results folder: `baseline`, `01-tower`.
pub fn variant_folder(run: &RunResult, variant: usize) -> String {
    if variant == 0 {
        return "baseline".to_owned();
    }
    let slug = run
        .variants
        .get(variant)
        .map_or_else(String::new, |v| slug(&v.name));
    format!("{variant:02}-{slug}")
        .trim_end_matches('-')
        .to_owned()
}

/// Letters and digits of a name, the rest as single hyphens, at most 40 of them: safe on every file system.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars() {
        let plain = match c {
            'ä' | 'Ä' => "ae",
            'ö' | 'Ö' => "oe",
            'ü' | 'Ü' => "ue",
            'ß' => "ss",
            c if c.is_ascii_alphanumeric() => {
                slug.push(c.to_ascii_lowercase());
                continue;
            }
            _ => {
                if !slug.is_empty() && !slug.ends_with('-') {
                    slug.push('-');
                }
                continue;
            }
        };
        slug.push_str(plain);
    }
    slug.truncate(40);
    slug.trim_end_matches('-').to_owned()
}

/// A file of the results folder.
#[derive(Debug)]
pub struct ResultFile {
    /// Path below the results folder, with `/`.
    pub path: String,
    /// Content.
    pub bytes: Vec<u8>,
}

/// Writes everything a run gave into `out` and returns the files, sorted by path.
pub fn write_results(run: &RunResult, out: &Path, job: &Job) -> Result<Vec<PathBuf>, WriteError> {
    stage_files(&make_files(run, job)?, out, job)?.place()
}

/// Makes all files of a run in memory, sorted by path: whoever cancels while maps are drawn has lost nothing on disk.
pub fn make_files(run: &RunResult, job: &Job) -> Result<Vec<ResultFile>, WriteError> {
    job.phase("phase-write");
    let changes = changes(run);
    let mut jobs: Vec<FileJob> = Vec::new();
    for variant in 0..run.variants.len() {
        variant_jobs(run, variant, &changes, &mut jobs);
    }
    // The report is one job beside the layers; it draws its own maps.
    jobs.push((
        "report.html".to_owned(),
        Box::new(|| crate::report::html::report_html(run, &changes).map(String::into_bytes)),
    ));
    let mut files: Vec<ResultFile> = jobs
        .into_par_iter()
        .map(|(path, make)| {
            job.check_cancelled()?;
            let bytes = make().map_err(|source| WriteError::Draw {
                path: path.clone().into(),
                source,
            })?;
            job.check_cancelled()?;
            Ok(ResultFile { path, bytes })
        })
        .collect::<Result<_, WriteError>>()?;

    let mut outputs: Vec<Output> = files.par_iter().map(Output::of).collect();
    let mut add = |path: &str, value: &Value| {
        let file = ResultFile {
            path: path.to_owned(),
            bytes: pretty(value).into_bytes(),
        };
        let output = Output::of(&file);
        files.push(file);
        output
    };
    let summary = add("summary.json", &summary(run, &outputs));
    outputs.push(summary);
    outputs.sort();
    add("provenance.json", &provenance(run, &outputs));
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// Files that are written but not in their places yet. Dropped without [`StagedFiles::place`], they are removed, and the results
/// folder is as it was before.
#[derive(Debug)]
pub struct StagedFiles {
    out: PathBuf,
    /// Paths below the results folder, with `/`.
    paths: Vec<String>,
}

/// Writes the files into a folder of their own below `out`.
pub fn stage_files(files: &[ResultFile], out: &Path, job: &Job) -> Result<StagedFiles, WriteError> {
    let staged = StagedFiles {
        out: out.to_owned(),
        paths: files.iter().map(|f| f.path.clone()).collect(),
    };
    let folder = staged.folder();
    // A run that was killed may have left it.
    let _ = fs::remove_dir_all(&folder);
    create_folder(&folder)?;
    for path in &staged.paths {
        create_parent(&folder, path)?;
    }
    files.par_iter().try_for_each(|file| {
        job.check_cancelled()?;
        write_file(&folder.join(&file.path), &file.bytes).map_err(io_error(&out.join(&file.path)))
    })?;
    job.check_cancelled()?;
    Ok(staged)
}

impl StagedFiles {
    fn folder(&self) -> PathBuf {
        self.out.join(STAGED)
    }

    /// Moves all files to their places, which cannot be cancelled, and returns these.
    ///
    /// Files of earlier runs that this run does not have are removed, so that no stale layer stays beside new ones.
    pub fn place(self) -> Result<Vec<PathBuf>, WriteError> {
        let old = earlier_outputs(&self.out);
        let all: BTreeSet<&String> = old.iter().chain(&self.paths).collect();
        let outputs: Vec<Value> = all.iter().map(|path| json!({ "path": path })).collect();
        let list = pretty(&json!({ "outputs": outputs }));
        write_file(&self.folder().join(LISTED), list.as_bytes())
            .map_err(io_error(&self.out.join(LISTED)))?;
        self.place_one(LISTED)?;
        for name in LAST.iter().rev() {
            let path = self.out.join(name);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(io_error(&path)(error));
                }
                _ => {}
            }
        }
        for path in old.iter().filter(|path| !self.paths.contains(path)) {
            // A file that is already gone is no reason to fail.
            let _ = fs::remove_file(self.out.join(path));
        }
        let mut order: Vec<&String> = self.paths.iter().collect();
        order.sort_by_key(|path| LAST.iter().position(|last| last == path));
        for path in order {
            create_parent(&self.out, path)?;
            self.place_one(path)?;
        }
        // It only repeats what `provenance.json` says now.
        let _ = fs::remove_file(self.out.join(LISTED));
        Ok(self.paths.iter().map(|path| self.out.join(path)).collect())
    }

    fn place_one(&self, path: &str) -> Result<(), WriteError> {
        let place = self.out.join(path);
        fs::rename(self.folder().join(path), &place).map_err(io_error(&place))
    }
}

impl Drop for StagedFiles {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next run.
        let _ = fs::remove_dir_all(self.folder());
    }
}

/// Differences of every variant and simulation to the baseline, in the order of the variants; the baseline has none.
pub fn changes(run: &RunResult) -> Vec<Vec<Option<VariantChange>>> {
    let baseline = run.variants.first();
    run.variants
        .iter()
        .enumerate()
        .map(|(i, variant)| {
            variant
                .simulations
                .iter()
                .map(|simulation| {
                    let baseline = baseline.filter(|_| i > 0)?;
                    let old = baseline
                        .simulations
                        .iter()
                        .find(|s| s.simulation == simulation.simulation)?;
                    Some(maps::variant_change(baseline, old, variant, simulation))
                })
                .collect()
        })
        .collect()
}

/// Names the file or folder that an error of the system is about.
fn io_error(path: &Path) -> impl FnOnce(io::Error) -> WriteError {
    let path = path.to_owned();
    move |source| WriteError::Io { path, source }
}

fn create_folder(path: &Path) -> Result<(), WriteError> {
    fs::create_dir_all(path).map_err(io_error(path))
}

/// Makes the folder that a file needs.
fn create_parent(root: &Path, path: &str) -> Result<(), WriteError> {
    match path.rsplit_once('/') {
        Some((folder, _)) => create_folder(&root.join(folder)),
        None => Ok(()),
    }
}

fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = fs::File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Files that earlier runs listed, only those that lie below the folder.
fn earlier_outputs(out: &Path) -> BTreeSet<String> {
    let listed = |name: &str| -> Option<Vec<Value>> {
        let bytes = fs::read(out.join(name)).ok()?;
        let list: Value = serde_json::from_slice(&bytes).ok()?;
        list["outputs"].as_array().cloned()
    };
    ["provenance.json", LISTED]
        .into_iter()
        .filter_map(listed)
        .flatten()
        .filter_map(|output| output["path"].as_str().map(str::to_owned))
        .filter(|path| {
            Path::new(path)
                .components()
                .all(|c| matches!(c, std::path::Component::Normal(_)))
        })
        .collect()
}

fn variant_jobs<'a>(
    run: &'a RunResult,
    variant: usize,
    changes: &'a [Vec<Option<VariantChange>>],
    jobs: &mut Vec<FileJob<'a>>,
) {
    let folder = variant_folder(run, variant);
    let result = &run.variants[variant];
    let city: &'a City = &result.city;
    for (s, simulation) in result.simulations.iter().enumerate() {
        let change = changes[variant].get(s).and_then(Option::as_ref);
        let extent = maps::result_extent(city, simulation);
        for field in &simulation.fields {
            let walls = maps::is_facade_field(field).then(|| maps::best_per_wall(field));
            field_jobs(&folder, city, field, jobs);
            if let (true, Some(extent)) = (drawable(field), extent) {
                jobs.push(map_job(
                    run,
                    variant,
                    field,
                    Shown::Variant,
                    change,
                    walls,
                    extent,
                ));
            }
        }
        for (difference, walls) in change.iter().flat_map(|c| c.fields.iter().zip(&c.walls)) {
            let field = &difference.field;
            field_jobs(&folder, city, field, jobs);
            if let (true, Some(extent)) = (drawable(field), extent) {
                let walls = Some(walls.clone());
                jobs.push(map_job(
                    run,
                    variant,
                    field,
                    Shown::Difference,
                    change,
                    walls,
                    extent,
                ));
            }
        }
        for (name, fields) in point_layers(simulation) {
            jobs.push((
                format!("{folder}/{name}.geojson"),
                Box::new(move || Ok(points_geojson(city, &fields).into_bytes())),
            ));
        }
        for table in &simulation.tables {
            jobs.push((
                format!("{folder}/{}.csv", table.id),
                Box::new(move || Ok(table_csv(table))),
            ));
            if table.id == "facades" {
                jobs.push((
                    format!("{folder}/facades.geojson"),
                    Box::new(move || Ok(facades_geojson([city, city], table).into_bytes())),
                ));
            }
        }
        for table in simulation
            .tables
            .iter()
            .filter(|t| OBJECT_TABLES.contains(&t.id.as_str()))
        {
            jobs.push((
                format!("{folder}/{}.geojson", table.id),
                Box::new(move || Ok(objects_geojson(city, table).into_bytes())),
            ));
        }
        for table in simulation
            .tables
            .iter()
            .filter(|t| t.column("wkt").is_some())
        {
            jobs.push((
                format!("{folder}/{}.geojson", table.id),
                Box::new(move || Ok(lines_geojson(city, table).into_bytes())),
            ));
        }
        if let Some(passability) = &simulation.passability {
            jobs.push((
                format!("{folder}/street_passability.json"),
                Box::new(move || Ok(passability.json().into_bytes())),
            ));
        }
        for table in change.iter().flat_map(|c| &c.tables) {
            jobs.push((
                format!("{folder}/{}.csv", table.id),
                Box::new(move || Ok(table_csv(table))),
            ));
            if table.id == "facades_difference" {
                let cities = [&*run.variants[0].city, city];
                jobs.push((
                    format!("{folder}/facades_difference.geojson"),
                    Box::new(move || Ok(facades_geojson(cities, table).into_bytes())),
                ));
            }
        }
    }
}

/// Rasters and facades are drawn in plan; roofs, own points and values without colours are not.
fn drawable(field: &Field) -> bool {
    let in_plan = matches!(field.data, FieldData::Raster { .. }) || maps::is_facade_field(field);
    in_plan && !field.legend.is_empty()
}

fn field_jobs<'a>(folder: &str, city: &'a City, field: &'a Field, jobs: &mut Vec<FileJob<'a>>) {
    if let FieldData::Raster { grid, values } = &field.data {
        jobs.push((
            format!("{folder}/{}.tif", field.id),
            Box::new(move || {
                let mut bytes = Cursor::new(Vec::new());
                write_geotiff(&mut bytes, &city.frame, grid, values)
                    .map_err(|e| DrawError::new(e.to_string()))?;
                Ok(bytes.into_inner())
            }),
        ));
    }
}

/// Values of walls, by (building key, surface).
type WallValues = BTreeMap<(u32, u32), f32>;

fn map_job<'a>(
    run: &'a RunResult,
    variant: usize,
    field: &'a Field,
    shown: Shown,
    change: Option<&'a VariantChange>,
    walls: Option<WallValues>,
    extent: Extent,
) -> FileJob<'a> {
    (
        format!("{}/{}.png", variant_folder(run, variant), field.id),
        Box::new(move || {
            let city = &run.variants[variant].city;
            let svg = maps::field_map(&FieldMap {
                run,
                variant,
                field,
                shown,
                changes: change.map(|c| &c.objects),
                walls: walls
                    .as_ref()
                    .map_or_else(Vec::new, |w| maps::wall_marks(city, w)),
                extent,
                width_mm: PAGE_WIDTH_MM,
                max_height_mm: MAP_HEIGHT_MM,
            })?;
            png_from_svg(&svg, MAP_WIDTH_PX)
        }),
    )
}

/// Point fields that share their receivers, as (file name, fields): `facade_points`, `roof_points`.
fn point_layers(simulation: &SimulationResult) -> BTreeMap<String, Vec<&Field>> {
    let mut layers: BTreeMap<String, Vec<&Field>> = BTreeMap::new();
    for field in &simulation.fields {
        if matches!(field.data, FieldData::Receivers { .. }) {
            let plane = field.plane.trim_start_matches("plane-").replace('-', "_");
            layers
                .entry(format!("{plane}_points"))
                .or_default()
                .push(field);
        }
    }
    layers
}

/// Start of a GeoJSON file in the CRS of the city. RFC 7946 dropped the `crs` member; GDAL and QGIS read it, and without it
/// metres would be taken for degrees.
fn geojson_head(frame: &LocalFrame) -> String {
    let crs = frame.crs.epsg.map_or_else(String::new, |epsg| {
        format!(
            r#""crs":{{"type":"name","properties":{{"name":"urn:ogc:def:crs:EPSG::{epsg}"}}}},"#
        )
    });
    format!("{{\"type\":\"FeatureCollection\",{crs}\"features\":[\n")
}

fn points_geojson(city: &City, fields: &[&Field]) -> String {
    let mut out = geojson_head(&city.frame);
    let ids: BTreeMap<u32, String> = city
        .buildings
        .iter()
        .map(|b| (b.key, Value::from(b.id.as_str()).to_string()))
        .collect();
    let Some(FieldData::Receivers {
        receivers, range, ..
    }) = fields.first().map(|f| &f.data)
    else {
        return out + "]}\n";
    };
    // Fields on other receivers than the first would need a file of their own; one study has one set.
    let columns: Vec<(String, &[f32])> = fields
        .iter()
        .filter_map(|f| match &f.data {
            FieldData::Receivers {
                range: r, values, ..
            } if r == range => Some((Value::from(f.id.as_str()).to_string(), values.as_slice())),
            _ => None,
        })
        .collect();
    for (n, i) in range.clone().enumerate() {
        let p = receivers.positions[i];
        let [e, north, h] = city
            .frame
            .crs_from_local(nalgebra::Point3::new(p[0], p[1], p[2]).cast());
        let normal = receivers.normals[i];
        let separator = if n == 0 { "" } else { ",\n" };
        let _ = write!(
            out,
            r#"{separator}{{"type":"Feature","geometry":{{"type":"Point","coordinates":[{e:.2},{north:.2},{h:.2}]}},"properties":{{"#
        );
        if let Some(id) = ids.get(&receivers.buildings[i]) {
            let _ = write!(out, r#""building":{id},"#);
        }
        if receivers.surfaces[i] != NO_OWNER {
            let _ = write!(out, r#""surface":{},"#, receivers.surfaces[i]);
        }
        let _ = write!(
            out,
            r#""nx":{},"ny":{},"nz":{}"#,
            number(f64::from(normal[0]), 4),
            number(f64::from(normal[1]), 4),
            number(f64::from(normal[2]), 4)
        );
        for (name, values) in &columns {
            let value = values.get(n).map_or(f64::NAN, |v| f64::from(*v));
            let _ = write!(out, r#",{name}:{}"#, number(value, 4));
        }
        out.push_str("}}");
    }
    out + "\n]}\n"
}

/// A JSON number without trailing zeros; `null` without value.
fn number(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return "null".to_owned();
    }
    let text = format!("{value:.decimals$}");
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    if text == "-0" { "0" } else { text }.to_owned()
}

/// One line in plan per row of a table of facades, with the table's columns as properties. Rows that are gone lie in the
/// first city, that of the baseline, all others in the second.
fn facades_geojson(cities: [&City; 2], table: &Table) -> String {
    let frame = &cities[1].frame;
    let mut out = geojson_head(frame);
    let by_id = cities.map(|city| {
        let buildings = city.buildings.iter();
        buildings
            .map(|b| (b.id.as_str(), &**b))
            .collect::<BTreeMap<&str, &Building>>()
    });
    let (building, surface) = (table.column("building"), table.column("surface"));
    let state = table.column("state");
    let mut first = true;
    for row in &table.rows {
        let place = || {
            let is_gone = state.is_some_and(|c| row[c] == Cell::Key("gone"));
            let city = &by_id[usize::from(!is_gone)];
            let building = city.get(row.get(building?)?.plain().as_str()).copied()?;
            let surface = surface_index(building, row.get(surface?)?)?;
            maps::wall_line(building, surface)
        };
        let Some((line, _)) = place() else {
            continue;
        };
        let corner = |p: [f64; 2]| {
            let [e, n, _] = frame.crs_from_local(nalgebra::Point3::new(p[0], p[1], 0.0));
            format!("[{e:.2},{n:.2}]")
        };
        let properties = properties(table, row);
        let separator = if first { "" } else { ",\n" };
        first = false;
        let _ = write!(
            out,
            r#"{separator}{{"type":"Feature","geometry":{{"type":"LineString","coordinates":[{},{}]}},"properties":{{{properties}}}}}"#,
            corner(line[0]),
            corner(line[1])
        );
    }
    out + "\n]}\n"
}

/// Cells of a row as the members of a GeoJSON `properties` object.
fn properties(table: &Table, row: &[Cell]) -> String {
    let mut properties = String::new();
    for (column, cell) in table.columns.iter().zip(row) {
        let value = match cell {
            Cell::Text(_) | Cell::Key(_) => Value::from(cell.plain()).to_string(),
            Cell::Integer(_) | Cell::Number { .. } => {
                let text = cell.plain();
                if text.is_empty() {
                    "null".to_owned()
                } else {
                    text
                }
            }
            Cell::Empty => "null".to_owned(),
        };
        let comma = if properties.is_empty() { "" } else { "," };
        let _ = write!(
            properties,
            "{comma}{}:{value}",
            Value::from(column.id.as_str())
        );
    }
    properties
}

/// Tables with a row per object of the city, which become layers of the same name.
const OBJECT_TABLES: [&str; 3] = ["flood_buildings", "flood_streets", "access_buildings"];

/// Objects of the rows (of a table of water: those with more than a film of it), with the table's columns as properties: outlines of buildings as
/// polygons, streets as lines.
fn objects_geojson(city: &City, table: &Table) -> String {
    let mut out = geojson_head(&city.frame);
    let corner = |[x, y]: [f64; 2]| {
        let [e, n, _] = city.frame.crs_from_local(nalgebra::Point3::new(x, y, 0.0));
        format!("[{e:.2},{n:.2}]")
    };
    let ring = |points: &[[f64; 2]]| -> String {
        let points: Vec<String> = points.iter().map(|p| corner(*p)).collect();
        format!("[{}]", points.join(","))
    };
    let buildings: BTreeMap<&str, &Building> = city
        .buildings
        .iter()
        .map(|b| (b.id.as_str(), &**b))
        .collect();
    let streets: BTreeMap<&str, &Street> =
        city.streets.iter().map(|s| (s.id.as_str(), s)).collect();
    let depth = table.column("depth_max_m");
    let mut first = true;
    for row in &table.rows {
        let depth_m = depth.map(|c| row[c].number());
        if depth_m.is_some_and(|depth_m| depth_m.is_none_or(|d| d < f64::from(WET_M))) {
            continue;
        }
        let id = row[0].plain();
        let geometry = if let Some(building) = buildings.get(id.as_str()) {
            let polygons: Vec<String> = maps::ground_rings(building)
                .iter()
                .map(|rings| {
                    let rings: Vec<String> = rings.iter().map(|r| ring(r)).collect();
                    format!("[{}]", rings.join(","))
                })
                .collect();
            format!(
                r#"{{"type":"MultiPolygon","coordinates":[{}]}}"#,
                polygons.join(",")
            )
        } else if let Some(street) = streets.get(id.as_str()) {
            format!(
                r#"{{"type":"LineString","coordinates":{}}}"#,
                ring(&street.line)
            )
        } else {
            continue;
        };
        let separator = if first { "" } else { ",\n" };
        first = false;
        let _ = write!(
            out,
            r#"{separator}{{"type":"Feature","geometry":{geometry},"properties":{{{}}}}}"#,
            properties(table, row)
        );
    }
    out + "\n]}\n"
}

/// Rows of a table with a column of lines (`LINESTRING (easting northing, …)`), its other columns as properties.
fn lines_geojson(city: &City, table: &Table) -> String {
    let mut out = geojson_head(&city.frame);
    let Some(place) = table.column("wkt") else {
        return out + "]}\n";
    };
    let mut plain = table.clone();
    plain.columns.remove(place);
    let mut first = true;
    for row in &table.rows {
        let mut row = row.clone();
        let line = row.remove(place).plain();
        let corners = line
            .trim_start_matches("LINESTRING (")
            .trim_end_matches(')');
        let corners: Vec<String> = corners
            .split(", ")
            .map(|corner| format!("[{}]", corner.replace(' ', ",")))
            .collect();
        let separator = if first { "" } else { ",\n" };
        first = false;
        let _ = write!(
            out,
            r#"{separator}{{"type":"Feature","geometry":{{"type":"LineString","coordinates":[{}]}},"properties":{{{}}}}}"#,
            corners.join(","),
            properties(&plain, &row)
        );
    }
    out + "\n]}\n"
}

/// Surface of a building that a cell names: by index, by its id, or as `BUILDING#INDEX` where it has none.
pub fn surface_index(building: &Building, cell: &Cell) -> Option<u32> {
    if let Cell::Integer(index) = cell {
        return u32::try_from(*index).ok();
    }
    let id = cell.plain();
    building
        .geometry
        .surfaces
        .iter()
        .position(|s| s.id.as_deref() == Some(&id))
        .map(|i| i as u32)
        .or_else(|| id.rsplit_once('#')?.1.parse().ok())
}

/// A table as CSV: comma, point, ISO dates, UTF-8.
fn table_csv(table: &Table) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let head = table.columns.iter().map(|c| harmless(c.id.clone()));
    // Writing into memory cannot fail; rows of a table are as long as its head.
    let _ = writer.write_record(head);
    for row in &table.rows {
        let _ = writer.write_record(row.iter().map(|cell| match cell {
            Cell::Text(text) => harmless(text.clone()),
            _ => cell.plain(),
        }));
    }
    writer.into_inner().unwrap_or_default()
}

/// Text that a spreadsheet would run as a formula gets an apostrophe in front (OWASP, CSV injection).
fn harmless(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        format!("'{text}")
    } else {
        text
    }
}

fn pretty(value: &Value) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}

fn summary(run: &RunResult, outputs: &[Output]) -> Value {
    let head = &run.scenario.scenario;
    let variants: Vec<Value> = (0..run.variants.len())
        .map(|i| variant_summary(run, i, outputs))
        .collect();
    let findings: Vec<Value> = all_findings(run)
        .into_iter()
        .map(|(finding, of)| {
            let mut value = json!(finding);
            let names = of.iter().map(|i| run.variants[*i].name.as_str());
            value["variants"] = names.collect();
            value
        })
        .collect();
    json!({
        "format": "planspiel-summary",
        "version": 1,
        "program": { "name": "planspiel", "version": env!("CARGO_PKG_VERSION") },
        "scenario": {
            "name": head.name,
            "comment": head.comment,
            "language": head.language.code(),
            "file": run.scenario_file(),
            "blake3": run.scenario_blake3,
            "seed": head.seed,
        },
        "variants": variants,
        "findings": findings,
    })
}

fn variant_summary(run: &RunResult, i: usize, outputs: &[Output]) -> Value {
    let variant = &run.variants[i];
    let baseline = run.variants.first().filter(|_| i > 0);
    let folder = variant_folder(run, i);
    let simulations: Vec<Value> = variant
        .simulations
        .iter()
        .map(|simulation| {
            json!({
                "simulation": simulation.simulation,
                "quality": simulation.quality,
                "indicators": indicator_values(baseline, variant, simulation),
                "method": simulation.method.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect::<Vec<_>>(),
            })
        })
        .collect();
    let mut value = json!({
        "name": variant.name,
        "comment": variant.comment,
        "folder": folder,
        "buildings": variant.city.buildings.len(),
        "buildings_assumed_height": assumed_heights(&variant.city),
        "trees": variant.city.trees.len(),
        "simulations": simulations,
        "files": outputs
            .iter()
            .map(|o| o.path.as_str())
            .filter(|p| p.strip_prefix(&folder).is_some_and(|rest| rest.starts_with('/')))
            .collect::<BTreeSet<_>>(),
    });
    if let Some(baseline) = baseline {
        let objects = super::compare::compare_objects(&baseline.city, &variant.city);
        value["changes"] = json!({
            "buildings_added": objects.added.iter().map(|b| &b.id).collect::<Vec<_>>(),
            "buildings_removed": objects.removed.iter().map(|b| &b.id).collect::<Vec<_>>(),
            "buildings_changed": objects.changed.iter().map(|[_, b]| &b.id).collect::<Vec<_>>(),
            "trees_added": objects.trees_added.iter().map(|t| &t.id).collect::<Vec<_>>(),
            "trees_removed": objects.trees_removed.iter().map(|t| &t.id).collect::<Vec<_>>(),
        });
    }
    value
}

/// Indicators of a simulation as data. Against a baseline each has the baseline's value and the difference, which holds for
/// the objects counted in `matched`: those that exist in both.
pub fn indicator_values(
    baseline: Option<&VariantResult>,
    variant: &VariantResult,
    simulation: &SimulationResult,
) -> Vec<Value> {
    let value = |i: &Indicator, value: Option<f64>| {
        json!({
            "id": i.id, "key": i.key, "date": i.date, "unit": i.unit, "decimals": i.decimals, "value": value,
        })
    };
    let Some(baseline) = baseline else {
        let all = simulation.indicators.iter();
        return all.map(|i| value(i, Some(i.value))).collect();
    };
    indicator_differences(baseline, variant, simulation.simulation)
        .iter()
        .map(|row| {
            let mut value = value(&row.indicator, row.variant);
            value["baseline"] = json!(row.baseline);
            value["difference"] = json!(row.difference());
            if let Some(matched) = &row.matched {
                value["matched"] = json!({
                    "objects": matched.objects,
                    "count": matched.count,
                    "baseline": matched.baseline,
                    "value": matched.variant,
                });
            }
            value
        })
        .collect()
}

/// Number of buildings with an assumed height.
pub fn assumed_heights(city: &City) -> usize {
    city.buildings
        .iter()
        .filter(|b| b.attributes.assumed_height_m.is_some())
        .count()
}

/// Findings of all cities and simulations, sorted, each once, with the variants (baseline = 0) they belong to.
pub fn all_findings(run: &RunResult) -> BTreeMap<&Finding, Vec<usize>> {
    let mut findings: BTreeMap<&Finding, Vec<usize>> = BTreeMap::new();
    for (i, variant) in run.variants.iter().enumerate() {
        let of_simulations = variant.simulations.iter().flat_map(|s| &s.findings);
        for finding in variant.city.findings.iter().chain(of_simulations) {
            let variants = findings.entry(finding).or_default();
            if variants.last() != Some(&i) {
                variants.push(i);
            }
        }
    }
    findings
}

/// Layers of all cities, each once, in the order of the scenario.
pub fn all_sources(run: &RunResult) -> Vec<&LayerSource> {
    let mut sources: Vec<&LayerSource> = Vec::new();
    for source in run.variants.iter().flat_map(|v| v.city.sources.iter()) {
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    sources
}

/// Files that simulations read besides the cities, as (simulation, file), each once.
pub fn all_inputs(run: &RunResult) -> Vec<(&'static str, &InputFile)> {
    let mut inputs: Vec<(&'static str, &InputFile)> = Vec::new();
    for simulation in run.variants.iter().flat_map(|v| &v.simulations) {
        for file in &simulation.inputs {
            if !inputs.contains(&(simulation.simulation, file)) {
                inputs.push((simulation.simulation, file));
            }
        }
    }
    inputs
}

fn provenance(run: &RunResult, outputs: &[Output]) -> Value {
    let layers = all_sources(run).into_iter().map(|source| json!(source));
    let files = all_inputs(run).into_iter().map(|(simulation, file)| {
        json!({ "simulation": simulation, "path": file.path, "blake3": file.blake3 })
    });
    json!({
        "format": "planspiel-provenance",
        "version": 1,
        "program": { "name": "planspiel", "version": env!("CARGO_PKG_VERSION") },
        "scenario": {
            "file": run.scenario_file(),
            "blake3": run.scenario_blake3,
            "seed": run.scenario.scenario.seed,
            "content": &*run.scenario,
        },
        "inputs": layers.chain(files).collect::<Vec<_>>(),
        "outputs": outputs,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::sample_run;
    use crate::report::sample_water::sample_water;

    #[test]
    fn formulas_in_data_are_made_harmless_and_numbers_stay_numbers() {
        let table = Table {
            id: "t".into(),
            title: "table-facades",
            columns: vec![
                super::super::Column {
                    id: "building".into(),
                    title: "column-building",
                    unit: "",
                    date: None,
                },
                super::super::Column {
                    id: "change".into(),
                    title: "column-area",
                    unit: "h",
                    date: None,
                },
            ],
            rows: vec![
                vec![
                    Cell::Text("=HYPERLINK(\"http://x\")".into()),
                    Cell::Number {
                        value: -1.5,
                        decimals: 2,
                    },
                ],
                vec![
                    Cell::Text("a,\"b\"".into()),
                    Cell::Number {
                        value: -0.001,
                        decimals: 1,
                    },
                ],
            ],
            key_columns: 1,
        };
        let text = String::from_utf8(table_csv(&table)).unwrap();
        assert_eq!(
            text,
            "building,change\n\"'=HYPERLINK(\"\"http://x\"\")\",-1.50\n\"a,\"\"b\"\"\",0.0\n"
        );
    }

    #[test]
    fn water_becomes_layers_of_buildings_streets_and_cells() {
        let folder = tempfile::tempdir().unwrap();
        let files = make_files(&sample_water(), &Job::default()).unwrap();
        stage_files(&files, folder.path(), &Job::default())
            .unwrap()
            .place()
            .unwrap();
        let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
        for name in [
            "baseline/flood_depth_max.tif",
            "baseline/flood_depth_max.png",
            "baseline/flood_direction.tif",
            "baseline/flood_level_max.tif",
            "baseline/flood_ledger.csv",
            "baseline/flood_gauge_series.csv",
            "01-turm-am-kai/flood_depth_max_difference.tif",
            "01-turm-am-kai/flood_depth_max_difference.png",
            "01-turm-am-kai/flood_buildings_difference.csv",
        ] {
            assert!(files.iter().any(|f| f.path == name), "{name}");
        }
        for name in ["flood_direction.png", "flood_direction_difference.tif"] {
            assert!(!files.iter().any(|f| f.path.ends_with(name)), "{name}");
        }
        let json = |name: &str| -> Value { serde_json::from_slice(&read(name)).unwrap() };
        let buildings = json("baseline/flood_buildings.geojson");
        let feature = &buildings["features"][0];
        assert_eq!(feature["geometry"]["type"], "MultiPolygon");
        let corners = feature["geometry"]["coordinates"][0][0].as_array().unwrap();
        assert_eq!(corners.len(), 5, "a rectangle, closed");
        assert_eq!(corners[0], corners[4]);
        assert!(feature["properties"]["depth_max_m"].as_f64().unwrap() > 0.03);
        let streets = json("baseline/flood_streets.geojson");
        assert_eq!(streets["features"][0]["geometry"]["type"], "LineString");
        let passability = json("baseline/street_passability.json");
        assert_eq!(passability["times_s"].as_array().unwrap().len(), 25);
        assert!(!passability["streets"].as_array().unwrap().is_empty());
        let ledger = String::from_utf8(read("baseline/flood_ledger.csv")).unwrap();
        assert!(ledger.starts_with("entry,id,in_m3,out_m3\nflood-ledger-initial,,"));
    }

    #[test]
    fn folder_names_are_harmless() {
        assert_eq!(slug("Hochhaus Süd"), "hochhaus-sued");
        assert_eq!(slug("../../etc/passwd"), "etc-passwd");
        assert_eq!(slug("<script>alert(1)</script>"), "script-alert-1-script");
        assert_eq!(slug("…"), "");
    }

    #[test]
    fn a_run_fills_its_folder_with_whole_files_and_lists_their_hashes() {
        let folder = tempfile::tempdir().unwrap();
        let files = write_results(&sample_run(), folder.path(), &Job::default()).unwrap();
        let names: Vec<String> = files
            .iter()
            .map(|f| {
                let relative = f.strip_prefix(folder.path()).unwrap();
                relative.to_str().unwrap().to_owned()
            })
            .collect();
        for name in [
            "baseline/sun_hours_ground_2027-03-21.tif",
            "baseline/sun_hours_ground_2027-03-21.png",
            "baseline/facades.csv",
            "01-turm-am-kai/facades.geojson",
            "01-turm-am-kai/facade_points.geojson",
            "01-turm-am-kai/facades_difference.csv",
            "01-turm-am-kai/facades_difference.geojson",
            "01-turm-am-kai/buildings_difference.csv",
            "01-turm-am-kai/sun_hours_ground_2027-03-21_difference.tif",
            "provenance.json",
            "report.html",
            "summary.json",
        ] {
            assert!(names.iter().any(|n| n == name), "{name} in {names:#?}");
        }
        let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
        let provenance: Value = serde_json::from_slice(&read("provenance.json")).unwrap();
        let outputs = provenance["outputs"].as_array().unwrap();
        assert_eq!(outputs.len() + 1, files.len());
        for output in outputs {
            let bytes = read(output["path"].as_str().unwrap());
            assert_eq!(output["blake3"], blake3::hash(&bytes).to_hex().as_str());
        }
        let csv = String::from_utf8(read("01-turm-am-kai/facades_difference.csv")).unwrap();
        assert!(csv.starts_with("building,surface,state,azimuth_deg_baseline,"));
        let walls: Value =
            serde_json::from_slice(&read("01-turm-am-kai/facades_difference.geojson")).unwrap();
        let walls = walls["features"].as_array().unwrap();
        assert_eq!(
            walls.len(),
            csv.lines().count() - 1,
            "removed walls have a place too"
        );
        for (building, state) in [("turm", "new"), ("schuppen-5", "gone")] {
            assert!(walls.iter().any(|wall| {
                wall["properties"]["building"] == building && wall["properties"]["state"] == state
            }));
        }
        for name in names.iter().filter(|n| n.ends_with("json")) {
            serde_json::from_slice::<Value>(&read(name)).unwrap();
        }
        let summary: Value = serde_json::from_slice(&read("summary.json")).unwrap();
        let indicator = &summary["variants"][1]["simulations"][0]["indicators"][0];
        // The tower and what it covers are in the value, but not in the difference.
        let matched = &indicator["matched"];
        assert_eq!(matched["objects"], "cells");
        assert!(matched["count"].as_u64().unwrap() > 100);
        let number = |value: &Value| value.as_f64().unwrap();
        let difference = number(&matched["value"]) - number(&matched["baseline"]);
        assert_eq!(number(&indicator["difference"]), difference);
    }

    #[test]
    fn findings_name_their_variants() {
        let mut run = sample_run();
        let mut city = (*run.variants[1].city).clone();
        city.findings
            .push(Finding::warning("draft-empty").object("turm"));
        run.variants[1].city = city.into();
        let summary = summary(&run, &[]);
        let variants = |code: &str| {
            let all = summary["findings"].as_array().unwrap();
            let of: Vec<&Value> = all.iter().filter(|f| f["code"] == code).collect();
            of[0]["variants"].clone()
        };
        assert_eq!(variants("draft-empty"), json!(["Turm am Kai"]));
        assert_eq!(
            variants("height-assumed"),
            json!(["baseline", "Turm am Kai"])
        );
    }

    #[test]
    fn the_same_run_gives_the_same_bytes_for_any_number_of_threads() {
        let write = |threads: usize| {
            let folder = tempfile::tempdir().unwrap();
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| write_results(&sample_run(), folder.path(), &Job::default()))
                .unwrap();
            fs::read(folder.path().join("provenance.json")).unwrap()
        };
        assert_eq!(write(1), write(3));
    }

    #[test]
    fn layers_of_an_earlier_run_do_not_stay() {
        let folder = tempfile::tempdir().unwrap();
        let mut run = sample_run();
        write_results(&run, folder.path(), &Job::default()).unwrap();
        fs::write(folder.path().join("mine.txt"), "mine").unwrap();
        run.variants.truncate(1);
        write_results(&run, folder.path(), &Job::default()).unwrap();
        assert!(!folder.path().join("01-turm-am-kai/facades.csv").exists());
        assert!(folder.path().join("baseline/facades.csv").exists());
        assert!(folder.path().join("mine.txt").exists());
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "x").unwrap();
        let error = write_results(&sample_run(), &file, &Job::default()).unwrap_err();
        assert_eq!(error.code(), "result::cannot-write");
        assert!(error.to_string().contains("file"), "{error}");
    }

    #[test]
    fn a_run_that_is_cancelled_while_it_writes_leaves_the_earlier_one_whole() {
        let folder = tempfile::tempdir().unwrap();
        let mut run = sample_run();
        let job = Job::default();
        write_results(&run, folder.path(), &job).unwrap();
        let read = || fs::read(folder.path().join("provenance.json")).unwrap();
        let before = read();
        run.variants.truncate(1);
        let files = make_files(&run, &job).unwrap();
        // What a killed program leaves is cleared away with the next run.
        fs::create_dir(folder.path().join(STAGED)).unwrap();
        job.cancel();
        let error = stage_files(&files, folder.path(), &job).err().unwrap();
        assert!(matches!(error, WriteError::Cancelled(_)));
        assert_eq!(read(), before);
        assert!(folder.path().join("01-turm-am-kai/facades.csv").exists());
        assert!(!folder.path().join(STAGED).exists());
    }

    #[test]
    fn a_folder_with_a_provenance_is_whole_whatever_happens() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let mut run = sample_run();
        write_results(&run, folder.path(), &Job::default()).unwrap();
        let whole = fs::read(at("provenance.json")).unwrap();

        // The program ends between two files: here because one cannot take its place.
        let in_the_way = at("baseline/facades.csv");
        fs::remove_file(&in_the_way).unwrap();
        fs::create_dir_all(in_the_way.join("full")).unwrap();
        let error = write_results(&run, folder.path(), &Job::default()).unwrap_err();
        assert!(error.to_string().contains("facades.csv"), "{error}");
        for name in LAST {
            assert!(!at(name).exists(), "{name}");
        }
        assert!(!at(STAGED).exists());

        // The next run ends what that one began: it also knows the layers that it does not have itself.
        fs::remove_dir_all(&in_the_way).unwrap();
        let variants = run.variants.clone();
        run.variants.truncate(1);
        write_results(&run, folder.path(), &Job::default()).unwrap();
        assert!(!at("01-turm-am-kai/facades.csv").exists());
        for name in LAST {
            assert!(at(name).exists(), "{name}");
        }
        assert!(!at(LISTED).exists());
        run.variants = variants;
        write_results(&run, folder.path(), &Job::default()).unwrap();
        assert_eq!(fs::read(at("provenance.json")).unwrap(), whole);
    }

    #[test]
    fn a_cancelled_job_writes_no_summary() {
        let folder = tempfile::tempdir().unwrap();
        let job = Job::default();
        job.cancel();
        let error = write_results(&sample_run(), folder.path(), &job).unwrap_err();
        assert!(matches!(error, WriteError::Cancelled(_)));
        assert!(!folder.path().join("summary.json").exists());
    }
}
