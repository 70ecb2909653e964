//! Signals: programmes as delivered or made by us, fixed or following the traffic, the rules that none of them breaks, and priority for
//! buses above them.

pub mod controller;
pub mod design;
pub mod plan_text;
pub mod priority;
pub mod rules;

#[cfg(test)]
mod tests;
