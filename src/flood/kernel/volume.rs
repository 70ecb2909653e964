//! The book of volumes: whole numbers of quanta, so that nothing is lost, whatever the number of steps and cells.

use super::tile::QUANTUM_M;
use crate::flood::domain::{Domain, Forcing};
use crate::flood::run::{Ledger, LedgerEntry, LedgerKind};

/// Sums of all water that came and went, in quanta of depth over one cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Book {
    area_m2: f64,
    initial: i128,
    entries: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq)]
struct Entry {
    kind: LedgerKind,
    number: usize,
    id: String,
    came: i128,
    went: i128,
}

fn quanta(depth_m: f64) -> i128 {
    (depth_m / QUANTUM_M) as i128
}

fn total(w: &[f64]) -> i128 {
    w.iter().map(|&w| quanta(w)).sum()
}

impl Book {
    /// A book that begins with this water.
    pub fn new(domain: &Domain, forcing: &Forcing, w: &[f64]) -> Self {
        let entry = |kind, number: usize, id: &str| Entry {
            kind,
            number,
            id: id.to_owned(),
            came: 0,
            went: 0,
        };
        let mut entries = Vec::new();
        if !forcing.rain_m.is_empty() {
            entries.push(entry(LedgerKind::Rain, 0, ""));
        }
        if !forcing.infiltration_class.is_empty() {
            entries.push(entry(LedgerKind::Infiltration, 0, ""));
        }
        if !forcing.sewer_m_per_s.is_empty() {
            entries.push(entry(LedgerKind::Sewer, 0, ""));
        }
        let inlets = forcing.inlets.iter().enumerate();
        entries.extend(inlets.map(|(i, x)| entry(LedgerKind::Inlet, i, &x.id)));
        let inflows = forcing.inflows.iter().enumerate();
        entries.extend(inflows.map(|(i, x)| entry(LedgerKind::Inflow, i, &x.id)));
        let edges = domain.boundaries.iter().enumerate();
        entries.extend(edges.map(|(i, x)| entry(LedgerKind::Boundary, i, &x.id)));
        Self {
            area_m2: domain.grid.cell_m * domain.grid.cell_m,
            initial: total(w),
            entries,
        }
    }

    /// Books a depth (m) over one cell, positive into the domain; a multiple of the quantum.
    pub fn add(&mut self, kind: LedgerKind, number: usize, depth_m: f64) {
        let amount = quanta(depth_m);
        if amount == 0 {
            return;
        }
        let found = self
            .entries
            .iter_mut()
            .find(|e| e.kind == kind && e.number == number);
        if let Some(entry) = found {
            if amount > 0 {
                entry.came += amount;
            } else {
                entry.went -= amount;
            }
        }
    }

    /// Books what crossed a boundary.
    pub fn boundary(&mut self, number: usize, depth_m: f64) {
        self.add(LedgerKind::Boundary, number, depth_m);
    }

    /// The ledger, with the water that is there now.
    pub fn ledger(&self, w: &[f64]) -> Ledger {
        let stored = total(w);
        let came: i128 = self.entries.iter().map(|e| e.came).sum();
        let went: i128 = self.entries.iter().map(|e| e.went).sum();
        let cubic = |quanta: i128| quanta as f64 * QUANTUM_M * self.area_m2;
        Ledger {
            initial_m3: cubic(self.initial),
            stored_m3: cubic(stored),
            entries: self
                .entries
                .iter()
                .map(|e| LedgerEntry {
                    kind: e.kind,
                    id: e.id.clone(),
                    in_m3: cubic(e.came),
                    out_m3: cubic(e.went),
                })
                .collect(),
            error_m3: cubic(stored - self.initial - came + went),
        }
    }

    /// Numbers of the book: initial, then came and went of each entry.
    pub fn numbers(&self) -> Vec<i128> {
        let entries = self.entries.iter().flat_map(|e| [e.came, e.went]);
        std::iter::once(self.initial).chain(entries).collect()
    }

    /// Takes over numbers of [`Book::numbers`]; `None` when their count differs.
    pub fn with_numbers(&self, numbers: &[i128]) -> Option<Self> {
        let (&initial, rest) = numbers.split_first()?;
        if rest.len() != 2 * self.entries.len() {
            return None;
        }
        let mut book = self.clone();
        book.initial = initial;
        for (entry, pair) in book.entries.iter_mut().zip(rest.chunks(2)) {
            [entry.came, entry.went] = [pair[0], pair[1]];
        }
        Some(book)
    }
}
