//! Reads a scenario file. A file with ten faults gives ten messages.

use std::path::{Path, PathBuf};

use toml::de::DeTable;

use crate::city::sources::Roots;
use crate::finding::Finding;
use crate::sun::SunParams;
use crate::text::Language;

use super::fault::{Fault, ScenarioError, is_unsafe, shown};
use super::validate::{Checker, Document, FORMAT_VERSION, check_rules, line_at};
use super::{CitySettings, Scenario, ScenarioHead, SiteSettings};

/// Largest scenario file (bytes). A thousand variants with a hundred edits each are some 20 MB.
const LARGEST_FILE: u64 = 64 << 20;

/// Deepest nesting of brackets and dotted keys. The format needs 6.
const DEEPEST: usize = 64;

/// A scenario and where it came from.
#[derive(Clone, Debug)]
pub struct LoadedScenario {
    /// The scenario.
    pub scenario: Scenario,
    /// Path as given.
    pub path: PathBuf,
    /// Bytes of the file as text; kept so that a save can keep the comments.
    pub text: String,
    /// BLAKE3 of the file's bytes, hex.
    pub blake3: String,
    /// Where its relative paths begin.
    pub roots: Roots,
    /// Remarks on the file.
    pub findings: Vec<Finding>,
}

/// Reads a scenario file, or makes a scenario of a bare city file.
///
/// `data` is the data root of `data:` paths.
pub fn read_scenario(path: &Path, data: Option<PathBuf>) -> Result<LoadedScenario, ScenarioError> {
    let roots = Roots {
        folder: path.parent().map_or_else(PathBuf::new, Path::to_owned),
        data,
    };
    if !is_scenario_path(path) {
        return scenario_of_city(path, roots);
    }
    let bytes = read_capped(path)?;
    let text = utf8(&bytes, path)?;
    let (scenario, findings) = parse_scenario(&text, &path.display().to_string(), &roots)
        .map_err(ScenarioError::Invalid)?;
    Ok(LoadedScenario {
        scenario,
        path: path.to_owned(),
        blake3: blake3::hash(&bytes).to_hex().to_string(),
        text,
        roots,
        findings,
    })
}

/// True for files that are read as a scenario; anything else is a city.
pub fn is_scenario_path(path: &Path) -> bool {
    path.extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("toml"))
}

/// A scenario with default settings and no variants for a bare city file, or for `sample:NAME` and `data:PATH`.
fn scenario_of_city(path: &Path, mut roots: Roots) -> Result<LoadedScenario, ScenarioError> {
    let written = path.to_string_lossy();
    let name = if ["sample:", "data:"].iter().any(|p| written.starts_with(p)) {
        roots.folder = PathBuf::new();
        roots.resolve(&written)?;
        written.clone().into_owned()
    } else {
        std::fs::metadata(path).map_err(|e| ScenarioError::cannot_read(path, &e))?;
        path.file_name()
            .map_or_else(String::new, |n| n.to_string_lossy().into_owned())
    };
    let last = name.rsplit(['/', ':']).next().unwrap_or(&name);
    let stem = last.split('.').next().unwrap_or(last).to_owned();
    let scenario = Scenario {
        scenario: ScenarioHead {
            version: FORMAT_VERSION as u32,
            name: stem,
            city: Some(name),
            comment: None,
            language: Language::default(),
            seed: 0,
        },
        city: CitySettings::default(),
        site: SiteSettings::default(),
        sun: Some(SunParams::default()),
        flood: None,
        wind: None,
        traffic: None,
        access: None,
        shuttles: None,
        variants: Vec::new(),
    };
    let text = super::save::scenario_text(None, &scenario);
    Ok(LoadedScenario {
        scenario,
        path: path.to_owned(),
        blake3: blake3::hash(text.as_bytes()).to_hex().to_string(),
        text,
        roots,
        findings: Vec::new(),
    })
}

fn read_capped(path: &Path) -> Result<Vec<u8>, ScenarioError> {
    let cannot = |e: std::io::Error| ScenarioError::cannot_read(path, &e);
    let size = std::fs::metadata(path).map_err(cannot)?.len();
    if size > LARGEST_FILE {
        let file = path.display().to_string();
        let fault = Fault::new("too-large", "the file is too large for a scenario")
            .file(&file)
            .expected(format!("at most {} MB", LARGEST_FILE >> 20))
            .found(format!("{} MB", size >> 20))
            .help("large geometry belongs into a city file or a draft");
        return Err(ScenarioError::Invalid(vec![fault]));
    }
    std::fs::read(path).map_err(cannot)
}

