//! GeoTIFF: ground heights in, result layers out.
//!
//! Read: one band of any number type, in strips or tiles, uncompressed, LZW or Deflate, placed by ModelTiepoint and
//! ModelPixelScale (or an unturned ModelTransformation), pixel-is-area or pixel-is-point, CRS from the GeoKeys, missing
//! data from GDAL_NODATA. Written: 32-bit floats, Deflate, missing data NaN. Sources: OGC 19-008r4 (GeoTIFF 1.1), TIFF 6.0,
//! GDAL's GTiff driver page for tag 42113.

use std::io::{self, Cursor, Seek, Write};

use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::encoder::{Compression, TiffEncoder, colortype::Gray32Float, compression::DeflateLevel};
use tiff::tags::{ByteOrder, CompressionMethod, Tag};
use tiff::{ColorType, TiffError};

use crate::finding::Finding;
use crate::geo::{Crs, Grid, LocalFrame};

use super::error::{CityError, CityErrorKind};
use super::raw::{Imported, RawTerrain};
use super::terrain::{MAX_CELLS, drop_absurd_heights, too_large};
use super::terrain_text::source_of;

/// GeoKey ids (OGC 19-008r4, clause 7 and annex B).
mod key {
    pub(super) const MODEL_TYPE: u16 = 1024;
    pub(super) const RASTER_TYPE: u16 = 1025;
    pub(super) const CITATION: u16 = 1026;
    pub(super) const GEOGRAPHIC: u16 = 2048;
    pub(super) const PROJECTED: u16 = 3072;
    pub(super) const PROJECTED_CITATION: u16 = 3073;
    pub(super) const LINEAR_UNITS: u16 = 3076;
    pub(super) const VERTICAL: u16 = 4096;
}

/// Model types and raster types, values of the keys above.
const PROJECTED_MODEL: u16 = 1;
const PIXEL_IS_AREA: u16 = 1;
const PIXEL_IS_POINT: u16 = 2;
/// EPSG:9001, metre.
const METRE: u16 = 9001;
/// "User-defined": the system is described by other keys.
const USER_DEFINED: u16 = 32767;

/// Deflate cannot shrink more than 1032 times (zlib manual), LZW about 1400 times (12-bit codes for 4096-byte strings);
/// an honest file is never smaller than this part of its cells.
const BEST_COMPRESSION: u64 = 1500;

/// A file with more directories than this is broken or made to keep us busy.
const MAX_DIRECTORIES: usize = 1000;

/// Reads ground heights from a GeoTIFF.
pub fn read_geotiff(bytes: &[u8], place: &str) -> Result<Imported, CityError> {
    let fault = |kind, what: &str| CityError::new(kind, place, what);
    let broken = |error: TiffError| {
        fault(CityErrorKind::Syntax, "the TIFF file cannot be read")
            .found(error.to_string())
            .help("the file is damaged or cut off; get it again")
    };
    let mut limits = Limits::default();
    limits.decoding_buffer_size = MAX_CELLS as usize * 8;
    limits.intermediate_buffer_size = MAX_CELLS as usize * 8;
    let mut decoder = Decoder::new(Cursor::new(bytes))
        .map_err(broken)?
        .with_limits(limits);

    let (width, height) = decoder.dimensions().map_err(broken)?;
    let (cols, rows) = (u64::from(width), u64::from(height));
    let cells = cols
        .checked_mul(rows)
        .filter(|n| (1..=MAX_CELLS).contains(n))
        .ok_or_else(|| too_large(place, cols, rows))?;
    let bits = match decoder.colortype().map_err(broken)? {
        ColorType::Gray(bits) => u64::from(bits),
        other => {
            return Err(fault(
                CityErrorKind::Unsupported,
                "the raster is not a height model",
            )
            .expected("one band of numbers")
            .found(format!("{other:?}"))
            .help("an aerial image or a coloured map has no heights; choose the height model"));
        }
    };
    let compression: u16 = decoder
        .find_tag_unsigned(Tag::Compression)
        .map_err(broken)?
        .unwrap_or(CompressionMethod::None.to_u16());
    let packing = if compression == CompressionMethod::None.to_u16() {
        1
    } else {
        BEST_COMPRESSION
    };
    if cells * bits.div_ceil(8) / packing > bytes.len() as u64 {
        return Err(fault(
            CityErrorKind::Truncated,
            "the raster is larger than its file can hold",
        )
        .expected(format!("{cols} x {rows} cells"))
        .found(format!("a file of {} bytes", bytes.len()))
        .help("the file is cut off or its header is wrong; get it again"));
    }
    // Walks the list of images (overviews, masks): a list that bites its own tail is refused here.
    for _ in 0..MAX_DIRECTORIES {
        if !decoder.more_images() {
            break;
        }
        decoder.next_image().map_err(broken)?;
    }
    decoder.seek_to_image(0).map_err(broken)?;

    let placement = Placement::read(&mut decoder, place)?;
    let mut findings = Vec::new();
    let crs = placement.crs(place, &mut findings);
    let nodata = decoder
        .find_tag(Tag::GdalNodata)
        .map_err(broken)?
        .and_then(|value| value.into_string().ok())
        .and_then(|text| text.trim_matches(['\0', ' ']).parse::<f64>().ok());
    let mut heights = heights_of(decoder.read_image().map_err(broken)?, nodata)
        .filter(|h| h.len() as u64 == cells)
        .ok_or_else(|| {
            fault(
                CityErrorKind::Unsupported,
                "the numbers of the raster have an unknown type",
            )
            .expected("32- or 64-bit floats, or integers")
        })?;
    drop_absurd_heights(&mut heights, place, &mut findings);
    let known = heights.iter().filter(|h| h.is_finite()).count();
    Ok(Imported {
        crs,
        terrain: Some(RawTerrain::Raster {
            west: placement.west,
            north: placement.north,
            cell_m: placement.cell_m,
            cols: cols as usize,
            heights,
        }),
        findings,
        source: Some(source_of("GeoTIFF", known)),
        ..Imported::default()
    })
}

