//! What a vehicle asks of a signal, what it is answered, and the two ways in which a request arrives.
//!
//! Names and states follow ISO 19091 (SREM and SSEM), from memory of the standard. A telegram after R09 (VDV 420) is another source of the
//! same request.

use std::collections::BTreeMap;
use std::fmt;

use crate::traffic::network::VehicleClass;

/// A request for priority at one intersection.
#[derive(Clone, Debug, PartialEq)]
pub struct PriorityRequest {
    /// Vehicle: number of its trip in the demand, or a number of the source above [`FOREIGN_VEHICLE`].
    pub vehicle: u32,
    /// Signal in the network.
    pub intersection: u32,
    /// Lane before the stop line.
    pub in_lane: u32,
    /// Lane behind the junction.
    pub out_lane: u32,
    /// Expected time at the stop line on the clock of the run if nothing but traffic ahead hinders it (s).
    pub eta_s: f64,
    /// Lateness against the timetable (s, early is negative); none when no timetable is known.
    pub late_s: Option<f64>,
    /// Persons on board by assumption of the study.
    pub occupancy: f64,
    /// Class of the vehicle.
    pub class: VehicleClass,
    /// Number of the message; a newer one replaces the older.
    pub sequence: u32,
    /// Line.
    pub line: String,
}

/// Vehicles of foreign sources (telegrams of vehicles that do not drive in the run) are numbered from here.
pub const FOREIGN_VEHICLE: u32 = 1 << 31;

/// State of a request, with the names of the standard (SSEM).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RequestState {
    /// Received, waits for a check.
    Requested,
    /// Being checked; no decision yet, or a later moment is better.
    Processing,
    /// The signal gives way, but others go first: watch them.
    WatchOtherTraffic,
    /// Granted.
    Granted,
    /// Rejected.
    Rejected,
    /// Ended because it lasted too long.
    MaxPresence,
    /// Barred for a while because the signal has given enough lately.
    ReserviceLocked,
}

impl RequestState {
    /// Name of the standard.
    pub fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Processing => "processing",
            Self::WatchOtherTraffic => "watchOtherTraffic",
            Self::Granted => "granted",
            Self::Rejected => "rejected",
            Self::MaxPresence => "maxPresence",
            Self::ReserviceLocked => "reserviceLocked",
        }
    }
}

impl fmt::Display for RequestState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a signal does for a vehicle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// Its green lasts longer.
    Extension,
    /// The green of others ends sooner.
    EarlyGreen,
    /// Its stage comes in between, then the interrupted order goes on.
    Insertion,
    /// Its stage comes before others; they follow after it.
    Rotation,
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Extension => "extension",
            Self::EarlyGreen => "early green",
            Self::Insertion => "stage insertion",
            Self::Rotation => "rotation",
        })
    }
}

/// Why a request has its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// First heard of.
    New,
    /// A stop lies before the signal and the vehicle is not about to leave it.
    StopAhead,
    /// The programme serves the vehicle well without help.
    GreenAnyway,
    /// The passengers gain more than the others lose.
    GainExceedsLoss,
    /// No measure gains more than the others lose.
    LossExceedsGain,
    /// Another measure or moment is better; it is waited for.
    LaterIsBetter,
    /// The signal is between two greens.
    Switching,
    /// Not late enough.
    NotLate,
    /// Lateness is asked for, but there is no timetable for the vehicle.
    NoTimetable,
    /// Too few persons on board.
    TooFewPersons,
    /// The line or class is not among those with priority.
    NotEligible,
    /// The seconds of this cycle are used up, or a stage has not got back what it gave.
    BudgetUsed,
    /// The request lasts longer than allowed.
    TooLong,
    /// Another vehicle's request was served by the measure.
    ServedWithOthers,
    /// The vehicle has passed the stop line.
    Passed,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::New => "request received",
            Self::StopAhead => "a stop lies before the signal",
            Self::GreenAnyway => "the programme serves the vehicle without help",
            Self::GainExceedsLoss => "the passengers gain more than the others lose",
            Self::LossExceedsGain => "the others would lose more than the passengers gain",
            Self::LaterIsBetter => "a later moment is better",
            Self::Switching => "the signal is between two greens",
            Self::NotLate => "the vehicle is not late enough",
            Self::NoTimetable => "no timetable for the vehicle",
            Self::TooFewPersons => "too few persons on board",
            Self::NotEligible => "line or class without priority",
            Self::BudgetUsed => "the seconds of this cycle are used up",
            Self::TooLong => "the request lasts longer than allowed",
            Self::ServedWithOthers => "served together with another request",
            Self::Passed => "the vehicle has passed",
        })
    }
}

