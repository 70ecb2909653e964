//! The sheet: title, frame, the layers in their order, scale bar, legends, sources.

use std::fmt::Write as _;

use crate::report::escape::escape;
use crate::report::raster::{DrawError, FONT_FAMILY};
use crate::text::Texts;

use super::arrows::draw_arrows;
use super::barriers::draw_barriers;
use super::base::{change_labels, draw_buildings, draw_change_labels, draw_land, draw_trees};
use super::ink;
use super::legends::draw_legends;
use super::paper::{Extent, Paper, scale_for};
use super::result::{draw_hatch, draw_raster, draw_walls};
use super::spec::MapSpec;
use super::street_names::draw_street_names;
use super::words::{text, text_width, wrap};

/// Draws the map. An error means that the picture of the raster could not be encoded.
pub fn map_svg(spec: &MapSpec) -> Result<String, DrawError> {
    let width = spec.width_mm;
    let scale = scale_for(spec.extent, width, spec.max_height_mm);
    let mm_per_m = 1000.0 / f64::from(scale);
    // The frame is as wide as the paper and as high as the extent needs, at least two fifths as high as wide.
    let height = (spec.extent.size()[1] * mm_per_m)
        .max(0.4 * width)
        .min(spec.max_height_mm);
    let [cx, cy] = spec.extent.centre();
    let half = [0.5 * width / mm_per_m, 0.5 * height / mm_per_m];
    let extent = Extent {
        min: [cx - half[0], cy - half[1]],
        max: [cx + half[0], cy + half[1]],
    };

    let small = width < 120.0;
    let (title_size, text_size, note_size) = if small {
        (3.3, 2.6, 1.9)
    } else {
        (4.2, 3.1, 2.1)
    };
    let title_lines = wrap(&spec.title, width, title_size);
    let subtitle_lines = wrap(&spec.subtitle, width, text_size);
    let top = title_lines.len() as f64 * title_size * 1.25
        + subtitle_lines.len() as f64 * text_size * 1.3
        + 1.6;
    let paper = Paper {
        extent,
        mm_per_m,
        top_mm: top,
    };

    let mut body = String::new();
    let mut y = 0.0;
    for line in &title_lines {
        y += title_size * 1.25;
        text(
            &mut body,
            0.0,
            y - 0.25 * title_size,
            title_size,
            "600",
            ink::TEXT,
            "start",
            line,
        );
    }
    for line in &subtitle_lines {
        y += text_size * 1.3;
        text(
            &mut body,
            0.0,
            y - 0.25 * text_size,
            text_size,
            "400",
            ink::QUIET,
            "start",
            line,
        );
    }

    let _ = write!(
        body,
        r#"<clipPath id="frame"><rect x="0" y="{top:.2}" width="{width}" height="{height:.2}"/></clipPath><g clip-path="url(#frame)"><rect x="0" y="{top:.2}" width="{width}" height="{height:.2}" fill="{}"/>"#,
        ink::GROUND
    );
    draw_land(&mut body, spec.city, &paper);
    draw_raster(&mut body, spec, &paper)?;
    if let Some(layer) = &spec.hatch {
        draw_hatch(&mut body, layer, &paper);
    }
    if let Some(layer) = &spec.arrows {
        draw_arrows(&mut body, layer, &paper);
    }
    let labels = change_labels(spec, &paper, text_size);
    if !small && scale <= 5000 {
        let taken: Vec<[f64; 4]> = labels.iter().map(|l| l.room(text_size)).collect();
        draw_street_names(&mut body, spec.city, &paper, note_size, &taken);
    }
    draw_trees(&mut body, &spec.city.trees, &paper, scale);
    draw_buildings(&mut body, spec, &paper, scale);
    draw_barriers(&mut body, spec.city, &paper);
    if let Some(layer) = &spec.walls {
        draw_walls(&mut body, layer, &paper);
    }
    draw_change_labels(&mut body, &labels, text_size);
    draw_north(&mut body, spec.texts, width, top);
    body.push_str("</g>");
    let _ = write!(
        body,
        r#"<rect x="0.1" y="{top:.2}" width="{:.2}" height="{height:.2}" fill="none" stroke="{}" stroke-width="0.2"/>"#,
        width - 0.2,
        ink::FRAME
    );

    let mut y = top + height + 3.0;
    let bar_width = draw_scale_bar(&mut body, spec.texts, scale, width, y, text_size);
    y = draw_legends(
        &mut body,
        spec,
        &paper,
        y,
        width,
        width - bar_width - 6.0,
        text_size,
    );
    for words in [&spec.sources, &spec.stamp] {
        for line in wrap(words, width, note_size) {
            y += note_size * 1.3;
            text(
                &mut body,
                0.0,
                y,
                note_size,
                "400",
                ink::QUIET,
                "start",
                &line,
            );
        }
    }
    y += note_size * 0.6;
    Ok(format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{width}mm" height="{y:.2}mm" viewBox="0 0 {width} {y:.2}" font-family="{FONT_FAMILY}" role="img"><title>{}</title><rect x="0" y="0" width="{width}" height="{y:.2}" fill="#ffffff"/>{body}</svg>"##,
        escape(&format!("{} – {}", spec.title, spec.subtitle))
    ))
}

