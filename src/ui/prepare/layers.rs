//! Layers of the city with their sources.

use crate::city::{City, LayerKind};
use crate::text::Texts;

/// A layer in the list.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerRow {
    /// Which.
    pub kind: LayerKind,
    /// Name.
    pub name: String,
    /// Number of objects, or empty.
    pub count: String,
    /// Sources with licence, one per line.
    pub sources: String,
}

/// Text key of a layer's name.
pub(in crate::ui) fn layer_key(kind: LayerKind) -> &'static str {
    match kind {
        LayerKind::Buildings => "common-layer-buildings",
        LayerKind::Terrain => "common-layer-terrain",
        LayerKind::Trees => "common-layer-trees",
        LayerKind::Streets => "common-layer-streets",
        LayerKind::LandCover => "common-layer-land-cover",
    }
}

pub(super) fn layer_rows(city: &City, t: &Texts) -> Vec<LayerRow> {
    let kinds = [
        (LayerKind::Buildings, city.buildings.len()),
        (LayerKind::Terrain, usize::from(city.terrain.is_some())),
        (LayerKind::Trees, city.trees.len()),
        (LayerKind::Streets, city.streets.len()),
        (LayerKind::LandCover, city.land_cover.len()),
    ];
    kinds
        .into_iter()
        .filter(|(_, objects)| *objects > 0)
        .map(|(kind, objects)| {
            let sources: Vec<String> = city
                .sources
                .iter()
                .filter(|s| s.layer == kind)
                .map(|s| {
                    let unknown = || t.get("common-unknown");
                    let said = |value: &Option<String>| value.clone().unwrap_or_else(unknown);
                    t.with(
                        "ui-layer-source",
                        &[
                            ("path", s.path.clone()),
                            ("format", s.format.clone()),
                            ("origin", said(&s.origin)),
                            ("licence", said(&s.licence)),
                            ("date", said(&s.date)),
                            ("crs", s.crs.clone()),
                        ],
                    )
                })
                .collect();
            LayerRow {
                kind,
                name: t.get(layer_key(kind)),
                count: if kind == LayerKind::Terrain {
                    String::new()
                } else {
                    t.language().number(objects as f64, 0)
                },
                sources: if sources.is_empty() {
                    t.get("ui-layer-no-source")
                } else {
                    sources.join("\n\n")
                },
            }
        })
        .collect()
}
