//! The frame of the page: head, styles, and the sections in their order.

use std::fmt::Write as _;

use base64::prelude::{BASE64_STANDARD, Engine as _};

use crate::report::escape::escape;
use crate::report::maps::VariantChange;
use crate::report::raster::{DrawError, FONT_REGULAR, FONT_SEMIBOLD};
use crate::result::RunResult;
use crate::text::texts;

use super::lookup::Report;

/// The report of a run. `changes` are those of [`crate::result::write::changes`].
pub fn report_html(
    run: &RunResult,
    changes: &[Vec<Option<VariantChange>>],
) -> Result<String, DrawError> {
    let report = Report {
        run,
        changes,
        texts: texts(run.scenario.scenario.language),
        cities: run.variants.iter().map(|v| &*v.city).collect(),
    };
    report.page()
}

impl Report<'_> {
    fn page(&self) -> Result<String, DrawError> {
        let head = &self.run.scenario.scenario;
        let mut out = String::new();
        let _ = write!(
            out,
            r#"<!DOCTYPE html>
<html lang="{}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Planspiel {}">
<title>{}</title>
<style>
@font-face{{font-family:"IBM Plex Sans";font-weight:400;src:url(data:font/ttf;base64,{})}}
@font-face{{font-family:"IBM Plex Sans";font-weight:600;src:url(data:font/ttf;base64,{})}}
{STYLE}</style>
</head>
<body>
<main>
"#,
            head.language.code(),
            env!("CARGO_PKG_VERSION"),
            escape(&head.name),
            BASE64_STANDARD.encode(FONT_REGULAR),
            BASE64_STANDARD.encode(FONT_SEMIBOLD),
        );
        self.header(&mut out);
        self.question(&mut out);
        self.answer(&mut out);
        let mut figures = self.drawn_figures()?.into_iter();
        if let Some((_, figure)) = figures.next() {
            self.figure(&mut out, &figure, 1);
        }
        self.indicators(&mut out);
        self.maps(&mut out, figures.collect());
        self.facades(&mut out);
        self.buildings(&mut out);
        self.receivers(&mut out);
        self.water(&mut out);
        self.wind_tables(&mut out);
        self.traffic_tables(&mut out);
        self.access_tables(&mut out);
        self.shuttle_tables(&mut out);
        self.findings(&mut out);
        self.assumptions(&mut out);
        self.method(&mut out);
        self.sources(&mut out);
        self.provenance(&mut out);
        self.annex(&mut out);
        out.push_str("</main>\n</body>\n</html>\n");
        Ok(out)
    }
}

