//! Crossings of people on foot that follow a signal. Their other ways (`walkingarea`, crossings without a signal) are left out.

use super::network::{Builder, inner_junction};
use super::xml::Element;
use crate::traffic::network::{FootCrossing, NONE};

impl Builder<'_> {
    /// Adds the crossings to their signals. An edge of the function `crossing` names the edges that it crosses, a connection that leads onto
    /// it the signal and its place.
    pub(super) fn foot_crossings(&mut self, edges: &[Element], connections: &[Element]) {
        let crossings = edges
            .iter()
            .filter(|edge| edge.text("function") == "crossing");
        for element in crossings {
            let id = element.text("id");
            let controlled = connections.iter().find(|connection| {
                connection.text("to") == id && !connection.text("tl").is_empty()
            });
            let added = controlled.and_then(|connection| self.foot_crossing(element, connection));
            if added.is_none() {
                self.log
                    .note(self.source, element, "pedestrian-edge", &["crossing"]);
            }
        }
    }

    fn foot_crossing(&mut self, element: &Element, connection: &Element) -> Option<()> {
        let place: u32 = connection.text("linkIndex").parse().ok()?;
        let crossed: Vec<u32> = element
            .text("crossingEdges")
            .split_whitespace()
            .filter_map(|id| self.names.edges.get(id).copied())
            .collect();
        let lane = element.children.iter().find(|child| child.name == "lane")?;
        let length_m: f32 = lane.text("length").parse().ok()?;
        let shape = self.log.shape(self.source, lane, "shape");
        let (first, last) = (*shape.first()?, *shape.last()?);
        // A street has two ends: only the one at the crossing's own junction counts.
        let junction = inner_junction(element.text("id"))
            .and_then(|name| self.names.junctions.get(name).copied())?;
        let network = &self.network;
        let edge_of = |lane: u32| network.lanes[lane as usize].edge;
        let numbered = || network.links.iter().enumerate();
        let entering = numbered()
            .filter(|(_, link)| link.junction == junction && link.signal != NONE)
            .filter(|(_, link)| crossed.contains(&edge_of(link.from)));
        let entering: Vec<u32> = entering.map(|(index, _)| index as u32).collect();
        let leaving = numbered().filter(|(_, link)| {
            link.junction == junction
                && crossed.contains(&edge_of(link.target))
                && link.to == link.target
                && network.edge_of(link.from).inner
        });
        let leaving: Vec<u32> = leaving.map(|(index, _)| index as u32).collect();
        let off = leaving
            .first()
            .map(|&link| network.links[link as usize].target);
        if entering.is_empty() && leaving.is_empty() {
            return None;
        }
        let width = |lane: u32| network.lanes[lane as usize].width_m;
        let leaving_m = off.map_or(0.0, |lane| {
            let lanes = network.edge_of(lane).lanes.clone();
            lanes.map(width).sum::<f32>().min(length_m)
        });
        // The end at the lanes that lead off comes first.
        let distance = |a: [f64; 2], b: [f64; 2]| (a[0] - b[0]).hypot(a[1] - b[1]);
        let begin = off.and_then(|lane| network.lanes[lane as usize].shape.first().copied());
        let turned = begin.is_some_and(|begin| distance(begin, last) < distance(begin, first));
        let signal = self.signal(connection.text("tl"), connection);
        let signal = &mut self.network.signals[signal as usize];
        // A place that vehicles have too is theirs.
        if signal
            .links
            .get(place as usize)
            .is_some_and(|links| !links.is_empty())
        {
            return None;
        }
        signal.crossings.push(FootCrossing {
            place,
            length_m,
            leaving_m,
            entering,
            leaving,
            line: if turned { [last, first] } else { [first, last] },
        });
        Some(())
    }
}