fn utf8(bytes: &[u8], path: &Path) -> Result<String, ScenarioError> {
    std::str::from_utf8(bytes)
        .map(str::to_owned)
        .map_err(|error| {
            let at = error.valid_up_to();
            let line = bytes[..at].iter().filter(|b| **b == b'\n').count() + 1;
            let fault = Fault::new("not-utf8", "the file is not UTF-8 text")
                .file(&path.display().to_string())
                .line(Some(line))
                .expected("UTF-8, as TOML demands")
                .found(format!("the byte 0x{:02X}", bytes[at]))
                .help("save the file with the encoding UTF-8");
            ScenarioError::Invalid(vec![fault])
        })
}

/// Parses the text of a scenario file; `file` is its name for messages.
pub fn parse_scenario(
    text: &str,
    file: &str,
    roots: &Roots,
) -> Result<(Scenario, Vec<Finding>), Vec<Fault>> {
    if let Some(fault) = not_toml(text).or_else(|| too_deep(text)) {
        return Err(vec![fault.file(file)]);
    }
    let (table, syntax) = DeTable::parse_recoverable(text);
    let document = Document { text, table };
    if let Some(fault) = future_version(&document) {
        return Err(vec![fault.file(file)]);
    }
    let mut checker = Checker::new(&document, file);
    checker.check_structure();
    let mut faults = checker.faults;
    if !syntax.is_empty() {
        // What was skipped to recover is not there: only names that are written can be judged.
        faults.retain(|f| matches!(f.code, "unknown-field" | "unknown-table" | "unknown-edit"));
        faults.extend(syntax.iter().map(|e| syntax_fault(&document, e).file(file)));
    }
    if faults.is_empty() {
        let scenario: Scenario = toml::from_str(text).map_err(|e| {
            let fault = Fault::new("syntax", shown(e.message()))
                .file(file)
                .line(e.span().map(|s| line_at(text, s.start)));
            vec![fault]
        })?;
        faults = check_rules(&scenario, roots)
            .into_iter()
            .map(|(path, fault)| {
                fault
                    .file(file)
                    .line(document.line_of(&path))
                    .field(super::validate::path_text(&path))
            })
            .collect();
        if faults.is_empty() {
            // They go into the results, which are the same wherever the file is opened from.
            let name = Path::new(file).file_name();
            let findings = text_findings(
                &scenario,
                &name.map_or_else(|| file.into(), |name| name.to_string_lossy()),
            );
            return Ok((scenario, findings));
        }
    }
    faults.sort_by(|a, b| (a.line, &a.field).cmp(&(b.line, &b.field)));
    Err(faults)
}

/// Checks a scenario that was changed in memory by the rules for files.
pub fn check_scenario(scenario: &Scenario, file: &str, roots: &Roots) -> Vec<Fault> {
    match toml::to_string(scenario) {
        Ok(text) => parse_scenario(&text, file, roots)
            .err()
            .map_or_else(Vec::new, |mut faults| {
                // The lines are those of a text that nobody sees.
                faults.iter_mut().for_each(|f| f.line = None);
                faults
            }),
        Err(error) => vec![Fault::new("syntax", error.to_string()).file(file)],
    }
}

fn not_toml(text: &str) -> Option<Fault> {
    let start = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    let found = if start.starts_with('{') {
        "JSON"
    } else if start.starts_with('<') {
        "XML or HTML"
    } else if start.is_empty() {
        "an empty file"
    } else if start.starts_with("---\n") {
        "YAML"
    } else {
        return None;
    };
    Some(
        Fault::new("not-toml", "the file is not a scenario")
            .line(Some(1))
            .expected("TOML")
            .found(found)
            .help("a scenario begins with `[scenario]`; `planspiel schema` describes the fields"),
    )
}

/// Finds nesting that no scenario has before a recursive parser meets it.
fn too_deep(text: &str) -> Option<Fault> {
    let bytes = text.as_bytes();
    let (mut depth, mut dots, mut i) = (0_usize, 0_usize, 0_usize);
    while i < bytes.len() {
        match bytes[i] {
            b'#' => {
                while i < bytes.len() && bytes[i] != b'\n' {
                    i += 1;
                }
                continue;
            }
            quote @ (b'"' | b'\'') => {
                i = after_string(bytes, i, quote);
                continue;
            }
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'.' => dots += 1,
            b'\n' | b',' | b'=' => dots = 0,
            _ => {}
        }
        if depth + dots > DEEPEST {
            return Some(
                Fault::new("too-deep", "lists or tables are nested too deeply")
                    .line(Some(line_at(text, i)))
                    .expected(format!("at most {DEEPEST} levels"))
                    .found("more"),
            );
        }
        i += 1;
    }
    None
}

