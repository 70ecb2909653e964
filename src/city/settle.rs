//! Puts the coordinates of an imported file in their place: zone prefixes, swapped axes, numbers that are no place.
//!
//! What can be known from the declared CRS is repaired and reported; what cannot is reported only. Nothing is guessed for a
//! file without CRS.

use crate::finding::Finding;
use crate::geo::Crs;

use super::check::is_plausible;
use super::raw::{Imported, RawBuilding, RawTerrain};

/// Eastings (m) that occur in a UTM zone, with room for neighbouring zones.
const EASTINGS: std::ops::Range<f64> = -500_000.0..1_500_000.0;

/// Northings (m) that occur in the northern hemisphere north of 18 degrees: nothing that could be an easting.
const NORTHINGS: std::ops::Range<f64> = 2_000_000.0..9_400_000.0;

/// Repairs and checks the coordinates of buildings and terrain of one file, in the CRS that the file declares.
pub fn settle(imported: &mut Imported, place: &str) {
    let zone = imported.crs.as_ref().and_then(utm_zone);
    let mut prefixed = 0;
    let mut outside = 0;
    let mut example = None;
    for building in &mut imported.buildings {
        drop_implausible(building, &mut imported.findings);
        let Some(zone) = zone else {
            continue;
        };
        let remarks = settle_utm(building, zone);
        prefixed += usize::from(remarks.prefixed > 0);
        if remarks.swapped > 0 {
            imported.findings.push(
                of_building(Finding::warning("axes-swapped"), building)
                    .arg("count", remarks.swapped),
            );
        }
        if let Some(corner) = remarks.outside {
            outside += 1;
            example.get_or_insert((building.id.clone(), corner));
        }
    }
    if let (Some(zone), Some(RawTerrain::Points(points))) = (zone, &mut imported.terrain) {
        points.retain(|p| is_plausible(*p));
        for point in points {
            settle_point(point, zone);
        }
    }
    let crs = zone
        .map(|z| format!("EPSG:{}", 25800 + z))
        .unwrap_or_default();
    if prefixed > 0 {
        imported.findings.push(
            Finding::warning("zone-prefix")
                .place(place)
                .arg("count", prefixed)
                .arg("crs", &crs),
        );
    }
    if let Some((id, corner)) = example {
        imported.findings.push(
            Finding::warning("outside-crs")
                .place(place)
                .object(id)
                .arg("count", outside)
                .arg("crs", &crs)
                .arg("easting_m", format!("{:.2}", corner[0]))
                .arg("northing_m", format!("{:.2}", corner[1])),
        );
    }
}

/// Zone of ETRS89 / UTM in Germany (EPSG 25831 to 25833).
fn utm_zone(crs: &Crs) -> Option<u32> {
    crs.epsg
        .filter(|epsg| (25831..=25833).contains(epsg))
        .map(|epsg| epsg - 25800)
}

#[derive(Default)]
struct Remarks {
    prefixed: usize,
    swapped: usize,
    outside: Option<[f64; 3]>,
}

enum Settled {
    AsDelivered,
    Prefixed,
    Swapped,
    Outside,
}

fn settle_utm(building: &mut RawBuilding, zone: u32) -> Remarks {
    let mut remarks = Remarks::default();
    let corners = building
        .parts
        .iter_mut()
        .flat_map(|p| &mut p.polygons)
        .flat_map(|p| &mut p.rings)
        .flatten();
    for corner in corners {
        match settle_point(corner, zone) {
            Settled::AsDelivered => {}
            Settled::Prefixed => remarks.prefixed += 1,
            Settled::Swapped => remarks.swapped += 1,
            Settled::Outside => {
                remarks.outside.get_or_insert(*corner);
            }
        }
    }
    remarks
}

