//! Reading of building attributes that both CityGML and CityJSON deliver, with their sentinel values.

use super::BuildingAttributes;

/// Tallest plausible building (m); the tallest on Earth has 828 m.
const MAX_HEIGHT_M: f64 = 900.0;

/// A number with decimal point or comma.
pub fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    text.parse()
        .ok()
        .or_else(|| text.replacen(',', ".", 1).parse().ok())
        .filter(|v: &f64| v.is_finite())
}

/// What became of a delivered height.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Height {
    /// Plausible (m).
    Good(f64),
    /// No height that a building can have: a sentinel such as -9999 or 999, or no number.
    Implausible,
}

/// Judges a measured height as text.
pub fn measured_height(text: &str) -> Height {
    match number(text) {
        Some(height) if height > 0.0 && height < MAX_HEIGHT_M => Height::Good(height),
        _ => Height::Implausible,
    }
}

/// Number of storeys; 0 and the sentinels 99 (ALKIS) and above mean unknown, except that real towers reach 98.
pub fn storeys(text: &str) -> Option<u32> {
    let count = number(text)?;
    ((1.0..99.0).contains(&count) && count.fract() == 0.0).then_some(count as u32)
}

/// Year at the start of a text such as `1950`, `1950-01-01`; sentinels (0, 1111, 9999) mean unknown.
pub fn year(text: &str) -> Option<i32> {
    let year: i32 = text.trim().get(..4)?.parse().ok()?;
    ((1..=2200).contains(&year) && year != 1111).then_some(year)
}

/// A text that says something.
pub fn text(value: &str) -> Option<String> {
    let value = value.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

/// Parts of a postal address.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Address {
    /// Street.
    pub street: Option<String>,
    /// House number.
    pub number: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Town.
    pub town: Option<String>,
}

impl Address {
    /// `Wildstr. 49, 45127 Essen`; `None` without a street or town.
    pub fn line(&self) -> Option<String> {
        let join = |a: &Option<String>, b: &Option<String>| {
            [a, b]
                .into_iter()
                .flatten()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(" ")
        };
        let street = if self.street.is_some() {
            join(&self.street, &self.number)
        } else {
            String::new()
        };
        let town = join(&self.postal_code, &self.town);
        match (street.is_empty(), town.is_empty()) {
            (true, true) => None,
            (false, true) => Some(street),
            (true, false) => Some(town),
            (false, false) => Some(format!("{street}, {town}")),
        }
    }
}

/// Adds an address; a building with several keeps them all, in order.
pub fn add_address(attributes: &mut BuildingAttributes, address: &Address) {
    let Some(line) = address.line() else {
        return;
    };
    match &mut attributes.address {
        Some(lines) => {
            if !lines.split("; ").any(|l| l == line) {
                lines.push_str("; ");
                lines.push_str(&line);
            }
        }
        none => *none = Some(line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentinels_are_no_heights() {
        for bad in ["-9999", "999", "9999.0", "0", "NaN", "", "unknown"] {
            assert_eq!(measured_height(bad), Height::Implausible, "{bad}");
        }
        assert_eq!(measured_height(" 10.456 "), Height::Good(10.456));
        assert_eq!(measured_height("10,5"), Height::Good(10.5));
    }

    #[test]
    fn storeys_and_years_with_sentinels() {
        assert_eq!(storeys("5"), Some(5));
        assert_eq!(storeys("5.0"), Some(5));
        assert_eq!(storeys("0"), None);
        assert_eq!(storeys("999"), None);
        assert_eq!(year("1950-01-01"), Some(1950));
        assert_eq!(year("9999"), None);
        assert_eq!(year("?"), None);
    }

    #[test]
    fn addresses_are_joined_in_order() {
        let mut attributes = BuildingAttributes::default();
        let mut address = Address {
            street: text("Wildstr."),
            number: text("49"),
            town: text("Essen"),
            ..Address::default()
        };
        add_address(&mut attributes, &address);
        add_address(&mut attributes, &address);
        address.number = text("51");
        add_address(&mut attributes, &address);
        assert_eq!(
            attributes.address.as_deref(),
            Some("Wildstr. 49, Essen; Wildstr. 51, Essen")
        );
    }
}