fn after_string(bytes: &[u8], start: usize, quote: u8) -> usize {
    let triple = bytes[start..].starts_with(&[quote; 3]);
    let width = if triple { 3 } else { 1 };
    let mut i = start + width;
    while i < bytes.len() {
        if bytes[i] == b'\\' && quote == b'"' {
            i += 2;
        } else if (triple && bytes[i..].starts_with(&[quote; 3])) || (!triple && bytes[i] == quote)
        {
            return i + width;
        } else if !triple && bytes[i] == b'\n' {
            return i;
        } else {
            i += 1;
        }
    }
    bytes.len()
}

fn future_version(document: &Document<'_>) -> Option<Fault> {
    let version = document
        .table
        .get_ref()
        .get("scenario")?
        .get_ref()
        .get("version")?;
    let number = version.get_ref().as_integer()?;
    let found = u64::from_str_radix(number.as_str(), number.radix()).ok()?;
    let fault = |code, text: &str| {
        Fault::new(code, text)
            .line(Some(document.line_at(version.span().start)))
            .field("scenario.version")
            .expected(format!("version {FORMAT_VERSION}"))
            .found(format!("version {found}"))
    };
    if found > FORMAT_VERSION {
        let text = "the scenario was made by a newer version of the program";
        Some(
            fault("future-version", text)
                .help("update planspiel, or save the scenario in the older format"),
        )
    } else if found == 0 {
        Some(fault("bad-version", "there is no version 0 of the format"))
    } else {
        None
    }
}

fn syntax_fault(document: &Document<'_>, error: &toml::de::Error) -> Fault {
    let line = error.span().map(|s| document.line_at(s.start));
    let found = error
        .span()
        .and_then(|s| document.text.get(s))
        .map(str::trim);
    let mut fault = if error.message().contains("duplicate key") {
        Fault::new("duplicate-key", "a key is given twice, which TOML forbids")
            .help("leave one of the two lines out")
    } else {
        Fault::new(
            "syntax",
            format!("not valid TOML: {}", shown(error.message())),
        )
    };
    if let Some(found) = found.filter(|f| !f.is_empty()) {
        fault = fault.found(format!("`{}`", shown(found)));
    }
    fault.line(line)
}

