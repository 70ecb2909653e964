//! Comfort and safety of people on foot, from shares of time in which a speed is exceeded.
//!
//! Thresholds as commonly published, not read in the standards themselves: check them there before a legal claim. NEN 8100:2006 judges
//! one threshold by five shares; Lawson's criteria (LDDC variant) and the City of London's (2019) ask which threshold is exceeded
//! less than 5 % of the time. They are not the classes of VDI 3787 Blatt 4.

use rayon::prelude::*;

use super::climate::Rose;

/// Comfort after NEN 8100: from A, good for sitting for long, to E, poor for walking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Nen8100 {
    /// Good for sitting for long: 5 m/s in less than 2.5 % of the time.
    A,
    /// In less than 5 %.
    B,
    /// In less than 10 %.
    C,
    /// In less than 20 %.
    D,
    /// In more.
    E,
}

/// Danger after NEN 8100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Danger {
    /// 15 m/s in less than 0.05 % of the time.
    NoRisk,
    /// In less than 0.3 %.
    LimitedRisk,
    /// In more.
    Dangerous,
}

/// A list of activities, each with the speed (m/s) that may be exceeded in 5 % of the time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Activities {
    /// From the calmest on; what exceeds the last one is uncomfortable.
    pub steps: &'static [(&'static str, f64)],
}

/// Lawson, LDDC variant.
pub const LAWSON_LDDC: Activities = Activities {
    steps: &[
        ("sitting", 4.0),
        ("standing", 6.0),
        ("strolling", 8.0),
        ("business-walking", 10.0),
    ],
};

/// City of London 2019.
pub const CITY_OF_LONDON: Activities = Activities {
    steps: &[
        ("frequent-sitting", 2.5),
        ("occasional-sitting", 4.0),
        ("standing", 6.0),
        ("walking", 8.0),
    ],
};

/// Share of time that the speed of an activity may be exceeded.
const ACTIVITY_SHARE: f64 = 0.05;
/// Threshold of comfort and of danger in NEN 8100 (m/s).
pub const COMFORT_MPS: f64 = 5.0;
/// See [`COMFORT_MPS`].
pub const DANGER_MPS: f64 = 15.0;

impl Nen8100 {
    /// From the share of time with more than [`COMFORT_MPS`].
    pub fn of(share: f64) -> Self {
        match share {
            x if x < 0.025 => Self::A,
            x if x < 0.05 => Self::B,
            x if x < 0.10 => Self::C,
            x if x < 0.20 => Self::D,
            _ => Self::E,
        }
    }

    /// Its letter.
    pub fn name(self) -> &'static str {
        ["A", "B", "C", "D", "E"][self as usize]
    }
}

impl Danger {
    /// From the share of time with more than [`DANGER_MPS`].
    pub fn of(share: f64) -> Self {
        match share {
            x if x < 0.000_5 => Self::NoRisk,
            x if x < 0.003 => Self::LimitedRisk,
            _ => Self::Dangerous,
        }
    }

    /// Stable name.
    pub fn name(self) -> &'static str {
        ["no-risk", "limited-risk", "dangerous"][self as usize]
    }
}

impl Activities {
    /// The calmest activity that is comfortable, as a place in `steps`; their number for none.
    pub fn class(&self, exceedance: impl Fn(f64) -> f64) -> usize {
        let comfortable = |&(_, speed): &(&str, f64)| exceedance(speed) <= ACTIVITY_SHARE;
        self.steps
            .iter()
            .position(comfortable)
            .unwrap_or(self.steps.len())
    }

    /// Name of a class.
    pub fn name(&self, class: usize) -> &'static str {
        self.steps
            .get(class)
            .map_or("uncomfortable", |(name, _)| name)
    }
}

/// Verdicts on one place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// Share of time with more than 5 m/s.
    pub over_comfort: f32,
    /// Share of time with more than 15 m/s.
    pub over_danger: f32,
    /// Comfort after NEN 8100.
    pub nen8100: Nen8100,
    /// Danger after NEN 8100.
    pub danger: Danger,
    /// Class of [`LAWSON_LDDC`].
    pub lawson: u8,
    /// Class of [`CITY_OF_LONDON`].
    pub london: u8,
}

/// Verdicts on many places. `ratios` holds one field per sector of the rose, all of one length: the speed there by the speed at the
/// station when the wind comes from that sector. None where a ratio is NaN.
pub fn verdicts(rose: &Rose, ratios: &[Vec<f32>]) -> Vec<Option<Verdict>> {
    let count = ratios.first().map_or(0, Vec::len);
    (0..count)
        .into_par_iter()
        .map(|place| {
            let ratio: Vec<f64> = ratios.iter().map(|r| f64::from(r[place])).collect();
            ratio
                .iter()
                .all(|r| r.is_finite())
                .then(|| verdict(rose, &ratio))
        })
        .collect()
}

/// Verdict on one place with its ratio for each sector.
pub fn verdict(rose: &Rose, ratio: &[f64]) -> Verdict {
    let exceedance = |speed: f64| rose.exceedance(speed, ratio);
    let (comfort, danger) = (exceedance(COMFORT_MPS), exceedance(DANGER_MPS));
    Verdict {
        over_comfort: comfort as f32,
        over_danger: danger as f32,
        nen8100: Nen8100::of(comfort),
        danger: Danger::of(danger),
        lawson: LAWSON_LDDC.class(exceedance) as u8,
        london: CITY_OF_LONDON.class(exceedance) as u8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_change_at_their_limits() {
        assert_eq!(Nen8100::of(0.024_999), Nen8100::A);
        assert_eq!(Nen8100::of(0.025), Nen8100::B);
        assert_eq!(Nen8100::of(0.2), Nen8100::E);
        assert_eq!(Danger::of(0.000_5), Danger::LimitedRisk);
        assert_eq!(Danger::of(0.003), Danger::Dangerous);
        let steps = |limit: f64| move |speed: f64| if speed >= limit { 0.05 } else { 0.051 };
        assert_eq!(LAWSON_LDDC.name(LAWSON_LDDC.class(steps(6.0))), "standing");
        assert_eq!(
            CITY_OF_LONDON.name(CITY_OF_LONDON.class(steps(9.0))),
            "uncomfortable"
        );
    }

    #[test]
    fn places_inside_buildings_have_no_verdict() {
        use super::super::climate::Sector;
        let rose = Rose {
            sectors: vec![
                Sector {
                    frequency: 0.25,
                    k: 2.0,
                    c_mps: 5.0
                };
                4
            ],
        };
        let found = verdicts(&rose, &vec![vec![f32::NAN, 1.0]; 4]);
        assert_eq!(found[0], None);
        let share = (-1.0_f64).exp();
        assert!((f64::from(found[1].unwrap().over_comfort) - share).abs() < 1e-6);
    }
}
