//! PNG from SVG, and the picture of a raster inside a map.

use std::sync::{Arc, LazyLock};

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use resvg::{tiny_skia, usvg};

use crate::geo::Grid;
use crate::result::legend::{Legend, LegendKind};

/// Name of the bundled font family.
pub const FONT_FAMILY: &str = "IBM Plex Sans";
/// IBM Plex Sans Regular, TrueType.
pub const FONT_REGULAR: &[u8] = include_bytes!("../../assets/fonts/IBMPlexSans-Regular.ttf");
/// IBM Plex Sans SemiBold, TrueType.
pub const FONT_SEMIBOLD: &[u8] = include_bytes!("../../assets/fonts/IBMPlexSans-SemiBold.ttf");

/// The bundled font and nothing of the machine: the same picture everywhere.
static FONTS: LazyLock<Arc<usvg::fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = usvg::fontdb::Database::new();
    fonts.load_font_data(FONT_REGULAR.to_vec());
    fonts.load_font_data(FONT_SEMIBOLD.to_vec());
    fonts.set_sans_serif_family(FONT_FAMILY);
    Arc::new(fonts)
});

/// A picture could not be drawn.
#[derive(Debug, thiserror::Error)]
#[error("cannot draw the map: {0}")]
pub struct DrawError(String);

