//! Rasters of a study.

use std::sync::Arc;

use crate::result::{Field, FieldData};
use crate::wind::params::WindStatistic;
use crate::wind::study::{Mask, WindRun};

use super::Presented;

/// Text key of the plane of all maps: height and statistic.
fn plane(statistic: WindStatistic) -> &'static str {
    match statistic {
        WindStatistic::MeanSpeed => "plane-wind-mean-speed",
        WindStatistic::MeanVelocity => "plane-wind-mean-velocity",
        WindStatistic::GustEquivalent => "plane-wind-gust",
    }
}

/// Comfort and danger first, then the directions.
pub(super) fn fields(input: &Presented<'_>, run: &WindRun) -> Vec<Field> {
    let statistic = input.params.statistic;
    let plane = plane(statistic);
    let hours = match statistic {
        WindStatistic::MeanVelocity => plane,
        WindStatistic::MeanSpeed | WindStatistic::GustEquivalent => "plane-wind-mean-speed",
    };
    // The criteria of Lawson and of the City of London ask for gusts too.
    let felt = "plane-wind-gust";
    let raster = |id: String, quantity, unit, legends: [&'static str; 2], from_deg, values| Field {
        id,
        quantity,
        unit,
        legend: legends[0],
        difference_legend: legends[1],
        date: None,
        from_deg,
        plane,
        data: FieldData::Raster {
            grid: input.input.raster,
            values: Arc::new(values),
        },
    };
    let judged = |values: &[f32]| -> Vec<f32> {
        let cells = values.iter().zip(&run.mask);
        cells
            .map(|(v, mask)| if *mask == Mask::None { *v } else { f32::NAN })
            .collect()
    };
    let mut fields = Vec::new();
    if let Some(comfort) = &run.comfort {
        for (id, quantity, unit, legends, values) in [
            (
                "wind_nen8100",
                "quantity-wind-nen8100",
                "%",
                ["wind_nen8100", "wind_hours_difference"],
                &comfort.over_comfort,
            ),
            (
                "wind_danger_nen8100",
                "quantity-wind-danger-nen8100",
                "%",
                ["wind_danger_nen8100", ""],
                &comfort.over_danger,
            ),
            (
                "wind_lawson_lddc",
                "quantity-wind-lawson",
                "m/s",
                ["wind_lawson_lddc", "wind_speed_difference"],
                &comfort.activity_mps,
            ),
            (
                "wind_danger_lawson_lddc",
                "quantity-wind-danger-lawson",
                "m/s",
                ["wind_danger_lawson_lddc", ""],
                &comfort.safety_mps,
            ),
            (
                "wind_city_of_london",
                "quantity-wind-london",
                "m/s",
                ["wind_city_of_london", "wind_speed_difference"],
                &comfort.activity_mps,
            ),
            (
                "wind_danger_city_of_london",
                "quantity-wind-danger-london",
                "m/s",
                ["wind_danger_city_of_london", ""],
                &comfort.safety_mps,
            ),
        ] {
            let field = raster(id.to_owned(), quantity, unit, legends, None, judged(values));
            let plane = if unit == "%" { hours } else { felt };
            fields.push(Field { plane, ..field });
        }
    }
    for map in &run.maps {
        let id = |name: &str| format!("{name}_{}", direction_name(map.from_deg));
        let from = Some(map.from_deg);
        fields.push(raster(
            id("wind_speed"),
            "quantity-wind-speed",
            "m/s",
            ["wind_speed", "wind_speed_difference"],
            from,
            map.speed_mps.clone(),
        ));
        if !map.beyond_tier_1.is_empty() {
            let field = raster(
                id("wind_tiers"),
                "quantity-wind-tiers",
                "m/s",
                ["wind_speed_difference", ""],
                from,
                map.beyond_tier_1.clone(),
            );
            fields.push(Field {
                plane: "plane-wind-mean-speed",
                ..field
            });
        }
        let zones = map.zones.iter().zip(&map.speed_mps);
        let zones = zones.map(|(zone, speed)| {
            if speed.is_nan() {
                f32::NAN
            } else {
                f32::from(*zone as u8)
            }
        });
        let field = raster(
            id("wind_zone"),
            "quantity-wind-zone",
            "",
            ["wind_zone", ""],
            from,
            zones.collect(),
        );
        fields.push(Field {
            plane: "plane-wind-zones",
            ..field
        });
        // Keys of buildings are whole numbers far below 2^24: exact.
        let causes = map.causes.iter().map(|&building| {
            let found = input.city.buildings.get(building as usize);
            found.map_or(f32::NAN, |b| b.key as f32)
        });
        fields.push(raster(
            id("wind_cause"),
            "quantity-wind-cause",
            "-",
            ["", ""],
            from,
            causes.collect(),
        ));
        fields.push(raster(
            id("wind_direction"),
            "quantity-wind-direction",
            "°",
            ["", ""],
            from,
            map.towards_deg.clone(),
        ));
    }
    let mask = run.mask.iter().map(|mask| match mask {
        Mask::Solid => f32::NAN,
        Mask::None => 0.0,
        Mask::NearWall => 1.0,
        Mask::NearEdge => 2.0,
    });
    let field = raster(
        "wind_mask".to_owned(),
        "quantity-wind-mask",
        "",
        ["wind_mask", ""],
        None,
        mask.collect(),
    );
    fields.push(Field {
        plane: "plane-wind-classes",
        ..field
    });
    fields
}

/// A direction as part of a file name: `240`, `022.5`.
pub(super) fn direction_name(from_deg: f64) -> String {
    if from_deg.fract() == 0.0 {
        format!("{from_deg:03.0}")
    } else {
        format!("{from_deg:05.1}")
    }
}
