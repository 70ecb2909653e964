//! The look of all panels, in one place: colours, type sizes, spacing on a 4-point grid. Nothing else names a colour or a size.
//!
//! The frame is quiet on purpose: only results and the one next step carry colour (`look.md`). Text reaches a contrast of at
//! least 4.5 : 1 and controls 3 : 1 in every theme (WCAG 1.4.3, 1.4.11); a test computes it.

use std::collections::BTreeMap;
use std::sync::Arc;

use egui::epaint::FontColorTransferFunction;
use egui::style::{ScrollStyle, TextCursorStyle, WidgetVisuals};
use egui::{
    Color32, Context, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Id, Margin,
    Shadow, Stroke, Style, TextStyle, Ui, Vec2, Visuals, vec2,
};

use super::action::Theme;

/// Smallest and largest text size, and the step of its buttons.
pub const TEXT_SCALE: (f32, f32, f32) = (0.8, 2.0, 0.1);

/// Family of headings and of the figure that matters.
const STRONG: &str = "strong";

/// Colours of one theme.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Palette {
    /// Ground of the panels.
    pub panel: Color32,
    /// Ground of cards, windows, fields.
    pub card: Color32,
    /// Buttons at rest, rails.
    pub control: Color32,
    /// Buttons under the pointer.
    pub control_hovered: Color32,
    /// Hairlines between parts.
    pub line: Color32,
    /// Outlines that carry meaning: check boxes, slider handles.
    pub outline: Color32,
    /// Text.
    pub text: Color32,
    /// Units, captions, hints.
    pub text_weak: Color32,
    /// The one next step, focus, the chosen item.
    pub accent: Color32,
    /// Text on the accent.
    pub on_accent: Color32,
    /// Ground of the chosen item.
    pub chosen: Color32,
    /// Something may be wrong.
    pub warning: Color32,
    /// Something failed.
    pub error: Color32,
    /// Night, dawn and day on the time bar.
    pub sky: [Color32; 3],
    /// Rail of the event clock, the part that has passed, and the ground of a chart.
    pub event: [Color32; 3],
}

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

/// Colours of a theme.
pub const fn palette(theme: Theme) -> Palette {
    match theme {
        Theme::Light => Palette {
            panel: rgb(0xf7f6f3),
            card: rgb(0xffffff),
            control: rgb(0xeceae5),
            control_hovered: rgb(0xe0ddd6),
            line: rgb(0xdcd9d2),
            outline: rgb(0x85827a),
            text: rgb(0x1f2225),
            text_weak: rgb(0x5c6064),
            accent: rgb(0xbe401c),
            on_accent: rgb(0xffffff),
            chosen: rgb(0xf8e4db),
            warning: rgb(0x8a5800),
            error: rgb(0xb01e2e),
            sky: [rgb(0x5f6b80), rgb(0xe0a97c), rgb(0xf2e3b3)],
            event: [rgb(0xd6dde2), rgb(0x1d6cb1), rgb(0xe9e6e0)],
        },
        Theme::Dark => Palette {
            panel: rgb(0x1e2023),
            card: rgb(0x272a2e),
            control: rgb(0x34383d),
            control_hovered: rgb(0x41464c),
            line: rgb(0x3a3e43),
            outline: rgb(0x8d949b),
            text: rgb(0xececea),
            text_weak: rgb(0xaaafb4),
            accent: rgb(0xff8d66),
            on_accent: rgb(0x20120c),
            chosen: rgb(0x4a332b),
            warning: rgb(0xf0bf5a),
            error: rgb(0xff8f8f),
            sky: [rgb(0x2b364a), rgb(0x9a6a4a), rgb(0xd2bd7c)],
            event: [rgb(0x434b52), rgb(0x60a7d2), rgb(0x33373c)],
        },
        Theme::HighContrast => Palette {
            panel: rgb(0),
            card: rgb(0),
            control: rgb(0x1c1c1c),
            control_hovered: rgb(0x404040),
            line: rgb(0xffffff),
            outline: rgb(0xffffff),
            text: rgb(0xffffff),
            text_weak: rgb(0xe6e6e6),
            accent: rgb(0xffd800),
            on_accent: rgb(0),
            chosen: rgb(0x3d3400),
            warning: rgb(0xffd800),
            error: rgb(0xffa0a0),
            sky: [rgb(0x102060), rgb(0xb06020), rgb(0xe8d880)],
            event: [rgb(0x505050), rgb(0x60b8ff), rgb(0x242424)],
        },
    }
}

