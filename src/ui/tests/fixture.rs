//! A small scenario with everything the panels can show.

use std::path::PathBuf;
use std::sync::Arc;

use nalgebra::{Point3, Vector3};

use crate::access::AccessParams;
use crate::access::params::{PromiseRule, ShuttleOffer, TransitHeadway};
use crate::city::{
    Building, BuildingAttributes, BuildingPart, City, Geometry, LayerKind, LayerSource, Street,
    Surface, SurfaceKind, Terrain, Tree,
};
use crate::finding::Finding;
use crate::flood::params::{FloodParams, Rain, RainPreset};
use crate::geo::{Crs, Grid, LocalFrame};
use crate::result::movement::{
    LaneUse, Movement, MovementFrame, MovingVehicle, Place, RoadLane, RoadMap, RoadStop,
    RoadStreet, Shows, SignalHead, VehicleLook,
};
use crate::result::story::{
    CallStory, NO_SIGNAL, PhaseLog, PhaseStory, RequestStory, ShuttleStory, SignalPlace,
    SignalStory, Stories, Tally, TracePoint, TripStory, Visit,
};
use crate::result::wish::{WishHalt, WishStory};
use crate::result::{
    Animation, AnimationFrame, Cell, Column, Field, FieldData, Indicator, Quality,
    SimulationResult, Table,
};
use crate::scenario::{Edit, Scenario, ScenarioHead, Variant};
use crate::shuttle::params::ShuttleParams;
use crate::sim::{JobStatus, ResultState, Snapshot, UserMessage};
use crate::sun::SunParams;
use crate::text::Language;
use crate::traffic::TrafficParams;
use crate::ui::action::{Tool, TrafficPick};
use crate::ui::moment::{SHUTTLE_NOW, TRAFFIC_NOW, WATER_NOW, WaterAt};
use crate::ui::{Hover, UiState};
use crate::wind::params::WindParams;

const DAY: &str = "2027-03-21";

/// A box without triangles: enough for facts.
fn block(id: &str, key: u32, at: [f64; 2], size: [f64; 2], height: f64) -> Building {
    let corner = |i: usize, z: f64| {
        let x = at[0] + if i == 1 || i == 2 { size[0] } else { 0.0 };
        let y = at[1] + if i >= 2 { size[1] } else { 0.0 };
        Point3::new(x, y, z)
    };
    let base = 5.0;
    let vertices: Vec<_> = (0..4)
        .map(|i| corner(i, base))
        .chain((0..4).map(|i| corner(i, base + height)))
        .collect();
    let surface = |kind, normal, area_m2| Surface {
        id: None,
        kind,
        part: 0,
        rings: 0..0,
        triangles: 0..0,
        normal,
        area_m2,
    };
    Building {
        id: id.to_owned(),
        key,
        attributes: BuildingAttributes::default(),
        parts: vec![BuildingPart {
            id: id.to_owned(),
            attributes: BuildingAttributes::default(),
            lod: "1".to_owned(),
            closed: true,
            volume_m3: Some(size[0] * size[1] * height),
        }],
        geometry: Geometry {
            vertices,
            ring_ends: vec![4, 8],
            triangles: Vec::new(),
            surfaces: vec![
                surface(SurfaceKind::Ground, -Vector3::z(), size[0] * size[1]),
                surface(SurfaceKind::Roof, Vector3::z(), size[0] * size[1]),
                surface(SurfaceKind::Wall, -Vector3::y(), size[0] * height),
            ],
        },
        draft: false,
    }
}

