//! From trips to requests: the service area and hours, the walk to a stop, the place on the streets.

use super::demand::{End, Trip};
use super::model::{NONE, Reason, Request};
use super::nearest::Nearest;
use super::streets::Streets;

/// Where the service halts and for whom it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// Nodes where it halts; `None`: at every node that can be reached and left.
    pub stops: Option<Vec<u32>>,
    /// Corners (m, plane of the streets) of the area in which trips begin and end; `None`: everywhere.
    pub area: Option<Vec<[f64; 2]>>,
    /// Longest walk (m) to or from a stop.
    pub max_walk_m: f64,
    /// Walking speed (m/s).
    pub walk_m_s: f64,
    /// How much longer a walk is than the straight line.
    pub walk_factor: f64,
    /// Begin and end (s) of the hours in which trips can begin.
    pub begin_s: f64,
    /// See `begin_s`.
    pub end_s: f64,
}

/// Requests with the nodes that are places of the run.
#[derive(Clone, Debug, PartialEq)]
pub struct Assigned {
    /// Nodes of the places, rising.
    pub places: Vec<u32>,
    /// Requests in the order of the trips.
    pub requests: Vec<Request>,
}

/// Finds the pickup and the dropoff of every trip. `others` are nodes that are places too (stations, depots).
pub fn assign(streets: &Streets, offer: &Offer, trips: &[Trip], others: &[u32]) -> Assigned {
    let (places, mut requests) = assign_all(streets, offer, &[trips], others);
    Assigned {
        places,
        requests: requests.pop().unwrap_or_default(),
    }
}

/// As [`assign`] for several lists of trips that share their places: nodes of the places, rising, and the requests of each list.
pub fn assign_all(
    streets: &Streets,
    offer: &Offer,
    lists: &[impl AsRef<[Trip]>],
    others: &[u32],
) -> (Vec<u32>, Vec<Vec<Request>>) {
    let main = streets.main_part();
    let mut halts = main.clone();
    if let Some(stops) = &offer.stops {
        let mut is_stop = vec![false; halts.len()];
        for &stop in stops {
            is_stop[stop as usize] = true;
        }
        for (halt, is_stop) in halts.iter_mut().zip(is_stop) {
            *halt &= is_stop;
        }
    }
    let halts = (0..streets.nodes.len() as u32).filter(|node| halts[*node as usize]);
    let index = Nearest::new(halts.map(|node| (streets.nodes[node as usize], node)));
    let mut places: Vec<u32> = others.to_vec();
    let mut all: Vec<Vec<Request>> = Vec::new();
    for trips in lists {
        let requests = trips.as_ref().iter().map(|trip| {
            let request = request_of(streets, offer, &index, &main, trip);
            if request.refused.is_none() {
                places.extend([request.pickup, request.dropoff]);
            }
            request
        });
        all.push(requests.collect());
    }
    places.sort_unstable();
    places.dedup();
    let place = |node: u32| places.binary_search(&node).map_or(NONE, |at| at as u32);
    for request in all.iter_mut().flatten() {
        (request.pickup, request.dropoff) = (place(request.pickup), place(request.dropoff));
    }
    (places, all)
}