/// Lengths that depend on the text size. All are multiples of 4 points at size 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sizes {
    /// Text size, 0.8 to 2.
    pub scale: f32,
}

impl Sizes {
    /// `points` at size 1, scaled and rounded to whole points so that lines stay crisp.
    pub fn of(self, points: f32) -> f32 {
        (points * self.scale).round()
    }
    /// Between controls.
    pub fn gap(self) -> f32 {
        self.of(8.0)
    }
    /// Between groups.
    pub fn group(self) -> f32 {
        self.of(16.0)
    }
    /// Height of a control.
    pub fn control(self) -> f32 {
        self.of(28.0)
    }
    /// Side of an icon.
    pub fn icon(self) -> f32 {
        self.of(16.0)
    }
}

/// What the panels need to know of the look: colours and sizes of this frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// Colours.
    pub colour: Palette,
    /// Lengths.
    pub size: Sizes,
}

impl Look {
    /// Look of a theme at a text size.
    pub fn new(theme: Theme, text_scale: f32) -> Self {
        Self {
            colour: palette(theme),
            size: Sizes {
                scale: text_scale.clamp(TEXT_SCALE.0, TEXT_SCALE.1),
            },
        }
    }
}

/// Sets fonts and style, once per change. False in the very first frame: egui takes new fonts at the start of a frame, so there
/// is nothing to write with before the next one.
pub fn install(ctx: &Context, theme: Theme, text_scale: f32) -> bool {
    let id = Id::new("planspiel-theme");
    let wanted = (theme, (text_scale * 1000.0) as i32);
    let installed: Option<(Theme, i32)> = ctx.data(|d| d.get_temp(id));
    if installed == Some(wanted) {
        return true;
    }
    if installed.is_none() {
        ctx.set_fonts(fonts());
    }
    let egui_theme = match theme {
        Theme::Light => egui::Theme::Light,
        Theme::Dark | Theme::HighContrast => egui::Theme::Dark,
    };
    ctx.set_theme(egui_theme);
    ctx.set_style_of(egui_theme, style(theme, text_scale));
    ctx.data_mut(|d| d.insert_temp(id, wanted));
    ctx.request_repaint();
    installed.is_some()
}

