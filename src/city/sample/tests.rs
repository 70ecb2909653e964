use std::collections::{BTreeMap, BTreeSet};

use super::plane::{area, bounds, contains, distance_to_ring, inset, rings_meet};
use super::*;
use crate::city::SurfaceKind;

/// The city that ships.
fn city() -> &'static SampleCity {
    static CITY: std::sync::OnceLock<SampleCity> = std::sync::OnceLock::new();
    CITY.get_or_init(|| generate(&SampleParams::default()))
}

#[test]
fn same_seed_gives_the_same_bytes_and_another_seed_other_houses() {
    let write = |seed| {
        let dir = tempfile::tempdir().unwrap();
        let params = SampleParams {
            seed,
            size: SampleSize::Quarter,
        };
        let paths = write_sample(dir.path(), &params).unwrap();
        assert_eq!(paths.len(), FILES.len());
        paths
            .iter()
            .map(|p| std::fs::read(p).unwrap())
            .collect::<Vec<_>>()
    };
    let first = write(1);
    assert!(first == write(1), "two runs with one seed differ");
    let other = write(2);
    assert!(first[0] != other[0] && first[2] != other[2]);
    // Plan and heights do not depend on the seed.
    assert!(first[1] == other[1] && first[3] == other[3]);
}

#[test]
fn every_building_is_closed_with_positive_volume() {
    for building in &city().buildings {
        for shell in &building.shells {
            let volume = shell::tests::closed_volume(shell);
            assert!(volume > 10.0, "{}: {volume} m³", building.id);
            for face in &shell.faces {
                let ring: Vec<[f64; 3]> = face
                    .ring
                    .iter()
                    .map(|&i| shell.vertices[i as usize])
                    .collect();
                let n = newell(&ring);
                let up = n[2] / n.iter().map(|x| x * x).sum::<f64>().sqrt();
                match face.kind {
                    SurfaceKind::Roof => assert!(up > 0.1, "{}: roof {up}", building.id),
                    SurfaceKind::Ground => assert!(up < -0.99, "{}: ground {up}", building.id),
                    _ => assert!(up.abs() < 0.01, "{}: wall {up}", building.id),
                }
            }
        }
    }
}

fn newell(ring: &[[f64; 3]]) -> [f64; 3] {
    let mut n = [0.0; 3];
    for i in 0..ring.len() {
        let (a, b) = (ring[i], ring[(i + 1) % ring.len()]);
        n[0] += (a[1] - b[1]) * (a[2] + b[2]);
        n[1] += (a[2] - b[2]) * (a[0] + b[0]);
        n[2] += (a[0] - b[0]) * (a[1] + b[1]);
    }
    n
}

#[test]
fn faces_are_plane_within_two_millimetres() {
    for building in &city().buildings {
        for shell in &building.shells {
            for face in &shell.faces {
                let ring: Vec<[f64; 3]> = face
                    .ring
                    .iter()
                    .map(|&i| {
                        let v = shell.vertices[i as usize];
                        [v[0] - ORIGIN[0], v[1] - ORIGIN[1], v[2]]
                    })
                    .collect();
                let n = newell(&ring);
                let length = n.iter().map(|x| x * x).sum::<f64>().sqrt();
                let middle =
                    [0, 1, 2].map(|k| ring.iter().map(|p| p[k]).sum::<f64>() / ring.len() as f64);
                for p in &ring {
                    let off = (0..3)
                        .map(|k| (p[k] - middle[k]) * n[k] / length)
                        .sum::<f64>();
                    assert!(off.abs() < 0.002, "{}: {off} m off its plane", building.id);
                }
            }
        }
    }
}

#[test]
fn houses_do_not_overlap() {
    let city = city();
    let rings: Vec<(usize, Vec<P2>)> = city
        .buildings
        .iter()
        .enumerate()
        .flat_map(|(i, b)| b.footprints().into_iter().map(move |r| (i, r)))
        .filter_map(|(i, ring)| Some((i, inset(&ring, &vec![0.04; ring.len()])?)))
        .collect();
    for (k, (i, a)) in rings.iter().enumerate() {
        for (j, b) in &rings[..k] {
            assert!(
                !rings_meet(a, b),
                "{} and {} overlap",
                city.buildings[*i].id,
                city.buildings[*j].id
            );
        }
    }
}

