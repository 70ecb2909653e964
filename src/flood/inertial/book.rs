//! The ledger of the preview in whole quanta: the very numbers that were applied to the cells, so its error is that of no sum.

use crate::flood::domain::{Domain, Forcing};
use crate::flood::run::{Ledger, LedgerEntry, LedgerKind};
use crate::flood::sources::QUANTUM_M;

/// Quanta of a depth (m) that is a whole number of them.
pub fn quanta(depth_m: f64) -> i64 {
    (depth_m / QUANTUM_M) as i64
}

/// Where the water came from and went, in quanta over one cell.
#[derive(Clone)]
pub struct Book {
    area_m2: f64,
    initial: i128,
    entries: Vec<Entry>,
}

#[derive(Clone)]
struct Entry {
    kind: LedgerKind,
    id: String,
    came: i128,
    went: i128,
}

fn total(water_m: &[f64]) -> i128 {
    water_m.iter().map(|&w| i128::from(quanta(w))).sum()
}

impl Book {
    pub fn new(domain: &Domain, forcing: &Forcing, water_m: &[f64]) -> Self {
        let areal = [
            (LedgerKind::Rain, forcing.rain_m.is_empty()),
            (
                LedgerKind::Infiltration,
                forcing.infiltration_class.is_empty(),
            ),
            (LedgerKind::Sewer, forcing.sewer_m_per_s.is_empty()),
        ];
        let areal = areal.iter().filter(|a| !a.1).map(|a| (a.0, String::new()));
        let inlets = (forcing.inlets.iter()).map(|i| (LedgerKind::Inlet, i.id.clone()));
        let inflows = (forcing.inflows.iter()).map(|i| (LedgerKind::Inflow, i.id.clone()));
        let edges = (domain.boundaries.iter()).map(|b| (LedgerKind::Boundary, b.id.clone()));
        Self {
            area_m2: domain.grid.cell_m * domain.grid.cell_m,
            initial: total(water_m),
            entries: (areal.chain(inlets).chain(inflows).chain(edges))
                .map(|(kind, id)| Entry {
                    kind,
                    id,
                    came: 0,
                    went: 0,
                })
                .collect(),
        }
    }

    /// Books quanta for the `number`-th entry of a kind, positive into the domain.
    pub fn add(&mut self, kind: LedgerKind, number: usize, amount: i64) {
        let mut of_kind = self.entries.iter_mut().filter(|e| e.kind == kind);
        if let Some(entry) = of_kind.nth(number) {
            let side = if amount > 0 {
                &mut entry.came
            } else {
                &mut entry.went
            };
            *side += i128::from(amount.unsigned_abs());
        }
    }

    pub fn ledger(&self, water_m: &[f64]) -> Ledger {
        let m3 = |amount: i128| amount as f64 * QUANTUM_M * self.area_m2;
        let stored = total(water_m);
        let gained: i128 = self.entries.iter().map(|e| e.came - e.went).sum();
        Ledger {
            initial_m3: m3(self.initial),
            stored_m3: m3(stored),
            entries: (self.entries.iter())
                .map(|e| LedgerEntry {
                    kind: e.kind,
                    id: e.id.clone(),
                    in_m3: m3(e.came),
                    out_m3: m3(e.went),
                })
                .collect(),
            error_m3: m3(stored - self.initial - gained),
        }
    }
}
