//! Curves of a reference beside those of this program, as SVG and PNG.

use std::fmt::Write as _;

use crate::report::escape::escape;
use crate::report::png_from_svg;

/// How a curve is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Measured or exact: a dark line below the others.
    Reference,
    /// Single measured values: dots.
    Dots,
    /// Computed: a strong blue line.
    Own,
    /// Computed by the faster way: a thin orange line.
    Fast,
    /// Ground, filled downwards.
    Ground,
}

impl Style {
    fn color(self) -> &'static str {
        match self {
            Self::Reference | Self::Dots => "#26241f",
            Self::Own => "#1f78c8",
            Self::Fast => "#d2660f",
            Self::Ground => "#8d8982",
        }
    }

    fn width(self) -> f64 {
        match self {
            Self::Reference => 0.9,
            Self::Own => 0.45,
            Self::Fast => 0.3,
            Self::Dots | Self::Ground => 0.25,
        }
    }
}

/// A curve: gaps where a value is no number.
#[derive(Clone, Debug)]
pub struct Line {
    /// Name in the key of the figure.
    pub name: &'static str,
    /// How it is drawn.
    pub style: Style,
    /// Points in the units of the panel.
    pub points: Vec<[f64; 2]>,
}

impl Line {
    /// A curve from places and values.
    pub fn new(
        name: &'static str,
        style: Style,
        x: impl IntoIterator<Item = f64>,
        y: impl IntoIterator<Item = f64>,
    ) -> Self {
        Self {
            name,
            style,
            points: x.into_iter().zip(y).map(|(x, y)| [x, y]).collect(),
        }
    }

    /// An exact curve with those of order 1 (`fast`) and order 2 (`own`) over the same positions.
    pub fn orders_beside(exact: Vec<[f64; 2]>, fast: &[f64], own: &[f64]) -> Vec<Self> {
        let x = || exact.iter().map(|point| point[0]);
        let fast = Self::new("order 1, f32", Style::Fast, x(), fast.iter().copied());
        let own = Self::new("order 2, f64", Style::Own, x(), own.iter().copied());
        let exact = Self {
            name: "exact",
            style: Style::Reference,
            points: exact,
        };
        vec![exact, fast, own]
    }
}

/// One pair of axes.
#[derive(Clone, Debug)]
pub struct Panel {
    /// What is shown.
    pub title: String,
    /// Quantity and unit along.
    pub x: &'static str,
    /// Quantity and unit upwards.
    pub y: &'static str,
    /// Curves, the lowest first.
    pub lines: Vec<Line>,
    /// Told small below the title, e.g. an error.
    pub note: String,
}

/// Panels that belong together: one picture.
#[derive(Clone, Debug)]
pub struct Figure {
    /// Name of the file without ending.
    pub name: &'static str,
    /// Heading.
    pub title: &'static str,
    /// Where the reference comes from.
    pub source: &'static str,
    /// Panels side by side.
    pub columns: usize,
    /// Panels, row by row.
    pub panels: Vec<Panel>,
}

/// Size of a panel with its labels, and the room for labels in it (mm).
const PANEL: [f64; 2] = [88.0, 56.0];
const LEFT: f64 = 14.0;
const RIGHT: f64 = 4.0;
const TOP: f64 = 11.0;
const BOTTOM: f64 = 11.0;
/// Heading of the figure, and its foot (mm).
const HEAD: f64 = 17.0;
const FOOT: f64 = 7.0;
const MARGIN: f64 = 4.0;
/// Pixels per mm of the PNG.
const PX_PER_MM: f64 = 8.0;

/// A round step (1, 2 or 5 times a power of ten) that parts a range into at most `parts`.
fn round_step(range: f64, parts: f64) -> f64 {
    let raw = range / parts;
    let power = 10_f64.powf(raw.log10().floor());
    let factors = [1.0, 2.0, 5.0, 10.0];
    let found = factors.map(|f| f * power);
    let step = found.into_iter().find(|step| *step >= raw * (1.0 - 1e-9));
    step.unwrap_or(10.0 * power)
}

/// An axis from round to round numbers.
struct Axis {
    from: f64,
    to: f64,
    step: f64,
    decimals: usize,
}

impl Axis {
    /// Around values; `tight` ends at the values themselves.
    fn around(values: impl Iterator<Item = f64>, tight: bool) -> Self {
        let finite = values.filter(|v| v.is_finite());
        let ends = |[a, b]: [f64; 2], v: f64| [a.min(v), b.max(v)];
        let [mut from, mut to] = finite.fold([f64::INFINITY, f64::NEG_INFINITY], ends);
        if from > to {
            [from, to] = [0.0, 1.0];
        }
        if to - from <= 1e-12 * to.abs().max(1e-9) {
            [from, to] = [from - 0.5, to + 0.5];
        }
        let step = round_step(to - from, 5.0);
        if !tight {
            from = (from / step + 1e-9).floor() * step;
            to = (to / step - 1e-9).ceil() * step;
        }
        Self {
            from,
            to,
            step,
            decimals: (-step.log10().floor()).max(0.0) as usize,
        }
    }

