//! Reads dial-a-ride files of Cordeau & Laporte and pickup-and-delivery files of Li & Lim.
//!
//! | | Cordeau & Laporte (2003, 2006) | Li & Lim (2001) |
//! |---|---|---|
//! | first line | vehicles, nodes (2n), longest route, places, longest ride | vehicles, places, speed |
//! | a row | id, x, y, service, load, earliest, latest | id, x, y, load, earliest, latest, service, pickup, delivery |
//! | pairs | node i and node n + i | the two last columns: 0, or the id of the partner |
//! | depot | row 0; an optional last row 2n + 1 is the depot where routes end | row 0 |
//! | objective | distance | fewest vehicles, then distance |
//!
//! The number of words in the first line says which of the two a file is. Distances are Euclidean and not rounded. A file with ten
//! faults reports ten faults.

use std::path::Path;

use super::error::{Fault, Faults, ShuttleError};
use super::problem::{Draft, Node, NodeId, Objective, Problem, VehicleKind};

/// Largest number of requests of a file: three matrices of 4,000 x 4,000 numbers are 400 MB.
pub const MOST_REQUESTS: usize = 2_000;

/// Reads a file of either format.
pub fn read_problem(path: &Path) -> Result<Problem, ShuttleError> {
    let bytes = std::fs::read(path).map_err(|error| ShuttleError::from_io(path, &error))?;
    let name = path.display().to_string();
    let Ok(text) = std::str::from_utf8(&bytes) else {
        let mut faults = Faults::default();
        faults.push(Fault {
            code: "not-text",
            what: "the file is no text".to_owned(),
            place: name,
            found: "bytes that are not UTF-8".to_owned(),
            expected: "a text file of numbers".to_owned(),
            help: "unpack the file if it is packed, or name another one".to_owned(),
        });
        return Err(ShuttleError::Content(faults));
    };
    parse_problem(&name, text)
}

/// Reads a text of either format; `name` is for messages.
pub fn parse_problem(name: &str, text: &str) -> Result<Problem, ShuttleError> {
    let mut reader = Reader {
        name,
        faults: Faults::default(),
    };
    let mut lines = text
        .trim_start_matches('\u{feff}')
        .lines()
        .enumerate()
        .map(|(number, line)| Line {
            number: number + 1,
            words: line.split_whitespace().collect(),
        })
        .filter(|line| !line.words.is_empty());
    let Some(head) = lines.next() else {
        reader.fault(
            "empty",
            1,
            "the file is empty",
            "nothing",
            HEADS,
            "name another file",
        );
        reader.faults.into_result()?;
        unreachable!("a fault was just reported");
    };
    let draft = match head.words.len() {
        5 => reader.cordeau(&head, lines),
        3 => reader.li_lim(&head, lines),
        count => {
            reader.fault(
                "first-line",
                head.number,
                "the first line says neither format",
                &format!("{count} words"),
                HEADS,
                "check that this is a dial-a-ride or pickup-and-delivery file",
            );
            None
        }
    };
    reader.faults.into_result()?;
    let Some(draft) = draft else {
        unreachable!("a reader that gives nothing reports a fault");
    };
    Problem::new(draft)
}

const HEADS: &str = "5 numbers (vehicles, nodes, longest route, places, longest ride: Cordeau & Laporte) or 3 (vehicles, places, speed: Li & Lim)";

struct Line<'a> {
    number: usize,
    words: Vec<&'a str>,
}

struct Reader<'a> {
    name: &'a str,
    faults: Faults,
}

