//! A plan: who drives where and when, who was refused.

use super::error::Refusal;
use super::problem::NodeId;

/// One vehicle's way.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// Kind of vehicle.
    pub kind: usize,
    /// Nodes from depot to depot.
    pub nodes: Vec<NodeId>,
    /// Begin of service at each node; leaving at the first.
    pub begins: Vec<f64>,
    /// Length.
    pub distance: f64,
}

/// A plan for all requests.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Vehicles that leave their depot.
    pub routes: Vec<Route>,
    /// Requests that are not served, with the reason, by number.
    pub refused: Vec<(usize, Refusal)>,
    /// Sum over the routes.
    pub distance: f64,
}
