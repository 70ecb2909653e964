//! A run small enough to be checked by hand.

use std::sync::Arc;

use crate::city::assemble::{building_from_raw, extruded};
use crate::city::{Building, BuildingAttributes, City, LandCover, LandCoverKind, Street};
use crate::finding::Finding;
use crate::flood::domain::{Axis, Boundary, BoundaryKind, Domain, Face, Series};
use crate::flood::run::{
    FloodRun, Frame, GaugeSeries, Ledger, LedgerEntry, LedgerKind, Method, Peaks,
};
use crate::flood::sinks::{Sink, Sinks};
use crate::geo::{Crs, Grid, LocalFrame};
use crate::job::Job;
use crate::result::compare::compare_indicators;
use crate::result::{
    Cell, Field, FieldData, Passability, Quality, SimulationResult, Table, Vehicle,
};

use super::buildings::{facade_class, facades};
use super::*;

/// Six columns and four rows of 10 m. Row 0 in the north.
const GRID: Grid = Grid {
    west: 0.0,
    north: 40.0,
    cell_m: 10.0,
    cols: 6,
    rows: 4,
};
/// The cell of the building; it is a hole.
const HOLE: usize = 8;
/// A cell across the bank of the fleet, below its level: a wall keeps it dry at first.
const BANK: usize = 12;

fn block(frame: &LocalFrame, key: u32, id: &str, west: f64, south: f64) -> Arc<Building> {
    let [e, n] = [frame.origin_easting + west, frame.origin_northing + south];
    let ring = vec![[e, n], [e + 10.0, n], [e + 10.0, n + 10.0], [e, n + 10.0]];
    let raw = extruded(id, &[ring], 2.0, 9.0, BuildingAttributes::default());
    Arc::new(building_from_raw(frame, key, &raw, &mut Vec::new()).unwrap())
}

fn city() -> City {
    let frame = LocalFrame::near(Crs::utm32(), 565_000.0, 5_933_000.0);
    let street = |id: &str, class: &str, y: f64| Street {
        id: id.to_owned(),
        class: class.to_owned(),
        name: Some("Kai".to_owned()),
        width_m: 8.0,
        line: vec![[0.0, y], [30.0, y], [60.0, y]],
    };
    City {
        buildings: vec![
            block(&frame, 0, "haus", 20.0, 20.0),
            block(&frame, 1, "trocken", 50.0, 0.0),
        ],
        streets: Arc::new(vec![
            street("nord", "residential", 35.0),
            street("weg", "footway", 15.0),
        ]),
        // The two western cells of the southern row.
        land_cover: Arc::new(vec![LandCover {
            id: "fleet".to_owned(),
            kind: LandCoverKind::Water,
            rings: vec![vec![[0.0, 0.0], [20.0, 0.0], [20.0, 10.0], [0.0, 10.0]]],
        }]),
        ..City::empty("Test", frame)
    }
}

fn domain() -> Domain {
    let mut open = vec![true; GRID.len()];
    open[HOLE] = false;
    let mut bed_m: Vec<f64> = (0..GRID.len()).map(|i| 2.0 + 0.1 * i as f64).collect();
    bed_m[18] = 0.5;
    bed_m[19] = 0.5;
    bed_m[BANK] = 1.0;
    Domain {
        grid: GRID,
        bed_m,
        manning_n: vec![0.02; GRID.len()],
        open,
        crests: Vec::new(),
        porosity: None,
        boundaries: vec![Boundary {
            id: "sued".to_owned(),
            faces: (0..6)
                .map(|col| Face {
                    axis: Axis::Y,
                    row: 4,
                    col,
                })
                .collect(),
            kind: BoundaryKind::Free,
        }],
    }
}

