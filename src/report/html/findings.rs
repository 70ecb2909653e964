//! Findings, one row for each kind and set of variants.

use std::fmt::Write as _;

use crate::finding::{Finding, Severity};
use crate::report::escape::{escape, shortened};
use crate::result::write::all_findings;

use super::lookup::Report;

impl Report<'_> {
    pub(super) fn findings(&self, out: &mut String) {
        self.heading(out, "report-findings");
        let findings = all_findings(self.run);
        if findings.is_empty() {
            let _ = writeln!(out, "<p>{}</p>", self.t("report-findings-none"));
            return;
        }
        let _ = writeln!(out, "<p>{}</p>", self.t("report-findings-intro"));
        // One row per kind and set of variants.
        let mut groups: Vec<(&Finding, &[usize], Vec<&Finding>)> = Vec::new();
        for (finding, variants) in &findings {
            match groups
                .iter_mut()
                .find(|(first, of, _)| first.code == finding.code && of == variants)
            {
                Some((_, _, list)) => list.push(finding),
                None => groups.push((finding, variants, vec![finding])),
            }
        }
        // Warnings first, then the most frequent.
        groups.sort_by(|(a, of_a, list_a), (b, of_b, list_b)| {
            b.severity
                .cmp(&a.severity)
                .then(list_b.len().cmp(&list_a.len()))
                .then(a.code.cmp(&b.code))
                .then(of_a.cmp(of_b))
        });
        let _ = write!(
            out,
            r#"<table><caption>{}</caption><thead><tr><th scope="col">{}</th><th scope="col">{}</th><th scope="col" class="num">{}</th><th scope="col">{}</th></tr></thead><tbody>"#,
            self.t("report-findings-caption"),
            self.t("report-finding-kind"),
            self.t("common-variant"),
            self.t("report-finding-count"),
            self.t("report-finding-text"),
        );
        for (first, variants, list) in &groups {
            let severity = match first.severity {
                Severity::Warning => "report-severity-warning",
                Severity::Info => "report-severity-info",
            };
            let objects: Vec<String> = list
                .iter()
                .filter_map(|f| f.object.as_deref())
                .take(4)
                .map(|o| shortened(o, 36))
                .collect();
            let _ = write!(
                out,
                r#"<tr><td>{}</td><td>{}</td><td class="num">{}</td><td>{}"#,
                self.t(severity),
                escape(&self.names(variants)),
                self.texts.language().number(list.len() as f64, 0),
                escape(&shortened(&self.texts.finding(first), 400)),
            );
            if list.len() > 1 && !objects.is_empty() {
                let _ = write!(
                    out,
                    r#"<br><span class="quiet">{} {}{}</span>"#,
                    self.t("report-finding-objects"),
                    escape(&objects.join(", ")),
                    if list.len() > objects.len() {
                        " …"
                    } else {
                        ""
                    }
                );
            }
            let _ = write!(
                out,
                r#" <span class="code">{}</span></td></tr>"#,
                escape(&first.code)
            );
        }
        out.push_str("</tbody></table>\n");
    }
}