#[test]
fn the_quarter_has_the_mix_of_a_harbour_town() {
    let city = city();
    let houses = city.buildings.len();
    assert!((400..=800).contains(&houses), "{houses} buildings");
    let mut roofs: BTreeMap<&str, usize> = BTreeMap::new();
    let mut functions: BTreeSet<&str> = BTreeSet::new();
    for b in &city.buildings {
        *roofs
            .entry(b.attributes.roof_type.as_deref().unwrap())
            .or_default() += 1;
        functions.insert(b.attributes.function.as_deref().unwrap());
    }
    for (roof, least) in [
        ("1000", 60),
        ("2100", 15),
        ("3100", 150),
        ("3200", 10),
        ("3300", 15),
        ("3400", 30),
        ("3500", 5),
        ("3800", 1),
        ("3900", 2),
    ] {
        assert!(
            roofs.get(roof).copied().unwrap_or(0) >= least,
            "{roof}: {roofs:?}"
        );
    }
    for function in [
        "31001_3021",
        "31001_3041",
        "31001_3012",
        "31001_2142",
        "31001_2020",
        "31001_1010",
    ] {
        assert!(functions.contains(function), "{function}");
    }
    assert!(
        (1200..=3500).contains(&city.trees.len()),
        "{} trees",
        city.trees.len()
    );
    let addressed = city
        .buildings
        .iter()
        .filter(|b| b.attributes.address.is_some())
        .count();
    assert!(addressed * 3 > houses * 2, "{addressed} addresses");
    let ids: BTreeSet<&str> = city.buildings.iter().map(|b| b.id.as_str()).collect();
    assert_eq!(ids.len(), houses);
}

#[test]
fn trees_stand_outside_houses_and_water() {
    let city = city();
    let plan = Plan::new();
    let ground = Ground::new(&plan);
    let place = place(0, 0);
    let rings: Vec<Vec<Vec<P2>>> = city
        .buildings
        .iter()
        .flat_map(|b| &b.shells)
        .map(Shell::footprint)
        .collect();
    for tree in &city.trees {
        assert!(
            !ground.is_water(place.plan(tree.position)),
            "{} in water",
            tree.id
        );
        for ring in &rings {
            let inside = ring.iter().filter(|r| contains(r, tree.position)).count() % 2 == 1;
            assert!(!inside, "{} in a house", tree.id);
        }
        assert!(tree.height_m >= 3.0 && tree.crown_diameter_m < 1.2 * tree.height_m);
    }
}

#[test]
fn streets_keep_clear_of_houses_and_cross_water_on_bridges_only() {
    let city = city();
    let ground = Ground::new(&Plan::new());
    let place = place(0, 0);
    let bridges: Vec<Vec<P2>> = city
        .buildings
        .iter()
        .filter(|b| b.attributes.function.as_deref() == Some("53001_1800"))
        .flat_map(SampleBuilding::footprints)
        .collect();
    let houses: Vec<Vec<P2>> = city
        .buildings
        .iter()
        .filter(|b| b.attributes.function.as_deref() != Some("53001_1800"))
        .flat_map(SampleBuilding::footprints)
        .collect();
    for street in &city.streets {
        for pair in street.line.windows(2) {
            let steps = (distance(pair[0], pair[1]) / 3.0).ceil() as usize;
            for i in 1..steps {
                let p = plane::lerp(pair[0], pair[1], i as f64 / steps as f64);
                let bridged = bridges
                    .iter()
                    .any(|r| contains(r, p) || distance_to_ring(p, r) < 0.5);
                assert!(
                    bridged || !ground.is_water(place.plan(p)),
                    "{:?} in water at {p:?}",
                    street.name
                );
                let inside = houses.iter().any(|r| contains(r, p));
                assert!(!inside, "{:?} in a house at {p:?}", street.name);
            }
        }
    }
}

