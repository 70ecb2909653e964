//! The few controls that the panels are made of. Each has a visible or spoken name and a tooltip; texts are looked up here, so
//! that a panel names keys only.

use egui::accesskit::{Action as Request, Toggled};
use egui::{
    Align, Align2, CornerRadius, DragValue, Layout, Rect, Response, RichText, Sense, Stroke,
    TextStyle, TextWrapMode, Ui, Vec2, WidgetInfo, WidgetText, WidgetType, vec2,
};

use crate::text::{Language, Texts};

use super::edit_fields::FieldSpec;
use super::icons::{self, Icon};
use super::theme::{Look, caption, strong};

/// Texts and look of this frame.
#[derive(Clone, Copy)]
pub struct Paint {
    /// Texts.
    pub t: &'static Texts,
    /// Look.
    pub look: Look,
}

impl Paint {
    /// The text of a key.
    pub fn get(&self, key: &str) -> String {
        self.t.get(key)
    }

    /// The text is large for this window: show one side panel at a time and fewer tools.
    pub fn tight(&self, ctx: &egui::Context) -> bool {
        ctx.viewport_rect().width() < self.of(960.0)
    }

    /// Scaled length.
    pub fn of(&self, points: f32) -> f32 {
        self.look.size.of(points)
    }
}

/// How a button looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// The one next step.
    Primary,
    /// A button with a ground.
    Normal,
    /// Ground only under the pointer.
    Quiet,
}

/// What a button shows and says.
#[derive(Clone, Copy)]
pub struct Button<'a> {
    /// Icon, if any.
    pub icon: Option<Icon>,
    /// Visible words; without them the name is spoken only.
    pub words: Option<&'a str>,
    /// Name for tests and screen readers.
    pub name: &'a str,
    /// Tooltip: what it does; the key is added.
    pub tip: &'a str,
    /// Key, as printed, or empty.
    pub keys: &'a str,
    /// Look.
    pub weight: Weight,
    /// Chosen state of a switch.
    pub chosen: Option<bool>,
    /// Works now.
    pub enabled: bool,
}

impl<'a> Button<'a> {
    /// A button with words.
    pub fn words(name: &'a str, tip: &'a str) -> Self {
        Self {
            icon: None,
            words: Some(name),
            name,
            tip,
            keys: "",
            weight: Weight::Normal,
            chosen: None,
            enabled: true,
        }
    }

    /// A button with an icon only; its name is spoken and stands in the tooltip.
    pub fn icon(icon: Icon, name: &'a str, tip: &'a str) -> Self {
        Self {
            icon: Some(icon),
            words: None,
            weight: Weight::Quiet,
            ..Self::words(name, tip)
        }
    }

    /// Adds an icon.
    #[must_use]
    pub fn with_icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// Sets the look.
    #[must_use]
    pub fn weight(mut self, weight: Weight) -> Self {
        self.weight = weight;
        self
    }

    /// Makes it a switch.
    #[must_use]
    pub fn chosen(mut self, chosen: bool) -> Self {
        self.chosen = Some(chosen);
        self
    }

