//! Where files may come from: paths as written in a scenario become files or embedded samples.
//!
//! A path may name the scenario's folder and what lies below it. `data:PATH` lies below the data root (`--data`,
//! `PLANSPIEL_DATA`), `sample:NAME` is built into the program. `..` and absolute paths are accepted only when they end in
//! that folder or in the data root; links are followed before this is judged, so that a link cannot lead outside.

use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};

use super::error::{CityError, CityErrorKind};

/// Largest file (bytes) that is read into memory.
const LARGEST_FILE: u64 = 4 << 30;

/// Folders from which files may come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roots {
    /// Folder of the scenario or city file; empty means the working directory.
    pub folder: PathBuf,
    /// Folder behind `data:`.
    pub data: Option<PathBuf>,
}

/// A file that may be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A file or folder on disk, links resolved.
    File(PathBuf),
    /// A file built into the program.
    Embedded {
        /// Name behind `sample:`, e.g. `hafenquartier/terrain.tif`.
        name: &'static str,
        /// Its content.
        bytes: &'static [u8],
    },
}

/// The files of the embedded sample city; the first is the city itself, drafts come last.
const EMBEDDED: &[(&str, &[u8])] = &[
    (
        "hafenquartier/buildings.city.json",
        include_bytes!("../../assets/hafenquartier/buildings.city.json"),
    ),
    (
        "hafenquartier/terrain.tif",
        include_bytes!("../../assets/hafenquartier/terrain.tif"),
    ),
    (
        "hafenquartier/trees.csv",
        include_bytes!("../../assets/hafenquartier/trees.csv"),
    ),
    (
        "hafenquartier/streets.osm",
        include_bytes!("../../assets/hafenquartier/streets.osm"),
    ),
    (
        "hafenquartier/land-cover.geojson",
        include_bytes!("../../assets/hafenquartier/land-cover.geojson"),
    ),
    (
        "hafenquartier/turm.glb",
        include_bytes!("../../assets/hafenquartier/turm.glb"),
    ),
];

/// Files of an embedded sample (`hafenquartier`), for a city that is a whole folder; its drafts are no part of it.
pub(crate) fn embedded_sample(name: &str) -> Vec<&'static str> {
    EMBEDDED
        .iter()
        .map(|(file, _)| *file)
        .filter(|file| file.split('/').next() == Some(name) && !file.ends_with(".glb"))
        .collect()
}

impl Roots {
    /// Finds the file or folder that a path names.
    pub fn resolve(&self, written: &str) -> Result<Source, CityError> {
        let fault = |kind, what: &str| CityError::new(kind, written, what);
        if let Some(name) = written.strip_prefix("sample:") {
            return EMBEDDED
                .iter()
                .find(|(file, _)| *file == name || file.split('/').next() == Some(name))
                .map(|(file, bytes)| Source::Embedded { name: file, bytes })
                .ok_or_else(|| {
                    fault(CityErrorKind::Missing, "there is no such sample")
                        .help("the program contains `sample:hafenquartier`")
                });
        }
        if written.trim().is_empty() || written.contains('\0') {
            return Err(fault(
                CityErrorKind::PathNotAllowed,
                "the path names no file",
            ));
        }
        let folder = if self.folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            self.folder.as_path()
        };
        let (base, path) = match written.strip_prefix("data:") {
            None => (folder, written),
            Some(path) => {
                let root = self.data.as_deref().ok_or_else(|| {
                    fault(
                        CityErrorKind::Missing,
                        "the folder of the data is not known",
                    )
                    .help("name it with --data DIR or in the variable PLANSPIEL_DATA")
                })?;
                (root, path)
            }
        };
        let wanted = base.join(path);
        let roots: Vec<PathBuf> = match written.strip_prefix("data:") {
            Some(_) => vec![base.to_owned()],
            None => std::iter::once(folder.to_owned())
                .chain(self.data.clone())
                .collect(),
        };
        let outside = || {
            fault(
                CityErrorKind::PathNotAllowed,
                "the path leaves the folders from which files may come",
            )
            .expected("a path below the folder of the scenario, or `data:PATH` below the data root")
            .help("move the file below the scenario, or name its folder with --data DIR")
        };
        // First in words, so that a forbidden path tells nothing about the disk.
        let in_words = in_words(&wanted);
        if !roots
            .iter()
            .any(|root| in_words.starts_with(self::in_words(root)))
        {
            return Err(outside());
        }
        let real = wanted
            .canonicalize()
            .map_err(|error| missing(written, &wanted, &error))?;
        let inside = |root: &PathBuf| root.canonicalize().is_ok_and(|root| real.starts_with(root));
        if roots.iter().any(inside) {
            Ok(Source::File(real))
        } else {
            Err(outside())
        }
    }
}

