//! What the run was made from: layers with their licences, program, scenario, hashes.

use std::fmt::Write as _;

use crate::city::LayerKind;
use crate::report::escape::{escape, shortened};
use crate::result::write::{all_inputs, all_sources};

use super::lookup::Report;

impl Report<'_> {
    pub(super) fn sources(&self, out: &mut String) {
        self.heading(out, "report-sources");
        let _ = write!(
            out,
            r#"<table><caption>{}</caption><thead><tr><th scope="col">{}</th><th scope="col">{}</th><th scope="col">{}</th><th scope="col">{}</th><th scope="col">{}</th><th scope="col" class="num">{}</th></tr></thead><tbody>"#,
            self.t("report-sources-caption"),
            self.t("report-source-layer"),
            self.t("report-source-origin"),
            self.t("report-source-licence"),
            self.t("report-source-date"),
            self.t("report-source-format"),
            self.t("report-source-objects"),
        );
        let unknown = self.t("common-unknown");
        let or_unknown =
            |text: &Option<String>| text.as_ref().map_or(unknown.clone(), |t| escape(t));
        for source in all_sources(self.run) {
            let layer = match source.layer {
                LayerKind::Buildings => "common-layer-buildings",
                LayerKind::Terrain => "common-layer-terrain",
                LayerKind::Trees => "common-layer-trees",
                LayerKind::Streets => "common-layer-streets",
                LayerKind::LandCover => "common-layer-land-cover",
            };
            let date = source.date.as_ref().map(|d| self.texts.language().date(d));
            let _ = write!(
                out,
                r#"<tr><th scope="row">{}</th><td>{}<br><span class="code">{}</span></td><td>{}</td><td>{}</td><td>{}<br><span class="quiet">{}</span></td><td class="num">{}</td></tr>"#,
                self.t(layer),
                or_unknown(&source.origin),
                escape(&shortened(&source.path, 80)),
                or_unknown(&source.licence),
                or_unknown(&date),
                escape(&source.format),
                escape(&source.crs),
                self.texts.language().number(source.objects as f64, 0),
            );
        }
        out.push_str("</tbody></table>\n");
        let _ = writeln!(
            out,
            r#"<p class="quiet small">{}{}{}</p>"#,
            self.t("report-credits"),
            self.sun(0).map_or_else(String::new, |_| format!(
                " {}",
                self.t("report-credits-sun")
            )),
            self.flood(0).map_or_else(String::new, |_| format!(
                " {}",
                self.t("report-credits-flood")
            )),
        );
    }

    pub(super) fn provenance(&self, out: &mut String) {
        self.heading(out, "report-provenance");
        let _ = writeln!(out, "<p>{}</p>", self.t("report-provenance-text"));
        let seed = self.run.scenario.scenario.seed.to_string();
        let rows = [
            (
                "report-program",
                format!("Planspiel {}", env!("CARGO_PKG_VERSION")),
            ),
            ("report-scenario-file", self.run.scenario_file()),
            ("report-scenario-hash", self.run.scenario_blake3.clone()),
            ("report-seed", seed),
        ];
        out.push_str("<dl class=\"method\">");
        for (key, value) in rows {
            let _ = write!(
                out,
                r#"<div><dt>{}</dt><dd class="code">{}</dd></div>"#,
                self.t(key),
                escape(&value)
            );
        }
        let layers = all_sources(self.run).into_iter();
        let layers = layers.map(|source| (&source.path, &source.blake3));
        let files = all_inputs(self.run).into_iter();
        let files = files.map(|(_, file)| (&file.path, &file.blake3));
        // A map that gives the city its streets and the traffic its network is one file.
        let mut told: Vec<(&String, &String)> = Vec::new();
        for (path, hash) in layers.chain(files) {
            if told.contains(&(path, hash)) {
                continue;
            }
            told.push((path, hash));
            let _ = write!(
                out,
                r#"<div><dt>{}</dt><dd class="code">{}</dd></div>"#,
                escape(&shortened(path, 60)),
                escape(hash)
            );
        }
        out.push_str("</dl>\n");
    }
}
