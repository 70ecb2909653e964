//! The book of approaches: who asks to pass which link, and when.

use super::plan::{Ahead, Plan};
use crate::traffic::network::NONE;

/// Entries by link, as chains through one array.
#[derive(Clone, Debug, Default)]
pub struct Book {
    heads: Vec<u32>,
    entries: Vec<Entry>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    vehicle: u32,
    place: u32,
    link: u32,
    next: u32,
}

impl Book {
    /// An empty book for a number of links.
    pub fn new(links: usize) -> Self {
        Self {
            heads: vec![NONE; links],
            entries: Vec::new(),
        }
    }

    /// Writes down every plan that asks, in the order of the vehicles.
    pub fn fill(&mut self, plans: &[Plan]) {
        for entry in self.entries.drain(..) {
            self.heads[entry.link as usize] = NONE;
        }
        for (vehicle, plan) in plans.iter().enumerate() {
            for (place, ahead) in plan.ahead[..usize::from(plan.count)].iter().enumerate() {
                if ahead.asks {
                    let head = &mut self.heads[ahead.link as usize];
                    self.entries.push(Entry {
                        vehicle: vehicle as u32,
                        place: place as u32,
                        link: ahead.link,
                        next: *head,
                    });
                    *head = self.entries.len() as u32 - 1;
                }
            }
        }
    }

    /// Vehicles (by index) that ask to pass a link.
    pub fn on<'a>(
        &'a self,
        link: u32,
        plans: &'a [Plan],
    ) -> impl Iterator<Item = (usize, &'a Ahead)> {
        let mut at = self.heads[link as usize];
        std::iter::from_fn(move || {
            let entry = self.entries.get(at as usize)?;
            at = entry.next;
            Some((
                entry.vehicle as usize,
                &plans[entry.vehicle as usize].ahead[entry.place as usize],
            ))
        })
    }
}
