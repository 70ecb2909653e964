//! The arithmetic of the preview, row by row: plain loops over slices that a compiler turns into vector instructions.

use crate::flood::sources::QUANTUM_M;

/// Share of a face's own discharge in the weighting with its neighbours (de Almeida et al. 2012, θ).
const OWN_SHARE: f32 = 0.8;
/// Depth (m) of flow below which a face carries nothing.
const LEAST_FLOW_DEPTH_M: f32 = 1e-6;
/// Discharge (m²/s) below which a face rests: far below anything that moves a quantum, and above the slow tiny floats.
const LEAST_DISCHARGE: f32 = 1e-13;
/// Slope of the water surface that counts at most. Without advection, steps of the ground (a kerb, the edge of a roof) would make jets;
/// so a face carries at most the uniform flow of this slope.
const STEEPEST: f32 = 0.5;
/// Part of the water of a cell that may leave in one step; the rest covers the rounding of the sum of four faces.
const LEAVING_SHARE: f32 = 1.0 - 4e-6;
/// Adding and subtracting this rounds a depth below 2048 m to whole quanta: the unit of f64 between 4096 and 8192 is 2^-40.
const ROUNDING: f64 = 6144.0;

/// Depth (m, 0 to 2048) in whole quanta, rounded to the nearest.
#[inline(always)]
pub fn nearest_quanta(depth_m: f64) -> f64 {
    (depth_m + ROUNDING) - ROUNDING
}

/// Depth (m, 0 to 2048) in whole quanta, rounded down.
#[inline(always)]
pub fn quanta_below(depth_m: f64) -> f64 {
    let nearest = nearest_quanta(depth_m);
    if nearest > depth_m {
        nearest - QUANTUM_M
    } else {
        nearest
    }
}

/// x^(7/3) for positive x, relative error below 4e-5: one step of Halley's method for the cube root from its bits.
#[inline(always)]
pub fn power_7_3(x: f32) -> f32 {
    let guess = f32::from_bits(x.to_bits() / 3 + 709_958_130);
    let cube = guess * guess * guess;
    let root = guess * (cube + x + x) / (cube + cube + x);
    x * x * root
}

/// What a step is made of.
#[derive(Clone, Copy)]
pub struct Step {
    /// Length (s).
    pub dt: f32,
    /// One over the cell size (1/m).
    pub per_m: f32,
}

/// New discharge (m²/s) of one face, and the speed (m/s) of that flow, 0 where the surface is steeper than what counts.
///
/// `flow_depth` h between the higher level and the higher bed (m); `rise` rise of the level in the direction of the axis (m);
/// `q` own old discharge, `beside` sum of the two neighbours along the axis, `cross` discharge across the axis; `gravity` g φ and
/// `gn2` g n² / φ with the free share φ of the face.
/// Equation of de Almeida & Bates 2013 (doi:10.1002/wrcr.20366): q' = (q̄ - g h Δt ∂η/∂x) / (1 + g Δt n² |q| / h^(7/3)), for the
/// discharge over the whole face, q = φ q_free.
#[inline(always)]
pub fn discharge(
    step: Step,
    flow_depth: f32,
    rise: f32,
    q: f32,
    beside: f32,
    cross: f32,
    gravity: f32,
    gn2: f32,
) -> (f32, f32) {
    let whole_slope = rise * step.per_m;
    let slope = whole_slope.clamp(-STEEPEST, STEEPEST);
    let depth = flow_depth.max(LEAST_FLOW_DEPTH_M);
    let weighted = OWN_SHARE * q + 0.5 * (1.0 - OWN_SHARE) * beside;
    let size = (q * q + cross * cross).sqrt();
    let new = (weighted - gravity * depth * step.dt * slope)
        / (1.0 + step.dt * gn2 * size / power_7_3(depth));
    let flows = flow_depth > LEAST_FLOW_DEPTH_M && new.abs() > LEAST_DISCHARGE;
    let new = if flows { new } else { 0.0 };
    let gradual = whole_slope.abs() < STEEPEST;
    (new, if gradual { new.abs() / depth } else { 0.0 })
}