/// Depths of a state: the northern row gets water, the fleet stands at 2 m.
fn frame(time_s: f64, north: [f32; 6]) -> Frame {
    let mut depth_m = vec![0.0; GRID.len()];
    depth_m[..6].copy_from_slice(&north);
    depth_m[18] = 2.0;
    depth_m[19] = 2.0;
    depth_m[HOLE] = f32::NAN;
    Frame {
        time_s,
        u: depth_m
            .iter()
            .map(|d| if *d > 0.01 { 0.6 } else { 0.0 })
            .collect(),
        v: depth_m
            .iter()
            .map(|d| if *d > 0.01 { -0.8 } else { 0.0 })
            .collect(),
        depth_m,
    }
}

/// A run whose peaks lie between its states.
fn run() -> FloodRun {
    let frames = vec![
        frame(0.0, [0.0; 6]),
        frame(600.0, [0.02, 0.1, 0.18, 0.1, 0.0, 0.0]),
        frame(1200.0, [0.02, 0.12, 0.4, 0.3, 0.0, 0.0]),
        frame(1800.0, [0.0, 0.05, 0.1, 0.1, 0.0, 0.0]),
    ];
    let n = GRID.len();
    let mut peaks = Peaks {
        depth_m: vec![0.0; n],
        depth_time_s: vec![0.0; n],
        u: vec![0.0; n],
        v: vec![0.0; n],
        hazard: vec![0.0; n],
        arrival_s: vec![f32::NAN; n],
        above_s: [vec![0.0; n], vec![0.0; n]],
    };
    peaks.depth_m[..6].copy_from_slice(&[0.02, 0.12, 0.5, 0.3, 0.0, 0.0]);
    peaks.depth_m[18..20].copy_from_slice(&[2.0, 2.0]);
    peaks.depth_m[BANK] = 1.5;
    peaks.depth_time_s[0] = 600.0;
    for cell in [1, 2, 3, 18, 19] {
        peaks.depth_time_s[cell] = 1150.0;
        peaks.u[cell] = 0.6;
        peaks.v[cell] = -0.8;
        peaks.hazard[cell] = peaks.depth_m[cell] * 1.5;
        peaks.arrival_s[cell] = 300.0;
    }
    peaks.above_s[0][2] = 1200.0;
    peaks.above_s[1][2] = 300.0;
    for values in [
        &mut peaks.depth_m,
        &mut peaks.depth_time_s,
        &mut peaks.u,
        &mut peaks.v,
        &mut peaks.hazard,
    ] {
        values[HOLE] = f32::NAN;
    }
    FloodRun {
        grid: GRID,
        method: Method::Full {
            order: 1,
            double: false,
        },
        duration_s: 1800.0,
        steps: 900,
        limited_cells: 3,
        peaks,
        ledger: Ledger {
            initial_m3: 400.0,
            stored_m3: 425.0,
            entries: vec![
                entry(LedgerKind::Rain, "", 100.0, 0.0),
                entry(LedgerKind::Infiltration, "", 0.0, 20.0),
                entry(LedgerKind::Sewer, "", 0.0, 15.0),
                entry(LedgerKind::Boundary, "sued", 0.0, 40.0),
            ],
            error_m3: 2.0e-13,
        },
        gauges: vec![GaugeSeries {
            id: "P1".to_owned(),
            cell: 2,
            bed_m: 2.2,
            times_s: vec![0.0, 600.0, 1200.0],
            depth_m: vec![0.0, 0.18, 0.4],
            u: vec![0.0, 0.6, 0.3],
            v: vec![0.0, -0.8, -0.4],
        }],
        frames,
    }
}

fn entry(kind: LedgerKind, id: &str, in_m3: f64, out_m3: f64) -> LedgerEntry {
    LedgerEntry {
        kind,
        id: id.to_owned(),
        in_m3,
        out_m3,
    }
}

fn event() -> Event {
    Event {
        name: "100 mm in 60 min, SRI 12".to_owned(),
        kind: EventKind::Rain,
        depth_legend: None,
        limits: Limits::default(),
        facts: vec![("method-flood-event", "fact".to_owned())],
    }
}

