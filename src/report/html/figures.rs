//! Maps: which there are, in which order, drawn as pictures with caption and words for those who cannot see them.

use std::fmt::Write as _;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use rayon::prelude::*;

use crate::report::escape::escape;
use crate::report::map_svg::Extent;
use crate::report::maps::{
    self, FieldMap, HALF_WIDTH_MM, PAGE_WIDTH_MM, Shown, VariantChange, field_title,
};
use crate::report::raster::{DrawError, png_from_svg};
use crate::report::{access, flood, shuttle, sun, traffic, wind};
use crate::result::{Field, FieldData, SimulationResult};

use super::lookup::{Report, shown_of, simulation_title};

/// Pixels per millimetre of the maps: 200 per inch.
const PX_PER_MM: f64 = 200.0 / 25.4;
/// Height (mm) of the map beside the answer, so that both fit on the first page.
const LEAD_MAP_HEIGHT_MM: f64 = 74.0;
/// The same for water, whose answer is longer.
const LEAD_WATER_HEIGHT_MM: f64 = 64.0;
/// The same for wind, whose legend is higher.
const LEAD_WIND_HEIGHT_MM: f64 = 60.0;
/// Height (mm) of the leading map of a report on traffic: with variants it begins a page, without it fits below the answer.
const LEAD_TRAFFIC_HEIGHT_MM: f64 = 92.0;

/// A map to be drawn.
pub(super) struct Figure<'a> {
    pub(super) map: FieldMap<'a>,
    pub(super) caption: String,
    pub(super) alt: String,
    pub(super) half: bool,
}

/// How much of the page a map takes.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Width {
    Half,
    Page,
}

/// A map as picture.
pub(super) struct Drawn {
    /// Base64 of the PNG.
    png: String,
    caption: String,
    alt: String,
    half: bool,
}

