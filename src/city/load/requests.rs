//! Which files make up a city, and what holds for those that do not say it themselves.

use std::path::{Path, PathBuf};

use crate::city::error::{CityError, CityErrorKind};
use crate::city::solid_model::ModelSettings;
use crate::city::sources::{Roots, Source, embedded_sample};
use crate::geo::Crs;
use crate::scenario::{CitySettings, LayerSettings};

/// A file to be read.
#[derive(Clone)]
pub(super) struct Request {
    pub(super) written: String,
    pub(super) source: Source,
    pub(super) settings: Option<LayerSettings>,
}

/// What holds for the files that do not say it themselves.
#[derive(Default)]
pub(super) struct Defaults {
    pub(super) crs: Option<Crs>,
    pub(super) model: ModelSettings,
}

impl Defaults {
    pub(super) fn of(city: &CitySettings) -> Result<Self, CityError> {
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

pub(super) fn parse_crs(name: &str, place: &str) -> Result<Crs, CityError> {
    Crs::parse(name).map_err(|error| {
        CityError::new(CityErrorKind::Crs, place, error.to_string())
            .expected("for example EPSG:25832")
            .found(name.to_owned())
    })
}

/// The files behind a city: itself, the files of a folder, or those of an embedded sample.
pub(super) fn expanded(written: &str, roots: &Roots) -> Result<Vec<Request>, CityError> {
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
pub(super) fn folder_files(folder: &Path, written: &str) -> Result<Vec<Request>, CityError> {
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