const STYLE: &str = r#"
@page{size:A4;margin:18mm 18mm 18mm;@bottom-right{content:counter(page) " / " counter(pages);font:8pt "IBM Plex Sans",sans-serif;color:#6a665f}@bottom-left{content:"Planspiel";font:8pt "IBM Plex Sans",sans-serif;color:#6a665f}}
*{box-sizing:border-box}
html{-webkit-print-color-adjust:exact;print-color-adjust:exact}
body{margin:0;background:#ecebe8;color:#26241f;font:10pt/1.45 "IBM Plex Sans",sans-serif;font-variant-numeric:tabular-nums}
main{max-width:210mm;margin:8mm auto;padding:18mm;background:#fff}
h1{font-size:22pt;line-height:1.15;font-weight:600;margin:0 0 4mm;overflow-wrap:anywhere}
h2{font-size:13pt;line-height:1.25;font-weight:600;margin:8mm 0 2mm;break-after:avoid}
h3{font-size:10.5pt;font-weight:600;margin:6mm 0 2mm;break-after:avoid}
p{margin:0 0 2.5mm;max-width:160mm;overflow-wrap:anywhere}
.kicker{margin:0 0 2mm;font-size:9pt;font-weight:600;letter-spacing:.06em;text-transform:uppercase;color:#b0360c}
.facts{display:flex;flex-wrap:wrap;gap:2mm 9mm;margin:0;padding:3mm 0;border-top:.3mm solid #26241f;border-bottom:.2mm solid #d4d0c9}
.facts dt{font-size:8pt;color:#6a665f}.facts dd{margin:0;font-weight:600;overflow-wrap:anywhere}
.answer{margin:5.5mm 0;padding:4.5mm 6mm 2.5mm;background:#f6f3ee;border-left:1.2mm solid #d2400f;-webkit-box-decoration-break:clone;box-decoration-break:clone}
.answer p{break-inside:avoid}.answer h2,.answer h3,.answer .lead{break-after:avoid}
.answer h2{margin:0 0 2mm}
.lead{display:block;font-size:12.5pt;line-height:1.38;font-weight:600;margin-bottom:2mm}
.quiet{color:#5f5b54}.small{font-size:8.5pt}
.strong{font-weight:600}
.code{font-size:8pt;color:#5f5b54;overflow-wrap:anywhere}
.warning{padding:2mm 3mm;border-left:1.2mm solid #c77700;background:#fdf5e6}
.mark{font-size:7.5pt;font-weight:400;color:#b0360c;white-space:nowrap}
ul.variants{margin:0;padding-left:5mm}ul.variants li{margin-bottom:1.5mm;overflow-wrap:anywhere}
table{width:100%;border-collapse:collapse;margin:2mm 0 4mm;font-size:9pt;line-height:1.35}
caption{text-align:left;font-size:8.5pt;color:#5f5b54;padding-bottom:1.2mm}
th,td{text-align:left;vertical-align:top;padding:1.1mm 2.5mm 1.1mm 0;border-bottom:.2mm solid #e2dfd9;overflow-wrap:break-word}
thead th{font-weight:600;font-size:8.5pt;vertical-align:bottom;border-bottom:.3mm solid #26241f}
tbody th{font-weight:400;overflow-wrap:anywhere;min-width:26mm;hyphens:auto}
th.num,td.num{text-align:right;white-space:nowrap;overflow-wrap:normal}
thead th.num{white-space:normal}
table.wide{font-size:8.5pt}table.wide thead th{font-size:8pt}table.wide tbody th{min-width:9mm}table.wide td.num{white-space:normal}
table.wide th,table.wide td{padding-right:1.8mm}table.wide th:last-child,table.wide td:last-child{padding-right:0}
th:last-child,td:last-child{padding-right:0}
.keep,tr{break-inside:avoid}thead{display:table-header-group}
.chip{display:inline-block;padding:.2mm 2mm;border-radius:.8mm;border:.15mm solid #6f6b65;font-size:8.5pt;white-space:nowrap}
figure{margin:0 0 4mm;break-inside:avoid}
figure img,figure svg{display:block;width:100%;height:auto}
figure.rose{max-width:80mm}
figcaption{font-size:8.5pt;color:#5f5b54;margin-top:1.5mm;max-width:160mm}
.pair{display:grid;grid-template-columns:84mm 84mm;gap:6mm;break-inside:avoid}
.method{margin:0 0 3mm;font-size:9pt}
.method div{display:grid;grid-template-columns:58mm 1fr;gap:3mm;padding:.8mm 0;border-bottom:.2mm solid #e2dfd9;break-inside:avoid}
.method dt{color:#5f5b54;overflow-wrap:anywhere}.method dd{margin:0;overflow-wrap:anywhere}
@media print{body{background:#fff}main{max-width:none;margin:0;padding:0}.break{break-before:page}}
@media screen and (max-width:700px){main{padding:5mm}.pair{grid-template-columns:1fr}}
"#;

#[cfg(test)]
mod tests {
    use super::super::lookup::SHORT_ROWS;
    use super::*;
    use crate::finding::Finding;
    use crate::report::sample::sample_run;
    use crate::report::sample_water::{sample_mixed, sample_water};
    use crate::result::compare::indicator_differences;
    use crate::result::write::changes;
    use crate::text::Language;

    fn html(run: &RunResult) -> String {
        report_html(run, &changes(run)).unwrap()
    }

    /// The page without fonts and pictures.
    fn words(html: &str) -> String {
        let mut out = String::new();
        for (i, part) in html.split("base64,").enumerate() {
            let text = if i == 0 {
                part
            } else {
                let end = part
                    .find(|c: char| !(c.is_ascii_alphanumeric() || "+/=".contains(c)))
                    .unwrap_or(part.len());
                &part[end..]
            };
            out.push_str(text);
        }
        out
    }

    #[test]
    fn the_answer_is_a_full_sentence_with_its_numbers() {
        let text = words(&html(&sample_run()));
        assert!(text.contains("Am 21. März 2027 "), "{text}");
        assert!(text.contains("niedrigere Klasse der DIN EN 17037"));
        assert!(text.contains("bester Punkt") || text.contains("besten Punkt"));
        assert!(!text.contains("{$") && !text.contains("{ $"));
    }

    #[test]
    fn every_text_of_the_report_exists_in_both_languages() {
        for language in Language::ALL {
            let mut run = sample_mixed();
            let mut scenario = (*run.scenario).clone();
            scenario.scenario.language = language;
            run.scenario = scenario.into();
            let text = words(&html(&run));
            for word in [
                "report-",
                "column-",
                "indicator-",
                "method-",
                "quantity-",
                "plane-",
                "common-",
                "class-",
                "flood-",
                "table-",
                "finding-",
            ] {
                assert!(!text.contains(&format!("[{word}")), "{language:?}: [{word}");
            }
            assert!(text.contains(&format!(r#"<html lang="{}">"#, language.code())));
        }
    }

    #[test]
    fn water_is_answered_alone_and_beside_the_sun() {
        let water = words(&html(&sample_water()));
        assert!(water.contains("Gebäuden steht das Wasser mindestens 10 cm hoch an der Fassade"));
        assert!(water.contains("100 mm in 60 min, SRI 12"));
        for part in [
            "Wasserbilanz",
            "Speicherstraße",
            "Pkw gesperrt",
            "Verfahren und Grenzen",
            "10⁻¹³",
            "ersetzen keine Ortsbegehung",
        ] {
            assert!(water.contains(part), "{part}");
        }
        for part in ["DIN EN 17037", "Sonnenstunden", "report-", "{$", "{ $"] {
            assert!(!water.contains(part), "{part}");
        }
        let mixed = words(&html(&sample_mixed()));
        for part in [
            "<h3>Sonne</h3>",
            "<h3>Wasser</h3>",
            "DIN EN 17037",
            "Wasserbilanz",
        ] {
            assert!(mixed.contains(part), "{part}");
        }
        let sun = words(&html(&sample_run()));
        assert!(
            !sun.contains("Wasser"),
            "the sun alone says nothing of water"
        );
    }

    #[test]
    fn water_of_the_baseline_alone_is_answered() {
        let mut run = sample_water();
        run.variants.truncate(1);
        let text = words(&html(&run));
        assert!(text.contains("Am tiefsten steht es an"), "{text}");
        assert!(text.contains("sind zeitweise für Pkw unpassierbar"));
        assert!(!text.contains("statt"));
    }

    #[test]
    fn hostile_names_stay_text_and_nothing_is_loaded_from_outside() {
        let mut run = sample_run();
        let mut scenario = (*run.scenario).clone();
        scenario.scenario.name = "<script>alert(1)</script><img src=x onerror=alert(1)>".into();
        scenario.scenario.comment = Some("\"><iframe src=http://127.0.0.1>".into());
        scenario.variants[0].name = "<b onclick=x>".into();
        run.scenario = scenario.into();
        run.scenario_path = "<svg onload=1>".into();
        run.variants[1].name = "<b onclick=x>".into();
        let text = words(&html(&run));
        for bad in [
            "<script",
            "<iframe",
            "<b onclick",
            "<img src=x",
            "<svg onload",
        ] {
            assert!(!text.contains(bad), "{bad}");
        }
        assert!(!text.contains("src=\"http") && !text.contains("href=\"http"));
    }

    #[test]
    fn a_baseline_alone_is_answered_too() {
        let mut run = sample_run();
        run.variants.truncate(1);
        let mut scenario = (*run.scenario).clone();
        scenario.variants.clear();
        run.scenario = scenario.into();
        let text = words(&html(&run));
        assert!(text.contains("Mindestempfehlung"), "{text}");
    }

    #[test]
    fn pictures_have_words_and_tables_have_heads() {
        let text = words(&html(&sample_mixed()));
        assert!(!text.contains("alt=\"\""));
        let count = |what: &str| text.matches(what).count();
        assert!(count("<img ") >= 3);
        assert!(count("<table") >= 3);
        assert_eq!(count("<table"), count("<caption>"));
        assert_eq!(count("<table"), count("<thead>"));
        for tag in ["table", "figure", "section", "dl", "ul", "div", "tr", "p"] {
            assert_eq!(
                count(&format!("<{tag}>")) + count(&format!("<{tag} ")),
                count(&format!("</{tag}>")),
                "{tag}"
            );
        }
    }

    #[test]
    fn the_city_model_is_named_by_its_file() {
        let mut run = sample_run();
        let name = |run: &RunResult| {
            let text = words(&html(run));
            let row = text.split("<dt>Stadtmodell</dt><dd>").nth(1).unwrap();
            row.split('<').next().unwrap().to_owned()
        };
        assert_eq!(name(&run), "sample:kai.city.json");
        let mut scenario = (*run.scenario).clone();
        scenario.scenario.city = Some("kai/*.gml".to_owned());
        run.scenario = scenario.into();
        assert_eq!(name(&run), "kai/*.gml");
    }

    #[test]
    fn changes_of_key_figures_say_for_how_many_objects_they_hold() {
        let run = sample_run();
        let rows = indicator_differences(&run.variants[0], &run.variants[1], "sun");
        let text = words(&html(&run));
        for row in &rows {
            let n = Language::De.number(row.matched.as_ref().unwrap().count as f64, 0);
            assert!(text.contains(&format!("n = {n}<")), "{n}");
        }
        assert!(text.contains("die es im Bestand und in der Variante gibt"));
    }

    #[test]
    fn drafts_and_buildings_of_another_class_are_listed() {
        let text = words(&html(&sample_run()));
        let table = text.split("deren Klasse sich ändert").nth(1).unwrap();
        let table = table.split("</table>").next().unwrap();
        assert!(table.contains(r#"title="turm">Turm "#), "{table}");
        assert!(table.matches("<tr>").count() <= SHORT_ROWS + 1);
    }

    #[test]
    fn findings_of_one_variant_name_it() {
        let mut run = sample_run();
        let mut city = (*run.variants[1].city).clone();
        city.findings
            .push(Finding::warning("draft-empty").object("turm"));
        run.variants[1].city = city.into();
        let text = words(&html(&run));
        let row = |code: &str| {
            let end = text.find(&format!(">{code}</span>")).unwrap();
            text[..end].rsplit("<tr>").next().unwrap().to_owned()
        };
        assert!(row("draft-empty").contains("<td>Turm am Kai</td>"));
        assert!(row("height-assumed").contains("<td>alle</td>"));
    }

    #[test]
    fn assumed_heights_are_named() {
        let text = words(&html(&sample_run()));
        assert!(text.contains("Höhe angenommen"));
        assert!(text.contains("angenommene"));
    }
}