    /// Sets whether it works now.
    #[must_use]
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }

    /// Sets the key that does the same.
    #[must_use]
    pub fn keys(mut self, keys: &'a str) -> Self {
        self.keys = keys;
        self
    }

    /// Width that it will take.
    pub fn width(&self, ui: &Ui, paint: &Paint) -> f32 {
        let padding = ui.spacing().button_padding.x;
        let icon = if self.icon.is_some() {
            paint.look.size.icon()
        } else {
            0.0
        };
        match self.words {
            Some(words) => {
                let gap = if self.icon.is_some() {
                    paint.of(6.0)
                } else {
                    0.0
                };
                let galley = WidgetText::from(words).into_galley(
                    ui,
                    Some(TextWrapMode::Extend),
                    f32::INFINITY,
                    TextStyle::Button,
                );
                2.0 * padding + icon + gap + galley.size().x
            }
            None => paint.look.size.control(),
        }
    }

    /// Draws it.
    pub fn show(self, ui: &mut Ui, paint: &Paint) -> Response {
        let width = self.width(ui, paint).ceil();
        self.show_wide(ui, paint, width)
    }

    /// Draws it with a given width; words are centred.
    pub fn show_wide(self, ui: &mut Ui, paint: &Paint, width: f32) -> Response {
        let enabled = self.enabled;
        let response = ui
            .add_enabled_ui(enabled, |ui| {
                let size = vec2(width, paint.look.size.control());
                let (rect, response) = ui.allocate_exact_size(size, Sense::click());
                self.draw(ui, paint, rect, &response);
                response
            })
            .inner;
        response.widget_info(|| match self.chosen {
            Some(chosen) => {
                WidgetInfo::selected(WidgetType::SelectableLabel, enabled, chosen, self.name)
            }
            None => WidgetInfo::labeled(WidgetType::Button, enabled, self.name),
        });
        let Self {
            name,
            tip,
            keys,
            words,
            ..
        } = self;
        let look = paint.look;
        let show_tip =
            move |ui: &mut Ui| tooltip(ui, &look, words.is_none().then_some(name), tip, keys);
        describe(ui, &response, tip, keys);
        response
            .on_hover_ui(show_tip)
            .on_disabled_hover_ui(show_tip)
    }

    fn draw(&self, ui: &Ui, paint: &Paint, rect: Rect, response: &Response) {
        let colour = &paint.look.colour;
        let visuals = ui.style().interact(response);
        let busy = response.hovered() || response.has_focus();
        let (fill, text) = match (self.weight, self.chosen) {
            // Switches of the tool row stay quiet: the accent belongs to what is chosen and to the next step.
            (Weight::Quiet, Some(true)) => (colour.control, colour.text),
            (_, Some(true)) => (colour.chosen, colour.text),
            (Weight::Primary, _) if busy => (colour.text, colour.panel),
            (Weight::Primary, _) => (colour.accent, colour.on_accent),
            (Weight::Normal, _) => (visuals.weak_bg_fill, visuals.text_color()),
            (Weight::Quiet, _) if busy => (visuals.weak_bg_fill, visuals.text_color()),
            (Weight::Quiet, _) => (egui::Color32::TRANSPARENT, visuals.text_color()),
        };
        let stroke = if response.has_focus() || self.weight == Weight::Normal {
            visuals.bg_stroke
        } else if self.chosen == Some(true) {
            Stroke::new(1.0, colour.outline)
        } else {
            Stroke::NONE
        };
        ui.painter().rect(
            rect,
            visuals.corner_radius,
            fill,
            stroke,
            egui::StrokeKind::Inside,
        );
        let icon_side = paint.look.size.icon();
        let mut content = rect.shrink2(vec2(ui.spacing().button_padding.x, 0.0));
        match (self.icon, self.words) {
            (Some(icon), None) => {
                let square = Rect::from_center_size(rect.center(), Vec2::splat(icon_side));
                icons::paint(ui.painter(), square, icon, text);
            }
            (icon, Some(words)) => {
                if let Some(icon) = icon {
                    let square = Rect::from_min_size(
                        egui::pos2(content.left(), rect.center().y - 0.5 * icon_side),
                        Vec2::splat(icon_side),
                    );
                    icons::paint(ui.painter(), square, icon, text);
                    content.min.x += icon_side + paint.of(6.0);
                }
                let galley = WidgetText::from(words).into_galley(
                    ui,
                    Some(TextWrapMode::Truncate),
                    content.width() + 0.5,
                    TextStyle::Button,
                );
                let align = if icon.is_some() {
                    Align2::LEFT_CENTER
                } else {
                    Align2::CENTER_CENTER
                };
                let at = align.align_size_within_rect(galley.size(), content).min;
                ui.painter().galley(at, galley, text);
            }
            (None, None) => {}
        }
    }
}

/// A row of a list that can be clicked: name at the left, note at the right, a second line below.
#[derive(Clone, Copy, Default)]
pub struct Row<'a> {
    /// Name.
    pub name: &'a str,
    /// Lighter words at the right.
    pub note: &'a str,
    /// Lighter line below the name; empty for a row of one line.
    pub detail: &'a str,
    /// Tooltip.
    pub tip: &'a str,
    /// Key, as printed.
    pub keys: &'a str,
    /// Icon before the name.
    pub icon: Option<Icon>,
    /// Chosen state, if the row is one of several to choose from.
    pub chosen: Option<bool>,
    /// Smaller text.
    pub small: bool,
    /// Heading of a part of a panel.
    pub heading: bool,
}

