//! Coordinate reference systems: what a file declares, and conversion from and to geographic coordinates.
//!
//! UTM and its zone-prefixed forms are computed with our own Krueger series ([`TransverseMercator`]); the few other
//! systems of our sources go through `proj4rs` with the parameters of the table `PROJ_STRINGS`. ETRS89 and WGS84 are
//! taken as equal, as PROJ does without a transformation grid (they differ by less than 1 m, growing 2.5 cm a year).
//! Heights are never changed; the vertical system is carried along as a name.

use std::fmt;

use proj4rs::Proj;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A declared coordinate reference system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Crs {
    /// Horizontal EPSG code; `None` for a local frame without place on Earth.
    pub epsg: Option<u32>,
    /// Height system as declared (`DHHN2016`, `DHHN92`, `NAP` ...); `None` when the source names none.
    pub vertical: Option<String>,
}

/// Why a coordinate system cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CrsError {
    /// The name is not one that we know.
    #[error(
        "coordinate system `{0}` is not known; use for example EPSG:25832, EPSG:25833, EPSG:4326 or `local`"
    )]
    Unknown(String),
    /// The frame has no place on Earth.
    #[error("a local frame has no place on Earth; give the latitude and longitude under [site]")]
    Local,
    /// The coordinates lie outside the area where the projection works.
    #[error("({0}, {1}) lies outside the area of {2}")]
    Outside(f64, f64, String),
}

impl Crs {
    /// ETRS89 / UTM zone 32N, heights DHHN2016: Hamburg and most of Germany.
    pub fn utm32() -> Self {
        Self {
            epsg: Some(25832),
            vertical: Some("DHHN2016".to_owned()),
        }
    }

    /// A metric frame without place on Earth.
    pub fn local() -> Self {
        Self {
            epsg: None,
            vertical: None,
        }
    }

    /// A horizontal system without a named height system.
    pub fn from_epsg(code: u32) -> Self {
        Self {
            epsg: Some(code),
            vertical: None,
        }
    }

    /// Longitude and latitude in degrees, in this order (as in GeoJSON, RFC 7946, and OpenStreetMap).
    pub fn wgs84() -> Self {
        Self::from_epsg(4326)
    }