fn city() -> City {
    let mut house = block("DENW43AL1000Cmq9", 0, [0.0, 0.0], [24.0, 12.0], 18.4);
    house.attributes = BuildingAttributes {
        name: Some("Speicher am Kai".to_owned()),
        function: Some("31001_2020".to_owned()),
        roof_type: Some("3100".to_owned()),
        storeys: Some(5),
        measured_height_m: Some(18.4),
        assumed_height_m: None,
        year: Some(1907),
        address: Some("Am Sandtorkai 12".to_owned()),
        green_roof_mm: None,
    };
    let mut shed = block("DENW43AL1000Cmr0", 1, [40.0, 0.0], [10.0, 8.0], 9.0);
    shed.attributes.assumed_height_m = Some(9.0);
    shed.parts[0].closed = false;
    shed.parts[0].volume_m3 = None;
    let source = |layer, path: &str, format: &str, objects| LayerSource {
        layer,
        path: path.to_owned(),
        format: format.to_owned(),
        origin: Some("Geobasis NRW".to_owned()),
        licence: Some("dl-de/zero-2-0".to_owned()),
        date: Some("2026-05-01".to_owned()),
        crs: "EPSG:25832 + DHHN2016".to_owned(),
        blake3: "0".repeat(64),
        objects,
    };
    let open = |id: String| {
        Finding::warning("shell-open")
            .object(id)
            .arg("parts", 1)
            .arg("edges", 8)
    };
    let mut findings: Vec<Finding> = (0..40)
        .map(|i| open(format!("DENW43AL1000C{i:03}")))
        .collect();
    findings.push(open("DENW43AL1000Cmr0".to_owned()));
    findings.push(
        Finding::info("height-assumed")
            .object("DENW43AL1000Cmr0")
            .arg("height_m", 9)
            .arg("count", 1),
    );
    City {
        buildings: vec![Arc::new(house), Arc::new(shed)],
        terrain: Some(Arc::new(Terrain::Raster {
            grid: Grid::covering([0.0, 0.0], [10.0, 10.0], 5.0),
            heights: vec![5.0; 4],
        })),
        trees: vec![Tree {
            id: "t1".to_owned(),
            foot: Point3::new(5.0, 20.0, 5.0),
            height_m: 12.0,
            crown_diameter_m: 8.0,
            genus: None,
        }],
        streets: Arc::new(vec![Street {
            id: "w1".to_owned(),
            class: "residential".to_owned(),
            name: None,
            width_m: 6.0,
            line: vec![[0.0, 0.0], [1.0, 1.0]],
        }]),
        sources: Arc::new(vec![
            source(LayerKind::Buildings, "hafen.gml", "CityGML 1.0", 2),
            source(LayerKind::Terrain, "dgm1.tif", "GeoTIFF", 1),
        ]),
        findings,
        ..City::empty(
            "Hafenquartier",
            LocalFrame::near(Crs::utm32(), 565_000.0, 5_933_000.0),
        )
    }
}

fn with_draft(city: &City) -> City {
    let mut draft = block("neubau-1", 2, [60.0, 0.0], [20.0, 14.0], 24.0);
    draft.draft = true;
    let mut city = city.clone();
    city.buildings.push(Arc::new(draft));
    city
}

fn scenario() -> Scenario {
    Scenario {
        scenario: ScenarioHead {
            version: 1,
            name: "Hafenquartier Nord".to_owned(),
            city: Some("sample:hafenquartier".to_owned()),
            comment: None,
            language: Language::De,
            seed: 0,
        },
        city: Default::default(),
        site: Default::default(),
        flood: None,
        traffic: None,
        access: None,
        shuttles: None,
        wind: None,
        sun: Some(SunParams::default()),
        variants: vec![Variant {
            name: "Riegel am Kai".to_owned(),
            comment: Some("Sechs Geschosse an der Kaikante, Durchgang in der Mitte.".to_owned()),
            edits: vec![
                Edit::AddBuilding {
                    id: "neubau-1".to_owned(),
                    footprint: vec![
                        [565_060.0, 5_933_000.0],
                        [565_080.0, 5_933_000.0],
                        [565_080.0, 5_933_014.0],
                        [565_060.0, 5_933_014.0],
                    ],
                    height_m: 24.0,
                    storeys: None,
                    base_height_m: None,
                    rotation_deg: 0.0,
                },
                Edit::Remove {
                    building: "DENW43AL1000Cmr0".to_owned(),
                },
                Edit::AddTree {
                    id: "baum-1".to_owned(),
                    position: [565_010.0, 5_933_040.0],
                    height_m: 12.0,
                    crown_diameter_m: 8.0,
                },
            ],
        }],
    }
}