fn settle_point(corner: &mut [f64; 3], zone: u32) -> Settled {
    let [x, y, z] = *corner;
    if EASTINGS.contains(&x) && NORTHINGS.contains(&y) {
        return Settled::AsDelivered;
    }
    let unprefixed = x - f64::from(zone) * 1e6;
    if (0.0..1e6).contains(&unprefixed) && NORTHINGS.contains(&y) {
        *corner = [unprefixed, y, z];
        Settled::Prefixed
    } else if NORTHINGS.contains(&x) && EASTINGS.contains(&y) {
        *corner = [y, x, z];
        Settled::Swapped
    } else {
        Settled::Outside
    }
}

/// Drops faces with coordinates that are not a number or no place on Earth, so that no box around the file explodes.
fn drop_implausible(building: &mut RawBuilding, findings: &mut Vec<Finding>) {
    let mut count = 0;
    let mut first = None;
    for part in &mut building.parts {
        part.polygons.retain_mut(|polygon| {
            let good = polygon.rings.iter().flatten().copied().all(is_plausible);
            if !good {
                count += 1;
                first = first.take().or_else(|| polygon.id.take());
            }
            good
        });
    }
    if count > 0 {
        findings.push(
            of_building(Finding::warning("face-coordinates"), building)
                .arg("count", count)
                .arg("face", first.as_deref().unwrap_or("-")),
        );
    }
}

/// A finding about a building, with its place in the file.
pub fn of_building(mut finding: Finding, building: &RawBuilding) -> Finding {
    finding.object = Some(building.id.clone());
    finding.place.clone_from(&building.place);
    finding
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::assemble::extruded;
    use crate::city::{BuildingAttributes, raw::RawPolygon};

    fn imported(shift: impl Fn(f64, f64) -> [f64; 2]) -> Imported {
        let ring: Vec<_> = [[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]]
            .iter()
            .map(|&[x, y]| shift(566_000.0 + x, 5_933_000.0 + y))
            .collect();
        Imported {
            crs: Some(Crs::utm32()),
            buildings: vec![extruded(
                "b",
                &[ring],
                5.0,
                10.0,
                BuildingAttributes::default(),
            )],
            ..Imported::default()
        }
    }

    fn corner(imported: &Imported) -> [f64; 3] {
        imported.buildings[0].parts[0].polygons[1].rings[0][0]
    }

    #[test]
    fn good_coordinates_are_left_alone() {
        let mut good = imported(|e, n| [e, n]);
        settle(&mut good, "x");
        assert_eq!(good.findings, []);
    }

    #[test]
    fn zone_prefix_is_stripped_when_it_is_the_zone() {
        let mut prefixed = imported(|e, n| [e + 32e6, n]);
        settle(&mut prefixed, "x");
        assert_eq!(corner(&prefixed), [566_000.0, 5_933_000.0, 15.0]);
        assert_eq!(prefixed.findings[0].code, "zone-prefix");
        let mut other = imported(|e, n| [e + 33e6, n]);
        settle(&mut other, "x");
        assert_eq!(other.findings[0].code, "outside-crs");
    }

    #[test]
    fn swapped_axes_are_put_right_and_reported() {
        let mut swapped = imported(|e, n| [n, e]);
        settle(&mut swapped, "x");
        let [e, n, _] = corner(&swapped);
        assert!(e < 1e6 && n > 5e6);
        assert_eq!(swapped.findings[0].code, "axes-swapped");
    }

    #[test]
    fn degrees_declared_as_metres_are_reported() {
        let mut degrees = imported(|e, n| [e * 1.7e-5, n * 9e-6]);
        settle(&mut degrees, "x");
        assert_eq!(degrees.findings[0].code, "outside-crs");
    }

    #[test]
    fn absurd_faces_go_and_the_rest_stays() {
        let mut bad = imported(|e, n| [e, n]);
        bad.buildings[0].parts[0].polygons.push(RawPolygon {
            rings: vec![vec![[566_000.0, 9e18, 0.0]]],
            ..RawPolygon::default()
        });
        settle(&mut bad, "x");
        assert_eq!(bad.buildings[0].parts[0].polygons.len(), 6);
        assert_eq!(bad.findings[0].code, "face-coordinates");
    }
}
