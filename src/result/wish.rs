//! Requests for shuttles over time: who asks where, waits, rides, or was turned away. Times are seconds since the begin of the run.

use std::collections::BTreeMap;

use super::movement::Movement;

/// How long (s) a request that was turned away stays on the map.
pub const REJECTED_SHOWN_S: f32 = 300.0;

/// A request for a ride, whatever became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct WishStory {
    /// Its id.
    pub request: String,
    /// Where it was asked (m east and north of the corner).
    pub from: [f32; 2],
    /// Where the person boards and alights; none where the service has no halt for it.
    pub halts: Option<[WishHalt; 2]>,
    /// When it was asked, when the person leaves, and when the person can be at the halt (s).
    pub asked_s: f32,
    /// See `asked_s`.
    pub leave_s: f32,
    /// See `asked_s`.
    pub ready_s: f32,
    /// Pickup as it was told at once, begin and end of boarding, begin of alighting (s); NaN where it did not come to that.
    pub told_s: f32,
    /// See `told_s`.
    pub boards_s: f32,
    /// See `told_s`.
    pub boarded_s: f32,
    /// See `told_s`.
    pub alights_s: f32,
    /// Direct drive, and both walks together (s).
    pub direct_s: f32,
    /// See `direct_s`.
    pub walk_s: f32,
    /// Persons, of those in wheelchairs.
    pub persons: u16,
    /// See `persons`.
    pub wheelchairs: u16,
    /// Vehicle changes before boarding.
    pub moves: u32,
    /// Others were on board.
    pub shared: bool,
    /// Text key of what became of it.
    pub outcome: &'static str,
    /// Text key of why it was turned away.
    pub reason: Option<&'static str>,
    /// Number of the vehicle that takes it.
    pub vehicle: Option<u32>,
}

/// A halt of a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WishHalt {
    /// Place (m east and north of the corner).
    pub place: [f32; 2],
    /// Street.
    pub street: u32,
    /// Number of the stop; none for a service at the door.
    pub stop: Option<u32>,
}

/// What somebody who asked does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WishState {
    /// Walks to the halt; shown where it was asked.
    Walks,
    /// Waits at the halt.
    Waits,
    /// Is on board.
    Rides,
    /// Was turned away a short while ago.
    Rejected,
}

impl WishState {
    /// Text key.
    pub fn key(self) -> &'static str {
        match self {
            Self::Walks => "shuttle-wish-walks",
            Self::Waits => "shuttle-wish-waits",
            Self::Rides => "shuttle-wish-rides",
            Self::Rejected => "shuttle-rejected",
        }
    }
}

/// A request on the map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WishMark {
    /// Number of the request.
    pub number: u32,
    /// What the person does.
    pub state: WishState,
    /// Place (m, local frame).
    pub place: [f32; 2],
    /// Marks below it at the same place.
    pub below: u32,
}

impl WishStory {
    /// What the person does at a time; none before and after.
    pub fn at(&self, time_s: f32) -> Option<WishState> {
        if self.reason.is_some() {
            let shown = self.asked_s..self.asked_s + REJECTED_SHOWN_S;
            return shown.contains(&time_s).then_some(WishState::Rejected);
        }
        // Who was never taken on board waits to the end, as does who was never brought anywhere.
        let before = |end_s: f32| end_s.is_nan() || time_s < end_s;
        if self.vehicle.is_none() || time_s < self.leave_s || !before(self.alights_s) {
            None
        } else if !before(self.boards_s) {
            Some(WishState::Rides)
        } else if time_s < self.ready_s {
            Some(WishState::Walks)
        } else {
            Some(WishState::Waits)
        }
    }
}

impl Movement {
    /// Requests on the map at a time, by number. Those at one place stand on each other.
    pub fn wishes_at(&self, time_s: f64) -> Vec<WishMark> {
        // Riders stand on their vehicle, the others on their place.
        let mut taken: BTreeMap<(bool, [i64; 2]), u32> = BTreeMap::new();
        let mut marks = Vec::new();
        for (number, wish) in self.stories.wishes.iter().enumerate() {
            let Some(state) = wish.at(time_s as f32) else {
                continue;
            };
            let Some(place) = self.place_of_wish(wish, state, time_s) else {
                continue;
            };
            let key = match wish.vehicle.filter(|_| state == WishState::Rides) {
                Some(vehicle) => (true, [i64::from(vehicle), 0]),
                None => (false, place.map(|m| (m * 10.0).round() as i64)),
            };
            let below = taken.entry(key).or_default();
            marks.push(WishMark {
                number: number as u32,
                state,
                place,
                below: *below,
            });
            *below += 1;
        }
        marks
    }

