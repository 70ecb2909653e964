//! The base of the map: land cover, streets, trees, buildings, and what a variant changes of them.

use std::fmt::Write as _;

use crate::city::{Building, City, LandCoverKind, SurfaceKind, Tree};
use crate::report::escape::{escape, shortened};

use super::ink;
use super::paper::{Extent, Paper};
use super::spec::MapSpec;
use super::words::text_width;

pub(super) fn draw_land(body: &mut String, city: &City, paper: &Paper) {
    for kind in [
        LandCoverKind::Green,
        LandCoverKind::Paved,
        LandCoverKind::Railway,
        LandCoverKind::Street,
        LandCoverKind::Water,
    ] {
        let mut path = String::new();
        for area in city.land_cover.iter().filter(|a| a.kind == kind) {
            let Some(bounds) = Extent::around(area.rings.iter().flatten().copied()) else {
                continue;
            };
            if paper.sees(bounds.min, bounds.max) {
                for ring in &area.rings {
                    paper.ring(&mut path, ring.iter().copied());
                }
            }
        }
        if path.is_empty() {
            continue;
        }
        let fill = match kind {
            LandCoverKind::Water => ink::WATER,
            LandCoverKind::Green => ink::GREEN,
            LandCoverKind::Railway => ink::RAILWAY,
            LandCoverKind::Street => ink::STREET,
            LandCoverKind::Paved | LandCoverKind::Other => ink::PAVED,
        };
        let _ = write!(
            body,
            r#"<path d="{path}" fill="{fill}" fill-rule="evenodd"/>"#
        );
    }
    for (color, extra) in [(ink::STREET_EDGE, 0.25), (ink::STREET, 0.0)] {
        let _ = write!(
            body,
            r#"<g fill="none" stroke="{color}" stroke-linecap="round" stroke-linejoin="round">"#
        );
        for street in city.streets.iter() {
            let Some(bounds) = Extent::around(street.line.iter().copied()) else {
                continue;
            };
            if !paper.sees(bounds.min, bounds.max) {
                continue;
            }
            let mut path = String::new();
            paper.line(&mut path, &street.line);
            let stroke = (street.width_m * paper.mm_per_m).max(0.15) + extra;
            let _ = write!(body, r#"<path d="{path}" stroke-width="{stroke:.2}"/>"#);
        }
        body.push_str("</g>");
    }
}

pub(super) fn draw_trees(body: &mut String, trees: &[Tree], paper: &Paper, scale: u32) {
    if scale > 10_000 {
        return;
    }
    let _ = write!(
        body,
        r#"<g fill="{}" fill-opacity="0.55" stroke="{}" stroke-width="0.08" stroke-opacity="0.7">"#,
        ink::TREE,
        ink::TREE_LINE
    );
    for tree in trees {
        let radius = 0.5 * tree.crown_diameter_m;
        let (x, y) = (tree.foot.x, tree.foot.y);
        if paper.sees([x - radius, y - radius], [x + radius, y + radius]) {
            let _ = write!(
                body,
                r#"<circle cx="{:.2}" cy="{:.2}" r="{:.2}"/>"#,
                paper.x(x),
                paper.y(y),
                (radius * paper.mm_per_m).max(0.2)
            );
        }
    }
    body.push_str("</g>");
}

pub(super) fn plan_box(building: &Building) -> ([f64; 2], [f64; 2]) {
    let (min, max) = building.bounds();
    ([min.x, min.y], [max.x, max.y])
}

/// Outline of a building in plan: its ground surfaces, or, without any, everything that faces up.
fn outline(building: &Building, paper: &Paper) -> String {
    let geometry = &building.geometry;
    let mut path = String::new();
    let has_ground = geometry
        .surfaces
        .iter()
        .any(|s| s.kind == SurfaceKind::Ground);
    for surface in &geometry.surfaces {
        let wanted = if has_ground {
            surface.kind == SurfaceKind::Ground
        } else {
            surface.kind == SurfaceKind::Roof || surface.normal.z > 0.3
        };
        if wanted {
            for ring in surface.rings.clone() {
                paper.ring(&mut path, geometry.ring(ring).iter().map(|p| [p.x, p.y]));
            }
        }
    }
    path
}

fn roof_lines(building: &Building, paper: &Paper) -> String {
    let geometry = &building.geometry;
    let mut path = String::new();
    for surface in geometry
        .surfaces
        .iter()
        .filter(|s| s.kind == SurfaceKind::Roof)
    {
        for ring in surface.rings.clone() {
            paper.ring(&mut path, geometry.ring(ring).iter().map(|p| [p.x, p.y]));
        }
    }
    path
}

pub(super) fn draw_buildings(body: &mut String, spec: &MapSpec, paper: &Paper, scale: u32) {
    let changed: Vec<u32> = spec.changes.map_or_else(Vec::new, |c| {
        c.added
            .iter()
            .map(|b| b.key)
            .chain(c.changed.iter().map(|[_, new]| new.key))
            .collect()
    });
    let fine = scale <= 2500;
    let line_width = if fine { 0.14 } else { 0.09 };
    let mut quiet = String::new();
    let mut roofs = String::new();
    let mut drafts = String::new();
    for building in &spec.city.buildings {
        let (min, max) = plan_box(building);
        if !paper.sees(min, max) {
            continue;
        }
        if building.draft || changed.contains(&building.key) {
            drafts.push_str(&outline(building, paper));
        } else {
            quiet.push_str(&outline(building, paper));
            if fine {
                roofs.push_str(&roof_lines(building, paper));
            }
        }
    }
    let mut removed = String::new();
    for building in spec.changes.iter().flat_map(|c| &c.removed) {
        let (min, max) = plan_box(building);
        if paper.sees(min, max) {
            removed.push_str(&outline(building, paper));
        }
    }
    for (path, style) in [
        (
            &quiet,
            format!(
                r#"fill="{}" stroke="{}" stroke-width="{line_width}""#,
                ink::BUILDING,
                ink::BUILDING_LINE
            ),
        ),
        (
            &roofs,
            format!(
                r#"fill="none" stroke="{}" stroke-width="0.07""#,
                ink::ROOF_LINE
            ),
        ),
        (
            &drafts,
            format!(
                r#"fill="{}" stroke="{}" stroke-width="0.4""#,
                ink::DRAFT,
                ink::DRAFT_LINE
            ),
        ),
        (
            &removed,
            format!(
                r##"fill="#ffffff" fill-opacity="0.35" stroke="{}" stroke-width="0.3" stroke-dasharray="1.1 0.7""##,
                ink::DRAFT_LINE
            ),
        ),
    ] {
        if !path.is_empty() {
            let _ = write!(
                body,
                r#"<path d="{path}" {style} stroke-linejoin="round"/>"#
            );
        }
    }
    for tree in spec.changes.iter().flat_map(|c| &c.trees_added) {
        let _ = write!(
            body,
            r#"<circle cx="{:.2}" cy="{:.2}" r="{:.2}" fill="{}" stroke="{}" stroke-width="0.3"/>"#,
            paper.x(tree.foot.x),
            paper.y(tree.foot.y),
            (0.5 * tree.crown_diameter_m * paper.mm_per_m).max(0.3),
            ink::TREE,
            ink::DRAFT_LINE
        );
    }
}

/// The name of a building that the variant brings or takes.
pub(super) struct ChangeLabel {
    /// Middle of the text (mm).
    x: f64,
    /// Base line (mm).
    y: f64,
    text: String,
}

impl ChangeLabel {
    /// Left, top, right and bottom (mm) at a font size.
    pub(super) fn room(&self, size: f64) -> [f64; 4] {
        let half = 0.5 * text_width(&self.text, size);
        [
            self.x - half,
            self.y - 0.8 * size,
            self.x + half,
            self.y + 0.25 * size,
        ]
    }
}

pub(super) fn change_labels(spec: &MapSpec, paper: &Paper, size: f64) -> Vec<ChangeLabel> {
    let Some(changes) = spec.changes else {
        return Vec::new();
    };
    let new = changes
        .added
        .iter()
        .chain(changes.changed.iter().map(|[_, new]| new))
        .map(|b| (b, false));
    let gone = changes.removed.iter().map(|b| (b, true));
    let mut labels = Vec::new();
    // A few labels help, many hide the map.
    for (building, removed) in new.chain(gone).take(12) {
        let (min, max) = plan_box(building);
        if !paper.sees(min, max) {
            continue;
        }
        let name = building.attributes.name.as_deref().unwrap_or(&building.id);
        let mut text = shortened(name, 28);
        if removed {
            text = format!("{text} ({})", spec.texts.get("report-removed"));
        }
        let x = paper.x(0.5 * (min[0] + max[0]));
        let y = paper.y(max[1]) - 0.9;
        let half = 0.5 * text_width(&text, size);
        let right = spec.width_mm - half - 1.0;
        let x = x.clamp((half + 1.0).min(right), right.max(half + 1.0));
        labels.push(ChangeLabel { x, y, text });
    }
    labels
}

pub(super) fn draw_change_labels(body: &mut String, labels: &[ChangeLabel], size: f64) {
    for ChangeLabel { x, y, text } in labels {
        let _ = write!(
            body,
            r##"<text x="{x:.2}" y="{y:.2}" font-size="{size}" font-weight="600" text-anchor="middle" fill="{}" stroke="#ffffff" stroke-width="0.7" stroke-linejoin="round" paint-order="stroke">{}</text>"##,
            ink::TEXT,
            escape(text)
        );
    }
}