/// Heights as f32 (0.06 mm at 1000 m) with NaN for missing data.
fn heights_of(image: DecodingResult, nodata: Option<f64>) -> Option<Vec<f32>> {
    fn with<T: Copy>(values: Vec<T>, nodata: Option<f64>, number: impl Fn(T) -> f64) -> Vec<f32> {
        values
            .into_iter()
            .map(|v| {
                let v = number(v);
                // GDAL writes the mark of an f32 raster with the digits of the f32.
                let missing = nodata.is_some_and(|n| v == n || v as f32 == n as f32);
                if missing { f32::NAN } else { v as f32 }
            })
            .collect()
    }
    Some(match image {
        DecodingResult::F32(v) => with(v, nodata, f64::from),
        DecodingResult::F64(v) => with(v, nodata, |x| x),
        DecodingResult::I8(v) => with(v, nodata, f64::from),
        DecodingResult::I16(v) => with(v, nodata, f64::from),
        DecodingResult::I32(v) => with(v, nodata, f64::from),
        DecodingResult::U8(v) => with(v, nodata, f64::from),
        DecodingResult::U16(v) => with(v, nodata, f64::from),
        DecodingResult::U32(v) => with(v, nodata, f64::from),
        _ => return None,
    })
}

/// Place and coordinate system of a raster.
struct Placement {
    west: f64,
    north: f64,
    cell_m: f64,
    keys: Vec<(u16, u16)>,
    citations: Vec<String>,
}