    /// Where (m, local frame) somebody in a state is at a time.
    fn place_of_wish(&self, wish: &WishStory, state: WishState, time_s: f64) -> Option<[f32; 2]> {
        let local = |place: [f32; 2]| [0, 1].map(|axis| place[axis] + self.corner[axis] as f32);
        match (state, wish.halts) {
            (WishState::Rides, _) => Some(self.place_of(wish.vehicle?, time_s)?.0),
            (WishState::Waits, Some([pickup, _])) => Some(local(pickup.place)),
            _ => Some(local(wish.from)),
        }
    }

    /// Place (m, local frame) at which a request is looked for at a time: where the person is, else where it was asked or ended.
    pub fn wish_place(&self, number: u32, time_s: f64) -> Option<[f32; 2]> {
        let wish = self.stories.wishes.get(number as usize)?;
        if let Some(state) = wish.at(time_s as f32) {
            return self.place_of_wish(wish, state, time_s);
        }
        let ended = time_s as f32 >= wish.alights_s;
        let place = wish.halts.filter(|_| ended).map(|[_, to]| to.place);
        let place = place.unwrap_or(wish.from);
        Some([0, 1].map(|axis| place[axis] + self.corner[axis] as f32))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::result::movement::{MovementFrame, Place};
    use crate::result::story::Stories;

    fn wish(from: [f32; 2]) -> WishStory {
        let halt = |x: f32| WishHalt {
            place: [x, 20.0],
            street: 0,
            stop: None,
        };
        WishStory {
            request: "1".to_owned(),
            from,
            halts: Some([halt(10.0), halt(90.0)]),
            asked_s: 100.0,
            leave_s: 110.0,
            ready_s: 130.0,
            told_s: 190.0,
            boards_s: 200.0,
            boarded_s: 230.0,
            alights_s: 400.0,
            direct_s: 150.0,
            walk_s: 40.0,
            persons: 1,
            wheelchairs: 0,
            moves: 0,
            shared: false,
            outcome: "shuttle-served",
            reason: None,
            vehicle: Some(3),
        }
    }

    #[test]
    fn who_is_served_walks_waits_rides_and_is_gone() {
        let wish = wish([0.0; 2]);
        let states = [105.0, 110.0, 130.0, 199.0, 200.0, 399.0, 400.0].map(|t| wish.at(t));
        use WishState::{Rides, Waits, Walks};
        let expected = [
            None,
            Some(Walks),
            Some(Waits),
            Some(Waits),
            Some(Rides),
            Some(Rides),
            None,
        ];
        assert_eq!(states, expected);
        let left = WishStory {
            boards_s: f32::NAN,
            alights_s: f32::NAN,
            ..wish
        };
        assert_eq!(left.at(9999.0), Some(Waits), "planned, and never fetched");
    }

    #[test]
    fn who_is_turned_away_is_shown_for_a_while_from_the_moment_of_asking() {
        let rejected = WishStory {
            reason: Some("shuttle-reason-wait"),
            vehicle: None,
            halts: None,
            ..wish([0.0; 2])
        };
        assert_eq!(rejected.at(99.0), None);
        assert_eq!(rejected.at(100.0), Some(WishState::Rejected));
        assert_eq!(rejected.at(100.0 + REJECTED_SHOWN_S), None);
    }

    #[test]
    fn marks_are_where_people_are_and_stand_on_each_other() {
        let rejected = WishStory {
            reason: Some("shuttle-reason-wait"),
            vehicle: None,
            halts: None,
            ..wish([7.0, 8.0])
        };
        let place = Place {
            vehicle: 3,
            dm: [500, 200],
            ..Place::default()
        };
        let movement = Movement {
            corner: [1000.0, 2000.0],
            frames: vec![MovementFrame {
                time_s: 0.0,
                places: vec![place],
                shows: Vec::new(),
            }],
            stories: Arc::new(Stories {
                wishes: vec![wish([0.0, 5.0]), wish([1.0, 5.0]), rejected],
                ..Stories::default()
            }),
            ..Movement::default()
        };
        let marks = |time_s: f64| {
            let marks = movement.wishes_at(time_s).into_iter();
            let marks = marks.map(|mark| (mark.number, mark.place, mark.below));
            marks.collect::<Vec<_>>()
        };
        // Both still where they asked, the third turned away at its place.
        assert_eq!(
            marks(120.0),
            [
                (0, [1000.0, 2005.0], 0),
                (1, [1001.0, 2005.0], 0),
                (2, [1007.0, 2008.0], 0)
            ]
        );
        // At the halt, then on the vehicle, one above the other.
        assert_eq!(
            marks(150.0)[..2],
            [(0, [1010.0, 2020.0], 0), (1, [1010.0, 2020.0], 1)]
        );
        assert_eq!(
            marks(300.0)[..2],
            [(0, [1050.0, 2020.0], 0), (1, [1050.0, 2020.0], 1)]
        );
        assert_eq!(movement.wish_place(0, 500.0), Some([1090.0, 2020.0]));
        assert_eq!(movement.wish_place(0, 5.0), Some([1000.0, 2005.0]));
        assert_eq!(movement.wish_place(9, 5.0), None);
    }
}