impl Reader<'_> {
    fn fault(
        &mut self,
        code: &'static str,
        line: usize,
        what: &str,
        found: &str,
        expected: &str,
        help: &str,
    ) {
        self.faults.push(Fault {
            code,
            what: what.to_owned(),
            place: format!("{}:{line}", self.name),
            found: found.to_owned(),
            expected: expected.to_owned(),
            help: help.to_owned(),
        });
    }

    /// The numbers of a line; `None` after a fault per word that is none, or when the count is wrong.
    fn numbers<const N: usize>(&mut self, line: &Line<'_>, columns: [&str; N]) -> Option<[f64; N]> {
        if line.words.len() != N {
            self.fault(
                "wrong-columns",
                line.number,
                "the line has a wrong number of columns",
                &format!("{} words", line.words.len()),
                &format!("{N}: {}", columns.join(", ")),
                "correct the line",
            );
            return None;
        }
        let mut numbers = [0.0; N];
        let mut all = true;
        for ((number, word), column) in numbers.iter_mut().zip(&line.words).zip(columns) {
            match word.parse::<f64>() {
                // Larger numbers lose the digits of a schedule.
                Ok(value) if value.abs() <= 1e9 => *number = value,
                _ => {
                    all = false;
                    let shown: String = word.chars().take(40).collect();
                    self.fault(
                        "not-a-number",
                        line.number,
                        &format!("`{column}` is no usable number"),
                        &format!("`{shown}`"),
                        "a number between -1e9 and 1e9",
                        "correct the number",
                    );
                }
            }
        }
        all.then_some(numbers)
    }

    /// A number as a whole one within limits.
    fn whole(
        &mut self,
        line: usize,
        column: &str,
        value: f64,
        least: i64,
        most: i64,
    ) -> Option<i64> {
        let whole = value as i64;
        if value.fract() == 0.0 && (least..=most).contains(&whole) {
            return Some(whole);
        }
        self.fault(
            "not-whole",
            line,
            &format!("`{column}` is not usable"),
            &value.to_string(),
            &format!("a whole number from {least} to {most}"),
            "correct the number",
        );
        None
    }

    fn window(&mut self, line: usize, earliest: f64, latest: f64, service: f64) {
        if earliest > latest {
            self.fault(
                "window",
                line,
                "the time window ends before it begins",
                &format!("{earliest} to {latest}"),
                "earliest <= latest",
                "correct the two times",
            );
        }
        if service < 0.0 {
            self.fault(
                "service",
                line,
                "the service time is negative",
                &service.to_string(),
                "a number from 0 on",
                "correct the number",
            );
        }
    }

    fn too_many(&mut self, requests: usize) -> bool {
        if requests > MOST_REQUESTS {
            self.fault(
                "too-large",
                1,
                "the file has more requests than can be planned at once",
                &requests.to_string(),
                &format!("at most {MOST_REQUESTS}"),
                "split the file",
            );
        }
        requests > MOST_REQUESTS
    }

    fn cordeau<'l>(
        &mut self,
        head: &Line<'_>,
        lines: impl Iterator<Item = Line<'l>>,
    ) -> Option<Draft> {
        let [vehicles, nodes, longest, places, ride] = self.numbers(
            head,
            [
                "vehicles",
                "nodes",
                "longest route",
                "places",
                "longest ride",
            ],
        )?;
        let vehicles = self.whole(head.number, "vehicles", vehicles, 1, 10_000);
        let nodes = self.whole(head.number, "nodes", nodes, 2, i64::MAX);
        let places = self.whole(head.number, "places", places, 0, 1_000_000);
        for (column, value) in [("longest route", longest), ("longest ride", ride)] {
            if value < 0.0 {
                self.fault(
                    "negative",
                    head.number,
                    &format!("`{column}` is negative"),
                    &value.to_string(),
                    "a time from 0 on",
                    "correct the number",
                );
            }
        }
        let nodes = nodes? as usize;
        if !nodes.is_multiple_of(2) {
            self.fault(
                "odd-nodes",
                head.number,
                "the number of nodes is odd",
                &nodes.to_string(),
                "a pickup and a delivery per request",
                "correct the second number of the first line",
            );
            return None;
        }
        let n = nodes / 2;
        if self.too_many(n) {
            return None;
        }
        let (mut rows, mut places_of, mut last) = (Vec::new(), Vec::new(), head.number);
        for line in lines {
            last = line.number;
            let Some([id, x, y, service, load, earliest, latest]) = self.numbers(
                &line,
                ["id", "x", "y", "service", "load", "earliest", "latest"],
            ) else {
                // A placeholder keeps the count of rows right.
                rows.push(None);
                places_of.push([0.0, 0.0]);
                continue;
            };
            if id != rows.len() as f64 {
                self.fault(
                    "id",
                    line.number,
                    "the rows are not in order",
                    &format!("id {id}"),
                    &format!("id {}", rows.len()),
                    "number the rows from 0 (depot) without a gap",
                );
            }
            self.window(line.number, earliest, latest, service);
            let load = self.whole(line.number, "load", load, -1_000_000, 1_000_000);
            let row = rows.len();
            let (good, expected) = match row {
                0 => (load == Some(0), "0 at the depot"),
                row if row <= n => (
                    load.is_some_and(|load| load >= 0),
                    "a load from 0 on at a pickup",
                ),
                row if row <= 2 * n => (
                    load.is_some_and(|load| load <= 0),
                    "a load of 0 or less at a delivery",
                ),
                _ => (load == Some(0), "0 at the depot"),
            };
            if let Some(load) = load.filter(|_| !good) {
                self.fault(
                    "load-sign",
                    line.number,
                    "the load does not fit the row",
                    &load.to_string(),
                    expected,
                    "rows 1 to n are pickups, n + 1 to 2n deliveries; correct the load",
                );
            }
            rows.push(load.map(|load| {
                (
                    line.number,
                    Node {
                        id: row as u32,
                        earliest,
                        latest,
                        service,
                        load: [load as i32, 0],
                    },
                )
            }));
            places_of.push([x, y]);
        }
        if rows.len() != 2 * n + 1 && rows.len() != 2 * n + 2 {
            self.fault(
                "row-count",
                last,
                "the file has a wrong number of rows after the first line",
                &rows.len().to_string(),
                &format!(
                    "{} or, with a depot where routes end, {}",
                    2 * n + 1,
                    2 * n + 2
                ),
                "complete the file, or correct the second number of the first line",
            );
            return None;
        }
        let rows: Vec<(usize, Node)> = rows.into_iter().collect::<Option<_>>()?;
        for i in 1..=n {
            let (loaded, unloaded) = (rows[i].1.load[0], rows[i + n].1.load[0]);
            if loaded != -unloaded {
                self.fault(
                    "load",
                    rows[i + n].0,
                    "what is delivered is not what was picked up",
                    &format!("load {unloaded} at node {}, {loaded} at node {i}", i + n),
                    &format!("load {}", -loaded),
                    "correct one of the two loads",
                );
            }
        }
        // Our order: pickups, deliveries, depots.
        let order: Vec<usize> = (1..rows.len().min(2 * n + 1))
            .chain([0])
            .chain(2 * n + 1..rows.len())
            .collect();
        let start = (2 * n) as NodeId;
        let distance = euclidean(&order.iter().map(|&row| places_of[row]).collect::<Vec<_>>());
        Some(Draft {
            name: self.name.to_owned(),
            objective: Objective::Distance,
            nodes: order.iter().map(|&row| rows[row].1.clone()).collect(),
            max_ride: vec![ride; n],
            kinds: vec![VehicleKind {
                count: vehicles? as usize,
                capacity: [places? as i32, 0],
                start,
                end: start + (order.len() - 2 * n - 1) as NodeId,
                max_duration: longest,
            }],
            travel_time: distance.clone(),
            distance,
        })
    }

    fn li_lim<'l>(
        &mut self,
        head: &Line<'_>,
        lines: impl Iterator<Item = Line<'l>>,
    ) -> Option<Draft> {
        let [vehicles, places, speed] = self.numbers(head, ["vehicles", "places", "speed"])?;
        let vehicles = self.whole(head.number, "vehicles", vehicles, 1, 10_000);
        let places = self.whole(head.number, "places", places, 0, 1_000_000);
        if speed <= 0.0 {
            self.fault(
                "speed",
                head.number,
                "the speed is not positive",
                &speed.to_string(),
                "a number above 0",
                "correct the third number of the first line",
            );
        }
        let mut rows: Vec<Row> = Vec::new();
        for line in lines {
            let columns = [
                "id", "x", "y", "load", "earliest", "latest", "service", "pickup", "delivery",
            ];
            let Some([id, x, y, load, earliest, latest, service, pickup, delivery]) =
                self.numbers(&line, columns)
            else {
                continue;
            };
            self.window(line.number, earliest, latest, service);
            let id = self.whole(line.number, "id", id, 0, i64::from(u32::MAX));
            let load = self.whole(line.number, "load", load, -1_000_000, 1_000_000);
            let pickup = self.whole(line.number, "pickup", pickup, 0, i64::from(u32::MAX));
            let delivery = self.whole(line.number, "delivery", delivery, 0, i64::from(u32::MAX));
            let (Some(id), Some(load), Some(pickup), Some(delivery)) = (id, load, pickup, delivery)
            else {
                continue;
            };
            rows.push(Row {
                line: line.number,
                place: [x, y],
                pickup: pickup as u32,
                delivery: delivery as u32,
                node: Node {
                    id: id as u32,
                    earliest,
                    latest,
                    service,
                    load: [load as i32, 0],
                },
            });
        }
        if rows.is_empty() {
            self.fault(
                "row-count",
                head.number,
                "the file has no usable row after the first line",
                "0",
                "the depot, then a row per pickup and delivery",
                "complete the file",
            );
            return None;
        }
        let depot = rows.remove(0);
        if depot.pickup != 0 || depot.delivery != 0 || depot.node.load[0] != 0 {
            self.fault(
                "depot",
                depot.line,
                "the first row is no depot",
                &format!(
                    "load {}, partners {} and {}",
                    depot.node.load[0], depot.pickup, depot.delivery
                ),
                "load 0 and partners 0 and 0",
                "put the depot first",
            );
        }
        if self.too_many(rows.len() / 2) {
            return None;
        }
        let mut by_id = std::collections::BTreeMap::from([(depot.node.id, usize::MAX)]);
        for (index, row) in rows.iter().enumerate() {
            if by_id.insert(row.node.id, index).is_some() {
                self.fault(
                    "id-twice",
                    row.line,
                    "an id occurs twice",
                    &row.node.id.to_string(),
                    "an id of its own for every row",
                    "number the rows anew",
                );
            }
        }
        let mut pairs = Vec::new();
        for (index, row) in rows.iter().enumerate() {
            let partner_id = match (row.pickup, row.delivery) {
                (0, partner) if partner != 0 => partner,
                (partner, 0) if partner != 0 => partner,
                _ => {
                    self.fault(
                        "partner",
                        row.line,
                        "a row names not exactly one partner",
                        &format!("pickup {}, delivery {}", row.pickup, row.delivery),
                        "0 and the id of the partner",
                        "correct the two last columns",
                    );
                    continue;
                }
            };
            let partner = by_id
                .get(&partner_id)
                .filter(|&&other| other != usize::MAX && other != index);
            let Some(&partner) = partner else {
                self.fault(
                    "unknown-partner",
                    row.line,
                    "the partner does not exist",
                    &format!("id {partner_id}"),
                    "the id of another row that is not the depot",
                    "correct the two last columns",
                );
                continue;
            };
            let other = &rows[partner];
            let own = row.node.id;
            let mutual = if row.delivery != 0 {
                other.pickup == own && other.delivery == 0
            } else {
                other.delivery == own && other.pickup == 0
            };
            if !mutual {
                self.fault(
                    "one-sided",
                    row.line,
                    "the partner names another partner",
                    &format!(
                        "node {} names {} and {}",
                        other.node.id, other.pickup, other.delivery
                    ),
                    &format!("node {own}"),
                    "correct the two last columns of one of the two rows",
                );
                continue;
            }
            if row.delivery != 0 {
                let (loaded, unloaded) = (row.node.load[0], other.node.load[0]);
                if loaded < 0 || loaded != -unloaded {
                    self.fault(
                        "load",
                        row.line,
                        "what is delivered is not what was picked up",
                        &format!(
                            "load {loaded} at the pickup, {unloaded} at node {}",
                            other.node.id
                        ),
                        "a load from 0 on and its negative",
                        "correct one of the two loads",
                    );
                }
                pairs.push((index, partner));
            }
        }
        let order: Vec<&Row> = pairs
            .iter()
            .map(|&(pickup, _)| &rows[pickup])
            .chain(pairs.iter().map(|&(_, delivery)| &rows[delivery]))
            .chain([&depot])
            .collect();
        let distance = euclidean(&order.iter().map(|row| row.place).collect::<Vec<_>>());
        let depot = (2 * pairs.len()) as NodeId;
        Some(Draft {
            name: self.name.to_owned(),
            objective: Objective::VehiclesThenDistance,
            nodes: order.iter().map(|row| row.node.clone()).collect(),
            max_ride: vec![f64::INFINITY; pairs.len()],
            kinds: vec![VehicleKind {
                count: vehicles? as usize,
                capacity: [places? as i32, 0],
                start: depot,
                end: depot,
                max_duration: f64::INFINITY,
            }],
            travel_time: distance.iter().map(|distance| distance / speed).collect(),
            distance,
        })
    }
}

struct Row {
    line: usize,
    place: [f64; 2],
    pickup: u32,
    delivery: u32,
    node: Node,
}

fn euclidean(places: &[[f64; 2]]) -> Vec<f64> {
    places
        .iter()
        .flat_map(|a| places.iter().map(|b| (a[0] - b[0]).hypot(a[1] - b[1])))
        .collect()
}
