//! An indicator: one number with unit and meaning.

use serde::Serialize;

/// One key figure of a result.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Indicator {
    /// Stable id, e.g. `facades_high_2027-03-21`; its text key is `indicator-<key>`.
    pub id: String,
    /// Text key, e.g. `indicator-facade-share-minimum`.
    pub key: &'static str,
    /// Value.
    pub value: f64,
    /// Unit, e.g. `%`.
    pub unit: &'static str,
    /// Decimals to show.
    pub decimals: usize,
    /// Day, if any.
    pub date: Option<String>,
    /// What it sums up; without it two variants are compared by the values alone.
    #[serde(skip)]
    pub basis: Option<Basis>,
}

/// Values and statistic behind an indicator. Two variants rarely have the same facades and cells: a draft brings its own
/// and covers others. With the basis they are compared on those that both have.
#[derive(Clone, Debug, PartialEq)]
pub struct Basis {
    /// The values.
    pub values: Values,
    /// How they become one number.
    pub statistic: Statistic,
}

/// Values of the same result.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Cells of the raster field with this id.
    Cells {
        /// Id of the field.
        field: String,
    },
    /// One column of a table.
    Rows {
        /// Id of the table, e.g. `facades`.
        table: &'static str,
        /// Id of the column.
        column: String,
    },
}

impl Values {
    /// What is counted, in files: `cells`, `facades`.
    pub fn objects(&self) -> &'static str {
        match self {
            Self::Cells { .. } => "cells",
            Self::Rows { table, .. } => table,
        }
    }
}

/// One number from many.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Statistic {
    /// Mean, in units of the indicator: divided by this (60 from minutes to hours).
    Mean {
        /// Values per unit of the indicator.
        divisor: f64,
    },
    /// Share (%) of the values that reach this one.
    Share {
        /// Smallest value that counts.
        from: f64,
    },
    /// How many values reach this one, times what each stands for (the area of a cell, or 1).
    Count {
        /// Smallest value that counts.
        from: f64,
        /// What one value stands for, in units of the indicator.
        each: f64,
    },
    /// Sum, in units of the indicator: divided by this.
    Sum {
        /// Values per unit of the indicator.
        divisor: f64,
    },
    /// The largest value.
    Max,
}

impl Statistic {
    /// The number; for a mean, a share and the largest NaN without values.
    pub fn of(self, values: impl ExactSizeIterator<Item = f64>) -> f64 {
        let n = values.len() as f64;
        match self {
            Self::Mean { divisor } => values.sum::<f64>() / n / divisor,
            Self::Share { from } => 100.0 * values.filter(|v| *v >= from).count() as f64 / n,
            Self::Count { from, each } => values.filter(|v| *v >= from).count() as f64 * each,
            Self::Sum { divisor } => values.sum::<f64>() / divisor,
            Self::Max => values.fold(f64::NAN, f64::max),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_values_become_one_number() {
        let of = |statistic: Statistic| statistic.of([0.0, 0.5, 2.0].into_iter());
        assert_eq!(
            of(Statistic::Count {
                from: 0.5,
                each: 4.0
            }),
            8.0
        );
        assert_eq!(of(Statistic::Sum { divisor: 2.0 }), 1.25);
        assert_eq!(of(Statistic::Max), 2.0);
        assert_eq!(of(Statistic::Mean { divisor: 1.0 }), 2.5 / 3.0);
        assert!(Statistic::Max.of([].into_iter()).is_nan());
    }
}
