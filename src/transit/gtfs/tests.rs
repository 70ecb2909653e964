use std::collections::BTreeMap;
use std::path::PathBuf;

use super::*;

const STOPS: &str = "stop_id,stop_name,stop_lat,stop_lon\na,Alpha,53.5,10.0\nb,Beta,53.51,10.0\nc,Gamma,53.52,10.0\n";
const ROUTES: &str = "route_id,route_short_name,route_type\nr,7,3\n";
const TRIPS: &str = "route_id,service_id,trip_id\nr,s,t1\nr,s,t2\n";
const CALENDAR: &str = "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\ns,1,1,1,1,1,0,0,20261102,20261231\n";
const TIMES: &str = "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n\
    t1,08:00:00,08:00:00,a,1\nt1,,,b,2\nt1,08:10:00,08:10:00,c,3\n\
    t2,23:50:00,23:50:00,a,1\nt2,24:05:00,24:06:00,b,2\nt2,24:20:00,24:20:00,c,3\n";

/// A folder with a feed; gone when dropped.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn folder(name: &str, changed: &[(&str, Option<&str>)]) -> Folder {
    let path = std::env::temp_dir().join(format!("planspiel-gtfs-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    let mut files: BTreeMap<&str, &str> = BTreeMap::from([
        ("stops.txt", STOPS),
        ("routes.txt", ROUTES),
        ("trips.txt", TRIPS),
        ("calendar.txt", CALENDAR),
        ("stop_times.txt", TIMES),
    ]);
    for (file, text) in changed {
        match text {
            Some(text) => files.insert(file, text),
            None => files.remove(file),
        };
    }
    for (file, text) in files {
        std::fs::write(path.join(file), text).unwrap();
    }
    Folder(path)
}

/// Degrees as they are: enough for these tests.
fn as_is([lon, lat]: [f64; 2]) -> Option<[f64; 2]> {
    Some([lon, lat])
}

fn read(folder: &Folder, date: Option<&str>) -> Result<Import, TransitError> {
    read_gtfs(&folder.0, date.map(|d| Date::parse(d).unwrap()), &as_is)
}

fn found(import: &Import, code: &str) -> usize {
    let of = import.findings.iter().filter(|f| f.code == code);
    of.map(|f| f.args["count"].parse::<usize>().unwrap()).sum()
}

#[test]
fn a_day_has_its_trips_and_those_of_the_night_before() {
    let import = read(&folder("day", &[]), Some("2026-11-17")).unwrap();
    let ids: Vec<&str> = import
        .timetable
        .patterns
        .iter()
        .flat_map(|p| &p.trips)
        .map(|t| t.id.as_str())
        .collect();
    assert_eq!(ids, ["t2 (day before)", "t1", "t2"]);
    let trips = &import.timetable.patterns[0].trips;
    assert_eq!(trips[0].times[1], [300, 360]);
    assert_eq!(trips[1].times[1], [8 * 3_600 + 300; 2], "interpolated");
    assert_eq!(trips[2].times[2], [24 * 3_600 + 1_200; 2]);
    assert_eq!(found(&import, "gtfs-interpolated"), 1);
    assert_eq!(found(&import, "gtfs-over-midnight"), 1);
    // Nothing ran on the Sunday before that Monday.
    let monday = read(&folder("monday", &[]), Some("2026-11-16")).unwrap();
    assert_eq!(monday.timetable.journeys(), 2);
    let departures = monday.timetable.departures();
    assert!(
        departures[2].is_empty(),
        "the last stop of a trip offers no boarding"
    );
}

#[test]
fn without_a_date_a_working_day_is_chosen_and_a_day_off_is_an_error() {
    let import = read(&folder("chosen", &[]), None).unwrap();
    assert_eq!(
        (import.date.to_string().as_str(), import.date_chosen),
        ("2026-11-03", true)
    );
    let error = read(&folder("off", &[]), Some("2026-11-15"))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("2026-11-15") && error.contains("2026-12-31"),
        "{error}"
    );
    let dates = "service_id,date,exception_type\ns,20261103,2\ns,20261115,1\n";
    let exceptions = folder("exceptions", &[("calendar_dates.txt", Some(dates))]);
    assert_eq!(
        read(&exceptions, None).unwrap().date.to_string(),
        "2026-11-04"
    );
    assert_eq!(
        read(&exceptions, Some("20261115"))
            .unwrap()
            .timetable
            .journeys(),
        2
    );
}