/// Texts that are kept as they are but need care wherever they are printed.
fn text_findings(scenario: &Scenario, file: &str) -> Vec<Finding> {
    let mut texts: Vec<(String, &str)> =
        vec![("scenario.name".to_owned(), &scenario.scenario.name)];
    if let Some(comment) = &scenario.scenario.comment {
        texts.push(("scenario.comment".to_owned(), comment));
    }
    for (i, variant) in scenario.variants.iter().enumerate() {
        texts.push((format!("variant[{}].name", i + 1), &variant.name));
        if let Some(comment) = &variant.comment {
            texts.push((format!("variant[{}].comment", i + 1), comment));
        }
    }
    let mut findings = Vec::new();
    for (field, text) in texts {
        let mut add = |code: &str| {
            findings.push(
                Finding::warning(code)
                    .object(&field)
                    .place(file)
                    .arg("field", &field)
                    .arg("text", shown(text)),
            );
        };
        if text
            .chars()
            .any(|c| is_unsafe(c) && !matches!(c, '\n' | '\r' | '\t'))
        {
            add("scenario-control-characters");
        }
        if text.starts_with(['=', '+', '-', '@']) {
            add("scenario-formula");
        }
        if text.contains('<') && text.contains('>') {
            add("scenario-markup");
        }
        if text.chars().count() > 10_000 {
            add("scenario-long-text");
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roots() -> Roots {
        Roots {
            folder: PathBuf::from("/scenarios"),
            data: Some(PathBuf::from("/data")),
        }
    }

    fn faults(text: &str) -> Vec<Fault> {
        match parse_scenario(text, "s.toml", &roots()) {
            Ok(_) => Vec::new(),
            Err(faults) => faults,
        }
    }

    fn codes(text: &str) -> Vec<&'static str> {
        faults(text).iter().map(|f| f.code).collect()
    }

    const HEAD: &str = "[scenario]\nversion = 1\nname = \"x\"\ncity = \"c.city.json\"\n";

    #[test]
    fn ten_faults_give_ten_messages_with_their_lines() {
        let text = r#"[scenario]
version = 1
name = 7
citty = "c.json"
[site]
latitude_deg = 95.0
time_zone = "Berlin"
[sun]
dates = [2027-03-21]
step = 60
facades = "yes"
ground_spacing_m = nan
[[variant]]
name = "A"
[[variant.edit]]
kind = "plcae"
[[variant.edit]]
kind = "remove"
"#;
        let found: Vec<(usize, &str, String)> = faults(text)
            .into_iter()
            .map(|f| (f.line.unwrap(), f.code, f.field))
            .collect();
        let expected = [
            (3, "wrong-type", "scenario.name"),
            (4, "unknown-field", "scenario.citty"),
            (6, "out-of-range", "site.latitude_deg"),
            (7, "unknown-value", "site.time_zone"),
            (9, "wrong-type", "sun.dates[1]"),
            (10, "unknown-field", "sun.step"),
            (11, "wrong-type", "sun.facades"),
            (12, "not-finite", "sun.ground_spacing_m"),
            (16, "unknown-edit", "variant[1].edit[1].kind"),
            (17, "missing-field", "variant[1].edit[2]"),
        ]
        .map(|(line, code, field)| (line, code, field.to_owned()));
        assert_eq!(found, expected);
    }

    #[test]
    fn messages_name_the_nearest_word_and_the_unit() {
        let text = format!(
            "{HEAD}[sun]\nstep = 60.0\n[[variant]]\nname = \"Turm\"\n[[variant.edit]]\nkind = \"set_height\"\nbuilding = \"b\"\nheight = 20\n"
        );
        let all: Vec<String> = faults(&text).iter().map(Fault::to_string).collect();
        assert_eq!(
            all[0],
            "error[scenario::unknown-field]: `step` is not a setting of the sun simulation\n  --> s.toml:6, sun.step\n  help: did you mean \
             `step_s`?"
        );
        assert!(
            all.iter().any(
                |m| m.contains("`height` is not a field of edit 1 of variant `Turm`")
                    && m.contains("did you mean `height_m`?")
            ),
            "{all:?}"
        );
        assert_eq!(
            all.len(),
            2,
            "what was misspelt is not missing as well: {all:?}"
        );
        let missing = faults(&text.replace("height = 20\n", ""));
        assert_eq!(
            missing[1].to_string(),
            "error[scenario::missing-field]: edit 1 of variant `Turm` has no `height_m`\n  --> s.toml:9, variant[1].edit[1]\n  expected \
             `height_m`: a number, 1 to 600\n  help: New height (m) from ground to ridge; 1 to 600."
        );
    }

    #[test]
    fn a_bare_city_and_a_sample_are_scenarios_with_default_settings() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("quarter.city.json");
        std::fs::write(&path, "{}").unwrap();
        let city = read_scenario(&path, None).unwrap();
        assert_eq!(city.scenario.scenario.name, "quarter");
        assert_eq!(
            city.scenario.scenario.city.as_deref(),
            Some("quarter.city.json")
        );
        assert!(city.scenario.sun.is_some() && city.scenario.variants.is_empty());
        let sample = read_scenario(Path::new("sample:hafenquartier"), None).unwrap();
        assert_eq!(sample.scenario.scenario.name, "hafenquartier");
        assert_eq!(
            sample.scenario.scenario.city.as_deref(),
            Some("sample:hafenquartier")
        );
        let missing = read_scenario(Path::new("sample:atlantis"), None).unwrap_err();
        assert_eq!(missing.exit_code(), 66);
    }

    #[test]
    fn integers_stand_for_numbers_and_text_does_not() {
        let text = format!("{HEAD}[sun]\nground_spacing_m = 5\n");
        let (scenario, _) = parse_scenario(&text, "s.toml", &roots()).unwrap();
        assert_eq!(scenario.sun.unwrap().ground_spacing_m, 5.0);
        let wrong = faults(&format!("{HEAD}[sun]\nground_spacing_m = \"5 m\"\n"));
        assert_eq!(
            wrong[0].help.as_deref(),
            Some("write the number without quotes and unit: `ground_spacing_m = 5`")
        );
        assert_eq!(codes(&format!("{HEAD}seed = -1\n")), ["out-of-range"]);
        assert_eq!(
            codes(&format!("{HEAD}seed = 9223372036854775807\n")),
            [""; 0]
        );
        assert_eq!(
            codes(&format!("{HEAD}[sun]\nground_spacing_m = -inf\n")),
            ["not-finite"]
        );
        assert_eq!(
            codes(&format!("{HEAD}[sun]\nground_spacing_m = 1e-6\n")),
            ["out-of-range"]
        );
    }

    #[test]
    fn rules_beyond_the_schema_hold() {
        for (text, code) in [
            (
                "[[variant]]\nname = \"A\"\n[[variant]]\nname = \"A\"\n",
                "duplicate-variant",
            ),
            ("[[variant]]\nname = \"baseline\"\n", "duplicate-variant"),
            ("[[variant]]\nname = \" \"\n", "empty"),
            ("[sun]\ndates = [\"2027-02-29\"]\n", "bad-date"),
            ("[sun]\ndates = [\"21.03.2027\"]\n", "bad-date"),
            (
                "[sun]\ndates = [\"2027-03-21\", \"2027-03-21\"]\n",
                "duplicate-date",
            ),
            ("[sun]\ndates = []\n", "wrong-length"),
            ("[sun]\narea = [10, 0, 5, 20]\n", "empty-area"),
            ("[sun]\nreceivers = \"../p.csv\"\n", "path-outside"),
            ("[site]\nlatitude_deg = 53.5\n", "half-a-place"),
            ("[city]\ncrs = \"EPSG:banana\"\n", "unknown-crs"),
            (
                "[[city.layer]]\nkind = \"trees\"\npath = \"data:../../x.csv\"\n",
                "path-outside",
            ),
            (
                "[[city.layer]]\nkind = \"tree\"\npath = \"x.csv\"\n",
                "unknown-value",
            ),
            ("[flood]\ncell_m = 2.0\n", "no-water"),
            (
                "[[variant]]\nname = \"A\"\n[[variant.edit]]\nkind = \"add_tree\"\nid = \"t\"\nposition = [1, 2, 3]\nheight_m = 9\ncrown_diameter_m = 4\n",
                "wrong-length",
            ),
        ] {
            assert_eq!(codes(&format!("{HEAD}{text}")), [code], "{text}");
        }
        assert_eq!(
            codes("[scenario]\nversion = 1\nname = \"x\"\n"),
            ["no-city"]
        );
        for text in [
            "[sun]\ndates = [\"2028-02-29\"]\n",
            "[sun]\nreceivers = \"sub/../p.csv\"\n",
            "[sun]\nreceivers = \"/data/p.csv\"\n",
            "[sun]\nreceivers = \"data:sun/p.csv\"\n",
            "[city]\ncrs = \"EPSG:25832\"\n",
        ] {
            assert_eq!(codes(&format!("{HEAD}{text}")), [""; 0], "{text}");
        }
    }

    #[test]
    fn several_syntax_faults_are_all_reported() {
        let text = "[scenario]\nversion = 1\nname = \nnaem = \"x\"\ncity = \"c\" \"d\"\n";
        let found = codes(text);
        assert!(
            found.iter().filter(|c| **c == "syntax").count() >= 2,
            "{found:?}"
        );
        assert!(found.contains(&"unknown-field"), "{found:?}");
    }

    #[test]
    fn odd_bytes_never_panic() {
        use proptest::prelude::*;
        proptest!(ProptestConfig::with_cases(300), |(text in "[\\[\\]{}=.,\"'#a-c0-9\\n \\\\]{0,200}")| {
            let _ = parse_scenario(&text, "s.toml", &roots());
        });
        for deep in ["[", "{a=", "a."] {
            let text = format!("x = {}", deep.repeat(100_000));
            assert!(!faults(&text).is_empty());
            let keys = format!("{}x = 1", "a.".repeat(100_000));
            assert_eq!(codes(&keys), ["too-deep"]);
        }
    }

    #[test]
    fn a_scenario_edited_in_memory_is_checked_too() {
        let (mut scenario, _) =
            parse_scenario(&format!("{HEAD}[sun]\n"), "s.toml", &roots()).unwrap();
        assert!(check_scenario(&scenario, "s.toml", &roots()).is_empty());
        scenario.sun.as_mut().unwrap().step_s = f64::NAN;
        scenario.scenario.name = String::new();
        let found: Vec<_> = check_scenario(&scenario, "s.toml", &roots())
            .into_iter()
            .map(|f| (f.field, f.line))
            .collect();
        assert_eq!(
            found,
            [
                ("scenario.name".to_owned(), None),
                ("sun.step_s".to_owned(), None)
            ]
        );
    }

    /// The hostile scenarios of the test data, without the `[shuttle]` table that some have and this version does not know.
    #[test]
    fn hostile_scenarios_get_what_they_deserve() {
        const ACCEPTED: &[&str] = &[
            "scenario_control_chars",
            "scenario_csv_injection",
            // Found when the city is there.
            "scenario_edit_unknown_building",
            "scenario_html_injection",
            "scenario_long_strings",
            "scenario_valid",
        ];
        let expected_faults: std::collections::BTreeMap<&str, &[&str]> = [
            ("scenario_absolute_input", &["path-outside"][..]),
            ("scenario_absolute_output", &["unknown-field"]),
            ("scenario_astronomic", &["out-of-range", "out-of-range"]),
            ("scenario_deep_nesting", &["too-deep"]),
            ("scenario_draft_traversal", &["path-outside"]),
            ("scenario_duplicate_key", &["duplicate-key"]),
            ("scenario_duplicate_variant", &["duplicate-variant"]),
            ("scenario_future_version", &["future-version"]),
            ("scenario_infinite_rain", &["not-finite"]),
            ("scenario_json_instead", &["not-toml"]),
            ("scenario_nan_rain", &["not-finite"]),
            ("scenario_negative_time", &["out-of-range", "out-of-range"]),
            ("scenario_no_city", &["no-city"]),
            ("scenario_not_utf8", &["not-utf8"]),
            ("scenario_path_traversal", &["path-outside"]),
            ("scenario_unknown_edit", &["unknown-edit"]),
            ("scenario_unknown_field", &["unknown-field"]),
            ("scenario_unknown_table", &["unknown-table"]),
            ("scenario_wrong_type", &["wrong-type"]),
        ]
        .into();
        let Some(data) =
            crate::verify::data_root_or_skip("hostile_scenarios_get_what_they_deserve")
        else {
            return;
        };
        let folder = data.join("ux/hostile");
        let work = tempfile::tempdir().unwrap();
        let mut names: Vec<String> = std::fs::read_dir(&folder)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .filter(|n| n.starts_with("scenario_"))
            .collect();
        names.sort();
        assert_eq!(names.len(), ACCEPTED.len() + expected_faults.len());
        for name in names {
            let bytes = std::fs::read(folder.join(&name)).unwrap();
            let whole = work.path().join(&name);
            std::fs::write(&whole, without_tables(&bytes, &["shuttle"])).unwrap();
            let stem = name.trim_end_matches(".toml");
            match read_scenario(&whole, Some(data.clone())) {
                Ok(loaded) => {
                    assert!(ACCEPTED.contains(&stem), "{name} was accepted");
                    let found: Vec<&str> =
                        loaded.findings.iter().map(|f| f.code.as_str()).collect();
                    let wanted: &[&str] = match stem {
                        "scenario_control_chars" => &["scenario-control-characters"],
                        "scenario_csv_injection" => &["scenario-formula"],
                        "scenario_html_injection" => &["scenario-markup"],
                        "scenario_long_strings" => &["scenario-long-text"],
                        _ => &[],
                    };
                    assert_eq!(found, wanted, "{name}");
                }
                Err(error) => {
                    let code = expected_faults
                        .get(stem)
                        .unwrap_or_else(|| panic!("{name}: {error}"));
                    let found: Vec<&str> = error.faults().iter().map(|f| f.code).collect();
                    assert_eq!(&found, code, "{name}: {error}");
                    assert_eq!(error.exit_code(), 65, "{name}: {error}");
                    let text = error.to_string();
                    assert!(
                        text.contains(&name)
                            && !text.contains('\u{1b}')
                            && !text.contains('\u{202e}'),
                        "{text}"
                    );
                }
            }
        }
    }

    fn without_tables(bytes: &[u8], names: &[&str]) -> Vec<u8> {
        let mut keep = true;
        let mut out = Vec::new();
        for line in bytes.split_inclusive(|b| *b == b'\n') {
            if line.starts_with(b"[") && !line.starts_with(b"[[[") {
                let head = String::from_utf8_lossy(line);
                let name = head
                    .trim()
                    .trim_matches(['[', ']'])
                    .split('.')
                    .next()
                    .unwrap_or_default()
                    .to_owned();
                keep = !names.contains(&name.as_str());
            }
            if keep {
                out.extend_from_slice(line);
            }
        }
        out
    }
}
