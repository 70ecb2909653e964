//! Travel times from one place: walking alone, or walking, riding and walking.

use crate::transit::raptor::{NEVER, Raptor, Scratch};

use super::walk::{Targets, Walk};

/// Limits of a journey.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Journey {
    /// Time (s of the day) at which the traveller leaves the door.
    pub leave_s: f64,
    /// Walking speed (m/s).
    pub walk_m_s: f64,
    /// Longest walk (s) to the first and from the last stop; walking alone has no such limit but `limit_s`.
    pub most_walk_s: f64,
    /// Rides at most.
    pub most_rides: usize,
    /// Longest journey (s).
    pub limit_s: f64,
}

/// Travel time (s) from a place to each target, the faster of walking and riding; infinite beyond the limit.
///
/// `stops` are the stops of the timetable in its order. Door to door: the wait at the first stop counts.
pub fn travel_times(
    walk: &Walk,
    raptor: &Raptor<'_>,
    stops: &Targets,
    targets: &Targets,
    origin: [f64; 2],
    snap_m: f64,
    journey: &Journey,
) -> Vec<f64> {
    let speed = journey.walk_m_s;
    let door = walk.targets(vec![origin], snap_m);
    let most_walk_m = journey.most_walk_s * speed;
    let to_stops = walk.nearest(stops, &door, &[0.0], most_walk_m);
    let starts: Vec<(u32, i32)> = to_stops
        .iter()
        .enumerate()
        .filter(|(_, way_m)| way_m.is_finite())
        .map(|(stop, way_m)| (stop as u32, (journey.leave_s + way_m / speed).ceil() as i32))
        .collect();
    let arrivals = raptor.arrivals(&starts, journey.most_rides, &mut Scratch::default());
    let on_foot = walk.nearest(targets, &door, &[0.0], journey.limit_s * speed);
    let reach = walk.reach(targets, stops, most_walk_m);
    let total = |target: usize| {
        let rides = reach.of(target).iter().filter_map(|&(stop, way_m)| {
            let arrival = arrivals[stop as usize];
            let there = f64::from(arrival) + f64::from(way_m) / speed - journey.leave_s;
            (arrival < NEVER && there <= journey.limit_s).then_some(there)
        });
        rides.fold(on_foot[target] / speed, f64::min)
    };
    (0..targets.places.len()).map(total).collect()
}

#[cfg(test)]
mod tests {
    use super::super::walk::Straight;
    use super::*;
    use crate::transit::timetable::tests::loose;
    use crate::transit::timetable::{Line, Mode, Stop, Timetable, patterns_of};

    #[test]
    fn a_ride_counts_walk_wait_ride_and_walk() {
        let stop = |x: f64| Stop {
            id: format!("{x}"),
            name: String::new(),
            position: [x, 0.0],
        };
        let timetable = Timetable {
            stops: vec![stop(0.0), stop(5_000.0)],
            lines: vec![Line {
                id: "r".to_owned(),
                name: "r".to_owned(),
                mode: Mode::Bus,
            }],
            patterns: patterns_of(vec![loose(0, &[0, 1], "t", 1_200, 300)]),
            changes: Vec::new(),
        };
        let walk = Walk::Straight(Straight {
            manhattan: false,
            detour: 1.0,
        });
        let raptor = Raptor::new(&timetable, &[], 60);
        let stops = walk.targets(timetable.stops.iter().map(|s| s.position).collect(), 0.0);
        let targets = walk.targets(vec![[-300.0, 0.0], [5_200.0, 0.0], [20_000.0, 0.0]], 0.0);
        let journey = Journey {
            leave_s: 1_000.0,
            walk_m_s: 1.0,
            most_walk_s: 900.0,
            most_rides: 3,
            limit_s: 3_600.0,
        };
        let times = travel_times(
            &walk,
            &raptor,
            &stops,
            &targets,
            [-100.0, 0.0],
            0.0,
            &journey,
        );
        // 100 s of walk, 100 s of wait, 300 s of ride, 200 s of walk.
        assert_eq!(times, [200.0, 700.0, f64::INFINITY]);
        let late = Journey {
            leave_s: 1_101.0,
            ..journey
        };
        let times = travel_times(&walk, &raptor, &stops, &targets, [-100.0, 0.0], 0.0, &late);
        assert_eq!(times[1], f64::INFINITY, "the last bus has left");
    }
}