    fn share(&self, value: f64) -> f64 {
        (value - self.from) / (self.to - self.from)
    }

    fn ticks(&self) -> impl Iterator<Item = (f64, String)> + '_ {
        let first = (self.from / self.step - 1e-9).ceil() as i64;
        let last = (self.to / self.step + 1e-9).floor() as i64;
        (first..=last).map(|k| {
            let value = k as f64 * self.step;
            (value, format!("{value:.*}", self.decimals))
        })
    }
}

/// Letters of a small text at a place.
fn text(out: &mut String, [x, y]: [f64; 2], size: f64, style: &str, words: &str) {
    let _ = write!(
        out,
        r#"<text x="{x:.2}" y="{y:.2}" font-size="{size}" {style}>{}</text>"#,
        escape(words)
    );
}

impl Panel {
    fn draw(&self, [left, top]: [f64; 2], out: &mut String) {
        let points = || self.lines.iter().flat_map(|line| line.points.iter());
        let across = Axis::around(points().map(|p| p[0]), true);
        let up = Axis::around(points().map(|p| p[1]), false);
        let (x0, x1) = (left + LEFT, left + PANEL[0] - RIGHT);
        let (y0, y1) = (top + PANEL[1] - BOTTOM, top + TOP);
        let x = |v: f64| x0 + across.share(v) * (x1 - x0);
        let y = |v: f64| y0 - up.share(v) * (y0 - y1);
        text(
            out,
            [left + LEFT, top + 4.0],
            3.3,
            r##"font-weight="600" fill="#26241f""##,
            &self.title,
        );
        text(
            out,
            [left + LEFT, top + 8.2],
            2.7,
            r##"fill="#6a665f""##,
            &self.note,
        );
        for (value, label) in up.ticks() {
            let at = y(value);
            let _ = write!(
                out,
                r##"<path d="M{x0:.2} {at:.2}H{x1:.2}" stroke="#e4e1dc" stroke-width="0.2"/>"##
            );
            text(
                out,
                [x0 - 1.2, at + 0.95],
                2.7,
                r##"fill="#6a665f" text-anchor="end""##,
                &label,
            );
        }
        for (value, label) in across.ticks() {
            let at = x(value);
            let _ = write!(
                out,
                r##"<path d="M{at:.2} {y0:.2}v1" stroke="#8d8982" stroke-width="0.2"/>"##
            );
            text(
                out,
                [at, y0 + 4.2],
                2.7,
                r##"fill="#6a665f" text-anchor="middle""##,
                &label,
            );
        }
        text(
            out,
            [0.5 * (x0 + x1), y0 + 8.2],
            2.7,
            r##"fill="#26241f" text-anchor="middle""##,
            self.x,
        );
        let (cx, cy) = (left + 2.6, 0.5 * (y0 + y1));
        let turned = format!(
            r##"fill="#26241f" text-anchor="middle" transform="rotate(-90 {cx:.2} {cy:.2})""##
        );
        text(out, [cx, cy], 2.7, &turned, self.y);
        for line in &self.lines {
            line.draw(x, y, y0, out);
        }
        let _ = write!(
            out,
            r##"<path d="M{x0:.2} {y1:.2}V{y0:.2}H{x1:.2}" fill="none" stroke="#8d8982" stroke-width="0.25"/>"##
        );
    }
}

impl Line {
    fn draw(&self, x: impl Fn(f64) -> f64, y: impl Fn(f64) -> f64, floor: f64, out: &mut String) {
        let (color, width) = (self.style.color(), self.style.width());
        if self.style == Style::Dots {
            for [px, py] in self.points.iter().filter(|[_, y]| y.is_finite()) {
                let _ = write!(
                    out,
                    r#"<circle cx="{:.2}" cy="{:.2}" r="0.8" fill="{color}"/>"#,
                    x(*px),
                    y(*py)
                );
            }
            return;
        }
        let mut path = String::new();
        let mut pen_up = true;
        let mut ends = [f64::NAN; 2];
        for [px, py] in &self.points {
            if !py.is_finite() {
                pen_up = true;
                continue;
            }
            let (sx, sy) = (x(*px), y(*py));
            let letter = if pen_up { 'M' } else { 'L' };
            let _ = write!(path, "{letter}{sx:.2} {sy:.2}");
            pen_up = false;
            ends = [if ends[0].is_nan() { sx } else { ends[0] }, sx];
        }
        if self.style == Style::Ground && !path.is_empty() {
            let [first, last] = ends;
            let _ = write!(
                out,
                r##"<path d="{path}L{last:.2} {floor:.2}L{first:.2} {floor:.2}Z" fill="#e9e6e1" stroke="none"/>"##
            );
        }
        let _ = write!(
            out,
            r#"<path d="{path}" fill="none" stroke="{color}" stroke-width="{width}" stroke-linejoin="round"/>"#
        );
    }
}

