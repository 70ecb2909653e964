//! A network of lanes from plain records of streets.
//!
//! What it does: cuts streets at junctions, joins near junctions, lays lanes beside each other, connects them turn by turn (painted
//! turns where they are known), finds whose ways meet by geometry, settles right of way by rank, signs and "right before left", and
//! guesses programmes for signals of which only the place is known ([`crate::traffic::network::Signal::guessed`]).
//! What it does not: heights, trams, ways for bicycles and for people on foot. Turning round happens at dead ends only.

use super::Network;
use super::lay;
use super::streets::Streets;
use crate::traffic::sumo::Note;

/// Makes a network. The notes say what was guessed and what was changed, with counts.
pub fn from_streets(streets: &Streets) -> (Network, Vec<Note>) {
    lay::build(streets)
}