/// Discharge (m²/s) across the axis that counts for the friction at a face: that of the cell with the higher level, from which the water
/// comes, as far as the flow over the face is as deep as that cell. A deep channel must not brake the sheet that falls into it.
#[inline(always)]
fn across(flow_depth: f32, giver_water: f64, giver_sum: f32) -> f32 {
    let share = flow_depth / (giver_water as f32 + LEAST_FLOW_DEPTH_M);
    let share = if share < 1.0 { share } else { 1.0 };
    0.5 * giver_sum * share
}

/// Rows that meet at the faces of one row of cells.
pub struct Around<'a> {
    /// Levels (m) of the row.
    pub level: &'a [f64],
    /// Levels (m) of the row to the north.
    pub level_north: &'a [f64],
    /// Water (m) of the row.
    pub water: &'a [f64],
    /// Water (m) of the row to the north.
    pub water_north: &'a [f64],
    /// Old discharges of the western faces of the row, one more than cells.
    pub qx: &'a [f32],
    /// Those of the row to the north.
    pub qx_north: &'a [f32],
    /// Old discharges of the northern faces of the row to the north, of the row, of the row to the south.
    pub qy: [&'a [f32]; 3],
}

/// What does not change (but for a breach) at the faces of one row.
pub struct Faces<'a> {
    /// Bed or crest (m above datum); infinite where no water passes.
    pub crest: &'a [f64],
    /// g times the free share (m/s²).
    pub gravity: &'a [f32],
    /// g n² over the free share.
    pub gn2: &'a [f32],
}

/// New discharges of the western faces 1 to cols - 1 of a row; `out[0]` and `out[cols]` stay. Returns the largest speed (m/s).
pub fn western_faces(step: Step, around: &Around<'_>, faces: &Faces<'_>, out: &mut [f32]) -> f32 {
    let mut fastest = 0.0f32;
    let cols = around.level.len();
    let (west, east) = (&around.level[..cols - 1], &around.level[1..]);
    let (q_west, q, q_east) = (&around.qx[..cols - 1], &around.qx[1..cols], &around.qx[2..]);
    let [_, north, south] = around.qy;
    let (nw, ne) = (&north[..cols - 1], &north[1..cols]);
    let (sw, se) = (&south[..cols - 1], &south[1..cols]);
    let (crest, gravity) = (&faces.crest[1..cols], &faces.gravity[1..cols]);
    let (gn2, out) = (&faces.gn2[1..cols], &mut out[1..cols]);
    let n = cols - 1;
    let (water_west, water_east) = (&around.water[..n], &around.water[1..cols]);
    let (q_east, ne, sw, se) = (&q_east[..n], &ne[..n], &sw[..n], &se[..n]);
    for i in 0..n {
        let (a, b) = (west[i], east[i]);
        let first = a > b;
        let higher = if first { a } else { b };
        let flow_depth = (higher - crest[i]) as f32;
        let giver = if first { water_west[i] } else { water_east[i] };
        let sum = if first { nw[i] + sw[i] } else { ne[i] + se[i] };
        let (new, speed) = discharge(
            step,
            flow_depth,
            (b - a) as f32,
            q[i],
            q_west[i] + q_east[i],
            across(flow_depth, giver, sum),
            gravity[i],
            gn2[i],
        );
        out[i] = new;
        fastest = if speed > fastest { speed } else { fastest };
    }
    fastest
}

/// New discharges of the northern faces of a row (positive to the south); returns the largest speed (m/s).
pub fn northern_faces(step: Step, around: &Around<'_>, faces: &Faces<'_>, out: &mut [f32]) -> f32 {
    let mut fastest = 0.0f32;
    let cols = around.level.len();
    let (north, here) = (around.level_north, around.level);
    let [q_north, q, q_south] = around.qy;
    let (nw, ne) = (&around.qx_north[..cols], &around.qx_north[1..]);
    let (w, e) = (&around.qx[..cols], &around.qx[1..]);
    let (north, q_north, q, q_south) = (
        &north[..cols],
        &q_north[..cols],
        &q[..cols],
        &q_south[..cols],
    );
    let (water_north, water) = (&around.water_north[..cols], &around.water[..cols]);
    let (ne, e, crest) = (&ne[..cols], &e[..cols], &faces.crest[..cols]);
    let (gravity, gn2, out) = (&faces.gravity[..cols], &faces.gn2[..cols], &mut out[..cols]);
    for i in 0..cols {
        let (a, b) = (north[i], here[i]);
        let first = a > b;
        let higher = if first { a } else { b };
        let flow_depth = (higher - crest[i]) as f32;
        let giver = if first { water_north[i] } else { water[i] };
        let sum = if first { nw[i] + ne[i] } else { w[i] + e[i] };
        let (new, speed) = discharge(
            step,
            flow_depth,
            (b - a) as f32,
            q[i],
            q_north[i] + q_south[i],
            across(flow_depth, giver, sum),
            gravity[i],
            gn2[i],
        );
        out[i] = new;
        fastest = if speed > fastest { speed } else { fastest };
    }
    fastest
}

