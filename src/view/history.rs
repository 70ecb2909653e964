//! Undo and redo: the scenarios so far. A scenario is small (text), cities are shared by the simulation world.

use std::sync::Arc;

use crate::scenario::Scenario;

/// Past, present and undone future of a scenario.
#[derive(Clone, Debug, Default)]
pub struct History {
    past: Vec<Arc<Scenario>>,
    present: Option<Arc<Scenario>>,
    future: Vec<Arc<Scenario>>,
    saved: Option<Arc<Scenario>>,
}

impl History {
    /// History that begins with the scenario as opened.
    pub fn opened(scenario: Arc<Scenario>) -> Self {
        Self {
            past: Vec::new(),
            saved: Some(scenario.clone()),
            present: Some(scenario),
            future: Vec::new(),
        }
    }

    /// The scenario as it is now.
    pub fn present(&self) -> Option<&Arc<Scenario>> {
        self.present.as_ref()
    }

    /// Makes a new state; what was undone before is forgotten. Nothing happens when nothing changed.
    pub fn push(&mut self, scenario: Scenario) -> bool {
        if self.present.as_deref() == Some(&scenario) {
            return false;
        }
        self.past.extend(self.present.replace(Arc::new(scenario)));
        self.future.clear();
        true
    }

    /// One step back.
    pub fn undo(&mut self) -> bool {
        let Some(previous) = self.past.pop() else {
            return false;
        };
        self.future.extend(self.present.replace(previous));
        true
    }

    /// One step forward.
    pub fn redo(&mut self) -> bool {
        let Some(next) = self.future.pop() else {
            return false;
        };
        self.past.extend(self.present.replace(next));
        true
    }

    /// There is a step back.
    pub fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    /// There is a step forward.
    pub fn can_redo(&self) -> bool {
        !self.future.is_empty()
    }

    /// Remembers that the present state is on disk.
    pub fn mark_saved(&mut self) {
        self.saved = self.present.clone();
    }

    /// The present state differs from the file.
    pub fn unsaved(&self) -> bool {
        self.saved.as_deref() != self.present.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{CitySettings, ScenarioHead, SiteSettings};
    use proptest::prelude::*;

    fn scenario(seed: u64) -> Scenario {
        Scenario {
            scenario: ScenarioHead {
                version: 1,
                name: "test".to_owned(),
                city: None,
                comment: None,
                language: crate::text::Language::De,
                seed,
            },
            city: CitySettings::default(),
            site: SiteSettings::default(),
            flood: None,
            traffic: None,
            access: None,
            shuttles: None,
            wind: None,
            sun: None,
            variants: Vec::new(),
        }
    }

    proptest! {
        /// Against a list with a cursor, the slow obvious version.
        #[test]
        fn any_sequence_agrees_with_a_list_and_a_cursor(steps in prop::collection::vec(0_u64..6, 0..60)) {
            let mut history = History::opened(Arc::new(scenario(99)));
            let (mut list, mut cursor) = (vec![99], 0_usize);
            for step in steps {
                match step {
                    0 | 1 => {
                        prop_assert_eq!(history.undo(), cursor > 0);
                        cursor = cursor.saturating_sub(1);
                    }
                    2 => {
                        prop_assert_eq!(history.redo(), cursor + 1 < list.len());
                        cursor = (cursor + 1).min(list.len() - 1);
                    }
                    seed => {
                        if history.push(scenario(seed)) {
                            list.truncate(cursor + 1);
                            list.push(seed);
                            cursor += 1;
                        }
                    }
                }
                prop_assert_eq!(history.present().unwrap().scenario.seed, list[cursor]);
                prop_assert_eq!(history.unsaved(), list[cursor] != 99);
            }
        }
    }
}
