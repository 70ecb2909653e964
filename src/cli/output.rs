//! The results folder: may it be written, what may be replaced, what must stay.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::result::write::STAGED;
use crate::scenario::shown;

use super::exit::{CANNOT_WRITE, CliError};

/// Facts of a run, beside the results; also the mark by which a results folder is known.
pub const RUN_FILE: &str = "run.json";

/// A folder that may be written. Dropped without [`OutputFolder::keep`], it removes what it created itself.
#[derive(Debug)]
pub struct OutputFolder {
    path: PathBuf,
    /// Folders created for it, outermost first.
    created: Vec<PathBuf>,
    kept: bool,
}

impl OutputFolder {
    /// Makes sure, before anything is computed, that results can be written to `path`.
    ///
    /// A folder with other contents is left alone unless `force`; one with results of the same scenario is replaced.
    pub fn prepare(path: &Path, scenario: &Path, force: bool) -> Result<Self, CliError> {
        let name = shown(&path.display().to_string());
        let refuse = |code: &str, text: String, help: &str| {
            CliError::new(
                CANNOT_WRITE,
                format!("error[cli::{code}]: {text}\n  --> {name}\n  help: {help}"),
            )
        };
        if path.exists() && !path.is_dir() {
            return Err(refuse(
                "output-not-a-folder",
                "the output folder is a file".to_owned(),
                "name another folder with --out DIR",
            ));
        }
        if !(force || is_empty(path) || has_results_of(path, scenario)) {
            return Err(refuse(
                "output-not-empty",
                "the output folder holds something else than results of this scenario".to_owned(),
                "name another folder with --out DIR, or use --force to write there anyway",
            ));
        }
        let mut created: Vec<PathBuf> = path
            .ancestors()
            .take_while(|p| !p.as_os_str().is_empty() && !p.exists())
            .map(Path::to_owned)
            .collect();
        created.reverse();
        let folder = Self {
            path: path.to_owned(),
            created,
            kept: false,
        };
        let probe = path.join(".planspiel.part");
        let test = std::fs::create_dir_all(path).and_then(|()| {
            let mut file = std::fs::File::create(&probe)?;
            file.write_all(b"test")?;
            drop(file);
            std::fs::remove_file(&probe)
        });
        test.map_err(|error| {
            refuse(
                "output-not-writable",
                format!("results cannot be written: {}", plain(&error)),
                "check the rights and the free space of the folder, or name another one with --out DIR",
            )
        })?;
        Ok(folder)
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps what was written.
    pub fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for OutputFolder {
    fn drop(&mut self) {
        if !self.kept {
            // Only empty folders can be removed this way.
            for folder in self.created.iter().rev() {
                let _ = std::fs::remove_dir(folder);
            }
        }
    }
}

/// True for a folder with nothing in it but what a run that was killed had not finished.
fn is_empty(path: &Path) -> bool {
    std::fs::read_dir(path).map_or(true, |mut entries| {
        entries.all(|entry| entry.is_ok_and(|e| e.file_name() == STAGED))
    })
}

/// True for the folder of a former run of the same scenario.
fn has_results_of(path: &Path, scenario: &Path) -> bool {
    let read = || -> Option<Value> {
        let text = std::fs::read_to_string(path.join(RUN_FILE)).ok()?;
        serde_json::from_str(&text).ok()
    };
    read().is_some_and(|run| {
        run["program"] == "planspiel"
            && run["scenario_file"].as_str() == Some(canonical(scenario).to_string_lossy().as_ref())
    })
}

/// The file's own place on this machine, by which a later run knows it again.
pub fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// The system's words without its number.
pub fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error")
        .next()
        .unwrap_or(&text)
        .to_lowercase()
}

/// Writes a file beside its final name and renames it last.
pub fn write_file(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    std::fs::write(&part, bytes)?;
    std::fs::rename(&part, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_folder_is_left_alone_and_an_own_one_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let scenario = dir.path().join("s.toml");
        std::fs::write(&scenario, "x").unwrap();
        let out = dir.path().join("out");
        std::fs::create_dir(&out).unwrap();
        std::fs::write(out.join("thesis.doc"), "mine").unwrap();
        let error = OutputFolder::prepare(&out, &scenario, false).unwrap_err();
        assert_eq!(error.code, 73);
        assert!(error.text.contains("--force"), "{}", error.text);

        let run = serde_json::json!({
            "program": "planspiel",
            "scenario_file": canonical(&scenario).to_string_lossy(),
        });
        std::fs::write(out.join(RUN_FILE), run.to_string()).unwrap();
        assert!(OutputFolder::prepare(&out, &scenario, false).is_ok());
        assert!(out.join("thesis.doc").exists());

        let other = dir.path().join("other.toml");
        std::fs::write(&other, "y").unwrap();
        assert_eq!(
            OutputFolder::prepare(&out, &other, false).unwrap_err().code,
            73
        );
        assert!(OutputFolder::prepare(&out, &other, true).is_ok());
    }

    #[test]
    fn what_a_killed_run_left_is_not_in_the_way() {
        let out = tempfile::tempdir().unwrap();
        let scenario = out.path().with_extension("toml");
        std::fs::create_dir(out.path().join(STAGED)).unwrap();
        assert!(OutputFolder::prepare(out.path(), &scenario, false).is_ok());
        std::fs::write(out.path().join("thesis.doc"), "mine").unwrap();
        assert!(OutputFolder::prepare(out.path(), &scenario, false).is_err());
    }

    #[test]
    fn a_failed_run_leaves_no_empty_folders() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("a/b/c");
        drop(OutputFolder::prepare(&out, Path::new("s.toml"), false).unwrap());
        assert!(!dir.path().join("a").exists());
        let folder = OutputFolder::prepare(&out, Path::new("s.toml"), false).unwrap();
        folder.keep();
        assert!(out.is_dir());
    }

    #[test]
    fn a_file_in_the_way_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("file");
        std::fs::write(&out, "x").unwrap();
        for path in [out.clone(), out.join("below")] {
            let error = OutputFolder::prepare(&path, Path::new("s.toml"), true).unwrap_err();
            assert_eq!(error.code, 73, "{}", error.text);
        }
    }
}
