//! Signal programmes as text that a person reads and edits in a scenario.

use serde::{Deserialize, Serialize};

use crate::traffic::network::{Aspect, Phase, ProgramKind, SignalProgram};

/// A programme as it stands in a scenario. States are one letter per place: `G` green, `g` green that yields, `y` amber, `u` red-amber,
/// `r` red, `s` stop, then go, `o` and `O` dark.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignalPlanText {
    /// Id of the signal in the network.
    pub signal: String,
    /// Name of the programme.
    pub program: String,
    /// True when greens last as vehicles come, between `min_s` and `max_s`.
    #[serde(default)]
    pub actuated: bool,
    /// Begin of the first phase on the clock (s).
    #[serde(default)]
    pub offset_s: f64,
    /// Largest gap between vehicles that keeps a green (s).
    #[serde(default = "default_max_gap_s")]
    pub max_gap_s: f64,
    /// Travel time from detector to line (s).
    #[serde(default = "default_detector_gap_s")]
    pub detector_gap_s: f64,
    /// Phases in order.
    pub phases: Vec<PhaseText>,
}

/// A phase as it stands in a scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhaseText {
    /// One letter per place.
    pub state: String,
    /// Duration (s).
    pub duration_s: f64,
    /// Least duration (s); as `duration_s` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_s: Option<f64>,
    /// Longest duration (s); as `duration_s` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_s: Option<f64>,
    /// Numbers of the phases that may follow; the next in the list when absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub next: Vec<u32>,
    /// Name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
}

/// A plan that cannot be run.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PlanTextError {
    /// No phases.
    #[error("the plan of signal `{signal}` has no phases; give at least one")]
    Empty {
        /// Signal.
        signal: String,
    },
    /// A letter that means nothing.
    #[error(
        "phases[{phase}].state of signal `{signal}`: `{letter}` is no aspect, expected one of G g y u r s o O"
    )]
    Letter {
        /// Signal.
        signal: String,
        /// Phase.
        phase: usize,
        /// The letter.
        letter: char,
    },
    /// States of different lengths.
    #[error(
        "phases[{phase}].state of signal `{signal}` has {found} letters, the first phase has {expected}"
    )]
    Length {
        /// Signal.
        signal: String,
        /// Phase.
        phase: usize,
        /// Letters found.
        found: usize,
        /// Letters of the first phase.
        expected: usize,
    },
    /// Times that are no times.
    #[error(
        "phases[{phase}] of signal `{signal}` lasts {min_s} to {max_s} s, usually {duration_s} s; expected 0 <= min_s <= max_s and duration_s > 0"
    )]
    Times {
        /// Signal.
        signal: String,
        /// Phase.
        phase: usize,
        /// Least (s).
        min_s: f64,
        /// Longest (s).
        max_s: f64,
        /// Usual (s).
        duration_s: f64,
    },
    /// A phase that is not there.
    #[error(
        "phases[{phase}].next of signal `{signal}` names phase {next}, but the last one is {last}"
    )]
    Next {
        /// Signal.
        signal: String,
        /// Phase.
        phase: usize,
        /// Named phase.
        next: u32,
        /// Last phase.
        last: usize,
    },
}

fn default_max_gap_s() -> f64 {
    3.0
}

fn default_detector_gap_s() -> f64 {
    2.0
}

/// Letter of an aspect.
pub fn letter(aspect: Aspect) -> char {
    match aspect {
        Aspect::Red => 'r',
        Aspect::RedAmber => 'u',
        Aspect::Amber => 'y',
        Aspect::Green => 'G',
        Aspect::GreenYield => 'g',
        Aspect::Off => 'o',
        Aspect::OffPriority => 'O',
        Aspect::StopThenGo => 's',
    }
}

/// Aspect of a letter.
pub fn aspect(letter: char) -> Option<Aspect> {
    Some(match letter {
        'r' => Aspect::Red,
        'u' => Aspect::RedAmber,
        'y' => Aspect::Amber,
        'G' => Aspect::Green,
        'g' => Aspect::GreenYield,
        'o' => Aspect::Off,
        'O' => Aspect::OffPriority,
        's' => Aspect::StopThenGo,
        _ => return None,
    })
}

