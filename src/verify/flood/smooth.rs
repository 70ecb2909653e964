//! A smooth nonlinear wave: the order of the scheme where nothing is rough.
//!
//! On a flat frictionless bed a wave that runs to the east into still water keeps `u - 2c` the same everywhere, so each value of
//! `c = sqrt(g h)` travels with its own speed `u + c = 3c - 2c0` until the wave breaks (Stoker 1957, chapter 10).

use std::path::Path;

use crate::flood::domain::{Axis, Forcing};
use crate::flood::kernel::SolverOptions;

use super::flume::{FAST, Flume, PRECISE, run_until};
use super::reference::{l1, largest_difference, order};
use super::{Effort, Sheet};

const G: f64 = 9.81;
const LENGTH_M: f64 = 100.0;
const DEPTH_M: f64 = 1.0;
/// Rise of the wave's speed relative to still water.
const RISE: f64 = 0.1;
const CREST_X: f64 = 40.0;
const WIDTH_M: f64 = 8.0;
/// Half of the time until the wave breaks, 1 / max(-3 dc/dx) = sqrt(e / 2) WIDTH / (3 RISE c0) = 9.9 s.
const TIME_S: f64 = 4.5;
const SOURCE: &str = "simple wave, Stoker 1957";

fn still_c() -> f64 {
    (G * DEPTH_M).sqrt()
}

/// c at the start.
fn first_c(x: f64) -> f64 {
    still_c() * (1.0 + RISE * (-((x - CREST_X) / WIDTH_M).powi(2)).exp())
}

/// c at a time: the one whose characteristic arrives here.
fn c_at(x: f64, time_s: f64) -> f64 {
    let arrival = |from: f64| from + (3.0 * first_c(from) - 2.0 * still_c()) * time_s;
    // Characteristics do not cross yet, so arrival rises with its origin.
    let (mut low, mut high) = (x - 4.0 * still_c() * time_s, x);
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        if arrival(middle) < x {
            low = middle;
        } else {
            high = middle;
        }
    }
    first_c(0.5 * (low + high))
}

/// Cell means of depth by Simpson's rule.
fn mean_depth(flume: &Flume, x: f64, time_s: f64) -> f64 {
    let depth = |x| c_at(x, time_s).powi(2) / G;
    let half = 0.5 * flume.dx();
    (depth(x - half) + 4.0 * depth(x) + depth(x + half)) / 6.0
}

fn error(axis: Axis, cells: usize, options: SolverOptions, sheet: &mut Sheet) -> (f64, Vec<f64>) {
    let flume = Flume {
        axis,
        cells,
        length_m: LENGTH_M,
    };
    let start = flume.start(
        |x| mean_depth(&flume, x, 0.0),
        |x| 2.0 * (first_c(x) - still_c()),
    );
    let domain = flume.domain(|_| 0.0, 0.0);
    let solver = run_until(&domain, &Forcing::default(), &start, options, TIME_S);
    sheet.health.see(&solver);
    let depth = flume.profile(&solver).depth_m;
    let exact = flume.along(|x| mean_depth(&flume, x, TIME_S));
    // Relative to the wave, not to the water below it.
    let wave: f64 = exact.iter().map(|h| h - DEPTH_M).sum();
    let error = l1(&depth, &exact) * exact.iter().sum::<f64>() / wave;
    (error, depth)
}

/// Cases of the family.
pub fn cases(_: &Path, _: Effort, sheet: &mut Sheet) -> Result<(), String> {
    let [coarse, middle, fine] = [100, 200, 400].map(|n| error(Axis::X, n, PRECISE, sheet));
    sheet.at_most(
        "smooth-wave/depth",
        "L1 of the wave, 200 cells",
        middle.0,
        0.01,
        SOURCE,
    );
    let slowest = order(coarse.0, middle.0).min(order(middle.0, fine.0));
    sheet.at_least(
        "smooth-wave/order",
        "observed order from 100/200/400 cells",
        slowest,
        1.8,
        SOURCE,
    );
    let turned = error(Axis::Y, 200, PRECISE, sheet);
    let difference = largest_difference(&turned.1, &middle.1);
    sheet.at_most(
        "smooth-wave/along-y",
        "depth along y against x, m",
        difference,
        1e-9,
        "symmetry",
    );
    let fast = error(Axis::X, 200, FAST, sheet);
    sheet.at_most(
        "smooth-wave/order-1-f32",
        "L1 of the wave, 200 cells, order 1 in f32",
        fast.0,
        0.14,
        SOURCE,
    );
    Ok(())
}