fn presented(run: FloodRun, quality: Quality) -> SimulationResult {
    let facades = [
        Facade {
            building: 0,
            cells: vec![2, 7, 9, 14],
        },
        Facade {
            building: 1,
            cells: vec![17, 22],
        },
        Facade {
            building: 0,
            cells: vec![HOLE],
        },
    ];
    let sinks = Sinks {
        filled_m: vec![0.2; GRID.len()],
        accumulation_m2: vec![600.0; GRID.len()],
        direction: Vec::new(),
        sinks: vec![Sink {
            deepest: 2,
            depth_m: 0.2,
            area_m2: 300.0,
            volume_m3: 40.0,
            level_m: 2.4,
            catchment_m2: 900.0,
        }],
    };
    let (city, domain, event) = (city(), domain(), event());
    let input = Presented {
        city: &city,
        domain: &domain,
        event: &event,
        facades: &facades,
        roofs: &[],
        sinks: Some(&sinks),
        quality,
        inputs: Vec::new(),
    };
    present(&input, run, &Job::default())
}

fn result() -> SimulationResult {
    presented(run(), Quality::Exact)
}

fn table<'a>(result: &'a SimulationResult, id: &str) -> &'a Table {
    result.tables.iter().find(|t| t.id == id).unwrap()
}

/// Rows of a table as text, cells parted by commas.
fn lines(table: &Table) -> Vec<String> {
    let rows = table.rows.iter();
    rows.map(|row| row.iter().map(Cell::plain).collect::<Vec<_>>().join(","))
        .collect()
}

fn raster<'a>(result: &'a SimulationResult, id: &str) -> &'a [f32] {
    let field: &Field = result.fields.iter().find(|f| f.id == id).unwrap();
    match &field.data {
        FieldData::Raster { values, .. } => values,
        FieldData::Receivers { .. } => panic!("{id} is no raster"),
    }
}

fn indicator(result: &SimulationResult, id: &str) -> f64 {
    result.indicators.iter().find(|i| i.id == id).unwrap().value
}

#[test]
fn holes_and_bodies_of_water_are_no_flooded_ground() {
    let result = result();
    let depth = raster(&result, "flood_depth_max");
    assert_eq!(depth[..6], [0.02, 0.12, 0.5, 0.3, 0.0, 0.0]);
    assert!(depth[HOLE].is_nan());
    assert!(depth[18].is_nan() && depth[19].is_nan(), "the fleet");
    assert!(depth[BANK].is_nan(), "its bank, wherever walls stand");
    assert_eq!(depth[20], 0.0);
    // The level is that of the water body too.
    let level = raster(&result, "flood_level_max");
    assert_eq!(level[18], 2.5);
    assert!(level[0].is_nan(), "a film has no level");
    assert_eq!(
        raster(&result, "flood_speed_max")[1],
        0.6_f32.hypot(0.8),
        "speed of the peak"
    );
    // South-east: 143 degrees clockwise from north.
    let direction = raster(&result, "flood_direction");
    assert!((direction[1] - 143.13).abs() < 0.01, "{}", direction[1]);
    assert!(direction[0].is_nan());
    assert_eq!(raster(&result, "flood_arrival")[2], 5.0, "minutes");
    assert_eq!(raster(&result, "flood_duration_above_10cm")[2], 20.0);
    assert_eq!(raster(&result, "flood_depth_at_largest_volume")[2], 0.4);
    assert_eq!(raster(&result, "flood_depth_at_end")[2], 0.1);
    assert_eq!(raster(&result, "flood_flow_accumulation")[0], 600.0);
}