#[test]
fn terrain_covers_everything_and_houses_stand_on_it() {
    let city = city();
    let t = &city.terrain;
    assert_eq!((t.cols, t.heights.len()), (1000, 1_000_000));
    assert!(t.heights.iter().all(|h| (-7.0..26.0).contains(h)));
    let at = |p: P2| {
        let (col, row) = ((p[0] - t.west) as usize, (t.north - p[1]) as usize);
        f64::from(t.heights[row * t.cols + col])
    };
    for b in &city.buildings {
        let bridge = b.attributes.function.as_deref() == Some("53001_1800");
        for shell in &b.shells {
            let ring = &shell.footprint()[0];
            let (low, high) = bounds(ring);
            assert!(low[0] > t.west && high[1] < t.north, "{}", b.id);
            let (base, _) = shell.heights();
            let lowest = ring.iter().map(|&p| at(p)).fold(f64::INFINITY, f64::min);
            assert!(
                bridge || (base - lowest).abs() < 2.5,
                "{}: base {base}, ground {lowest}",
                b.id
            );
        }
    }
}

#[test]
fn land_cover_tiles_the_quarter() {
    let city = city();
    let mut areas: BTreeMap<&str, f64> = BTreeMap::new();
    let mut total = 0.0;
    for patch in &city.land_cover {
        let a: f64 = patch.rings.iter().map(|r| area(r)).sum();
        assert!(a > 0.0, "{} has {a} m²", patch.id);
        let name = match patch.kind {
            LandCoverKind::Water => "water",
            LandCoverKind::Green => "green",
            LandCoverKind::Street => "street",
            _ => "paved",
        };
        *areas.entry(name).or_default() += a;
        total += a;
    }
    // Slivers below 0.3 m² are left out.
    assert!((total / 1e6 - 1.0).abs() < 2e-4, "{total}");
    for (name, share) in [
        ("water", 0.12),
        ("green", 0.15),
        ("street", 0.06),
        ("paved", 0.2),
    ] {
        assert!(areas[name] > share * 1e6, "{name}: {areas:?}");
    }
}

#[test]
fn larger_cities_repeat_the_quarter_with_houses_of_their_own() {
    let params = SampleParams {
        seed: 5,
        size: SampleSize::Buildings(2500),
    };
    let city = generate(&params);
    assert_eq!(city.buildings.len(), 2500);
    let rings: Vec<Vec<P2>> = city
        .buildings
        .iter()
        .flat_map(SampleBuilding::footprints)
        .collect();
    assert!(rings.iter().all(|r| area(r) > 1.0));
    for b in city.buildings.iter().step_by(7) {
        for s in &b.shells {
            assert!(shell::tests::closed_volume(s) > 10.0, "{}", b.id);
        }
    }
    // The border between two quarters: heights meet.
    let t = &city.terrain;
    let col = (1000.0 / t.cell_m) as usize;
    for row in (0..t.heights.len() / t.cols).step_by(20) {
        let step = (t.heights[row * t.cols + col] - t.heights[row * t.cols + col - 1]).abs();
        assert!(step < 0.3, "step of {step} m at row {row}");
    }
}

