//! The study on the sample city, small enough for every test run.

use crate::city::City;
use crate::city::load::load_city;
use crate::city::sources::Roots;
use crate::job::Job;
use crate::result::{Cell, Quality, SimulationResult};
use crate::scenario::Scenario;
use crate::scenario::load::parse_scenario;
use crate::shuttle::params::ShuttleService;
use crate::shuttle::service::check::check_run;

use super::input::{DemandKind, share_of_day, shuttle_input};
use super::movement::drawn_m;
use super::run::{ShuttleRuns, run, simulate};
use super::score::METRIC;
use super::tables;

const SETTINGS: &str = r#"
[scenario]
version = 1
name = "test"
city = "sample:hafenquartier"

[shuttles]
network = "sample:hafenquartier"
begin_h = 7
end_h = 8
vehicles = 4
seeds = 2
fleet_sizes = [1, 8]

[shuttles.generated]
requests = 60
"#;

/// The scenario and its city.
fn sample() -> (City, Scenario) {
    let (scenario, _) = parse_scenario(SETTINGS, "test.toml", &Roots::default()).unwrap();
    let city = load_city(&scenario, &Roots::default(), &Job::default()).unwrap();
    (city, scenario)
}

fn result(city: &City, scenario: &Scenario) -> SimulationResult {
    simulate(
        city,
        scenario,
        &Roots::default(),
        Quality::Exact,
        &Job::default(),
    )
    .unwrap()
}

fn rows(result: &SimulationResult, id: &str) -> Vec<Vec<Cell>> {
    let table = result.tables.iter().find(|table| table.id == id);
    table.map(|table| table.rows.clone()).unwrap_or_default()
}

#[test]
fn the_sample_city_gets_a_service_whose_tables_agree() {
    let (city, scenario) = sample();
    let input = shuttle_input(&city, &scenario, &Roots::default(), 2, &Job::default()).unwrap();
    assert!(matches!(input.demand, DemandKind::People { inhabitants, .. } if inhabitants > 500.0));
    let runs = run(&input, &[], &Job::default()).unwrap();
    let (service, first, figures) = runs.fleets[0].seeds[0].detail.as_ref().unwrap();
    assert_eq!(check_run(service, first), Vec::<String>::new());
    assert_eq!(figures.served, 60, "{figures:?}");
    let driven_m = figures.km * 1000.0;
    let drawn = drawn_m(service, &first.vehicles);
    assert!((drawn / driven_m - 1.0).abs() < 0.05, "{drawn} {driven_m}");

    let log = |most| tables::log(&input, &runs.fleets[0], most).unwrap();
    let ((whole, none), (cut, left_out)) = (log(tables::MOST_LOGGED), log(10));
    assert_eq!((none, cut.rows.len()), (0, 10));
    assert_eq!(cut.rows.len() + left_out, whole.rows.len());

    let result = result(&city, &scenario);
    assert_eq!(rows(&result, "shuttle_seeds").len(), 2);
    assert_eq!(rows(&result, "shuttle_seeds")[0].len(), METRIC.len() + 1);
    assert_eq!(rows(&result, "shuttle_requests").len(), 60);
    assert_eq!(rows(&result, "shuttle_vehicles").len(), 4);
    let sizes: Vec<String> = rows(&result, "shuttle_fleets")
        .iter()
        .map(|row| row[0].plain())
        .collect();
    assert_eq!(sizes, ["1", "4", "8"]);
    let alights = rows(&result, "shuttle_log");
    let alights = alights
        .iter()
        .filter(|row| row[3] == Cell::Key("shuttle-alights"));
    assert_eq!(alights.count(), figures.served);
    let movement = result.movement.as_ref().unwrap();
    assert!(movement.frames.len() > 1000);
    assert!(movement.frames.iter().all(|frame| frame.places.len() == 4));
    assert!(
        result
            .indicators
            .iter()
            .any(|i| i.id == "shuttle_served_percent")
    );
}

#[test]
fn wishes_of_the_night_are_no_part_of_the_day_of_the_service() {
    let (city, scenario) = sample();
    let input = shuttle_input(&city, &scenario, &Roots::default(), 1, &Job::default()).unwrap();
    let mut runs = run(&input, &[], &Job::default()).unwrap();
    let asked = |runs: &ShuttleRuns| -> Vec<String> {
        let day = tables::day(&input, &runs.fleets[0]).unwrap();
        day.rows.iter().map(|row| row[1].plain()).collect()
    };
    let before = asked(&runs);
    let all = |counts: &[String]| {
        counts
            .iter()
            .map(|n| n.parse::<u32>().unwrap())
            .sum::<u32>()
    };
    assert_eq!((before.len(), all(&before)), (2, 60));
    let (service, ..) = runs.fleets[0].seeds[0].detail.as_mut().unwrap();
    for wish in std::sync::Arc::make_mut(&mut service.requests)
        .iter_mut()
        .take(5)
    {
        // Booked in the night for the night, which the service turned away.
        (wish.asked_s, wish.ready_s) = (3600.0, 3.0 * 3600.0);
    }
    assert_eq!(all(&asked(&runs)), 55);
}

