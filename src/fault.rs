//! What errors of four parts share: what failed and where is their own, what would be right, what is there and what to do about it
//! are told alike.

use std::fmt;

/// Gives an error the methods that fill `expected`, `found` and `help`.
macro_rules! tells_more {
    () => {
        /// Says what was expected.
        #[must_use]
        pub fn expected(mut self, text: impl Into<String>) -> Self {
            self.expected = Some(text.into());
            self
        }

        /// Says what was found.
        #[must_use]
        pub fn found(mut self, text: impl Into<String>) -> Self {
            self.found = Some(text.into());
            self
        }

        /// Says what to do.
        #[must_use]
        pub fn help(mut self, text: impl Into<String>) -> Self {
            self.help = Some(text.into());
            self
        }
    };
}

pub(crate) use tells_more;

/// Writes what is known of expected, found and help below an error, a line each.
pub(crate) fn write_more(
    f: &mut fmt::Formatter<'_>,
    expected: Option<&String>,
    found: Option<&String>,
    help: Option<&String>,
) -> fmt::Result {
    for (word, text) in [("expected", expected), ("found", found), ("help", help)] {
        if let Some(text) = text {
            write!(f, "\n  {word}: {text}")?;
        }
    }
    Ok(())
}