    /// Reads a name of a coordinate system in any of the forms that occur in our sources.
    ///
    /// `EPSG:25832`, `25832`, `EPSG:25832+7837`, `urn:ogc:def:crs:EPSG::25832`,
    /// `urn:ogc:def:crs,crs:EPSG:6.12:3068,crs:EPSG:6.12:5783`, `http://www.opengis.net/def/crs/EPSG/0/7415`,
    /// `http://www.opengis.net/gml/srs/epsg.xml#25832`, `urn:ogc:def:crs:OGC:1.3:CRS84`, and the names of the German
    /// surveying authorities (GeoInfoDok 6, registry at <https://repository.gdi-de.org>): `ETRS89_UTM32`,
    /// `urn:adv:crs:ETRS89_UTM32*DE_DHHN2016_NH*GCG2016`, `urn:adv:crs:DE_DHDN_3GK3`. `local` has no place on Earth.
    pub fn parse(text: &str) -> Result<Self, CrsError> {
        let unknown = || CrsError::Unknown(text.trim().chars().take(120).collect());
        let name = text.trim().to_ascii_uppercase();
        if name == "LOCAL" {
            return Ok(Self::local());
        }
        let adv_vertical = ADV_VERTICAL
            .iter()
            .find(|(mark, _)| name.contains(mark))
            .map(|(_, vertical)| (*vertical).to_owned());
        if let Some((_, code)) = ADV_HORIZONTAL.iter().find(|(mark, _)| name.contains(mark)) {
            return Ok(Self {
                epsg: Some(*code),
                vertical: adv_vertical,
            });
        }
        if name.contains("CRS84") || matches!(name.as_str(), "WGS84" | "WGS 84") {
            return Ok(Self {
                epsg: Some(4326),
                vertical: name.contains("CRS84H").then(|| "ellipsoid".to_owned()),
            });
        }
        if let Some(code) = utm_in_words(&name) {
            return Ok(Self {
                epsg: Some(code),
                vertical: adv_vertical,
            });
        }
        let bare = name
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '+' | ' '));
        if !(name.contains("EPSG") || bare) {
            return Err(unknown());
        }
        let mut crs = Self::local();
        for piece in name.split([',', '+', '&', ';', '*']) {
            let Some(code) = last_number(piece) else {
                continue;
            };
            if let Some((_, horizontal, vertical)) =
                COMPOUND.iter().find(|(compound, _, _)| *compound == code)
            {
                crs.epsg = Some(*horizontal);
                crs.vertical = Some((*vertical).to_owned());
            } else if let Some((_, vertical)) = VERTICAL.iter().find(|(v, _)| *v == code) {
                crs.vertical = Some((*vertical).to_owned());
            } else if is_known(code) {
                crs.epsg = Some(code);
            } else {
                return Err(unknown());
            }
        }
        if crs.epsg.is_none() {
            return Err(unknown());
        }
        crs.vertical = crs.vertical.or(adv_vertical);
        Ok(crs)
    }

    /// Coordinates are degrees (longitude, latitude) instead of metres.
    pub fn is_geographic(&self) -> bool {
        self.epsg.is_some_and(is_geographic)
    }

    /// Coordinates are metres on a known projection.
    pub fn is_projected(&self) -> bool {
        self.epsg.is_some() && !self.is_geographic()
    }

    /// Metres that are metres on the ground: any projection but Web Mercator, which stretches Hamburg by 1.7.
    pub fn is_metric(&self) -> bool {
        self.is_projected() && self.epsg != Some(3857)
    }

    /// False for coordinates that cannot belong to this system, such as a model around (0, 0) labelled UTM.
    pub fn can_hold(&self, easting: f64, northing: f64) -> bool {
        let within = |west: f64, south: f64, east: f64, north: f64| {
            (west..=east).contains(&easting) && (south..=north).contains(&northing)
        };
        match self.epsg {
            // Neighbouring zones included; northings from latitude 18 to 84 degrees.
            Some(25828..=25838) => within(-5e5, 2e6, 1.5e6, 9.4e6),
            Some(32601..=32660) => within(-5e5, -1e5, 1.5e6, 9.4e6),
            Some(32701..=32760) => within(-5e5, 1e6, 1.5e6, 1.01e7),
            Some(code @ (4647 | 5649 | 5650)) => {
                let zone = match code {
                    4647 => 32e6,
                    5649 => 31e6,
                    _ => 33e6,
                };
                within(zone - 5e5, 2e6, zone + 1.5e6, 9.4e6)
            }
            Some(code @ 31466..=31469) => {
                let middle = f64::from(code - 31464) * 1e6 + 5e5;
                within(middle - 5e5, 5e6, middle + 5e5, 6.3e6)
            }
            Some(2056) => within(2.4e6, 1.0e6, 2.9e6, 1.4e6),
            Some(28992) => within(-7e3, 2.8e5, 3.1e5, 6.4e5),
            Some(31256) => within(-2e5, 1.0e5, 2e5, 5e5),
            Some(3068) => within(-5e4, -5e4, 1e5, 1e5),
            Some(code) if is_geographic(code) => within(-180.0, -90.0, 180.0, 90.0),
            _ => easting.is_finite() && northing.is_finite(),
        }
    }

    /// Both name the same horizontal system (ETRS89 and WGS84 degrees count as the same).
    pub fn same_horizontal(&self, other: &Self) -> bool {
        self.epsg == other.epsg || (self.is_geographic() && other.is_geographic())
    }

    /// Name for people, e.g. `ETRS89 / UTM zone 32N, DHHN2016`. The short form with the EPSG code is [`Crs`]'s `Display`.
    pub fn name(&self) -> String {
        let horizontal = match self.epsg {
            None => "local frame".to_owned(),
            Some(code @ 25828..=25838) => format!("ETRS89 / UTM zone {}N", code - 25800),
            Some(code @ 32601..=32660) => format!("WGS 84 / UTM zone {}N", code - 32600),
            Some(code @ 32701..=32760) => format!("WGS 84 / UTM zone {}S", code - 32700),
            Some(code) => NAMES
                .iter()
                .find(|(named, _)| *named == code)
                .map_or_else(|| format!("EPSG:{code}"), |(_, name)| (*name).to_owned()),
        };
        match &self.vertical {
            Some(vertical) => format!("{horizontal}, {vertical}"),
            None => horizontal,
        }
    }

    /// The mapping between degrees and this system, ready for many points.
    pub fn projection(&self) -> Result<Projection, CrsError> {
        let code = self.epsg.ok_or(CrsError::Local)?;
        if is_geographic(code) {
            return Ok(Projection(Mapping::Geographic));
        }
        if let Some(utm) = utm(code) {
            return Ok(Projection(Mapping::Krueger(utm, self.to_string())));
        }
        let unknown = || CrsError::Unknown(format!("EPSG:{code}"));
        let (_, string) = PROJ_STRINGS
            .iter()
            .find(|(known, _)| *known == code)
            .ok_or_else(unknown)?;
        let projected = Proj::from_proj_string(string).map_err(|_| unknown())?;
        let degrees = Proj::from_proj_string(LONLAT).map_err(|_| unknown())?;
        Ok(Projection(Mapping::Proj {
            projected: Box::new(projected),
            degrees: Box::new(degrees),
            name: self.to_string(),
        }))
    }

    /// The mapping from this system to another; `None` when both are the same or one of them is local.
    pub fn converter_to(&self, target: &Self) -> Result<Option<Converter>, CrsError> {
        if self.same_horizontal(target) || self.epsg.is_none() || target.epsg.is_none() {
            return Ok(None);
        }
        Ok(Some(Converter {
            from: self.projection()?,
            to: target.projection()?,
        }))
    }

    /// [longitude, latitude] in degrees of a place given as (easting, northing).
    pub fn to_lonlat(&self, easting: f64, northing: f64) -> Result<[f64; 2], CrsError> {
        self.projection()?.to_lonlat([easting, northing])
    }

    /// [easting, northing] of a place given in degrees.
    pub fn from_lonlat(&self, longitude_deg: f64, latitude_deg: f64) -> Result<[f64; 2], CrsError> {
        self.projection()?
            .from_lonlat([longitude_deg, latitude_deg])
    }

    /// Meridian convergence: the angle (rad) from true north clockwise to grid north at a place.
    ///
    /// Positive east of the central meridian on the northern half: true azimuth = grid azimuth + convergence. Taken from
    /// the direction of the meridian over 2e-4 degrees (22 m), which is exact to 1e-9 rad and holds for every projection.
    pub fn grid_convergence_rad(&self, easting: f64, northing: f64) -> Result<f64, CrsError> {
        const HALF_STEP_DEG: f64 = 1e-4;
        let projection = self.projection()?;
        let [lon, lat] = projection.to_lonlat([easting, northing])?;
        let south = projection.from_lonlat([lon, lat - HALF_STEP_DEG])?;
        let north = projection.from_lonlat([lon, lat + HALF_STEP_DEG])?;
        Ok(-(north[0] - south[0]).atan2(north[1] - south[1]))
    }

    /// EPSG code of the height system, where it has one.
    pub fn vertical_epsg(&self) -> Option<u32> {
        let vertical = self.vertical.as_deref()?;
        VERTICAL
            .iter()
            .find(|(_, name)| *name == vertical)
            .map(|(code, _)| *code)
    }

    /// Removes a zone number written before the easting (32566000 instead of 566000) when it is the zone of this system.
    pub fn without_zone_prefix(&self, easting: f64) -> Option<f64> {
        let zone = match self.epsg? {
            code @ 25828..=25838 => code - 25800,
            code @ 32601..=32660 => code - 32600,
            _ => return None,
        };
        let stripped = easting - f64::from(zone) * 1e6;
        (0.0..1e6).contains(&stripped).then_some(stripped)
    }

    /// The UTM system of a place: ETRS89 in Europe, WGS84 elsewhere.
    pub fn utm_at(longitude_deg: f64, latitude_deg: f64) -> Self {
        let zone = ((longitude_deg + 180.0) / 6.0).floor().clamp(0.0, 59.0) as u32 + 1;
        let europe = (28..=38).contains(&zone) && (34.0..=72.0).contains(&latitude_deg);
        Self::from_epsg(if europe {
            25800 + zone
        } else if latitude_deg >= 0.0 {
            32600 + zone
        } else {
            32700 + zone
        })
    }
}

