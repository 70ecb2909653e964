//! Tours that were found, for set partitioning: per set of requests and kind the shortest.

use super::insertion::ByHash;
use super::route::Tour;
use super::stream::mix;
use crate::shuttle::problem::{NodeId, Problem};

/// Tours that are kept; after that only shorter ones of known sets come in.
const MOST: usize = 30_000;

/// A tour of the pool.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) kind: u16,
    pub(super) nodes: Vec<NodeId>,
    pub(super) distance: f64,
}

#[derive(Clone, Debug)]
pub(super) struct Pool {
    by_set: ByHash<u32>,
    pub(super) columns: Vec<Column>,
    most: usize,
}

impl Default for Pool {
    fn default() -> Self {
        Self {
            most: MOST,
            ..Self::unlimited()
        }
    }
}

impl Pool {
    pub(super) fn unlimited() -> Self {
        Self {
            by_set: ByHash::default(),
            columns: Vec::new(),
            most: usize::MAX,
        }
    }

    pub(super) fn add(&mut self, problem: &Problem, tour: &Tour) {
        if tour.is_empty() {
            return;
        }
        self.add_column(problem, tour.kind, &tour.nodes, tour.distance);
    }

    /// True when the tour is new or shorter than the known one of its set.
    pub(super) fn add_column(
        &mut self,
        problem: &Problem,
        kind: u16,
        nodes: &[NodeId],
        distance: f64,
    ) -> bool {
        let n = problem.requests();
        let set = nodes
            .iter()
            .filter(|&&node| usize::from(node) < n)
            .fold(mix(u64::from(kind) + 7), |hash, &node| {
                hash.wrapping_add(mix(u64::from(node) + (1 << 20)))
            });
        match self.by_set.get(&set) {
            Some(&known) => {
                let known = &mut self.columns[known as usize];
                let shorter = distance < known.distance - 1e-9;
                if shorter {
                    known.nodes.clear();
                    known.nodes.extend_from_slice(nodes);
                    known.distance = distance;
                }
                shorter
            }
            None => {
                if self.columns.len() >= self.most {
                    return false;
                }
                self.by_set.insert(set, self.columns.len() as u32);
                self.columns.push(Column {
                    kind,
                    nodes: nodes.to_vec(),
                    distance,
                });
                true
            }
        }
    }

    /// Keeps the columns of least `worth`, `most` of them (and those that are worth the same as the last).
    pub(super) fn keep_best(&mut self, problem: &Problem, worth: &[f64], most: usize) {
        if self.columns.len() <= most {
            return;
        }
        let mut sorted = worth.to_vec();
        sorted.sort_by(f64::total_cmp);
        let limit = sorted[most];
        let columns = std::mem::take(&mut self.columns);
        self.by_set.clear();
        for (column, _) in columns
            .iter()
            .zip(worth)
            .filter(|(_, worth)| **worth <= limit)
        {
            self.add_column(problem, column.kind, &column.nodes, column.distance);
        }
    }

    pub(super) fn merge(&mut self, problem: &Problem, other: &Self) {
        for column in &other.columns {
            self.add_column(problem, column.kind, &column.nodes, column.distance);
        }
    }
}
