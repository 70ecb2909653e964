//! Loads the city of a scenario, of a file or of a folder.

use std::path::{Path, PathBuf};

use crate::city::City;
use crate::city::error::{CityError, CityErrorKind};
use crate::city::sources::Roots;
use crate::job::Job;
use crate::scenario::Scenario;

use super::assembled::assembled;
use super::layers::read_layers;
use super::requests::{Defaults, Request, expanded, folder_files};

/// Part of the progress bar for reading the files.
pub(super) const PROGRESS_READ: f32 = 0.4;

/// Loads the city of a scenario.
pub fn load_city(scenario: &Scenario, roots: &Roots, job: &Job) -> Result<City, CityError> {
    let mut findings = Vec::new();
    let mut requests = Vec::new();
    if let Some(city) = &scenario.scenario.city {
        requests.extend(expanded(city, roots)?);
    }
    for layer in &scenario.city.layers {
        requests.push(Request {
            written: layer.path.clone(),
            source: roots.resolve(&layer.path)?,
            settings: Some(layer.clone()),
        });
    }
    if requests.is_empty() {
        return Err(CityError::new(
            CityErrorKind::Head,
            &scenario.scenario.name,
            "the scenario names no city",
        )
        .expected("`city = \"FILE\"` under [scenario], or [[city.layer]] tables"));
    }
    let defaults = Defaults::of(&scenario.city)?;
    let layers = read_layers(requests, &defaults, job, &mut findings)?;
    assembled(scenario.scenario.name.clone(), layers, findings, job)
}

/// Loads a city from one file or folder, without a scenario.
pub fn load_city_file(path: &Path, job: &Job) -> Result<City, CityError> {
    let written = path.file_name().map_or_else(
        || path.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    );
    let roots = Roots {
        folder: path.parent().map_or_else(PathBuf::new, Path::to_owned),
        data: None,
    };
    let requests = if path.file_name().is_some() {
        expanded(&written, &roots)?
    } else {
        let place = path.display().to_string();
        let real = path
            .canonicalize()
            .map_err(|error| CityError::from_io(&place, &error))?;
        folder_files(&real, "")?
    };
    let mut findings = Vec::new();
    let layers = read_layers(requests, &Defaults::default(), job, &mut findings)?;
    let name = written.split('.').next().unwrap_or(&written).to_owned();
    assembled(name, layers, findings, job)
}