#[test]
fn missing_tables_and_columns_are_named() {
    for file in [
        "stops.txt",
        "routes.txt",
        "trips.txt",
        "stop_times.txt",
        "calendar.txt",
    ] {
        let error = read(&folder(&format!("without-{file}"), &[(file, None)]), None).unwrap_err();
        assert!(error.to_string().contains(file), "{error}");
    }
    let renamed = STOPS.replace("stop_id", "id");
    let error = read(&folder("column", &[("stops.txt", Some(&renamed))]), None)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("`stop_id`") && error.contains("stop_name"),
        "{error}"
    );
    let nowhere = read_gtfs(std::path::Path::new("/nowhere/feed.zip"), None, &as_is).unwrap_err();
    assert!(nowhere.to_string().contains("/nowhere/feed.zip"));
}

#[test]
fn stops_without_a_place_take_that_of_their_station_or_are_left_out() {
    let stops = "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station\n\
        a,Alpha,,,0,A\nA,Alpha,53.5,10.0,1,\nb,Beta,,,0,\nc,Gamma,53.52,10.0,,\n";
    let import = read(
        &folder("places", &[("stops.txt", Some(stops))]),
        Some("2026-11-16"),
    )
    .unwrap();
    assert_eq!(found(&import, "gtfs-place-of-parent"), 1);
    assert_eq!(found(&import, "gtfs-stop-without-place"), 1);
    assert_eq!(found(&import, "gtfs-call-left-out"), 2);
    let timetable = &import.timetable;
    assert!(timetable.patterns.iter().all(|p| p.stops.len() == 2));
    assert_eq!(timetable.stops[0].position, [10.0, 53.5]);
}

#[test]
fn rows_that_cannot_be_used_are_counted_with_their_line() {
    let times = format!(
        "{TIMES}t1,99:00:00,08:11:00,c,4\nt9,08:00:00,08:00:00,a,1\nt2,25:00:00,25:00:00,z,4\n"
    );
    let trips = format!("{TRIPS}r,no,t3\nnone,s,t4\n");
    let broken = folder(
        "rows",
        &[
            ("stop_times.txt", Some(&times)),
            ("trips.txt", Some(&trips)),
        ],
    );
    let import = read(&broken, Some("2026-11-16")).unwrap();
    assert_eq!(found(&import, "gtfs-unreadable"), 1);
    assert_eq!(found(&import, "gtfs-unknown-reference"), 4);
    assert_eq!(found(&import, "gtfs-trip-left-out"), 1, "t4 has no stops");
    let unknown = import
        .findings
        .iter()
        .find(|f| f.code == "gtfs-unreadable")
        .unwrap();
    assert_eq!(unknown.place.as_deref(), Some("stop_times.txt:8"));
    let backwards = TIMES
        .replace("08:10:00", "07:10:00")
        .replace("24:20:00", "23:20:00");
    let error = read(
        &folder("backwards", &[("stop_times.txt", Some(&backwards))]),
        None,
    )
    .unwrap_err();
    assert!(
        error.to_string().contains("2 x gtfs-trip-left-out"),
        "{error}"
    );
}

#[test]
fn frequencies_make_trips_or_a_service_without_times() {
    let rows = "trip_id,start_time,end_time,headway_secs,exact_times\nt1,06:00:00,07:00:00,600,1\nt2,05:00:00,06:00:00,900,\nt2,06:00:00,05:00:00,900,\n";
    let import = read(
        &folder("frequencies", &[("frequencies.txt", Some(rows))]),
        Some("2026-11-16"),
    )
    .unwrap();
    let departures = import.timetable.departures();
    let expected: Vec<i32> = (0..6).map(|k| 6 * 3_600 + 600 * k).collect();
    assert_eq!(departures[0], expected);
    let services: Vec<_> = import
        .timetable
        .patterns
        .iter()
        .flat_map(|p| &p.headways)
        .collect();
    assert_eq!(services.len(), 1);
    assert_eq!(services[0].offsets, [[0, 0], [900, 960], [1_800, 1_800]]);
    assert_eq!(import.timetable.journeys(), 10);
    assert_eq!(found(&import, "gtfs-unreadable"), 1);
}