impl Placement {
    fn read(decoder: &mut Decoder<Cursor<&[u8]>>, place: &str) -> Result<Self, CityError> {
        let fault = |what: &str| CityError::new(CityErrorKind::Head, place, what);
        let mut numbers = |tag: Tag| -> Vec<f64> {
            let value = decoder.find_tag(tag).ok().flatten();
            value
                .and_then(|v| v.into_f64_vec().ok())
                .unwrap_or_default()
        };
        let scale = numbers(Tag::ModelPixelScaleTag);
        let tie = numbers(Tag::ModelTiepointTag);
        let matrix = numbers(Tag::ModelTransformationTag);
        let directory: Vec<u16> = decoder
            .find_tag_unsigned_vec(Tag::GeoKeyDirectoryTag)
            .ok()
            .flatten()
            .unwrap_or_default();
        let ascii = decoder
            .find_tag(Tag::GeoAsciiParamsTag)
            .ok()
            .flatten()
            .and_then(|v| v.into_string().ok())
            .unwrap_or_default();
        let mut keys = Vec::new();
        let mut citations = Vec::new();
        for entry in directory.get(4..).unwrap_or_default().chunks_exact(4) {
            let &[id, location, count, value] = entry else {
                continue;
            };
            if location == 0 {
                keys.push((id, value));
            } else if matches!(id, key::CITATION | key::PROJECTED_CITATION) {
                let range = usize::from(value)..usize::from(value) + usize::from(count);
                citations.extend(
                    ascii
                        .get(range)
                        .map(|text| text.trim_end_matches('|').to_owned()),
                );
            }
        }
        let (step_x, step_y, mut west, mut north) =
            match (scale.as_slice(), tie.as_slice(), matrix.as_slice()) {
                ([sx, sy, ..], [i, j, _, x, y, ..], _) => (*sx, *sy, x - i * sx, y + j * sy),
                (_, _, [a, b, _, x, d, e, _, y, ..]) => {
                    if *b != 0.0 || *d != 0.0 {
                        return Err(fault(
                            "the raster is turned against the grid of its coordinate system",
                        )
                        .expected("rows running from west to east")
                        .help("resample the raster north up (for example with gdalwarp)"));
                    }
                    (*a, -*e, *x, *y)
                }
                _ => {
                    return Err(fault("the raster has no place on Earth")
                        .expected("a GeoTIFF with ModelPixelScale and ModelTiepoint")
                        .help("export it as GeoTIFF with its coordinate system"));
                }
            };
        let possible = |v: f64| v.is_finite() && v > 0.0;
        if !(possible(step_x) && possible(step_y)) || (step_x - step_y).abs() > 1e-6 * step_x {
            return Err(fault("the cells of the raster are not square")
                .expected("equal positive cell sizes")
                .found(format!("{step_x} x {step_y}"))
                .help("resample the raster to square cells"));
        }
        let value = |id: u16| keys.iter().find(|(k, _)| *k == id).map(|(_, v)| *v);
        if value(key::RASTER_TYPE) == Some(PIXEL_IS_POINT) {
            west -= 0.5 * step_x;
            north += 0.5 * step_x;
        }
        if value(key::LINEAR_UNITS).is_some_and(|unit| unit != METRE && unit != USER_DEFINED) {
            return Err(fault("the raster is not in metres")
                .expected("linear unit EPSG:9001 (metre)")
                .found(format!(
                    "EPSG:{}",
                    value(key::LINEAR_UNITS).unwrap_or_default()
                ))
                .help("reproject the raster to a metric system such as EPSG:25832"));
        }
        if !(west.is_finite() && north.is_finite()) {
            return Err(fault("the place of the raster is not a number"));
        }
        Ok(Self {
            west,
            north,
            cell_m: step_x,
            keys,
            citations,
        })
    }

    /// The declared coordinate system; a finding when there is one that we do not know.
    fn crs(&self, place: &str, findings: &mut Vec<Finding>) -> Option<Crs> {
        let value = |id: u16| {
            let declared = self
                .keys
                .iter()
                .find(|(k, v)| *k == id && *v != USER_DEFINED && *v != 0);
            declared.map(|(_, v)| u32::from(*v))
        };
        let horizontal = value(key::PROJECTED).or_else(|| {
            value(key::GEOGRAPHIC)
                .filter(|_| value(key::MODEL_TYPE) != Some(u32::from(PROJECTED_MODEL)))
        });
        let names: Vec<String> = match (horizontal, value(key::VERTICAL)) {
            (Some(h), Some(v)) => vec![format!("EPSG:{h}+{v}"), format!("EPSG:{h}")],
            (Some(h), None) => vec![format!("EPSG:{h}")],
            (None, _) => self.citations.clone(),
        };
        let known = names.iter().find_map(|name| Crs::parse(name).ok());
        if let (None, Some(name)) = (&known, names.first()) {
            findings.push(
                Finding::warning("crs-unknown")
                    .place(place)
                    .arg("crs", name),
            );
        }
        known
    }
}