fn result(quality: Quality, change: f64) -> SimulationResult {
    let grid = Grid::covering([0.0, 0.0], [10.0, 10.0], 5.0);
    let field = |id: &str, quantity, legend, plane| Field {
        id: id.to_owned(),
        quantity,
        unit: "h",
        legend,
        difference_legend: "sun_hours_difference",
        from_deg: None,
        date: Some(DAY.to_owned()),
        plane,
        data: FieldData::Raster {
            grid,
            values: Arc::new(vec![3.0; 4]),
        },
    };
    let column = |id: &str, title, unit, date: Option<&str>| Column {
        id: date.map_or_else(|| id.to_owned(), |d| format!("{id}_{d}")),
        title,
        unit,
        date: date.map(str::to_owned),
    };
    let facade = |building: &str, azimuth: f64, area: f64, minutes: f64, class| {
        vec![
            Cell::Text(building.to_owned()),
            Cell::Number {
                value: azimuth,
                decimals: 0,
            },
            Cell::Number {
                value: area,
                decimals: 1,
            },
            Cell::Number {
                value: minutes,
                decimals: 0,
            },
            Cell::Key(class),
        ]
    };
    SimulationResult {
        simulation: "sun",
        quality,
        fields: vec![
            field(
                "sun_ground",
                "quantity-sun-hours",
                "sun_hours_day",
                "plane-ground",
            ),
            field(
                "sun_facades",
                "quantity-sun-hours-en17037",
                "sun_hours_en17037",
                "plane-facade",
            ),
        ],
        tables: vec![Table {
            id: "facades".to_owned(),
            title: "table-facades",
            columns: vec![
                column("building", "column-building", "", None),
                column("azimuth_deg", "column-azimuth", "°", None),
                column("area_m2", "column-area", "m²", None),
                column(
                    "best_minutes_en17037",
                    "column-best-minutes-en17037",
                    "min",
                    Some(DAY),
                ),
                column("class", "column-class-en17037", "", Some(DAY)),
            ],
            rows: vec![
                facade(
                    "DENW43AL1000Cmq9",
                    178.0,
                    441.6,
                    312.0,
                    "class-en17037-high",
                ),
                facade(
                    "DENW43AL1000Cmq9",
                    268.0,
                    220.8,
                    151.0,
                    "class-en17037-minimum",
                ),
                facade("DENW43AL1000Cmq9", 358.0, 441.6, 0.0, "class-en17037-below"),
                facade("neubau-1", 180.0, 480.0, 380.0, "class-en17037-high"),
                facade("neubau-1", 90.0, 336.0, 205.0, "class-en17037-medium"),
            ],
            key_columns: 1,
        }],
        indicators: vec![
            Indicator {
                id: format!("ground_mean_{DAY}"),
                key: "indicator-ground-mean",
                value: 5.3 + change,
                unit: "h",
                decimals: 1,
                date: Some(DAY.to_owned()),
                basis: None,
            },
            Indicator {
                id: format!("ground_two_hours_{DAY}"),
                key: "indicator-ground-two-hours",
                value: 71.0 + 2.0 * change,
                unit: "%",
                decimals: 1,
                date: Some(DAY.to_owned()),
                basis: None,
            },
        ],
        findings: Vec::new(),
        inputs: Vec::new(),
        method: Vec::new(),
        movement: None,
        animation: None,
        passability: None,
    }
}

/// The harbour scenario in its variant, with a selected draft, results and a hovered place.
pub fn variant(language: Language) -> UiState {
    let base = Arc::new(city());
    let planned = Arc::new(with_draft(&base));
    let state = |city: &Arc<City>, result, stale| ResultState {
        simulation: "sun",
        result: Arc::new(result),
        city: Arc::clone(city),
        stale,
    };
    let snapshot = Snapshot {
        generation: 7,
        scenario: Some(Arc::new(scenario())),
        scenario_path: Some(PathBuf::from("/home/plan/hafenquartier.toml")),
        cities: vec![Some(Arc::clone(&base)), Some(Arc::clone(&planned))],
        results: vec![
            vec![state(&base, result(Quality::Exact, 0.0), false)],
            vec![state(&planned, result(Quality::Coarse, -0.4), true)],
        ],
        ..Snapshot::default()
    };
    let mut state = UiState {
        language,
        snapshot,
        variant: 1,
        field: Some("sun_ground".to_owned()),
        minute: 870.0,
        sun_deg: (221.4, 33.7),
        sun_up_min: Some((382.0, 1117.0)),
        selected: Some(2),
        selected_edit: Some(0),
        hover: Some(Hover {
            position: [565_043.21, 5_933_012.34, 5.4],
            building: Some("DENW43AL1000Cmq9".to_owned()),
            value: Some(3.42),
            water: None,
            traffic: None,
        }),
        view_centre: Some([565_030.0, 5_933_020.0]),
        can_undo: true,
        can_redo: true,
        unsaved: true,
        ..UiState::default()
    };
    state.refresh();
    state
}