/// Share of its outflow that each cell of a row can afford; returns how many cannot afford all of it.
///
/// `dt_per_m` Δt/Δx (s/m).
pub fn affordable(
    dt_per_m: f32,
    water: &[f64],
    qx: &[f32],
    q_north: &[f32],
    q_south: &[f32],
    out: &mut [f32],
) -> u64 {
    let cols = water.len();
    let (w, e) = (&qx[..cols], &qx[1..=cols]);
    let (n, s, out) = (&q_north[..cols], &q_south[..cols], &mut out[..cols]);
    let mut limited = 0u32;
    for i in 0..cols {
        let leaving =
            ((-w[i]).max(0.0) + e[i].max(0.0) + (-n[i]).max(0.0) + s[i].max(0.0)) * dt_per_m;
        let there = water[i] as f32 * LEAVING_SHARE;
        let enough = leaving <= there;
        out[i] = if enough { 1.0 } else { there / leaving };
        limited += u32::from(!enough);
    }
    u64::from(limited)
}

/// Water (m over the cell, whole quanta) that crosses a face, and the discharge after the limit: the share is that of the
/// cell that gives.
#[inline(always)]
pub fn crossing(q: f32, before: f32, after: f32, dt_per_m: f64) -> (f32, f64) {
    let limited = q * if q > 0.0 { before } else { after };
    let amount = quanta_below(f64::from(limited.abs()) * dt_per_m);
    (limited, if limited > 0.0 { amount } else { -amount })
}

/// [`crossing`] for the faces between the cells of `before` and `after`; writes limited discharges and amounts.
pub fn crossings(
    q: &[f32],
    before: &[f32],
    after: &[f32],
    dt_per_m: f64,
    limited: &mut [f32],
    amount: &mut [f64],
) {
    let n = q.len();
    let (before, after) = (&before[..n], &after[..n]);
    let (limited, amount) = (&mut limited[..n], &mut amount[..n]);
    for i in 0..n {
        (limited[i], amount[i]) = crossing(q[i], before[i], after[i], dt_per_m);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_power_is_good_enough_for_friction() {
        let mut x = 1e-6f32;
        while x < 100.0 {
            let exact = f64::from(x).powf(7.0 / 3.0);
            let error = f64::from(power_7_3(x)) / exact - 1.0;
            assert!(error.abs() < 4e-5, "{x}: {error}");
            x *= 1.001;
        }
    }

    #[test]
    fn quanta_round_down_and_to_the_nearest() {
        for depth in [0.0, 1e-13, 9.1e-13, 1e-6, 0.123_456_789, 1.0, 1999.9] {
            let below = quanta_below(depth);
            assert!(below <= depth && depth - below < QUANTUM_M);
            assert_eq!(below % QUANTUM_M, 0.0);
            assert!((nearest_quanta(depth) - depth).abs() <= 0.5 * QUANTUM_M);
        }
    }

    #[test]
    fn uniform_flow_is_a_fixed_point() {
        // Manning: q = h^(5/3) √S / n.
        let (h, n, slope) = (0.2f32, 0.03f32, 0.002f32);
        let exact = h.powf(5.0 / 3.0) * slope.sqrt() / n;
        let step = Step {
            dt: 1.0,
            per_m: 0.5,
        };
        let mut q = 0.0;
        for _ in 0..2000 {
            q = discharge(
                step,
                h,
                -slope / step.per_m,
                q,
                2.0 * q,
                0.0,
                9.81,
                9.81 * n * n,
            );
        }
        assert!((q / exact - 1.0).abs() < 1e-4, "{q} {exact}");
    }
}
