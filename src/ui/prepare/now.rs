//! What changes with every movement: place and value under the cursor, time, job, messages.

use crate::result::{FieldData, Quality};
use crate::text::{Texts, texts};
use crate::ui::event_bar::event_time;
use crate::ui::moment::{WATER_NOW, WaterAt};
use crate::ui::state::UiState;
use crate::ui::traffic_story::{TrafficNow, TrafficStory};

use super::facades::direction_key;
use super::fields::find_field;
use super::legends::value_text;
use super::selection::Fact;
use super::world::{World, shown_city, shown_results, variant_name};

/// What changes with every movement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Now {
    /// Easting, northing, height with two decimals; dashes without a cursor.
    pub place: [String; 3],
    /// Value, unit and class under the cursor.
    pub value: String,
    /// Building under the cursor.
    pub building: String,
    /// Time of the water event: `0:35:00`.
    pub event: String,
    /// What the clock changes of the traffic.
    pub traffic: TrafficNow,
    /// Water under the cursor, while the moving surface is shown.
    pub water: Option<Vec<Fact>>,
    /// Date in words.
    pub date: String,
    /// Clock time.
    pub clock: String,
    /// Azimuth and elevation of the sun, one decimal, degrees.
    pub sun: [String; 2],
    /// Sunrise and sunset.
    pub sun_up: Option<[String; 2]>,
    /// What runs now.
    pub job: Option<JobLine>,
    /// Messages that are not closed, oldest first.
    pub messages: Vec<MessageRow>,
}

/// The running job in words.
#[derive(Clone, Debug, PartialEq)]
pub struct JobLine {
    /// `Fassaden besonnen – Variante A (grobe Vorschau)`.
    pub text: String,
    /// 0 to 1.
    pub fraction: f32,
    /// `42 %`.
    pub percent: String,
}

/// A message.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageRow {
    /// Its number.
    pub number: u64,
    /// An error.
    pub error: bool,
    /// Text.
    pub text: String,
}

impl Now {
    pub(super) fn new(state: &UiState, world: &World, story: Option<&TrafficStory>) -> Self {
        let t = texts(state.language);
        let language = state.language;
        let traffic = TrafficNow::of(state, story);
        let dash = || crate::text::NO_VALUE.to_owned();
        let hover = state.hover.as_ref();
        let value = hover
            .and_then(|h| h.value)
            .zip(world.legend.as_ref())
            .map(|(value, view)| value_text(f64::from(value), view, t))
            .map(|text| match wind_cause(state) {
                Some(building) => t.with(
                    "wind-zone-of",
                    &[("zone", text.as_str()), ("building", building.as_str())],
                ),
                None => text,
            });
        let mut messages: Vec<MessageRow> = state
            .snapshot
            .messages
            .iter()
            .filter(|m| !state.dismissed.contains(&m.number))
            .map(|m| MessageRow {
                number: m.number,
                error: m.error,
                text: if m.error {
                    t.error(&m.text)
                } else {
                    m.text.clone()
                },
            })
            .collect();
        // The newest ones; older ones come forward as these are closed.
        let surplus = messages.len().saturating_sub(4);
        messages.drain(..surplus);
        Self {
            place: hover.map_or_else(
                || [dash(), dash(), dash()],
                |h| h.position.map(|x| language.number(x, 2)),
            ),
            value: value.unwrap_or_else(dash),
            // What moves stands before the houses.
            building: Some(traffic.hover.clone())
                .filter(|name| !name.is_empty())
                .or_else(|| hover.and_then(|h| h.building.clone()))
                .unwrap_or_default(),
            traffic,
            event: event_time(state.event.time_s),
            water: (state.field.as_deref() == Some(WATER_NOW) && world.event.is_some())
                .then(|| water_facts(hover.and_then(|h| h.water), t)),
            date: language.date(&state.date),
            clock: language.clock(f64::from(state.minute)),
            sun: [
                language.number(f64::from(state.sun_deg.0), 1),
                language.number(f64::from(state.sun_deg.1), 1),
            ],
            sun_up: state
                .sun_up_min
                .map(|(rise, set)| [rise, set].map(|m| language.clock(f64::from(m)))),
            job: job_line(state, t),
            messages,
        }
    }
}

/// Name of the building that makes the wind under the cursor, while zones are shown.
fn wind_cause(state: &UiState) -> Option<String> {
    let direction = state.field.as_deref()?.strip_prefix("wind_zone_")?;
    let results = shown_results(state);
    let (_, field) = find_field(results, &format!("wind_cause_{direction}"))?;
    let FieldData::Raster { grid, values } = &field.data else {
        return None;
    };
    let city = shown_city(state)?;
    let place = city.frame.local_from_crs(state.hover.as_ref()?.position);
    let (row, col) = grid.cell_at(place.x, place.y)?;
    let key = values[grid.index(row, col)];
    let building = city.buildings.iter().find(|b| b.key as f32 == key)?;
    let name = building.attributes.name.as_ref();
    Some(name.unwrap_or(&building.id).clone())
}

/// Depth, level, speed with direction, and hazard under the cursor; dashes without water there.
fn water_facts(water: Option<WaterAt>, t: &Texts) -> Vec<Fact> {
    let language = t.language();
    let number = |value: Option<f32>, decimals| {
        value.map_or_else(
            || crate::text::NO_VALUE.to_owned(),
            |v| language.number(f64::from(v), decimals),
        )
    };
    let mut speed = number(water.map(|w| w.speed()), 2);
    if let Some(water) = water.filter(|w| w.speed() >= 0.05) {
        // Where it flows to, clockwise from north.
        let azimuth = f64::from(water.velocity[0].atan2(water.velocity[1])).to_degrees();
        speed = format!("{} · {speed}", t.get(direction_key(azimuth)));
    }
    let fact = |key: &str, value: String, unit| Fact {
        name: t.get(key),
        value,
        unit,
        assumed: false,
    };
    vec![
        fact("ui-water-depth", number(water.map(|w| w.depth_m), 2), "m"),
        fact("ui-water-level", number(water.map(|w| w.level_m), 2), "m"),
        fact("ui-water-speed", speed, "m/s"),
        fact(
            "ui-water-hazard",
            number(water.map(|w| w.hazard()), 2),
            "m²/s",
        ),
    ]
}

fn job_line(state: &UiState, t: &Texts) -> Option<JobLine> {
    let job = state.snapshot.job.as_ref()?;
    let phase = if t.has(job.phase) {
        t.get(job.phase)
    } else {
        t.get("ui-job-working")
    };
    let text = match &state.snapshot.scenario {
        Some(scenario) if job.simulation != "load" => t.with(
            "ui-job-line",
            &[
                ("phase", phase),
                ("variant", variant_name(scenario, job.variant, t)),
                (
                    "quality",
                    t.get(match job.quality {
                        Quality::Coarse => "quality-coarse",
                        Quality::Exact => "quality-exact",
                    }),
                ),
            ],
        ),
        _ => phase,
    };
    Some(JobLine {
        text,
        fraction: job.fraction.clamp(0.0, 1.0),
        percent: t.language().with_unit(
            f64::from(job.fraction.clamp(0.0, 1.0) * 100.0).floor(),
            0,
            "%",
        ),
    })
}