/// The baseline with a selected old building and facade classes on screen.
pub fn baseline(language: Language) -> UiState {
    let mut state = variant(language);
    state.variant = 0;
    state.selected = Some(0);
    state.selected_edit = None;
    state.field = Some("sun_facades".to_owned());
    state.unsaved = false;
    state.refresh();
    state
}

/// A job runs, messages are open, the draft touches a house, the difference is shown.
pub fn busy(language: Language) -> UiState {
    let mut state = variant(language);
    state.difference = true;
    state.collisions = vec!["DENW43AL1000Cmq9".to_owned()];
    state.snapshot.job = Some(JobStatus {
        variant: 1,
        simulation: "sun",
        quality: Quality::Exact,
        phase: "phase-sun-facades",
        fraction: 0.42,
    });
    state.snapshot.messages = vec![
        UserMessage {
            number: 1,
            error: false,
            text: "Hafenquartier geöffnet: 612 Gebäude, 431 Bäume.".to_owned(),
        },
        UserMessage {
            number: 2,
            error: true,
            text: "error[city::truncated]: hafen.gml ends inside <gml:posList>\n  --> hafen.gml:18213\n  help: copy the file again".to_owned(),
        },
    ];
    state.quality_note = Some("ui-stale-tip");
    state.refresh();
    state
}

/// Water of a trough that fills and empties: 40 x 20 cells of 5 m, a state every five minutes for an hour.
fn flood_result() -> SimulationResult {
    let (cols, rows) = (40, 20);
    let grid = Grid {
        west: 0.0,
        north: 100.0,
        cell_m: 5.0,
        cols,
        rows,
    };
    let bed = |cell: usize| 5.0 + 0.02 * (cell % cols).abs_diff(20) as f32;
    let frame = |i: u32| {
        let level = 4.9 + 0.6 * (f64::from(i) / 12.0 * std::f64::consts::PI).sin() as f32;
        let depth = (0..cols * rows).map(|cell| (level - bed(cell)).max(0.0));
        AnimationFrame {
            time_s: 300.0 * f64::from(i),
            depth_m: Arc::new(depth.collect()),
            u: Arc::new(vec![0.3; cols * rows]),
            v: Arc::new(vec![-0.4; cols * rows]),
        }
    };
    let frames: Vec<AnimationFrame> = (0..=12).map(frame).collect();
    let field = Field {
        id: "flood_depth_max".to_owned(),
        quantity: "quantity-flood-depth-max",
        unit: "m",
        legend: "flood_depth_pluvial_lubw",
        difference_legend: "flood_depth_difference",
        from_deg: None,
        date: None,
        plane: "plane-ground",
        data: FieldData::Raster {
            grid,
            values: frames[6].depth_m.clone(),
        },
    };
    SimulationResult {
        simulation: "flood",
        fields: vec![field],
        tables: Vec::new(),
        indicators: Vec::new(),
        movement: None,
        animation: Some(Arc::new(Animation {
            grid,
            bed_m: Arc::new((0..cols * rows).map(bed).collect()),
            frames,
        })),
        ..result(Quality::Exact, 0.0)
    }
}

