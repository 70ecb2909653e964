//! Where a network lies in the city: its plane has an own origin, and maybe an own coordinate reference system.

use crate::city::City;
use crate::geo::{Crs, LocalFrame};

use super::network::Network;

/// Takes places of a network to the local frame of the city and back.
#[derive(Debug)]
pub struct NetworkPlace {
    origin: [f64; 2],
    converter: Option<crate::geo::crs::Converter>,
    frame: LocalFrame,
    /// True when the system of the network was understood.
    pub crs_known: bool,
}

impl NetworkPlace {
    /// The place of a network in a city. A system that is not understood is taken for that of the city.
    pub fn new(network: &Network, city: &City) -> Self {
        let crs = crs_of(&network.crs);
        let converter = crs.as_ref().and_then(|crs| {
            let converter = crs.converter_to(&city.frame.crs);
            converter.ok().flatten()
        });
        Self {
            origin: network.origin,
            converter,
            frame: city.frame.clone(),
            crs_known: crs.is_some(),
        }
    }

    /// Easting and northing in the city of a place in the plane of the network.
    pub fn crs(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let place = [x + self.origin[0], y + self.origin[1]];
        let converted = self.converter.as_ref().map(|c| c.convert(place));
        converted.and_then(Result::ok).unwrap_or(place)
    }

    /// Local place (m) in the city of a place in the plane of the network.
    pub fn local(&self, place: [f64; 2]) -> [f64; 2] {
        let [easting, northing] = self.crs(place);
        let local = self.frame.local_from_crs([easting, northing, 0.0]);
        [local.x, local.y]
    }

    /// Place in the plane of the network of easting and northing in the city.
    pub fn plane(&self, place: [f64; 2]) -> [f64; 2] {
        let converted = self.converter.as_ref().map(|c| c.convert_back(place));
        let [easting, northing] = converted.and_then(Result::ok).unwrap_or(place);
        [easting - self.origin[0], northing - self.origin[1]]
    }
}

/// The system that a network names: an EPSG code, or a PROJ string of UTM on WGS84 or GRS80 (ETRS89 and WGS84 differ by less than a metre).
fn crs_of(text: &str) -> Option<Crs> {
    if let Ok(crs) = Crs::parse(text) {
        return Some(crs);
    }
    let value = |key: &str| {
        let mut words = text.split_whitespace();
        words.find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
    };
    let zone: u32 = value("+zone")?.parse().ok()?;
    let ellipsoid = value("+ellps").or(value("+datum"))?;
    let fits = value("+proj") == Some("utm") && matches!(ellipsoid, "WGS84" | "GRS80");
    let north = !text.contains("+south");
    (fits && north && (1..=60).contains(&zone)).then(|| {
        if (28..=38).contains(&zone) {
            Crs::from_epsg(25_800 + zone)
        } else {
            Crs::from_epsg(32_600 + zone)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proj_strings_of_utm_are_understood() {
        let hamburg = "+proj=utm +zone=32 +ellps=WGS84 +datum=WGS84 +units=m +no_defs";
        assert_eq!(crs_of(hamburg), Some(Crs::from_epsg(25_832)));
        assert_eq!(crs_of("EPSG:25832"), Some(Crs::from_epsg(25_832)));
        assert_eq!(crs_of("+proj=tmerc +lat_0=0 +lon_0=9"), None);
        assert_eq!(crs_of("!"), None);
    }
}
