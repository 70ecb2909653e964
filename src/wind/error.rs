//! What can go wrong in a wind simulation.

/// Why a wind simulation gave no result.
#[derive(Debug, thiserror::Error)]
pub enum WindError {
    /// A table cannot be used.
    #[error("error[wind::table]: a table cannot be used\n  --> {file}{}\n  found: {found}\n  expected: {expected}", place(.line))]
    Table {
        /// As the user named it.
        file: String,
        /// Line, from 1; None for the file as a whole.
        line: Option<u64>,
        /// What stands there.
        found: String,
        /// What would be right.
        expected: String,
    },
    /// A weather file cannot be used.
    #[error("error[wind::weather]: a weather file cannot be used\n  --> {file}{}\n  found: {found}\n  expected: {expected}\n  help: {help}", place(.line))]
    Weather {
        /// As the user named it.
        file: String,
        /// Line, from 1; None for the file as a whole.
        line: Option<u64>,
        /// What stands there.
        found: String,
        /// What would be right.
        expected: String,
        /// What to do.
        help: String,
    },
}

fn place(line: &Option<u64>) -> String {
    line.map_or_else(String::new, |line| format!(":{line}"))
}