/// Heavy rain on baseline and variant: the moving water at 25 minutes, the cursor in it, a section across.
pub fn water(language: Language) -> UiState {
    let mut state = variant(language);
    let mut scenario = (**state.snapshot.scenario.as_ref().expect("a scenario")).clone();
    scenario.flood = Some(FloodParams {
        rain: Some(Rain::Preset {
            preset: RainPreset::HhSri12,
            start_s: 0.0,
        }),
        ..FloodParams::default()
    });
    state.snapshot.scenario = Some(Arc::new(scenario));
    for results in &mut state.snapshot.results {
        let city = results[0].city.clone();
        results.push(ResultState {
            simulation: "flood",
            result: Arc::new(flood_result()),
            city,
            stale: false,
        });
    }
    state.field = Some(WATER_NOW.to_owned());
    state.event.time_s = 1500.0;
    state.selected = None;
    state.selected_edit = None;
    state.section = vec![[565_010.0, 5_933_050.0], [565_190.0, 5_933_040.0]];
    if let Some(hover) = &mut state.hover {
        hover.building = None;
        hover.value = Some(0.42);
        hover.water = Some(WaterAt {
            depth_m: 0.42,
            level_m: 5.46,
            velocity: [0.3, -0.4],
        });
    }
    state.refresh();
    state
}

/// Wind of one direction and the comfort of a year, on ten cells in a row.
fn wind_result() -> SimulationResult {
    let grid = Grid {
        west: 0.0,
        north: 100.0,
        cell_m: 5.0,
        cols: 10,
        rows: 1,
    };
    let field = |id: &str, quantity, unit, legend, from_deg, value: f32| Field {
        id: id.to_owned(),
        quantity,
        unit,
        legend,
        difference_legend: "",
        from_deg,
        date: None,
        plane: "plane-wind-mean-speed",
        data: FieldData::Raster {
            grid,
            values: Arc::new(vec![value; 10]),
        },
    };
    let from = Some(240.0);
    SimulationResult {
        simulation: "wind",
        fields: vec![
            field(
                "wind_nen8100",
                "quantity-wind-nen8100",
                "%",
                "wind_nen8100",
                None,
                3.0,
            ),
            field(
                "wind_speed_240",
                "quantity-wind-speed",
                "m/s",
                "wind_speed",
                from,
                2.0,
            ),
            field(
                "wind_direction_240",
                "quantity-wind-direction",
                "°",
                "",
                from,
                60.0,
            ),
        ],
        tables: Vec::new(),
        indicators: Vec::new(),
        ..result(Quality::Exact, 0.0)
    }
}

/// A wind study of baseline and variant: its comfort is shown.
pub fn wind(language: Language) -> UiState {
    let mut state = variant(language);
    let mut scenario = (**state.snapshot.scenario.as_ref().expect("a scenario")).clone();
    scenario.wind = Some(WindParams {
        maps_from_deg: vec![240.0],
        ..WindParams::default()
    });
    state.snapshot.scenario = Some(Arc::new(scenario));
    for results in &mut state.snapshot.results {
        let city = results[0].city.clone();
        results.push(ResultState {
            simulation: "wind",
            result: Arc::new(wind_result()),
            city,
            stale: false,
        });
    }
    state.field = Some("wind_nen8100".to_owned());
    state.selected = None;
    state.selected_edit = None;
    state.refresh();
    state
}

