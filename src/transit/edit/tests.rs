use super::*;
use crate::transit::timetable::tests::loose;

fn stop(name: &str, x: f64) -> Stop {
    Stop {
        id: name.to_owned(),
        name: name.to_owned(),
        position: [x, 0.0],
    }
}

/// Line "7" from A over B to C and back, every 600 s from 0 to 6000 s, each third trip ending at B.
fn seven() -> Timetable {
    let mut trips = Vec::new();
    for k in 0..=10 {
        let there: &[u32] = if k % 3 == 2 { &[0, 1] } else { &[0, 1, 2] };
        trips.push(loose(0, there, &format!("t{k}"), 600 * k, 100));
        trips.push(loose(0, &[2, 1, 0], &format!("b{k}"), 600 * k + 300, 100));
    }
    Timetable {
        stops: vec![stop("A", 0.0), stop("B", 1_000.0), stop("C", 2_000.0)],
        lines: vec![Line {
            id: "l7".to_owned(),
            name: "7".to_owned(),
            mode: Mode::Bus,
        }],
        patterns: patterns_of(trips),
        changes: Vec::new(),
    }
}

fn gaps(departures: &[i32]) -> Vec<i32> {
    departures
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .collect()
}

#[test]
fn another_headway_holds_in_both_directions_and_keeps_short_runs() {
    let mut timetable = seven();
    let edit = TransitEdit::Headway(LineHeadway {
        line: "7".to_owned(),
        headway_s: 100,
        hours_s: None,
    });
    let [before, after] = apply(&mut timetable, &edit).unwrap();
    assert_eq!([before, after], [22, 122]);
    let departures = timetable.departures();
    assert_eq!(gaps(&departures[0]), vec![100; 60]);
    assert_eq!(gaps(&departures[2]), vec![100; 60]);
    let short: usize = timetable
        .patterns
        .iter()
        .filter(|p| p.stops == [0, 1])
        .map(|p| p.trips.len())
        .sum();
    // 3 of 11 trips end at B, so 16 or 17 of 61.
    assert!((15..=18).contains(&short), "{short}");
}

#[test]
fn within_hours_the_rest_of_the_day_stays() {
    let mut timetable = seven();
    let edit = TransitEdit::Headway(LineHeadway {
        line: "l7".to_owned(),
        headway_s: 200,
        hours_s: Some([1_200, 2_400]),
    });
    apply(&mut timetable, &edit).unwrap();
    let departures = timetable.departures();
    assert_eq!(
        departures[0],
        [
            0, 600, 1_200, 1_400, 1_600, 1_800, 2_000, 2_200, 2_400, 3_000, 3_600, 4_200, 4_800,
            5_400, 6_000
        ]
    );
}

#[test]
fn a_new_stop_lies_between_its_neighbours_and_costs_its_time() {
    let mut timetable = seven();
    let edit = TransitEdit::NewStop(NewStop {
        line: "7".to_owned(),
        name: "Mitte".to_owned(),
        position: [1_500.0, 10.0],
        costs_s: 30,
    });
    apply(&mut timetable, &edit).unwrap();
    let there = timetable
        .patterns
        .iter()
        .find(|p| p.stops[0] == 0 && p.stops.len() == 4)
        .unwrap();
    assert_eq!(there.stops, [0, 1, 3, 2]);
    assert_eq!(
        there.trips[0].times,
        [[0, 0], [100, 100], [150, 180], [230, 230]]
    );
    let back = timetable.patterns.iter().find(|p| p.stops[0] == 2).unwrap();
    assert_eq!(back.stops, [2, 3, 1, 0]);
    let far = TransitEdit::NewStop(NewStop {
        line: "7".to_owned(),
        name: "Weit".to_owned(),
        position: [1_500.0, 9_000.0],
        costs_s: 30,
    });
    let error = apply(&mut timetable, &far).unwrap_err();
    assert!(
        matches!(
            error,
            TransitError::Edit {
                code: "far-stop",
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn a_new_line_runs_both_ways_and_an_old_one_can_go() {
    let mut timetable = seven();
    let stops = [(100.0, 0), (900.0, 80), (1_900.0, 90)];
    let new = NewLine {
        line: "U5".to_owned(),
        mode: Mode::Metro,
        stops: stops
            .map(|(x, run_s)| NewLineStop {
                name: format!("U {x}"),
                position: [x, 50.0],
                run_s,
            })
            .to_vec(),
        headway_s: 100,
        hours_s: [0, 1_000],
        dwell_s: 20,
        both_ways: true,
    };
    let journeys = apply(&mut timetable, &TransitEdit::NewLine(new.clone())).unwrap();
    assert_eq!(journeys, [0, 22]);
    let there = timetable.patterns.iter().find(|p| p.line == 1).unwrap();
    assert_eq!(there.trips[1].times, [[100, 100], [180, 200], [290, 290]]);
    let twice = apply(&mut timetable, &TransitEdit::NewLine(new)).unwrap_err();
    assert!(matches!(
        twice,
        TransitError::Edit {
            code: "line-exists",
            ..
        }
    ));
    let gone = TransitEdit::RemoveLine {
        line: "7".to_owned(),
    };
    assert_eq!(apply(&mut timetable, &gone).unwrap(), [22, 0]);
    let unknown = apply(&mut timetable, &gone).unwrap_err().to_string();
    assert!(unknown.contains("U5"), "{unknown}");
}
