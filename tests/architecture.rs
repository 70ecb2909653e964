//! The walls of the house: what may use what.

use std::path::{Path, PathBuf};

fn sources(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn offenders(folders: &[&str], words: &[&str]) -> Vec<String> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    for file in folders.iter().flat_map(|f| sources(&src.join(f))) {
        let text = std::fs::read_to_string(&file).unwrap();
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if words.iter().any(|w| code.contains(w)) {
                found.push(format!(
                    "{}:{}: {}",
                    file.display(),
                    number + 1,
                    line.trim()
                ));
            }
        }
    }
    found
}

#[test]
fn lower_folders_know_no_window_engine_or_command_line() {
    let folders = ["geo", "city", "scenario", "sun", "result", "report"];
    let found = offenders(
        &folders,
        &[
            "bevy::",
            "bevy_egui",
            "egui::",
            "wgpu::",
            "clap::",
            "winit::",
        ],
    );
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn only_three_places_name_the_desktop_feature() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for file in sources(&src) {
        let text = std::fs::read_to_string(&file).unwrap();
        let name = file.strip_prefix(&src).unwrap().display().to_string();
        assert!(
            !text.contains("feature = \"desktop\"")
                || ["lib.rs", "main.rs"].contains(&name.as_str())
                || name.starts_with("cli/"),
            "{name} names the desktop feature"
        );
    }
}
