//! What can go wrong before a plan is sought, and why a request is refused.

use std::fmt;
use std::path::Path;

use crate::job::Cancelled;

/// Faults that are listed; the others are counted.
pub const LISTED_FAULTS: usize = 20;

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum ShuttleError {
    /// The user cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// There is no such file.
    #[error("{0}")]
    Missing(Box<Fault>),
    /// The file exists but cannot be read.
    #[error("{0}")]
    Unreadable(Box<Fault>),
    /// What the file or the caller says cannot be used.
    #[error("{0}")]
    Content(Faults),
}

impl ShuttleError {
    pub(super) fn from_io(file: &Path, error: &std::io::Error) -> Self {
        let place = file.display().to_string();
        if error.kind() == std::io::ErrorKind::NotFound {
            Self::Missing(Box::new(Fault {
                code: "missing",
                what: "there is no such file".to_owned(),
                place,
                found: "nothing".to_owned(),
                expected: "a file of Cordeau & Laporte or of Li & Lim".to_owned(),
                help: "correct the path, or put the file there".to_owned(),
            }))
        } else {
            Self::Unreadable(Box::new(Fault {
                code: "unreadable",
                what: "the file cannot be read".to_owned(),
                place,
                found: error.to_string(),
                expected: "a text file".to_owned(),
                help: "check that it is a file and that you may read it".to_owned(),
            }))
        }
    }

    /// The faults, at most [`LISTED_FAULTS`].
    pub fn faults(&self) -> &[Fault] {
        match self {
            Self::Cancelled(_) => &[],
            Self::Missing(fault) | Self::Unreadable(fault) => std::slice::from_ref(fault),
            Self::Content(faults) => &faults.listed,
        }
    }

    /// Exit code of the command line: 65 bad input, 66 input missing, 74 input/output, 130 stopped.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Cancelled(_) => 130,
            Self::Missing(_) => 66,
            Self::Unreadable(_) => 74,
            Self::Content(_) => 65,
        }
    }
}

/// One thing that cannot be used: what, where, found against expected, what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Stable short name, as in `error[shuttle::not-a-number]`.
    pub code: &'static str,
    /// What is wrong, as one sentence.
    pub what: String,
    /// `file:line`, or the file.
    pub place: String,
    /// What is there.
    pub found: String,
    /// What would be right.
    pub expected: String,
    /// What to do.
    pub help: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "error[shuttle::{}]: {}\n  --> {}\n  found: {}\n  expected: {}\n  help: {}",
            self.code, self.what, self.place, self.found, self.expected, self.help
        )
    }
}

/// All faults of an input: the first [`LISTED_FAULTS`], and how many there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// The first ones.
    pub listed: Vec<Fault>,
    /// All, the listed ones too.
    pub count: usize,
}

impl Faults {
    pub(super) fn push(&mut self, fault: Fault) {
        self.count += 1;
        if self.listed.len() < LISTED_FAULTS {
            self.listed.push(fault);
        }
    }

    pub(super) fn into_result(self) -> Result<(), ShuttleError> {
        if self.count == 0 {
            Ok(())
        } else {
            Err(ShuttleError::Content(self))
        }
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, fault) in self.listed.iter().enumerate() {
            if position > 0 {
                writeln!(f)?;
            }
            write!(f, "{fault}")?;
        }
        if self.count > self.listed.len() {
            write!(f, "\n... and {} more", self.count - self.listed.len())?;
        }
        Ok(())
    }
}

/// Why a request is not in the plan. Times and loads are those of the problem.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Refusal {
    /// No vehicle has so many places.
    TooLarge,
    /// Even the direct ride takes longer than the passenger may be on board.
    RideTooLong {
        /// Of the direct ride.
        direct: f64,
        /// Of the request.
        limit: f64,
    },
    /// No vehicle can be at the pickup, or go on to the delivery, or get home, within the windows.
    OutOfTime,
    /// The request alone could be served, but no plan was found that serves it beside the others. Nothing is proven.
    NoRoom,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => write!(f, "more places than any vehicle has"),
            Self::RideTooLong { direct, limit } => write!(
                f,
                "the direct ride takes {direct:.2}, the passenger may ride {limit:.2}"
            ),
            Self::OutOfTime => write!(
                f,
                "no vehicle can reach both stops and get home within the time windows"
            ),
            Self::NoRoom => write!(
                f,
                "no plan was found with room for it beside the others (not proven)"
            ),
        }
    }
}
