//! What can go wrong with SUMO files, and what is worth knowing about files that are usable.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use crate::fault::{tells_more, write_more};

/// Faults that are listed; the others are counted.
pub const LISTED_FAULTS: usize = 20;

/// Why no scenario came out of the files.
#[derive(Debug, thiserror::Error)]
pub enum SumoError {
    /// There is no such file.
    #[error("{0}")]
    Missing(Box<Fault>),
    /// The file exists but cannot be read.
    #[error("{0}")]
    Unreadable(Box<Fault>),
    /// The file as a whole is broken: no gzip, no text, no XML, or something else than what it was opened as.
    #[error("{0}")]
    File(Box<Fault>),
    /// The file is XML of the right kind, its content does not fit together.
    #[error("{0}")]
    Content(Faults),
}

impl SumoError {
    pub(super) fn from_io(file: &Path, named_by: Option<&str>, error: &std::io::Error) -> Self {
        let by = named_by.map_or_else(String::new, |place| format!(", which {place} names"));
        if error.kind() == std::io::ErrorKind::NotFound {
            Self::Missing(Box::new(
                Fault::new(
                    "missing",
                    file.display().to_string(),
                    format!("there is no file `{}`{by}", file.display()),
                )
                .help("correct the path, or put the file there"),
            ))
        } else {
            Self::Unreadable(Box::new(
                Fault::new(
                    "unreadable",
                    file.display().to_string(),
                    format!("the file `{}`{by} cannot be read", file.display()),
                )
                .found(error.to_string())
                .help("check that it is a file and that you may read it"),
            ))
        }
    }

    pub(super) fn file(fault: Fault) -> Self {
        Self::File(Box::new(fault))
    }

    /// The faults, at most [`LISTED_FAULTS`].
    pub fn faults(&self) -> &[Fault] {
        match self {
            Self::Missing(fault) | Self::Unreadable(fault) | Self::File(fault) => {
                std::slice::from_ref(fault)
            }
            Self::Content(faults) => &faults.listed,
        }
    }

    /// Exit code of the command line: 66 input missing, 74 input/output, 65 bad input.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Missing(_) => 66,
            Self::Unreadable(_) => 74,
            Self::File(_) | Self::Content(_) => 65,
        }
    }
}

/// One thing that cannot be used: what, where, found against expected, what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Stable short name, as in `error[sumo::unknown-edge]`.
    pub code: &'static str,
    /// What is wrong, as one sentence.
    pub what: String,
    /// `file:line`, or the file.
    pub place: String,
    /// What would be right.
    pub expected: Option<String>,
    /// What is there.
    pub found: Option<String>,
    /// What to do.
    pub help: Option<String>,
}

impl Fault {
    /// A fault at `place`.
    pub fn new(code: &'static str, place: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            code,
            what: what.into(),
            place: place.into(),
            expected: None,
            found: None,
            help: None,
        }
    }

    tells_more!();

    /// Says which known name is nearest to an unknown one, or else `otherwise`.
    #[must_use]
    pub(super) fn suggest<'a>(
        self,
        unknown: &str,
        known: impl Iterator<Item = &'a str>,
        otherwise: &str,
    ) -> Self {
        match nearest(unknown, known) {
            Some(name) => self.help(format!("did you mean `{name}`?")),
            None => self.help(otherwise),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "error[sumo::{}]: {}\n  --> {}",
            self.code, self.what, self.place
        )?;
        let (expected, found) = (self.expected.as_ref(), self.found.as_ref());
        write_more(f, expected, found, self.help.as_ref())
    }
}

/// The faults of the files, in the order in which they were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// The first [`LISTED_FAULTS`].
    pub listed: Vec<Fault>,
    /// How many more there are.
    pub more: usize,
}

impl Faults {
    /// Adds a fault. It is built only when it will be listed, so that a million of them cost nothing.
    pub(super) fn add(&mut self, fault: impl FnOnce() -> Fault) {
        if self.listed.len() < LISTED_FAULTS {
            self.listed.push(fault());
        } else {
            self.more += 1;
        }
    }

    /// An error when there are faults.
    pub(super) fn check(&mut self) -> Result<(), SumoError> {
        if self.listed.is_empty() {
            Ok(())
        } else {
            Err(SumoError::Content(std::mem::take(self)))
        }
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, fault) in self.listed.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            fault.fmt(f)?;
        }
        if self.more > 0 {
            write!(f, "\nand {} more", self.more)?;
        }
        Ok(())
    }
}

/// Something the importer leaves out or reads otherwise than SUMO would, without harm to the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Stable short name of the kind.
    pub code: &'static str,
    /// Id of the object; the first one when there are several.
    pub id: String,
    /// `file:line` of the first one.
    pub place: String,
    /// Words of the source that stand in the sentence of the kind.
    pub words: Vec<String>,
    /// How many there are.
    pub count: usize,
}