impl Row<'_> {
    /// Draws it with a given width.
    pub fn show(self, ui: &mut Ui, paint: &Paint, width: f32) -> Response {
        let colour = paint.look.colour;
        let two_lines = !self.detail.is_empty();
        let height = match (two_lines, self.small) {
            (true, _) => paint.of(44.0),
            (false, true) => paint.of(24.0),
            (false, false) => paint.look.size.control(),
        };
        let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::click());
        let chosen = self.chosen == Some(true);
        let visuals = ui.style().interact(&response);
        let fill = if chosen {
            colour.chosen
        } else if response.hovered() || response.has_focus() {
            visuals.weak_bg_fill
        } else {
            egui::Color32::TRANSPARENT
        };
        let ring = if response.has_focus() {
            visuals.bg_stroke
        } else {
            Stroke::NONE
        };
        ui.painter().rect(
            rect,
            visuals.corner_radius,
            fill,
            ring,
            egui::StrokeKind::Inside,
        );
        if chosen {
            let mark = Rect::from_min_size(rect.min, vec2(paint.of(3.0), rect.height()));
            ui.painter().rect_filled(mark, 0.0, colour.accent);
        }
        let mut content = rect.shrink2(vec2(ui.spacing().button_padding.x, 0.0));
        if let Some(icon) = self.icon {
            let side = paint.look.size.icon();
            let middle = egui::pos2(content.left() + 0.5 * side, rect.center().y);
            let square = Rect::from_center_size(middle, Vec2::splat(side));
            icons::paint(ui.painter(), square, icon, colour.text);
            content.min.x += side + paint.of(6.0);
        }
        let line = |text: RichText, width: f32| {
            WidgetText::from(text).into_galley(
                ui,
                Some(TextWrapMode::Truncate),
                width,
                TextStyle::Body,
            )
        };
        let note = line(caption(&paint.look, self.note), 0.6 * content.width());
        let room = content.width()
            - note.size().x
            - if self.note.is_empty() {
                0.0
            } else {
                paint.of(8.0)
            };
        let style = match (chosen || self.heading, self.small) {
            (true, _) => strong(),
            (false, true) => TextStyle::Small,
            (false, false) => TextStyle::Body,
        };
        let name = line(RichText::new(self.name).text_style(style), room);
        let middle = if two_lines {
            rect.top() + paint.of(14.0)
        } else {
            rect.center().y
        };
        let at = |x: f32, middle: f32, size: Vec2| egui::pos2(x, middle - 0.5 * size.y);
        let place = at(content.right() - note.size().x, middle, note.size());
        ui.painter().galley(place, note, colour.text_weak);
        let place = at(content.left(), middle, name.size());
        ui.painter().galley(place, name, colour.text);
        if two_lines {
            let detail = line(caption(&paint.look, self.detail), content.width());
            let place = at(content.left(), rect.top() + paint.of(32.0), detail.size());
            ui.painter().galley(place, detail, colour.text_weak);
        }
        let enabled = ui.is_enabled();
        response.widget_info(|| match self.chosen {
            Some(chosen) => {
                WidgetInfo::selected(WidgetType::SelectableLabel, enabled, chosen, self.name)
            }
            None => WidgetInfo::labeled(WidgetType::Button, enabled, self.name),
        });
        describe(ui, &response, self.tip, self.keys);
        let Self { tip, keys, .. } = self;
        let look = paint.look;
        response.on_hover_ui(move |ui| tooltip(ui, &look, None, tip, keys))
    }
}

/// Contents of a tooltip: name, what it does, key.
fn tooltip(ui: &mut Ui, look: &Look, name: Option<&str>, tip: &str, keys: &str) {
    ui.spacing_mut().item_spacing.y = look.size.of(4.0);
    if let Some(name) = name {
        ui.label(RichText::new(name).text_style(strong()));
    }
    if !tip.is_empty() {
        ui.label(tip);
    }
    if !keys.is_empty() {
        ui.label(caption(look, keys));
    }
}

