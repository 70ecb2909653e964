//! One integration test binary: each extra one would link the whole engine again.

mod architecture;
mod cli;
mod verification;