impl DrawError {
    /// A failure with its reason.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

/// Draws an SVG on white, `width_px` wide, as an RGB PNG.
pub fn png_from_svg(svg: &str, width_px: u32) -> Result<Vec<u8>, DrawError> {
    let options = usvg::Options {
        font_family: FONT_FAMILY.to_owned(),
        fontdb: FONTS.clone(),
        ..usvg::Options::default()
    };
    let fail = |message: String| DrawError(message);
    let tree = usvg::Tree::from_str(svg, &options).map_err(|e| fail(e.to_string()))?;
    let scale = width_px as f32 / tree.size().width();
    let height_px = (tree.size().height() * scale).round().max(1.0) as u32;
    let mut pixels = tiny_skia::Pixmap::new(width_px, height_px)
        .ok_or_else(|| fail(format!("{width_px} x {height_px} pixels")))?;
    pixels.fill(tiny_skia::Color::WHITE);
    resvg::render(
        &tree,
        tiny_skia::Transform::from_scale(scale, scale),
        &mut pixels.as_mut(),
    );
    let rgb: Vec<u8> = pixels
        .data()
        .chunks_exact(4)
        .flat_map(|p| [p[0], p[1], p[2]])
        .collect();
    encode_png(&rgb, width_px, height_px, ExtendedColorType::Rgb8)
}

fn encode_png(
    bytes: &[u8],
    width: u32,
    height: u32,
    color: ExtendedColorType,
) -> Result<Vec<u8>, DrawError> {
    let mut png = Vec::new();
    PngEncoder::new_with_quality(&mut png, CompressionType::Default, FilterType::Adaptive)
        .write_image(bytes, width, height, color)
        .map_err(|e| DrawError(e.to_string()))?;
    Ok(png)
}

/// Part of a raster as a picture: PNG bytes and the local box (south-west, north-east) that it covers.
pub struct RasterImage {
    /// RGBA PNG, transparent without value and where the legend stays bare.
    pub png: Vec<u8>,
    /// South-western corner, local (x, y).
    pub min: [f64; 2],
    /// North-eastern corner, local (x, y).
    pub max: [f64; 2],
}

/// Colours the cells of a raster that touch the box `min`..`max`; `None` when none does.
///
/// Continuous values are interpolated between cell centres (bilinear, valid neighbours only) on `zoom` × `zoom` pixels per
/// cell before they are coloured, so every colour is one of the legend. `covered(x, y)` says whether a place without value
/// lies under a building that is drawn on top: such cells take the mean of their valid neighbours, so that no bare steps
/// show between raster and wall.
pub fn raster_image(
    grid: &Grid,
    values: &[f32],
    legend: &Legend,
    (min, max): ([f64; 2], [f64; 2]),
    zoom: usize,
    covered: &dyn Fn(f64, f64) -> bool,
) -> Result<Option<RasterImage>, DrawError> {
    let cell = |from: f64, to: f64, count: usize| -> (usize, usize) {
        let first = (from / grid.cell_m).floor().max(0.0) as usize;
        let end = ((to / grid.cell_m).ceil().max(0.0) as usize).min(count);
        (first, end)
    };
    let (col0, col1) = cell(min[0] - grid.west, max[0] - grid.west, grid.cols);
    let (row0, row1) = cell(grid.north - max[1], grid.north - min[1], grid.rows);
    if col0 >= col1 || row0 >= row1 {
        return Ok(None);
    }
    let (cols, rows) = (col1 - col0, row1 - row0);
    let value = |row: isize, col: isize| -> f32 {
        let (row, col) = (row + row0 as isize, col + col0 as isize);
        if row < 0 || col < 0 || row >= grid.rows as isize || col >= grid.cols as isize {
            return f32::NAN;
        }
        values[grid.index(row as usize, col as usize)]
    };
    // Values of the part with a rim of one cell; bare cells under buildings filled from their neighbours.
    let width = cols + 2;
    let mut part = vec![f32::NAN; width * (rows + 2)];
    for row in -1..=rows as isize {
        for col in -1..=cols as isize {
            let mut v = value(row, col);
            if v.is_nan() {
                let x = grid.west + (col as f64 + col0 as f64 + 0.5) * grid.cell_m;
                let y = grid.north - (row as f64 + row0 as f64 + 0.5) * grid.cell_m;
                if covered(x, y) {
                    v = mean_of_neighbours(&value, row, col);
                }
            }
            part[(row + 1) as usize * width + (col + 1) as usize] = v;
        }
    }
    let smooth = matches!(legend.kind, LegendKind::Continuous { .. });
    let zoom = if smooth { zoom.max(1) } else { 1 };
    let (width_px, height_px) = (cols * zoom, rows * zoom);
    let mut rgba = vec![0_u8; width_px * height_px * 4];
    for py in 0..height_px {
        // Place in cells, counted from the centre of the rim's first cell.
        let y = (py as f64 + 0.5) / zoom as f64 + 0.5;
        for px in 0..width_px {
            let x = (px as f64 + 0.5) / zoom as f64 + 0.5;
            let nearest = part[y.round() as usize * width + x.round() as usize];
            if nearest.is_nan() {
                continue;
            }
            let v = if smooth {
                bilinear(&part, width, x, y)
            } else {
                f64::from(nearest)
            };
            let Some([r, g, b]) = legend.drawn(v) else {
                continue;
            };
            let i = (py * width_px + px) * 4;
            rgba[i..i + 4].copy_from_slice(&[r, g, b, 255]);
        }
    }
    Ok(Some(RasterImage {
        png: encode_png(
            &rgba,
            width_px as u32,
            height_px as u32,
            ExtendedColorType::Rgba8,
        )?,
        min: [
            grid.west + col0 as f64 * grid.cell_m,
            grid.north - row1 as f64 * grid.cell_m,
        ],
        max: [
            grid.west + col1 as f64 * grid.cell_m,
            grid.north - row0 as f64 * grid.cell_m,
        ],
    }))
}

fn mean_of_neighbours(value: &dyn Fn(isize, isize) -> f32, row: isize, col: isize) -> f32 {
    let mut sum = 0.0;
    let mut count = 0;
    for (dr, dc) in [
        (-1, -1),
        (-1, 0),
        (-1, 1),
        (0, -1),
        (0, 1),
        (1, -1),
        (1, 0),
        (1, 1),
    ] {
        let v = value(row + dr, col + dc);
        if !v.is_nan() {
            sum += v;
            count += 1;
        }
    }
    // Without a neighbour 0 / 0 = NaN: stays bare.
    sum / count as f32
}

/// Weighted mean of the valid corners around (x, y), in cells.
fn bilinear(part: &[f32], width: usize, x: f64, y: f64) -> f64 {
    let (x0, y0) = (x.floor(), y.floor());
    let (fx, fy) = (x - x0, y - y0);
    let (mut sum, mut weights) = (0.0, 0.0);
    for (dx, dy, weight) in [
        (0, 0, (1.0 - fx) * (1.0 - fy)),
        (1, 0, fx * (1.0 - fy)),
        (0, 1, (1.0 - fx) * fy),
        (1, 1, fx * fy),
    ] {
        let v = part
            .get((y0 as usize + dy) * width + x0 as usize + dx)
            .copied()
            .unwrap_or(f32::NAN);
        if !v.is_nan() {
            sum += weight * f64::from(v);
            weights += weight;
        }
    }
    sum / weights
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::result::legend::legend;

    fn decode(png: &[u8]) -> image::RgbaImage {
        image::load_from_memory(png).unwrap().to_rgba8()
    }

    #[test]
    fn a_raster_shows_exactly_the_colours_of_its_legend() {
        let grid = Grid {
            west: 0.0,
            north: 4.0,
            cell_m: 2.0,
            cols: 2,
            rows: 2,
        };
        let legend = legend("sun_hours_day").unwrap();
        let values = [0.0, 6.0, f32::NAN, 12.0];
        let image = raster_image(
            &grid,
            &values,
            legend,
            ([0.0, 0.0], [4.0, 4.0]),
            1,
            &|_, _| false,
        )
        .unwrap()
        .unwrap();
        assert_eq!((image.min, image.max), ([0.0, 0.0], [4.0, 4.0]));
        let pixels = decode(&image.png);
        for (i, value) in values.iter().enumerate() {
            let pixel = pixels.get_pixel(i as u32 % 2, i as u32 / 2).0;
            if value.is_nan() {
                assert_eq!(pixel[3], 0);
            } else {
                assert_eq!(pixel[..3], legend.color(f64::from(*value)));
            }
        }
    }

    #[test]
    fn films_of_water_leave_the_map_bare() {
        let grid = Grid {
            west: 0.0,
            north: 1.0,
            cell_m: 1.0,
            cols: 3,
            rows: 1,
        };
        let legend = legend("flood_depth_pluvial_lubw").unwrap();
        let values = [0.02, 0.03, 0.6];
        let bounds = ([0.0, 0.0], [3.0, 1.0]);
        let image = raster_image(&grid, &values, legend, bounds, 1, &|_, _| false);
        let pixels = decode(&image.unwrap().unwrap().png);
        let alpha: Vec<u8> = pixels.pixels().map(|p| p.0[3]).collect();
        assert_eq!(alpha, [0, 255, 255]);
        assert_eq!(pixels.get_pixel(2, 0).0[..3], legend.classes()[2].color);
    }

    #[test]
    fn bare_cells_are_filled_only_under_buildings() {
        let grid = Grid {
            west: 0.0,
            north: 2.0,
            cell_m: 1.0,
            cols: 2,
            rows: 2,
        };
        let legend = legend("sun_hours_day").unwrap();
        let values = [3.0, f32::NAN, 3.0, f32::NAN];
        let image = raster_image(
            &grid,
            &values,
            legend,
            ([0.0, 0.0], [2.0, 2.0]),
            1,
            &|_, y| y > 1.0,
        )
        .unwrap()
        .unwrap();
        let pixels = decode(&image.png);
        assert_eq!(pixels.get_pixel(1, 0).0[..3], legend.color(3.0));
        assert_eq!(pixels.get_pixel(1, 1).0[3], 0);
    }

    #[test]
    fn a_box_beside_the_raster_gives_no_picture() {
        let grid = Grid {
            west: 0.0,
            north: 2.0,
            cell_m: 1.0,
            cols: 2,
            rows: 2,
        };
        let legend = legend("sun_hours_day").unwrap();
        let image = raster_image(
            &grid,
            &[1.0; 4],
            legend,
            ([5.0, 5.0], [9.0, 9.0]),
            1,
            &|_, _| false,
        )
        .unwrap();
        assert!(image.is_none());
    }

    #[test]
    fn the_bundled_font_draws_umlauts_and_units() {
        let draw = |text: &str| {
            let svg = format!(
                r#"<svg xmlns="http://www.w3.org/2000/svg" width="80" height="20"><text x="2" y="15" font-size="12">{text}</text></svg>"#
            );
            let pixels = decode(&png_from_svg(&svg, 80).unwrap());
            pixels.pixels().filter(|p| p.0[0] < 128).count()
        };
        assert_eq!(draw(""), 0);
        assert!(draw("ä ² ³ ° ½ €") > 40);
    }
}