/// Kind of a reporting point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointKind {
    /// Announces early.
    PreAnnouncement,
    /// Checks in near the signal.
    CheckIn,
    /// Checks out behind the line.
    CheckOut,
}

/// A reporting point of telegrams.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReportingPoint {
    /// Kind.
    pub kind: PointKind,
    /// Signal in the network.
    pub intersection: u32,
    /// Lane before the stop line.
    pub in_lane: u32,
    /// Usual travel time to the stop line (s).
    pub travel_s: f64,
    /// Lanes behind the junction by the telegram's direction: 0 straight, 1 left, 2 right; `NONE` where that is no way.
    pub out_lanes: [u32; 3],
}

/// A telegram with the fields of R09.16 (VDV 420), written as `R09.16;point;line;course;destination;deviation_min;priority;direction`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Telegram {
    /// Reporting point.
    pub point: u32,
    /// Line.
    pub line: u32,
    /// Course of the line.
    pub course: u32,
    /// Destination.
    pub destination: u32,
    /// Deviation from the timetable (min, early is negative).
    pub deviation_min: i32,
    /// Level of priority, 0 to 3.
    pub priority: u8,
    /// Direction: 0 straight, 1 left, 2 right.
    pub direction: u8,
}

/// A telegram that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TelegramError {
    /// Not of this form.
    #[error(
        "telegram `{text}`: expected `R09.16;point;line;course;destination;deviation_min;priority;direction`"
    )]
    Form {
        /// The telegram.
        text: String,
    },
    /// A field that is no number in its range.
    #[error("telegram `{text}`: {field} is `{found}`, expected {expected}")]
    Field {
        /// The telegram.
        text: String,
        /// Field.
        field: &'static str,
        /// What it says.
        found: String,
        /// What it may say.
        expected: &'static str,
    },
    /// A point that is not in the table.
    #[error("telegram names reporting point {point}, which is not in the table of points")]
    UnknownPoint {
        /// The point.
        point: u32,
    },
    /// A direction that the point does not lead to.
    #[error(
        "telegram of reporting point {point} asks for direction {direction}, which does not exist there"
    )]
    NoDirection {
        /// The point.
        point: u32,
        /// The direction.
        direction: u8,
    },
}

impl Telegram {
    /// Reads a telegram.
    pub fn parse(text: &str) -> Result<Self, TelegramError> {
        let fields: Vec<&str> = text.trim().split(';').collect();
        if fields.len() != 8 || fields[0] != "R09.16" {
            return Err(TelegramError::Form {
                text: text.to_owned(),
            });
        }
        let number =
            |index: usize, field: &'static str, range: (i64, i64), expected: &'static str| {
                fields[index]
                    .parse::<i64>()
                    .ok()
                    .filter(|value| (range.0..=range.1).contains(value))
                    .ok_or_else(|| TelegramError::Field {
                        text: text.to_owned(),
                        field,
                        found: fields[index].to_owned(),
                        expected,
                    })
            };
        Ok(Self {
            point: number(1, "point", (0, 65_535), "0 to 65535")? as u32,
            line: number(2, "line", (0, 999), "0 to 999")? as u32,
            course: number(3, "course", (0, 99), "0 to 99")? as u32,
            destination: number(4, "destination", (0, 999), "0 to 999")? as u32,
            deviation_min: number(5, "deviation_min", (-127, 127), "-127 to 127 minutes")? as i32,
            priority: number(6, "priority", (0, 3), "0 to 3")? as u8,
            direction: number(7, "direction", (0, 2), "0 straight, 1 left, 2 right")? as u8,
        })
    }

