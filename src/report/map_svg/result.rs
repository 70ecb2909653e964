//! The result in colour: the raster on the ground, hatched cells, walls.

use std::fmt::Write as _;

use base64::prelude::{BASE64_STANDARD, Engine as _};

use crate::report::raster::{DrawError, raster_image};
use crate::result::FieldData;
use crate::result::legend::{LegendKind, css_color, legend};

use super::base::plan_box;
use super::ink;
use super::paper::{Extent, Paper};
use super::spec::{HatchLayer, MapSpec, WallLayer};

pub(super) fn draw_raster(
    body: &mut String,
    spec: &MapSpec,
    paper: &Paper,
) -> Result<(), DrawError> {
    let Some(field) = spec.raster else {
        return Ok(());
    };
    let (FieldData::Raster { grid, values }, Some(legend)) = (&field.data, legend(field.legend))
    else {
        return Ok(());
    };
    let boxes: Vec<([f64; 2], [f64; 2])> = spec
        .city
        .buildings
        .iter()
        .map(|b| plan_box(b))
        .filter(|(min, max)| paper.sees(*min, *max))
        .collect();
    let covered = |x: f64, y: f64| {
        boxes
            .iter()
            .any(|(min, max)| x >= min[0] && x <= max[0] && y >= min[1] && y <= max[1])
    };
    // Pixels of about an eighth of a millimetre, at most 16 per cell.
    let zoom = (grid.cell_m * paper.mm_per_m / 0.12)
        .ceil()
        .clamp(1.0, 16.0) as usize;
    let bounds = (paper.extent.min, paper.extent.max);
    let Some(image) = raster_image(grid, values, legend, bounds, zoom, &covered)? else {
        return Ok(());
    };
    let _ = write!(
        body,
        r#"<image x="{:.3}" y="{:.3}" width="{:.3}" height="{:.3}" preserveAspectRatio="none" image-rendering="optimizeSpeed" xlink:href="data:image/png;base64,{}"/>"#,
        paper.x(image.min[0]),
        paper.y(image.max[1]),
        (image.max[0] - image.min[0]) * paper.mm_per_m,
        (image.max[1] - image.min[1]) * paper.mm_per_m,
        BASE64_STANDARD.encode(&image.png)
    );
    Ok(())
}

/// Distance (mm) of the lines of a hatch.
const HATCH_MM: f64 = 1.1;

/// Hatches runs of cells, row by row.
pub(super) fn draw_hatch(body: &mut String, layer: &HatchLayer<'_>, paper: &Paper) {
    let grid = layer.grid;
    let mut path = String::new();
    for row in 0..grid.rows {
        let hatched = |col: &usize| {
            let cell = grid.index(row, *col);
            layer.masks.iter().any(|mask| mask[cell] >= 1.0)
        };
        let mut col = 0;
        while col < grid.cols {
            let run = (col..grid.cols).take_while(hatched).count();
            if run > 0 {
                let [x, y] = grid.centre(row, col);
                let half = 0.5 * grid.cell_m;
                let width = run as f64 * grid.cell_m * paper.mm_per_m;
                let _ = write!(
                    path,
                    "M{:.2} {:.2}h{width:.2}v{:.2}h-{width:.2}z",
                    paper.x(x - half),
                    paper.y(y + half),
                    grid.cell_m * paper.mm_per_m
                );
            }
            col += run.max(1);
        }
    }
    if !path.is_empty() {
        let _ = write!(
            body,
            r##"<pattern id="hatch" patternUnits="userSpaceOnUse" width="{HATCH_MM}" height="{HATCH_MM}" patternTransform="rotate(45)"><line x1="0" y1="0" x2="0" y2="{HATCH_MM}" stroke="#8a8a85" stroke-width="0.3"/></pattern><path d="{path}" fill="url(#hatch)"/>"##
        );
    }
}

pub(super) fn draw_walls(body: &mut String, layer: &WallLayer, paper: &Paper) {
    let Some(legend) = legend(layer.legend) else {
        return;
    };
    const WIDTH_MM: f64 = 0.9;
    const UNCHANGED_MM: f64 = 0.3;
    let signed = matches!(legend.kind, LegendKind::Continuous { min, .. } if min < 0.0);
    for casing in [true, false] {
        body.push_str(r#"<g fill="none">"#);
        for wall in &layer.walls {
            let bounds = Extent::around(wall.line);
            if !bounds.is_some_and(|b| paper.sees(b.min, b.max)) {
                continue;
            }
            // In a map of changes, walls that lose or gain less than half a minute stay thin.
            let width = if signed && wall.value.abs() < 0.5 / 60.0 {
                UNCHANGED_MM
            } else {
                WIDTH_MM
            };
            // Half a line outwards, so that the inner edge of the colour is the wall.
            let shift = 0.5 * width / paper.mm_per_m;
            let line = wall
                .line
                .map(|[x, y]| [x + shift * wall.outward[0], y + shift * wall.outward[1]]);
            let mut path = String::new();
            paper.line(&mut path, &line);
            let (color, extra) = if casing {
                (ink::BUILDING_LINE.to_owned(), 0.24)
            } else {
                (css_color(legend.color(wall.value)), 0.0)
            };
            let _ = write!(
                body,
                r#"<path d="{path}" stroke="{color}" stroke-width="{:.2}"/>"#,
                width + extra
            );
        }
        body.push_str("</g>");
    }
}
