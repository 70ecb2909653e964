//! One map as SVG: a quiet base, the result in colour, and everything a map needs on itself.
//!
//! All lengths on paper are millimetres (`viewBox` in mm). North of the map is grid north of the CRS. The scale is a round
//! number and holds when the picture is printed at its own width.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use base64::prelude::{BASE64_STANDARD, Engine as _};

use crate::city::{Building, City, LandCoverKind, SurfaceKind, Tree};
use crate::geo::Grid;
use crate::result::compare::ObjectDifference;
use crate::result::legend::{Legend, LegendKind, css_color, legend};
use crate::result::{Field, FieldData};
use crate::text::Texts;

use super::escape::{escape, shortened};
use super::raster::{DrawError, FONT_FAMILY, raster_image};

/// Scales a map may have (1 : n).
pub const SCALES: [u32; 15] = [
    250, 500, 750, 1000, 1500, 2000, 2500, 3000, 4000, 5000, 7500, 10_000, 20_000, 25_000, 50_000,
];

/// Colours of the base; results alone are strong.
mod ink {
    pub const GROUND: &str = "#f6f5f2";
    pub const WATER: &str = "#c9d6dd";
    pub const GREEN: &str = "#e6eade";
    pub const PAVED: &str = "#f1efeb";
    pub const RAILWAY: &str = "#e4e1dc";
    pub const STREET: &str = "#ffffff";
    pub const STREET_NAME: &str = "#5b5750";
    pub const STREET_EDGE: &str = "#dcd9d3";
    pub const BUILDING: &str = "#dedbd6";
    pub const BUILDING_LINE: &str = "#6f6b65";
    pub const ROOF_LINE: &str = "#aeaaa3";
    pub const TREE: &str = "#b9c7ad";
    pub const TREE_LINE: &str = "#8fa07f";
    pub const DRAFT: &str = "#f8cdb9";
    pub const DRAFT_LINE: &str = "#d2400f";
    pub const TEXT: &str = "#26241f";
    pub const QUIET: &str = "#6a665f";
    pub const FRAME: &str = "#8d8982";
    pub const ARROW: &str = "#14181f";
}

/// A box in local metres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// South-western corner.
    pub min: [f64; 2],
    /// North-eastern corner.
    pub max: [f64; 2],
}

impl Extent {
    /// Box around points; `None` without points.
    pub fn around(points: impl IntoIterator<Item = [f64; 2]>) -> Option<Self> {
        let mut points = points.into_iter();
        let first = points.next()?;
        let mut extent = Self {
            min: first,
            max: first,
        };
        for p in points {
            extent.add(p);
        }
        Some(extent)
    }

    /// Grows to hold a point.
    pub fn add(&mut self, p: [f64; 2]) {
        for (i, x) in p.into_iter().enumerate() {
            self.min[i] = self.min[i].min(x);
            self.max[i] = self.max[i].max(x);
        }
    }

    /// Grows by a margin (m) on all sides.
    #[must_use]
    pub fn grown(self, margin_m: f64) -> Self {
        Self {
            min: self.min.map(|x| x - margin_m),
            max: self.max.map(|x| x + margin_m),
        }
    }

    /// Common part; `None` when the boxes lie apart.
    pub fn intersection(self, other: Self) -> Option<Self> {
        let both = Self {
            min: std::array::from_fn(|i| self.min[i].max(other.min[i])),
            max: std::array::from_fn(|i| self.max[i].min(other.max[i])),
        };
        (both.min[0] < both.max[0] && both.min[1] < both.max[1]).then_some(both)
    }

    /// Width and height (m).
    pub fn size(self) -> [f64; 2] {
        [self.max[0] - self.min[0], self.max[1] - self.min[1]]
    }

    fn centre(self) -> [f64; 2] {
        std::array::from_fn(|i| 0.5 * (self.min[i] + self.max[i]))
    }
}

/// What a map shows.
pub struct MapSpec<'a> {
    /// Language.
    pub texts: &'a Texts,
    /// First line: quantity, place, day.
    pub title: String,
    /// Second line: scenario and variant.
    pub subtitle: String,
    /// City of the variant.
    pub city: &'a City,
    /// What the variant changed, to be drawn in the accent colour.
    pub changes: Option<&'a ObjectDifference>,
    /// Ground raster, coloured by its own legend.
    pub raster: Option<&'a Field>,
    /// Coloured lines along walls.
    pub walls: Option<WallLayer>,
    /// Arrows over the raster.
    pub arrows: Option<ArrowLayer<'a>>,
    /// Hatched cells.
    pub hatch: Option<HatchLayer<'a>>,
    /// Part of the city to show.
    pub extent: Extent,
    /// Width on paper (mm).
    pub width_mm: f64,
    /// Largest height of the map itself (mm), without title and legend.
    pub max_height_mm: f64,
    /// Attribution and licences.
    pub sources: String,
    /// Program version and hash.
    pub stamp: String,
}

