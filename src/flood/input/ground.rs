//! Land cover on the grid: roughness, sealed share, infiltration, sewer.

use crate::city::{City, LandCoverKind};
use crate::geo::Grid;

use super::super::domain::{Forcing, Infiltration};
use super::super::error::{FloodError, SettingFault};
use super::super::params::{FloodParams, GroundClass, InfiltrationLaw, SewerArea};
use super::files::Files;
use super::places::{distance_to_line, each_cell_in};

const MM_PER_H: f64 = 1e-3 / 3600.0;

/// OSM classes of ways without cars.
const FOOT_CLASSES: [&str; 8] = [
    "footway",
    "path",
    "pedestrian",
    "steps",
    "cycleway",
    "bridleway",
    "corridor",
    "platform",
];

/// Class of ground of each cell: land cover in the order of the sources, then open water, then the lines of streets where there is
/// no water (bridges leave the bed below them as it is), then roofs.
pub(super) fn classes(city: &City, grid: &Grid, roofs: &[bool]) -> Vec<GroundClass> {
    let mut classes = vec![GroundClass::Unknown; grid.len()];
    let is_water = |kind: LandCoverKind| kind == LandCoverKind::Water;
    for water in [false, true] {
        for cover in city.land_cover.iter().filter(|c| is_water(c.kind) == water) {
            let class = GroundClass::of_cover(cover.kind);
            each_cell_in(grid, &cover.rings, |cell| classes[cell] = class);
        }
    }
    for street in city.streets.iter() {
        let class = if FOOT_CLASSES.contains(&street.class.as_str()) {
            GroundClass::Paved
        } else {
            GroundClass::Street
        };
        each_cell_near(grid, &street.line, 0.5 * street.width_m, |cell| {
            if classes[cell] != GroundClass::Water {
                classes[cell] = class;
            }
        });
    }
    for (class, roof) in classes.iter_mut().zip(roofs) {
        if *roof {
            *class = GroundClass::Roof;
        }
    }
    classes
}

/// Runs over the cells whose centres are within a distance (m) of a polyline; some of them twice.
fn each_cell_near(grid: &Grid, line: &[[f64; 2]], reach: f64, mut visit: impl FnMut(usize)) {
    for segment in line.windows(2) {
        let [a, b] = [segment[0], segment[1]];
        let low = |k: usize| a[k].min(b[k]) - reach;
        let high = |k: usize| a[k].max(b[k]) + reach;
        let clamp = |v: f64, n: usize| (v.max(0.0) as usize).min(n);
        let cols = clamp((low(0) - grid.west) / grid.cell_m, grid.cols)
            ..clamp((high(0) - grid.west) / grid.cell_m + 1.0, grid.cols);
        let rows = clamp((grid.north - high(1)) / grid.cell_m, grid.rows)
            ..clamp((grid.north - low(1)) / grid.cell_m + 1.0, grid.rows);
        for row in rows {
            for col in cols.clone() {
                if distance_to_line(grid.centre(row, col), segment) <= reach {
                    visit(grid.index(row, col));
                }
            }
        }
    }
}

/// Manning's n (s/m^(1/3)) of each cell.
pub(super) fn manning_n(
    params: &FloodParams,
    classes: &[GroundClass],
    city: &City,
    grid: &Grid,
    files: &mut Files<'_>,
) -> Result<Vec<f32>, FloodError> {
    let table = GroundClass::ALL.map(|class| params.ground_of(class).manning_n as f32);
    let mut n: Vec<f32> = classes.iter().map(|class| table[*class as usize]).collect();
    if let Some(path) = &params.manning_file {
        let field = "flood.manning_file";
        let values = files.raster(field, path, city, grid)?;
        for (n, value) in n.iter_mut().zip(values) {
            if value.is_nan() {
                continue;
            }
            if !(0.0..=1.0).contains(&value) {
                return Err(SettingFault::new("out-of-range", field, "a value is no Manning's n")
                    .place(path)
                    .expected("0 to 1 s/m^(1/3)")
                    .found(value.to_string())
                    .into());
            }
            *n = value;
        }
    }
    Ok(n)
}

