//! Writing to the two streams.

use std::io::{ErrorKind, Write};

use super::exit::{CliError, IO};

/// Results: one text to stdout, with a line end. A closed pipe (`planspiel schema | head`) is no error.
pub fn result(text: &str) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    let written = writeln!(out, "{text}").and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(CliError::new(
            IO,
            format!("error[cli::stdout]: the result cannot be printed: {error}"),
        )),
        _ => Ok(()),
    }
}

/// Messages: one text to stderr. When even that is closed, nobody listens.
pub fn message(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