/// Gives the tooltip's words to screen readers as well.
pub fn describe(ui: &Ui, response: &Response, tip: &str, keys: &str) {
    ui.ctx().accesskit_node_builder(response.id, |node| {
        if !tip.is_empty() {
            node.set_description(tip);
        }
        if !keys.is_empty() {
            node.set_keyboard_shortcut(keys);
        }
    });
}

/// Names a control that egui leaves without a name, and gives it a tooltip.
pub fn named(ui: &Ui, response: Response, name: &str, tip: &str) -> Response {
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_label(name);
        node.set_description(tip);
    });
    response.on_hover_text(tip)
}

/// Heading of a part of a panel.
pub fn section(ui: &mut Ui, paint: &Paint, key: &str) -> Response {
    let response = ui.label(
        RichText::new(paint.get(key))
            .text_style(strong())
            .color(paint.look.colour.text),
    );
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_role(egui::accesskit::Role::Heading);
    });
    response
}

/// The title of a part of a panel, with its note, which opens and closes what is below it. Returns whether it is open.
pub fn fold_title(ui: &mut Ui, paint: &Paint, name: &str, note: &str, tip: &str) -> bool {
    let title = Row {
        name,
        note,
        tip,
        heading: true,
        ..Row::default()
    };
    let width = ui.available_width();
    fold(ui, paint, title, width)
}

/// A row that opens and closes what is below it. Returns whether it is open.
pub fn fold(ui: &mut Ui, paint: &Paint, row: Row<'_>, width: f32) -> bool {
    let id = ui.id().with("fold");
    let open = ui.data(|d| d.get_temp(id)).unwrap_or(false);
    let icon = if open { Icon::Opened } else { Icon::Closed };
    let row = Row {
        icon: Some(icon),
        ..row
    };
    let response = row.show(ui, paint, width);
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_expanded(open);
    });
    let open = open != response.clicked();
    ui.data_mut(|d| d.insert_temp(id, open));
    open
}

/// Room (points at size 1) for a unit behind a number, the same in all rows so that numbers and buttons stand in columns. The
/// widest one is `mm/h`: one that does not fit would widen its row, and with it all that follow.
const UNIT_ROOM: f32 = 32.0;

/// New value of a number field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NumberChange {
    /// Value.
    pub value: f64,
    /// False while the pointer still drags.
    pub done: bool,
}

/// A number as typed: `1.234,5`, `1234.5`, `−3`. One separator followed by other than three digits is the decimal one in
/// either language, so that a point typed by habit does not multiply a length by ten.
pub fn parse_number(language: Language, text: &str) -> Option<f64> {
    let text: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '\'')
        .map(|c| if c == '−' { '-' } else { c })
        .collect();
    let (group, point) = match language {
        Language::De => ('.', ','),
        Language::En => (',', '.'),
    };
    let plain = if text.contains(point) {
        text.replace(group, "").replace(point, ".")
    } else {
        match text.split_once(group) {
            Some((first, rest))
                if (rest.len() != 3 || first.trim_start_matches('-') == "0")
                    && rest.bytes().all(|b| b.is_ascii_digit()) =>
            {
                text.replace(group, ".")
            }
            _ => text.replace(group, ""),
        }
    };
    plain.parse().ok().filter(|v: &f64| v.is_finite())
}

/// A number with its label, step buttons and unit, in one row of fixed columns.
pub fn number_row(
    ui: &mut Ui,
    paint: &Paint,
    language: Language,
    spec: &FieldSpec,
    value: f64,
) -> Option<NumberChange> {
    number_row_named(ui, paint, language, &paint.get(spec.label), spec, value)
}

