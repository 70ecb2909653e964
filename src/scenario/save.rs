//! Writes a scenario back as TOML. What did not change keeps its comments, its order and its form.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, TableLike};

use super::fault::{Fault, ScenarioError, plain_io, shown};
use super::load::is_scenario_path;
use super::{Edit, Scenario};

/// The text of `scenario`: `original` with the differences worked in, or a new file without one.
pub fn scenario_text(original: Option<&str>, scenario: &Scenario) -> String {
    let new = plain_document(scenario);
    let Some(original) = original else {
        return new.to_string();
    };
    let (Ok(mut document), Ok(old)) = (
        original.parse::<DocumentMut>(),
        toml::from_str::<Scenario>(original),
    ) else {
        return new.to_string();
    };
    let old = plain_document(&old);
    merge_table(document.as_table_mut(), old.as_table(), new.as_table());
    document.to_string()
}

/// Writes the file: first beside it as `*.part`, then renamed. Comments of the file that was `opened` are kept.
///
/// # Errors
/// When the file cannot be written, or lies in another folder than the files that the scenario names relative to its own.
pub fn write_scenario(
    path: &Path,
    scenario: &Scenario,
    opened: Option<&Path>,
) -> Result<(), ScenarioError> {
    let original = opened.filter(|file| is_scenario_path(file)).unwrap_or(path);
    if let Some(opened) = opened.filter(|opened| folder_of(opened) != folder_of(path))
        && let Some(file) = relative_files(scenario).next()
    {
        let fault = Fault::new(
            "other-folder",
            "the scenario cannot be saved in this folder: it names files beside it",
        )
        .file(&path.display().to_string())
        .expected(format!("the folder {}", folder_of(opened).display()))
        .found(format!("`{}`, a path relative to that folder", shown(file)))
        .help("save it there under another name");
        return Err(ScenarioError::Invalid(vec![fault]));
    }
    let original = std::fs::read_to_string(original).ok();
    write_scenario_text(path, &scenario_text(original.as_deref(), scenario))
}

/// Folder of a file, in one form for all ways to write it.
fn folder_of(file: &Path) -> PathBuf {
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    folder.canonicalize().unwrap_or_else(|_| folder.to_owned())
}

/// Files that the scenario names relative to its own folder.
fn relative_files(scenario: &Scenario) -> impl Iterator<Item = &str> {
    let drafts = scenario.variants.iter().flat_map(|v| &v.edits);
    let drafts = drafts.filter_map(|edit| match edit {
        Edit::Place { draft, .. } => Some(draft),
        _ => None,
    });
    let flood = scenario.flood.iter();
    let flood = flood.flat_map(|flood| flood.files().into_iter().map(|(_, file)| file));
    let wind = scenario.wind.iter();
    let wind = wind.flat_map(|wind| wind.files().into_iter().map(|(_, file)| file));
    let receivers = scenario.sun.iter().filter_map(|sun| sun.receivers.as_ref());
    let city = scenario.scenario.city.iter();
    city.chain(scenario.city.layers.iter().map(|layer| &layer.path))
        .chain(receivers)
        .chain(drafts)
        .map(String::as_str)
        .chain(flood)
        .chain(wind)
        .filter(|file| {
            !["sample:", "data:"]
                .iter()
                .any(|root| file.starts_with(root))
                && !Path::new(file).is_absolute()
        })
}

fn write_scenario_text(path: &Path, text: &str) -> Result<(), ScenarioError> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let write = || -> std::io::Result<()> {
        let mut file = std::fs::File::create(&part)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        drop(file);
        std::fs::rename(&part, path)
    };
    write().map_err(|error| {
        let file = path.display().to_string();
        let text = format!("the scenario cannot be saved: {}", plain_io(&error));
        ScenarioError::Io(Box::new(Fault::new("cannot-write", text).file(&file).help(
            "choose another folder, or check the rights and the free space of this one",
        )))
    })
}

/// The scenario as a document without comments.
fn plain_document(scenario: &Scenario) -> DocumentMut {
    // Every type of the model has a TOML form, so this cannot fail (see the test that writes all kinds of edits).
    toml::to_string(scenario)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or_default()
}

