//! Makes text from data harmless in HTML and SVG.

use std::fmt::Write as _;

use super::map_svg::{fitted, text_width};

/// Text for element content and quoted attributes of HTML and SVG. Control characters, which XML forbids, become a visible
/// replacement character; so do the marks that turn the direction of writing.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(' '),
            c if c.is_control() => out.push('\u{fffd}'),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}' => {
                out.push('\u{fffd}');
            }
            c => out.push(c),
        }
    }
    out
}

/// The first `max` characters, with an ellipsis where something is cut off.
pub fn shortened(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(max.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// Room (mm) for the names of rows right-aligned before a bar, at a font size of 3.3 mm.
pub fn name_width<'a>(names: impl Iterator<Item = &'a str>) -> f64 {
    let widths = names.map(|name| text_width(name, 3.3).min(NAME_MM));
    (widths.fold(0.0, f64::max) + 3.0).max(NAME_LEAST_MM)
}

/// Writes the name of a row right-aligned before its bar, which begins at `left` and lies below `y` (mm).
pub fn draw_name(body: &mut String, name: &str, left: f64, y: f64) {
    let _ = write!(
        body,
        r##"<text x="{:.1}" y="{:.1}" font-size="3.3" fill="#26241f" text-anchor="end">{}</text>"##,
        left - 2.5,
        y + 4.9,
        escape(&fitted(name, NAME_MM, 3.3))
    );
}

/// Room (mm) for short names.
pub const NAME_LEAST_MM: f64 = 34.0;

/// Width (mm) of such a name at most; a longer one is cut.
pub const NAME_MM: f64 = 62.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_from_data_stays_text() {
        assert_eq!(
            escape("<img src=x onerror='a(\"1\")'> & \u{1b}[31m\u{202e}"),
            "&lt;img src=x onerror=&#39;a(&quot;1&quot;)&#39;&gt; &amp; \u{fffd}[31m\u{fffd}"
        );
    }

    #[test]
    fn the_widest_name_before_a_bar_has_its_room() {
        for name in [
            "Wand",
            "WWMMWWMMWWMMWWMMWWMMWWMMWWMMWW",
            "illi illi illi illi illi",
        ] {
            let drawn = text_width(&fitted(name, NAME_MM, 3.3), 3.3);
            // 2.5 mm lie between the name and the bar.
            let room = name_width([name, "x"].into_iter()) - 2.5;
            assert!(drawn <= room, "{name}: {drawn} of {room} mm");
        }
    }

    #[test]
    fn long_text_is_cut_at_a_character() {
        assert_eq!(shortened("äöüß", 4), "äöüß");
        assert_eq!(shortened("äöüßx", 4), "äöü…");
    }
}
