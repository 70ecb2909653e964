//! Routes, each kept once, and how far each lane leads along one.

use std::collections::HashMap;
use std::ops::Range;

use super::roads::{RoadLane, Roads};
use super::vehicle::MAX_LANES;
use crate::traffic::network::VehicleClass;

/// Edges of all routes, and how far the lanes of each lead for the class that drives it and does not stop on the way.
#[derive(Clone, Debug, Default)]
pub struct Routes {
    edges: Vec<u32>,
    leads: Vec<Lead>,
    exits: Vec<[u8; MAX_LANES]>,
    spans: Vec<Range<u32>>,
    /// Numbers of the routes of each class.
    known: Vec<HashMap<Vec<u32>, u32>>,
}

/// How far the lanes of an edge lead, and where they are left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lead {
    /// See `Vehicle::reach`.
    pub reach: [u16; MAX_LANES],
    /// See `Vehicle::exit`.
    pub exit: [u8; MAX_LANES],
}

/// Where a vehicle has to be on a lane of its own: a stop or the end of the trip.
#[derive(Clone, Copy, Debug)]
pub struct Halt {
    /// Place on the route.
    pub cursor: u16,
    /// Lane that it must be on.
    pub lane: u32,
    /// Place along it (m).
    pub pos: f32,
}

/// Edges ahead that the choice of lanes looks at.
pub(super) const HORIZON_EDGES: usize = 14;

/// Shortest lane (m) on which one may hope to change to another.
const CHANGE_M: f32 = 3.0;

/// Way ahead (m) that the choice of lanes looks at.
const HORIZON_M: f32 = 1500.0;

/// A link as `Lead::exit` counts it; of more than 255 links of an edge the last are not told apart, and lead nowhere.
fn exit_of(road: &RoadLane, link: u32) -> u8 {
    u8::try_from(link - road.first_link).unwrap_or(u8::MAX)
}

impl Routes {
    /// Number of a class's route, new or known.
    pub fn number(&mut self, roads: &Roads, edges: &[u32], class: VehicleClass) -> u32 {
        let of_class = class as usize;
        let classes = self.known.len().max(of_class + 1);
        self.known.resize_with(classes, HashMap::new);
        if let Some(&number) = self.known[of_class].get(edges) {
            return number;
        }
        let start = self.edges.len() as u32;
        self.edges.extend_from_slice(edges);
        self.spans.push(start..self.edges.len() as u32);
        let number = self.spans.len() as u32 - 1;
        for cursor in 0..edges.len() {
            let lead = self.lead(roads, number, cursor as u16, class, None);
            self.leads.push(lead);
            let exits = self.exits_ahead(roads, number, cursor as u16, &lead);
            self.exits.push(exits);
        }
        self.known[of_class].insert(edges.to_vec(), number);
        number
    }

    /// Links by which the lanes of an edge ahead will be left: those of `lead`, and where a lane does not lead on, what comes nearest to it.
    pub fn exits_ahead(
        &self,
        roads: &Roads,
        route: u32,
        cursor: u16,
        lead: &Lead,
    ) -> [u8; MAX_LANES] {
        let edges = &self.edges(route)[usize::from(cursor)..];
        let [next, after] = [1, 2].map(|on| edges.get(on).copied());
        let mut exits = lead.exit;
        for (lane, exit) in roads.edges[edges[0] as usize].clone().zip(&mut exits) {
            if *exit != u8::MAX {
                continue;
            }
            let road = &roads.lanes[lane as usize];
            let way = |leads_on: bool| {
                road.links.clone().find(|&link| {
                    let link = &roads.links[link as usize];
                    let mut further = roads.lanes[link.target as usize].links.clone();
                    Some(link.edge) == next
                        && (!leads_on
                            || after.is_none()
                            || further.any(|on| Some(roads.links[on as usize].edge) == after))
                })
            };
            if let Some(link) = way(true).or_else(|| way(false)) {
                *exit = exit_of(road, link);
            }
        }
        exits
    }

    /// How far the lanes of the edge at `cursor` lead for one who does not stop on the way.
    pub fn way_on(&self, route: u32, cursor: u16) -> &Lead {
        &self.leads[self.place(route, cursor)]
    }