#[test]
fn buildings_have_the_water_of_the_cells_around_them() {
    let result = result();
    assert_eq!(
        lines(table(&result, "flood_buildings")),
        [
            "haus,,no,0.50,2.70,1.00,0.75,5,20,5,class-flood-50-100",
            "trocken,,no,0.00,,0.00,0.00,,0,0,class-flood-none",
        ]
    );
    for (depth, class) in [
        (0.0299, "class-flood-none"),
        (0.03, "class-flood-3-10"),
        (0.1, "class-flood-10-30"),
        (0.3, "class-flood-30-50"),
        (0.5, "class-flood-50-100"),
        (1.0, "class-flood-above-100"),
    ] {
        assert_eq!(facade_class(depth), class);
    }
}

#[test]
fn what_stands_in_water_from_the_start_is_not_newly_affected() {
    let (city, domain, event) = (city(), domain(), event());
    let table_of = |cells: Vec<usize>| {
        let facades = [
            Facade { building: 0, cells },
            Facade {
                building: 1,
                cells: vec![2, 3],
            },
        ];
        let input = Presented {
            city: &city,
            domain: &domain,
            event: &event,
            facades: &facades,
            roofs: &[],
            sinks: None,
            quality: Quality::Exact,
            inputs: Vec::new(),
        };
        let result = present(&input, run(), &Job::default());
        let depths = lines(table(&result, "flood_buildings"));
        let affected = indicator(&result, "flood_buildings");
        (
            affected,
            depths
                .iter()
                .map(|l| l.split(',').next().unwrap_or("").to_owned())
                .collect::<Vec<_>>(),
        )
    };
    // 2 m deep in the fleet at all times, as a bridge or a warehouse on piles.
    assert_eq!(
        table_of(vec![18, 19, BANK]),
        (1.0, vec!["trocken".to_owned()])
    );
    // With one facade on land it is a building like any other.
    assert_eq!(
        table_of(vec![18, 19, 1]),
        (2.0, vec!["trocken".to_owned(), "haus".to_owned()])
    );
}

#[test]
fn facade_cells_lie_around_a_building_and_hold_water() {
    let mut owners = vec![None; GRID.len()];
    owners[HOLE] = Some(1);
    owners[9] = Some(1);
    // Partly built, but open.
    owners[10] = Some(0);
    let mut can_hold = vec![true; GRID.len()];
    can_hold[HOLE] = false;
    can_hold[9] = false;
    can_hold[2] = false;
    let found = facades(&GRID, &owners, &can_hold);
    assert_eq!(found[0].building, 0);
    assert_eq!(found[0].cells, [3, 4, 5, 10, 11, 15, 16, 17]);
    assert_eq!(found[1].building, 1);
    assert_eq!(found[1].cells, [1, 3, 4, 7, 10, 13, 14, 15, 16]);
}

#[test]
fn streets_are_blocked_where_and_while_the_water_is_too_deep() {
    let result = result();
    assert_eq!(
        lines(table(&result, "flood_streets")),
        [
            // 0.5 m in one piece of 10 m, 0.3 m in the next: a car stops at both, an ambulance at the first.
            "nord,Kai,residential,60,8.0,0.50,1.00,30,20,0,30,20,10,30,10,10,30",
            // No car drives on a footway; its piece on the bank does not count.
            "weg,Kai,footway,50,8.0,0.00,0.00,0,,,,,,,,,",
        ]
    );
    let passability: &Passability = result.passability.as_ref().unwrap();
    assert_eq!(passability.streets.len(), 1);
    // The peak of 0.5 m at 1150 s counts at the state of 1200 s.
    assert_eq!(passability.depths(0), [0.0, 0.18, 0.5, 0.1]);
    assert!(passability.passable(0, 0.0, Vehicle::Car));
    assert!(!passability.passable(0, 300.0, Vehicle::Car));
    assert!(passability.passable(0, 300.0, Vehicle::Bus));
    assert_eq!(
        passability.blocked(0, Vehicle::Ambulance),
        [[600.0, 1800.0]]
    );
}

