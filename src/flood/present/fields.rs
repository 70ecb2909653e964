//! Rasters of a run, and which of its states are kept as layers.

use std::sync::Arc;

use crate::flood::domain::Domain;
use crate::flood::run::{FloodRun, Frame, Peaks};
use crate::result::{Field, FieldData};

use super::{EventKind, Ground, Presented, WET_M};

/// Runs up to this long (s) have times in minutes, longer ones in hours.
const MINUTES_UP_TO_S: f64 = 4.0 * 3600.0;

/// Unit of the times of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct TimeUnit {
    /// Seconds in one.
    pub seconds: f32,
    /// `min` or `h`.
    pub unit: &'static str,
    time: &'static str,
    duration: &'static str,
    duration_difference: &'static str,
}

/// Minutes for rain, hours for a tide.
pub(super) fn time_unit(duration_s: f64) -> TimeUnit {
    if duration_s <= MINUTES_UP_TO_S {
        TimeUnit {
            seconds: 60.0,
            unit: "min",
            time: "flood_time_min",
            duration: "flood_duration_min",
            duration_difference: "flood_duration_difference_min",
        }
    } else {
        TimeUnit {
            seconds: 3600.0,
            unit: "h",
            time: "flood_time_h",
            duration: "flood_duration_h",
            duration_difference: "flood_duration_difference_h",
        }
    }
}

/// Quantity, unit, plane and legends of a field, in words.
struct Kind {
    id: &'static str,
    quantity: &'static str,
    unit: &'static str,
    plane: &'static str,
    legend: &'static str,
    difference_legend: &'static str,
}

const DURING: &str = "plane-flood-during";
const AFTER_START: &str = "plane-flood-after-start";
const ABOVE_DATUM: &str = "plane-flood-above-datum";
const OF_GROUND: &str = "plane-flood-ground";