/// IBM Plex Sans (tabular figures, German and English), with egui's own fonts behind it for anything else.
fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let files: [(&str, &'static [u8]); 2] = [
        (
            "plex",
            include_bytes!("../../assets/fonts/IBMPlexSans-Regular.ttf"),
        ),
        (
            "plex-semibold",
            include_bytes!("../../assets/fonts/IBMPlexSans-SemiBold.ttf"),
        ),
    ];
    for (name, bytes) in files {
        fonts
            .font_data
            .insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    let behind = fonts
        .families
        .get(&FontFamily::Proportional)
        .cloned()
        .unwrap_or_default();
    let with = |first: &str| -> Vec<String> {
        std::iter::once(first.to_owned())
            .chain(behind.iter().cloned())
            .collect()
    };
    fonts
        .families
        .insert(FontFamily::Proportional, with("plex"));
    fonts.families.insert(FontFamily::Monospace, with("plex"));
    fonts
        .families
        .insert(FontFamily::Name(STRONG.into()), with("plex-semibold"));
    fonts
}

/// Style of the figure or name that matters in a row.
pub fn strong() -> TextStyle {
    TextStyle::Name(STRONG.into())
}

fn style(theme: Theme, text_scale: f32) -> Style {
    let Look { colour, size } = Look::new(theme, text_scale);
    let family = FontFamily::Proportional;
    let heavy = FontFamily::Name(STRONG.into());
    let font = |points: f32, family: &FontFamily| FontId::new(points * size.scale, family.clone());
    let text_styles: BTreeMap<TextStyle, FontId> = [
        (TextStyle::Small, font(12.0, &family)),
        (TextStyle::Body, font(14.0, &family)),
        (TextStyle::Button, font(14.0, &family)),
        (TextStyle::Monospace, font(14.0, &family)),
        (strong(), font(14.0, &heavy)),
        (TextStyle::Heading, font(17.0, &heavy)),
    ]
    .into();
    let mut style = Style {
        text_styles,
        visuals: visuals(theme, &colour, size),
        animation_time: 0.08,
        ..Style::default()
    };
    let spacing = &mut style.spacing;
    spacing.item_spacing = Vec2::splat(size.gap());
    spacing.button_padding = vec2(size.of(8.0), size.of(4.0));
    spacing.window_margin = margin(size.of(16.0));
    spacing.menu_margin = margin(size.of(8.0));
    spacing.menu_spacing = size.of(4.0);
    spacing.indent = size.of(16.0);
    spacing.interact_size = vec2(size.of(40.0), size.control());
    spacing.slider_rail_height = size.of(4.0);
    spacing.slider_width = size.of(160.0);
    spacing.combo_width = size.of(160.0);
    spacing.combo_height = size.of(320.0);
    spacing.text_edit_width = size.of(280.0);
    spacing.icon_width = size.icon();
    spacing.icon_width_inner = size.of(8.0);
    spacing.icon_spacing = size.of(8.0);
    spacing.tooltip_width = size.of(320.0);
    spacing.menu_width = size.of(320.0);
    spacing.scroll = ScrollStyle {
        bar_width: size.of(8.0),
        floating_allocated_width: size.of(8.0),
        ..ScrollStyle::thin()
    };
    // The fade of cut-off lists comes out as a grey block where blending is linear, as in the window.
    spacing.scroll.fade.strength = 0.0;
    style.interaction.tooltip_delay = 0.4;
    // Texts to copy (messages, ids) ask for it one by one; elsewhere a drag over a label must not mark it.
    style.interaction.selectable_labels = false;
    style
}

fn margin(points: f32) -> Margin {
    Margin::same(points as i8)
}

fn visuals(theme: Theme, colour: &Palette, size: Sizes) -> Visuals {
    let radius = CornerRadius::same(size.of(4.0) as u8);
    let mut visuals = if theme == Theme::Light {
        Visuals::light()
    } else {
        Visuals::dark()
    };
    let widget = |fill: Color32, border: Stroke, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: border,
        corner_radius: radius,
        fg_stroke: Stroke::new(1.0, text),
        expansion: 0.0,
    };
    let border = if theme == Theme::HighContrast {
        Stroke::new(1.0, colour.line)
    } else {
        Stroke::NONE
    };
    visuals.widgets.noninteractive = WidgetVisuals {
        bg_fill: colour.panel,
        weak_bg_fill: colour.panel,
        ..widget(colour.panel, Stroke::new(1.0, colour.line), colour.text)
    };
    visuals.widgets.inactive = widget(colour.control, border, colour.text);
    visuals.widgets.hovered = widget(
        colour.control_hovered,
        Stroke::new(1.0, colour.outline),
        colour.text,
    );
    // egui shows keyboard focus with the `active` look: a clear ring.
    visuals.widgets.active = widget(
        colour.control_hovered,
        Stroke::new(2.0, colour.accent),
        colour.text,
    );
    visuals.widgets.open = widget(
        colour.control_hovered,
        Stroke::new(1.0, colour.outline),
        colour.text,
    );
    // The window blends linearly, which makes dark text on light ground thin: 1 − (1 − coverage)² gives back its weight. Light
    // text on dark ground needs the same curve for its own reason (egui's default there).
    visuals.text_options.color_transfer_function =
        FontColorTransferFunction::TwoCoverageMinusCoverageSq;
    visuals.selection.bg_fill = colour.chosen;
    visuals.selection.stroke = Stroke::new(1.0, colour.text);
    visuals.override_text_color = None;
    visuals.weak_text_color = Some(colour.text_weak);
    visuals.hyperlink_color = colour.accent;
    visuals.faint_bg_color = colour.card;
    visuals.extreme_bg_color = colour.card;
    visuals.text_edit_bg_color = Some(colour.card);
    visuals.code_bg_color = colour.control;
    visuals.warn_fg_color = colour.warning;
    visuals.error_fg_color = colour.error;
    visuals.window_corner_radius = CornerRadius::same(size.of(8.0) as u8);
    visuals.menu_corner_radius = CornerRadius::same(size.of(8.0) as u8);
    visuals.window_fill = colour.card;
    visuals.panel_fill = colour.panel;
    visuals.window_stroke = Stroke::new(1.0, colour.line);
    let shadow = Shadow {
        offset: [0, 4],
        blur: 16,
        spread: 0,
        color: Color32::from_black_alpha(if theme == Theme::Light { 36 } else { 96 }),
    };
    visuals.window_shadow = shadow;
    visuals.popup_shadow = shadow;
    visuals.text_cursor = TextCursorStyle {
        stroke: Stroke::new(2.0, colour.accent),
        // A blinking cursor would wake the window twice a second.
        blink: false,
        ..TextCursorStyle::default()
    };
    visuals.slider_trailing_fill = false;
    visuals.striped = false;
    visuals.indent_has_left_vline = false;
    visuals.collapsing_header_frame = false;
    visuals.disabled_alpha = 0.45;
    visuals
}

