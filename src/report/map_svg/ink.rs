//! Colours of the base; results alone are strong.

pub(super) const GROUND: &str = "#f6f5f2";
pub(super) const WATER: &str = "#c9d6dd";
pub(super) const GREEN: &str = "#e6eade";
pub(super) const PAVED: &str = "#f1efeb";
pub(super) const RAILWAY: &str = "#e4e1dc";
pub(super) const STREET: &str = "#ffffff";
pub(super) const STREET_NAME: &str = "#5b5750";
pub(super) const STREET_EDGE: &str = "#dcd9d3";
pub(super) const BUILDING: &str = "#dedbd6";
pub(super) const BUILDING_LINE: &str = "#6f6b65";
pub(super) const ROOF_LINE: &str = "#aeaaa3";
pub(super) const TREE: &str = "#b9c7ad";
pub(super) const TREE_LINE: &str = "#8fa07f";
pub(super) const DRAFT: &str = "#f8cdb9";
pub(super) const DRAFT_LINE: &str = "#d2400f";
pub(super) const TEXT: &str = "#26241f";
pub(super) const QUIET: &str = "#6a665f";
pub(super) const FRAME: &str = "#8d8982";
pub(super) const ARROW: &str = "#14181f";
