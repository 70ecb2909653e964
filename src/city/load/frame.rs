//! The local frame that all layers share.

use std::collections::BTreeSet;

use crate::city::LayerKind;
use crate::city::error::{CityError, CityErrorKind};
use crate::finding::Finding;
use crate::geo::{Crs, LocalFrame};

use super::layers::{Layer, bounds};

/// Chooses the frame of a city.
pub(super) fn choose_frame(
    layers: &mut [Layer],
    findings: &mut Vec<Finding>,
) -> Result<LocalFrame, CityError> {
    let metric = layers
        .iter()
        .filter_map(|l| l.crs.as_ref())
        .find(|crs| crs.is_metric())
        .cloned();
    let crs = match metric {
        Some(mut crs) => {
            crs.vertical = crs.vertical.clone().or_else(|| first_vertical(layers));
            crs
        }
        None => degrees_frame(layers)?.unwrap_or_else(Crs::local),
    };
    let systems: BTreeSet<String> = layers
        .iter()
        .filter(|l| matches!(l.source.layer, LayerKind::Buildings | LayerKind::Terrain))
        .filter_map(|l| l.crs.as_ref()?.vertical.clone())
        .collect();
    if systems.len() > 1 {
        let list: Vec<String> = systems.into_iter().collect();
        findings.push(Finding::warning("heights-mixed").arg("systems", list.join(", ")));
    }
    for layer in layers.iter_mut().filter(|l| l.crs.is_none()) {
        // The reader's own remark would come twice.
        let told = layer
            .imported
            .findings
            .iter()
            .any(|f| f.code == "crs-does-not-fit");
        if crs.epsg.is_some() && !told {
            layer.imported.findings.retain(|f| f.code != "crs-missing");
            // Tables and ASCII grids cannot name one, so that only a silent city model is remarkable.
            let finding = if layer.source.layer == LayerKind::Buildings {
                Finding::warning("crs-assumed")
            } else {
                Finding::info("crs-assumed")
            };
            let finding = finding.place(&layer.written).arg("crs", &crs);
            layer.imported.findings.push(finding);
        } else if !told
            && !layer
                .imported
                .findings
                .iter()
                .any(|f| f.code == "crs-missing")
        {
            layer
                .imported
                .findings
                .push(Finding::warning("crs-missing").place(&layer.written));
        }
    }
    // Buildings are what people look at; else whatever has a place.
    let of_buildings =
        |l: &&mut Layer| !(l.imported.buildings.is_empty() && l.imported.footprints.is_empty());
    let middle = layers
        .iter_mut()
        .find_map(|l| of_buildings(&l).then(|| middle_of(l, &crs)).flatten());
    let middle = match middle {
        Some(middle) => middle,
        None => layers
            .iter_mut()
            .find_map(|l| middle_of(l, &crs))
            .unwrap_or([0.0, 0.0]),
    };
    Ok(LocalFrame::near(crs, middle[0], middle[1]))
}

fn first_vertical(layers: &[Layer]) -> Option<String> {
    layers.iter().find_map(|l| l.crs.as_ref()?.vertical.clone())
}

/// UTM zone of the first layer that is not in metres.
fn degrees_frame(layers: &mut [Layer]) -> Result<Option<Crs>, CityError> {
    for layer in layers.iter_mut() {
        let Some(crs) = layer.crs.clone().filter(|crs| crs.epsg.is_some()) else {
            continue;
        };
        let Some((min, max)) = bounds(&mut layer.imported) else {
            continue;
        };
        let [lon, lat] = crs
            .to_lonlat(0.5 * (min[0] + max[0]), 0.5 * (min[1] + max[1]))
            .map_err(|error| {
                CityError::new(CityErrorKind::Crs, &layer.written, error.to_string())
            })?;
        let mut utm = Crs::utm_at(lon, lat);
        utm.vertical = first_vertical(layers);
        return Ok(Some(utm));
    }
    Ok(None)
}

/// Middle of a layer in the CRS of the frame.
fn middle_of(layer: &mut Layer, target: &Crs) -> Option<[f64; 2]> {
    let (min, max) = bounds(&mut layer.imported)?;
    let middle = [0.5 * (min[0] + max[0]), 0.5 * (min[1] + max[1])];
    match layer.crs.as_ref().map(|crs| crs.converter_to(target)) {
        Some(Ok(Some(converter))) => converter.convert(middle).ok(),
        Some(Err(_)) => None,
        _ => Some(middle),
    }
}

pub(super) fn local_xy(frame: &LocalFrame, [e, n]: [f64; 2]) -> [f64; 2] {
    [e - frame.origin_easting, n - frame.origin_northing]
}

pub(super) fn local_line(frame: &LocalFrame, line: &[[f64; 2]]) -> Vec<[f64; 2]> {
    line.iter()
        .map(|p| local_xy(frame, *p))
        .filter(|p| p.iter().all(|c| c.is_finite()))
        .collect()
}