/// The request of a trip, with nodes where places belong.
fn request_of(
    streets: &Streets,
    offer: &Offer,
    index: &Nearest,
    main: &[bool],
    trip: &Trip,
) -> Request {
    let [from, to] = [trip.from, trip.to].map(|at| end(streets, offer, index, at));
    let hours = offer.begin_s..=offer.end_s;
    let refused = if trip.persons == 0
        || trip.wheelchairs > trip.persons
        || trip.leave_s < trip.asked_s
        || trip.from == trip.to
    {
        Some(Reason::Impossible)
    } else if !hours.contains(&trip.leave_s) {
        Some(Reason::OutsideHours)
    } else {
        match (from, to) {
            (Err(reason), _) | (_, Err(reason)) => Some(reason),
            // So near that both ends have the same stop: there is nothing to drive.
            (Ok(from), Ok(to)) if from.0 == to.0 => Some(Reason::Impossible),
            (Ok(from), Ok(to)) if !(main[from.0 as usize] && main[to.0 as usize]) => {
                Some(Reason::NoWay)
            }
            _ => None,
        }
    };
    let from = from.unwrap_or((NONE, 0.0));
    let to = to.unwrap_or((NONE, 0.0));
    let walk_to_s = from.1 / offer.walk_m_s;
    Request {
        name: trip.name.clone(),
        // A booking from before the service begins is known when it does; who is turned away keeps the time of asking.
        asked_s: match refused {
            Some(_) => trip.asked_s,
            None => trip.asked_s.max(offer.begin_s),
        },
        ready_s: trip.leave_s.max(trip.asked_s) + walk_to_s,
        pickup: from.0,
        dropoff: to.0,
        persons: trip.persons,
        wheelchairs: trip.wheelchairs,
        walk_to_s,
        walk_from_s: to.1 / offer.walk_m_s,
        refused,
    }
}

/// Node and walk (m) of an end.
fn end(streets: &Streets, offer: &Offer, index: &Nearest, end: End) -> Result<(u32, f64), Reason> {
    let place = match end {
        End::Place(place) => place,
        End::Node(node) => *streets.nodes.get(node as usize).ok_or(Reason::NoWay)?,
    };
    if let Some(area) = &offer.area
        && !inside(area, place)
    {
        return Err(Reason::OutsideArea);
    }
    if let (End::Node(node), None) = (end, &offer.stops) {
        return Ok((node, 0.0));
    }
    let (node, straight_m) = index.of(place).ok_or(Reason::NoWay)?;
    let walk_m = straight_m * offer.walk_factor;
    if walk_m > offer.max_walk_m {
        return Err(Reason::WalkTooFar);
    }
    Ok((node, walk_m))
}

/// True inside a polygon (even-odd rule).
pub fn inside(corners: &[[f64; 2]], place: [f64; 2]) -> bool {
    let mut inside = false;
    for (at, a) in corners.iter().enumerate() {
        let b = corners[(at + 1) % corners.len()];
        if (a[1] > place[1]) != (b[1] > place[1]) {
            let x = a[0] + (place[1] - a[1]) / (b[1] - a[1]) * (b[0] - a[0]);
            inside ^= place[0] < x;
        }
    }
    inside
}

/// Stops on the streets such that no two are nearer than `spacing_m` and every usable node has one within that distance: nodes in the
/// order of their place from the south-west, each taken that is far enough from those taken.
pub fn virtual_stops(streets: &Streets, spacing_m: f64, area: Option<&[[f64; 2]]>) -> Vec<u32> {
    let main = streets.main_part();
    let usable = |n: &u32| {
        main[*n as usize] && area.is_none_or(|area| inside(area, streets.nodes[*n as usize]))
    };
    let mut nodes: Vec<u32> = (0..streets.nodes.len() as u32).filter(usable).collect();
    let key = |n: u32| streets.nodes[n as usize];
    nodes.sort_by(|&a, &b| {
        let (a_at, b_at) = (key(a), key(b));
        (a_at[0] + a_at[1])
            .total_cmp(&(b_at[0] + b_at[1]))
            .then(a.cmp(&b))
    });
    let cell = |at: [f64; 2]| at.map(|x| (x / spacing_m).floor() as i64);
    let mut taken: std::collections::BTreeMap<[i64; 2], Vec<u32>> =
        std::collections::BTreeMap::new();
    let mut stops = Vec::new();
    for node in nodes {
        let at = key(node);
        let here = cell(at);
        let near = (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| [here[0] + dx, here[1] + dy]));
        let crowded = near
            .filter_map(|cell| taken.get(&cell))
            .flatten()
            .any(|&other| {
                let other = key(other);
                (other[0] - at[0]).hypot(other[1] - at[1]) < spacing_m
            });
        if !crowded {
            taken.entry(here).or_default().push(node);
            stops.push(node);
        }
    }
    stops.sort_unstable();
    stops
}