/// `EPSG:25832 + DHHN2016`, `EPSG:25832`, `local`.
impl fmt::Display for Crs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.epsg {
            Some(code) => write!(f, "EPSG:{code}")?,
            None => f.write_str("local")?,
        }
        match &self.vertical {
            Some(vertical) => write!(f, " + {vertical}"),
            None => Ok(()),
        }
    }
}

/// The mapping from one coordinate system to another.
#[derive(Debug)]
pub struct Converter {
    from: Projection,
    to: Projection,
}

impl Converter {
    /// The same place in the other system.
    pub fn convert(&self, place: [f64; 2]) -> Result<[f64; 2], CrsError> {
        self.to.from_lonlat(self.from.to_lonlat(place)?)
    }

    /// The same place, going back.
    pub fn convert_back(&self, place: [f64; 2]) -> Result<[f64; 2], CrsError> {
        self.from.from_lonlat(self.to.to_lonlat(place)?)
    }
}

/// The mapping between degrees and one coordinate system.
#[derive(Debug)]
pub struct Projection(Mapping);

#[derive(Debug)]
enum Mapping {
    Geographic,
    Krueger(TransverseMercator, String),
    Proj {
        projected: Box<Proj>,
        degrees: Box<Proj>,
        name: String,
    },
}

impl Projection {
    /// [longitude, latitude] in degrees.
    pub fn to_lonlat(&self, [easting, northing]: [f64; 2]) -> Result<[f64; 2], CrsError> {
        let outside = |name: &str| CrsError::Outside(easting, northing, name.to_owned());
        let lonlat = match &self.0 {
            Mapping::Geographic => [easting, northing],
            Mapping::Krueger(tm, name) => {
                // Beyond 30 degrees from the meridian the series loses its accuracy; nothing real lies there.
                if (easting - tm.false_easting).abs() > 3e6 || northing.abs() > 1.1e7 {
                    return Err(outside(name));
                }
                tm.unproject([easting, northing])
            }
            Mapping::Proj {
                projected,
                degrees,
                name,
            } => {
                let mut p = (easting, northing, 0.0);
                proj4rs::transform::transform(projected, degrees, &mut p)
                    .map_err(|_| outside(name))?;
                [p.0.to_degrees(), p.1.to_degrees()]
            }
        };
        if lonlat[0].abs() <= 360.0 && lonlat[1].abs() <= 90.0 {
            Ok(lonlat)
        } else {
            Err(outside("degrees"))
        }
    }