/// Frame of a side panel.
pub fn panel_frame(look: &Look) -> egui::Frame {
    egui::Frame::new()
        .fill(look.colour.panel)
        .inner_margin(margin(look.size.of(12.0)))
}

/// Frame of a bar at the top or bottom.
pub fn bar_frame(look: &Look) -> egui::Frame {
    egui::Frame::new()
        .fill(look.colour.panel)
        .inner_margin(Margin::symmetric(
            look.size.of(12.0) as i8,
            look.size.of(6.0) as i8,
        ))
}

/// Frame of the status line.
pub fn status_frame(look: &Look) -> egui::Frame {
    bar_frame(look).inner_margin(Margin::symmetric(
        look.size.of(12.0) as i8,
        look.size.of(2.0) as i8,
    ))
}

/// Frame of a card that floats over the city.
pub fn card_frame(look: &Look, ui_style: &Style) -> egui::Frame {
    egui::Frame::new()
        .fill(look.colour.card)
        .stroke(Stroke::new(1.0, look.colour.line))
        .corner_radius(ui_style.visuals.window_corner_radius)
        .shadow(ui_style.visuals.popup_shadow)
        .inner_margin(margin(look.size.of(12.0)))
}

/// Small, lighter text.
pub fn caption(look: &Look, text: impl Into<String>) -> egui::RichText {
    egui::RichText::new(text)
        .text_style(TextStyle::Small)
        .color(look.colour.text_weak)
}

/// Space between groups, less the gap that egui adds itself.
pub fn group_space(ui: &mut Ui, look: &Look) {
    ui.add_space(look.size.group() - look.size.gap());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance (WCAG 2.2).
    fn luminance(c: Color32) -> f64 {
        let linear = |v: u8| {
            let v = f64::from(v) / 255.0;
            if v <= 0.040_45 {
                v / 12.92
            } else {
                ((v + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(c.r()) + 0.7152 * linear(c.g()) + 0.0722 * linear(c.b())
    }

    fn contrast(a: Color32, b: Color32) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn texts_and_outlines_are_readable_in_every_theme() {
        for theme in Theme::ALL {
            let c = palette(theme);
            for ground in [c.panel, c.card, c.chosen] {
                for text in [c.text, c.text_weak, c.warning, c.error] {
                    let k = contrast(text, ground);
                    assert!(k >= 4.5, "{theme:?}: text {text:?} on {ground:?}: {k:.2}");
                }
                let k = contrast(c.accent, ground);
                assert!(k >= 3.0, "{theme:?}: focus ring on {ground:?}: {k:.2}");
            }
            for ground in [c.control, c.control_hovered] {
                assert!(contrast(c.text, ground) >= 4.5, "{theme:?}: {ground:?}");
            }
            assert!(contrast(c.on_accent, c.accent) >= 4.5, "{theme:?}");
            assert!(contrast(c.outline, c.panel) >= 3.0, "{theme:?}");
        }
    }

    #[test]
    fn lengths_follow_the_text_size() {
        assert_eq!(Look::new(Theme::Light, 2.0).size.control(), 56.0);
        assert_eq!(Look::new(Theme::Light, 9.0).size.scale, TEXT_SCALE.1);
    }
}