/// Writes a raster of the local frame as GeoTIFF: 32-bit floats, Deflate, missing values NaN, pixel-is-area, north up.
///
/// `values` is `[rows][cols]` of `grid`, row 0 in the north. The same input gives the same bytes.
pub fn write_geotiff<W: Write + Seek>(
    out: W,
    frame: &LocalFrame,
    grid: &Grid,
    values: &[f32],
) -> io::Result<()> {
    let invalid = |what: &str| io::Error::new(io::ErrorKind::InvalidInput, what.to_owned());
    if values.len() != grid.len() || grid.is_empty() {
        return Err(invalid("a raster needs one value per cell"));
    }
    let side =
        |n: usize| u32::try_from(n).map_err(|_| invalid("a raster has at most 2^32 columns"));
    let mut keys: Vec<[u16; 4]> = Vec::new();
    let mut add = |id: u16, value: u32| {
        if let Ok(value) = u16::try_from(value) {
            keys.push([id, 0, 1, value]);
        }
    };
    match frame.crs.epsg {
        Some(code) => {
            add(key::MODEL_TYPE, u32::from(PROJECTED_MODEL));
            add(key::RASTER_TYPE, u32::from(PIXEL_IS_AREA));
            add(key::PROJECTED, code);
            add(key::LINEAR_UNITS, u32::from(METRE));
            if let Some(vertical) = frame.crs.vertical_epsg() {
                add(key::VERTICAL, vertical);
            }
        }
        None => {
            add(key::MODEL_TYPE, u32::from(USER_DEFINED));
            add(key::RASTER_TYPE, u32::from(PIXEL_IS_AREA));
        }
    }
    // Version 1, revision 1.0, number of keys.
    let mut directory = vec![1, 1, 0, keys.len() as u16];
    directory.extend(keys.concat());
    let tie = [
        0.0,
        0.0,
        0.0,
        grid.west + frame.origin_easting,
        grid.north + frame.origin_northing,
        0.0,
    ];
    let write = || -> Result<(), TiffError> {
        let mut encoder =
            TiffEncoder::new(out)?.with_compression(Compression::Deflate(DeflateLevel::Balanced));
        let (cols, rows) = (side(grid.cols)?, side(grid.rows)?);
        let mut image = encoder.new_image::<Gray32Float>(cols, rows)?;
        let tags = image.encoder();
        tags.write_tag(
            Tag::ModelPixelScaleTag,
            [grid.cell_m, grid.cell_m, 0.0].as_slice(),
        )?;
        tags.write_tag(Tag::ModelTiepointTag, tie.as_slice())?;
        tags.write_tag(Tag::GeoKeyDirectoryTag, directory.as_slice())?;
        tags.write_tag(Tag::GdalNodata, "nan")?;
        image.write_data(values)
    };
    write().map_err(|error| match error {
        TiffError::IoError(error) => error,
        other => io::Error::other(other.to_string()),
    })
}

