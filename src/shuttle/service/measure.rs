//! What a run of a service comes to, in figures.

use super::engine::{Run, Service};
use super::log::{HaltKind, VehicleLog};
use super::model::{Outcome, Reason};
use crate::traffic::statistics::quantile;

/// Figures of one run. Times in s, ways in km.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// Requests.
    pub requests: usize,
    /// Requests served.
    pub served: usize,
    /// Requests rejected, by [`Reason::ALL`].
    pub rejected: [usize; Reason::ALL.len()],
    /// Requests assigned or on board when the run ended.
    pub under_way: usize,
    /// Persons served.
    pub persons: usize,
    /// Waits of the served (s) from when the person is ready to the begin of boarding, rising.
    pub waits_s: Vec<f64>,
    /// Mean walk (s) to the pickup and from the dropoff.
    pub walk_s: f64,
    /// Mean time on board (s), from the end of boarding to the begin of alighting.
    pub ride_s: f64,
    /// Time on board of all served over their direct drives.
    pub detour_factor: f64,
    /// Served requests that had others on board.
    pub shared: usize,
    /// Driven.
    pub km: f64,
    /// Of that without persons.
    pub empty_km: f64,
    /// Of that to wait elsewhere or given up on the way.
    pub rest_km: f64,
    /// Of that to charge.
    pub charge_km: f64,
    /// Persons times way.
    pub person_km: f64,
    /// Direct ways of the served requests, added up.
    pub direct_km: f64,
    /// Time that vehicles drive for requests or halt for them, in vehicles times seconds, in the service period.
    pub busy_s: f64,
    /// All vehicles times the service period (s).
    pub vehicle_s: f64,
    /// Energy driven (kWh).
    pub kwh: f64,
    /// Charges begun.
    pub charges: usize,
    /// Waits (s) for a place to charge, of those who charged or waited.
    pub charge_waits_s: Vec<f64>,
    /// Vehicle changes of requests before boarding.
    pub moves: u64,
    /// Vehicles.
    pub vehicles: usize,
}

/// Costs for one unit each, in EUR.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UnitCosts {
    /// Each vehicle for each hour of service.
    pub vehicle_h: f64,
    /// A driver for each vehicle and hour of service; 0 without drivers.
    pub driver_h: f64,
    /// Remote supervision for each vehicle and hour of service; 0 with drivers.
    pub supervision_h: f64,
    /// Each kilometre: tyres, cleaning, upkeep.
    pub km: f64,
    /// Each kWh.
    pub kwh: f64,
}

impl UnitCosts {
    /// Costs (EUR) of a run.
    pub fn of(&self, figures: &Figures) -> f64 {
        let hours = figures.vehicle_s / 3600.0;
        (self.vehicle_h + self.driver_h + self.supervision_h) * hours
            + self.km * figures.km
            + self.kwh * figures.kwh
    }
}

impl Figures {
    /// Served requests (%) of all; NaN without requests.
    pub fn served_percent(&self) -> f64 {
        100.0 * self.served as f64 / self.requests as f64
    }

    /// Requests rejected.
    pub fn all_rejected(&self) -> usize {
        self.rejected.iter().sum()
    }

    /// Mean wait (s); NaN when nobody was served.
    pub fn wait_s(&self) -> f64 {
        self.waits_s.iter().sum::<f64>() / self.waits_s.len() as f64
    }

    /// Wait (s) that a share of the served does not pass; NaN when nobody was served.
    pub fn wait_quantile_s(&self, share: f64) -> f64 {
        quantile(&self.waits_s, share)
    }

    /// Served requests (%) with others on board.
    pub fn shared_percent(&self) -> f64 {
        100.0 * self.shared as f64 / self.served as f64
    }

    /// Persons on board of an occupied kilometre.
    pub fn persons_per_occupied_km(&self) -> f64 {
        self.person_km / (self.km - self.empty_km)
    }

    /// Kilometres without persons (%).
    pub fn empty_percent(&self) -> f64 {
        100.0 * self.empty_km / self.km
    }

    /// Time with a task (%) of all vehicles in the service period.
    pub fn utilisation_percent(&self) -> f64 {
        100.0 * self.busy_s / self.vehicle_s
    }
}

