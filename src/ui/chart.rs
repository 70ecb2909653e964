//! A small plot: axes with round labelled values and units, a readout under the cursor. What is drawn in it comes from the
//! caller; few lines, direct labels, no boxes.

use egui::{
    Align2, Painter, Pos2, Rect, Sense, Stroke, TextStyle, Ui, Vec2, WidgetInfo, WidgetType, pos2,
};

use crate::text::Language;

use super::widgets::{Paint, describe};

/// One axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// First and last value.
    pub range: [f64; 2],
    /// Labelled values.
    pub ticks: Vec<f64>,
    /// Decimals of the labels.
    pub decimals: usize,
    /// What it is, with its unit: `Höhe über NHN (m)`.
    pub title: String,
}

impl Axis {
    /// An axis with ticks at multiples of 1, 2 or 5 times a power of ten; `widen` moves the ends to such values.
    pub fn round(low: f64, high: f64, widen: bool, title: &str, unit: &str) -> Self {
        let span = (high - low).max(1e-6);
        let wanted = span / 4.0;
        let power = 10.0_f64.powf(wanted.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .into_iter()
            .map(|f| f * power)
            .find(|s| *s >= wanted * 0.999)
            .unwrap_or(10.0 * power);
        let range = if widen {
            [(low / step).floor() * step, (high / step).ceil() * step]
        } else {
            [low, high.max(low + 1e-6)]
        };
        let first = (range[0] / step - 1e-6).ceil() as i64;
        let last = (range[1] / step + 1e-6).floor() as i64;
        Self {
            range,
            ticks: (first..=last).map(|i| i as f64 * step).collect(),
            decimals: (0..6)
                .find(|d| {
                    let scaled = step * 10.0_f64.powi(*d);
                    (scaled - scaled.round()).abs() < 1e-6
                })
                .unwrap_or(6) as usize,
            title: format!("{title} ({unit})"),
        }
    }
}

/// A plot without its content.
#[derive(Clone, Debug)]
pub struct Plot<'a> {
    /// Horizontal axis.
    pub x: Axis,
    /// Vertical axis.
    pub y: Axis,
    /// Size with labels.
    pub size: Vec2,
    /// Name for screen readers.
    pub name: &'a str,
    /// Content in words for screen readers.
    pub spoken: &'a str,
}

