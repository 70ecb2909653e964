//! Measures of agreement with a wind tunnel, the same for all cases.

use serde::Serialize;

/// Relative and absolute allowance of a hit (VDI 3783 Blatt 9:2017, D and W; W in units of the reference speed).
const HIT: (f64, f64) = (0.25, 0.05);

/// How well predictions meet observations, both divided by the reference speed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Score {
    /// Number of points.
    pub n: usize,
    /// Share of hits, |P - O| <= 0.25 |O| or <= 0.05.
    pub q: f64,
    /// Share of points within a factor of two.
    pub fac2: f64,
    /// Pearson's correlation; NaN where predictions or observations are all the same.
    pub r: f64,
    /// Root of the mean square difference.
    pub rmse: f64,
    /// Mean of P - O.
    pub bias: f64,
    /// Fractional bias, 2 (mean O - mean P) / (mean O + mean P) (Chang & Hanna 2004, doi:10.1007/s00703-003-0070-7).
    pub fb: f64,
    /// Normalised mean square error, mean (O - P)² / (mean O mean P) (same source).
    pub nmse: f64,
}

impl Score {
    /// Of pairs of prediction and observation.
    pub fn of(pairs: &[(f64, f64)]) -> Self {
        let n = pairs.len() as f64;
        let mean =
            |f: &dyn Fn(f64, f64) -> f64| pairs.iter().map(|&(p, o)| f(p, o)).sum::<f64>() / n;
        let share = |f: &dyn Fn(f64, f64) -> bool| mean(&|p, o| f64::from(u8::from(f(p, o))));
        let (mp, mo) = (mean(&|p, _| p), mean(&|_, o| o));
        let covariance = mean(&|p, o| (p - mp) * (o - mo));
        let (vp, vo) = (
            mean(&|p, _| (p - mp).powi(2)),
            mean(&|_, o| (o - mo).powi(2)),
        );
        let square = mean(&|p, o| (p - o).powi(2));
        let (relative, absolute) = HIT;
        let near = |p: f64, o: f64| (p - o).abs() <= absolute;
        Self {
            n: pairs.len(),
            q: share(&|p, o| (p - o).abs() <= relative * o.abs() || near(p, o)),
            // Two small values are within any factor that can be measured.
            fac2: share(&|p, o| {
                (0.5..=2.0).contains(&(p / o)) || (p.abs() <= absolute && o.abs() <= absolute)
            }),
            r: covariance / (vp * vo).sqrt(),
            rmse: square.sqrt(),
            bias: mp - mo,
            fb: 2.0 * (mo - mp) / (mo + mp),
            nmse: square / (mo * mp),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_of_a_few_pairs_by_hand() {
        let score = Score::of(&[(1.0, 1.0), (1.3, 1.0), (0.4, 1.0), (0.03, 0.01)]);
        assert_eq!(score.n, 4);
        // Hits: the first and the last one; within a factor of two also the second.
        assert!((score.q - 0.5).abs() < 1e-12 && (score.fac2 - 0.75).abs() < 1e-12);
        assert!((score.bias - (2.73 - 3.01) / 4.0).abs() < 1e-12);
        assert!((score.rmse - ((0.09 + 0.36 + 0.0004) / 4.0_f64).sqrt()).abs() < 1e-12);
        let same = Score::of(&[(2.0, 1.0), (4.0, 2.0)]);
        assert!((same.r - 1.0).abs() < 1e-12 && same.q == 0.0 && same.fac2 == 1.0);
    }
}
