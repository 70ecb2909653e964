//! Reads what links are shown second by second and says what is wrong, knowing nothing of controllers and rules but the values it is given.

use crate::traffic::network::Aspect;

/// What must hold between the shown aspects.
pub struct Expected {
    /// Least green, amber and red-amber of each link (s).
    pub green_s: Vec<f64>,
    /// See `green_s`.
    pub amber_s: Vec<f64>,
    /// See `green_s`.
    pub red_amber_s: Vec<f64>,
    /// From end of green (row) to begin of green (column) (s); none without a conflict.
    pub between_s: Vec<Vec<Option<f64>>>,
}

/// What has been shown so far.
pub struct Observer {
    expected: Expected,
    shown: Vec<Option<(Aspect, f64)>>,
    /// The run of the aspect began while it was watched.
    whole: Vec<bool>,
    green_end: Vec<f64>,
    pub faults: Vec<String>,
    /// Greens that ended under its eyes.
    pub greens: usize,
}

impl Observer {
    pub fn new(expected: Expected) -> Self {
        let count = expected.green_s.len();
        Self {
            expected,
            shown: vec![None; count],
            whole: vec![false; count],
            green_end: vec![f64::NEG_INFINITY; count],
            faults: Vec::new(),
            greens: 0,
        }
    }

    pub fn watch(&mut self, aspects: &[Aspect], now: f64) {
        let count = self.shown.len();
        for link in 0..count {
            let new = aspects[link];
            let Some((old, since)) = self.shown[link] else {
                self.shown[link] = Some((new, now));
                continue;
            };
            // Green that yields and green are one run of green.
            if old == new || old.is_green() && new.is_green() {
                self.shown[link] = Some((new, since));
                continue;
            }
            let lasted = now - since;
            let short = |least: f64| self.whole[link] && lasted < least - 1e-6;
            let expected = &self.expected;
            let mut fault = |text: &str| {
                self.faults.push(format!(
                    "{now}: link {link} {old:?} to {new:?} after {lasted}: {text}"
                ));
            };
            if old.is_green() {
                self.greens += 1;
                self.green_end[link] = now;
                if short(expected.green_s[link]) {
                    fault("green too short");
                }
                if expected.amber_s[link] > 0.0 && new != Aspect::Amber {
                    fault("no amber");
                }
            }
            if old == Aspect::Amber && short(expected.amber_s[link]) {
                fault("amber too short");
            }
            if new.is_green() {
                if expected.red_amber_s[link] > 0.0
                    && (old != Aspect::RedAmber || short(expected.red_amber_s[link]))
                {
                    fault("no red-amber");
                }
                for other in 0..count {
                    let Some(least) = expected.between_s[other][link] else {
                        continue;
                    };
                    if aspects[other].is_green() {
                        fault("green beside a foe");
                    } else if now - self.green_end[other] < least - 1e-6 {
                        fault("intergreen too short");
                    }
                }
            }
            self.shown[link] = Some((new, now));
            self.whole[link] = true;
        }
    }
}
