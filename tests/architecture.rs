//! The walls of the house: what may use what.

use std::collections::BTreeSet;
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
    let folders = [
        "geo", "city", "scenario", "sun", "flood", "wind", "traffic", "people", "transit",
        "access", "shuttle", "result", "report",
    ];
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

/// Modules from the lowest to the highest; each may use itself and those before it.
const ORDER: [&str; 22] = [
    "fault", "finding", "text", "job", "geo", "city", "scenario", "sun", "flood", "wind",
    "traffic", "people", "transit", "shuttle", "access", "result", "report", "verify", "sim", "ui",
    "view", "cli",
];

/// Files that use a higher module all the same: file, module, why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    (
        "city/load/city.rs",
        "scenario",
        "a city is loaded as the scenario lists its layers",
    ),
    (
        "city/load/requests.rs",
        "scenario",
        "a city is loaded as the scenario lists its layers",
    ),
    (
        "scenario/load.rs",
        "sun",
        "the settings of a simulation are a part of the scenario file",
    ),
    (
        "scenario/model.rs",
        "sun",
        "the settings of a simulation are a part of the scenario file",
    ),
    (
        "scenario/model.rs",
        "flood",
        "the settings of a simulation are a part of the scenario file",
    ),
    (
        "scenario/flood_rules.rs",
        "flood",
        "the settings of a simulation are a part of the scenario file",
    ),
    (
        "scenario/flood_unused.rs",
        "flood",
        "the settings of the water are checked with the scenario",
    ),
    (
        "flood/input/refusals.rs",
        "result",
        "tests alone: the input is made for a quality of the result",
    ),
    (
        "flood/input/mod.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "sun/study.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "sun/tables.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "flood/study.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "flood/present/buildings.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "flood/present/facts.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "flood/present/fields.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "flood/present/indicators.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "flood/present/mod.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "flood/present/streets.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "flood/present/tables.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "scenario/model.rs",
        "wind",
        "the settings of a simulation are a part of the scenario file",
    ),
    (
        "scenario/wind_rules.rs",
        "wind",
        "the settings of a simulation are a part of the scenario file",
    ),
    (
        "wind/input/files.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "wind/input/mod.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "wind/present/facts.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "wind/present/fields.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "wind/present/indicators.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "wind/present/mod.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "wind/present/tables.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "wind/present/uses.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "wind/study.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "city/model.rs",
        "traffic",
        "planned changes of traffic are a part of the city of a variant",
    ),
    (
        "scenario/model.rs",
        "traffic",
        "the settings of a simulation are a part of the scenario file",
    ),
    (
        "scenario/traffic_rules.rs",
        "traffic",
        "the settings of a simulation are a part of the scenario file",
    ),
    (
        "city/model.rs",
        "shuttle",
        "planned changes of shuttles are a part of the city of a variant",
    ),
    (
        "scenario/model.rs",
        "shuttle",
        "the settings of a simulation are a part of the scenario file",
    ),
    (
        "scenario/shuttle_rules.rs",
        "shuttle",
        "the settings of a simulation are a part of the scenario file",
    ),
    (
        "shuttle/study/fields.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "shuttle/study/input.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "shuttle/study/movement.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "shuttle/study/present.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "shuttle/study/run.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "shuttle/study/tables.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "traffic/chronicle.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "traffic/input.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "traffic/present/facts.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "traffic/present/fields.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "traffic/present/indicators.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "traffic/present/mod.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "traffic/present/stories.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "traffic/present/tables.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "traffic/source.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "traffic/study.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "traffic/tracks.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "city/model.rs",
        "access",
        "planned changes of public transport are a part of the city of a variant",
    ),
    (
        "scenario/model.rs",
        "access",
        "the settings of a simulation are a part of the scenario file",
    ),
    (
        "scenario/access_rules.rs",
        "access",
        "the settings of a simulation are a part of the scenario file",
    ),
    (
        "access/input.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "access/present.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "access/service.rs",
        "result",
        "a simulation is run for a quality of the result",
    ),
    (
        "access/study.rs",
        "result",
        "a simulation gives a result, whose type belongs to all simulations",
    ),
    (
        "result/write.rs",
        "report",
        "the report belongs to the results folder",
    ),
];

/// Modules of the crate that a source file names, without its tests. `depth` is how deep its module lies below the root.
fn used_modules(source: &str, depth: usize) -> BTreeSet<String> {
    // Tests close a file and may use anything.
    let product = source
        .match_indices("#[cfg(test)]\n")
        .find(|(at, mark)| {
            let next = source[at + mark.len()..].lines().next().unwrap_or_default();
            next.ends_with("mod tests {")
        })
        .map_or(source, |(at, _)| &source[..at]);
    let mut used = BTreeSet::new();
    for line in product.lines() {
        let code = line.split("//").next().unwrap_or_default();
        let code = code.replace(&"super::".repeat(depth), "crate::");
        for (at, mark) in code.match_indices("crate::") {
            let rest = &code[at + mark.len()..];
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            used.insert(match end {
                // `use crate::{a, b}` would hide its modules on other lines.
                Some(0) => "{".to_owned(),
                end => rest[..end.unwrap_or(rest.len())].to_owned(),
            });
        }
    }
    used
}

#[test]
fn uses_are_found_however_they_are_written() {
    let source = "use crate::city::City; // crate::ui\nuse super::sun::Date;\nfn f() { crate::geo::f() }\n\
                  use crate::{\n    view,\n};\n#[cfg(test)]\npub(super) mod tests {\n    use crate::cli;\n}\n";
    let used: Vec<String> = used_modules(source, 1).into_iter().collect();
    assert_eq!(used, ["city", "geo", "sun", "{"]);
    assert!(!used_modules(source, 2).contains("sun"));
}

#[test]
fn a_lower_folder_knows_nothing_of_the_ones_after_it() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let rank = |module: &str| ORDER.iter().position(|m| *m == module);
    let mut upwards = BTreeSet::new();
    for path in sources(&src) {
        let file = path.strip_prefix(&src).unwrap();
        let parts: Vec<&str> = file
            .components()
            .map(|c| c.as_os_str().to_str().unwrap().trim_end_matches(".rs"))
            .collect();
        // Files of tests alone, and the two that hold the whole together.
        if parts.contains(&"tests") || ["lib", "main"].contains(&parts[0]) {
            continue;
        }
        let own = rank(parts[0]);
        assert!(own.is_some(), "{} has no place in the order", parts[0]);
        let depth = parts.iter().filter(|part| **part != "mod").count();
        for module in used_modules(&std::fs::read_to_string(&path).unwrap(), depth) {
            assert_ne!(module, "{", "{}: one module per `use`", file.display());
            if rank(&module) > own {
                upwards.insert((file.to_str().unwrap().to_owned(), module));
            }
        }
    }
    let allowed: BTreeSet<(String, String)> = EXCEPTIONS
        .iter()
        .map(|(file, module, _)| ((*file).to_owned(), (*module).to_owned()))
        .collect();
    let new: Vec<_> = upwards.difference(&allowed).collect();
    assert!(new.is_empty(), "against the order: {new:#?}");
    let unused: Vec<_> = allowed.difference(&upwards).collect();
    assert!(unused.is_empty(), "no longer needed: {unused:#?}");
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
