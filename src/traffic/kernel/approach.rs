//! The book of approaches: what everybody plans, and who asks to pass which link, and when.

use super::pieces::{Piece, parts};
use super::plan::{Ahead, MAX_AHEAD, Plan};
use super::roads::Roads;
use crate::traffic::network::NONE;

/// Links ahead of a vehicle that an ask can name.
const PLACES: u32 = 4;

const _: () = assert!(MAX_AHEAD <= PLACES as usize);

/// Plans by vehicle, and a chain through those that ask for each link.
#[derive(Clone, Debug, Default)]
pub struct Book {
    /// Plans, at the places of the vehicles.
    pub plans: Vec<Plan>,
    /// First ask for each link.
    heads: Vec<u32>,
    /// Asks for links of other pieces: link and ask.
    abroad: Vec<Vec<(u32, u32)>>,
}

/// The part of the book that a piece writes.
pub struct Page<'a> {
    /// Plans of the piece.
    pub plans: &'a mut [Plan],
    /// Place of the first of them among all.
    first: usize,
    heads: &'a mut [u32],
    /// Number of the link of the first head.
    link: usize,
    abroad: &'a mut Vec<(u32, u32)>,
}

impl Book {
    /// An empty book for a number of links.
    pub fn new(links: usize) -> Self {
        Self {
            heads: vec![NONE; links],
            ..Self::default()
        }
    }

    /// An empty page for each piece, for vehicles in `rooms` places.
    pub fn pages<'a>(
        &'a mut self,
        pieces: &'a [Piece],
        roads: &'a Roads,
        rooms: usize,
    ) -> impl Iterator<Item = Page<'a>> {
        self.plans.resize(rooms, Plan::default());
        self.abroad.resize_with(pieces.len(), Vec::new);
        let first_link = move |lane: usize| {
            let links = &roads.links;
            links.partition_point(|link| (link.from as usize) < lane)
        };
        let plans = parts(&mut self.plans, pieces.iter().map(|piece| piece.room.len()));
        let heads = parts(
            &mut self.heads,
            pieces
                .iter()
                .map(move |piece| first_link(piece.lanes.end) - first_link(piece.lanes.start)),
        );
        pieces
            .iter()
            .zip(plans)
            .zip(heads)
            .zip(&mut self.abroad)
            .map(move |(((piece, plans), heads), abroad)| Page {
                plans,
                first: piece.room.start,
                heads,
                link: first_link(piece.lanes.start),
                abroad,
            })
    }

    /// Writes down the asks that pieces have for each other's links, after the pages are full.
    pub fn bind(&mut self) {
        for (link, ask) in self.abroad.iter_mut().flat_map(|asks| asks.drain(..)) {
            let next = std::mem::replace(&mut self.heads[link as usize], ask);
            let plan = &mut self.plans[(ask / PLACES) as usize];
            plan.ahead[(ask % PLACES) as usize].next = next;
        }
    }

    /// Vehicles (by place in the array) that ask to pass a link, in no order that means anything.
    pub fn on(&self, link: u32) -> impl Iterator<Item = (usize, &Ahead)> {
        let mut ask = self.heads[link as usize];
        std::iter::from_fn(move || {
            let vehicle = (ask / PLACES) as usize;
            let ahead = &self.plans.get(vehicle)?.ahead[(ask % PLACES) as usize];
            ask = ahead.next;
            Some((vehicle, ahead))
        })
    }
}

impl Page<'_> {
    /// Nobody asks yet.
    pub fn clear(&mut self) {
        self.heads.fill(NONE);
        self.abroad.clear();
    }

    /// Writes down what the vehicle at a place of the piece asks for.
    pub fn write(&mut self, place: usize) {
        let plan = &mut self.plans[place];
        for (number, ahead) in plan.ahead[..usize::from(plan.count)].iter_mut().enumerate() {
            if ahead.asks {
                let ask = (self.first + place) as u32 * PLACES + number as u32;
                let head = (ahead.link as usize).checked_sub(self.link);
                match head.and_then(|head| self.heads.get_mut(head)) {
                    Some(head) => ahead.next = std::mem::replace(head, ask),
                    None => self.abroad.push((ahead.link, ask)),
                }
            }
        }
    }
}
