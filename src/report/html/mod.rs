//! `report.html`: self-contained (fonts, maps and styles inside, no network), A4 when printed.
//!
//! Order: what was asked, the answer in full sentences, the maps, the tables, then how sure we are and why. Everything that
//! comes from data is escaped; a content security policy forbids scripts and connections on top.
//!
//! * `page`: the frame, and the order of the sections. `lookup`: what all sections read.
//! * `question`, `answer`, `indicators`, `figures`: what every report has.
//! * `sun`, `water`, `wind`, `traffic`, `access`, `shuttle`: maps and tables of one simulation each.
//! * `findings`, `method`, `sources`: how sure we are and why.

mod access;
mod answer;
mod figures;
mod findings;
mod indicators;
mod lookup;
mod method;
mod page;
mod question;
mod shuttle;
mod sources;
mod sun;
mod traffic;
mod water;
mod wind;

pub use page::report_html;
