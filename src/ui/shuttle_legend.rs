//! Colours of what the map shows of a service of shuttles, and what they mean.

use crate::result::Movement;
use crate::result::wish::{REJECTED_SHOWN_S, WishState};
use crate::text::Texts;

/// Stops (sRGB).
pub const STOP: [u8; 3] = [0xf2, 0xd0, 0x3c];

/// Colour (sRGB) of a request's mark: Okabe and Ito (2008), told apart with colour-vision deficiency; who was turned away has another form too.
pub const fn wish_colour(state: WishState) -> [u8; 3] {
    match state {
        WishState::Walks => [0xf0, 0xc2, 0x7a],
        WishState::Waits => [0xe6, 0x9f, 0x00],
        WishState::Rides => [0x00, 0x9e, 0x73],
        WishState::Rejected => [0xa0, 0x1c, 0x3c],
    }
}

/// Outline of the area (sRGB): the colour of drafts.
pub const AREA: [u8; 3] = [0xe7, 0x6e, 0x30];

/// Form of a mark on the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkForm {
    /// A request.
    Diamond,
    /// A request that was turned away.
    Cross,
    /// A stop.
    Cube,
    /// The outline of an area.
    Line,
}

/// Colour (sRGB), words and form of a mark.
pub type MarkRow = ([u8; 3], String, MarkForm);

/// What the marks mean, in reading order; stops and area only where the service has them.
pub fn rows(movement: &Movement, has_area: bool, t: &Texts) -> Vec<MarkRow> {
    let states = [
        WishState::Walks,
        WishState::Waits,
        WishState::Rides,
        WishState::Rejected,
    ];
    let mut rows: Vec<_> = states
        .iter()
        .map(|state| {
            let minutes = [("minutes", f64::from(REJECTED_SHOWN_S) / 60.0)];
            let form = match state {
                WishState::Rejected => MarkForm::Cross,
                _ => MarkForm::Diamond,
            };
            let words = t.with(legend_key(*state), &minutes);
            (wish_colour(*state), words, form)
        })
        .collect();
    if !movement.roads.stops.is_empty() {
        rows.push((STOP, t.get("ui-shuttle-mark-stop"), MarkForm::Cube));
    }
    if has_area {
        rows.push((AREA, t.get("ui-shuttle-mark-area"), MarkForm::Line));
    }
    rows
}

fn legend_key(state: WishState) -> &'static str {
    match state {
        WishState::Walks => "ui-shuttle-mark-walks",
        WishState::Waits => "ui-shuttle-mark-waits",
        WishState::Rides => "ui-shuttle-mark-rides",
        WishState::Rejected => "ui-shuttle-mark-rejected",
    }
}
