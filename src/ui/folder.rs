//! The list of files that the open and save windows show. There is no system file dialog: it would need another window
//! system library, and the kiosk must not have one.

use std::path::{Path, PathBuf};

/// A folder as last read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folder {
    /// Its path; empty before the first reading.
    pub path: PathBuf,
    /// Folders, then files, each in alphabetical order.
    pub entries: Vec<FolderEntry>,
    /// Why it could not be read, in the words of the system.
    pub error: Option<String>,
}

/// One folder or file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderEntry {
    /// Name without the path.
    pub name: String,
    /// Full path.
    pub path: PathBuf,
    /// True for a folder.
    pub folder: bool,
}

/// Endings of files that can be opened.
pub const CITY_ENDINGS: [&str; 7] = ["toml", "gml", "citygml", "xml", "json", "jsonl", "geojson"];

/// Reads a folder: folders and files that can be opened, without hidden ones.
pub fn read_folder(path: &Path) -> Folder {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let entries = match std::fs::read_dir(&path) {
        Ok(entries) => entries,
        Err(error) => {
            return Folder {
                path,
                entries: Vec::new(),
                error: Some(error.to_string()),
            };
        }
    };
    let mut list: Vec<FolderEntry> = entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = entry.path();
            let folder = path.is_dir();
            let wanted = folder
                || path
                    .extension()
                    .and_then(|e| e.to_str())
                    .is_some_and(|e| CITY_ENDINGS.contains(&e.to_lowercase().as_str()));
            (wanted && !name.starts_with('.')).then_some(FolderEntry { name, path, folder })
        })
        .collect();
    list.sort_by_cached_key(|e| (!e.folder, e.name.to_lowercase(), e.name.clone()));
    Folder {
        path,
        entries: list,
        error: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_lists_folders_first_and_only_files_that_can_be_opened() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["b.toml", "A.GML", "notes.txt", ".hidden.toml"] {
            std::fs::write(dir.path().join(name), "").unwrap();
        }
        std::fs::create_dir(dir.path().join("zoo")).unwrap();
        let folder = read_folder(dir.path());
        let names: Vec<&str> = folder.entries.iter().map(|e| e.name.as_str()).collect();
        assert_eq!(names, ["zoo", "A.GML", "b.toml"]);
        assert_eq!(folder.error, None);
    }

    #[test]
    fn a_missing_folder_says_why() {
        let dir = tempfile::tempdir().unwrap();
        let folder = read_folder(&dir.path().join("missing"));
        assert!(folder.entries.is_empty());
        assert!(folder.error.is_some());
    }
}