/// All layers of a run.
pub(super) fn fields(input: &Presented<'_>, run: &FloodRun, ground: &Ground) -> Vec<Field> {
    let depth_legend = input.event.depth_legend.unwrap_or(match input.event.kind {
        EventKind::Rain | EventKind::RainAndSurge => "flood_depth_pluvial_lubw",
        EventKind::Surge => "flood_depth_river",
    });
    let time = time_unit(run.duration_s);
    let peaks = &run.peaks;
    let field = |kind: Kind, values: Vec<f32>| Field {
        id: kind.id.to_owned(),
        quantity: kind.quantity,
        unit: kind.unit,
        legend: kind.legend,
        difference_legend: kind.difference_legend,
        date: None,
        from_deg: None,
        plane: kind.plane,
        data: FieldData::Raster {
            grid: run.grid,
            values: Arc::new(values),
        },
    };
    let depth = |id, quantity, plane, values: &[f32]| {
        let kind = Kind {
            id,
            quantity,
            unit: "m",
            plane,
            legend: depth_legend,
            difference_legend: "flood_depth_difference",
        };
        field(kind, ground.values(values, |v| v))
    };
    // Only where there was water worth drawing: a time or a direction of a film says nothing.
    let wet = |values: Vec<f32>| -> Vec<f32> {
        let cells = values.into_iter().zip(&peaks.depth_m);
        cells
            .map(|(v, depth)| if *depth >= WET_M { v } else { f32::NAN })
            .collect()
    };
    let in_time = |values: &[f32]| ground.values(values, |v| v / time.seconds);
    let speed: Vec<f32> = peaks.u.iter().zip(&peaks.v).map(speed_of).collect();
    let direction: Vec<f32> = peaks.u.iter().zip(&peaks.v).map(direction_of).collect();
    let mut fields = vec![
        depth(
            "flood_depth_max",
            "quantity-flood-depth-max",
            DURING,
            &peaks.depth_m,
        ),
        field(
            Kind {
                id: "flood_speed_max",
                quantity: "quantity-flood-speed-max",
                unit: "m/s",
                plane: DURING,
                legend: "flood_velocity_lubw",
                difference_legend: "flood_speed_difference",
            },
            ground.values(&speed, |v| v),
        ),
        field(
            Kind {
                id: "flood_hazard_max",
                quantity: "quantity-flood-hazard",
                unit: "m²/s",
                plane: DURING,
                legend: "flood_hazard_rating",
                difference_legend: "flood_hazard_difference",
            },
            ground.values(&peaks.hazard, |v| v),
        ),
        field(
            Kind {
                id: "flood_arrival",
                quantity: "quantity-flood-arrival",
                unit: time.unit,
                plane: AFTER_START,
                legend: time.time,
                difference_legend: "",
            },
            in_time(&peaks.arrival_s),
        ),
        field(
            Kind {
                id: "flood_depth_max_time",
                quantity: "quantity-flood-depth-time",
                unit: time.unit,
                plane: AFTER_START,
                legend: time.time,
                difference_legend: "",
            },
            wet(in_time(&peaks.depth_time_s)),
        ),
    ];
    for (id, quantity, values) in [
        (
            "flood_duration_above_10cm",
            "quantity-flood-duration-10",
            &peaks.above_s[0],
        ),
        (
            "flood_duration_above_30cm",
            "quantity-flood-duration-30",
            &peaks.above_s[1],
        ),
    ] {
        let kind = Kind {
            id,
            quantity,
            unit: time.unit,
            plane: DURING,
            legend: time.duration,
            difference_legend: time.duration_difference,
        };
        fields.push(field(kind, in_time(values)));
    }
    fields.push(field(
        Kind {
            id: "flood_direction",
            quantity: "quantity-flood-direction",
            unit: "°",
            plane: DURING,
            legend: "",
            difference_legend: "",
        },
        wet(ground.values(&direction, |v| v)),
    ));
    fields.push(field(
        Kind {
            id: "flood_level_max",
            quantity: "quantity-flood-level-max",
            unit: "m",
            plane: ABOVE_DATUM,
            legend: "",
            difference_legend: "",
        },
        levels(input.domain, peaks),
    ));
    if let Some(frame) = largest_volume(input.domain, run) {
        fields.push(depth(
            "flood_depth_at_largest_volume",
            "quantity-flood-depth-largest-volume",
            DURING,
            &frame.depth_m,
        ));
    }
    if let Some(frame) = run.frames.last() {
        fields.push(depth(
            "flood_depth_at_end",
            "quantity-flood-depth-end",
            DURING,
            &frame.depth_m,
        ));
    }
    if let Some(sinks) = input.sinks {
        let of_ground = |id, quantity, unit, legend, values: &[f32]| {
            let kind = Kind {
                id,
                quantity,
                unit,
                plane: OF_GROUND,
                legend,
                difference_legend: "",
            };
            field(kind, ground.values(values, |v| v))
        };
        fields.push(of_ground(
            "flood_sink_depth",
            "quantity-flood-sink-depth",
            "m",
            "flood_depth_pluvial_lubw",
            &sinks.filled_m,
        ));
        fields.push(of_ground(
            "flood_flow_accumulation",
            "quantity-flood-accumulation",
            "m²",
            "flow_accumulation",
            &sinks.accumulation_m2,
        ));
    }
    fields
}

/// Speed (m/s) of a velocity (u, v).
pub(super) fn speed_of((u, v): (&f32, &f32)) -> f32 {
    u.hypot(*v)
}

/// Direction (degrees clockwise from grid north) that water flows to; NaN at rest.
pub(super) fn direction_of((u, v): (&f32, &f32)) -> f32 {
    if u.hypot(*v) > 0.0 {
        u.atan2(*v).to_degrees().rem_euclid(360.0)
    } else {
        f32::NAN
    }
}

/// Highest level (m above datum) of every wet cell, bodies of water too.
fn levels(domain: &Domain, peaks: &Peaks) -> Vec<f32> {
    let cells = peaks.depth_m.iter().zip(&domain.bed_m);
    cells
        .map(|(depth, bed)| {
            if *depth >= WET_M {
                (bed + f64::from(*depth)) as f32
            } else {
                f32::NAN
            }
        })
        .collect()
}

/// The state with the most water; the first of equal ones.
pub(super) fn largest_volume<'a>(domain: &Domain, run: &'a FloodRun) -> Option<&'a Frame> {
    let volume = |frame: &Frame| -> f64 {
        let depths = frame.depth_m.iter().enumerate();
        depths
            .filter(|(_, depth)| !depth.is_nan())
            .map(|(cell, depth)| {
                let free = domain.porosity.as_ref().map_or(1.0, |p| p.storage[cell]);
                f64::from(*depth) * f64::from(free)
            })
            .sum()
    };
    let mut best: Option<(&Frame, f64)> = None;
    for frame in &run.frames {
        let volume = volume(frame);
        if best.is_none_or(|(_, most)| volume > most) {
            best = Some((frame, volume));
        }
    }
    best.map(|(frame, _)| frame)
}
