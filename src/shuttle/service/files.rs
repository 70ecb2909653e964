//! Streets, requests and tables of trips between zones from files.

use std::collections::BTreeMap;
use std::path::Path;

use super::demand::{End, Trip};
use super::streets::{Arc, Streets};
use super::table::{Rows, TableError};
use crate::traffic::random::uniform;

/// Farthest that a coordinate may lie from the origin (m).
const FAR_M: f64 = 1e8;

/// Longest time (s): a week.
const WEEK_S: f64 = 604_800.0;

/// Reads streets as FleetPy has them: `nodes.csv` (node_index, is_stop_only, pos_x, pos_y; m) and `edges.csv` (from_node, to_node,
/// distance in m, travel_time in s, source_edge_id).
pub fn read_fleetpy_streets(nodes: &Path, edges: &Path) -> Result<Streets, TableError> {
    let table = Rows::read(
        nodes,
        &["node_index", "pos_x", "pos_y"],
        &["is_stop_only", "chargers"],
    )?;
    let mut places = Vec::with_capacity(table.len());
    for row in 0..table.len() {
        let index = table.number(row, "node_index", 0.0..=4e9, None)?;
        if index != row as f64 {
            return Err(table.fault(
                row,
                "node-order",
                "nodes must be numbered from 0 without a gap".to_owned(),
                table.text(row, "node_index"),
                format!("{row}"),
                "sort the nodes by their index",
            ));
        }
        let limits = -FAR_M..=FAR_M;
        places.push([
            table.number(row, "pos_x", limits.clone(), None)?,
            table.number(row, "pos_y", limits, None)?,
        ]);
    }
    let table = Rows::read(
        edges,
        &["from_node", "to_node", "distance", "travel_time"],
        &["source_edge_id"],
    )?;
    let last = places.len() as f64 - 1.0;
    let mut arcs = Vec::with_capacity(table.len());
    for row in 0..table.len() {
        arcs.push(Arc {
            tail: table.number(row, "from_node", 0.0..=last, None)? as u32,
            head: table.number(row, "to_node", 0.0..=last, None)? as u32,
            length_m: table.number(row, "distance", 0.0..=FAR_M, None)? as f32,
            time_s: table.number(row, "travel_time", 0.0..=WEEK_S, None)? as f32,
            shape: Vec::new(),
        });
    }
    Ok(Streets::new(places, arcs))
}

/// Reads requests as FleetPy has them: rq_time (s), start and end (nodes), request_id.
pub fn read_fleetpy_requests(path: &Path, nodes: usize) -> Result<Vec<Trip>, TableError> {
    let table = Rows::read(path, &["rq_time", "start", "end"], &["request_id"])?;
    let last = nodes as f64 - 1.0;
    (0..table.len())
        .map(|row| {
            let time_s = table.number(row, "rq_time", 0.0..=WEEK_S, None)?;
            let node = |column| table.number(row, column, 0.0..=last, None);
            Ok(Trip {
                name: name(&table, row, "request_id"),
                asked_s: time_s,
                leave_s: time_s,
                from: End::Node(node("start")? as u32),
                to: End::Node(node("end")? as u32),
                persons: 1,
                wheelchairs: 0,
            })
        })
        .collect()
}

fn name(table: &Rows, row: usize, column: &str) -> String {
    match table.text(row, column) {
        "" => (row + 1).to_string(),
        text => text.to_owned(),
    }
}