/// The error for a path that does not lead to a file: it names the part that exists.
fn missing(written: &str, wanted: &Path, error: &std::io::Error) -> CityError {
    let fault = CityError::from_io(written, error);
    if fault.kind != CityErrorKind::Missing {
        return fault;
    }
    let existing = wanted.ancestors().skip(1).find(|folder| folder.is_dir());
    let Some(folder) = existing else {
        return fault.help("check the path");
    };
    let name = wanted
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    let near = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
        .map(|other| (strsim::jaro_winkler(&name, &other), other))
        .filter(|(likeness, _)| *likeness > 0.85)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(&a.1)));
    match near {
        Some((_, other)) => fault.help(format!("did you mean `{other}`?")),
        None if written.starts_with("data:") => fault.help(format!(
            "check the path and the data folder ({}); --data DIR or PLANSPIEL_DATA names another one",
            folder.display()
        )),
        None => fault.help("check the path; it is looked up from the folder of the scenario"),
    }
}

/// `.` and `..` resolved without asking the disk.
fn in_words(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                out.pop();
            }
            Component::CurDir => {}
            other => out.push(other),
        }
    }
    out
}

impl Source {
    /// The bytes of the file. `place` is the path as written, for messages.
    pub fn read(&self, place: &str) -> Result<Cow<'static, [u8]>, CityError> {
        let path = match self {
            Self::Embedded { bytes, .. } => return Ok(Cow::Borrowed(bytes)),
            Self::File(path) => path,
        };
        let io = |error: std::io::Error| CityError::from_io(place, &error);
        let size = std::fs::metadata(path).map_err(io)?.len();
        if size > LARGEST_FILE {
            return Err(
                CityError::new(CityErrorKind::TooLarge, place, "the file is too large")
                    .expected(format!("at most {} GB", LARGEST_FILE >> 30))
                    .found(format!("{} MB", size >> 20))
                    .help("cut it to the area of the study"),
            );
        }
        Ok(Cow::Owned(std::fs::read(path).map_err(io)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(result: Result<Source, CityError>) -> &'static str {
        match result {
            Ok(_) => "ok",
            Err(error) => error.code(),
        }
    }

    #[test]
    fn only_declared_folders_are_reached() {
        let dir = tempfile::tempdir().unwrap();
        let (folder, data) = (dir.path().join("scenarios"), dir.path().join("data"));
        std::fs::create_dir_all(folder.join("sub")).unwrap();
        std::fs::create_dir_all(&data).unwrap();
        for file in [
            "scenarios/a.gml",
            "scenarios/sub/b.gml",
            "data/c.gml",
            "secret.gml",
        ] {
            std::fs::write(dir.path().join(file), "x").unwrap();
        }
        let roots = Roots {
            folder: folder.clone(),
            data: Some(data.clone()),
        };
        let absolute = |p: &Path| p.to_string_lossy().into_owned();
        for (path, expected) in [
            ("a.gml".to_owned(), "ok"),
            ("./sub/b.gml".to_owned(), "ok"),
            ("sub/../a.gml".to_owned(), "ok"),
            ("data:c.gml".to_owned(), "ok"),
            ("../data/c.gml".to_owned(), "ok"),
            (absolute(&data.join("c.gml")), "ok"),
            ("../secret.gml".to_owned(), "path-not-allowed"),
            ("../nothing.gml".to_owned(), "path-not-allowed"),
            ("data:../secret.gml".to_owned(), "path-not-allowed"),
            ("data:../scenarios/a.gml".to_owned(), "path-not-allowed"),
            (absolute(&dir.path().join("secret.gml")), "path-not-allowed"),
            ("/etc/passwd".to_owned(), "path-not-allowed"),
            ("missing.gml".to_owned(), "missing"),
            ("data:missing.gml".to_owned(), "missing"),
            ("sample:atlantis".to_owned(), "missing"),
            (" ".to_owned(), "path-not-allowed"),
        ] {
            assert_eq!(code(roots.resolve(&path)), expected, "{path}");
        }
        let without = Roots { folder, data: None };
        assert_eq!(code(without.resolve("data:c.gml")), "missing");
        assert_eq!(code(without.resolve("../data/c.gml")), "path-not-allowed");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_does_not_lead_outside() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("scenarios");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(dir.path().join("secret.gml"), "x").unwrap();
        std::os::unix::fs::symlink(dir.path().join("secret.gml"), folder.join("link.gml")).unwrap();
        let roots = Roots { folder, data: None };
        assert_eq!(code(roots.resolve("link.gml")), "path-not-allowed");
    }

    #[test]
    fn a_missing_file_says_which_and_what_is_near() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("terrain.tif"), "x").unwrap();
        let roots = Roots {
            folder: dir.path().to_owned(),
            data: None,
        };
        let error = roots.resolve("terrian.tif").unwrap_err();
        assert_eq!(
            (error.exit_code(), error.place.as_str()),
            (66, "terrian.tif")
        );
        assert_eq!(error.help.as_deref(), Some("did you mean `terrain.tif`?"));
    }
}
