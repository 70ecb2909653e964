//! Facts of the method, and what the reader should know.

use crate::finding::Finding;
use crate::job::Job;
use crate::result::Quality;
use crate::wind::inflow::Inflow;
use crate::wind::input::WindInput;
use crate::wind::params::{WindClimate, WindStatistic, WindTrees};
use crate::wind::study::WindRun;

use super::Presented;

/// Relative residual of the potential above which the wind is not called converged.
const CONVERGED: f32 = 1e-3;

/// Facts in reading order, as (text key, value). Values are text keys or plain text with ISO numbers.
pub(super) fn method(input: &Presented<'_>, run: &WindRun) -> Vec<(&'static str, String)> {
    let study = input.input;
    let grid = &study.site.grid;
    let [nx, ny, nz] = grid.cells;
    let statistic = match input.params.statistic {
        WindStatistic::MeanSpeed => "wind-statistic-mean-speed",
        WindStatistic::MeanVelocity => "wind-statistic-mean-velocity",
        WindStatistic::GustEquivalent => "wind-statistic-gust",
    };
    let equations = match run.tier_2 {
        Some(_) => "wind-equations-tier-2",
        None => "wind-equations-tier-1",
    };
    let mut facts = vec![
        ("method-wind-equations", equations.to_owned()),
        ("method-wind-statistic", statistic.to_owned()),
        ("method-wind-height", format!("{} m", input.params.height_m)),
        (
            "method-wind-cells",
            format!(
                "{nx} × {ny} × {nz}; {:.2} × {:.2} × {:.2} m",
                grid.cell_m,
                grid.cell_m,
                grid.levels_m[1] - grid.levels_m[0]
            ),
        ),
        ("method-wind-margin", format!("{:.0} m", study.margin_m)),
        ("method-wind-directions", run_directions(study).to_string()),
        ("method-wind-inflow", inflow(&study.inflow)),
        ("method-wind-blocks", study.site.blocks.len().to_string()),
        (
            "method-wind-water",
            if input.city.terrain.is_some() {
                format!("{} m", input.params.water_level_m)
            } else {
                "–".to_owned()
            },
        ),
        (
            "method-wind-trees",
            match input.params.trees {
                WindTrees::Ignore => "wind-trees-ignore",
                WindTrees::Bare => "wind-trees-bare",
                WindTrees::InLeaf => "wind-trees-in-leaf",
            }
            .to_owned(),
        ),
        (
            "method-wind-solved",
            format!("{:.0e}, {}", run.solved.0, run.solved.1),
        ),
    ];
    if let (Some(climate), Some(settings)) = (&study.climate, &input.params.climate) {
        let WindClimate {
            station_z0_m,
            station_height_m,
            ..
        } = settings;
        facts.extend([
            ("method-wind-climate", climate.source.clone()),
            (
                "method-wind-station",
                format!("{station_height_m} m, z0 = {station_z0_m} m"),
            ),
            ("method-wind-exposure", format!("{:.3}", climate.exposure)),
            (
                "method-wind-calm",
                format!("{:.1} %", 100.0 * climate.rose.calm()),
            ),
        ]);
    }
    let [calibrated, validated] = match &run.tier_2 {
        Some(tier_2) => {
            facts.push((
                "method-wind-steps",
                format!(
                    "{}; {:.1e}; {:.1e}",
                    tier_2.steps, tier_2.change, tier_2.mass
                ),
            ));
            ["wind-calibrated-tier-2", "wind-validated-tier-2"]
        }
        None => ["wind-calibrated", "wind-validated"],
    };
    if input.params.trees != WindTrees::Ignore {
        facts.push((
            "method-wind-calibrated-trees",
            "wind-calibrated-trees".to_owned(),
        ));
    }
    facts.push(("method-wind-calibrated", calibrated.to_owned()));
    facts.push(("method-wind-validated", validated.to_owned()));
    facts
}

/// The approaching wind in numbers.
fn inflow(inflow: &Inflow) -> String {
    match inflow {
        Inflow::Log {
            z0_m,
            reference_m,
            speed_mps,
        } => format!("log, z0 = {z0_m} m, {speed_mps} m/s ({reference_m} m)"),
        Inflow::Power {
            alpha,
            reference_m,
            speed_mps,
        } => format!("(z / {reference_m} m)^{alpha}, {speed_mps} m/s"),
        Inflow::Table(rows) => match (rows.first(), rows.last()) {
            (Some(a), Some(b)) => format!(
                "{} × (z, U, k): {} m/s ({} m) – {} m/s ({} m)",
                rows.len(),
                a.speed_mps,
                a.z_m,
                b.speed_mps,
                b.z_m
            ),
            _ => String::new(),
        },
    }
}

/// Number of directions that were computed.
fn run_directions(study: &WindInput) -> usize {
    if study.directions_deg.is_empty() {
        study.maps_from_deg.len()
    } else {
        study.directions_deg.len()
    }
}

/// Remarks on the study.
pub(super) fn findings(input: &Presented<'_>, run: &WindRun, job: &Job) {
    let city = input.city;
    let study = input.input;
    if input.quality == Quality::Coarse {
        job.finding(
            Finding::info("wind-coarse")
                .arg("cell_m", format!("{:.1}", study.site.grid.cell_m))
                .arg("directions_count", run_directions(study)),
        );
    }
    if let Some(tier_2) = run.tier_2.filter(|t| t.unsteady > 0) {
        job.finding(
            Finding::warning("wind-unsteady")
                .arg("unsteady", tier_2.unsteady)
                .arg("directions", tier_2.directions)
                .arg("change", format!("{:.1e}", tier_2.change)),
        );
    }
    if run.solved.0 > CONVERGED {
        let residual = format!("{:.0e}", run.solved.0);
        job.finding(Finding::warning("wind-not-converged").arg("residual", residual));
    }
    let assumed = city.buildings.iter();
    let assumed = assumed.filter(|b| b.attributes.assumed_height_m.is_some());
    let assumed = assumed.count();
    if assumed > 0 {
        job.finding(Finding::warning("wind-assumed-heights").arg("count", assumed));
    }
    if city.terrain.is_none() {
        job.finding(Finding::info("wind-no-terrain"));
    }
    if !city.trees.is_empty() && input.params.trees == WindTrees::Ignore {
        job.finding(Finding::info("wind-trees-ignored").arg("count", city.trees.len()));
    }
    let (min, max) = study.raster.bounds();
    let beyond = city.buildings.iter().filter(|b| {
        let (low, high) = b.bounds();
        let outside = low.x < min[0] - study.margin_m
            || low.y < min[1] - study.margin_m
            || high.x > max[0] + study.margin_m
            || high.y > max[1] + study.margin_m;
        b.draft && outside
    });
    for building in beyond {
        job.finding(Finding::warning("wind-building-outside").object(building.id.clone()));
    }
    let lost = run.probes.iter().filter(|p| p.wind.is_none());
    let first = lost.clone().next();
    if let Some(first) = first {
        let mut places: Vec<usize> = lost.map(|p| p.probe).collect();
        places.dedup();
        places.sort_unstable();
        places.dedup();
        job.finding(
            Finding::warning("wind-probe-in-wall")
                .arg("count", places.len())
                .arg("first", &study.probes[first.probe].id),
        );
    }
}
