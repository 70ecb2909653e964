//! Signals: programmes as delivered, fixed or following the traffic, and priority for buses above them.

pub mod controller;