/// Reads requests: `asked_s`, `from_easting`, `from_northing`, `to_easting`, `to_northing` (m, in the coordinate reference system of the
/// city); optional `id`, `leave_s` (default: when asked), `persons` (1) and `wheelchairs` (0). `local` makes coordinates places on the
/// plane of the streets.
pub fn read_requests(
    path: &Path,
    local: &dyn Fn([f64; 2]) -> [f64; 2],
) -> Result<Vec<Trip>, TableError> {
    let table = Rows::read(
        path,
        &[
            "asked_s",
            "from_easting",
            "from_northing",
            "to_easting",
            "to_northing",
        ],
        &["id", "leave_s", "persons", "wheelchairs"],
    )?;
    let mut trips = Vec::with_capacity(table.len());
    for row in 0..table.len() {
        let asked_s = table.number(row, "asked_s", 0.0..=WEEK_S, None)?;
        let place = |easting, northing| {
            let limits = -FAR_M..=FAR_M;
            Ok::<_, TableError>(End::Place(local([
                table.number(row, easting, limits.clone(), None)?,
                table.number(row, northing, limits, None)?,
            ])))
        };
        trips.push(Trip {
            name: name(&table, row, "id"),
            asked_s,
            // Before it is asked: counted as impossible, not refused to be read.
            leave_s: table.number(row, "leave_s", 0.0..=WEEK_S, Some(asked_s))?,
            from: place("from_easting", "from_northing")?,
            to: place("to_easting", "to_northing")?,
            persons: table.number(row, "persons", 0.0..=1000.0, Some(1.0))? as u16,
            wheelchairs: table.number(row, "wheelchairs", 0.0..=1000.0, Some(0.0))? as u16,
        });
    }
    Ok(trips)
}

/// A zone of a table of trips: trips begin and end anywhere in its circle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Zone {
    /// Middle (m).
    pub at: [f64; 2],
    /// Radius (m).
    pub radius_m: f64,
}

/// Reads zones: `zone`, `easting`, `northing`, `radius_m`.
pub fn read_zones(
    path: &Path,
    local: &dyn Fn([f64; 2]) -> [f64; 2],
) -> Result<BTreeMap<String, Zone>, TableError> {
    let table = Rows::read(path, &["zone", "easting", "northing", "radius_m"], &[])?;
    let mut zones = BTreeMap::new();
    for row in 0..table.len() {
        let limits = -FAR_M..=FAR_M;
        let zone = Zone {
            at: local([
                table.number(row, "easting", limits.clone(), None)?,
                table.number(row, "northing", limits, None)?,
            ]),
            radius_m: table.number(row, "radius_m", 0.0..=1e6, None)?,
        };
        let name = table.text(row, "zone").to_owned();
        if zones.insert(name.clone(), zone).is_some() {
            return Err(table.fault(
                row,
                "duplicate-id",
                format!("two zones are named `{name}`"),
                &name,
                "a name of its own".to_owned(),
                "rename one",
            ));
        }
    }
    Ok(zones)
}