    /// [`Self::exits_ahead`] of the edge at `cursor` for one who does not stop on the way.
    pub fn exits(&self, route: u32, cursor: u16) -> &[u8; MAX_LANES] {
        &self.exits[self.place(route, cursor)]
    }

    fn place(&self, route: u32, cursor: u16) -> usize {
        self.spans[route as usize].start as usize + usize::from(cursor)
    }

    /// Edges of a route.
    pub fn edges(&self, route: u32) -> &[u32] {
        let span = &self.spans[route as usize];
        &self.edges[span.start as usize..span.end as usize]
    }

    /// How far the lanes of the edge at `cursor` lead along the route for a class, stopping at `halt` on its lane.
    pub fn lead(
        &self,
        roads: &Roads,
        route: u32,
        cursor: u16,
        class: VehicleClass,
        halt: Option<Halt>,
    ) -> Lead {
        let edges = &self.edges(route)[usize::from(cursor)..];
        let mut way = 0.0;
        let mut count = 0;
        for &edge in edges.iter().take(HORIZON_EDGES) {
            way += roads.lanes[roads.edges[edge as usize].start as usize].length;
            count += 1;
            if way > HORIZON_M {
                break;
            }
        }
        let mut ahead = [0.0f32; MAX_LANES];
        // Lanes ahead that end before a change to another is possible: nobody should drive onto them.
        let mut trap = [false; MAX_LANES];
        let mut lead = Lead {
            reach: [0; MAX_LANES],
            exit: [u8::MAX; MAX_LANES],
        };
        for place in (0..count).rev() {
            let range = roads.edges[edges[place] as usize].clone();
            let next = edges.get(place + 1).copied();
            let halt_here =
                halt.filter(|halt| usize::from(halt.cursor) == usize::from(cursor) + place);
            let mut here = [0.0f32; MAX_LANES];
            let mut leads_on = [false; MAX_LANES];
            // Where every way leads onto such a lane, none is avoided.
            let reachable = |links: Range<u32>| {
                links.map(|link| &roads.links[link as usize]).any(|link| {
                    let target = (link.target - roads.edges[link.edge as usize].start) as usize;
                    Some(link.edge) == next
                        && target < MAX_LANES
                        && !trap[target]
                        && roads.lanes[link.target as usize].allowed.contains(class)
                })
            };
            let avoid = range.clone().take(MAX_LANES).any(|lane| {
                let road = &roads.lanes[lane as usize];
                road.allowed.contains(class) && reachable(road.links.clone())
            });
            for (index, lane) in range.clone().take(MAX_LANES).enumerate() {
                let road = &roads.lanes[lane as usize];
                if !road.allowed.contains(class) {
                    continue;
                }
                let mut best: Option<(f32, u8)> = None;
                for number in road.links.clone() {
                    let link = &roads.links[number as usize];
                    if Some(link.edge) != next
                        || !roads.lanes[link.target as usize].allowed.contains(class)
                    {
                        continue;
                    }
                    let target = (link.target - roads.edges[link.edge as usize].start) as usize;
                    if target >= MAX_LANES || avoid && trap[target] {
                        continue;
                    }
                    let further = if place + 1 < count {
                        ahead[target]
                    } else {
                        roads.lanes[link.target as usize].length
                    };
                    if best.is_none_or(|best| further > best.0) {
                        best = Some((further, exit_of(road, number)));
                    }
                }
                leads_on[index] = best.is_some();
                here[index] = match halt_here {
                    // At a stop the way goes on from its lane with a new aim; the other lanes lead no further than beside it.
                    Some(halt) if lane == halt.lane => halt.pos + HORIZON_M,
                    Some(halt) => halt.pos.max(1.0),
                    None => road.length + best.map_or(0.0, |best| best.0),
                };
                if place == 0 {
                    lead.exit[index] = best.map_or(u8::MAX, |best| best.1);
                }
            }
            let short = roads.lanes[range.start as usize].length < CHANGE_M;
            let some_lead_on = leads_on.contains(&true);
            for index in 0..MAX_LANES {
                trap[index] = short
                    && some_lead_on
                    && halt_here.is_none()
                    && next.is_some()
                    && !leads_on[index];
            }
            ahead = here;
        }
        for (index, metres) in ahead.iter().enumerate() {
            lead.reach[index] = metres.min(60_000.0) as u16;
        }
        lead
    }
}