#[test]
fn ordinary_importers_read_the_files_back_without_a_remark() {
    let dir = tempfile::tempdir().unwrap();
    let params = SampleParams::default();
    write_sample(dir.path(), &params).unwrap();
    let city = city();
    let bytes = |name: &str| std::fs::read(dir.path().join(name)).unwrap();
    let crs = Some(crate::geo::Crs::utm32());

    let buildings = crate::city::cityjson::read_cityjson(&bytes(FILES[0]), FILES[0]).unwrap();
    assert_eq!(buildings.findings, vec![]);
    assert_eq!(buildings.crs, crs);
    assert_eq!(buildings.buildings.len(), city.buildings.len());
    let source = buildings.source.as_ref().unwrap();
    assert_eq!(source.origin.as_deref(), Some(GENERATOR));
    assert_eq!(source.licence.as_deref(), Some(LICENCE));
    assert_eq!(source.date.as_deref(), Some(DATE));
    let frame = crate::geo::LocalFrame::near(crate::geo::Crs::utm32(), ORIGIN[0], ORIGIN[1]);
    let mut findings = Vec::new();
    for (key, (raw, made)) in buildings.buildings.iter().zip(&city.buildings).enumerate() {
        let building =
            crate::city::assemble::building_from_raw(&frame, key as u32, raw, &mut findings)
                .unwrap();
        assert_eq!(building.id, made.id);
        assert_eq!(building.attributes.storeys, made.attributes.storeys);
        assert_eq!(building.attributes.year, made.attributes.year);
        assert_eq!(building.attributes.address, made.attributes.address);
        assert!(building.parts.iter().all(|p| p.closed), "{}", building.id);
        let volume: f64 = made.shells.iter().map(shell::tests::closed_volume).sum();
        let read = building.volume_m3().unwrap();
        assert!(
            (read / volume - 1.0).abs() < 1e-6,
            "{}: {read} of {volume}",
            building.id
        );
    }
    assert_eq!(findings, vec![]);

    let terrain = crate::city::geotiff::read_geotiff(&bytes(FILES[1]), FILES[1]).unwrap();
    assert_eq!((terrain.findings, terrain.crs), (vec![], crs));
    let Some(crate::city::raw::RawTerrain::Raster {
        west,
        north,
        cell_m,
        cols,
        heights,
    }) = terrain.terrain
    else {
        panic!("terrain is no raster");
    };
    let t = &city.terrain;
    assert_eq!(
        (west, north, cell_m, cols),
        (t.west, t.north, t.cell_m, t.cols)
    );
    assert!(heights == t.heights);

    let trees = crate::city::trees::read_trees_csv(&bytes(FILES[2]), FILES[2]).unwrap();
    assert_eq!(trees.findings, vec![]);
    assert_eq!(trees.trees.len(), city.trees.len());
    assert_eq!(trees.trees[7].genus, city.trees[7].genus);
    let utm = crate::geo::Crs::utm32();
    let place = utm
        .from_lonlat(trees.trees[7].position[0], trees.trees[7].position[1])
        .unwrap();
    assert!(distance(place, city.trees[7].position) < 0.002);

    let streets = crate::city::osm::read_osm(&bytes(FILES[3]), FILES[3]).unwrap();
    assert_eq!(streets.findings, vec![]);
    assert_eq!(streets.streets.len(), city.streets.len());
    assert_eq!(streets.streets[3].name, city.streets[3].name);
    assert_eq!(streets.streets[3].width_m, city.streets[3].width_m);

    let cover = crate::city::geojson::read_land_cover(&bytes(FILES[4]), FILES[4]).unwrap();
    assert_eq!(cover.findings, vec![]);
    assert_eq!(cover.land_cover.len(), city.land_cover.len());
    for (read, made) in cover.land_cover.iter().zip(&city.land_cover) {
        assert_eq!(
            (&read.id, read.kind, read.rings.len()),
            (&made.id, made.kind, made.rings.len())
        );
    }
}

#[test]
fn shipped_files_are_those_of_the_generator() {
    let dir = tempfile::tempdir().unwrap();
    write_sample(dir.path(), &SampleParams::default()).unwrap();
    let shipped = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/hafenquartier");
    let mut total = 0;
    for name in FILES {
        let bytes = std::fs::read(shipped.join(name)).unwrap();
        let made = std::fs::read(dir.path().join(name)).unwrap();
        assert!(
            bytes == made,
            "assets/hafenquartier/{name} is stale: planspiel sample --force --out assets/hafenquartier"
        );
        assert!(bytes.len() < 3 << 20);
        total += bytes.len();
    }
    assert!(total < 5 << 20);
}

#[test]
fn built_in_city_loads_without_a_warning() {
    let scenario: crate::scenario::Scenario =
        toml::from_str("scenario = { version = 1, name = 'Probe', city = 'sample:hafenquartier' }")
            .unwrap();
    let job = crate::job::Job::default();
    let loaded =
        crate::city::load::load_city(&scenario, &crate::city::sources::Roots::default(), &job)
            .unwrap();
    assert_eq!(loaded.findings, vec![]);
    assert_eq!(loaded.buildings.len(), city().buildings.len());
    assert_eq!(loaded.trees.len(), city().trees.len());
    assert_eq!(loaded.streets.len(), city().streets.len());
    assert_eq!(loaded.land_cover.len(), city().land_cover.len());
    assert!(loaded.terrain.is_some());
    assert_eq!(loaded.sources.len(), 5);
    for source in loaded.sources.iter() {
        assert_eq!(source.origin.as_deref(), Some(GENERATOR), "{}", source.path);
        assert_eq!(source.licence.as_deref(), Some(LICENCE));
        assert_eq!(source.date.as_deref(), Some(DATE));
    }
}
