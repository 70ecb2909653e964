//! `planspiel schema`: the JSON Schema of the scenario file.

use crate::scenario::scenario_schema;

use super::exit::{BUG, CliError, DONE};
use super::print;

/// Prints the schema.
pub fn schema() -> Result<u8, CliError> {
    let text = serde_json::to_string_pretty(scenario_schema())
        .map_err(|error| CliError::new(BUG, format!("error[cli::schema]: {error}")))?;
    print::result(&text)?;
    Ok(DONE)
}
