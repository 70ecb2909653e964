//! Wait of people on foot at a guessed signal: they come evenly, so the mean is `r^2 / 2 C` for a cycle `C` with `r` without their green.

use std::path::Path;

use crate::traffic::demand::Demand;
use crate::traffic::network::Phase;
use crate::traffic::network::grid::grid;
use crate::traffic::run::Run;
use crate::traffic::signals::rules::aspect_of;

use super::{Effort, Sheet};

/// People per hour at each crossing, and time (s) that they come.
const PER_H: f64 = 1000.0;
const TIME_S: usize = 360_000;

/// Twice the largest error seen (0.4 % of 100,000 people).
const TOLERANCE: f64 = 0.008;

const SOURCE: &str = "r^2 / 2 C";

/// Cases of the family.
pub fn cases(_: &Path, _: Effort, sheet: &mut Sheet) -> Result<(), String> {
    let network = grid(2, 150.0, 2);
    let signal = network.signals.first().ok_or("the grid has no signals")?;
    let program = signal
        .programs
        .first()
        .ok_or("the signal has no programme")?;
    let mut run = Run::new(&network, &Demand::default(), 0.0, 1.0, 1);
    run.let_walk(&network, PER_H);
    for _ in 0..TIME_S {
        run.step();
    }
    let sum = |phases: &mut dyn Iterator<Item = &Phase>| -> f64 {
        phases.map(|phase| phase.duration_s).sum()
    };
    let cycle_s = sum(&mut program.phases.iter());
    for (number, crossing) in signal.crossings.iter().enumerate() {
        let place = crossing.place as usize;
        let walks = |phase: &&Phase| aspect_of(phase, place).is_green();
        let red_s = cycle_s - sum(&mut program.phases.iter().filter(walks));
        let own = run.walkers.walks.iter();
        let own = own.filter(|walk| walk.signal == 0 && walk.crossing == number as u32);
        let (count, waited_s) = own.fold((0.0, 0.0), |(count, sum), walk| {
            (count + 1.0, sum + walk.waited_s)
        });
        sheet.within(
            &format!("walkers/wait/{number}"),
            &format!("mean wait (s) on foot, {red_s} s of {cycle_s} s without green"),
            red_s * red_s / (2.0 * cycle_s),
            waited_s / count,
            TOLERANCE,
            SOURCE,
        );
    }
    Ok(())
}
