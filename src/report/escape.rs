//! Makes text from data harmless in HTML and SVG.

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
    let longest = names.map(|name| name.chars().count()).max().unwrap_or(0);
    (1.85 * longest.min(NAME_CHARS) as f64 + 3.0).max(NAME_LEAST_MM)
}

/// Room (mm) for short names.
pub const NAME_LEAST_MM: f64 = 34.0;

/// Characters of such a name at most.
pub const NAME_CHARS: usize = 30;

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
    fn long_text_is_cut_at_a_character() {
        assert_eq!(shortened("äöüß", 4), "äöüß");
        assert_eq!(shortened("äöüßx", 4), "äöü…");
    }
}
