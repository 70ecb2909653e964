//! Key figures of a study.

use crate::result::{Basis, Field, FieldData, Indicator, Statistic, Values};

/// Key figures in reading order: id, text key, field (or the first one whose id begins so), statistic, unit, decimals.
const KEY_FIGURES: &[(&str, &str, &str, Statistic, &str, usize)] = &[
    (
        "wind_hours",
        "indicator-wind-hours",
        "wind_nen8100",
        Statistic::Mean { divisor: 1.0 },
        "%",
        1,
    ),
    (
        "wind_not_for_sitting",
        "indicator-wind-not-for-sitting",
        "wind_nen8100",
        Statistic::Share { from: 5.0 },
        "%",
        1,
    ),
    (
        "wind_not_for_strolling",
        "indicator-wind-not-for-strolling",
        "wind_nen8100",
        Statistic::Share { from: 10.0 },
        "%",
        1,
    ),
    (
        "wind_not_for_walking",
        "indicator-wind-not-for-walking",
        "wind_nen8100",
        Statistic::Share { from: 20.0 },
        "%",
        1,
    ),
    (
        "wind_risk",
        "indicator-wind-risk",
        "wind_danger_nen8100",
        Statistic::Share { from: 0.05 },
        "%",
        1,
    ),
    (
        "wind_speed_mean",
        "indicator-wind-speed-mean",
        "wind_speed_",
        Statistic::Mean { divisor: 1.0 },
        "m/s",
        2,
    ),
    (
        "wind_speed_max",
        "indicator-wind-speed-max",
        "wind_speed_",
        Statistic::Max,
        "m/s",
        2,
    ),
];

/// Key figures of the fields that are there.
pub(super) fn indicators(fields: &[Field]) -> Vec<Indicator> {
    let mut all = Vec::new();
    for &(id, key, wanted, statistic, unit, decimals) in KEY_FIGURES {
        let is_wanted =
            |f: &&Field| f.id == wanted || wanted.ends_with('_') && f.id.starts_with(wanted);
        let Some(field) = fields.iter().find(is_wanted) else {
            continue;
        };
        let FieldData::Raster { values, .. } = &field.data else {
            continue;
        };
        let valid: Vec<f64> = values
            .iter()
            .filter(|v| !v.is_nan())
            .map(|v| f64::from(*v))
            .collect();
        let value = statistic.of(valid.into_iter());
        // Where nothing could be judged there is no share of it.
        if value.is_nan() {
            continue;
        }
        all.push(Indicator {
            id: id.to_owned(),
            key,
            value,
            unit,
            decimals,
            date: None,
            basis: Some(Basis {
                values: Values::Cells {
                    field: field.id.clone(),
                },
                statistic,
            }),
        });
    }
    all
}
