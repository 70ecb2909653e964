//! Panels as a picture without a graphics card: egui's own triangles, filled pixel by pixel. For looking at, and for tests
//! that something is drawn where it should be.

use std::collections::BTreeMap;
use std::path::Path;

use egui::epaint::{ImageData, Primitive, Vertex};
use egui::{Color32, Context, Event, Pos2, RawInput, Rect, TextureId, Vec2};

use crate::ui::{UiState, draw};

/// A picture: rows from the top, RGB.
pub struct Picture {
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<[u8; 3]>,
}

struct Texture {
    size: [usize; 2],
    pixels: Vec<Color32>,
}

/// Draws the panels; the events are given to the frames one after the other.
pub fn picture(state: &UiState, size: [f32; 2], scale: f32, events: Vec<Vec<Event>>) -> Picture {
    let ctx = Context::default();
    let mut textures: BTreeMap<TextureId, Texture> = BTreeMap::new();
    let mut shapes = Vec::new();
    let frames = 4 + events.len();
    let mut events = events.into_iter();
    for frame in 0..frames {
        let mut input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, size.into())),
            // Late enough for tooltips, and animations have ended.
            time: Some(frame as f64 * 1.0),
            predicted_dt: 1.0,
            ..RawInput::default()
        };
        if let Some(viewport) = input.viewports.get_mut(&egui::ViewportId::ROOT) {
            viewport.native_pixels_per_point = Some(scale);
        }
        if frame >= 3 {
            input.events = events.next().unwrap_or_default();
        }
        let mut output = ctx.run_ui(input, |ui| {
            draw(ui.ctx(), state);
        });
        let deltas: BTreeMap<_, _> = output.textures_delta.set.drain().collect();
        for (id, deltas) in deltas {
            for delta in deltas {
                let ImageData::Color(image) = &delta.image;
                let texture = textures.entry(id).or_insert_with(|| Texture {
                    size: image.size,
                    pixels: vec![Color32::TRANSPARENT; image.size[0] * image.size[1]],
                });
                match delta.pos {
                    None => {
                        *texture = Texture {
                            size: image.size,
                            pixels: image.pixels.clone(),
                        }
                    }
                    Some([x, y]) => {
                        for row in 0..image.size[1] {
                            let to = (y + row) * texture.size[0] + x;
                            let from = row * image.size[0];
                            texture.pixels[to..to + image.size[0]]
                                .copy_from_slice(&image.pixels[from..from + image.size[0]]);
                        }
                    }
                }
            }
        }
        output.textures_delta.clear();
        shapes = std::mem::take(&mut output.shapes);
    }
    let (width, height) = ((size[0] * scale) as usize, (size[1] * scale) as usize);
    let mut picture = Picture {
        width,
        height,
        // Where the city would be.
        pixels: vec![[0xc9, 0xd3, 0xd8]; width * height],
    };
    for clipped in ctx.tessellate(shapes, scale) {
        let Primitive::Mesh(mesh) = clipped.primitive else {
            continue;
        };
        let clip = Rect::from_min_max(
            (clipped.clip_rect.min.to_vec2() * scale).to_pos2(),
            (clipped.clip_rect.max.to_vec2() * scale).to_pos2(),
        );
        let texture = &textures[&mesh.texture_id];
        for triangle in mesh.indices.chunks_exact(3) {
            let corners = [0, 1, 2].map(|i| mesh.vertices[triangle[i] as usize]);
            fill(&mut picture, texture, corners, clip, scale);
        }
    }
    picture
}