#[test]
fn an_archive_is_read_like_a_folder() {
    let files = [
        ("feed/stops.txt", STOPS),
        ("feed/routes.txt", ROUTES),
        ("feed/trips.txt", TRIPS),
        ("feed/calendar.txt", CALENDAR),
        ("feed/stop_times.txt", TIMES),
    ];
    let path = std::env::temp_dir().join(format!("planspiel-gtfs-{}.zip", std::process::id()));
    std::fs::write(&path, crate::transit::zip::tests::archive(&files, true)).unwrap();
    let archive = read_gtfs(&path, None, &as_is).unwrap();
    std::fs::remove_file(&path).unwrap();
    let same = read(&folder("archive", &[]), None).unwrap();
    assert_eq!(archive.timetable, same.timetable);
}

#[test]
fn a_rule_for_a_station_holds_for_its_stops_and_yields_to_theirs() {
    let stops = "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station\n\
        A,Alpha,53.5,10.0,1,\na1,Alpha 1,53.5,10.0,0,A\na2,Alpha 2,53.5,10.0001,,A\na3,Alpha 3,53.5,10.0002,,A\n\
        B,Beta,53.51,10.0,1,\nb,Beta,53.51,10.0,0,B\nc,Gamma,53.52,10.0,,\n";
    let times = "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n\
        t1,08:00:00,08:00:00,a1,1\nt1,08:05:00,08:05:00,b,2\nt1,08:10:00,08:10:00,c,3\n\
        t2,09:00:00,09:00:00,a2,1\nt2,09:10:00,09:10:00,c,2\n";
    let changes = |rows: &str| {
        let rows = format!(
            "from_stop_id,to_stop_id,transfer_type,min_transfer_time,from_route_id\n{rows}"
        );
        let feed = [
            ("stops.txt", Some(stops)),
            ("stop_times.txt", Some(times)),
            ("transfers.txt", Some(rows.as_str())),
        ];
        let import = read(&folder("transfers", &feed), Some("2026-11-16")).unwrap();
        let timetable = import.timetable;
        let id = |stop: u32| timetable.stops[stop as usize].id.clone();
        let change = |c: &crate::transit::timetable::Change| (id(c.from), id(c.to), c.least_s);
        timetable.changes.iter().map(change).collect::<Vec<_>>()
    };
    let expected = |rows: &[(&str, &str, Option<i32>)]| -> Vec<(String, String, Option<i32>)> {
        let owned = |row: &(&str, &str, Option<i32>)| (row.0.to_owned(), row.1.to_owned(), row.2);
        rows.iter().map(owned).collect()
    };
    // All stops of the station that something calls at, in both orders and each for itself.
    assert_eq!(
        changes("A,A,2,120,\n"),
        expected(&[
            ("a1", "a1", Some(120)),
            ("a1", "a2", Some(120)),
            ("a2", "a1", Some(120)),
            ("a2", "a2", Some(120)),
        ])
    );
    // The nearer rule decides wherever it stands; one without a time leaves the change to the settings.
    assert_eq!(
        changes("a1,B,2,90,\na2,b,3,,\nA,B,2,240,\nA,A,2,120,\na1,a2,0,,\na2,a2,2,30,\n"),
        expected(&[
            ("a1", "a1", Some(120)),
            ("a1", "b", Some(90)),
            ("a2", "a1", Some(120)),
            ("a2", "a2", Some(30)),
            ("a2", "b", None),
        ])
    );
    // A rule of one line is none between stops.
    assert_eq!(changes("A,B,2,240,r\n"), []);
}