    /// [easting, northing] of a place given as [longitude, latitude] in degrees.
    pub fn from_lonlat(&self, [lon, lat]: [f64; 2]) -> Result<[f64; 2], CrsError> {
        let outside = |name: &str| CrsError::Outside(lon, lat, name.to_owned());
        if !(lon.abs() <= 360.0 && lat.abs() <= 90.0) {
            return Err(outside("degrees"));
        }
        match &self.0 {
            Mapping::Geographic => Ok([lon, lat]),
            Mapping::Krueger(tm, name) => {
                let from_meridian =
                    (lon - tm.central_meridian_deg + 540.0).rem_euclid(360.0) - 180.0;
                if from_meridian.abs() > 30.0 {
                    return Err(outside(name));
                }
                Ok(tm.project([lon, lat]))
            }
            Mapping::Proj {
                projected,
                degrees,
                name,
            } => {
                let mut p = (lon.to_radians(), lat.to_radians(), 0.0);
                proj4rs::transform::transform(degrees, projected, &mut p)
                    .map_err(|_| outside(name))?;
                if p.0.is_finite() && p.1.is_finite() {
                    Ok([p.0, p.1])
                } else {
                    Err(outside(name))
                }
            }
        }
    }
}

/// Transverse Mercator by the Krueger series to sixth order in the third flattening n.
///
/// Method: Karney 2011, "Transverse Mercator with an accuracy of a few nanometers", doi:10.1007/s00190-011-0445-3:
/// equations 7-9 (conformal latitude), 11 and 36 (inverse), 35 (forward), 19-21 (Newton step). Error below 5 nm within
/// 30 degrees of the central meridian. Longitudes and latitudes in degrees, eastings and northings in metres.
#[derive(Clone, Debug)]
struct TransverseMercator {
    central_meridian_deg: f64,
    false_easting: f64,
    false_northing: f64,
    /// Scale on the meridian times the rectifying radius (m).
    scaled_radius_m: f64,
    /// First eccentricity.
    eccentricity: f64,
    alpha: [f64; 6],
    beta: [f64; 6],
}

impl TransverseMercator {
    /// UTM scale 0.9996 on an ellipsoid with equatorial radius 6 378 137 m (GRS80 and WGS84 alike).
    fn utm(
        flattening: f64,
        central_meridian_deg: f64,
        false_easting: f64,
        false_northing: f64,
    ) -> Self {
        let n = flattening / (2.0 - flattening);
        let [n2, n3, n4, n5, n6] = [2, 3, 4, 5, 6].map(|k| n.powi(k));
        let radius = 6_378_137.0 / (1.0 + n) * (1.0 + n2 / 4.0 + n4 / 64.0 + n6 / 256.0);
        Self {
            central_meridian_deg,
            false_easting,
            false_northing,
            scaled_radius_m: 0.9996 * radius,
            eccentricity: (flattening * (2.0 - flattening)).sqrt(),
            alpha: [
                n / 2.0 - 2.0 / 3.0 * n2 + 5.0 / 16.0 * n3 + 41.0 / 180.0 * n4 - 127.0 / 288.0 * n5
                    + 7891.0 / 37_800.0 * n6,
                13.0 / 48.0 * n2 - 3.0 / 5.0 * n3 + 557.0 / 1440.0 * n4 + 281.0 / 630.0 * n5
                    - 1_983_433.0 / 1_935_360.0 * n6,
                61.0 / 240.0 * n3 - 103.0 / 140.0 * n4
                    + 15_061.0 / 26_880.0 * n5
                    + 167_603.0 / 181_440.0 * n6,
                49_561.0 / 161_280.0 * n4 - 179.0 / 168.0 * n5 + 6_601_661.0 / 7_257_600.0 * n6,
                34_729.0 / 80_640.0 * n5 - 3_418_889.0 / 1_995_840.0 * n6,
                212_378_941.0 / 319_334_400.0 * n6,
            ],
            beta: [
                n / 2.0 - 2.0 / 3.0 * n2 + 37.0 / 96.0 * n3 - n4 / 360.0 - 81.0 / 512.0 * n5
                    + 96_199.0 / 604_800.0 * n6,
                n2 / 48.0 + n3 / 15.0 - 437.0 / 1440.0 * n4 + 46.0 / 105.0 * n5
                    - 1_118_711.0 / 3_870_720.0 * n6,
                17.0 / 480.0 * n3 - 37.0 / 840.0 * n4 - 209.0 / 4480.0 * n5
                    + 5569.0 / 90_720.0 * n6,
                4397.0 / 161_280.0 * n4 - 11.0 / 504.0 * n5 - 830_251.0 / 7_257_600.0 * n6,
                4583.0 / 161_280.0 * n5 - 108_847.0 / 3_991_680.0 * n6,
                20_648_693.0 / 638_668_800.0 * n6,
            ],
        }
    }