/// Two buses of lines 5 and 109 and a car on one street, a signal that grants and refuses, two minutes long.
pub fn movement() -> Movement {
    let vehicle = |id: &str, line: &str, look, length| MovingVehicle {
        id: id.to_owned(),
        line: line.to_owned(),
        look,
        size_m: [length, 2.5],
    };
    let frames = (0..=120).map(|second: u16| MovementFrame {
        time_s: f64::from(second),
        places: (0..3)
            .map(|vehicle: u16| Place {
                vehicle: u32::from(vehicle),
                dm: [50 * second + 200 * vehicle, 100],
                turn: 0,
                speed: 20,
                dwells: u8::from(vehicle == 0 && (20..30).contains(&second)),
            })
            .collect(),
        shows: vec![Shows::Red],
    });
    let lane = |y: f32| RoadLane {
        points: vec![[0.0, y], [600.0, y]],
        width_m: 3.2,
        street: 0,
        used_by: LaneUse::Cars,
    };
    let stop = |name: &str| RoadStop {
        name: name.to_owned(),
        line: vec![[100.0, 10.0], [120.0, 10.0]],
        width_m: 3.2,
    };
    Movement {
        vehicles: Arc::new(vec![
            vehicle("bus5.0", "5", VehicleLook::Bus, 12.0),
            vehicle("bus109.0", "109", VehicleLook::Bus, 18.0),
            vehicle("car.0", "", VehicleLook::Car, 5.0),
        ]),
        heads: Arc::new(vec![SignalHead {
            signal: 0,
            place: [300.0, 10.0],
            heading: 0.0,
            crossing_m: 0.0,
        }]),
        frames: frames.collect(),
        roads: Arc::new(RoadMap {
            lanes: vec![lane(10.0), lane(13.2)],
            streets: vec![RoadStreet {
                id: "e1".to_owned(),
                name: "Steinstraße".to_owned(),
                lanes: 0..2,
                length_m: 600.0,
                speed_m_s: 13.9,
                inner: false,
            }],
            stops: vec![stop("Rathausmarkt"), stop("Mönckebergstraße")],
        }),
        stories: Arc::new(stories()),
        ..Movement::default()
    }
}

fn stories() -> Stories {
    let call = |stop, arrival_s, departure_s| CallStory {
        stop,
        arrival_s,
        departure_s,
        due_s: f32::NAN,
    };
    let trip = |class, persons, calls| TripStory {
        class,
        persons,
        planned_s: 0.0,
        depart_s: 0.0,
        end_s: 120.0,
        outcome: "traffic-outcome-unfinished",
        way_m: 600.0,
        loss_s: 24.0,
        waiting_s: 11.0,
        halts: 2,
        calls,
        visits: vec![
            Visit {
                time_s: 0.0,
                way_m: 0.0,
                street: 0,
                signal: NO_SIGNAL,
            },
            Visit {
                time_s: 60.0,
                way_m: 300.0,
                street: 0,
                signal: 0,
            },
        ],
        trace: vec![TracePoint {
            time_s: 60.0,
            way_m: 300.0,
            loss_s: 12.0,
        }],
    };
    let request = |time_s, vehicle, status, measure, reason| RequestStory {
        time_s,
        signal: 0,
        vehicle,
        line: "5".to_owned(),
        status,
        measure,
        reason,
        eta_s: time_s + 12.0,
        late_s: f32::NAN,
        gain_person_s: 160.0,
        loss_person_s: 45.0,
        granted_s: 4.0,
    };
    let phase = |state: &str, duration_s| PhaseStory {
        duration_s,
        min_s: duration_s,
        max_s: duration_s,
        state: state.to_owned(),
        name: String::new(),
    };
    let states = ["Grr", "yrr", "rGg", "ryy"];
    let log = (0..8).map(|n: u32| PhaseLog {
        since_s: 15.0 * n as f32,
        phase: n % 4,
        state: states[n as usize % 4].to_owned(),
    });
    let place = |heading, turn| SignalPlace {
        street: 0,
        heading,
        turn,
    };
    Stories {
        trips: vec![
            trip(
                "traffic-one-bus",
                20.0,
                vec![call(0, 20.0, 30.0), call(1, f32::NAN, f32::NAN)],
            ),
            trip("traffic-one-bus", 20.0, Vec::new()),
            trip("traffic-one-car", 1.3, Vec::new()),
        ],
        signals: vec![SignalStory {
            id: "26".to_owned(),
            control: "traffic-control-fixed",
            guessed: false,
            offset_s: 3.0,
            actuated: false,
            places: vec![place(0.0, 's'), place(1.57, 's'), place(1.57, 'l')],
            phases: vec![
                phase("Grr", 20.0),
                phase("yrr", 3.0),
                phase("rGg", 15.0),
                phase("ryy", 3.0),
            ],
            log: log.collect(),
        }],
        requests: vec![
            request(40.0, 0, "rejected", None, "traffic-reason-budget"),
            request(
                52.0,
                0,
                "granted",
                Some("traffic-measure-extension"),
                "traffic-reason-gain",
            ),
            request(61.0, 9_999, "processing", None, "traffic-reason-later"),
        ],
        tallies: (0..12)
            .map(|n: u32| Tally {
                time_s: 10.0 * n as f32,
                on_roads: 3 * n,
                standing: n,
                not_inserted: 0,
                speed_m_s: 8.0,
                bus_loss_s: 5.0 * n as f32,
            })
            .collect(),
        lines: vec!["5".to_owned(), "109".to_owned()],
        ..Stories::default()
    }
}

