//! Timetable of the sample city: the stops and headways of its three bus lines in the traffic, run all day. Generated, no timetable stands
//! behind it.

use crate::traffic::sample::{SampleLine, sample_lines};

use super::timetable::{Line, LooseTrip, Mode, Stop, Timetable, Trip, patterns_of};

/// First and last departure from the edge of the map (s): 05:00 and 24:00. Own assumption.
const HOURS_S: [i32; 2] = [18_000, 86_400];

/// Speed (m/s) of a bus with its stops: 18 km/h; city buses have 15 to 20 km/h. Own assumption.
const BUS_M_S: f64 = 5.0;

/// The timetable. `local` takes easting and northing (EPSG:25832) to the plane of the study. Each direction ends at the edge of the map, where
/// the line goes on: its last stop in the map can be boarded like the others.
pub fn sample_timetable(local: impl Fn([f64; 2]) -> [f64; 2]) -> Timetable {
    let mut timetable = Timetable::default();
    let mut loose = Vec::new();
    for (number, line) in sample_lines().iter().enumerate() {
        timetable.lines.push(Line {
            id: line.line.to_owned(),
            name: line.line.to_owned(),
            mode: Mode::Bus,
        });
        for way in 0..line.ways.len() {
            let first = timetable.stops.len() as u32;
            let stops = line.ways[way].iter().enumerate();
            timetable.stops.extend(stops.map(|(k, stop)| Stop {
                id: format!("{}.{way}.{k}", line.line),
                name: stop.name.clone(),
                position: local(stop.position),
            }));
            let numbers: Vec<u32> = (first..timetable.stops.len() as u32).collect();
            if numbers.len() >= 2 {
                loose.extend(trips(line, number as u32, way, &numbers));
            }
        }
    }
    timetable.patterns = patterns_of(loose);
    timetable
}

/// Trips of one direction; the way back runs half a headway later.
fn trips<'a>(
    line: &'a SampleLine,
    number: u32,
    way: usize,
    stops: &'a [u32],
) -> impl Iterator<Item = LooseTrip> + 'a {
    let headway_s = line.headway_s as i32;
    let first_s = HOURS_S[0] + line.first_s as i32 + way as i32 * headway_s / 2;
    (first_s..=HOURS_S[1])
        .step_by(headway_s as usize)
        .map(move |start_s| {
            let time = |way_m: f64| start_s + (way_m / BUS_M_S).round() as i32;
            LooseTrip {
                line: number,
                stops: stops.to_vec(),
                boarding: vec![true; stops.len()],
                alighting: vec![true; stops.len()],
                trip: Trip {
                    id: format!("{}.{way}.{start_s}", line.line),
                    times: line.ways[way].iter().map(|s| [time(s.way_m); 2]).collect(),
                },
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_lines_run_both_ways_all_day() {
        let timetable = sample_timetable(|place| place);
        assert_eq!(timetable.lines.len(), 3);
        for line in 0..3 {
            let ways = timetable.patterns.iter().filter(|p| p.line == line);
            assert_eq!(ways.clone().count(), 2, "line {line}");
            for pattern in ways {
                assert!(pattern.stops.len() >= 3, "line {line}");
                let times = &pattern.trips[0].times;
                assert!(times.windows(2).all(|pair| pair[0][1] < pair[1][0]));
            }
        }
        let departures = timetable.departures();
        let busiest = departures.iter().map(Vec::len).max().unwrap();
        // 19 hours with a bus every five minutes.
        assert!((220..=229).contains(&busiest), "{busiest}");
    }
}