/// Changes `target` where `new` differs from `old`; both are plain.
fn merge_table(target: &mut dyn TableLike, old: &dyn TableLike, new: &dyn TableLike) {
    let removed: Vec<String> = old
        .iter()
        .map(|(key, _)| key.to_owned())
        .filter(|key| !new.contains_key(key))
        .collect();
    for key in removed {
        target.remove(&key);
    }
    for (key, new_item) in new.iter() {
        let old_item = old.get(key);
        if old_item.is_some_and(|old_item| same(old_item, new_item)) {
            continue;
        }
        match target.get_mut(key) {
            Some(target_item) => merge_item(target_item, old_item, new_item),
            None => {
                target.insert(key, new_item.clone());
            }
        }
    }
}

fn merge_item(target: &mut Item, old: Option<&Item>, new: &Item) {
    if let (Some(tables), Some(old), Some(new)) = (
        target.as_array_of_tables_mut(),
        old.and_then(Item::as_array_of_tables),
        new.as_array_of_tables(),
    ) {
        merge_tables(tables, old, new);
    } else if let (Some(table), Some(old), Some(new)) = (
        target.as_table_like_mut(),
        old.and_then(Item::as_table_like),
        new.as_table_like(),
    ) {
        merge_table(table, old, new);
    } else if let (Some(value), Some(new)) = (target.as_value_mut(), new.as_value()) {
        // Spaces and the comment at the end of the line belong to the value.
        let decor = value.decor().clone();
        *value = new.clone();
        *value.decor_mut() = decor;
    } else {
        *target = new.clone();
    }
}

/// Each new table takes over the old one that stands for the same thing.
fn merge_tables(target: &mut ArrayOfTables, old: &ArrayOfTables, new: &ArrayOfTables) {
    let mut taken = vec![false; old.len().min(target.len())];
    let mut result: Vec<Table> = Vec::with_capacity(new.len());
    for (i, new_table) in new.iter().enumerate() {
        let identity = identity(new_table);
        let fits =
            |j: &usize| !taken[*j] && old.get(*j).is_some_and(|t| self::identity(t) == identity);
        let found = Some(i)
            .filter(|i| *i < taken.len() && fits(i))
            .or_else(|| (0..taken.len()).find(fits));
        let merged = found.and_then(|j| {
            taken[j] = true;
            let mut table = target.get(j)?.clone();
            merge_table(&mut table, old.get(j)?, new_table);
            Some(table)
        });
        result.push(merged.unwrap_or_else(|| new_table.clone()));
    }
    // Tables are printed by their position in the file; without one they follow their neighbour.
    let in_order = result
        .windows(2)
        .all(|pair| pair[0].position().is_some() && pair[0].position() <= pair[1].position());
    if !in_order {
        for table in &mut result {
            forget_positions(table);
        }
    }
    target.clear();
    for table in result {
        target.push(table);
    }
}

fn forget_positions(table: &mut Table) {
    table.set_position(None);
    for (_, item) in table.iter_mut() {
        if let Some(inner) = item.as_table_mut() {
            forget_positions(inner);
        } else if let Some(tables) = item.as_array_of_tables_mut() {
            tables.iter_mut().for_each(forget_positions);
        }
    }
}

/// What a variant, edit or layer is about.
fn identity(table: &Table) -> Vec<String> {
    ["name", "kind", "id", "building", "path"]
        .iter()
        .filter_map(|key| table.get(key)?.as_str().map(|v| format!("{key}={v}")))
        .collect()
}

