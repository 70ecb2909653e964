//! Rasters of other quantities, brought into the frame of a city.

use crate::city::detect::{Wanted, import};
use crate::city::error::{CityError, CityErrorKind};
use crate::city::raw::RawTerrain;
use crate::city::{LayerKind, Terrain};
use crate::geo::{Grid, LocalFrame};

/// Reads a raster of any quantity (ESRI ASCII grid or GeoTIFF, also gzipped) into the frame of a city; unknown cells are NaN.
///
/// A raster that names no CRS has that of the city. Values beyond -500 to 9000 count as unknown, as they do for heights.
pub fn read_raster(
    bytes: &[u8],
    place: &str,
    frame: &LocalFrame,
) -> Result<(Grid, Vec<f32>), CityError> {
    let wanted = Wanted {
        kind: Some(LayerKind::Terrain),
        ..Wanted::default()
    };
    let imported = import(bytes, place, wanted)?;
    let Some(raw @ RawTerrain::Raster { .. }) = imported.terrain else {
        return Err(
            CityError::new(CityErrorKind::WrongFormat, place, "the file is no raster")
                .expected("an ESRI ASCII grid or a GeoTIFF"),
        );
    };
    let converter = match &imported.crs {
        Some(crs) => crs
            .converter_to(&frame.crs)
            .map_err(|error| CityError::new(CityErrorKind::Crs, place, error.to_string()))?,
        None => None,
    };
    match Terrain::from_raw(frame, converter.as_ref(), raw, place)? {
        Terrain::Raster { grid, heights } => Ok((grid, heights)),
        Terrain::Tin { .. } => Err(CityError::new(
            CityErrorKind::WrongFormat,
            place,
            "the file is no raster",
        )),
    }
}