/// Notes of a kind and with the same words are one note with a count.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    entries: BTreeMap<(&'static str, Vec<String>), Counted>,
}

/// What is kept of equal notes.
#[derive(Debug, Default)]
struct Counted {
    order: usize,
    count: usize,
    id: String,
    place: String,
}

impl Notes {
    /// Adds a note. The words do not name the object, so that equal ones are counted.
    pub(crate) fn add(&mut self, code: &'static str, id: &str, place: String, words: Vec<String>) {
        let order = self.entries.len();
        let first = || Counted {
            order,
            id: id.to_owned(),
            place,
            ..Counted::default()
        };
        let entry = self.entries.entry((code, words));
        entry.or_insert_with(first).count += 1;
    }

    /// Adds a note on `count` things at once; nothing when there are none.
    pub(crate) fn add_sum(&mut self, code: &'static str, place: &str, count: usize) {
        if count == 0 {
            return;
        }
        let order = self.entries.len();
        let first = || Counted {
            order,
            place: place.to_owned(),
            ..Counted::default()
        };
        let entry = self.entries.entry((code, Vec::new()));
        entry.or_insert_with(first).count += count;
    }

    /// The notes in the order in which the first of each kind was found.
    pub(crate) fn into_list(self) -> Vec<Note> {
        let mut list: Vec<_> = self.entries.into_iter().collect();
        list.sort_by_key(|(_, counted)| counted.order);
        list.into_iter()
            .map(|((code, words), counted)| Note {
                code,
                id: counted.id,
                place: counted.place,
                words,
                count: counted.count,
            })
            .collect()
    }
}

/// The known name with the fewest changed letters, when these are at most about a third of the letters (or one) and not all of them;
/// among equals the first.
fn nearest<'a>(unknown: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let limit = ((unknown.chars().count() + 1) / 3).clamp(1, 3);
    let mut best: Option<(usize, &str)> = None;
    for name in known {
        let limit = best.map_or(limit, |(changes, _)| changes - 1);
        if let Some(changes) = changes_within(unknown, name, limit)
            && changes < name.chars().count().max(unknown.chars().count())
        {
            if changes == 0 {
                return Some(name);
            }
            best = Some((changes, name));
            if changes == 1 {
                break;
            }
        }
    }
    best.map(|(_, name)| name)
}

/// Letters to insert, delete or replace to come from one word to the other (Levenshtein), when at most `limit`.
fn changes_within(a: &str, b: &str, limit: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > 4 * limit || b.len() > 200 {
        return None;
    }
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        let mut least = row[0];
        for (j, other) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(row[j + 1] + 1);
            least = least.min(row[j + 1]);
        }
        if least > limit {
            return None;
        }
    }
    Some(row[b.len()]).filter(|changes| *changes <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_name_is_found_and_a_far_one_is_not() {
        let known = ["abd", "xyz", "abcd"];
        assert_eq!(nearest("abc", known.into_iter()), Some("abd"));
        assert_eq!(nearest("qqq", known.into_iter()), None);
        assert_eq!(nearest("f", ["w", "e"].into_iter()), None);
        assert_eq!(
            nearest("128345", ["-128346", "128346"].into_iter()),
            Some("128346")
        );
    }

    #[test]
    fn faults_beyond_the_cap_are_counted() {
        let mut faults = Faults::default();
        for i in 0..25 {
            faults.add(|| Fault::new("x", format!("f:{i}"), "wrong"));
        }
        assert_eq!((faults.listed.len(), faults.more), (20, 5));
        assert!(faults.to_string().ends_with("and 5 more"));
        assert!(faults.check().is_err());
    }

    #[test]
    fn equal_notes_become_one_with_a_count() {
        let mut notes = Notes::default();
        let words = |word: &str| vec![word.to_owned()];
        notes.add("b", "1", "f:1".into(), words("x"));
        notes.add("a", "2", "f:2".into(), words("x"));
        notes.add("b", "3", "f:3".into(), words("x"));
        let list = notes.into_list();
        assert_eq!(list.len(), 2);
        assert_eq!(
            (list[0].code, list[0].id.as_str(), list[0].place.as_str()),
            ("b", "1", "f:1")
        );
        assert_eq!((list[0].count, list[1].count), (2, 1));
        assert_eq!(list[0].words, ["x"]);
    }

    #[test]
    fn sums_of_equal_notes_are_added_and_nothing_is_no_note() {
        let mut notes = Notes::default();
        notes.add_sum("c", "f", 3);
        notes.add_sum("c", "f", 4);
        notes.add_sum("d", "f", 0);
        let list = notes.into_list();
        assert_eq!(list.len(), 1);
        assert_eq!(list[0].count, 7);
    }
}