#[cfg(test)]
mod tests {
    use super::super::streets::grid_streets;
    use super::*;

    fn offer() -> Offer {
        Offer {
            stops: None,
            area: None,
            max_walk_m: 300.0,
            walk_m_s: 1.25,
            walk_factor: 1.3,
            begin_s: 0.0,
            end_s: 3600.0,
        }
    }

    fn trip() -> Trip {
        Trip {
            name: "a".to_owned(),
            asked_s: 100.0,
            leave_s: 160.0,
            from: End::Place([10.0, 0.0]),
            to: End::Place([400.0, 380.0]),
            persons: 2,
            wheelchairs: 0,
        }
    }

    #[test]
    fn the_walk_counts_and_every_fault_has_its_reason() {
        let grid = grid_streets(5, 5, 100.0, 10.0);
        let found = |change: &dyn Fn(&mut Trip, &mut Offer)| {
            let (mut trip, mut offer) = (trip(), offer());
            change(&mut trip, &mut offer);
            assign(&grid, &offer, &[trip], &[]).requests.remove(0)
        };
        let good = found(&|_, _| {});
        assert_eq!(good.refused, None);
        assert!((good.walk_to_s - 13.0 / 1.25).abs() < 1e-9);
        assert!((good.ready_s - 160.0 - 13.0 / 1.25).abs() < 1e-9);
        assert!((good.walk_from_s - 26.0 / 1.25).abs() < 1e-9);
        let faults: [(Reason, &dyn Fn(&mut Trip, &mut Offer)); 7] = [
            (Reason::Impossible, &|t, _| t.persons = 0),
            (Reason::Impossible, &|t, _| t.leave_s = 50.0),
            (Reason::Impossible, &|t, _| t.to = End::Place([0.0, 10.0])),
            (Reason::OutsideHours, &|t, _| t.leave_s = 3700.0),
            (Reason::WalkTooFar, &|t, _| {
                t.to = End::Place([400.0, 700.0])
            }),
            (Reason::OutsideArea, &|_, o| {
                o.area = Some(vec![
                    [-50.0, -50.0],
                    [300.0, -50.0],
                    [300.0, 300.0],
                    [-50.0, 300.0],
                ]);
            }),
            (Reason::NoWay, &|t, _| t.to = End::Node(99)),
        ];
        for (reason, change) in faults {
            assert_eq!(found(change).refused, Some(reason));
        }
    }

    #[test]
    fn night_wishes_keep_their_time_and_bookings_are_known_at_the_begin() {
        let grid = grid_streets(5, 5, 100.0, 10.0);
        let offer = Offer {
            begin_s: 1000.0,
            ..offer()
        };
        let asked = |leave_s: f64| {
            let trip = Trip { leave_s, ..trip() };
            let request = assign(&grid, &offer, &[trip], &[]).requests.remove(0);
            (request.refused, request.asked_s)
        };
        assert_eq!(asked(160.0), (Some(Reason::OutsideHours), 100.0));
        assert_eq!(asked(1200.0), (None, 1000.0));
    }

    #[test]
    fn virtual_stops_are_apart_and_near_everywhere() {
        let grid = grid_streets(30, 20, 70.0, 10.0);
        let stops = virtual_stops(&grid, 250.0, None);
        assert!(stops.len() > 20);
        let at = |n: u32| grid.nodes[n as usize];
        let apart = |a: u32, b: u32| (at(a)[0] - at(b)[0]).hypot(at(a)[1] - at(b)[1]);
        for (place, &a) in stops.iter().enumerate() {
            assert!(stops[..place].iter().all(|&b| apart(a, b) >= 250.0));
        }
        for node in 0..600 {
            assert!(stops.iter().any(|&stop| apart(stop, node) < 250.0));
        }
    }
}