fn fill(picture: &mut Picture, texture: &Texture, corners: [Vertex; 3], clip: Rect, scale: f32) {
    let p = corners.map(|v| v.pos.to_vec2() * scale);
    let cross = |a: Vec2, b: Vec2| a.x * b.y - a.y * b.x;
    let area = cross(p[1] - p[0], p[2] - p[0]);
    if area == 0.0 {
        return;
    }
    let lowest = |f: fn(&Vec2) -> f32| p.iter().map(f).fold(f32::INFINITY, f32::min);
    let highest = |f: fn(&Vec2) -> f32| p.iter().map(f).fold(f32::NEG_INFINITY, f32::max);
    let x0 = lowest(|v| v.x).max(clip.min.x.round()).max(0.0) as usize;
    let x1 = highest(|v| v.x).min(clip.max.x.round()).ceil().max(0.0) as usize;
    let y0 = lowest(|v| v.y).max(clip.min.y.round()).max(0.0) as usize;
    let y1 = highest(|v| v.y).min(clip.max.y.round()).ceil().max(0.0) as usize;
    for y in y0..y1.min(picture.height) {
        for x in x0..x1.min(picture.width) {
            let at = Vec2::new(x as f32 + 0.5, y as f32 + 0.5);
            let w: [f32; 3] = [0, 1, 2].map(|i| {
                let (b, c) = (p[(i + 1) % 3], p[(i + 2) % 3]);
                cross(b - at, c - at) / area
            });
            // A shared edge belongs to one of its triangles only: left and top ones count.
            let inside = (0..3).all(|i| {
                let edge = (p[(i + 2) % 3] - p[(i + 1) % 3]) * area.signum();
                let first = edge.y < 0.0 || (edge.y == 0.0 && edge.x > 0.0);
                w[i] > 0.0 || (w[i] == 0.0 && first)
            });
            if !inside {
                continue;
            }
            let mix =
                |f: &dyn Fn(&Vertex) -> f32| -> f32 { (0..3).map(|i| w[i] * f(&corners[i])).sum() };
            let texel = sample(texture, mix(&|v| v.uv.x), mix(&|v| v.uv.y));
            let mut source = [0.0; 4];
            for (channel, value) in source.iter_mut().enumerate() {
                *value = mix(&|v| f32::from(v.color.to_array()[channel])) * texel[channel] / 255.0;
            }
            let pixel = &mut picture.pixels[y * picture.width + x];
            for (channel, value) in pixel.iter_mut().enumerate() {
                let under = f32::from(*value) * (1.0 - source[3] / 255.0);
                *value = (source[channel] + under).round().clamp(0.0, 255.0) as u8;
            }
        }
    }
}

/// Linear between the four nearest texels, 0 to 255.
fn sample(texture: &Texture, u: f32, v: f32) -> [f32; 4] {
    let [w, h] = texture.size;
    let (x, y) = (u * w as f32 - 0.5, v * h as f32 - 0.5);
    let (fx, fy) = (x - x.floor(), y - y.floor());
    let texel = |dx: f32, dy: f32| {
        let x = (x.floor() + dx).clamp(0.0, (w - 1) as f32) as usize;
        let y = (y.floor() + dy).clamp(0.0, (h - 1) as f32) as usize;
        texture.pixels[y * w + x].to_array().map(f32::from)
    };
    let (a, b, c, d) = (
        texel(0.0, 0.0),
        texel(1.0, 0.0),
        texel(0.0, 1.0),
        texel(1.0, 1.0),
    );
    std::array::from_fn(|i| {
        (a[i] * (1.0 - fx) + b[i] * fx) * (1.0 - fy) + (c[i] * (1.0 - fx) + d[i] * fx) * fy
    })
}

impl Picture {
    /// Writes a PNG.
    pub fn write_png(&self, path: &Path) {
        let bytes: Vec<u8> = self.pixels.iter().flatten().copied().collect();
        image::RgbImage::from_raw(self.width as u32, self.height as u32, bytes)
            .unwrap()
            .save(path)
            .unwrap();
    }

    /// Number of pixels of this colour.
    pub fn count(&self, colour: [u8; 3]) -> usize {
        self.pixels.iter().filter(|p| **p == colour).count()
    }
}
