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
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("toml"))
}

/// A scenario with default settings and no variants for a bare city file.
fn scenario_of_city(path: &Path, roots: Roots) -> Result<LoadedScenario, ScenarioError> {
    std::fs::metadata(path).map_err(|e| ScenarioError::cannot_read(path, &e))?;
    let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let stem = name.split('.').next().unwrap_or(&name).to_owned();
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
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|error| {
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
            let findings = text_findings(&scenario, file);
            return Ok((scenario, findings));
        }
    }
    faults.sort_by(|a, b| (a.line, &a.field).cmp(&(b.line, &b.field)));
    Err(faults)
}

/// Checks a scenario that was changed in memory by the rules for files.
pub fn check_scenario(scenario: &Scenario, file: &str, roots: &Roots) -> Vec<Fault> {
    match toml::to_string(scenario) {
        Ok(text) => parse_scenario(&text, file, roots).err().map_or_else(Vec::new, |mut faults| {
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
        } else if (triple && bytes[i..].starts_with(&[quote; 3])) || (!triple && bytes[i] == quote) {
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
    let version = document.table.get_ref().get("scenario")?.get_ref().get("version")?;
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
        Some(fault("future-version", text).help("update planspiel, or save the scenario in the older format"))
    } else if found == 0 {
        Some(fault("bad-version", "there is no version 0 of the format"))
    } else {
        None
    }
}

fn syntax_fault(document: &Document<'_>, error: &toml::de::Error) -> Fault {
    let line = error.span().map(|s| document.line_at(s.start));
    let found = error.span().and_then(|s| document.text.get(s)).map(str::trim);
    let mut fault = if error.message().contains("duplicate key") {
        Fault::new("duplicate-key", "a key is given twice, which TOML forbids")
            .help("leave one of the two lines out")
    } else {
        Fault::new("syntax", format!("not valid TOML: {}", shown(error.message())))
    };
    if let Some(found) = found.filter(|f| !f.is_empty()) {
        fault = fault.found(format!("`{}`", shown(found)));
    }
    fault.line(line)
}

/// Texts that are kept as they are but need care wherever they are printed.
fn text_findings(scenario: &Scenario, file: &str) -> Vec<Finding> {
    let mut texts: Vec<(String, &str)> = vec![("scenario.name".to_owned(), &scenario.scenario.name)];
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
        if text.chars().any(|c| is_unsafe(c) && !matches!(c, '\n' | '\r' | '\t')) {
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