#[test]
fn a_variant_changes_the_service_and_no_vehicles_serve_nobody() {
    let (mut city, scenario) = sample();
    city.shuttle_changes = std::sync::Arc::new(vec![
        ShuttleService {
            vehicles: Some(3),
            stop_spacing_m: Some(200.0),
            ..ShuttleService::default()
        },
        ShuttleService {
            vehicles: Some(0),
            ..ShuttleService::default()
        },
    ]);
    let result = result(&city, &scenario);
    assert!(!rows(&result, "shuttle_stops").is_empty());
    let outcomes = rows(&result, "shuttle_requests");
    assert!(
        outcomes
            .iter()
            .all(|row| row[5] == Cell::Key("shuttle-rejected"))
    );
    let reason = |key: &'static str| {
        outcomes
            .iter()
            .filter(|row| row[6] == Cell::Key(key))
            .count()
    };
    assert!(reason("shuttle-reason-no-vehicle") > 20);
    assert!(
        result
            .findings
            .iter()
            .any(|f| f.code == "shuttle-nobody-served")
    );
}

#[test]
fn the_demand_of_a_day_is_the_sum_of_its_parts() {
    let parts = share_of_day([0.0, 30_000.0]) + share_of_day([30_000.0, 86_400.0]);
    assert!((parts - 1.0).abs() < 1e-9);
    assert!((share_of_day([86_400.0, 90_000.0]) - share_of_day([0.0, 3600.0])).abs() < 1e-12);
}

#[test]
fn every_request_has_a_story_that_agrees_with_the_tables() {
    let (mut city, scenario) = sample();
    city.shuttle_changes = std::sync::Arc::new(vec![ShuttleService {
        vehicles: Some(2),
        stop_spacing_m: Some(200.0),
        ..ShuttleService::default()
    }]);
    let result = result(&city, &scenario);
    let movement = result.movement.as_ref().unwrap();
    let (wishes, requests) = (&movement.stories.wishes, rows(&result, "shuttle_requests"));
    assert_eq!(wishes.len(), requests.len());
    let mut reasons = 0;
    for (wish, row) in wishes.iter().zip(&requests) {
        assert_eq!(Cell::Text(wish.request.clone()), row[0]);
        assert_eq!(Cell::Key(wish.outcome), row[5]);
        let reason = wish.reason.map_or(Cell::Empty, Cell::Key);
        assert_eq!(reason, row[6]);
        reasons += usize::from(wish.reason.is_some());
        // Who rides is where the vehicle is, and boards where that halts.
        if let (Some(vehicle), Some([from, to])) = (wish.vehicle, wish.halts) {
            assert!(from.stop.is_some() && to.stop.is_some());
            for (time_s, halt) in [(wish.boards_s, from), (wish.alights_s, to)] {
                let (place, _) = movement.place_of(vehicle, f64::from(time_s)).unwrap();
                let away = (0..2).map(|i| {
                    let there = f64::from(halt.place[i]) + movement.corner[i];
                    (f64::from(place[i]) - there).powi(2)
                });
                // A frame is a second: a vehicle that has just come or gone.
                let away_m = away.sum::<f64>().sqrt();
                assert!(away_m < 20.0, "{}: {away_m} m", wish.request);
            }
        }
    }
    assert!(reasons > 5 && reasons < wishes.len(), "{reasons}");
    let away = &movement.stories.turned_away;
    assert_eq!(away.len(), reasons);
    let asked_s = |n: &u32| wishes[*n as usize].asked_s;
    assert!(away.is_sorted_by(|a, b| asked_s(a) <= asked_s(b)));
    for (number, shuttle) in movement.stories.shuttles.iter().enumerate() {
        for &ride in &shuttle.rides {
            let wish = &wishes[ride as usize];
            assert_eq!(wish.vehicle, Some(number as u32), "{}", wish.request);
        }
    }
    let used: Vec<&str> = movement
        .roads
        .stops
        .iter()
        .map(|s| s.name.as_str())
        .collect();
    assert!(used.len() > 3);
}