/// Directions and speeds of water or wind, drawn as arrows of three lengths.
#[derive(Clone, Copy, Debug)]
pub struct ArrowLayer<'a> {
    /// Cells.
    pub grid: &'a Grid,
    /// Direction (degrees clockwise from grid north) that it flows to; NaN without.
    pub direction_deg: &'a [f32],
    /// Speed (m/s).
    pub speed_m_per_s: &'a [f32],
    /// Speeds (m/s) from which arrows are drawn, and the lengths (mm) they have, fastest first.
    pub lengths_mm: [(f32, f64); 3],
    /// Text key of the line in the legend.
    pub label: &'static str,
}

/// Cells without a class, hatched over the raster.
#[derive(Clone, Debug)]
pub struct HatchLayer<'a> {
    /// Cells.
    pub grid: &'a Grid,
    /// Cells are hatched from 1 on in any of these.
    pub masks: Vec<&'a [f32]>,
}

/// Walls coloured by one value each.
pub struct WallLayer {
    /// Title of the legend.
    pub title: String,
    /// Legend id.
    pub legend: &'static str,
    /// The walls.
    pub walls: Vec<WallMark>,
}

/// One wall in plan.
#[derive(Clone, Debug, PartialEq)]
pub struct WallMark {
    /// Ends (local x, y).
    pub line: [[f64; 2]; 2],
    /// Outward direction in plan (unit vector).
    pub outward: [f64; 2],
    /// Value in the unit of the legend.
    pub value: f64,
}

/// Smallest round scale at which `extent` fits the paper.
pub fn scale_for(extent: Extent, width_mm: f64, height_mm: f64) -> u32 {
    let [w, h] = extent.size();
    SCALES
        .into_iter()
        .find(|&scale| {
            let mm = 1000.0 / f64::from(scale);
            w * mm <= width_mm && h * mm <= height_mm
        })
        .unwrap_or_else(|| {
            let needed = (w * 1000.0 / width_mm).max(h * 1000.0 / height_mm);
            ((needed / 50_000.0).ceil() * 50_000.0) as u32
        })
}

/// From local metres to millimetres on paper.
struct Paper {
    extent: Extent,
    mm_per_m: f64,
    top_mm: f64,
}

impl Paper {
    fn x(&self, x: f64) -> f64 {
        (x - self.extent.min[0]) * self.mm_per_m
    }

    fn y(&self, y: f64) -> f64 {
        self.top_mm + (self.extent.max[1] - y) * self.mm_per_m
    }

    fn ring(&self, path: &mut String, ring: impl IntoIterator<Item = [f64; 2]>) {
        for (i, [x, y]) in ring.into_iter().enumerate() {
            let letter = if i == 0 { 'M' } else { 'L' };
            let _ = write!(path, "{letter}{:.2} {:.2}", self.x(x), self.y(y));
        }
        path.push('Z');
    }

    fn line(&self, path: &mut String, line: &[[f64; 2]]) {
        for (i, [x, y]) in line.iter().enumerate() {
            let letter = if i == 0 { 'M' } else { 'L' };
            let _ = write!(path, "{letter}{:.2} {:.2}", self.x(*x), self.y(*y));
        }
    }

    fn sees(&self, min: [f64; 2], max: [f64; 2]) -> bool {
        min[0] <= self.extent.max[0]
            && max[0] >= self.extent.min[0]
            && min[1] <= self.extent.max[1]
            && max[1] >= self.extent.min[1]
    }
}

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
    for line in wrap(&spec.sources, width, note_size) {
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
    for line in wrap(&spec.stamp, width, note_size) {
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
    y += note_size * 0.6;
    Ok(format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{width}mm" height="{y:.2}mm" viewBox="0 0 {width} {y:.2}" font-family="{FONT_FAMILY}" role="img"><title>{}</title><rect x="0" y="0" width="{width}" height="{y:.2}" fill="#ffffff"/>{body}</svg>"##,
        escape(&format!("{} – {}", spec.title, spec.subtitle))
    ))
}

