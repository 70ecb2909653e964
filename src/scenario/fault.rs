//! Faults of a scenario or a draft: messages in four parts (what, where, found against expected, what to do).

use std::fmt;
use std::path::Path;

use crate::city::error::CityError;
pub(crate) use crate::text::is_unsafe;
pub use crate::text::shown;

/// One thing that is wrong, with its place. `Display` writes the message as the command line shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fault {
    /// Stable short name, e.g. `unknown-field`; shown as `error[scenario::unknown-field]`.
    pub code: &'static str,
    /// What is wrong, one sentence.
    pub text: String,
    /// File, as the user named it.
    pub file: String,
    /// Line, from 1.
    pub line: Option<usize>,
    /// Field path such as `variant[1].edit[2].height_m` (counted from 1); empty for the file as a whole.
    pub field: String,
    /// What would be right.
    pub expected: Option<String>,
    /// What stands there.
    pub found: Option<String>,
    /// What to do.
    pub help: Option<String>,
}

impl Fault {
    pub(crate) fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
            ..Self::default()
        }
    }

    pub(crate) fn file(mut self, file: &str) -> Self {
        file.clone_into(&mut self.file);
        self
    }

    pub(crate) fn field(mut self, field: impl Into<String>) -> Self {
        self.field = field.into();
        self
    }

    pub(crate) fn line(mut self, line: Option<usize>) -> Self {
        self.line = line;
        self
    }

    pub(crate) fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    pub(crate) fn found(mut self, found: impl Into<String>) -> Self {
        self.found = Some(found.into());
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help.or(self.help);
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error[scenario::{}]: {}", self.code, self.text)?;
        if !self.file.is_empty() {
            write!(f, "\n  --> {}", shown(&self.file))?;
            if let Some(line) = self.line {
                write!(f, ":{line}")?;
            }
            if !self.field.is_empty() {
                write!(f, ", {}", self.field)?;
            }
        } else if !self.field.is_empty() {
            write!(f, "\n  --> {}", self.field)?;
        }
        match (&self.expected, &self.found) {
            (Some(expected), Some(found)) => write!(f, "\n  expected {expected}, found {found}")?,
            (Some(expected), None) => write!(f, "\n  expected {expected}")?,
            (None, Some(found)) => write!(f, "\n  found {found}")?,
            (None, None) => {}
        }
        if let Some(help) = &self.help {
            write!(f, "\n  help: {help}")?;
        }
        Ok(())
    }
}

/// Why a scenario, one of its drafts or one of its edits cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The file does not exist or cannot be opened.
    #[error("{0}")]
    Missing(Box<Fault>),
    /// The file cannot be read or written although it exists.
    #[error("{0}")]
    Io(Box<Fault>),
    /// Wrong content; every fault is named.
    #[error("{}", listed(.0))]
    Invalid(Vec<Fault>),
    /// A file named by an edit cannot be used.
    #[error("{0}")]
    City(#[from] CityError),
}

impl ScenarioError {
    /// Exit code of the command line (`sysexits`).
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Missing(_) => 66,
            Self::Io(_) => 74,
            Self::Invalid(_) => 65,
            Self::City(error) => error.exit_code(),
        }
    }

    /// All faults; empty where a city importer reports.
    pub fn faults(&self) -> &[Fault] {
        match self {
            Self::Missing(fault) | Self::Io(fault) => std::slice::from_ref(fault),
            Self::Invalid(faults) => faults,
            Self::City(_) => &[],
        }
    }

    pub(crate) fn cannot_read(path: &Path, error: &std::io::Error) -> Self {
        let file = path.display().to_string();
        let name = shown(&file);
        if error.kind() == std::io::ErrorKind::NotFound {
            Self::Missing(Box::new(
                Fault::new("file-missing", format!("`{name}` does not exist"))
                    .file(&file)
                    .maybe_help(nearest_file(path)),
            ))
        } else {
            Self::Io(Box::new(
                Fault::new(
                    "cannot-read",
                    format!("`{name}` cannot be read: {}", plain_io(error)),
                )
                .file(&file),
            ))
        }
    }
}

/// At most this many faults are listed; a random binary file has thousands.
const MOST_LISTED: usize = 100;

fn listed(faults: &[Fault]) -> String {
    let mut text: Vec<String> = faults
        .iter()
        .take(MOST_LISTED)
        .map(Fault::to_string)
        .collect();
    if faults.len() > MOST_LISTED {
        text.push(format!("... and {} more", faults.len() - MOST_LISTED));
    }
    text.join("\n")
}

/// The operating system's words without the number in brackets.
pub(crate) fn plain_io(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(end) => text[..end].to_lowercase(),
        None => text,
    }
}

fn nearest_file(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    let mut names: Vec<String> = std::fs::read_dir(folder.unwrap_or(Path::new(".")))
        .ok()?
        .take(10_000)
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    let best = nearest(name, names.iter().map(String::as_str))?;
    let whole = folder.map_or_else(|| best.into(), |f| f.join(best));
    Some(format!(
        "did you mean `{}`?",
        shown(&whole.display().to_string())
    ))
}

/// The candidate most like `name`, if one is like it at all.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name: String = name.to_lowercase().chars().take(200).collect();
    let mut best: Option<(f64, &str)> = None;
    for candidate in candidates {
        let lower = candidate.to_lowercase();
        let score = strsim::normalized_damerau_levenshtein(&name, &lower)
            .max(strsim::jaro_winkler(&name, &lower) - 0.25);
        if score >= 0.55 && best.is_none_or(|(s, _)| score > s) {
            best = Some((score, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// `` `a`, `b` and `c` ``.
pub(crate) fn list_of(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::LONGEST_SHOWN;

    #[test]
    fn messages_have_four_parts() {
        let fault = Fault::new("wrong-type", "`step_s` is not a number")
            .file("a.toml")
            .line(Some(7))
            .field("sun.step_s")
            .expected("a number")
            .found("text `1 min`")
            .help("write 60.0");
        assert_eq!(
            fault.to_string(),
            "error[scenario::wrong-type]: `step_s` is not a number\n  --> a.toml:7, sun.step_s\n  expected a number, found text \
             `1 min`\n  help: write 60.0"
        );
    }

    #[test]
    fn terminal_escapes_are_shown_not_sent() {
        let text = shown("ok\u{1b}[2J\u{202e}evil");
        assert_eq!(text, "ok\\u{1b}[2J\\u{202e}evil");
        assert!(shown(&"x".repeat(5000)).chars().count() <= LONGEST_SHOWN + 1);
    }

    #[test]
    fn nearest_finds_misspellings_and_no_strangers() {
        let fields = ["intensity_mm_per_h", "duration_s", "kind"];
        assert_eq!(
            nearest("intensity_mm_h", fields),
            Some("intensity_mm_per_h")
        );
        assert_eq!(nearest("Kind", fields), Some("kind"));
        assert_eq!(nearest("colour", fields), None);
        assert_eq!(nearest("sn", ["sun", "site"]), Some("sun"));
    }
}