/// Traffic on baseline and variant at 55 seconds, nothing selected.
pub fn traffic(language: Language) -> UiState {
    let mut state = variant(language);
    let mut scenario = (**state.snapshot.scenario.as_ref().expect("a scenario")).clone();
    scenario.traffic = Some(TrafficParams {
        sumo: Some("data:run.sumocfg".to_owned()),
        end_s: Some(3600.0),
        ..TrafficParams::default()
    });
    state.snapshot.scenario = Some(Arc::new(scenario));
    for results in &mut state.snapshot.results {
        let city = results[0].city.clone();
        results.push(ResultState {
            simulation: "traffic",
            result: Arc::new(SimulationResult {
                simulation: "traffic",
                fields: Vec::new(),
                tables: Vec::new(),
                indicators: Vec::new(),
                movement: Some(Arc::new(movement())),
                ..result(Quality::Exact, 0.0)
            }),
            city,
            stale: false,
        });
    }
    state.field = Some(TRAFFIC_NOW.to_owned());
    state.event.time_s = 55.0;
    state.selected = None;
    state.selected_edit = None;
    state.refresh();
    state
}

/// A shuttle for two minutes: who asked first rides with it from one stop to the other, the second was turned away.
pub fn shuttle_movement() -> Movement {
    let traffic = movement();
    let halt = |x: f32, stop| WishHalt {
        place: [x, 10.0],
        street: 0,
        stop: Some(stop),
    };
    let served = WishStory {
        request: "17".to_owned(),
        from: [90.0, 40.0],
        halts: Some([halt(110.0, 0), halt(510.0, 1)]),
        asked_s: 10.0,
        leave_s: 10.0,
        ready_s: 20.0,
        told_s: 45.0,
        boards_s: 40.0,
        boarded_s: 50.0,
        alights_s: 100.0,
        direct_s: 40.0,
        walk_s: 25.0,
        persons: 2,
        wheelchairs: 0,
        moves: 0,
        shared: false,
        outcome: "shuttle-served",
        reason: None,
        vehicle: Some(0),
    };
    let rejected = WishStory {
        request: "18".to_owned(),
        from: [300.0, 60.0],
        halts: None,
        asked_s: 30.0,
        told_s: f32::NAN,
        boards_s: f32::NAN,
        boarded_s: f32::NAN,
        alights_s: f32::NAN,
        direct_s: f32::NAN,
        outcome: "shuttle-rejected",
        reason: Some("shuttle-reason-wait"),
        vehicle: None,
        ..served.clone()
    };
    let frames = traffic.frames.iter().map(|frame| MovementFrame {
        places: frame.places[..1].to_vec(),
        shows: Vec::new(),
        ..frame.clone()
    });
    let stop = |name: &str, x: f32| RoadStop {
        name: name.to_owned(),
        line: vec![[x - 5.0, 10.0], [x + 5.0, 10.0]],
        width_m: 3.0,
    };
    Movement {
        vehicles: Arc::new(vec![MovingVehicle {
            id: "1".to_owned(),
            line: String::new(),
            ..traffic.vehicles[0].clone()
        }]),
        frames: frames.collect(),
        heads: Arc::default(),
        roads: Arc::new(RoadMap {
            stops: vec![stop("Steinstraße", 110.0), stop("Kai", 510.0)],
            ..(*traffic.roads).clone()
        }),
        stories: Arc::new(Stories {
            trips: traffic.stories.trips[..1].to_vec(),
            shuttles: vec![ShuttleStory {
                km: 0.4,
                rides: vec![0],
                ..ShuttleStory::default()
            }],
            wishes: vec![served, rejected],
            turned_away: vec![1],
            ..Stories::default()
        }),
        ..traffic
    }
}