/// Figures of a run.
pub fn figures(service: &Service, run: &Run) -> Figures {
    let rules = &service.rules;
    let mut f = Figures {
        requests: run.rides.len(),
        vehicles: run.vehicles.len(),
        vehicle_s: run.vehicles.len() as f64 * (rules.end_s - rules.begin_s),
        ..Figures::default()
    };
    let (mut ride_s, mut direct_s, mut walk_s) = (0.0, 0.0, 0.0);
    for (ride, request) in run.rides.iter().zip(service.requests.iter()) {
        f.moves += u64::from(ride.moves);
        match ride.outcome {
            Outcome::Rejected(reason) => {
                let place = Reason::ALL.iter().position(|other| *other == reason);
                f.rejected[place.unwrap_or(0)] += 1;
            }
            Outcome::Open | Outcome::Assigned(_) | Outcome::Riding(_) => f.under_way += 1,
            Outcome::Served(_) => {
                f.served += 1;
                f.persons += usize::from(request.persons);
                f.waits_s.push(ride.boards_s - request.ready_s);
                f.shared += usize::from(ride.shared);
                ride_s += ride.alights_s - ride.boarded_s;
                direct_s += ride.direct_s;
                walk_s += request.walk_to_s + request.walk_from_s;
                f.direct_km += ride.direct_m * 0.001;
            }
        }
    }
    f.waits_s.sort_by(f64::total_cmp);
    f.ride_s = ride_s / f.served as f64;
    f.walk_s = walk_s / f.served as f64;
    f.detour_factor = ride_s / direct_s;
    for (log, kind) in run.vehicles.iter().zip(&service.fleet) {
        let mut metres = 0.0;
        for segment in &log.segments {
            metres += segment.length_m;
            let km = segment.length_m * 0.001;
            f.person_km += km * f64::from(segment.persons);
            if segment.persons == 0 {
                f.empty_km += km;
                match segment.towards {
                    HaltKind::Rest => f.rest_km += km,
                    HaltKind::Charge | HaltKind::ChargeWait => f.charge_km += km,
                    HaltKind::Board | HaltKind::Alight => {}
                }
            }
        }
        f.km += metres * 0.001;
        f.kwh += kind.battery.map_or(0.0, |b| metres * 0.001 * b.kwh_per_km);
        f.busy_s += busy_spans(log)
            .iter()
            .map(|span| (span.1.min(rules.end_s) - span.0.max(rules.begin_s)).max(0.0))
            .sum::<f64>();
        let mut waited_s = 0.0;
        for halt in &log.halts {
            match halt.kind {
                HaltKind::ChargeWait => waited_s = halt.end_s - halt.begin_s,
                HaltKind::Charge => {
                    f.charges += 1;
                    f.charge_waits_s.push(waited_s);
                    waited_s = 0.0;
                }
                _ => {}
            }
        }
        if waited_s > 0.0 {
            f.charge_waits_s.push(waited_s);
        }
    }
    f
}

/// When a vehicle drives for requests or halts for them: rising spans (s) that do not overlap.
pub fn busy_spans(log: &VehicleLog) -> Vec<(f64, f64)> {
    let task = |kind: HaltKind| matches!(kind, HaltKind::Board | HaltKind::Alight);
    // A way that was given up was one to a request when it ends where another begins; it counts when persons are on board.
    let drives = log.segments.iter();
    let drives = drives.filter(|s| task(s.towards) || s.persons > 0);
    let halts = log.halts.iter().filter(|h| task(h.kind));
    let mut spans: Vec<(f64, f64)> = drives
        .map(|s| (s.begin_s, s.end_s))
        .chain(halts.map(|h| (h.begin_s, h.end_s)))
        .collect();
    spans.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut merged: Vec<(f64, f64)> = Vec::new();
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.0 <= last.1 => last.1 = last.1.max(span.1),
            _ => merged.push(span),
        }
    }
    merged
}

/// Mean number of busy vehicles between two times (s).
pub fn mean_busy(run: &Run, from_s: f64, to_s: f64) -> f64 {
    let spans = run.vehicles.iter().flat_map(busy_spans);
    let busy_s: f64 = spans
        .map(|span| (span.1.min(to_s) - span.0.max(from_s)).max(0.0))
        .sum();
    busy_s / (to_s - from_s)
}
