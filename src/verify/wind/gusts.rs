//! Turbulence and gusts of tier 1 around the building of AIJ case A, where both were measured. Told, not judged.

use std::path::Path;

use super::aij::{CELLS, Experiment};
use super::{DOMAIN, number, table};
use crate::job::Job;
use crate::verify::Case;
use crate::wind::probe::{PEAK, wind_at};
use crate::wind::roeckle::Constants;
use crate::wind::score::Score;
use crate::wind::tier1::Site;
use crate::wind::turbulence::shear_k;

/// Height of the building (b), and speed of the approaching wind there (m/s).
const H: f64 = 2.0;
const REFERENCE_MPS: f64 = 4.491;

/// Rows of turbulent energy and gusts, both as parts of the reference. `folder` is `data/wind`.
pub fn cases(folder: &Path) -> Result<Vec<Case>, String> {
    let folder = folder.join("aij_case_a");
    let experiment = Experiment::case_a(&folder, CELLS)?;
    let mut site = Site::new(experiment.grid, experiment.blocks, Vec::new());
    let field = site.wind(&experiment.inflow, experiment.heading);
    let sheared = shear_k(
        &site.grid,
        &site.solids,
        &field.flow,
        &field.gust_k,
        Some(H),
        usize::MAX,
        Constants::FITTED,
        &Job::default(),
    )
    .map_err(|cancelled| cancelled.to_string())?;
    let z0 = experiment.inflow.z0_m();
    let names = ["k of the zones", "k with shear", "gust"];
    let mut pairs = [Vec::new(), Vec::new(), Vec::new()];
    let mut trivial = pairs.clone();
    for row in &table(&folder.join("measured.csv"))?.1 {
        let at = |column: usize| number(row, column);
        let place = [at(2)?, at(3)?];
        let wind = |k: &[f32]| {
            wind_at(
                &site.grid,
                &site.solids,
                &field.flow,
                k,
                place,
                at(4).ok()?,
                z0,
            )
        };
        let Some((plain, with)) = wind(&field.gust_k).zip(wind(&sheared)) else {
            continue;
        };
        let speed = at(5)?.hypot(at(6)?).hypot(at(7)?);
        let measured_k = at(11)? / REFERENCE_MPS.powi(2);
        let measured_gust = (speed + PEAK * at(8)?) / REFERENCE_MPS;
        let k = |k: f64| k / REFERENCE_MPS.powi(2);
        pairs[0].push((k(plain.k_m2_per_s2), measured_k));
        pairs[1].push((k(with.k_m2_per_s2), measured_k));
        pairs[2].push((with.gust_mps() / REFERENCE_MPS, measured_gust));
        let z = at(4)?;
        let mut free = with;
        free.velocity = [experiment.inflow.speed_mps(z), 0.0, 0.0];
        free.k_m2_per_s2 = experiment.inflow.k_m2_per_s2(z);
        trivial[0].push((k(free.k_m2_per_s2), measured_k));
        trivial[1].push((k(free.k_m2_per_s2), measured_k));
        trivial[2].push((free.gust_mps() / REFERENCE_MPS, measured_gust));
    }
    let mut cases = Vec::new();
    for ((name, pairs), trivial) in names.iter().zip(&pairs).zip(&trivial) {
        let (score, trivial) = (Score::of(pairs), Score::of(trivial));
        for (metric, got, beside) in [
            ("R", score.r, trivial.r),
            ("FAC2", score.fac2, trivial.fac2),
            ("RMSE", score.rmse, trivial.rmse),
            ("bias", score.bias, trivial.bias),
        ] {
            let id = format!("A/{}/{metric}", name.replace(' ', "-"));
            let metric =
                format!("{metric} of {name}, beside that of the approaching wind everywhere");
            let source = "AIJ A, tier 1, constants of speed calibrated on it";
            cases.push(Case::indicative(DOMAIN, &id, &metric, beside, got, source));
        }
    }
    Ok(cases)
}