/// Shuttles on baseline and variant at 30 seconds, with an area, and something selected or nothing.
pub fn shuttles(language: Language, pick: Option<TrafficPick>) -> UiState {
    let mut state = traffic(language);
    let mut scenario = (**state.snapshot.scenario.as_ref().expect("a scenario")).clone();
    scenario.traffic = None;
    scenario.shuttles = Some(ShuttleParams {
        area: vec![
            [565_000.0, 5_933_000.0],
            [565_400.0, 5_933_000.0],
            [565_400.0, 5_933_400.0],
        ],
        ..ShuttleParams::default()
    });
    state.snapshot.scenario = Some(Arc::new(scenario));
    for results in &mut state.snapshot.results {
        let of = results.last_mut().expect("the traffic");
        of.simulation = "shuttle";
        of.result = Arc::new(SimulationResult {
            simulation: "shuttle",
            movement: Some(Arc::new(shuttle_movement())),
            ..(*of.result).clone()
        });
    }
    state.field = Some(SHUTTLE_NOW.to_owned());
    state.event.time_s = 30.0;
    state.traffic = pick;
    state.refresh();
    state
}

/// Access of baseline and variant, with another headway and shuttles in the variant.
pub fn access(language: Language) -> UiState {
    let mut state = variant(language);
    let mut scenario = (**state.snapshot.scenario.as_ref().expect("a scenario")).clone();
    scenario.access = Some(AccessParams {
        timetable: Some("data:feed".to_owned()),
        rule: PromiseRule::Separate,
        ..AccessParams::default()
    });
    state.snapshot.scenario = Some(Arc::new(scenario));
    for results in &mut state.snapshot.results {
        let city = results[0].city.clone();
        results.push(ResultState {
            simulation: "access",
            result: Arc::new(SimulationResult {
                simulation: "access",
                fields: Vec::new(),
                tables: vec![Table {
                    id: "access_lines".to_owned(),
                    title: "table-access-lines",
                    columns: vec![Column::plain("line", "column-access-line", "")],
                    rows: vec![
                        vec![Cell::Text("U1".to_owned())],
                        vec![Cell::Text("U5".to_owned())],
                    ],
                    key_columns: 1,
                }],
                indicators: Vec::new(),
                ..result(Quality::Exact, 0.0)
            }),
            city,
            stale: false,
        });
    }
    let headway = TransitHeadway {
        line: "U1".to_owned(),
        headway_s: 100.0,
        begin_s: None,
        end_s: None,
    };
    let shuttles = ShuttleOffer {
        name: "hop".to_owned(),
        stops: vec![[566_000.0, 5_933_000.0]],
        area: Vec::new(),
        wait_s: 240.0,
        begin_s: 0.0,
        end_s: 86_400.0,
    };
    let edits = vec![Edit::TransitHeadway(headway), Edit::ShuttleOffer(shuttles)];
    with_edits(state, edits)
}

/// The same with something selected.
pub fn picked(language: Language, pick: TrafficPick) -> UiState {
    let mut state = traffic(language);
    state.traffic = Some(pick);
    state.refresh();
    state
}

/// The same with more edits in the variant.
pub fn with_edits(mut state: UiState, edits: Vec<Edit>) -> UiState {
    let mut scenario = (**state.snapshot.scenario.as_ref().expect("a scenario")).clone();
    scenario.variants[0].edits = edits;
    state.snapshot.scenario = Some(Arc::new(scenario));
    state.refresh();
    state
}

/// A wall under way: two points, the third would follow.
pub fn wall(language: Language) -> UiState {
    let mut state = water(language);
    state.section.clear();
    state.tool = Some(Tool::Wall);
    state.sketch = vec![[565_010.0, 5_933_050.0], [565_040.0, 5_933_060.0]];
    state.refresh();
    state
}

/// Nothing is open yet.
pub fn empty(language: Language) -> UiState {
    let mut state = UiState {
        language,
        recent: vec![PathBuf::from("/home/plan/essen.toml")],
        ..UiState::default()
    };
    state.refresh();
    state
}
