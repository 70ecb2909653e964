//! How the program ends. The numbers follow `sysexits.h` where it has one.

use crate::city::error::CityError;
use crate::scenario::ScenarioError;
use crate::shuttle::error::ShuttleError;

/// Everything was done.
pub const DONE: u8 = 0;
/// Done, but a check or comparison failed.
pub const CHECK_FAILED: u8 = 1;
/// Wrong usage of the command line.
pub const USAGE: u8 = 2;
/// The input is wrong.
pub const BAD_INPUT: u8 = 65;
/// The input does not exist.
pub const NO_INPUT: u8 = 66;
/// Something the program needs is not there, e.g. a display.
pub const UNAVAILABLE: u8 = 69;
/// A bug in the program.
pub const BUG: u8 = 70;
/// Not enough memory, or the system refused.
pub const SYSTEM: u8 = 71;
/// The output cannot be created.
pub const CANNOT_WRITE: u8 = 73;
/// Reading or writing failed on the way.
pub const IO: u8 = 74;
/// Ctrl-C.
pub const INTERRUPTED: u8 = 130;
/// Asked by the system to end (SIGTERM).
pub const TERMINATED: u8 = 143;

/// An error that ends the program.
#[derive(Debug, PartialEq, Eq)]
pub struct CliError {
    /// Exit code.
    pub code: u8,
    /// Complete message; may be empty when everything was said before.
    pub text: String,
}

impl CliError {
    /// An error with its message.
    pub fn new(code: u8, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
        }
    }

    /// An end whose reason was told already.
    pub fn told(code: u8) -> Self {
        Self::new(code, "")
    }
}

impl From<ScenarioError> for CliError {
    fn from(error: ScenarioError) -> Self {
        match error {
            ScenarioError::City(error) => error.into(),
            error => Self::new(error.exit_code(), error.to_string()),
        }
    }
}

impl From<ShuttleError> for CliError {
    fn from(error: ShuttleError) -> Self {
        Self::new(error.exit_code(), error.to_string())
    }
}

impl From<CityError> for CliError {
    fn from(error: CityError) -> Self {
        Self::new(
            error.exit_code(),
            format!("error[city::{}]: {error}", error.code()),
        )
    }
}