fn draw_north(body: &mut String, texts: &Texts, width: f64, top: f64) {
    let (x, y) = (width - 6.0, top + 3.0);
    let _ = write!(
        body,
        r##"<g stroke-linejoin="round"><path d="M{x:.2} {y:.2}l2.1 7.4l-2.1 -1.5l-2.1 1.5Z" fill="#ffffff" stroke="#ffffff" stroke-width="1"/><path d="M{x:.2} {y:.2}l2.1 7.4l-2.1 -1.5Z" fill="{0}"/><path d="M{x:.2} {y:.2}l-2.1 7.4l2.1 -1.5Z" fill="#ffffff" stroke="{0}" stroke-width="0.2"/><text x="{x:.2}" y="{1:.2}" font-size="3" font-weight="600" text-anchor="middle" fill="{0}" stroke="#ffffff" stroke-width="0.8" paint-order="stroke">{2}</text></g>"##,
        ink::TEXT,
        y + 10.4,
        escape(&texts.get("common-direction-n"))
    );
}

/// Draws the scale bar at the right edge and returns the width (mm) it takes.
fn draw_scale_bar(
    body: &mut String,
    texts: &Texts,
    scale: u32,
    width: f64,
    y: f64,
    size: f64,
) -> f64 {
    let language = texts.language();
    let mm_per_m = 1000.0 / f64::from(scale);
    let longest = if width < 120.0 { 24.0 } else { 42.0 };
    let length_m = [
        5000.0, 2000.0, 1000.0, 500.0, 200.0, 100.0, 50.0, 20.0, 10.0, 5.0,
    ]
    .into_iter()
    .find(|m| m * mm_per_m <= longest)
    .unwrap_or(5.0);
    let length = length_m * mm_per_m;
    let x = width - length - 0.2;
    let half = 0.5 * length;
    let _ = write!(
        body,
        r##"<rect x="{x:.2}" y="{y:.2}" width="{half:.2}" height="1" fill="{0}" stroke="{0}" stroke-width="0.15"/><rect x="{1:.2}" y="{y:.2}" width="{half:.2}" height="1" fill="#ffffff" stroke="{0}" stroke-width="0.15"/>"##,
        ink::TEXT,
        x + half
    );
    let label_y = y + 1.4 + size;
    text(body, x, label_y, size, "400", ink::TEXT, "start", "0");
    let end = language.with_unit(length_m, 0, "m");
    text(
        body,
        x + length,
        label_y,
        size,
        "400",
        ink::TEXT,
        "end",
        &end,
    );
    let ratio = format!("1 : {}", language.number(f64::from(scale), 0));
    text(
        body,
        x + length,
        label_y + 1.35 * size,
        size,
        "600",
        ink::TEXT,
        "end",
        &ratio,
    );
    length.max(text_width(&ratio, size))
}