impl SignalPlanText {
    /// The text of a programme.
    pub fn of(signal: &str, program: &SignalProgram) -> Self {
        Self {
            signal: signal.to_owned(),
            program: program.id.clone(),
            actuated: program.kind == ProgramKind::Actuated,
            offset_s: program.offset_s,
            max_gap_s: program.max_gap_s,
            detector_gap_s: program.detector_gap_s,
            phases: program
                .phases
                .iter()
                .map(|phase| PhaseText {
                    state: phase.state.iter().copied().map(letter).collect(),
                    duration_s: phase.duration_s,
                    min_s: differs(phase.min_s, phase.duration_s),
                    max_s: differs(phase.max_s, phase.duration_s),
                    next: phase.next.clone(),
                    name: phase.name.clone(),
                })
                .collect(),
        }
    }

    /// The programme of the text; its `place` says that it came from a plan. All faults at once.
    pub fn program(&self) -> Result<SignalProgram, Vec<PlanTextError>> {
        let signal = self.signal.clone();
        let mut faults = Vec::new();
        if self.phases.is_empty() {
            return Err(vec![PlanTextError::Empty { signal }]);
        }
        let expected = self.phases[0].state.chars().count();
        let mut phases = Vec::new();
        for (number, text) in self.phases.iter().enumerate() {
            let signal = signal.clone();
            let mut state = Vec::new();
            for letter in text.state.chars() {
                match aspect(letter) {
                    Some(aspect) => state.push(aspect),
                    None => faults.push(PlanTextError::Letter {
                        signal: signal.clone(),
                        phase: number,
                        letter,
                    }),
                }
            }
            let found = text.state.chars().count();
            if found != expected {
                faults.push(PlanTextError::Length {
                    signal: signal.clone(),
                    phase: number,
                    found,
                    expected,
                });
            }
            let (min_s, max_s) = (
                text.min_s.unwrap_or(text.duration_s),
                text.max_s.unwrap_or(text.duration_s),
            );
            let sound =
                min_s >= 0.0 && min_s <= max_s && max_s.is_finite() && text.duration_s > 0.0;
            if !sound || !text.duration_s.is_finite() {
                faults.push(PlanTextError::Times {
                    signal: signal.clone(),
                    phase: number,
                    min_s,
                    max_s,
                    duration_s: text.duration_s,
                });
            }
            for &next in &text.next {
                if next as usize >= self.phases.len() {
                    faults.push(PlanTextError::Next {
                        signal: signal.clone(),
                        phase: number,
                        next,
                        last: self.phases.len() - 1,
                    });
                }
            }
            phases.push(Phase {
                duration_s: text.duration_s,
                min_s,
                max_s,
                state,
                next: text.next.clone(),
                name: text.name.clone(),
            });
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(SignalProgram {
            id: self.program.clone(),
            kind: if self.actuated {
                ProgramKind::Actuated
            } else {
                ProgramKind::Fixed
            },
            offset_s: self.offset_s,
            phases,
            max_gap_s: self.max_gap_s,
            detector_gap_s: self.detector_gap_s,
            place: format!("plan of signal `{}`", self.signal),
        })
    }
}

fn differs(value: f64, usual: f64) -> Option<f64> {
    (value.to_bits() != usual.to_bits()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text() -> SignalPlanText {
        let phase = |state: &str, duration_s: f64, max_s: Option<f64>| PhaseText {
            state: state.to_owned(),
            duration_s,
            min_s: max_s.map(|_| 5.0),
            max_s,
            next: Vec::new(),
            name: String::new(),
        };
        SignalPlanText {
            signal: "K1".to_owned(),
            program: "day".to_owned(),
            actuated: true,
            offset_s: 7.0,
            max_gap_s: 2.5,
            detector_gap_s: 2.0,
            phases: vec![
                phase("Ggr", 20.0, Some(40.0)),
                phase("yyr", 3.0, None),
                phase("rru", 1.0, None),
            ],
        }
    }

    #[test]
    fn plan_is_the_same_after_text_and_back() {
        let program = text().program().unwrap();
        assert_eq!(SignalPlanText::of("K1", &program), text());
        assert_eq!(
            SignalPlanText::of("K1", &program).program().unwrap(),
            program
        );
        let json = serde_json::to_string(&text()).unwrap();
        assert_eq!(
            serde_json::from_str::<SignalPlanText>(&json).unwrap(),
            text()
        );
    }

    #[test]
    fn every_fault_of_a_plan_is_told() {
        let mut bad = text();
        bad.phases[0].state = "Gqr".to_owned();
        bad.phases[1].state = "yy".to_owned();
        bad.phases[2].duration_s = 0.0;
        bad.phases[2].next = vec![9];
        let faults = bad.program().unwrap_err();
        assert_eq!(faults.len(), 4, "{faults:?}");
        bad.phases.clear();
        assert!(matches!(
            bad.program().unwrap_err()[0],
            PlanTextError::Empty { .. }
        ));
    }
}
