//! The last system of an update: publishes the snapshot when something changed.

use std::sync::Arc;

use bevy::prelude::{App, IntoScheduleConfigs, Query, Res, ResMut, Resource, Update};

use crate::result::Quality;

use super::app::SharedOutbox;
use super::loading::Loading;
use super::runs::Run;
use super::schedule::WorldSet;
use super::session::Session;
use super::snapshot::{JobStatus, Snapshot};

/// What was published last.
#[derive(Debug, Default, Resource)]
struct Published {
    generation: u64,
    job: Option<JobStatus>,
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Published>();
    app.add_systems(Update, publish.in_set(WorldSet::Present));
}

fn publish(
    mut session: ResMut<Session>,
    mut published: ResMut<Published>,
    outbox: Res<SharedOutbox>,
    runs: Query<&Run>,
    loading: Query<&Loading>,
) {
    let load = loading.iter().next().map(|loading| JobStatus {
        variant: 0,
        simulation: "load",
        quality: Quality::Exact,
        phase: loading.job.current_phase(),
        fraction: loading.job.fraction(),
    });
    let job = load.or_else(|| {
        runs.iter().next().map(|run| JobStatus {
            variant: run.request.variant,
            simulation: run.request.simulation,
            quality: run.request.quality,
            phase: run.job.current_phase(),
            fraction: run.job.fraction(),
        })
    });
    if !session.changed && published.job == job {
        return;
    }
    session.changed = false;
    published.generation += 1;
    published.job.clone_from(&job);
    outbox.0.publish(Snapshot {
        generation: published.generation,
        scenario: session.scenario.clone(),
        scenario_path: session.path.clone(),
        scenario_blake3: session.blake3.clone(),
        cities: session.variants.iter().map(|v| v.city.clone()).collect(),
        results: (0..session.variants.len())
            .map(|i| session.result_states(i))
            .collect(),
        job,
        queued: session.queue.len(),
        commands: session.commands,
        messages: session.messages.clone(),
        exit_codes: Arc::new(session.exit_codes.clone()),
    });
}