    /// Tangent of the conformal latitude from the tangent of the geographic one.
    fn conformal(&self, tau: f64) -> f64 {
        let e = self.eccentricity;
        let secant = 1f64.hypot(tau);
        let sigma = (e * (e * tau / secant).atanh()).sinh();
        tau * 1f64.hypot(sigma) - sigma * secant
    }

    fn project(&self, [lon, lat]: [f64; 2]) -> [f64; 2] {
        let lambda = (lon - self.central_meridian_deg).to_radians();
        let tau = self.conformal(lat.to_radians().tan());
        let xi = tau.atan2(lambda.cos());
        let eta = (lambda.sin() / tau.hypot(lambda.cos())).asinh();
        let (mut northing, mut easting) = (xi, eta);
        for (j, a) in (1..).map(|j| 2.0 * f64::from(j)).zip(self.alpha) {
            northing += a * (j * xi).sin() * (j * eta).cosh();
            easting += a * (j * xi).cos() * (j * eta).sinh();
        }
        [
            self.false_easting + self.scaled_radius_m * easting,
            self.false_northing + self.scaled_radius_m * northing,
        ]
    }

    fn unproject(&self, [easting, northing]: [f64; 2]) -> [f64; 2] {
        let xi = (northing - self.false_northing) / self.scaled_radius_m;
        let eta = (easting - self.false_easting) / self.scaled_radius_m;
        let (mut xi_sphere, mut eta_sphere) = (xi, eta);
        for (j, b) in (1..).map(|j| 2.0 * f64::from(j)).zip(self.beta) {
            xi_sphere -= b * (j * xi).sin() * (j * eta).cosh();
            eta_sphere -= b * (j * xi).cos() * (j * eta).sinh();
        }
        let sinh_eta = eta_sphere.sinh();
        let target = xi_sphere.sin() / sinh_eta.hypot(xi_sphere.cos());
        let one_minus_e2 = 1.0 - self.eccentricity * self.eccentricity;
        let mut tau = target;
        // Three Newton steps reach the last bit (Karney needs two).
        for _ in 0..3 {
            let reached = self.conformal(tau);
            tau += (target - reached) / 1f64.hypot(reached) * (1.0 + one_minus_e2 * tau * tau)
                / (one_minus_e2 * 1f64.hypot(tau));
        }
        [
            self.central_meridian_deg + sinh_eta.atan2(xi_sphere.cos()).to_degrees(),
            tau.atan().to_degrees(),
        ]
    }
}

const GRS80_FLATTENING: f64 = 1.0 / 298.257_222_101;
const WGS84_FLATTENING: f64 = 1.0 / 298.257_223_563;

/// The transverse Mercator system behind a UTM code.
fn utm(code: u32) -> Option<TransverseMercator> {
    let meridian = |zone: u32| f64::from(zone) * 6.0 - 183.0;
    let prefixed = |zone: u32| {
        let easting = f64::from(zone) * 1e6 + 5e5;
        TransverseMercator::utm(GRS80_FLATTENING, meridian(zone), easting, 0.0)
    };
    Some(match code {
        25828..=25838 => {
            TransverseMercator::utm(GRS80_FLATTENING, meridian(code - 25800), 5e5, 0.0)
        }
        32601..=32660 => {
            TransverseMercator::utm(WGS84_FLATTENING, meridian(code - 32600), 5e5, 0.0)
        }
        32701..=32760 => {
            TransverseMercator::utm(WGS84_FLATTENING, meridian(code - 32700), 5e5, 1e7)
        }
        // ETRS89 / UTM with the zone before the easting (zE-N).
        5649 => prefixed(31),
        4647 => prefixed(32),
        5650 => prefixed(33),
        _ => return None,
    })
}

fn is_geographic(code: u32) -> bool {
    // WGS84 2D and 3D, ETRS89 2D and 3D.
    matches!(code, 4326 | 4979 | 4258 | 4937)
}

fn is_known(code: u32) -> bool {
    is_geographic(code)
        || utm(code).is_some()
        || PROJ_STRINGS.iter().any(|(known, _)| *known == code)
}

/// `ETRS89 / UTM ZONE 32N` as GeoTIFF citations have it.
fn utm_in_words(name: &str) -> Option<u32> {
    let (datum, zone) = name.split_once("UTM ZONE ")?;
    let digits: String = zone.chars().take_while(char::is_ascii_digit).collect();
    let zone_number: u32 = digits.parse().ok()?;
    let base = match zone[digits.len()..].chars().next() {
        Some('N') if datum.contains("ETRS") => 25800,
        Some('N') if datum.contains("WGS") => 32600,
        Some('S') if datum.contains("WGS") => 32700,
        _ => return None,
    };
    Some(base + zone_number).filter(|code| utm(*code).is_some())
}

/// Last run of 4 to 6 digits in a piece of a name (`urn:ogc:def:crs:EPSG:6.12:3068` gives 3068).
fn last_number(piece: &str) -> Option<u32> {
    piece
        .split(|c: char| !c.is_ascii_digit())
        .rfind(|digits| (4..=6).contains(&digits.len()))
        .and_then(|digits| digits.parse().ok())
}