pub(super) fn stopped(place: &str) -> CityError {
    CityError::new(CityErrorKind::Cancelled, place, "the loading was stopped")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::{Building, SurfaceKind, Terrain};
    use crate::geo::Crs;
    use std::sync::Arc;

    fn scenario(text: &str) -> Scenario {
        toml::from_str(text).unwrap()
    }

    fn written(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(dir.path().join(name), text).unwrap();
        }
        dir
    }

    fn roots(dir: &tempfile::TempDir) -> Roots {
        Roots {
            folder: dir.path().to_owned(),
            data: None,
        }
    }

    fn codes(city: &City) -> Vec<&str> {
        city.findings.iter().map(|f| f.code.as_str()).collect()
    }

    /// A square of 10 m with a height, in UTM 32.
    const BLOCK: &str = r#"{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:25832"}},"features":[
        {"type":"Feature","id":"b1","properties":{"height":10},"geometry":{"type":"Polygon","coordinates":[[[566000,5933000],[566010,5933000],[566010,5933010],[566000,5933010],[566000,5933000]]]}}]}"#;

    /// 40 m x 40 m of ground rising from 5 m in the west by 1 m every 10 m.
    const GROUND: &str = "ncols 4\nnrows 4\nxllcorner 565985\nyllcorner 5932985\ncellsize 10\n\
        5 6 7 8\n5 6 7 8\n5 6 7 8\n5 6 7 8\n";

    const LAYERS: &str = r#"
        scenario = { version = 1, name = "Test" }
        [city]
        [[city.layer]]
        kind = "buildings"
        path = "b.geojson"
        origin = "Amt"
        [[city.layer]]
        kind = "terrain"
        path = "g.asc"
        [[city.layer]]
        kind = "trees"
        path = "t.csv"
        crs = "EPSG:4326"
    "#;

    #[test]
    fn layers_of_different_systems_meet_in_one_frame() {
        let [lon, lat] = Crs::utm32().to_lonlat(566_005.0, 5_933_020.0).unwrap();
        let trees = format!("id,lon,lat,height,crown\nA,{lon},{lat},8,3\nB,10.5,53.5,8,3\n");
        let dir = written(&[("b.geojson", BLOCK), ("g.asc", GROUND), ("t.csv", &trees)]);
        let job = Job::default();
        let city = load_city(&scenario(LAYERS), &roots(&dir), &job).unwrap();
        assert_eq!(city.frame.crs.epsg, Some(25832));
        // The block stands on the lowest ground under its corners: 6 m at x = 566000 (between the centres 565990 and 566000).
        let block = &city.buildings[0];
        assert_eq!(block.id, "b1");
        let (low, high) = block.z_range();
        assert!(
            (low - 6.0).abs() < 1e-6 && (high - 16.0).abs() < 1e-6,
            "{low} {high}"
        );
        assert!((block.volume_m3().unwrap() - 1000.0).abs() < 1e-6);
        // The first tree stands on the ground at its place, the second far outside on the nearest known height.
        let place = city.frame.crs_from_local(city.trees[0].foot);
        assert!((place[0] - 566_005.0).abs() < 1e-4 && (place[1] - 5_933_020.0).abs() < 1e-4);
        assert!((place[2] - 6.5).abs() < 1e-4, "{place:?}");
        assert_eq!(city.trees[1].foot.z, 8.0);
        assert_eq!(codes(&city), ["crs-assumed", "outside-terrain"]);
        assert_eq!(city.sources.len(), 3);
        assert_eq!(city.sources[0].origin.as_deref(), Some("Amt"));
        assert_eq!(
            city.sources[0].blake3,
            blake3::hash(BLOCK.as_bytes()).to_hex().to_string()
        );
        assert_eq!(
            (city.sources[1].crs.as_str(), city.sources[1].objects),
            ("EPSG:25832", 16)
        );
        assert_eq!(job.fraction(), 1.0);
    }

    #[test]
    fn degrees_alone_give_the_utm_zone_and_a_plane() {
        let text = r#"{"type":"Polygon","coordinates":[[[9.99,53.55],[9.9902,53.55],[9.9902,53.5502],[9.99,53.55]]]}"#;
        let dir = written(&[("b.geojson", text)]);
        let settings = "scenario = { version = 1, name = \"T\" }\n[[city.layer]]\nkind = \"buildings\"\npath = \"b.geojson\"\nassumed_height_m = 12.0\n";
        let city = load_city(&scenario(settings), &roots(&dir), &Job::default()).unwrap();
        assert_eq!(city.frame.crs.epsg, Some(25832));
        assert_eq!(city.buildings[0].attributes.assumed_height_m, Some(12.0));
        assert_eq!(city.buildings[0].z_range(), (0.0, 12.0));
        assert_eq!(codes(&city), ["height-assumed", "no-terrain"]);
        assert_eq!(city.ground().height_at(0.0, 0.0), 0.0);
    }

    #[test]
    fn a_folder_is_a_city_and_order_of_names_decides() {
        let dir = written(&[
            ("a.geojson", BLOCK),
            ("b.asc", GROUND),
            (
                "c.csv",
                "e,n,height_m,crown_diameter_m\n566005,5933020,8,3\n",
            ),
            ("readme.txt", "hello there"),
            (".hidden", "x"),
        ]);
        let city = load_city_file(dir.path(), &Job::default()).unwrap();
        assert_eq!((city.buildings.len(), city.trees.len()), (1, 1));
        assert!(city.terrain.is_some());
        assert_eq!(
            codes(&city),
            ["file-passed-over", "crs-assumed", "crs-assumed"]
        );
    }

    #[test]
    fn neighbouring_rasters_become_one_and_points_are_joined() {
        let east = GROUND.replace("565985", "566025");
        let other_cell = GROUND.replace("cellsize 10", "cellsize 5");
        let dir = written(&[("a.asc", GROUND), ("b.asc", &east), ("c.asc", &other_cell)]);
        let layer = |path: &str| {
            format!("[[city.layer]]\nkind = \"terrain\"\npath = \"{path}\"\ncrs = \"EPSG:25832\"\n")
        };
        let head = "scenario = { version = 1, name = \"T\" }\n";
        let text = format!(
            "{head}{}{}{}",
            layer("a.asc"),
            layer("b.asc"),
            layer("c.asc")
        );
        let city = load_city(&scenario(&text), &roots(&dir), &Job::default()).unwrap();
        let Some(Terrain::Raster { grid, heights }) = city.terrain.as_deref() else {
            panic!("{:?}", city.terrain)
        };
        assert_eq!((grid.cols, grid.rows), (8, 4));
        assert_eq!(heights[4], 5.0);
        assert_eq!(codes(&city), ["terrain-left-out"]);
    }

    #[test]
    fn a_local_model_with_a_national_label_is_told() {
        let text = BLOCK
            .replace("566000", "0")
            .replace("566010", "10")
            .replace("5933", "");
        let text = text.replace("000]", "0]").replace("010]", "10]");
        let dir = written(&[("b.geojson", &text)]);
        let city = load_city_file(&dir.path().join("b.geojson"), &Job::default()).unwrap();
        assert_eq!(city.frame.crs, Crs::local());
        assert!(codes(&city).contains(&"crs-does-not-fit"));
    }

    #[test]
    fn missing_files_and_cancelling() {
        let dir = written(&[("b.geojson", BLOCK)]);
        let error = load_city(&scenario(LAYERS), &roots(&dir), &Job::default()).unwrap_err();
        assert_eq!((error.exit_code(), error.place.as_str()), (66, "g.asc"));
        let job = Job::default();
        job.cancel();
        let error = load_city_file(&dir.path().join("b.geojson"), &job).unwrap_err();
        assert_eq!(error.kind, CityErrorKind::Cancelled);
        let empty = scenario("scenario = { version = 1, name = \"T\" }\n");
        assert_eq!(
            load_city(&empty, &roots(&dir), &Job::default())
                .unwrap_err()
                .exit_code(),
            65
        );
    }

    /// The city of a scenario that ships, with the data folder; `None` without data.
    fn shipped(name: &str) -> Option<City> {
        let data = crate::verify::data_root_or_skip(name)?;
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("scenarios")
            .join(name);
        let loaded = crate::scenario::read_scenario(&path, Some(data)).unwrap();
        assert_eq!(loaded.findings, []);
        Some(load_city(&loaded.scenario, &loaded.roots, &Job::default()).unwrap())
    }

    #[test]
    fn essen_stands_on_its_terrain() {
        let Some(city) = shipped("essen.toml") else {
            return;
        };
        assert_eq!(city.buildings.len(), 117);
        assert_eq!(city.frame.crs, Crs::utm32());
        let (low, high) = city.terrain.as_ref().unwrap().height_range().unwrap();
        assert!(
            (low - 29.3).abs() < 0.1 && (high - 40.2).abs() < 0.1,
            "{low} {high}"
        );
        // Five rings are bent by more than a centimetre (data README); nothing else is wrong.
        let others: Vec<&str> = codes(&city)
            .into_iter()
            .filter(|c| *c != "face-nonplanar")
            .collect();
        assert!(others.is_empty(), "{others:?}");
        let licences: Vec<Option<&str>> =
            city.sources.iter().map(|s| s.licence.as_deref()).collect();
        assert_eq!(licences, [Some("dl-de/zero-2-0"); 2]);
    }

    #[test]
    fn hamburg_stands_on_the_feet_of_its_trees() {
        let Some(city) = shipped("hamburg-innenstadt.toml") else {
            return;
        };
        assert!(city.buildings.len() >= 2330);
        assert_eq!((city.trees.len(), city.streets.len()), (2110, 1624));
        let assumed = |b: &Arc<Building>| b.attributes.assumed_height_m.is_some();
        assert!(
            city.buildings
                .iter()
                .all(|b| assumed(b) && b.volume_m3().is_some())
        );
        assert!(
            city.buildings
                .iter()
                .all(|b| b.area_m2(SurfaceKind::Roof) > 0.0)
        );
        let (low, high) = city.terrain.as_ref().unwrap().height_range().unwrap();
        assert!(
            (1.9..2.1).contains(&low) && (20.5..20.7).contains(&high),
            "{low} {high}"
        );
        assert_eq!(
            codes(&city),
            [
                "height-assumed",
                "height-assumed-small",
                "terrain-from-trees",
                "outside-terrain"
            ]
        );
    }

    #[test]
    fn real_files_land_in_their_countries() {
        let Some(data) = crate::verify::data_root_or_skip("real_files_land_in_their_countries")
        else {
            return;
        };
        for (file, epsg, buildings) in [
            ("adv-lod2/EssenExample.gml", Some(25832), 117),
            ("berlin/berlin_3910_5819.gml", Some(25833), 35),
            ("hamburg/LoD2_466_5974_1_HH.sample.gml", Some(25832), 1),
            ("cityjson/delft.json", Some(28992), 1),
            ("cityjson/zurich_subset_lod2.json", Some(2056), 1),
            ("cityjson/vienna.city.jsonl", None, 1),
            ("cityjson/rotterdam_subset.json", None, 1),
        ] {
            let city = load_city_file(&data.join("city").join(file), &Job::default()).unwrap();
            assert_eq!(city.frame.crs.epsg, epsg, "{file}");
            assert!(
                city.buildings.len() >= buildings,
                "{file}: {}",
                city.buildings.len()
            );
            let (min, max) = city.bounds_xy().unwrap();
            assert!(
                min.iter().chain(&max).all(|c| c.abs() < 25_000.0),
                "{file}: {min:?} {max:?}"
            );
        }
    }
}
