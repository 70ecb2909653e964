//! Texts and rows for the panels. The expensive ones (findings, the selected building, result tables) are made again only
//! when what they show changed; the cheap ones (place and value under the cursor, time, job) in every refresh.

mod edits;
mod facades;
mod fields;
mod findings;
mod indicators;
mod layers;
mod legends;
mod now;
mod prepared;
mod selection;
mod world;

pub use edits::EditRow;
pub(super) use facades::direction_key;
pub use facades::{FacadeRow, SunVerdict};
pub use fields::{EventView, FieldRow};
pub use findings::FindingGroup;
pub use indicators::IndicatorRow;
pub use layers::LayerRow;
pub(super) use layers::layer_key;
pub use legends::LegendView;
pub use now::{JobLine, MessageRow, Now};
pub use prepared::Prepared;
pub use selection::{Fact, Inspected, Selection};
pub use world::{VariantRow, World};
