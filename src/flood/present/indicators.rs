//! Key figures of a run.

use crate::flood::run::{FloodRun, LedgerKind};
use crate::result::{Basis, Field, FieldData, Indicator, Statistic, Table, Values};

use super::streets::BLOCKED_LENGTH;
use super::{FLOODED_M, Ground};

/// Key figures in reading order.
pub(super) fn indicators(
    run: &FloodRun,
    ground: &Ground,
    fields: &[Field],
    buildings: &Table,
    streets: &Table,
) -> Vec<Indicator> {
    let mut all = Vec::new();
    let mut add = |id: &str, key, value: f64, unit, decimals, basis| {
        // Without buildings there is no share of them.
        if !value.is_nan() {
            all.push(Indicator {
                id: id.to_owned(),
                key,
                value,
                unit,
                decimals,
                date: None,
                basis,
            });
        }
    };
    let cells = |field: &str, statistic: Statistic| {
        let values = fields
            .iter()
            .find(|f| f.id == field)
            .map(|f| match &f.data {
                FieldData::Raster { values, .. } | FieldData::Receivers { values, .. } => values,
            });
        let valid: Vec<f64> = values
            .into_iter()
            .flat_map(|v| v.iter())
            .filter(|v| !v.is_nan())
            .map(|v| f64::from(*v))
            .collect();
        let basis = Basis {
            values: Values::Cells {
                field: field.to_owned(),
            },
            statistic,
        };
        (statistic.of(valid.into_iter()), Some(basis))
    };
    let rows = |table: &Table, name: &'static str, column: &str, statistic: Statistic| {
        let Some(c) = table.column(column).filter(|_| !table.rows.is_empty()) else {
            return (f64::NAN, None);
        };
        let numbers: Vec<f64> = table.rows.iter().filter_map(|r| r[c].number()).collect();
        let basis = Basis {
            values: Values::Rows {
                table: name,
                column: column.to_owned(),
            },
            statistic,
        };
        (statistic.of(numbers.into_iter()), Some(basis))
    };

    let area = Statistic::Count {
        from: FLOODED_M,
        each: ground.cell_m2,
    };
    let (value, basis) = cells("flood_depth_max", area);
    add("flood_area", "indicator-flood-area", value, "m²", 0, basis);
    let (value, basis) = cells("flood_depth_max", Statistic::Max);
    add(
        "flood_depth_max",
        "indicator-flood-depth-max",
        value,
        "m",
        2,
        basis,
    );
    let (value, basis) = cells("flood_speed_max", Statistic::Max);
    add(
        "flood_speed_max",
        "indicator-flood-speed-max",
        value,
        "m/s",
        2,
        basis,
    );
    for (id, key, from) in [
        ("flood_buildings", "indicator-flood-buildings", FLOODED_M),
        ("flood_buildings_50cm", "indicator-flood-buildings-50", 0.5),
    ] {
        let count = Statistic::Count { from, each: 1.0 };
        let (value, basis) = rows(buildings, "flood_buildings", "depth_max_m", count);
        add(id, key, value, "", 0, basis);
    }
    for (column, id, key) in [
        (
            BLOCKED_LENGTH[0],
            "flood_streets_car",
            "indicator-flood-streets-car",
        ),
        (
            BLOCKED_LENGTH[2],
            "flood_streets_ambulance",
            "indicator-flood-streets-ambulance",
        ),
    ] {
        let sum = Statistic::Sum { divisor: 1.0 };
        let (value, basis) = rows(streets, "flood_streets", column, sum);
        add(id, key, value, "m", 0, basis);
    }

    let ledger = &run.ledger;
    let sum = |kind| ledger.sum(kind);
    let used = |kind| ledger.entries.iter().any(|e| e.kind == kind);
    let mut volume = |shown: bool, id: &str, key, value: f64| {
        if shown {
            add(id, key, value, "m³", 0, None);
        }
    };
    volume(
        used(LedgerKind::Rain),
        "flood_rain",
        "indicator-flood-rain",
        sum(LedgerKind::Rain).0,
    );
    let inflow = sum(LedgerKind::Inflow).0 + sum(LedgerKind::Boundary).0;
    volume(
        inflow > 0.0,
        "flood_inflow",
        "indicator-flood-inflow",
        inflow,
    );
    volume(
        used(LedgerKind::Infiltration),
        "flood_infiltrated",
        "indicator-flood-infiltrated",
        sum(LedgerKind::Infiltration).1,
    );
    volume(
        used(LedgerKind::Sewer) || used(LedgerKind::Inlet),
        "flood_drained",
        "indicator-flood-drained",
        sum(LedgerKind::Sewer).1 + sum(LedgerKind::Inlet).1,
    );
    volume(
        used(LedgerKind::Boundary),
        "flood_outflow",
        "indicator-flood-outflow",
        sum(LedgerKind::Boundary).1,
    );
    volume(
        true,
        "flood_stored",
        "indicator-flood-stored",
        ledger.stored_m3,
    );
    // In units of 1e-12, the limit of an exact run: 1.0 is one millionth of a millionth of all water.
    let error = ledger.relative_error() * 1e12;
    add(
        "flood_volume_error",
        "indicator-flood-volume-error",
        error,
        "× 10⁻¹²",
        two_digits(error),
        None,
    );
    all
}

/// Decimals that show two digits of a small number that is not zero.
fn two_digits(value: f64) -> usize {
    if value == 0.0 {
        return 0;
    }
    (1.0 - value.abs().log10().floor()).clamp(0.0, 9.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_error_is_not_written_as_none() {
        use crate::text::Language;
        let written = |error: f64| Language::De.number(error, two_digits(error));
        assert_eq!(
            [0.0, 4.2e-5, 4.0e-4, 0.31, 1.0, 25.0].map(written),
            ["0", "0,000042", "0,00040", "0,31", "1,0", "25"]
        );
    }
}
