//! `vType` and `vTypeDistribution`.

use std::collections::{BTreeMap, HashMap};

use super::classes::{class, class_names, default_type};
use super::log::{Limits, Log, describe, shortened};
use super::xml::{Element, Source};
use crate::traffic::demand::{CarFollowing, VehicleType};
use crate::traffic::network::VehicleClass;

/// Type of vehicles that name none.
pub(super) const DEFAULT_TYPE: &str = "DEFAULT_VEHTYPE";

/// Types that SUMO has without a definition.
const BUILT_IN: [(&str, VehicleClass); 4] = [
    (DEFAULT_TYPE, VehicleClass::Passenger),
    ("DEFAULT_BIKETYPE", VehicleClass::Bicycle),
    ("DEFAULT_TAXITYPE", VehicleClass::Taxi),
    ("DEFAULT_RAILTYPE", VehicleClass::Rail),
];

/// Lane-change, junction and further parameters that are in use and change nothing here; each is noted once.
const WITHOUT_EFFECT: [&str; 20] = [
    "id",
    "vClass",
    "color",
    "guiShape",
    "imgFile",
    "osgFile",
    "probability",
    "height",
    "mass",
    "personCapacity",
    "personNumber",
    "containerCapacity",
    "boardingDuration",
    "loadingDuration",
    "carriageLength",
    "locomotiveLength",
    "carriageGap",
    "carriageDoors",
    "apparentDecel",
    "manoeuverAngleTimes",
];

/// A choice among things with weights.
pub(super) type Choice<T> = Vec<(T, f64)>;

/// All types.
#[derive(Debug, Default)]
pub(super) struct Types {
    /// In the order of the files.
    pub list: Vec<VehicleType>,
    by_id: HashMap<String, u32>,
    /// The weight that a type has in a distribution which lists it.
    weights: Vec<f64>,
    /// Names and weights; a weight is missing where the type has it.
    distributions: BTreeMap<String, Vec<(String, Option<f64>)>>,
}

impl Types {
    /// Reads a `<vType>`.
    pub(super) fn read_type(&mut self, source: &Source, element: &Element, log: &mut Log) {
        let Some(id) = log.required(source, element, "id") else {
            return;
        };
        if self.by_id.contains_key(id) || self.distributions.contains_key(id) {
            twice(source, element, log);
            return;
        }
        let weight = log.number(source, element, "probability", Limits::NotNegative);
        let vehicle_type = vehicle_type(source, element, id, log);
        self.add(vehicle_type, weight.unwrap_or(1.0));
    }

    fn add(&mut self, vehicle_type: VehicleType, weight: f64) -> u32 {
        let index = self.list.len() as u32;
        self.by_id.insert(vehicle_type.id.clone(), index);
        self.list.push(vehicle_type);
        self.weights.push(weight);
        index
    }

    /// Reads a `<vTypeDistribution>` with the types in it.
    pub(super) fn read_distribution(&mut self, source: &Source, element: &Element, log: &mut Log) {
        let Some(id) = log.required(source, element, "id") else {
            return;
        };
        if self.by_id.contains_key(id) || self.distributions.contains_key(id) {
            twice(source, element, log);
            return;
        }
        let mut members = Vec::new();
        for child in &element.children {
            if child.name == "vType" {
                self.read_type(source, child, log);
                members.push((child.text("id").to_owned(), None));
            } else if child.name != "param" {
                log.note(source, child, "not-read", &[child.name, element.name]);
            }
        }
        members.extend(listed(source, element, "vTypes", log));
        if members.is_empty() {
            log.fault(
                source,
                element,
                "empty-distribution",
                || format!("{} has no types", describe(element)),
                |fault| fault.help("put `<vType>` into it, or list ids in `vTypes`"),
            );
        }
        self.distributions.insert(id.to_owned(), members);
    }