    /// What a telegram received at `now_s` says to a signal: a request, or none with the vehicle to forget when it checks out.
    /// The vehicle is numbered by line and course, `sequence` by the kind of point.
    pub fn message(
        &self,
        points: &BTreeMap<u32, ReportingPoint>,
        occupancy: f64,
        now_s: f64,
    ) -> Result<Message, TelegramError> {
        let unknown = TelegramError::UnknownPoint { point: self.point };
        let point = points.get(&self.point).ok_or(unknown)?;
        let vehicle = FOREIGN_VEHICLE + self.line * 100 + self.course;
        if point.kind == PointKind::CheckOut {
            return Ok(Message::CheckOut {
                vehicle,
                intersection: point.intersection,
            });
        }
        let out_lane = point.out_lanes[usize::from(self.direction)];
        if out_lane == crate::traffic::network::NONE {
            return Err(TelegramError::NoDirection {
                point: self.point,
                direction: self.direction,
            });
        }
        Ok(Message::Request(PriorityRequest {
            vehicle,
            intersection: point.intersection,
            in_lane: point.in_lane,
            out_lane,
            eta_s: now_s + point.travel_s,
            late_s: Some(f64::from(self.deviation_min) * 60.0),
            occupancy,
            class: VehicleClass::Bus,
            sequence: u32::from(point.kind == PointKind::CheckIn),
            line: self.line.to_string(),
        }))
    }
}

/// What a telegram says to a signal.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// A request, new or newer.
    Request(PriorityRequest),
    /// The vehicle has passed.
    CheckOut {
        /// Vehicle.
        vehicle: u32,
        /// Signal.
        intersection: u32,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traffic::network::NONE;

    fn points() -> BTreeMap<u32, ReportingPoint> {
        let point = |kind| ReportingPoint {
            kind,
            intersection: 3,
            in_lane: 17,
            travel_s: 25.0,
            out_lanes: [40, NONE, 41],
        };
        BTreeMap::from([
            (100, point(PointKind::CheckIn)),
            (101, point(PointKind::CheckOut)),
        ])
    }

    #[test]
    fn telegram_becomes_the_same_request_as_any_other() {
        let telegram = Telegram::parse("R09.16;100;26;7;340;2;1;2").unwrap();
        let Message::Request(request) = telegram.message(&points(), 30.0, 1000.0).unwrap() else {
            panic!("a check-in is a request");
        };
        assert_eq!(request.vehicle, FOREIGN_VEHICLE + 2607);
        assert_eq!(
            (request.intersection, request.in_lane, request.out_lane),
            (3, 17, 41)
        );
        assert_eq!((request.eta_s, request.late_s), (1025.0, Some(120.0)));
        let out = Telegram::parse("R09.16;101;26;7;340;-1;0;0").unwrap();
        assert_eq!(
            out.message(&points(), 30.0, 0.0).unwrap(),
            Message::CheckOut {
                vehicle: FOREIGN_VEHICLE + 2607,
                intersection: 3
            }
        );
    }

    #[test]
    fn faulty_telegrams_are_told_apart() {
        assert!(matches!(
            Telegram::parse("R09.14;1;2"),
            Err(TelegramError::Form { .. })
        ));
        for (text, field) in [
            ("R09.16;x;26;7;340;2;1;0", "point"),
            ("R09.16;1;26;7;340;2;9;0", "priority"),
            ("R09.16;1;26;7;340;2;1;3", "direction"),
        ] {
            match Telegram::parse(text) {
                Err(TelegramError::Field { field: found, .. }) => assert_eq!(found, field),
                other => panic!("{other:?}"),
            }
        }
        let lost = Telegram::parse("R09.16;5;26;7;340;2;1;0").unwrap();
        assert_eq!(
            lost.message(&points(), 1.0, 0.0),
            Err(TelegramError::UnknownPoint { point: 5 })
        );
        let nowhere = Telegram::parse("R09.16;100;26;7;340;2;1;1").unwrap();
        assert!(matches!(
            nowhere.message(&points(), 1.0, 0.0),
            Err(TelegramError::NoDirection { .. })
        ));
    }
}