#[test]
fn the_ledger_balances() {
    let result = result();
    let ledger = table(&result, "flood_ledger");
    assert_eq!(
        lines(ledger),
        [
            "flood-ledger-initial,,400.000,",
            "flood-ledger-rain,,100.000,",
            "flood-ledger-infiltration,,,20.000",
            "flood-ledger-sewer,,,15.000",
            "flood-ledger-boundary,sued,,40.000",
            "flood-ledger-stored,,,425.000",
            "flood-ledger-total,,500.000,500.000",
            "flood-ledger-error,,,0.000000000",
        ]
    );
    assert_eq!(indicator(&result, "flood_rain"), 100.0);
    assert_eq!(indicator(&result, "flood_infiltrated"), 20.0);
    assert_eq!(indicator(&result, "flood_drained"), 15.0);
    assert_eq!(indicator(&result, "flood_outflow"), 40.0);
    assert_eq!(indicator(&result, "flood_stored"), 425.0);
    let error = indicator(&result, "flood_volume_error");
    assert!((error - 4.0e-4).abs() < 1e-12, "{error}");
}

#[test]
fn gauges_and_sinks_are_listed_with_their_place() {
    let result = result();
    assert_eq!(
        lines(table(&result, "flood_gauges")),
        ["P1,565025.0,5933035.0,2.20,0.400,2.600,1200.0,1.000"]
    );
    assert_eq!(
        lines(table(&result, "flood_gauge_series"))[1],
        "P1,600.000,0.18000,2.38000,1.0000"
    );
    assert_eq!(
        lines(table(&result, "flood_sinks")),
        ["1,565025.0,5933035.0,0.20,300,40.0,2.40,900"]
    );
}

#[test]
fn key_figures_count_flooded_ground_only() {
    let result = result();
    // Three cells of 100 m² above 10 cm; the fleet is none of them.
    assert_eq!(indicator(&result, "flood_area"), 300.0);
    assert_eq!(indicator(&result, "flood_depth_max"), 0.5);
    assert_eq!(indicator(&result, "flood_buildings"), 1.0);
    assert_eq!(indicator(&result, "flood_streets_car"), 20.0);
    assert_eq!(indicator(&result, "flood_streets_ambulance"), 10.0);
}

#[test]
fn two_variants_are_compared_on_what_both_have() {
    let mut drier = run();
    drier.peaks.depth_m[2] = 0.05;
    let rows = compare_indicators(
        &result(),
        &presented(drier, Quality::Exact),
        &std::collections::BTreeSet::new(),
    );
    let change = |id: &str| {
        let row = rows.iter().find(|r| r.indicator.id == id).unwrap();
        row.difference().unwrap()
    };
    assert_eq!(change("flood_area"), -100.0);
    assert_eq!(change("flood_buildings"), -1.0);
    assert_eq!(change("flood_streets_car"), -10.0);
    assert_eq!(change("flood_rain"), 0.0);
}

#[test]
fn the_reader_hears_of_edges_and_of_water_that_still_rises() {
    let codes = |result: &SimulationResult| -> Vec<String> {
        result.findings.iter().map(|f| f.code.clone()).collect()
    };
    // Three flooded cells along the closed northern edge; the southern edge is open.
    let plain = result();
    assert_eq!(codes(&plain), ["flood-edge"]);
    let edge: &Finding = &plain.findings[0];
    assert_eq!(edge.args["length_m"], "30");

    let mut bad = run();
    bad.method = Method::LocalInertial;
    bad.ledger.error_m3 = 1.0;
    bad.peaks.depth_time_s[2] = 1800.0;
    let result = presented(bad, Quality::Coarse);
    let mut found = codes(&result);
    found.sort();
    assert_eq!(
        found,
        [
            "flood-coarse",
            "flood-edge",
            "flood-preview",
            "flood-still-rising",
            "flood-volume"
        ]
    );
}