    /// The types that an id stands for, with their weights; `None` after a fault.
    pub(super) fn choice(
        &mut self,
        source: &Source,
        element: &Element,
        log: &mut Log,
    ) -> Option<Choice<u32>> {
        let id = element.get("type").unwrap_or(DEFAULT_TYPE);
        if let Some(index) = self.find(id) {
            return Some(vec![(index, 1.0)]);
        }
        let members = self.distributions.get(id).cloned();
        let Some(members) = members else {
            let types = self.list.iter().map(|known| &known.id);
            let known = types.chain(self.distributions.keys()).map(String::as_str);
            log.fault(
                source,
                element,
                "unknown-type",
                || {
                    format!(
                        "{} is of the type `{id}`, which no file defines",
                        describe(element)
                    )
                },
                |fault| fault.suggest(id, known, "add the file with its `<vType>` to the inputs"),
            );
            return None;
        };
        let mut choice = Vec::with_capacity(members.len());
        for (member, weight) in members {
            match self.find(&member) {
                Some(index) => {
                    choice.push((index, weight.unwrap_or(self.weights[index as usize])));
                }
                None => log.fault(
                    source,
                    element,
                    "unknown-type",
                    || {
                        format!(
                            "the distribution `{id}` has the type `{member}`, which no file defines"
                        )
                    },
                    |fault| fault.help("add the file with its `<vType>` to the inputs"),
                ),
            }
        }
        Some(choice).filter(|choice| !choice.is_empty())
    }

    fn find(&mut self, id: &str) -> Option<u32> {
        if let Some(index) = self.by_id.get(id) {
            return Some(*index);
        }
        let (id, class) = BUILT_IN.iter().find(|(known, _)| *known == id)?;
        Some(self.add(default_type(id, *class), 1.0))
    }
}

/// Ids in an attribute with the weights in `probabilities`.
pub(super) fn listed(
    source: &Source,
    element: &Element,
    name: &str,
    log: &mut Log,
) -> Vec<(String, Option<f64>)> {
    let ids: Vec<&str> = element.text(name).split_whitespace().collect();
    let texts: Vec<&str> = element.text("probabilities").split_whitespace().collect();
    let weights: Vec<Option<f64>> = texts
        .iter()
        .map(|text| {
            text.parse()
                .ok()
                .filter(|w: &f64| w.is_finite() && *w >= 0.0)
        })
        .collect();
    let usable = weights.iter().all(Option::is_some);
    if !texts.is_empty() && (!usable || texts.len() != ids.len()) {
        let expected = format!("{} numbers from 0, one for each id", ids.len());
        log.wrong_value(source, element, "probabilities", &expected);
    }
    ids.iter()
        .enumerate()
        .map(|(i, id)| ((*id).to_owned(), weights.get(i).copied().flatten()))
        .collect()
}

pub(super) fn twice(source: &Source, element: &Element, log: &mut Log) {
    log.fault(
        source,
        element,
        "twice",
        || format!("{} is defined a second time", describe(element)),
        |fault| fault.help("rename or remove one of the two"),
    );
}

fn vehicle_type(source: &Source, element: &Element, id: &str, log: &mut Log) -> VehicleType {
    let named = element.get("vClass").unwrap_or("passenger");
    let class = class(named).unwrap_or_else(|| {
        log.fault(
            source,
            element,
            "unknown-class",
            || {
                format!(
                    "{} is of the class `{}`",
                    describe(element),
                    shortened(named)
                )
            },
            |fault| {
                fault
                    .expected("a class of SUMO, `passenger`, `bus` or `truck` for example")
                    .suggest(named, class_names(), "correct the class")
            },
        );
        VehicleClass::Passenger
    });
    let mut result = default_type(id, class);
    attributes(source, element, &mut result, log);
    for child in &element.children {
        if let Some(model) = child.name.strip_prefix("carFollowing-") {
            // The form of older files.
            car_following(source, child, model, &mut result, log);
            attributes(source, child, &mut result, log);
        } else {
            log.note(source, child, "not-read", &[child.name, element.name]);
        }
    }
    result
}