/// Infiltration and sewer of each cell.
pub(super) fn losses(params: &FloodParams, classes: &[GroundClass], forcing: &mut Forcing) {
    let table = GroundClass::ALL.map(|class| params.ground_of(class));
    if params.infiltration != InfiltrationLaw::None {
        forcing.infiltration = table
            .iter()
            .map(|values| match params.infiltration {
                InfiltrationLaw::None | InfiltrationLaw::Constant => Infiltration::Constant {
                    rate_m_per_s: values.rate_mm_per_h * MM_PER_H,
                },
                InfiltrationLaw::GreenAmpt => Infiltration::GreenAmpt {
                    conductivity_m_per_s: values.conductivity_mm_per_h * MM_PER_H,
                    suction_m: values.suction_mm * 1e-3,
                    deficit: values.deficit,
                },
                InfiltrationLaw::Scs => Infiltration::Scs {
                    curve_number: values.curve_number,
                },
            })
            .collect();
        forcing.infiltration_class = classes
            .iter()
            .map(|class| {
                // Where everything is sealed no law is needed.
                if table[*class as usize].sealed < 1.0 {
                    *class as u8 + 1
                } else {
                    0
                }
            })
            .collect();
        forcing.unsealed = classes
            .iter()
            .map(|class| (1.0 - table[*class as usize].sealed) as f32)
            .collect();
    }
    if params.sewer_mm_per_h > 0.0 {
        let rate = params.sewer_mm_per_h * MM_PER_H;
        forcing.sewer_m_per_s = classes
            .iter()
            .map(|class| {
                let share = match (class, params.sewer_area) {
                    (GroundClass::Water | GroundClass::Roof, _) => 0.0,
                    (_, SewerArea::All) => 1.0,
                    (class, SewerArea::Sealed) => table[*class as usize].sealed,
                };
                (rate * share) as f32
            })
            .collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::{LandCover, Street};
    use crate::city::sources::Roots;
    use crate::flood::input::tests::flat_city;
    use std::sync::Arc;

    fn city() -> City {
        let mut city = flat_city(10, 10, 1.0, 0.0);
        let square = |x: [f64; 2], y: [f64; 2]| {
            vec![vec![[x[0], y[0]], [x[1], y[0]], [x[1], y[1]], [x[0], y[1]]]]
        };
        let cover = |id: &str, kind, rings| LandCover {
            id: id.to_owned(),
            kind,
            rings,
        };
        city.land_cover = Arc::new(vec![
            cover("river", LandCoverKind::Water, square([0.0, 10.0], [0.0, 3.0])),
            cover("park", LandCoverKind::Green, square([0.0, 10.0], [2.0, 10.0])),
        ]);
        city.streets = Arc::new(vec![Street {
            id: "s".to_owned(),
            class: "residential".to_owned(),
            name: None,
            width_m: 2.0,
            line: vec![[5.0, 0.0], [5.0, 10.0]],
        }]);
        city
    }

    fn grid() -> Grid {
        Grid {
            west: 0.0,
            north: 10.0,
            cell_m: 1.0,
            cols: 10,
            rows: 10,
        }
    }

    #[test]
    fn water_wins_over_land_and_streets_over_land_only() {
        let mut roofs = vec![false; 100];
        roofs[0] = true;
        let classes = classes(&city(), &grid(), &roofs);
        let at = |row: usize, col: usize| classes[row * 10 + col];
        assert_eq!(at(0, 0), GroundClass::Roof);
        assert_eq!(at(0, 1), GroundClass::Green);
        assert_eq!([at(3, 4), at(3, 5), at(3, 3)], [GroundClass::Street, GroundClass::Street, GroundClass::Green]);
        assert_eq!([at(7, 4), at(9, 5)], [GroundClass::Water; 2]);
    }

    #[test]
    fn values_come_from_the_table_the_scenario_and_the_raster() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(
            folder.path().join("n.asc"),
            "ncols 5\nnrows 1\nxllcorner 0\nyllcorner 9\ncellsize 1\n0.1 0.1 0.1 0.1 0.1\n",
        )
        .unwrap();
        let roots = Roots {
            folder: folder.path().to_owned(),
            data: None,
        };
        let params: FloodParams = toml::from_str(
            "manning_file = \"n.asc\"\nsewer_mm_per_h = 36.0\nsewer_area = \"sealed\"\ninfiltration = \"constant\"\n[ground.green]\nmanning_n = 0.04\nsealed = 0.25\nrate_mm_per_h = 7.2",
        )
        .unwrap();
        let (city, grid) = (city(), grid());
        let classes = classes(&city, &grid, &[]);
        let n = manning_n(&params, &classes, &city, &grid, &mut Files::new(&roots)).unwrap();
        assert_eq!([n[0], n[9], n[35], n[99]], [0.1, 0.04, 0.016, 0.03]);
        let mut forcing = Forcing::default();
        losses(&params, &classes, &mut forcing);
        // Sewer 36 mm/h = 1e-5 m/s on the sealed share; none in the river.
        let sewer = |i: usize| (f64::from(forcing.sewer_m_per_s[i]) * 1e8).round();
        assert_eq!([sewer(9), sewer(35), sewer(99)], [250.0, 1000.0, 0.0]);
        assert_eq!([forcing.unsealed[9], forcing.unsealed[35]], [0.75, 0.0]);
        let law = forcing.infiltration_class[9] as usize - 1;
        assert!(matches!(
            forcing.infiltration[law],
            Infiltration::Constant { rate_m_per_s } if (rate_m_per_s - 2e-6).abs() < 1e-18
        ));
        assert_eq!(forcing.infiltration_class[35], 0);
    }
}
