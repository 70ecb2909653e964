//! Tables of text: points and trees as people save them, with any separator, with or without a header.

use std::borrow::Cow;

/// How the fields of a line are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Separator {
    Byte(u8),
    Spaces,
}

/// A table read from text: separator, header and decimal sign are recognised.
#[derive(Debug)]
pub(crate) struct Table<'a> {
    text: Cow<'a, str>,
    separator: Separator,
    /// Names of the columns reduced to lower-case letters and digits; empty without a header.
    header: Vec<String>,
    decimal_comma: bool,
}

/// Text of a file: UTF-8 or UTF-16 with a byte order mark, UTF-8 without, else ISO-8859-1.
pub(crate) fn decode_text(bytes: &[u8]) -> Cow<'_, str> {
    let utf16 = |pairs: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = pairs.chunks_exact(2).map(|p| unit([p[0], p[1]])).collect();
        Cow::Owned(String::from_utf16_lossy(&units))
    };
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => Cow::Owned(bytes.iter().copied().map(char::from).collect()),
        },
    }
}

/// Number from a field; a comma counts as decimal sign only where the table uses it.
pub(crate) fn parse_number(field: &str, decimal_comma: bool) -> Option<f64> {
    let field = field.trim();
    if decimal_comma && field.contains(',') && !field.contains('.') {
        field.replacen(',', ".", 1).parse().ok()
    } else {
        field.parse().ok()
    }
}

/// Lower-case letters and digits of a column name: `Kronen-Durchmesser [m]` gives `kronendurchmesserm`.
pub(crate) fn reduced(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    line.is_empty() || line.starts_with('#') || line.starts_with("//")
}

impl<'a> Table<'a> {
    /// Recognises the table from its first lines; `None` for an empty file.
    pub(crate) fn new(bytes: &'a [u8]) -> Option<Self> {
        let text = decode_text(bytes);
        let mut sample = text.lines().filter(|l| !is_comment(l)).take(50);
        let first = sample.next()?;
        let second = sample.next().unwrap_or(first);
        let separator = separator_of(second);
        let decimal_comma = separator != Separator::Byte(b',')
            && (first.contains(',') || second.contains(',') || sample.any(|l| l.contains(',')));
        let names = split(first, separator);
        let header = if names
            .iter()
            .any(|n| parse_number(n, decimal_comma).is_some())
        {
            Vec::new()
        } else {
            names.iter().map(|n| reduced(n)).collect()
        };
        Some(Self {
            text,
            separator,
            header,
            decimal_comma,
        })
    }

    /// Numbers are written with a decimal comma.
    pub(crate) fn has_decimal_comma(&self) -> bool {
        self.decimal_comma
    }

    /// The first line names the columns.
    pub(crate) fn has_header(&self) -> bool {
        !self.header.is_empty()
    }

    /// Names of the columns in [`reduced`] form; empty without a header.
    pub(crate) fn columns(&self) -> &[String] {
        &self.header
    }

    /// Position of the first column with one of the names, given in [`reduced`] form, best name first.
    pub(crate) fn column(&self, names: &[&str]) -> Option<usize> {
        names
            .iter()
            .find_map(|name| self.header.iter().position(|column| column == name))
    }

    /// Number in a field of a row.
    pub(crate) fn number(&self, row: &[Cow<'_, str>], column: Option<usize>) -> Option<f64> {
        parse_number(row.get(column?)?, self.decimal_comma)
    }

    /// Rows below the header with their line numbers, counted from 1.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (usize, Vec<Cow<'_, str>>)> {
        self.text
            .lines()
            .enumerate()
            .filter(|(_, line)| !is_comment(line))
            .skip(usize::from(self.has_header()))
            .map(|(i, line)| (i + 1, split(line, self.separator)))
    }
}

fn separator_of(line: &str) -> Separator {
    if line.contains(';') {
        return Separator::Byte(b';');
    }
    if line.contains('\t') {
        return Separator::Byte(b'\t');
    }
    // `565000,5 5934000,5 3,2`: spaces separate, the comma is the decimal sign.
    let spaced: Vec<&str> = line.split_whitespace().collect();
    let spaces_separate = spaced.len() >= 3 && !spaced.iter().any(|t| t.ends_with(','));
    if line.contains(',') && !(spaces_separate && spaced.iter().all(|t| is_numeric(t))) {
        Separator::Byte(b',')
    } else {
        Separator::Spaces
    }
}

fn is_numeric(token: &str) -> bool {
    parse_number(token, true).is_some()
}

/// Fields of one line; quotes keep separators, a doubled quote is a quote (RFC 4180, except line breaks in a field).
fn split(line: &str, separator: Separator) -> Vec<Cow<'_, str>> {
    let Separator::Byte(byte) = separator else {
        return line.split_whitespace().map(Cow::Borrowed).collect();
    };
    let mark = char::from(byte);
    if !line.contains('"') {
        return line.split(mark).map(|f| Cow::Borrowed(f.trim())).collect();
    }
    let mut fields = Vec::new();
    let mut field = String::new();
    let mut quoted = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                field.push('"');
                chars.next();
            }
            '"' => quoted = !quoted,
            c if c == mark && !quoted => {
                fields.push(Cow::Owned(std::mem::take(&mut field).trim().to_owned()));
            }
            c => field.push(c),
        }
    }
    fields.push(Cow::Owned(field.trim().to_owned()));
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: &str) -> Vec<Vec<f64>> {
        let table = Table::new(text.as_bytes()).unwrap();
        table
            .rows()
            .map(|(_, row)| {
                (0..row.len())
                    .map(|i| table.number(&row, Some(i)).unwrap())
                    .collect()
            })
            .collect()
    }

    #[test]
    fn separators_and_decimal_signs_are_recognised() {
        let expected = vec![vec![1.5, 2.5, 3.5], vec![4.0, 5.0, 6.0]];
        for text in [
            "e,n,z\n1.5,2.5,3.5\n4,5,6\n",
            "1.5 2.5 3.5\n4 5 6\n",
            "1,5 2,5 3,5\n4 5 6\n",
            "1,5;2,5;3,5\n4;5;6\n",
            "# heights\n1.5, 2.5, 3.5\n4, 5, 6\n",
            "x\ty\tz\n1.5\t2.5\t3.5\n4\t5\t6\r\n",
        ] {
            assert_eq!(numbers(text), expected, "{text}");
        }
    }

    #[test]
    fn quotes_header_and_line_numbers() {
        let table = Table::new("Baum-ID;Höhe [m]\n\"a;\"\"b\"\"\";3,5\n".as_bytes()).unwrap();
        assert_eq!(table.column(&["height", "höhem"]), Some(1));
        let (line, row) = table.rows().next().unwrap();
        assert_eq!((line, row[0].as_ref()), (2, "a;\"b\""));
        assert_eq!(table.number(&row, Some(1)), Some(3.5));
        assert!(Table::new(b" \n").is_none());
    }

    #[test]
    fn old_encodings_are_read() {
        assert_eq!(decode_text(b"H\xF6he"), "Höhe");
        assert_eq!(decode_text(b"\xFF\xFEa\0b\0"), "ab");
        assert_eq!(decode_text(b"\xEF\xBB\xBFab"), "ab");
    }
}