fn attributes(source: &Source, element: &Element, result: &mut VehicleType, log: &mut Log) {
    for (name, value) in &element.attributes {
        let number = |limits, log: &mut Log| {
            log.number(source, element, name, limits)
                .map(|value| value as f32)
        };
        let (field, limits) = match *name {
            "length" => (&mut result.length_m, Limits::Positive),
            "minGap" => (&mut result.min_gap_m, Limits::NotNegative),
            "width" => (&mut result.width_m, Limits::Positive),
            "accel" => (&mut result.accel_m_s2, Limits::Positive),
            "decel" => (&mut result.decel_m_s2, Limits::Positive),
            "emergencyDecel" => (&mut result.emergency_decel_m_s2, Limits::Positive),
            "maxSpeed" => (&mut result.max_speed_m_s, Limits::Positive),
            "tau" => (&mut result.tau_s, Limits::Positive),
            "sigma" => (&mut result.sigma, Limits::NotNegative),
            "lcCooperative" => (&mut result.lane_change_cooperative, Limits::Any),
            "lcAssertive" => (&mut result.lane_change_assertive, Limits::Positive),
            "speedDev" => (&mut result.speed_factor[1], Limits::NotNegative),
            "speedFactor" => {
                speed_factor(source, element, value, &mut result.speed_factor, log);
                continue;
            }
            "carFollowModel" => {
                car_following(source, element, value, result, log);
                continue;
            }
            "emissionClass" => {
                value.as_ref().clone_into(&mut result.emission_class);
                continue;
            }
            _ if WITHOUT_EFFECT.contains(name) => continue,
            _ => {
                log.note(source, element, "not-read", &[name, element.name]);
                continue;
            }
        };
        if let Some(value) = number(limits, log) {
            *field = value;
        }
    }
    // The deviation of its own wins over the one in the factor, whatever their order.
    if let Some(deviation) = element.get("speedDev").and_then(|text| text.parse().ok()) {
        result.speed_factor[1] = deviation;
    }
    if element.get("emergencyDecel").is_none() {
        result.emergency_decel_m_s2 = result.emergency_decel_m_s2.max(result.decel_m_s2);
    }
    if result.sigma > 1.0 {
        log.wrong_value(source, element, "sigma", "a number from 0 to 1");
    }
}

/// `1.2` (the mean), `norm(mean, deviation)`, `normc(mean, deviation, least, largest)`.
fn speed_factor(
    source: &Source,
    element: &Element,
    text: &str,
    factor: &mut [f32; 4],
    log: &mut Log,
) {
    let parsed = (|| {
        if let Ok(mean) = text.trim().parse::<f32>() {
            return Some([mean, factor[1], factor[2], factor[3]]);
        }
        let (name, rest) = text.trim().split_once('(')?;
        let numbers: Option<Vec<f32>> = rest
            .strip_suffix(')')?
            .split(',')
            .map(|number| number.trim().parse().ok())
            .collect();
        match (name.trim(), numbers?.as_slice()) {
            // Not cut: ten deviations are as good as no limit, and nobody drives backwards.
            ("norm", [mean, deviation]) => Some([
                *mean,
                *deviation,
                (mean - 10.0 * deviation).max(0.01),
                mean + 10.0 * deviation,
            ]),
            ("normc", [mean, deviation, least, largest]) => {
                Some([*mean, *deviation, *least, *largest])
            }
            _ => None,
        }
    })();
    let usable = |[mean, deviation, least, largest]: &[f32; 4]| {
        mean.is_finite()
            && *mean > 0.0
            && deviation.is_finite()
            && *deviation >= 0.0
            && least.is_finite()
            && largest.is_finite()
            && *least >= 0.0
            && *largest > 0.0
            && least <= largest
    };
    match parsed.filter(usable) {
        Some(parsed) => *factor = parsed,
        None => log.wrong_value(
            source,
            element,
            "speedFactor",
            "a number above 0, norm(mean,deviation) or normc(mean,deviation,least,largest)",
        ),
    }
}

fn car_following(
    source: &Source,
    element: &Element,
    model: &str,
    result: &mut VehicleType,
    log: &mut Log,
) {
    result.model = match model {
        "Krauss" => CarFollowing::Krauss,
        "IDM" => CarFollowing::Idm,
        _ => {
            let model = format!("carFollowModel=\"{model}\"");
            let words = [&model[..], "carFollowModel=\"Krauss\""];
            log.note(source, element, "read-as", &words);
            CarFollowing::Krauss
        }
    };
}
