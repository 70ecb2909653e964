//! The buildings of a city as input of the estimate.

use nalgebra::Point3;

use crate::city::model::{Building, City, SurfaceKind};

use super::estimate::Body;

/// One body per building, in the order of the city.
pub fn bodies(city: &City) -> Vec<Body> {
    city.buildings
        .iter()
        .map(|building| body(building, city))
        .collect()
}

fn body(building: &Building, city: &City) -> Body {
    // A model without ground surfaces is seen from above instead.
    let on_ground = [SurfaceKind::Ground, SurfaceKind::Roof]
        .into_iter()
        .map(|kind| footprint(building, kind))
        .find(|(area_m2, _)| *area_m2 > 0.0);
    let (min, max) = building.bounds();
    let (footprint_m2, middle) =
        on_ground.unwrap_or((0.0, [0.5 * (min.x + max.x), 0.5 * (min.y + max.y)]));
    let [easting, northing, _] = city
        .frame
        .crs_from_local(Point3::new(middle[0], middle[1], 0.0));
    let attributes = &building.attributes;
    let height_m = attributes.measured_height_m.unwrap_or(max.z - min.z);
    Body {
        id: building.id.clone(),
        position: [easting, northing],
        function: attributes.function.clone(),
        footprint_m2,
        storeys: attributes.storeys,
        height_m,
    }
}

/// Area (m²) in the plan of the surfaces of a kind, and their middle (local).
fn footprint(building: &Building, kind: SurfaceKind) -> (f64, [f64; 2]) {
    let mut area_m2 = 0.0;
    let mut moment = [0.0; 2];
    for surface in building.geometry.surfaces.iter().filter(|s| s.kind == kind) {
        for [a, b, c] in building.geometry.surface_triangles(surface) {
            let area = 0.5 * ((b.x - a.x) * (c.y - a.y) - (c.x - a.x) * (b.y - a.y)).abs();
            area_m2 += area;
            moment[0] += area * (a.x + b.x + c.x) / 3.0;
            moment[1] += area * (a.y + b.y + c.y) / 3.0;
        }
    }
    (area_m2, moment.map(|m| m / area_m2))
}
