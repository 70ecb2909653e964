//! What vehicles without a task do: charge, and wait where requests are likely.

use super::engine::Engine;
use super::log::{Halt, HaltKind};
use super::model::NONE;
use super::times::PlaceId;
use super::vehicle::{Action, Stop};

/// Side (m) of the cells in which idle vehicles are counted.
const CELL_M: f64 = 1000.0;

/// A vehicle leaves a cell where requests are when so many times its share of vehicles wait there: to go costs energy for sure, to stay
/// perhaps a request.
const SURPLUS: f64 = 6.0;

/// Requests of so many seconds say where vehicles should wait.
const MEMORY_S: f64 = 3600.0;

impl Engine<'_> {
    /// True when the battery reaches for a tour and then to a station.
    pub(super) fn has_power_for(&self, vehicle: u32, tour: &[Stop]) -> bool {
        let vehicle = &self.vehicles[vehicle as usize];
        let Some(battery) = vehicle.kind.battery else {
            return true;
        };
        let (streets, times) = (&self.service.streets, &self.service.times);
        let (mut node, mut length_m) = (vehicle.node, 0.0);
        for stop in tour {
            length_m += times.length_m(streets, node, stop.place);
            node = stop.node;
        }
        if let Some((_, place)) = self.nearest_station(node) {
            length_m += times.length_m(streets, node, place);
        }
        vehicle.kwh - length_m * 0.001 * battery.kwh_per_km >= battery.reserve * battery.kwh
    }

    /// The station nearest in time to a node.
    fn nearest_station(&self, node: u32) -> Option<(usize, PlaceId)> {
        let time = |place: PlaceId| self.service.times.time(node, place);
        let stations = self.service.stations.iter().enumerate();
        stations
            .filter(|(_, station)| station.slots > 0 && time(station.place).is_finite())
            .min_by(|(_, a), (_, b)| time(a.place).total_cmp(&time(b.place)))
            .map(|(number, station)| (number, station.place))
    }

    /// Sends vehicles to charge, and lets those that arrived charge in the order of their arrival.
    pub(super) fn charge(&mut self, now_s: f64) {
        for number in 0..self.vehicles.len() {
            let vehicle = &self.vehicles[number];
            let Some(battery) = vehicle.kind.battery else {
                continue;
            };
            let low = vehicle.kwh < battery.charge_below * battery.kwh;
            if !low || !vehicle.is_idle() || vehicle.time_s > now_s {
                continue;
            }
            let Some((_, place)) = self.least_wait_station(vehicle.node, now_s) else {
                continue;
            };
            self.send(number, place, Action::Charge, now_s);
        }
        let mut arrived: Vec<(f64, usize)> = Vec::new();
        for (number, vehicle) in self.vehicles.iter().enumerate() {
            if vehicle.at_station_s <= now_s {
                arrived.push((vehicle.at_station_s, number));
            }
        }
        arrived.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        for (at_s, number) in arrived {
            self.plug_in(number, at_s);
        }
    }

    /// The station where a vehicle would begin to charge first, by what is known now.
    fn least_wait_station(&self, node: u32, now_s: f64) -> Option<(f64, PlaceId)> {
        let mut best: Option<(f64, PlaceId)> = None;
        for (station, free_s) in self.service.stations.iter().zip(&self.free_s) {
            let drive_s = f64::from(self.service.times.time(node, station.place));
            // Places that vehicles on the way will take first.
            let coming = self.vehicles.iter().filter(|vehicle| {
                vehicle.is_charging() && vehicle.stops.iter().any(|s| s.place == station.place)
            });
            let mut free_s = free_s.clone();
            free_s.sort_by(f64::total_cmp);
            let rounds = coming.count();
            let Some(slots) = std::num::NonZeroUsize::new(free_s.len()) else {
                continue;
            };
            let hours = self.charging_h(station.power_kw);
            let free = free_s[rounds % slots] + (rounds / slots) as f64 * hours * 3600.0;
            let begins_s = (now_s + drive_s).max(free);
            if begins_s.is_finite() && best.is_none_or(|(least, _)| begins_s < least) {
                best = Some((begins_s, station.place));
            }
        }
        best
    }

    /// Time (h) that a usual charge takes.
    fn charging_h(&self, power_kw: f64) -> f64 {
        let batteries = self.service.fleet.iter().filter_map(|v| v.battery);
        let most = batteries.map(|b| b.kwh * (b.charge_to - b.charge_below));
        most.fold(0.0, f64::max) / power_kw
    }

    /// The vehicle charges from when the first place is free; it is there again when it is done.
    fn plug_in(&mut self, number: usize, at_s: f64) {
        let vehicle = &mut self.vehicles[number];
        let (Some(stop), Some(battery)) = (vehicle.stops.first().copied(), vehicle.kind.battery)
        else {
            return;
        };
        let stations = &self.service.stations;
        let Some(station) = stations.iter().position(|s| s.place == stop.place) else {
            return;
        };
        let free_s = &mut self.free_s[station];
        let first = (0..free_s.len()).min_by(|&a, &b| free_s[a].total_cmp(&free_s[b]));
        let Some(slot) = first else { return };
        let begin_s = at_s.max(free_s[slot]);
        let target = battery.charge_to * battery.kwh;
        let missing = (target - vehicle.kwh).max(0.0);
        let end_s = begin_s + missing / stations[station].power_kw * 3600.0;
        free_s[slot] = end_s;
        vehicle.kwh += missing;
        vehicle.time_s = end_s;
        vehicle.at_station_s = f64::NAN;
        vehicle.stops.clear();
        let halt = |kind, begin_s, end_s| Halt {
            begin_s,
            end_s,
            node: stop.node,
            request: NONE,
            kind,
        };
        if begin_s > at_s {
            vehicle
                .halts
                .push(halt(HaltKind::ChargeWait, at_s, begin_s));
        }
        vehicle.halts.push(halt(HaltKind::Charge, begin_s, end_s));
    }

    fn send(&mut self, number: usize, place: PlaceId, action: Action, now_s: f64) {
        let stop = Stop {
            action,
            request: NONE,
            place,
            node: self.node(place),
            boards_at: NONE,
            ready_s: f64::NEG_INFINITY,
            latest_s: f64::INFINITY,
            limit_s: f64::INFINITY,
            persons: 0,
            needs: [0, 0],
            begin_s: 0.0,
            end_s: 0.0,
            leave_s: 0.0,
        };
        let vehicle = &mut self.vehicles[number];
        vehicle.plan(&self.service.times, &self.service.rules, now_s, vec![stop]);
        vehicle.settle(now_s);
    }

    /// Sends idle vehicles from cells with more than their share to cells with less. The share of a cell is that of the requests of the
    /// last hour; nothing of the future is used.
    pub(super) fn rebalance(&mut self, now_s: f64) {
        let every_s = self.service.rules.rebalance_s;
        let after_end = now_s >= self.service.rules.end_s;
        if every_s <= 0.0 || now_s < self.rebalanced_s + every_s || after_end {
            return;
        }
        self.rebalanced_s = now_s;
        let cell = |node: u32| {
            let at = self.service.streets.nodes[node as usize];
            at.map(|x| (x / CELL_M).floor() as i64)
        };
        // Cells in order, with the requests of the last hour and the place where most of them began.
        let mut asked: Vec<([i64; 2], PlaceId)> = Vec::new();
        for &request in self.order[..self.seen].iter().rev() {
            let wish = &self.service.requests[request as usize];
            if wish.asked_s < now_s - MEMORY_S {
                break;
            }
            if wish.refused.is_none() {
                asked.push((cell(self.node(wish.pickup)), wish.pickup));
            }
        }
        asked.sort_unstable();
        let mut idle: Vec<(u32, [i64; 2])> = Vec::new();
        for (number, vehicle) in self.vehicles.iter().enumerate() {
            if vehicle.is_idle() && vehicle.time_s <= now_s {
                let node = vehicle.stops.first().map_or(vehicle.node, |stop| stop.node);
                idle.push((number as u32, cell(node)));
            }
        }
        if asked.is_empty() {
            return;
        }
        let mut orders: Vec<(u32, PlaceId)> = Vec::new();
        let mut room: Vec<(PlaceId, [i64; 2], usize)> = Vec::new();
        let mut spare: Vec<u32> = Vec::new();
        for group in asked.chunk_by(|a, b| a.0 == b.0) {
            let share = idle.len() as f64 * group.len() as f64 / asked.len() as f64;
            let wanted = share.floor() as usize;
            let here = idle.iter().filter(|(_, at)| *at == group[0].0).count();
            let runs = group.chunk_by(|a, b| a.1 == b.1);
            let busiest = runs.max_by_key(|run| (run.len(), std::cmp::Reverse(run[0].1)));
            if here < wanted
                && let Some(run) = busiest
            {
                room.push((run[0].1, group[0].0, wanted - here));
            }
        }
        for (number, at) in &idle {
            let group = asked.iter().filter(|(of, _)| of == at).count();
            let share = SURPLUS * idle.len() as f64 * group as f64 / asked.len() as f64;
            let share = share.ceil() as usize;
            let before = idle.iter().take_while(|(n, _)| n != number);
            let rank = before.filter(|(_, of)| of == at).count();
            if rank >= share && self.vehicles[*number as usize].stops.is_empty() {
                spare.push(*number);
            }
        }
        for (place, _, count) in room {
            for _ in 0..count {
                let time = |number: u32| {
                    let node = self.vehicles[number as usize].node;
                    self.service.times.time(node, place)
                };
                let nearest = spare
                    .iter()
                    .enumerate()
                    .min_by(|a, b| time(*a.1).total_cmp(&time(*b.1)));
                let Some((at, &number)) = nearest else { break };
                if !time(number).is_finite() {
                    break;
                }
                spare.remove(at);
                orders.push((number, place));
            }
        }
        for (number, place) in orders {
            if self.has_power_for(number, &[]) {
                self.send(number as usize, place, Action::Rest, now_s);
            }
        }
    }
}
