//! One integration test binary: each extra one would link the whole engine again.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the message")]

mod architecture;
mod cli;
#[cfg(feature = "desktop")]
mod desktop;
mod flumes;
mod live;
mod models;
mod scenarios;
mod verification;