/// Names of the surveying authorities for horizontal systems, with their EPSG codes.
const ADV_HORIZONTAL: &[(&str, u32)] = &[
    ("ETRS89_UTM31", 25831),
    ("ETRS89_UTM32", 25832),
    ("ETRS89_UTM33", 25833),
    ("ETRS89_LAT-LON", 4258),
    ("DE_DHDN_3GK2", 31466),
    ("DE_DHDN_3GK3", 31467),
    ("DE_DHDN_3GK4", 31468),
    ("DE_DHDN_3GK5", 31469),
];

/// Marks of height systems in the same names.
const ADV_VERTICAL: &[(&str, &str)] = &[
    ("DE_DHHN2016", "DHHN2016"),
    ("DE_DHHN92", "DHHN92"),
    ("DE_DHHN12", "DHHN12"),
    ("DE_DHHN85", "DHHN85"),
];

/// EPSG codes of height systems.
const VERTICAL: &[(u32, &str)] = &[
    (5703, "NAVD88"),
    (5709, "NAP"),
    (5728, "LN02"),
    (5729, "LHN95"),
    (5730, "EVRF2000"),
    (5773, "EGM96"),
    (5778, "GHA"),
    (5783, "DHHN92"),
    (5784, "DHHN85"),
    (5799, "DVR90"),
    (7699, "DHHN12"),
    (7837, "DHHN2016"),
];

/// EPSG codes that name a horizontal and a height system together.
const COMPOUND: &[(u32, u32, &str)] = &[
    (5554, 25831, "DHHN92"),
    (5555, 25832, "DHHN92"),
    (5556, 25833, "DHHN92"),
    (7415, 28992, "NAP"),
];

/// English names of the systems that are not UTM, after the EPSG registry.
const NAMES: &[(u32, &str)] = &[
    (2056, "CH1903+ / LV95"),
    (3068, "DHDN / Soldner Berlin"),
    (3857, "WGS 84 / Pseudo-Mercator"),
    (4258, "ETRS89"),
    (4326, "WGS 84"),
    (4647, "ETRS89 / UTM zone 32N (zE-N)"),
    (4937, "ETRS89"),
    (4979, "WGS 84"),
    (5649, "ETRS89 / UTM zone 31N (zE-N)"),
    (5650, "ETRS89 / UTM zone 33N (zE-N)"),
    (28992, "Amersfoort / RD New"),
    (31256, "MGI / Austria GK East"),
    (31466, "DHDN / 3-degree Gauss-Kruger zone 2"),
    (31467, "DHDN / 3-degree Gauss-Kruger zone 3"),
    (31468, "DHDN / 3-degree Gauss-Kruger zone 4"),
    (31469, "DHDN / 3-degree Gauss-Kruger zone 5"),
];

const LONLAT: &str = "+proj=longlat +datum=WGS84 +no_defs";