#[test]
fn facts_of_the_method_name_equations_cells_and_error() {
    let result = result();
    let value = |key: &str| -> String {
        let mut facts = result.method.iter().filter(|(k, _)| *k == key);
        facts.next().unwrap().1.clone()
    };
    assert_eq!(value("method-flood-event"), "100 mm in 60 min, SRI 12");
    assert_eq!(value("method-flood-equations"), "flood-equations-full-1");
    assert_eq!(value("method-flood-cells"), "6 × 4 × 10 m, 23");
    assert_eq!(value("method-flood-steps"), "900, 2.000 s");
    assert_eq!(value("method-flood-volume-error"), "4.0e-16");
    assert_eq!(value("method-flood-largest-volume"), "20 min");
}

#[test]
fn an_event_without_a_name_is_called_by_its_kind_and_its_peak() {
    let (city, mut domain, mut event) = (city(), domain(), event());
    event.name.clear();
    event.kind = EventKind::Surge;
    domain.boundaries[0].kind = BoundaryKind::Level {
        series: Series {
            times_s: vec![0.0, 900.0, 1800.0],
            values: vec![1.0, 5.7, 2.0],
        },
    };
    let input = Presented {
        city: &city,
        domain: &domain,
        event: &event,
        facades: &[],
        roofs: &[],
        sinks: None,
        quality: Quality::Exact,
        inputs: Vec::new(),
    };
    let result = present(&input, run(), &Job::default());
    assert_eq!(
        result.method[..2],
        [
            ("method-flood-event", "flood-event-surge".to_owned()),
            ("method-flood-peak-level", "5.70 m".to_owned()),
        ]
    );
    let depth = &result.fields[0];
    assert_eq!(depth.legend, "flood_depth_river");
}

#[test]
fn the_animation_holds_all_states_and_the_bed() {
    let result = result();
    let animation = result.animation.unwrap();
    assert_eq!(animation.frames.len(), 4);
    assert_eq!(animation.frames[2].depth_m[2], 0.4);
    assert_eq!(animation.bed_m[1], 2.1_f64 as f32);
    assert!(animation.bed_m[HOLE].is_nan());
    assert_eq!(
        animation.frames[0].depth_m[18], 2.0,
        "water bodies move too"
    );
}

#[test]
fn a_run_without_states_streets_or_buildings_is_presented_too() {
    let mut bare = run();
    bare.frames.clear();
    bare.gauges.clear();
    let mut city = city();
    city.buildings.clear();
    city.streets = Arc::new(Vec::new());
    let (domain, event) = (domain(), event());
    let input = Presented {
        city: &city,
        domain: &domain,
        event: &event,
        facades: &[],
        roofs: &[],
        sinks: None,
        quality: Quality::Exact,
        inputs: Vec::new(),
    };
    let result = present(&input, bare, &Job::default());
    let tables: Vec<&str> = result.tables.iter().map(|t| t.id.as_str()).collect();
    assert_eq!(tables, ["flood_ledger"]);
    assert!(result.animation.is_none() && result.passability.is_none());
    // Without a state at the start nobody knows what is a body of water.
    assert_eq!(indicator(&result, "flood_depth_max"), 2.0);
    assert!(!result.indicators.iter().any(|i| i.id == "flood_buildings"));
}

#[test]
fn roofs_of_raised_buildings_are_no_ground() {
    let (city, domain, event) = (city(), domain(), event());
    let mut roofs = vec![false; GRID.len()];
    roofs[2] = true;
    let input = Presented {
        city: &city,
        domain: &domain,
        event: &event,
        facades: &[],
        roofs: &roofs,
        sinks: None,
        quality: Quality::Exact,
        inputs: Vec::new(),
    };
    let result = present(&input, run(), &Job::default());
    assert!(raster(&result, "flood_depth_max")[2].is_nan());
    assert_eq!(indicator(&result, "flood_area"), 200.0);
    assert_eq!(
        lines(table(&result, "flood_streets"))[0].split(',').nth(3),
        Some("50")
    );
}