/// True for equal plain values; tables are compared field by field while merging.
fn same(a: &Item, b: &Item) -> bool {
    a.is_value() && b.is_value() && a.to_string().trim() == b.to_string().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"# A study of two towers.
[scenario]
version = 1 # of the format
name = "Two towers"
city = "sample:hafenquartier"

[sun]
dates = ["2027-03-21"] # the day of EN 17037

[[variant]]
name = "A"
# the tower of the first round
[[variant.edit]]
kind = "place"
id = "tower"
draft = "tower.glb"
position = [565050.0, 5934050.0] # north of the quay
[[variant.edit]]
kind = "remove"
building = "b1"

# second round
[[variant]]
name = "B"
"#;

    fn scenario() -> Scenario {
        toml::from_str(FILE).unwrap()
    }

    #[test]
    fn an_unchanged_scenario_is_written_byte_for_byte() {
        assert_eq!(scenario_text(Some(FILE), &scenario()), FILE);
    }

    #[test]
    fn a_drag_changes_one_line_and_keeps_its_comment() {
        let mut moved = scenario();
        let Edit::Place { position, .. } = &mut moved.variants[0].edits[0] else {
            panic!("first edit is a draft")
        };
        *position = [565060.5, 5934050.0];
        assert_eq!(
            scenario_text(Some(FILE), &moved),
            FILE.replace("[565050.0, 5934050.0] #", "[565060.5, 5934050.0] #")
        );
    }

    #[test]
    fn deleting_an_edit_leaves_the_comments_of_the_others() {
        let mut shorter = scenario();
        shorter.variants[0].edits.remove(0);
        let text = scenario_text(Some(FILE), &shorter);
        assert_eq!(toml::from_str::<Scenario>(&text).unwrap(), shorter);
        assert!(
            text.contains("# second round") && !text.contains("north of the quay"),
            "{text}"
        );
    }

    #[test]
    fn new_edits_variants_and_settings_come_back() {
        let mut more = scenario();
        more.sun.as_mut().unwrap().ground_spacing_m = 5.0;
        more.site.grid_north_deg = Some(0.0);
        more.scenario.comment = Some("now with = \"quotes\" and\nlines".to_owned());
        more.variants[1].edits.push(Edit::AddTree {
            id: "t1".to_owned(),
            position: [1.0, 2.0],
            height_m: 12.0,
            crown_diameter_m: 6.0,
        });
        more.variants[0].edits.push(Edit::AddBuilding {
            id: "x".to_owned(),
            footprint: vec![[0.0, 0.0], [10.0, 0.0], [10.0, 10.0]],
            height_m: 9.0,
            storeys: Some(3),
            base_height_m: None,
            rotation_deg: 45.0,
        });
        more.variants.insert(
            0,
            crate::scenario::Variant {
                name: "C".to_owned(),
                comment: None,
                edits: Vec::new(),
            },
        );
        for original in [Some(FILE), None] {
            let text = scenario_text(original, &more);
            assert_eq!(toml::from_str::<Scenario>(&text).unwrap(), more, "{text}");
            assert_eq!(
                text.contains("# the tower of the first round"),
                original.is_some(),
                "{text}"
            );
        }
    }

    #[test]
    fn inline_forms_are_edited_too() {
        let inline = "scenario = { version = 1, name = \"x\", city = \"c.json\" }\nvariant = [{ name = \"A\" }]\n";
        let mut scenario: Scenario = toml::from_str(inline).unwrap();
        scenario.scenario.name = "y".to_owned();
        scenario.variants[0].name = "B".to_owned();
        let text = scenario_text(Some(inline), &scenario);
        assert_eq!(
            toml::from_str::<Scenario>(&text).unwrap(),
            scenario,
            "{text}"
        );
    }

    #[test]
    fn a_failed_save_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.toml");
        std::fs::write(&path, FILE).unwrap();
        // A folder in the way of the temporary file makes the write fail.
        std::fs::create_dir(folder.path().join("s.toml.part")).unwrap();
        let error = write_scenario(&path, &scenario(), None).unwrap_err();
        assert_eq!(error.exit_code(), 74);
        assert!(error.to_string().contains("cannot be saved"), "{error}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), FILE);
    }

    #[test]
    fn a_copy_keeps_the_comments_of_the_opened_file() {
        let folder = tempfile::tempdir().unwrap();
        let [opened, copy] = ["s.toml", "copy.toml"].map(|name| folder.path().join(name));
        std::fs::write(&opened, FILE).unwrap();
        write_scenario(&copy, &scenario(), Some(&opened)).unwrap();
        assert_eq!(std::fs::read_to_string(&copy).unwrap(), FILE);
    }

    #[test]
    fn a_scenario_stays_beside_the_files_it_names() {
        let [here, there] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let opened = here.path().join("s.toml");
        let elsewhere = there.path().join("s.toml");
        let error = write_scenario(&elsewhere, &scenario(), Some(&opened)).unwrap_err();
        assert!(error.to_string().contains("`tower.glb`"), "{error}");
        assert!(!elsewhere.exists());
        let mut free = scenario();
        free.variants[0].edits.remove(0);
        write_scenario(&elsewhere, &free, Some(&opened)).unwrap();
    }
}
