//! A run for tests: two dozen blocks at a quay, a tower as draft, computed by the real sun study with wide spacing.

use std::sync::{Arc, LazyLock};

use nalgebra::Point3;

use crate::city::assemble::{building_from_raw, extruded};
use crate::city::sources::Roots;
use crate::city::{
    Building, BuildingAttributes, City, LandCover, LandCoverKind, LayerKind, LayerSource, Street,
    Tree,
};
use crate::finding::Finding;
use crate::geo::{Crs, LocalFrame};
use crate::job::Job;
use crate::result::{Quality, RunResult, VariantResult};
use crate::scenario::Scenario;
use crate::sun::occluders::SunContext;
use crate::sun::study::simulate;

const SCENARIO: &str = r#"
[scenario]
version = 1
name = "Turm am Speicherkai"
comment = "Wie viel Sonne nimmt ein Turm mit 58 m Höhe der Nachbarschaft am Tag der Tagundnachtgleiche?"
language = "de"
seed = 7

[sun]
dates = ["2027-03-21"]
step_s = 600.0
ground_spacing_m = 4.0
facade_spacing_m = 2.0
roof_spacing_m = 6.0

[[variant]]
name = "Turm am Kai"
comment = "Ein Turm ersetzt den Schuppen."
[[variant.edit]]
kind = "remove"
building = "schuppen-5"
[[variant.edit]]
kind = "add_building"
id = "turm"
footprint = [[565118.0, 5933498.0], [565140.0, 5933498.0], [565140.0, 5933520.0], [565118.0, 5933520.0]]
height_m = 58.0
"#;

fn rectangle(west: f64, south: f64, width: f64, depth: f64) -> Vec<[f64; 2]> {
    vec![
        [west, south],
        [west + width, south],
        [west + width, south + depth],
        [west, south + depth],
    ]
}

fn block(
    frame: &LocalFrame,
    key: u32,
    id: &str,
    ring: Vec<[f64; 2]>,
    height_m: f64,
    attributes: BuildingAttributes,
) -> Building {
    let raw = extruded(id, &[ring], 4.5, height_m, attributes);
    building_from_raw(frame, key, &raw, &mut Vec::new()).unwrap()
}

fn cities() -> (City, City) {
    let frame = LocalFrame::near(Crs::utm32(), 565_100.0, 5_933_500.0);
    let [east, north] = [frame.origin_easting, frame.origin_northing];
    let mut buildings: Vec<Arc<Building>> = Vec::new();
    for row in 0..4_u32 {
        for col in 0..6_u32 {
            let key = row * 6 + col;
            let id = if key == 5 {
                "schuppen-5".to_owned()
            } else {
                format!("DEHHALKA10000{key:02}")
            };
            let ring = rectangle(
                east - 110.0 + f64::from(col) * 44.0,
                north - 14.0 + f64::from(row) * 34.0,
                28.0,
                14.0,
            );
            let mut attributes = BuildingAttributes::default();
            if key % 7 == 3 {
                attributes.assumed_height_m = Some(9.0);
            }
            if key == 9 {
                attributes.address = Some("Speicherstraße 9".to_owned());
            }
            let height = [12.0, 15.0, 9.0, 18.0][(key % 4) as usize];
            buildings.push(Arc::new(block(&frame, key, &id, ring, height, attributes)));
        }
    }
    let tree = |i: usize| Tree {
        id: format!("baum-{i}"),
        foot: Point3::new(-110.0 + 22.0 * i as f64, 9.0, 4.5),
        height_m: 10.0,
        crown_diameter_m: 7.0,
        genus: None,
    };
    let street = |i: usize| Street {
        id: format!("way-{i}"),
        class: "residential".to_owned(),
        name: Some("Speicherstraße".to_owned()),
        width_m: 7.0,
        line: vec![
            [-140.0, 10.0 + 34.0 * i as f64],
            [150.0, 10.0 + 34.0 * i as f64],
        ],
    };
    let source = |layer, path: &str, objects| LayerSource {
        layer,
        path: path.to_owned(),
        format: "CityJSON 2.0".to_owned(),
        origin: Some("Planspiel sample generator".to_owned()),
        licence: Some("CC0-1.0".to_owned()),
        date: Some("2027-01-01".to_owned()),
        crs: "EPSG:25832 + DHHN2016".to_owned(),
        blake3: blake3::hash(path.as_bytes()).to_hex().to_string(),
        objects,
    };
    let baseline = City {
        buildings,
        trees: (0..11).map(tree).collect(),
        streets: Arc::new((0..3).map(street).collect()),
        land_cover: Arc::new(vec![LandCover {
            id: "elbe".to_owned(),
            kind: LandCoverKind::Water,
            rings: vec![rectangle(-200.0, -120.0, 420.0, 85.0)],
        }]),
        sources: Arc::new(vec![
            source(LayerKind::Buildings, "sample:kai.city.json", 24),
            source(LayerKind::Streets, "sample:kai.osm", 3),
        ]),
        findings: vec![
            Finding::warning("height-assumed")
                .object("DEHHALKA1000003")
                .arg("height_m", 9.0)
                .arg("count", 3),
            Finding::warning("height-assumed")
                .object("DEHHALKA1000010")
                .arg("height_m", 9.0)
                .arg("count", 3),
        ],
        ..City::empty("Speicherkai", frame.clone())
    };
    let mut variant = baseline.clone();
    variant.buildings.retain(|b| b.id != "schuppen-5");
    let ring = rectangle(east + 18.0, north - 2.0, 22.0, 22.0);
    let name = Some("Turm".to_owned());
    let attributes = BuildingAttributes {
        name,
        ..BuildingAttributes::default()
    };
    let mut tower = block(&frame, 24, "turm", ring, 58.0, attributes);
    tower.draft = true;
    variant.buildings.push(Arc::new(tower));
    (baseline, variant)
}

static RUN: LazyLock<RunResult> = LazyLock::new(|| {
    let scenario: Scenario = toml::from_str(SCENARIO).unwrap();
    let (baseline, variant) = cities();
    let baseline = Arc::new(baseline);
    let context = SunContext::new(baseline.clone());
    let roots = Roots {
        folder: std::path::PathBuf::new(),
        data: None,
    };
    let result = |name: &str, comment: Option<&str>, city: Arc<City>| VariantResult {
        name: name.to_owned(),
        comment: comment.map(str::to_owned),
        simulations: vec![Arc::new(
            simulate(
                &context,
                &city,
                &scenario,
                &roots,
                Quality::Exact,
                &Job::new(7),
            )
            .unwrap(),
        )],
        city,
    };
    let comment = scenario.variants[0].comment.as_deref();
    RunResult {
        variants: vec![
            result("baseline", None, baseline.clone()),
            result("Turm am Kai", comment, Arc::new(variant)),
        ],
        scenario: Arc::new(scenario.clone()),
        scenario_path: "scenarios/speicherkai.toml".to_owned(),
        scenario_blake3: blake3::hash(SCENARIO.as_bytes()).to_hex().to_string(),
    }
});

/// The run, computed once for all tests.
pub fn sample_run() -> RunResult {
    RUN.clone()
}