/// Draws axes and content. `content` gets a painter that is clipped to the plot, a function from values to places, and the
/// plot's area; `readout` gives the words for a value of the horizontal axis under the cursor. Returns the value that was clicked.
pub fn plot_ui<'p, F>(
    ui: &mut Ui,
    paint: &Paint,
    language: Language,
    plot: &Plot<'_>,
    content: impl FnOnce(&Painter, Box<dyn Fn(f64, f64) -> Pos2 + 'p>, Rect),
    readout: F,
) -> Option<f64>
where
    F: FnOnce(f64) -> String,
{
    let colour = &paint.look.colour;
    let font = TextStyle::Small.resolve(ui.style());
    let line = font.size * 1.35;
    // No stop of the Tab key: what a click does, other controls do as well.
    let (rect, response) = ui.allocate_exact_size(plot.size, Sense::CLICK);
    let label = |v: f64, axis: &Axis| language.number(v, axis.decimals);
    let widest = plot
        .y
        .ticks
        .iter()
        .map(|v| {
            let text = label(*v, &plot.y);
            let galley = ui
                .painter()
                .layout_no_wrap(text, font.clone(), colour.text_weak);
            galley.size().x
        })
        .fold(0.0_f32, f32::max);
    let area = Rect::from_min_max(
        pos2(
            rect.left() + widest + paint.of(6.0),
            // Half a label of the axis stands above the plot, below the title.
            rect.top() + 1.5 * line + paint.of(2.0),
        ),
        pos2(
            rect.right() - paint.of(8.0),
            rect.bottom() - line - paint.of(2.0),
        ),
    );
    let ([x0, x1], [y0, y1]) = (plot.x.range, plot.y.range);
    let at = move |x: f64, y: f64| {
        pos2(
            area.left() + area.width() * ((x - x0) / (x1 - x0)) as f32,
            area.bottom() - area.height() * ((y - y0) / (y1 - y0)) as f32,
        )
    };
    let painter = ui.painter();
    let thin = Stroke::new(1.0, colour.line);
    for v in &plot.y.ticks {
        let y = at(x0, *v).y;
        painter.hline(area.x_range(), y, thin);
        painter.text(
            pos2(area.left() - paint.of(4.0), y),
            Align2::RIGHT_CENTER,
            label(*v, &plot.y),
            font.clone(),
            colour.text_weak,
        );
    }
    content(
        &painter.with_clip_rect(area.expand(1.0)),
        Box::new(at),
        area,
    );
    let axis = Stroke::new(1.0, colour.outline);
    painter.hline(area.x_range(), area.bottom(), axis);
    let mut end = area.left();
    for v in &plot.x.ticks {
        let x = at(*v, y0).x;
        painter.vline(x, area.bottom()..=area.bottom() + paint.of(3.0), axis);
        let first = *v == plot.x.ticks[0];
        let align = if first {
            Align2::LEFT_TOP
        } else {
            Align2::CENTER_TOP
        };
        let place = pos2(x, area.bottom() + paint.of(3.0));
        let text = label(*v, &plot.x);
        end = painter
            .text(place, align, text, font.clone(), colour.text_weak)
            .right();
    }
    // The title stands behind the last label where there is room, else it is left to the tooltip.
    let title = painter.layout_no_wrap(plot.x.title.clone(), font.clone(), colour.text_weak);
    let left = area.right() + paint.of(8.0) - title.size().x;
    if left > end + paint.of(8.0) {
        painter.galley(
            pos2(left, area.bottom() + paint.of(3.0)),
            title,
            colour.text_weak,
        );
    }
    let top = pos2(rect.left(), rect.top());
    let title = painter.text(
        top,
        Align2::LEFT_TOP,
        &plot.y.title,
        font.clone(),
        colour.text_weak,
    );
    if let Some(pointer) = response
        .hover_pos()
        .filter(|p| area.x_range().contains(p.x))
    {
        let share = f64::from((pointer.x - area.left()) / area.width());
        painter.vline(pointer.x, area.y_range(), Stroke::new(1.0, colour.text));
        let text = readout(x0 + share * (x1 - x0));
        let galley = painter.layout_no_wrap(text, font, colour.text);
        let left = rect.right() - paint.of(8.0) - galley.size().x;
        let place = pos2(left.max(title.right() + paint.of(8.0)), rect.top());
        painter.galley(place, galley, colour.text);
    }
    let (name, spoken) = (plot.name.to_owned(), plot.spoken);
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Image, true, &name));
    describe(ui, &response, spoken, "");
    let pointer = response.interact_pointer_pos();
    let place = pointer.filter(|p| response.clicked() && area.x_range().contains(p.x))?;
    let share = f64::from((place.x - area.left()) / area.width());
    Some(x0 + share * (x1 - x0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_the_axis_holds_all_values() {
        let axis = Axis::round(2.13, 6.87, true, "Höhe", "m");
        assert_eq!(
            (axis.range, axis.ticks),
            ([2.0, 8.0], vec![2.0, 4.0, 6.0, 8.0])
        );
        let axis = Axis::round(0.0, 182.0, false, "Weg", "m");
        assert_eq!(axis.ticks, [0.0, 50.0, 100.0, 150.0]);
        assert_eq!(axis.decimals, 0);
        for (low, high, decimals) in [(0.0, 1.0, 1), (0.0, 0.8, 1), (0.0, 0.35, 1), (0.0, 0.08, 2)]
        {
            assert_eq!(
                Axis::round(low, high, true, "", "m").decimals,
                decimals,
                "{high}"
            );
        }
    }
}