/// The same with a name that is there already.
pub fn number_row_named(
    ui: &mut Ui,
    paint: &Paint,
    language: Language,
    label: &str,
    spec: &FieldSpec,
    value: f64,
) -> Option<NumberChange> {
    let tip = spec.tip(paint.t);
    let mut change = None;
    let step_width = paint.of(24.0);
    let field_width = paint.of(100.0);
    let right = paint.of(UNIT_ROOM) + 2.0 * step_width + field_width + 3.0 * paint.of(4.0);
    // A label that does not fit beside its field stands above it.
    let beside = {
        let left = ui.available_width() - right - paint.of(4.0);
        let font = egui::TextStyle::Body.resolve(ui.style());
        let galley = ui
            .painter()
            .layout_no_wrap(label.to_owned(), font, paint.look.colour.text);
        galley.size().x <= left.max(paint.of(32.0))
    };
    if !beside {
        ui.add(egui::Label::new(label).truncate());
    }
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = paint.of(4.0);
        let left = (ui.available_width() - right - paint.of(4.0)).max(paint.of(32.0));
        cell(ui, left, Align::Min, |ui| {
            if beside {
                ui.add(egui::Label::new(label).truncate());
            }
        });
        let clamp = |v: f64| v.clamp(spec.range.0, spec.range.1);
        let lower = paint.t.with("ui-step-lower", &[("name", label)]);
        if Button::icon(Icon::Less, &lower, &tip)
            .weight(Weight::Normal)
            .enabled(value > spec.range.0)
            .show_wide(ui, paint, step_width)
            .clicked()
        {
            change = Some(NumberChange {
                value: clamp(value - spec.step),
                done: true,
            });
        }
        let mut typed = value;
        let response = cell(ui, field_width, Align::Max, |ui| {
            ui.spacing_mut().button_padding.x = paint.of(4.0);
            ui.spacing_mut().interact_size.x = field_width;
            ui.add(
                DragValue::new(&mut typed)
                    .range(spec.range.0..=spec.range.1)
                    .clamp_existing_to_range(false)
                    .speed(0.1 * spec.step)
                    .max_decimals(spec.decimals)
                    .update_while_editing(false)
                    .custom_formatter(|v, _| language.number(v, spec.decimals))
                    .custom_parser(|text| parse_number(language, text)),
            )
        });
        let response = named(ui, response, label, &tip);
        if response.drag_stopped() || (response.changed() && typed != value) {
            change = Some(NumberChange {
                value: typed,
                done: !response.dragged(),
            });
        }
        let raise = paint.t.with("ui-step-raise", &[("name", label)]);
        if Button::icon(Icon::Add, &raise, &tip)
            .weight(Weight::Normal)
            .enabled(value < spec.range.1)
            .show_wide(ui, paint, step_width)
            .clicked()
        {
            change = Some(NumberChange {
                value: clamp(value + spec.step),
                done: true,
            });
        }
        unit(ui, paint, spec.unit);
    });
    change
}

/// A part of a row with a fixed width, so that nothing moves when its text changes.
pub fn cell<R>(ui: &mut Ui, width: f32, align: Align, add: impl FnOnce(&mut Ui) -> R) -> R {
    let height = ui.spacing().interact_size.y;
    let layout = match align {
        Align::Max => Layout::right_to_left(Align::Center).with_main_align(Align::Max),
        Align::Min | Align::Center => {
            Layout::left_to_right(Align::Center).with_main_align(Align::Min)
        }
    };
    ui.allocate_ui_with_layout(vec2(width, height), layout, |ui| {
        ui.set_min_size(vec2(width, height));
        add(ui)
    })
    .inner
}

/// A unit, lighter than its number.
pub fn unit(ui: &mut Ui, paint: &Paint, text: &str) {
    ui.label(caption(&paint.look, text));
}

