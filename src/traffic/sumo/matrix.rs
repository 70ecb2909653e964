//! Right of way at junctions: the `<request>` rows.
//!
//! The place of a connection in the matrix is the place of its last inner lane in the junction's `intLanes`. Where the network has
//! no inner lanes, it is found by counting: the lanes of `incLanes` in their order, the connections of each in the order of the
//! file. (Both ways agree on all networks that were tried; a test keeps it so.)
//! The links to which a link yields, read so, are those that SUMO 1.28 itself reports (libsumo, `lane.getFoes`) for all 1,854
//! connections of the two networks of the tests. SUMO adds the links out of the waiting places of these; here the first link stands
//! for its whole chain.

use std::collections::HashMap;

use super::log::describe;
use super::network::Builder;
use super::xml::Element;
use crate::traffic::network::NONE;

impl Builder<'_> {
    /// Right of way of all junctions.
    pub(super) fn matrices(&mut self, elements: &[Element]) {
        // For each inner lane the link that enters it.
        let mut entering: HashMap<u32, u32> = HashMap::new();
        for (index, link) in self.network.links.iter().enumerate() {
            if self.network.edge_of(link.to).inner {
                entering.entry(link.to).or_insert(index as u32);
            }
        }
        for element in elements {
            let Some(junction) = self.names.junctions.get(element.text("id")).copied() else {
                continue;
            };
            if element.text("type") != "internal" {
                self.matrix(element, junction, &entering);
            }
        }
    }

    fn matrix(&mut self, element: &Element, junction: u32, entering: &HashMap<u32, u32>) {
        let rows: Vec<&Element> = element
            .children
            .iter()
            .filter(|child| child.name == "request")
            .collect();
        let inner_lanes = self.named_lanes(element, "intLanes");
        let incoming = self.named_lanes(element, "incLanes");
        if rows.is_empty() {
            return;
        }
        let count = rows.len();
        let mut links = vec![NONE; count];
        if inner_lanes.iter().any(Option::is_some) {
            for (request, lane) in inner_lanes.iter().enumerate() {
                let Some(mut link) = lane.and_then(|lane| entering.get(&lane).copied()) else {
                    // A crossing of people on foot.
                    continue;
                };
                // With a waiting place inside, `intLanes` names the lane behind it. Chains have two inner lanes at most; the bound
                // is for files with rings.
                for _ in 0..2 {
                    let from = self.network.links[link as usize].from;
                    if !self.network.edge_of(from).inner {
                        break;
                    }
                    match entering.get(&from) {
                        Some(before) => link = *before,
                        None => break,
                    }
                }
                self.set_request(element, junction, request, link, &mut links);
            }
        } else {
            let mut request = 0;
            for lane in incoming.iter().flatten() {
                for link in self.network.lanes[*lane as usize].links.clone() {
                    self.set_request(element, junction, request, link, &mut links);
                    request += 1;
                }
            }
        }
        for lane in incoming.iter().flatten() {
            for (_, link) in self.network.links_of(*lane) {
                if link.request == NONE {
                    self.log.fault(
                        self.source,
                        element,
                        "no-request",
                        || {
                            format!(
                                "the connection from `{}` to `{}` has no row in the matrix of junction `{}`",
                                self.network.edge_of(link.from).id,
                                self.network.edge_of(link.target).id,
                                element.text("id")
                            )
                        },
                        |fault| {
                            fault
                                .expected("its inner lane in `intLanes`, and a `<request>` for it")
                                .help("write the network again with netconvert")
                        },
                    );
                }
            }
        }
        for row in rows {
            self.row(element, row, &links);
        }
        self.network.junctions[junction as usize].links = links;
    }

    /// Lanes that an attribute of a junction names; `None` for those that are left out.
    fn named_lanes(&mut self, element: &Element, name: &str) -> Vec<Option<u32>> {
        let mut lanes = Vec::new();
        for id in element.text(name).split_whitespace() {
            let lane = self.names.lanes.get(id).copied();
            let left_out = id
                .rsplit_once('_')
                .is_some_and(|(edge, _)| self.names.left_out.contains(edge));
            if lane.is_none() && !left_out {
                self.log.fault(
                    self.source,
                    element,
                    "unknown-lane",
                    || {
                        format!(
                            "`{name}` of {} has lane `{id}`, which the file does not have",
                            describe(element)
                        )
                    },
                    |fault| fault.help("write the network again with netconvert"),
                );
            }
            // Of the lanes that come in, those for people on foot have no connections and take no place.
            lanes.push(lane);
        }
        lanes
    }

    fn set_request(
        &mut self,
        element: &Element,
        junction: u32,
        request: usize,
        link: u32,
        links: &mut [u32],
    ) {
        let entry = &mut self.network.links[link as usize];
        let Some(slot) = links.get_mut(request) else {
            self.log.fault(
                self.source,
                element,
                "no-request",
                || {
                    format!(
                        "junction `{}` has {} rows in its matrix and more connections",
                        element.text("id"),
                        links.len()
                    )
                },
                |fault| fault.help("write the network again with netconvert"),
            );
            return;
        };
        if entry.request == NONE && entry.junction == junction {
            *slot = link;
            entry.request = request as u32;
        } else {
            self.log.fault(
                self.source,
                element,
                "request-twice",
                || {
                    format!(
                        "place {request} of `intLanes` of junction `{}` belongs to a connection that has a place already",
                        element.text("id")
                    )
                },
                |fault| fault.help("write the network again with netconvert"),
            );
        }
    }

    /// One row of a matrix: whom a link yields to and whose way it crosses. The last character of a text is place 0.
    fn row(&mut self, junction: &Element, row: &Element, links: &[u32]) {
        let index = self
            .log
            .required(self.source, row, "index")
            .and_then(|_| self.log.whole(self.source, row, "index"));
        let Some(index) = index else { return };
        let Some(link) = links.get(index as usize).copied() else {
            let expected = format!("0 to {}", links.len() - 1);
            self.log.wrong_value(self.source, row, "index", &expected);
            return;
        };
        let mut lists = [Vec::new(), Vec::new()];
        for (name, list) in ["response", "foes"].iter().zip(&mut lists) {
            let bits = row.text(name).as_bytes();
            if bits.len() != links.len() || bits.iter().any(|bit| !matches!(bit, b'0' | b'1')) {
                let expected = format!(
                    "{} digits 0 or 1, one for each row of junction `{}`",
                    links.len(),
                    junction.text("id")
                );
                self.log.wrong_value(self.source, row, name, &expected);
                continue;
            }
            *list = bits
                .iter()
                .rev()
                .zip(links)
                .filter(|(bit, foe)| **bit == b'1' && **foe != NONE)
                .map(|(_, foe)| *foe)
                .collect();
        }
        let [yields_to, mut foes] = lists;
        foes.extend(&yields_to);
        foes.sort_unstable();
        foes.dedup();
        if link == NONE {
            return;
        }
        let (to, keep_clear, stop_sign) = {
            let link = &self.network.links[link as usize];
            (link.to, link.keep_clear, link.stop_sign)
        };
        let second = self.network.lanes[to as usize].links.clone();
        for inside in second {
            let ends_inside = self
                .network
                .edge_of(self.network.links[inside as usize].to)
                .inner;
            if self.network.edge_of(to).inner && ends_inside {
                let entry = &mut self.network.links[inside as usize];
                entry.request = index;
                entry.yields_to.clone_from(&yields_to);
                entry.foes.clone_from(&foes);
                entry.keep_clear = keep_clear;
                entry.stop_sign = false;
                self.network.links[link as usize].waits_inside = true;
            }
        }
        let entry = &mut self.network.links[link as usize];
        entry.yields_to = yields_to;
        entry.foes = foes;
        entry.stop_sign = stop_sign;
    }
}
