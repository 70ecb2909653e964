//! Order of the systems within one update of the world.

use bevy::prelude::{App, IntoScheduleConfigs, SystemSet, Update};

/// Sets of systems; they run in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, SystemSet)]
pub(super) enum WorldSet {
    /// Commands are taken in.
    Input,
    /// Scenario and cities change.
    Edit,
    /// Outcomes of kernels are taken, the next run begins.
    Finish,
    /// New runs go to the pool.
    Simulate,
    /// The snapshot is published.
    Present,
}

pub(super) fn plugin(app: &mut App) {
    app.configure_sets(
        Update,
        (
            WorldSet::Input,
            WorldSet::Edit,
            WorldSet::Finish,
            WorldSet::Simulate,
            WorldSet::Present,
        )
            .chain(),
    );
}