/// True for the first bytes of a TIFF or BigTIFF file.
pub(crate) fn is_tiff(bytes: &[u8]) -> bool {
    let order = match bytes {
        [b'I', b'I', ..] => ByteOrder::LittleEndian,
        [b'M', b'M', ..] => ByteOrder::BigEndian,
        _ => return false,
    };
    let version = bytes.get(2..4).map(|b| match order {
        ByteOrder::LittleEndian => u16::from_le_bytes([b[0], b[1]]),
        ByteOrder::BigEndian => u16::from_be_bytes([b[0], b[1]]),
    });
    matches!(version, Some(42 | 43))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tiff::encoder::colortype::{Gray64Float, GrayI16};
    use tiff::encoder::{Predictor, TiffEncoder};

    fn grid() -> Grid {
        Grid {
            west: -20.0,
            north: 35.0,
            cell_m: 2.5,
            cols: 7,
            rows: 5,
        }
    }

    fn values() -> Vec<f32> {
        let mut v: Vec<f32> = (0..35).map(|i| i as f32 * 0.37 - 2.0).collect();
        v[9] = f32::NAN;
        v
    }

    fn written() -> Vec<u8> {
        let frame = LocalFrame::near(Crs::utm32(), 566_000.0, 5_933_000.0);
        let mut out = Cursor::new(Vec::new());
        write_geotiff(&mut out, &frame, &grid(), &values()).unwrap();
        out.into_inner()
    }

    fn raster(imported: &Imported) -> (f64, f64, f64, usize, &[f32]) {
        match &imported.terrain {
            Some(RawTerrain::Raster {
                west,
                north,
                cell_m,
                cols,
                heights,
            }) => (*west, *north, *cell_m, *cols, heights),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let bytes = written();
        assert!(is_tiff(&bytes));
        assert_eq!(bytes, written(), "same input, same bytes");
        let imported = read_geotiff(&bytes, "t.tif").unwrap();
        assert_eq!(imported.crs, Some(Crs::utm32()));
        assert!(imported.findings.is_empty(), "{:?}", imported.findings);
        let (west, north, cell_m, cols, heights) = raster(&imported);
        assert_eq!(
            (west, north, cell_m, cols),
            (565_980.0, 5_933_035.0, 2.5, 7)
        );
        for (got, expected) in heights.iter().zip(values()) {
            assert!(got == &expected || (got.is_nan() && expected.is_nan()));
        }
    }

    /// Any type, compression and pixel convention that other programs write.
    #[test]
    fn other_encodings_are_read() {
        fn encode<C: tiff::encoder::colortype::ColorType>(
            compression: Compression,
            data: &[C::Inner],
            point: bool,
        ) -> Vec<u8>
        where
            [C::Inner]: tiff::encoder::TiffValue,
        {
            let mut out = Cursor::new(Vec::new());
            let mut encoder = TiffEncoder::new(&mut out)
                .unwrap()
                .with_compression(compression)
                .with_predictor(Predictor::None);
            let mut image = encoder.new_image::<C>(3, 2).unwrap();
            let tags = image.encoder();
            tags.write_tag(Tag::ModelPixelScaleTag, [10.0, 10.0, 0.0].as_slice())
                .unwrap();
            tags.write_tag(
                Tag::ModelTiepointTag,
                [0.0, 0.0, 0.0, 1000.0, 2000.0, 0.0].as_slice(),
            )
            .unwrap();
            let kind = if point { PIXEL_IS_POINT } else { PIXEL_IS_AREA };
            let keys = [
                1u16, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, kind, 3072, 0, 1, 25833,
            ];
            tags.write_tag(Tag::GeoKeyDirectoryTag, keys.as_slice())
                .unwrap();
            tags.write_tag(Tag::GdalNodata, "-9999").unwrap();
            image.write_data(data).unwrap();
            out.into_inner()
        }
        let doubles = [1.0, 2.0, 3.0, -9999.0, 5.0, 6.0];
        let shorts = [1i16, 2, 3, -9999, 5, 6];
        for (bytes, west) in [
            (
                encode::<Gray64Float>(Compression::Lzw, &doubles, false),
                1000.0,
            ),
            (
                encode::<GrayI16>(Compression::Deflate(DeflateLevel::Best), &shorts, true),
                995.0,
            ),
            (
                encode::<GrayI16>(Compression::Uncompressed, &shorts, false),
                1000.0,
            ),
        ] {
            let imported = read_geotiff(&bytes, "t.tif").unwrap();
            assert_eq!(imported.crs.as_ref().and_then(|c| c.epsg), Some(25833));
            assert!(
                imported.findings.is_empty(),
                "declared missing data are no finding"
            );
            let (got_west, _, _, cols, heights) = raster(&imported);
            assert_eq!((got_west, cols), (west, 3));
            assert!(heights[3].is_nan());
            assert_eq!((heights[0], heights[5]), (1.0, 6.0));
        }
    }

    #[test]
    fn cut_off_and_placeless_files_are_refused() {
        let bytes = written();
        for length in [0, 3, 8, 20, bytes.len() / 2, bytes.len() - 1] {
            assert_eq!(
                read_geotiff(&bytes[..length], "t.tif")
                    .unwrap_err()
                    .exit_code(),
                65
            );
        }
        let mut plain = Cursor::new(Vec::new());
        TiffEncoder::new(&mut plain)
            .unwrap()
            .write_image::<Gray32Float>(2, 2, &[1.0, 2.0, 3.0, 4.0])
            .unwrap();
        assert_eq!(
            read_geotiff(plain.get_ref(), "t.tif").unwrap_err().code(),
            "head"
        );
        let mut colour = Cursor::new(Vec::new());
        TiffEncoder::new(&mut colour)
            .unwrap()
            .write_image::<tiff::encoder::colortype::RGB8>(1, 1, &[1, 2, 3])
            .unwrap();
        assert_eq!(
            read_geotiff(colour.get_ref(), "t.tif").unwrap_err().code(),
            "unsupported"
        );
    }

    #[test]
    fn wrong_number_of_values_is_refused() {
        let frame = LocalFrame::near(Crs::local(), 0.0, 0.0);
        let mut out = Cursor::new(Vec::new());
        let error = write_geotiff(&mut out, &frame, &grid(), &[1.0]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }
}