impl<'a> Report<'a> {
    /// All maps in reading order with their sub-headings; the first belongs to the answer.
    pub(super) fn drawn_figures(&self) -> Result<Vec<(String, Drawn)>, DrawError> {
        let mut figures: Vec<(String, Figure<'a>)> = Vec::new();
        for variant in self.answered() {
            let Some(simulation) = self.sun(variant) else {
                continue;
            };
            for date in sun::days(simulation) {
                let title = self.titled(variant, self.texts.language().date(&date));
                let list = self.figures(variant, simulation, &date);
                figures.extend(list.into_iter().map(|figure| (title.clone(), figure)));
            }
        }
        type Drawing<'a> = fn(&Report<'a>, usize, &'a SimulationResult) -> Vec<Figure<'a>>;
        let others: [(&str, Drawing<'a>); 5] = [
            (flood::SIMULATION, Self::flood_figures),
            (wind::SIMULATION, Self::wind_figures),
            (traffic::SIMULATION, Self::traffic_figures),
            (shuttle::SIMULATION, Self::shuttle_figures),
            (access::SIMULATION, Self::access_figures),
        ];
        for (name, drawing) in others {
            for variant in self.answered() {
                let Some(simulation) = self.simulation(variant, name) else {
                    continue;
                };
                let title = match name {
                    flood::SIMULATION => flood::event(self.texts, simulation).unwrap_or_default(),
                    _ => self.texts.get(simulation_title(name)),
                };
                let title = self.titled(variant, title);
                let list = drawing(self, variant, simulation);
                figures.extend(list.into_iter().map(|figure| (title.clone(), figure)));
            }
        }
        let first = self.answered().first().copied();
        let has = |simulation: Option<&SimulationResult>| simulation.is_some();
        let lead = match first {
            Some(v) if has(self.sun(v)) => LEAD_MAP_HEIGHT_MM,
            Some(v) if has(self.flood(v)) => LEAD_WATER_HEIGHT_MM,
            Some(v) if has(self.traffic(v)) => LEAD_TRAFFIC_HEIGHT_MM,
            Some(v) if has(self.access(v)) => LEAD_MAP_HEIGHT_MM,
            Some(v) if has(self.shuttle(v)) => LEAD_WATER_HEIGHT_MM,
            _ => LEAD_WIND_HEIGHT_MM,
        };
        if let Some((_, first)) = figures.first_mut() {
            // A small map would be stretched over the page, and its scale would be wrong.
            first.half = false;
            first.map.width_mm = PAGE_WIDTH_MM;
            first.map.max_height_mm = lead;
        }
        figures
            .into_par_iter()
            .map(|(title, figure)| {
                let svg = maps::field_map(&figure.map)?;
                let width = (figure.map.width_mm * PX_PER_MM).round() as u32;
                let drawn = Drawn {
                    png: BASE64_STANDARD.encode(png_from_svg(&svg, width)?),
                    caption: figure.caption,
                    alt: figure.alt,
                    half: figure.half,
                };
                Ok((title, drawn))
            })
            .collect()
    }

    pub(super) fn figure(&self, out: &mut String, figure: &Drawn, number: usize) {
        let _ = write!(
            out,
            r#"<figure{}><img alt="{}" src="data:image/png;base64,{}"><figcaption><strong>{} {number}.</strong> {}</figcaption></figure>"#,
            if figure.half { "" } else { r#" class="full""# },
            escape(&figure.alt),
            figure.png,
            self.t("report-figure"),
            escape(&figure.caption)
        );
    }

    pub(super) fn maps(&self, out: &mut String, figures: Vec<(String, Drawn)>) {
        if figures.is_empty() {
            return;
        }
        self.heading(out, "report-maps");
        let figures: Vec<(String, bool, String)> = figures
            .into_iter()
            .enumerate()
            .map(|(i, (title, figure))| {
                let mut drawn = String::new();
                self.figure(&mut drawn, &figure, i + 2);
                (title, figure.half, drawn)
            })
            .collect();
        out.push_str(&arranged(&figures));
    }

    /// A map of a field on the ground, with its part of the city, whether it takes half of the width, and its largest height (mm).
    pub(super) fn ground_figure(
        &self,
        variant: usize,
        field: &'a Field,
        shown: Shown,
        change: Option<&'a VariantChange>,
        caption: &str,
        (extent, half, max_height_mm): (Extent, bool, f64),
    ) -> Figure<'a> {
        let of_variant = if variant == 0 { None } else { change };
        Figure {
            map: FieldMap {
                run: self.run,
                variant,
                field,
                shown,
                changes: of_variant.map(|c| &c.objects),
                walls: Vec::new(),
                extent,
                width_mm: if half { HALF_WIDTH_MM } else { PAGE_WIDTH_MM },
                max_height_mm,
            },
            caption: self.texts.with(
                caption,
                &[
                    ("variant", self.name(variant)),
                    ("title", field_title(field, self.texts)),
                ],
            ),
            alt: self.alt(field, variant, shown),
            half,
        }
    }

    /// Maps of single fields, half or whole pages wide: what changes of `lead`, then each field on both sides. A baseline alone has
    /// each field once, in its own width.
    pub(super) fn before_and_after(
        &self,
        variant: usize,
        simulation: &'a SimulationResult,
        fields: &[(&str, Width)],
        lead: &str,
        caption: impl Fn(&Field, bool) -> String,
    ) -> Vec<Figure<'a>> {
        let name = simulation.simulation;
        let change = self.change(variant, name);
        let Some(extent) = maps::result_extent(self.cities[variant], simulation) else {
            return Vec::new();
        };
        let mut wanted = Vec::new();
        if variant > 0 {
            let lead = self.difference(variant, name, lead);
            wanted.push((variant, lead, Shown::Difference, Width::Page));
            for (id, _) in fields {
                for v in [0, variant] {
                    wanted.push((v, self.field(v, name, id), shown_of(v), Width::Half));
                }
            }
        } else {
            for (id, alone) in fields {
                wanted.push((0, self.field(0, name, id), Shown::Baseline, *alone));
            }
        }
        let drawn = wanted.into_iter().filter_map(|(v, field, shown, width)| {
            let field = field?;
            let caption = caption(field, shown == Shown::Difference);
            let half = width == Width::Half;
            let place = (extent, half, if half { 66.0 } else { 92.0 });
            Some(self.ground_figure(v, field, shown, change, &caption, place))
        });
        drawn.collect()
    }

    /// What a picture shows, for people who cannot see it: subject and spread of the values.
    pub(super) fn alt(&self, field: &Field, variant: usize, shown: Shown) -> String {
        let (FieldData::Raster { values, .. } | FieldData::Receivers { values, .. }) = &field.data;
        let mut sorted: Vec<f32> = values.iter().copied().filter(|v| !v.is_nan()).collect();
        sorted.sort_by(f32::total_cmp);
        let language = self.texts.language();
        let at = |share: f64| {
            let i = ((sorted.len().max(1) - 1) as f64 * share).round() as usize;
            let value = sorted.get(i).copied().unwrap_or(f32::NAN);
            language.with_unit(f64::from(value), 1, field.unit)
        };
        let key = if shown == Shown::Difference {
            "report-alt-difference"
        } else {
            "report-alt-values"
        };
        self.texts.with(
            key,
            &[
                ("title", field_title(field, self.texts)),
                ("variant", self.name(variant)),
                ("low", at(0.0)),
                ("middle", at(0.5)),
                ("high", at(1.0)),
            ],
        )
    }
}

/// Figures (title, half of the page wide, drawn) under their titles; halves of one title stand in pairs.
fn arranged(figures: &[(String, bool, String)]) -> String {
    let mut out = String::new();
    let mut title = "";
    let mut open = false;
    for (of, half, drawn) in figures {
        // A map without its pair does not take the next title or a wide map beside it.
        if open && (of != title || !half) {
            out.push_str("</div>\n");
            open = false;
        }
        if of != title {
            let _ = writeln!(out, "<h3>{}</h3>", escape(of));
            title = of;
        }
        if *half && !open {
            out.push_str("<div class=\"pair\">");
            open = true;
            out.push_str(drawn);
            continue;
        }
        out.push_str(drawn);
        if open {
            out.push_str("</div>\n");
            open = false;
        }
    }
    if open {
        out.push_str("</div>\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_of_one_title_stand_in_pairs_and_titles_stand_outside() {
        let figures = [
            ("A", true, "1"),
            ("B", true, "2"),
            ("B", true, "3"),
            ("B", true, "4"),
            ("B", false, "5"),
        ];
        let figures =
            figures.map(|(title, half, drawn)| (title.to_owned(), half, drawn.to_owned()));
        let pair = "<div class=\"pair\">";
        assert_eq!(
            arranged(&figures),
            format!("<h3>A</h3>\n{pair}1</div>\n<h3>B</h3>\n{pair}23</div>\n{pair}4</div>\n5")
        );
    }
}