/// Reads a table of trips between zones (`from_zone`, `to_zone`, `trips`; optional `begin_s` and `end_s`, default `span`) and draws single
/// trips from it: their number as the table says (the rest after the point by chance), times and places evenly within span and circle.
pub fn read_od(
    path: &Path,
    zones: &BTreeMap<String, Zone>,
    span: [f64; 2],
    seed: u64,
) -> Result<Vec<Trip>, TableError> {
    let table = Rows::read(
        path,
        &["from_zone", "to_zone", "trips"],
        &["begin_s", "end_s"],
    )?;
    let mut trips = Vec::new();
    for row in 0..table.len() {
        let zone = |column| {
            let name = table.text(row, column);
            zones.get(name).copied().ok_or_else(|| {
                table.fault(
                    row,
                    "unknown-zone",
                    format!("there is no zone `{name}`"),
                    name,
                    "a zone of the table of zones".to_owned(),
                    "add the zone or correct its name",
                )
            })
        };
        let (from, to) = (zone("from_zone")?, zone("to_zone")?);
        let count = table.number(row, "trips", 0.0..=1e7, None)?;
        let begin_s = table.number(row, "begin_s", 0.0..=WEEK_S, Some(span[0]))?;
        let end_s = table.number(row, "end_s", begin_s..=WEEK_S, Some(span[1].max(begin_s)))?;
        let random = |trip: u64, what: u64| f64::from(uniform(seed, row as u64, trip, 64 + what));
        let whole = count.floor() as u64 + u64::from(random(0, 7) < count.fract());
        for trip in 1..=whole {
            let place = |zone: Zone, what: u64| {
                let (angle, share) = (
                    std::f64::consts::TAU * random(trip, what),
                    random(trip, what + 1).sqrt(),
                );
                let far = zone.radius_m * share;
                End::Place([
                    zone.at[0] + far * angle.cos(),
                    zone.at[1] + far * angle.sin(),
                ])
            };
            let time_s = begin_s + (end_s - begin_s) * random(trip, 4);
            trips.push(Trip {
                name: format!(
                    "{}-{} {trip}",
                    table.text(row, "from_zone"),
                    table.text(row, "to_zone")
                ),
                asked_s: time_s,
                leave_s: time_s,
                from: place(from, 0),
                to: place(to, 2),
                persons: 1,
                wheelchairs: 0,
            });
        }
    }
    trips.sort_by(|a, b| a.asked_s.total_cmp(&b.asked_s));
    Ok(trips)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> std::path::PathBuf {
        let folder =
            std::env::temp_dir().join(format!("planspiel-shuttles-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    const HEAD: &str = "id,asked_s,from_easting,from_northing,to_easting,to_northing,persons\n";

    #[test]
    fn requests_are_read_and_faults_have_line_and_help() {
        let read = |name: &str, text: &str| read_requests(&file(name, text), &|at| at);
        let good = read(
            "good.csv",
            &format!("{HEAD}a,60,1,2,3,4,\nb,70,1,2,3,4,3\n"),
        )
        .unwrap();
        assert_eq!(good.len(), 2);
        assert_eq!((good[0].persons, good[1].persons), (1, 3));
        assert_eq!(good[1].to, End::Place([3.0, 4.0]));
        let fault = |name: &str, text: &str| {
            let error = read(name, text).unwrap_err();
            (error.code, error.place)
        };
        let at = |line| format!("bad{line}.csv:{line}");
        assert_eq!(
            fault(
                "bad3.csv",
                &format!("{HEAD}a,60,1,2,3,4,1\nb,-5,1,2,3,4,1\n")
            ),
            ("bad-number", at(3))
        );
        assert_eq!(
            fault("bad2.csv", &format!("{HEAD}a,60,1,2,3,4\n")),
            ("bad-table", at(2))
        );
        assert_eq!(
            fault("bad1.csv", "asked_s,from_easting,from_north\n"),
            ("unknown-column", at(1))
        );
        assert_eq!(fault("bad1.csv", "asked_s\n1\n"), ("missing-column", at(1)));
        let missing = read_requests(Path::new("nowhere.csv"), &|at| at).unwrap_err();
        assert_eq!((missing.code, missing.exit_code), ("file", 66));
        assert!(missing.to_string().contains("help:"));
    }

    #[test]
    fn a_table_of_zones_gives_as_many_trips_as_it_says() {
        let zones = file(
            "zones.csv",
            "zone,easting,northing,radius_m\na,0,0,100\nb,1000,0,50\n",
        );
        let zones = read_zones(&zones, &|at| at).unwrap();
        let od = file("od.csv", "from_zone,to_zone,trips\na,b,40\nb,a,2.5\n");
        let trips = read_od(&od, &zones, [0.0, 3600.0], 1).unwrap();
        assert!(trips.len() == 42 || trips.len() == 43);
        for trip in &trips {
            let End::Place(from) = trip.from else {
                panic!("no place")
            };
            let west = from[0].hypot(from[1]) <= 100.0;
            assert!(west || (from[0] - 1000.0).hypot(from[1]) <= 50.0);
            assert!((0.0..=3600.0).contains(&trip.asked_s));
        }
        let od = file("od2.csv", "from_zone,to_zone,trips\na,c,40\n");
        assert_eq!(
            read_od(&od, &zones, [0.0, 1.0], 1).unwrap_err().code,
            "unknown-zone"
        );
    }
}