/// Parameters as in the EPSG registry (projection) with the datum shift named behind each line; accuracy of the shift in
/// metres: RD 1 (EPSG:15934), CH1903+ 1 (EPSG:1676), MGI 1.5 (EPSG:1618), DHDN 3 (EPSG:1777).
const PROJ_STRINGS: &[(u32, &str)] = &[
    (
        2056,
        "+proj=somerc +lat_0=46.9524055555556 +lon_0=7.43958333333333 +k_0=1 +x_0=2600000 +y_0=1200000 +ellps=bessel \
         +towgs84=674.374,15.056,405.346,0,0,0,0 +units=m +no_defs",
    ),
    (
        3068,
        "+proj=cass +lat_0=52.4186482777778 +lon_0=13.6272036666667 +x_0=40000 +y_0=10000 +ellps=bessel \
         +towgs84=598.1,73.7,418.2,0.202,0.045,-2.455,6.7 +units=m +no_defs",
    ),
    (
        3857,
        "+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 +units=m +nadgrids=@null +no_defs",
    ),
    (
        28992,
        "+proj=sterea +lat_0=52.1561605555556 +lon_0=5.38763888888889 +k=0.9999079 +x_0=155000 +y_0=463000 +ellps=bessel \
         +towgs84=565.4171,50.3319,465.5524,-0.398957388243134,0.343987817378283,-1.87740163998045,4.0725 +units=m +no_defs",
    ),
    (
        31256,
        "+proj=tmerc +lat_0=0 +lon_0=16.3333333333333 +k=1 +x_0=0 +y_0=-5000000 +ellps=bessel \
         +towgs84=577.326,90.129,463.919,5.137,1.474,5.297,2.4232 +units=m +no_defs",
    ),
    (
        31466,
        "+proj=tmerc +lat_0=0 +lon_0=6 +k=1 +x_0=2500000 +y_0=0 +ellps=bessel \
         +towgs84=598.1,73.7,418.2,0.202,0.045,-2.455,6.7 +units=m +no_defs",
    ),
    (
        31467,
        "+proj=tmerc +lat_0=0 +lon_0=9 +k=1 +x_0=3500000 +y_0=0 +ellps=bessel \
         +towgs84=598.1,73.7,418.2,0.202,0.045,-2.455,6.7 +units=m +no_defs",
    ),
    (
        31468,
        "+proj=tmerc +lat_0=0 +lon_0=12 +k=1 +x_0=4500000 +y_0=0 +ellps=bessel \
         +towgs84=598.1,73.7,418.2,0.202,0.045,-2.455,6.7 +units=m +no_defs",
    ),
    (
        31469,
        "+proj=tmerc +lat_0=0 +lon_0=15 +k=1 +x_0=5500000 +y_0=0 +ellps=bessel \
         +towgs84=598.1,73.7,418.2,0.202,0.045,-2.455,6.7 +units=m +no_defs",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (Option<u32>, Option<String>) {
        let crs = Crs::parse(text).unwrap();
        (crs.epsg, crs.vertical)
    }

    #[test]
    fn every_form_of_the_sources_is_understood() {
        let v = |name: &str| Some(name.to_owned());
        for (text, epsg, vertical) in [
            ("EPSG:25832", 25832, None),
            (" epsg:25833 ", 25833, None),
            ("25832", 25832, None),
            ("EPSG:25832+7837", 25832, v("DHHN2016")),
            ("urn:ogc:def:crs:EPSG::25833", 25833, None),
            ("urn:ogc:def:crs:EPSG:6.9:31467", 31467, None),
            (
                "urn:ogc:def:crs,crs:EPSG:6.12:3068,crs:EPSG:6.12:5783",
                3068,
                v("DHHN92"),
            ),
            (
                "urn:ogc:def:crs,crs:EPSG::25832,crs:EPSG::7837",
                25832,
                v("DHHN2016"),
            ),
            (
                "http://www.opengis.net/def/crs/EPSG/0/7415",
                28992,
                v("NAP"),
            ),
            ("https://www.opengis.net/def/crs/EPSG/0/2056", 2056, None),
            ("http://www.opengis.net/gml/srs/epsg.xml#25832", 25832, None),
            (
                "http://www.opengis.net/def/crs-compound?1=http://www.opengis.net/def/crs/EPSG/0/25832&2=http://www.opengis.net/def/crs/EPSG/0/5783",
                25832,
                v("DHHN92"),
            ),
            ("urn:ogc:def:crs:OGC:1.3:CRS84", 4326, None),
            (
                "urn:adv:crs:ETRS89_UTM32*DE_DHHN2016_NH*GCG2016",
                25832,
                v("DHHN2016"),
            ),
            (
                "urn:adv:crs:ETRS89_UTM32*DE_DHHN2016_NH",
                25832,
                v("DHHN2016"),
            ),
            ("urn:adv:crs:ETRS89_UTM33*DE_DHHN92_NH", 25833, v("DHHN92")),
            ("ETRS89_UTM32", 25832, None),
            ("ETRS89 / UTM zone 32N", 25832, None),
            ("WGS 84 / UTM zone 33N", 32633, None),
            ("urn:adv:crs:DE_DHDN_3GK3", 31467, None),
            ("EPSG:5555", 25832, v("DHHN92")),
        ] {
            assert_eq!(parsed(text), (Some(epsg), vertical), "{text}");
        }
        assert_eq!(parsed("local"), (None, None));
        for text in [
            "",
            "urn:nonsense",
            "EPSG:",
            "EPSG:999999",
            "EPSG:5783",
            "Hamburg 2016",
        ] {
            assert!(Crs::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn names_are_printed_for_people() {
        assert_eq!(Crs::utm32().to_string(), "EPSG:25832 + DHHN2016");
        assert_eq!(Crs::utm32().name(), "ETRS89 / UTM zone 32N, DHHN2016");
        assert_eq!(Crs::local().to_string(), "local");
    }

    /// 100 places computed with pyproj: UTM and Web Mercator within 1 mm, Gauss-Krueger within the datum shift's 2 m.
    #[test]
    fn pyproj_cases_agree() {
        let Some(data) = crate::verify::data_root_or_skip("pyproj_cases_agree") else {
            return;
        };
        let mut cases = csv::Reader::from_path(data.join("city/crs_cases.csv")).unwrap();
        let headers = cases.headers().unwrap().clone();
        let rows: Vec<csv::StringRecord> = cases.records().map(Result::unwrap).collect();
        assert!(rows.len() >= 90, "{} rows", rows.len());
        for (epsg, easting, northing, tolerance_m) in [
            (25832, "e25832", "n25832", 0.001),
            (25833, "e25833", "n25833", 0.001),
            (3857, "x3857", "y3857", 0.001),
            (31467, "e31467_pyproj_default", "n31467_pyproj_default", 2.0),
        ] {
            let column = |name: &str| headers.iter().position(|h| h == name).unwrap();
            let (ce, cn) = (column(easting), column(northing));
            let projection = Crs::from_epsg(epsg).projection().unwrap();
            for row in &rows {
                let number = |i: usize| row[i].parse::<f64>().unwrap();
                let (lon, lat) = (number(column("lon")), number(column("lat")));
                let [e, n] = projection.from_lonlat([lon, lat]).unwrap();
                let off = (e - number(ce)).hypot(n - number(cn));
                assert!(off <= tolerance_m, "{} EPSG:{epsg}: {off} m", &row[0]);
                let [lon_back, lat_back] = projection.to_lonlat([e, n]).unwrap();
                let back = (lon - lon_back).abs().max((lat - lat_back).abs());
                // proj4rs stops its inverse of the datum shift at 1e-12 rad or 1 mm.
                assert!(back < 1e-8, "{} EPSG:{epsg}: back {back}", &row[0]);
            }
        }
    }

    /// Published control points: Amersfoort (Kadaster), Bern old observatory (swisstopo, ETRS89).
    #[test]
    fn national_systems_hit_their_control_points() {
        for (epsg, e, n, lon, lat) in [
            (28992, 155_000.0, 463_000.0, 5.387_203_657, 52.155_172_897),
            (
                2056,
                2_600_000.0,
                1_200_000.0,
                7.438_632_495,
                46.951_082_877,
            ),
        ] {
            let at = Crs::from_epsg(epsg).from_lonlat(lon, lat).unwrap();
            let off = (at[0] - e).hypot(at[1] - n);
            assert!(off < 1.0, "EPSG:{epsg}: {off} m");
        }
        // Vienna (Stephansdom) and Berlin (Alexanderplatz) are in their cities and come back.
        for (epsg, lon, lat) in [(31256, 16.3731, 48.2085), (3068, 13.4132, 52.5219)] {
            let crs = Crs::from_epsg(epsg);
            let [e, n] = crs.from_lonlat(lon, lat).unwrap();
            assert!(
                e.abs() < 50_000.0 && n.abs() < 400_000.0,
                "EPSG:{epsg} {e} {n}"
            );
            let back = crs.to_lonlat(e, n).unwrap();
            assert!((back[0] - lon).abs() < 1e-8 && (back[1] - lat).abs() < 1e-8);
        }
    }

    #[test]
    fn convergence_is_positive_east_of_the_meridian() {
        let crs = Crs::utm32();
        // tan(convergence) = tan(lon - lon0) sin(lat) on the sphere; the ellipsoid changes it by less than 1e-5 rad here.
        let sphere =
            |lon: f64, lat: f64| ((lon - 9.0).to_radians().tan() * lat.to_radians().sin()).atan();
        for (lon, lat) in [(9.99285, 53.55043), (6.98, 51.49), (9.0, 53.0)] {
            let [e, n] = crs.from_lonlat(lon, lat).unwrap();
            let got = crs.grid_convergence_rad(e, n).unwrap();
            assert!((got - sphere(lon, lat)).abs() < 1e-5, "{got}");
        }
        assert_eq!(
            Crs::local().grid_convergence_rad(0.0, 0.0),
            Err(CrsError::Local)
        );
    }

    #[test]
    fn zone_prefix_and_zone_choice() {
        assert_eq!(
            Crs::utm32().without_zone_prefix(32_566_000.0),
            Some(566_000.0)
        );
        assert_eq!(Crs::utm32().without_zone_prefix(566_000.0), None);
        assert_eq!(Crs::utm32().without_zone_prefix(33_566_000.0), None);
        assert_eq!(Crs::utm_at(9.99, 53.55).epsg, Some(25832));
        assert_eq!(Crs::utm_at(-70.0, -30.0).epsg, Some(32719));
        let prefixed = Crs::from_epsg(4647).from_lonlat(9.99285, 53.55043).unwrap();
        assert!((prefixed[0] - 32_565_779.090_7).abs() < 1e-3);
    }

    #[test]
    fn local_models_with_a_national_label_are_noticed() {
        assert!(Crs::utm32().can_hold(566_000.0, 5_933_000.0));
        for (e, n) in [(12.0, -3.0), (9.99, 53.55), (f64::NAN, 5e6)] {
            assert!(!Crs::utm32().can_hold(e, n));
        }
        assert!(Crs::wgs84().can_hold(9.99, 53.55));
        assert!(!Crs::wgs84().can_hold(566_000.0, 5_933_000.0));
        assert!(Crs::from_epsg(31467).can_hold(3_565_875.0, 5_935_898.0));
        assert!(!Crs::from_epsg(3857).is_metric());
    }

    #[test]
    fn nonsense_coordinates_are_refused() {
        let crs = Crs::utm32();
        assert!(crs.to_lonlat(f64::NAN, 0.0).is_err());
        assert!(crs.to_lonlat(1e300, 1e300).is_err());
        assert!(crs.from_lonlat(9.0, 91.0).is_err());
        assert!(crs.from_lonlat(f64::INFINITY, 50.0).is_err());
        assert!(crs.from_lonlat(-170.0, 50.0).is_err());
    }
}
