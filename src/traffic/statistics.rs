//! From single values to what a study prints: quantiles, means over seeds with their intervals.

/// A mean over runs with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Mean; NaN without values.
    pub mean: f64,
    /// Half of the 95 % interval (Student's t); none for a single run.
    pub half: Option<f64>,
    /// Runs that have the value.
    pub runs: usize,
}

impl Spread {
    /// Of the values of independent runs; those without a number do not count.
    pub fn of(values: impl Iterator<Item = f64>) -> Self {
        let values: Vec<f64> = values.filter(|value| value.is_finite()).collect();
        let runs = values.len();
        let mean = mean(&values);
        let half = (runs > 1).then(|| {
            let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
            let deviation = (squares / (runs - 1) as f64).sqrt();
            t_975(runs - 1) * deviation / (runs as f64).sqrt()
        });
        Self { mean, half, runs }
    }
}

/// Mean; NaN without values.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Value that a share of the sorted values does not exceed, interpolated (type 7 of Hyndman and Fan 1996); NaN without values.
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let place = share * last as f64;
    let low = place.floor() as usize;
    let high = (low + 1).min(last);
    sorted[low] + (place - low as f64) * (sorted[high] - sorted[low])
}

/// Quantile of 97.5 % of Student's t: exact to three decimals up to 30 degrees of freedom, then by the expansion of Cornish and Fisher.
pub fn t_975(degrees: usize) -> f64 {
    const TABLE: [f64; 30] = [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
        2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
        2.052, 2.048, 2.045, 2.042,
    ];
    match degrees {
        0 => f64::NAN,
        n if n <= TABLE.len() => TABLE[n - 1],
        n => {
            let z: f64 = 1.959_964;
            let n = n as f64;
            z + (z.powi(3) + z) / (4.0 * n)
                + (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / (96.0 * n * n)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_that_of_student() {
        let spread = Spread::of([1.0, 2.0, 3.0, f64::NAN].into_iter());
        assert_eq!((spread.mean, spread.runs), (2.0, 3));
        assert!((spread.half.unwrap() - 4.303 / 3.0_f64.sqrt()).abs() < 1e-12);
        assert_eq!(Spread::of([5.0].into_iter()).half, None);
        assert!(Spread::of(std::iter::empty()).mean.is_nan());
        // Published to three decimals: 2.040 at 31, 2.000 at 60 degrees.
        assert!((t_975(31) - 2.040).abs() < 1e-3 && (t_975(60) - 2.000).abs() < 1e-3);
    }

    #[test]
    fn quantiles_lie_between_the_values() {
        assert_eq!(quantile(&[1.0, 2.0, 3.0], 0.5), 2.0);
        assert!((quantile(&[0.0, 10.0], 0.9) - 9.0).abs() < 1e-12);
        assert!(quantile(&[], 0.5).is_nan());
    }
}