/// A name at the left, a value at the right with its unit.
pub fn fact_row(
    ui: &mut Ui,
    paint: &Paint,
    name: &str,
    value: &str,
    unit_text: &str,
    note: Option<&str>,
) {
    ui.horizontal_top(|ui| {
        ui.spacing_mut().interact_size.y = paint.of(20.0);
        ui.spacing_mut().item_spacing.x = paint.of(4.0);
        let all = ui.available_width();
        let left = (all * 0.42).round();
        let height = ui.spacing().interact_size.y;
        ui.allocate_ui_with_layout(vec2(left, height), Layout::top_down(Align::Min), |ui| {
            ui.set_min_width(left);
            ui.add(egui::Label::new(RichText::new(name).color(paint.look.colour.text_weak)).wrap());
        });
        let right = all - left - paint.of(4.0);
        if unit_text.is_empty() {
            ui.allocate_ui_with_layout(vec2(right, height), Layout::top_down(Align::Max), |ui| {
                ui.set_min_width(right);
                ui.add(egui::Label::new(value).wrap().selectable(true));
            });
        } else {
            ui.allocate_ui_with_layout(
                vec2(right, height),
                Layout::right_to_left(Align::Center),
                |ui| {
                    ui.set_min_width(right);
                    let room = paint.of(UNIT_ROOM);
                    cell(ui, room, Align::Min, |ui| unit(ui, paint, unit_text));
                    ui.add(egui::Label::new(value).selectable(true));
                    if let Some(note) = note {
                        badge(ui, paint, note, paint.look.colour.warning);
                    }
                },
            );
        }
    });
}

/// A word in a thin frame: `angenommen`, `veraltet`.
pub fn badge(ui: &mut Ui, paint: &Paint, text: &str, colour: egui::Color32) -> Response {
    egui::Frame::new()
        .stroke(Stroke::new(1.0, colour))
        .corner_radius(CornerRadius::same(paint.of(4.0) as u8))
        .inner_margin(egui::Margin::symmetric(paint.of(4.0) as i8, 0))
        .show(ui, |ui| {
            ui.spacing_mut().interact_size.y = 0.0;
            ui.label(
                RichText::new(text)
                    .text_style(TextStyle::Small)
                    .color(colour),
            )
        })
        .inner
}

/// A check box with a tooltip. Returns the new state when it was switched.
pub fn switch(
    ui: &mut Ui,
    paint: &Paint,
    name_key: &str,
    tip_key: &str,
    on: bool,
    enabled: bool,
) -> Option<bool> {
    let (name, tip) = (paint.get(name_key), paint.get(tip_key));
    switch_named(ui, paint, &name, &tip, on, enabled)
}

/// The same with words that are there already.
pub fn switch_named(
    ui: &mut Ui,
    paint: &Paint,
    name: &str,
    tip: &str,
    on: bool,
    enabled: bool,
) -> Option<bool> {
    let mut value = on;
    let response = ui
        .add_enabled_ui(enabled, |ui| {
            // The box is all there is to see of the control, so it has an outline.
            let outline = Stroke::new(1.0, paint.look.colour.outline);
            ui.visuals_mut().widgets.inactive.bg_stroke = outline;
            ui.visuals_mut().widgets.inactive.bg_fill = paint.look.colour.card;
            ui.checkbox(&mut value, name)
        })
        .inner;
    describe(ui, &response, tip, "");
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_toggled(if value { Toggled::True } else { Toggled::False });
        node.add_action(Request::Click);
    });
    response
        .on_hover_text(tip)
        .on_disabled_hover_text(tip)
        .changed()
        .then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (language, text, value) in [
            (Language::De, "1.234,5", 1234.5),
            (Language::De, "12,5", 12.5),
            (Language::De, "12.5", 12.5),
            (Language::De, "1.234", 1234.0),
            (Language::De, "0.125", 0.125),
            (Language::De, "565.123,45", 565_123.45),
            (Language::De, "−3,5", -3.5),
            (Language::De, "5 933 456,7", 5_933_456.7),
            (Language::En, "1,234.5", 1234.5),
            (Language::En, "12,5", 12.5),
            (Language::En, "1,234", 1234.0),
            (Language::En, "5,933,456.70", 5_933_456.7),
            (Language::En, "0.125", 0.125),
        ] {
            assert_eq!(parse_number(language, text), Some(value), "{text}");
        }
        for text in ["", "abc", "inf", "1,2,3,", "--3"] {
            assert_eq!(parse_number(Language::De, text), None, "{text}");
        }
    }

    #[test]
    fn what_is_shown_is_read_back() {
        for language in Language::ALL {
            for value in [0.0, -12.25, 565_123.45, 5_933_456.0, 999.5, 1000.0] {
                let text = language.number(value, 2);
                assert_eq!(parse_number(language, &text), Some(value), "{text}");
            }
        }
    }
}
