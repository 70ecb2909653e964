//! Texts on paper: their width, their lines, and the line of the sources.

use std::fmt::Write as _;

use crate::city::City;
use crate::report::escape::{escape, shortened};
use crate::text::Texts;

pub(super) fn text(
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
    fn long_words_and_titles_end_inside_the_paper() {
        let lines = wrap(&"x".repeat(5000), 80.0, 3.0);
        assert!(lines.iter().all(|l| text_width(l, 3.0) <= 80.0));
        let lines = wrap(&"wort ".repeat(5000), 80.0, 3.0);
        assert_eq!(lines.len(), 6);
    }
}
