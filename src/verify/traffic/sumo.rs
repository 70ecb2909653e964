//! Real networks beside SUMO 1.28.0: means over ten seeds.
//!
//! The references are means of SUMO's own trip statistics (finished trips) for the seeds 1 to 10, with the options of the configurations.
//! On tavf-hamburg SUMO lets 1.4 % of the trips lose more than 300 s, some of them in a queue behind buses that stand with a free street ahead until they
//! are taken off the road after 300 s (6 to 9 per run); 1.0 % of ours do. So the median loss differs by less than the mean.

use std::path::Path;

use rayon::prelude::*;

use crate::traffic::run::{Outcome, Run};
use crate::traffic::sumo::read_config;

use super::lab::mean;
use super::{Effort, Sheet};

struct Reference {
    name: &'static str,
    config: &'static str,
    arrived: f64,
    duration_s: f64,
    time_loss_s: f64,
    depart_delay_s: Option<f64>,
}

const REFERENCES: [Reference; 2] = [
    Reference {
        name: "tavf-hamburg",
        config: "tavf-hamburg/run_simulation.sumocfg",
        arrived: 19_968.9,
        duration_s: 200.32,
        time_loss_s: 76.57,
        depart_delay_s: None,
    },
    Reference {
        name: "bologna-acosta",
        config: "bologna-acosta/run.sumocfg",
        arrived: 8_779.0,
        duration_s: 281.14,
        time_loss_s: 159.60,
        depart_delay_s: Some(166.07),
    },
];

/// A network that is not empty by then (s) is locked.
const LONGEST_S: f64 = 12_000.0;

const SEEDS: u64 = 10;

const SOURCE: &str = "SUMO 1.28.0, mean of seeds 1 to 10";

/// What a run gives.
struct Means {
    arrived: f64,
    duration_s: f64,
    time_loss_s: f64,
    depart_delay_s: f64,
}

/// Cases of the family.
pub fn cases(folder: &Path, _: Effort, sheet: &mut Sheet) -> Result<(), String> {
    for reference in &REFERENCES {
        let path = folder.with_file_name(reference.config);
        let scenario = read_config(&path).map_err(|fault| fault.to_string())?;
        let end_s = scenario.end_s.unwrap_or(LONGEST_S);
        let runs: Vec<Means> = (1..=SEEDS)
            .into_par_iter()
            .map(|seed| {
                let (network, demand) = (&scenario.network, &scenario.demand);
                let mut run = Run::new(network, demand, scenario.begin_s, scenario.step_s, seed);
                while run.time_s() < end_s && !run.is_over() {
                    run.step();
                }
                means(&run)
            })
            .collect();
        let over = |pick: fn(&Means) -> f64| mean(&runs.iter().map(pick).collect::<Vec<_>>());
        let mut row = |what: &str, metric: &str, expected: f64, got: f64, share: f64| {
            sheet.within(
                &format!("sumo/{}/{what}", reference.name),
                &format!("{metric}, mean of {SEEDS} seeds"),
                expected,
                got,
                share,
                SOURCE,
            );
        };
        row(
            "arrived",
            "vehicles that arrived",
            reference.arrived,
            over(|means| means.arrived),
            0.01,
        );
        row(
            "duration",
            "time on the way, s",
            reference.duration_s,
            over(|means| means.duration_s),
            0.05,
        );
        row(
            "time-loss",
            "time lost on the way, s",
            reference.time_loss_s,
            over(|means| means.time_loss_s),
            0.05,
        );
        if let Some(delay_s) = reference.depart_delay_s {
            sheet.indicative(
                &format!("sumo/{}/depart-delay", reference.name),
                &format!("wait before departure, mean of {SEEDS} seeds, s"),
                delay_s,
                over(|means| means.depart_delay_s),
                SOURCE,
            );
        }
    }
    Ok(())
}

fn means(run: &Run) -> Means {
    let arrived = run
        .ended()
        .iter()
        .filter(|record| record.outcome == Outcome::Arrived);
    let [
        mut count,
        mut duration_s,
        mut time_loss_s,
        mut depart_delay_s,
    ] = [0.0; 4];
    for record in arrived {
        count += 1.0;
        duration_s += record.duration_s;
        time_loss_s += record.time_loss_s;
        depart_delay_s += record.depart_delay_s;
    }
    Means {
        arrived: count,
        duration_s: duration_s / count,
        time_loss_s: time_loss_s / count,
        depart_delay_s: depart_delay_s / count,
    }
}