impl Figure {
    /// The picture; lengths are mm.
    pub fn svg(&self) -> String {
        let columns = self.columns.max(1);
        let rows = self.panels.len().div_ceil(columns);
        let width = 2.0 * MARGIN + columns as f64 * PANEL[0];
        let height = HEAD + rows as f64 * PANEL[1] + FOOT;
        let mut out = format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}mm" height="{height}mm">"#
        );
        let _ = write!(
            out,
            r##"<rect width="{width}" height="{height}" fill="#ffffff"/>"##
        );
        text(
            &mut out,
            [MARGIN + 2.0, 7.0],
            4.6,
            r##"font-weight="600" fill="#26241f""##,
            self.title,
        );
        self.key(&mut out);
        for (k, panel) in self.panels.iter().enumerate() {
            let (row, col) = (k / columns, k % columns);
            panel.draw(
                [MARGIN + col as f64 * PANEL[0], HEAD + row as f64 * PANEL[1]],
                &mut out,
            );
        }
        text(
            &mut out,
            [MARGIN + 2.0, height - 2.6],
            2.5,
            r##"fill="#6a665f""##,
            self.source,
        );
        out.push_str("</svg>");
        out
    }

    /// Names of all kinds of curves, each once, behind a piece of them.
    fn key(&self, out: &mut String) {
        let mut seen: Vec<(&str, Style)> = Vec::new();
        for line in self.panels.iter().flat_map(|p| &p.lines) {
            if !seen.contains(&(line.name, line.style)) {
                seen.push((line.name, line.style));
            }
        }
        let (mut at, y) = (MARGIN + 2.0, 12.6);
        for (name, style) in seen {
            let color = style.color();
            let sign = match style {
                Style::Dots => format!(
                    r#"<circle cx="{:.2}" cy="{:.2}" r="0.8" fill="{color}"/>"#,
                    at + 3.0,
                    y - 1.0
                ),
                Style::Ground => format!(
                    r##"<rect x="{at:.2}" y="{:.2}" width="6" height="2.2" fill="#e9e6e1" stroke="{color}" stroke-width="0.25"/>"##,
                    y - 2.1
                ),
                _ => format!(
                    r#"<path d="M{at:.2} {:.2}h6" stroke="{color}" stroke-width="{}"/>"#,
                    y - 1.0,
                    style.width()
                ),
            };
            out.push_str(&sign);
            text(out, [at + 7.5, y], 2.9, r##"fill="#26241f""##, name);
            at += 7.5 + crate::report::map_svg::text_width(name, 2.9) + 6.0;
        }
    }

    /// The picture as PNG.
    pub fn png(&self) -> Result<Vec<u8>, String> {
        let width = 2.0 * MARGIN + self.columns.max(1) as f64 * PANEL[0];
        png_from_svg(&self.svg(), (width * PX_PER_MM) as u32).map_err(|e| e.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(values: Vec<f64>) -> Figure {
        let x = (0..values.len()).map(|i| i as f64);
        Figure {
            name: "x",
            title: "Depth <1>",
            source: "exact",
            columns: 1,
            panels: vec![Panel {
                title: "A & B".to_owned(),
                x: "x (m)",
                y: "depth (m)",
                lines: vec![
                    Line::new("ground", Style::Ground, x.clone(), values.clone()),
                    Line::new("exact", Style::Reference, x.clone(), values.clone()),
                    Line::new("measured", Style::Dots, x, values),
                ],
                note: String::new(),
            }],
        }
    }

    #[test]
    fn axes_end_at_round_numbers_around_the_values() {
        let axis = Axis::around([0.013, 0.37].into_iter(), false);
        assert_eq!((axis.from, axis.to), (0.0, 0.4));
        let labels: Vec<String> = axis.ticks().map(|(_, label)| label).collect();
        assert_eq!(labels, ["0.0", "0.1", "0.2", "0.3", "0.4"]);
        let flat = Axis::around([2.0, 2.0].into_iter(), false);
        assert!(flat.from < 2.0 && flat.to > 2.0);
        let none = Axis::around([f64::NAN].into_iter(), false);
        assert_eq!((none.from, none.to), (0.0, 1.0));
    }

    #[test]
    fn a_figure_draws_with_gaps_without_points_and_with_marks_in_its_texts() {
        for values in [vec![1.0, f64::NAN, 2.0, 3.0], vec![], vec![5.0]] {
            let figure = figure(values);
            assert!(!figure.svg().contains("NaN"));
            let png = figure.png().unwrap();
            let picture = image::load_from_memory(&png).unwrap().to_rgb8();
            assert!(picture.pixels().any(|p| p.0[0] < 100));
        }
    }
}
