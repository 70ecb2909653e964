//! Why a job of the simulation world gave no result.

use crate::access::AccessError;
use crate::city::error::CityError;
use crate::flood::FloodError;
use crate::job::Cancelled;
use crate::scenario::ScenarioError;
use crate::shuttle::study::ShuttleError;
use crate::sun::SunError;
use crate::traffic::TrafficError;
use crate::wind::WindError;

/// Why a job gave no result.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// The user cancelled; not a failure.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The scenario, an edit or a draft cannot be used.
    #[error(transparent)]
    Scenario(ScenarioError),
    /// A city file cannot be used.
    #[error("error[city::{code}]: {0}", code = .0.code())]
    City(CityError),
    /// The sun study failed.
    #[error(transparent)]
    Sun(SunError),
    /// The water simulation failed.
    #[error(transparent)]
    Flood(FloodError),
    /// The wind study failed.
    #[error(transparent)]
    Wind(WindError),
    /// The simulation of traffic failed.
    #[error(transparent)]
    Traffic(TrafficError),
    /// The study of access failed.
    #[error(transparent)]
    Access(AccessError),
    /// The simulation of shuttles failed.
    #[error(transparent)]
    Shuttle(ShuttleError),
    /// The job would not fit into memory and was not begun.
    #[error(
        "error[sim::too-large]: `{simulation}` would need about {needed_gib:.1} GiB of memory, {free_gib:.1} GiB are free\n  help: widen the \
         spacing, or limit the area"
    )]
    Refused {
        /// Registered name.
        simulation: &'static str,
        /// Estimate (GiB).
        needed_gib: f64,
        /// What the machine has free (GiB).
        free_gib: f64,
    },
    /// A bug in a kernel; the world goes on.
    #[error(
        "error[sim::panic]: `{simulation}` stopped with an internal error: {what}\n  help: this is a bug in planspiel; please report it with the \
         scenario"
    )]
    Panicked {
        /// Registered name, or `load`.
        simulation: &'static str,
        /// Words of the panic.
        what: String,
    },
    /// The command does not fit the scenario.
    #[error("error[sim::{code}]: {text}")]
    Command {
        /// Stable short name.
        code: &'static str,
        /// Sentence.
        text: String,
    },
}

impl SimError {
    /// Exit code of the command line.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Cancelled(_) => 130,
            Self::Scenario(error) => error.exit_code(),
            Self::City(error) => error.exit_code(),
            Self::Sun(error) => match error {
                SunError::Cancelled(_) => 130,
                SunError::Source(error) => error.exit_code(),
                _ => 65,
            },
            Self::Flood(error) => error.exit_code(),
            Self::Wind(error) => error.exit_code(),
            Self::Traffic(error) => error.exit_code(),
            Self::Access(error) => error.exit_code(),
            Self::Shuttle(error) => error.exit_code(),
            Self::Refused { .. } => 71,
            Self::Panicked { .. } => 70,
            Self::Command { .. } => 2,
        }
    }
}

impl From<ScenarioError> for SimError {
    fn from(error: ScenarioError) -> Self {
        match error {
            ScenarioError::City(error) => Self::City(error),
            error => Self::Scenario(error),
        }
    }
}

impl From<CityError> for SimError {
    fn from(error: CityError) -> Self {
        Self::City(error)
    }
}

impl From<SunError> for SimError {
    fn from(error: SunError) -> Self {
        match error {
            SunError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            SunError::Source(error) => Self::City(error),
            error => Self::Sun(error),
        }
    }
}

impl From<FloodError> for SimError {
    fn from(error: FloodError) -> Self {
        match error {
            FloodError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            error => Self::Flood(error),
        }
    }
}

impl From<WindError> for SimError {
    fn from(error: WindError) -> Self {
        match error {
            WindError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            error => Self::Wind(error),
        }
    }
}

impl From<TrafficError> for SimError {
    fn from(error: TrafficError) -> Self {
        match error {
            TrafficError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            error => Self::Traffic(error),
        }
    }
}

impl From<AccessError> for SimError {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            error => Self::Access(error),
        }
    }
}

impl From<ShuttleError> for SimError {
    fn from(error: ShuttleError) -> Self {
        match error {
            ShuttleError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            error => Self::Shuttle(error),
        }
    }
}