fn draw_land(body: &mut String, city: &City, paper: &Paper) {
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

fn draw_raster(body: &mut String, spec: &MapSpec, paper: &Paper) -> Result<(), DrawError> {
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

/// Lengths (mm) of arrows of water: the classes of `flood_velocity_lubw`.
pub const WATER_ARROWS: [(f32, f64); 3] = [(2.0, 4.4), (0.5, 3.3), (0.2, 2.2)];
/// Lengths (mm) of arrows of wind.
pub const WIND_ARROWS: [(f32, f64); 3] = [(4.0, 4.4), (2.0, 3.3), (0.5, 2.2)];
/// Distance (mm) of the lines of a hatch.
const HATCH_MM: f64 = 1.1;

/// Hatches runs of cells, row by row.
fn draw_hatch(body: &mut String, layer: &HatchLayer<'_>, paper: &Paper) {
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

/// Distance (mm) of arrows on paper: a map is no forest.
const ARROW_STEP_MM: f64 = 6.0;

/// One arrow per square of paper, on a fast cell near its middle.
fn draw_arrows(body: &mut String, layer: &ArrowLayer<'_>, paper: &Paper) {
    let grid = layer.grid;
    let step_m = ARROW_STEP_MM / paper.mm_per_m;
    // Squares lie on multiples of the step, so that two maps of one area have their arrows at the same places.
    let square = |x: f64| (x / step_m).floor() as i64;
    let mut best: BTreeMap<(i64, i64), (f64, usize)> = BTreeMap::new();
    for row in 0..grid.rows {
        for col in 0..grid.cols {
            let cell = grid.index(row, col);
            let speed = layer.speed_m_per_s[cell];
            let slow = layer.lengths_mm.iter().all(|(from, _)| speed < *from);
            let p = grid.centre(row, col);
            if speed.is_nan() || slow || layer.direction_deg[cell].is_nan() || !paper.sees(p, p) {
                continue;
            }
            let (i, j) = (square(p[0]), square(p[1]));
            let off = |x: f64, i: i64| x / step_m - i as f64 - 0.5;
            let aside = off(p[0], i).hypot(off(p[1], j));
            let weight = f64::from(speed) / (1.0 + 16.0 * aside * aside);
            let entry = best.entry((i, j)).or_insert((weight, cell));
            if weight > entry.0 {
                *entry = (weight, cell);
            }
        }
    }
    let mut places: Vec<[f64; 2]> = Vec::new();
    let mut path = String::new();
    for (_, cell) in best.into_values() {
        let [x, y] = grid.centre(cell / grid.cols, cell % grid.cols);
        let at = [paper.x(x), paper.y(y)];
        let near = |p: &[f64; 2]| (p[0] - at[0]).hypot(p[1] - at[1]) < 0.6 * ARROW_STEP_MM;
        if places.iter().any(near) {
            continue;
        }
        places.push(at);
        let speed = layer.speed_m_per_s[cell];
        let length = layer.lengths_mm.iter().find(|(from, _)| speed >= *from);
        let length = length.map_or(0.0, |(_, mm)| *mm);
        arrow(&mut path, at, f64::from(layer.direction_deg[cell]), length);
    }
    draw_arrow_path(body, &path);
}

/// Adds an arrow to a path: middle (mm), direction (degrees clockwise from up), length (mm).
fn arrow(path: &mut String, [x, y]: [f64; 2], direction_deg: f64, length: f64) {
    let (sin, cos) = direction_deg.to_radians().sin_cos();
    // Along the arrow and to its right, on paper where y points down.
    let at = |along: f64, aside: f64| {
        let dx = sin * along + cos * aside;
        let dy = -cos * along + sin * aside;
        format!("{:.2} {:.2}", x + dx, y + dy)
    };
    let (tip, head) = (0.5 * length, 0.8);
    let _ = write!(
        path,
        "M{}L{}M{}L{}L{}",
        at(-tip, 0.0),
        at(tip, 0.0),
        at(tip - head, -0.55),
        at(tip, 0.0),
        at(tip - head, 0.55)
    );
}

fn draw_arrow_path(body: &mut String, path: &str) {
    if path.is_empty() {
        return;
    }
    for (color, width, opacity) in [("#ffffff", 0.75, 0.7), (ink::ARROW, 0.26, 1.0)] {
        let _ = write!(
            body,
            r#"<path d="{path}" fill="none" stroke="{color}" stroke-width="{width}" stroke-opacity="{opacity}" stroke-linecap="round" stroke-linejoin="round"/>"#
        );
    }
}

/// Writes each street name once, along the longest nearly straight piece of it on the map that has room for it and where no
/// label stands. `taken`: left, top, right and bottom (mm) of the labels.
fn draw_street_names(body: &mut String, city: &City, paper: &Paper, size: f64, taken: &[[f64; 4]]) {
    let mut pieces: BTreeMap<&str, Vec<(f64, [[f64; 2]; 2])>> = BTreeMap::new();
    for street in city.streets.iter() {
        let Some(name) = street.name.as_deref().filter(|n| n.chars().count() < 40) else {
            continue;
        };
        for piece in straight_pieces(&street.line) {
            let Some(piece) = clipped(piece, paper.extent) else {
                continue;
            };
            let length = (piece[1][0] - piece[0][0]).hypot(piece[1][1] - piece[0][1]);
            pieces.entry(name).or_default().push((length, piece));
        }
    }
    for (name, mut pieces) in pieces {
        // Stable: the first of equally long ones.
        pieces.sort_by(|a, b| b.0.total_cmp(&a.0));
        let width = text_width(name, size);
        let place = pieces.iter().find_map(|(length, piece)| {
            let needed = width / (0.85 * length * paper.mm_per_m);
            // In the middle, else as far to either side as the name allows.
            let aside = 0.5 - 0.5 * needed;
            let mut shares = [0.5, 0.5 - aside, 0.5 + aside].into_iter();
            let share = (needed <= 1.0)
                .then(|| shares.find(|share| is_free(paper, *piece, *share, width, size, taken)));
            share.flatten().map(|share| (*piece, share))
        });
        let Some(([a, b], share)) = place else {
            continue;
        };
        let [x, y] = on_paper(paper, [a, b], share);
        let mut angle = -(b[1] - a[1]).atan2(b[0] - a[0]).to_degrees();
        // Never upside down.
        if angle > 90.0 {
            angle -= 180.0;
        } else if angle <= -90.0 {
            angle += 180.0;
        }
        let _ = write!(
            body,
            r##"<text transform="translate({x:.2} {y:.2}) rotate({angle:.1})" y="{:.2}" font-size="{size}" text-anchor="middle" fill="{}" stroke="#ffffff" stroke-opacity="0.75" stroke-width="0.6" stroke-linejoin="round" paint-order="stroke">{}</text>"##,
            0.35 * size,
            ink::STREET_NAME,
            escape(name)
        );
    }
}

/// The place (mm) at a share of the way along a piece of street.
fn on_paper(paper: &Paper, [a, b]: [[f64; 2]; 2], share: f64) -> [f64; 2] {
    let at = |i: usize| a[i] + share * (b[i] - a[i]);
    [paper.x(at(0)), paper.y(at(1))]
}

/// True when a name of this width (mm), written along a piece around a share of its way, meets none of the boxes.
fn is_free(
    paper: &Paper,
    piece: [[f64; 2]; 2],
    share: f64,
    width: f64,
    size: f64,
    taken: &[[f64; 4]],
) -> bool {
    let [a, b] = [0.0, 1.0].map(|share| on_paper(paper, piece, share));
    let length = (b[0] - a[0]).hypot(b[1] - a[1]).max(1e-9);
    let steps = (width / size).ceil().max(1.0);
    (0..=steps as usize).all(|i| {
        let along = share + (i as f64 / steps - 0.5) * width / length;
        let [x, y] = on_paper(paper, piece, along);
        let clear = 0.6 * size;
        taken.iter().all(|[left, top, right, bottom]| {
            x < left - clear || x > right + clear || y < top - clear || y > bottom + clear
        })
    })
}

/// Chords of a line over runs that turn by less than 10 degrees in all.
fn straight_pieces(line: &[[f64; 2]]) -> Vec<[[f64; 2]; 2]> {
    let heading = |a: [f64; 2], b: [f64; 2]| (b[1] - a[1]).atan2(b[0] - a[0]);
    let mut pieces = Vec::new();
    let mut start = 0;
    for end in 1..line.len() {
        let first = heading(line[start], line[start + 1]);
        let turn = (heading(line[end - 1], line[end]) - first).sin().abs();
        if turn > 0.17 {
            pieces.push([line[start], line[end - 1]]);
            start = end - 1;
        }
    }
    if let (Some(last), true) = (line.last(), line.len() > start + 1) {
        pieces.push([line[start], *last]);
    }
    pieces
}

/// Part of a segment inside a box (Liang and Barsky 1984); `None` when it lies outside.
fn clipped([a, b]: [[f64; 2]; 2], extent: Extent) -> Option<[[f64; 2]; 2]> {
    let (mut t0, mut t1) = (0.0_f64, 1.0_f64);
    for i in 0..2 {
        let d = b[i] - a[i];
        let (lo, hi) = (extent.min[i] - a[i], extent.max[i] - a[i]);
        if d == 0.0 {
            if lo > 0.0 || hi < 0.0 {
                return None;
            }
            continue;
        }
        let (near, far) = if d > 0.0 {
            (lo / d, hi / d)
        } else {
            (hi / d, lo / d)
        };
        t0 = t0.max(near);
        t1 = t1.min(far);
    }
    let at = |t: f64| std::array::from_fn(|i| a[i] + t * (b[i] - a[i]));
    (t0 < t1).then(|| [at(t0), at(t1)])
}

fn draw_trees(body: &mut String, trees: &[Tree], paper: &Paper, scale: u32) {
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

fn plan_box(building: &Building) -> ([f64; 2], [f64; 2]) {
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

fn draw_buildings(body: &mut String, spec: &MapSpec, paper: &Paper, scale: u32) {
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

/// Style of flood walls; mobile ones are dashed.
fn barrier_style(mobile: bool) -> String {
    let dashes = if mobile {
        r#" stroke-dasharray="1.6 0.9""#
    } else {
        ""
    };
    format!(
        r#"fill="none" stroke="{}" stroke-width="0.9"{dashes}"#,
        ink::DRAFT_LINE
    )
}

/// The sign of a breach: two strokes across, at a place on paper (mm).
fn breach_sign(body: &mut String, [x, y]: [f64; 2]) {
    for (color, width) in [("#ffffff", 1.5), (ink::TEXT, 0.55)] {
        let _ = write!(
            body,
            r#"<path d="M{:.2} {:.2}l2.4 2.4m0 -2.4l-2.4 2.4" fill="none" stroke="{color}" stroke-width="{width}" stroke-linecap="round"/>"#,
            x - 1.2,
            y - 1.2
        );
    }
}

/// Flood walls, mobile barriers and breaches that the variant brings.
fn draw_barriers(body: &mut String, city: &City, paper: &Paper) {
    for wall in city.flood_walls.iter() {
        let mut path = String::new();
        paper.line(&mut path, &wall.line);
        let _ = write!(
            body,
            r##"<path d="{path}" fill="none" stroke="#ffffff" stroke-width="1.7" stroke-opacity="0.85"/><path d="{path}" {} stroke-linejoin="round"/>"##,
            barrier_style(wall.mobile)
        );
    }
    for breach in city.breaches.iter() {
        if let Some([x, y]) = middle(&breach.line) {
            breach_sign(body, [paper.x(x), paper.y(y)]);
        }
    }
}

/// Mean of the points of a line.
fn middle(line: &[[f64; 2]]) -> Option<[f64; 2]> {
    let n = line.len() as f64;
    let sum = line.iter().fold([0.0; 2], |[x, y], p| [x + p[0], y + p[1]]);
    (!line.is_empty()).then(|| sum.map(|v| v / n))
}

/// Signs of walls and breaches that are on the map, with their words; returns the next free x (mm).
fn barrier_legend(
    body: &mut String,
    spec: &MapSpec,
    paper: &Paper,
    mut x: f64,
    y: &mut f64,
    width: f64,
    size: f64,
) -> f64 {
    let seen = |line: &[[f64; 2]]| {
        let bounds = Extent::around(line.iter().copied());
        bounds.is_some_and(|b| paper.sees(b.min, b.max))
    };
    let walls = |mobile: bool| {
        let mut walls = spec.city.flood_walls.iter();
        walls.any(|w| w.mobile == mobile && seen(&w.line))
    };
    let breach = spec.city.breaches.iter().any(|b| seen(&b.line));
    for (show, key, mobile) in [
        (walls(false), "report-map-flood-wall", Some(false)),
        (walls(true), "report-map-mobile-barrier", Some(true)),
        (breach, "report-map-breach", None),
    ] {
        if !show {
            continue;
        }
        let label = spec.texts.get(key);
        let needed = 7.2 + text_width(&label, size);
        if x > 0.0 && x + needed > width {
            x = 0.0;
            *y += size + 2.0;
        }
        let middle = *y + 0.3 + 0.5 * size;
        match mobile {
            Some(mobile) => {
                let _ = write!(
                    body,
                    r#"<path d="M{:.2} {middle:.2}h5.8" {}/>"#,
                    x + 0.2,
                    barrier_style(mobile)
                );
            }
            None => breach_sign(body, [x + 2.4, middle]),
        }
        text(
            body,
            x + 7.2,
            *y + size * 1.02,
            size,
            "400",
            ink::TEXT,
            "start",
            &label,
        );
        x += needed + 5.0;
    }
    x
}

fn draw_walls(body: &mut String, layer: &WallLayer, paper: &Paper) {
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

/// The name of a building that the variant brings or takes.
struct ChangeLabel {
    /// Middle of the text (mm).
    x: f64,
    /// Base line (mm).
    y: f64,
    text: String,
}

impl ChangeLabel {
    /// Left, top, right and bottom (mm) at a font size.
    fn room(&self, size: f64) -> [f64; 4] {
        let half = 0.5 * text_width(&self.text, size);
        [
            self.x - half,
            self.y - 0.8 * size,
            self.x + half,
            self.y + 0.25 * size,
        ]
    }
}

fn change_labels(spec: &MapSpec, paper: &Paper, size: f64) -> Vec<ChangeLabel> {
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

fn draw_change_labels(body: &mut String, labels: &[ChangeLabel], size: f64) {
    for ChangeLabel { x, y, text } in labels {
        let _ = write!(
            body,
            r##"<text x="{x:.2}" y="{y:.2}" font-size="{size}" font-weight="600" text-anchor="middle" fill="{}" stroke="#ffffff" stroke-width="0.7" stroke-linejoin="round" paint-order="stroke">{}</text>"##,
            ink::TEXT,
            escape(text)
        );
    }
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

/// Draws the legends from `y` down and returns the lower end (mm). The first row of each legend may be `room` wide, so that
/// it does not meet the scale bar.
fn draw_legends(
    body: &mut String,
    spec: &MapSpec,
    paper: &Paper,
    y: f64,
    width: f64,
    room: f64,
    size: f64,
) -> f64 {
    let texts = spec.texts;
    let mut bottom = y + 1.0 + 2.9 * size;
    let mut next = y;
    if let Some((field, legend)) = spec.raster.and_then(|f| Some((f, legend(f.legend)?))) {
        let mut title = format!("{} {}", texts.get(field.quantity), texts.get(field.plane));
        if !field.unit.is_empty() {
            let _ = write!(title, " ({})", field.unit);
        }
        next = draw_legend(body, texts, legend, &title, next, width, room, size);
    }
    if let Some((layer, legend)) = spec
        .walls
        .as_ref()
        .and_then(|layer| Some((layer, legend(layer.legend)?)))
    {
        next = draw_legend(body, texts, legend, &layer.title, next, width, room, size);
    }
    if let Some(arrows) = &spec.arrows {
        let label = texts.get(arrows.label);
        let mut path = String::new();
        let mut x = 0.0;
        for (_, length) in arrows.lengths_mm.iter().rev() {
            let middle = [x + 0.3 + 0.5 * length, next + 0.3 + 0.5 * size];
            arrow(&mut path, middle, 90.0, *length);
            x += length + 1.6;
        }
        draw_arrow_path(body, &path);
        for (i, line) in wrap(&label, room - x - 1.0, size).iter().enumerate() {
            let y = next + size * 1.02;
            let y = y + i as f64 * size * 1.3;
            text(body, x + 1.0, y, size, "400", ink::TEXT, "start", line);
            next += if i > 0 { size * 1.3 } else { 0.0 };
        }
        next += size + 2.0;
    }
    // Signs of objects, only those that are on the map.
    let visible = |b: &Building| {
        let (min, max) = plan_box(b);
        paper.sees(min, max)
    };
    let changes = spec.changes;
    let new = changes.is_some_and(|c| {
        c.added.iter().any(|b| visible(b)) || c.changed.iter().any(|[_, b]| visible(b))
    });
    let gone = changes.is_some_and(|c| c.removed.iter().any(|b| visible(b)));
    let mut x = 0.0;
    for (show, key, style) in [
        (
            new,
            "report-map-draft",
            format!(
                r#"fill="{}" stroke="{}" stroke-width="0.4""#,
                ink::DRAFT,
                ink::DRAFT_LINE
            ),
        ),
        (
            gone,
            "report-map-removed",
            format!(
                r##"fill="#ffffff" stroke="{}" stroke-width="0.3" stroke-dasharray="1.1 0.7""##,
                ink::DRAFT_LINE
            ),
        ),
    ] {
        if !show {
            continue;
        }
        let label = texts.get(key);
        let needed = 6.0 + text_width(&label, size);
        if x > 0.0 && x + needed > width {
            x = 0.0;
            next += size + 2.0;
        }
        let _ = write!(
            body,
            r#"<rect x="{:.2}" y="{:.2}" width="4.4" height="{:.2}" {style}/>"#,
            x + 0.2,
            next + 0.3,
            size
        );
        text(
            body,
            x + 6.0,
            next + size * 1.02,
            size,
            "400",
            ink::TEXT,
            "start",
            &label,
        );
        x += needed + 5.0;
    }
    x = barrier_legend(body, spec, paper, x, &mut next, width, size);
    if x > 0.0 {
        next += size + 2.0;
    }
    bottom = bottom.max(next);
    bottom
}

fn draw_legend(
    body: &mut String,
    texts: &Texts,
    legend: &Legend,
    title: &str,
    mut y: f64,
    width: f64,
    room: f64,
    size: f64,
) -> f64 {
    let language = texts.language();
    for line in wrap(title, room, size) {
        text(
            body,
            0.0,
            y + size * 0.8,
            size,
            "600",
            ink::TEXT,
            "start",
            &line,
        );
        y += size * 1.3;
    }
    y += 0.5;
    match &legend.kind {
        LegendKind::Continuous {
            min,
            max,
            colors,
            ends,
            ..
        } => {
            let signed = *min < 0.0;
            // Half of the first label stands left of the bar.
            let decimals = legend.tick_decimals() as f64;
            let left = if signed {
                (1.4 + 0.5 * decimals) * size
            } else {
                0.8 * size
            };
            let bar = room.min(96.0) - left - 1.4 * size;
            let steps = colors.len() * 2;
            for i in 0..steps {
                let value = min + (max - min) * (i as f64 + 0.5) / steps as f64;
                // A hair wider than the step, so that no seam shows between two colours.
                let _ = write!(
                    body,
                    r#"<rect x="{:.3}" y="{y:.2}" width="{:.3}" height="3.2" fill="{}"/>"#,
                    left + bar * i as f64 / steps as f64,
                    bar / steps as f64 + if i + 1 < steps { 0.1 } else { 0.0 },
                    css_color(legend.color(value))
                );
            }
            let _ = write!(
                body,
                r#"<rect x="{left:.2}" y="{y:.2}" width="{bar:.2}" height="3.2" fill="none" stroke="{}" stroke-width="0.12"/>"#,
                ink::QUIET
            );
            let ticks = legend.ticks();
            let decimals = legend.tick_decimals();
            // Labels need room: on a narrow bar every second one is enough.
            let widest = (2.4 + 0.9 * decimals as f64) * size;
            let every = if bar / (ticks.len() as f64) < widest {
                2
            } else {
                1
            };
            for (i, value) in ticks.iter().enumerate() {
                let x = left + bar * (value - min) / (max - min);
                let _ = write!(
                    body,
                    r#"<path d="M{x:.2} {:.2}v0.9" stroke="{}" stroke-width="0.15"/>"#,
                    y + 3.2,
                    ink::QUIET
                );
                if i % every != 0 {
                    continue;
                }
                let mut label = if signed {
                    language.signed(*value, decimals)
                } else {
                    language.number(*value, decimals)
                };
                if signed && *value == 0.0 {
                    label = "0".to_owned();
                }
                if i == 0 && signed {
                    label = format!("≤ {label}");
                } else if i + 1 == ticks.len() {
                    label = format!("≥ {label}");
                }
                text(
                    body,
                    x,
                    y + 4.2 + size,
                    size,
                    "400",
                    ink::TEXT,
                    "middle",
                    &label,
                );
            }
            y += 4.6 + size * 1.2;
            if let Some([low, high]) = ends {
                text(
                    body,
                    0.0,
                    y + size * 0.8,
                    size,
                    "400",
                    ink::QUIET,
                    "start",
                    &texts.get(low),
                );
                text(
                    body,
                    left + bar + 1.4 * size,
                    y + size * 0.8,
                    size,
                    "400",
                    ink::QUIET,
                    "end",
                    &texts.get(high),
                );
                y += size * 1.4;
            }
            y + 1.0
        }
        LegendKind::Classes(classes) => {
            let mut x = 0.0;
            // Labels like `3 to 10 cm` say their limits themselves.
            let has_digit = |label: &str| label.bytes().any(|b| b.is_ascii_digit());
            let single =
                legend.is_of_kinds() || classes.iter().all(|c| has_digit(c.label(language)));
            let row = if single { 1.2 } else { 2.4 };
            for class in classes {
                let label = class.label(language);
                let limits = if single {
                    String::new()
                } else {
                    class.limits(texts, &legend.unit)
                };
                let needed = 6.2 + text_width(label, size).max(text_width(&limits, size)) + 3.5;
                if x > 0.0 && x + needed > room.min(width) {
                    x = 0.0;
                    y += size * row + 1.6;
                }
                let _ = write!(
                    body,
                    r#"<rect x="{:.2}" y="{y:.2}" width="4.6" height="{:.2}" fill="{}" stroke="{}" stroke-width="0.15"/>"#,
                    x + 0.1,
                    size * (row - 0.2),
                    css_color(class.color),
                    ink::BUILDING_LINE
                );
                text(
                    body,
                    x + 6.2,
                    y + size * 0.9,
                    size,
                    "400",
                    ink::TEXT,
                    "start",
                    label,
                );
                if !single {
                    text(
                        body,
                        x + 6.2,
                        y + size * 2.1,
                        size,
                        "400",
                        ink::QUIET,
                        "start",
                        &limits,
                    );
                }
                x += needed;
            }
            y + size * row + 1.8
        }
    }
}

fn text(
    body: &mut String,
    x: f64,
    y: f64,
    size: f64,
    weight: &str,
    color: &str,
    anchor: &str,
    content: &str,
) {
    let _ = write!(
        body,
        r#"<text x="{x:.2}" y="{y:.2}" font-size="{size}" font-weight="{weight}" fill="{color}" text-anchor="{anchor}">{}</text>"#,
        escape(content)
    );
}

/// Width (mm) of a text in the bundled font, a few per cent on the safe side: three classes of letters, digits are 0.6 em.
pub(crate) fn text_width(text: &str, size: f64) -> f64 {
    let em: f64 =
        text.chars()
            .map(|c| match c {
                'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' '
                | '\u{a0}' => 0.29,
                'f' | 'r' | 't' | '(' | ')' | '-' | '/' => 0.4,
                'm' | 'w' | 'M' | 'W' | '%' | '@' | '…' => 0.88,
                c if c.is_uppercase() => 0.68,
                _ => 0.6,
            })
            .sum();
    em * size
}

/// The text, cut with an ellipsis where it is wider than `width` (mm).
pub(crate) fn fitted(text: &str, width: f64, size: f64) -> String {
    let mut short = text.to_owned();
    let mut keep = text.chars().count();
    while keep > 1 && text_width(&short, size) > width {
        short = shortened(text, keep - 1);
        keep -= 1;
    }
    short
}

/// Lines of at most `width` (mm); a single longer word is cut.
pub(crate) fn wrap(text: &str, width: f64, size: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ').filter(|w| !w.is_empty()) {
        let mut word = word.to_owned();
        while text_width(&word, size) > width && word.chars().count() > 2 {
            let keep = word.chars().count() * 9 / 10;
            word = shortened(&word, keep.max(2));
        }
        let longer = if line.is_empty() {
            word.clone()
        } else {
            format!("{line} {word}")
        };
        if text_width(&longer, size) <= width {
            line = longer;
        } else {
            lines.push(std::mem::replace(&mut line, word));
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    // More than six lines is hostile input, not a title.
    lines.truncate(6);
    lines
}

/// Attribution of all layers, each once: `origin (licence)`.
pub fn source_line(city: &City, texts: &Texts) -> String {
    let mut seen: Vec<String> = Vec::new();
    for source in city.sources.iter() {
        let origin = source.origin.clone().unwrap_or_else(|| {
            texts.with("report-origin-unknown", &[("path", source.path.as_str())])
        });
        let entry = match &source.licence {
            Some(licence) => format!("{origin} ({licence})"),
            None => origin,
        };
        if !seen.contains(&entry) {
            seen.push(entry);
        }
    }
    format!("{}: {}", texts.get("report-sources"), seen.join(" · "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_is_the_largest_round_one_that_fits() {
        let extent = |w, h| Extent {
            min: [0.0, 0.0],
            max: [w, h],
        };
        assert_eq!(scale_for(extent(174.0, 100.0), 174.0, 150.0), 1000);
        assert_eq!(scale_for(extent(175.0, 100.0), 174.0, 150.0), 1500);
        assert_eq!(scale_for(extent(100.0, 600.0), 174.0, 150.0), 4000);
        assert_eq!(scale_for(extent(60_000.0, 10.0), 174.0, 150.0), 350_000);
    }

    #[test]
    fn long_words_and_titles_end_inside_the_paper() {
        let lines = wrap(&"x".repeat(5000), 80.0, 3.0);
        assert!(lines.iter().all(|l| text_width(l, 3.0) <= 80.0));
        let lines = wrap(&"wort ".repeat(5000), 80.0, 3.0);
        assert_eq!(lines.len(), 6);
    }

    #[test]
    fn a_line_is_cut_at_its_corners_and_at_the_edge_of_the_map() {
        let pieces = straight_pieces(&[[0.0, 0.0], [10.0, 0.5], [20.0, 0.0], [20.0, 15.0]]);
        assert_eq!(
            pieces,
            [[[0.0, 0.0], [20.0, 0.0]], [[20.0, 0.0], [20.0, 15.0]]]
        );
        let extent = Extent {
            min: [0.0, 0.0],
            max: [10.0, 10.0],
        };
        assert_eq!(
            clipped([[-5.0, 5.0], [20.0, 5.0]], extent),
            Some([[0.0, 5.0], [10.0, 5.0]])
        );
        assert_eq!(clipped([[-5.0, 50.0], [20.0, 50.0]], extent), None);
        assert_eq!(clipped([[-5.0, 0.0], [0.0, -5.0]], extent), None);
    }

    #[test]
    fn arrows_point_where_the_water_flows_and_keep_their_distance() {
        let grid = Grid {
            west: 0.0,
            north: 60.0,
            cell_m: 1.0,
            cols: 60,
            rows: 60,
        };
        let paper = Paper {
            extent: Extent {
                min: [0.0, 0.0],
                max: [60.0, 60.0],
            },
            mm_per_m: 1.0,
            top_mm: 0.0,
        };
        let speed = vec![0.6; grid.len()];
        let layer = |direction_deg| ArrowLayer {
            grid: &grid,
            direction_deg,
            speed_m_per_s: &speed,
            lengths_mm: WATER_ARROWS,
            label: "report-map-arrows",
        };
        let east = vec![90.0; grid.len()];
        let mut body = String::new();
        draw_arrows(&mut body, &layer(&east), &paper);
        // One per square of 6 mm; each has a shaft and a head of one path.
        assert_eq!(body.matches('M').count(), 2 * 2 * 100, "{body}");
        assert!(body.contains("M0.85 57.50L4.15 57.50"), "{body}");
        let mut none = String::new();
        draw_arrows(&mut none, &layer(&vec![f32::NAN; grid.len()]), &paper);
        assert!(none.is_empty());
    }

    #[test]
    fn a_street_name_makes_way_for_a_label() {
        let paper = Paper {
            extent: Extent {
                min: [0.0, 0.0],
                max: [100.0, 40.0],
            },
            mm_per_m: 1.0,
            top_mm: 0.0,
        };
        let street = [[0.0, 20.0], [100.0, 20.0]];
        let free =
            |share: f64, taken: &[[f64; 4]]| is_free(&paper, street, share, 12.0, 2.1, taken);
        let label = [45.0, 17.0, 60.0, 21.0];
        assert!(free(0.5, &[]));
        assert!(!free(0.5, &[label]), "both at the middle");
        assert!(free(0.1, &[label]) && free(0.9, &[label]));
        assert!(free(0.5, &[[45.0, 5.0, 60.0, 9.0]]), "above the street");
    }

    #[test]
    fn boxes_that_lie_apart_have_no_common_part() {
        let a = Extent {
            min: [0.0, 0.0],
            max: [1.0, 1.0],
        };
        assert_eq!(a.intersection(a.grown(1.0)), Some(a));
        let far = Extent {
            min: [5.0, 0.0],
            max: [6.0, 1.0],
        };
        assert_eq!(a.intersection(far), None);
    }
}
