//! Ranges of the numbers that can be set in the window, smallest and largest first. The attributes of the file's types need
//! literals; a test holds both together.

/// A range: smallest and largest value.
pub type Range = (f64, f64);

/// Height (m) of a building.
pub const BUILDING_HEIGHT_M: Range = (1.0, 600.0);
/// Height (m above datum) of a building's base.
pub const BASE_HEIGHT_M: Range = (-500.0, 9000.0);
/// Lift (m) of a moved building.
pub const RAISE_M: Range = (-1000.0, 1000.0);
/// Height (m) of a tree.
pub const TREE_HEIGHT_M: Range = (1.0, 60.0);
/// Crown diameter (m) of a tree.
pub const CROWN_DIAMETER_M: Range = (0.5, 40.0);
/// Factor on all lengths of a draft.
pub const SCALE: Range = (0.001, 1000.0);
/// Distance (m) of ground points.
pub const GROUND_SPACING_M: Range = (0.25, 50.0);
/// Distance (m) of facade points.
pub const FACADE_SPACING_M: Range = (0.25, 2.0);
/// Distance (m) of roof points.
pub const ROOF_SPACING_M: Range = (0.25, 20.0);
/// Height (m) of a flood wall above the ground.
pub const WALL_HEIGHT_M: Range = (0.05, 30.0);
/// Level (m above datum) of a crest, a sill or raised ground.
pub const LEVEL_M: Range = (-500.0, 9000.0);
/// Width (m) of a breach.
pub const BREACH_WIDTH_M: Range = (0.1, 1000.0);
/// Times and durations (s) of a water simulation.
pub const FLOOD_TIME_S: Range = (0.0, 2_678_400.0);
/// Change (m) of the terrain.
pub const TERRAIN_CHANGE_M: Range = (-100.0, 100.0);
/// Rain (mm) that a green roof holds back.
pub const GREEN_ROOF_MM: Range = (1.0, 200.0);
/// Cell size (m) of a water simulation.
pub const FLOOD_CELL_M: Range = (0.001, 1000.0);
/// Simulated time (s) of a water simulation.
pub const FLOOD_DURATION_S: Range = (0.001, 2_678_400.0);
/// Water (mm/h) that the sewer network takes.
pub const SEWER_MM_PER_H: Range = (0.0, 500.0);
/// Manning's n (s/m^(1/3)).
pub const MANNING_N: Range = (0.0, 1.0);
/// Highest level (m above datum) of an idealised storm surge.
pub const SURGE_PEAK_M: Range = (0.0, 12.0);
/// Cell size (m) of a wind study.
pub const WIND_CELL_M: Range = (0.001, 50.0);
/// Height (m) above ground of a wind map.
pub const WIND_HEIGHT_M: Range = (0.001, 50.0);
/// Roughness length (m) of the land that the wind comes over.
pub const WIND_Z0_M: Range = (0.00001, 3.0);
/// Speed (m/s) of the approaching wind at 10 m.
pub const WIND_SPEED_MPS: Range = (0.1, 60.0);
/// Runs of a traffic study.
pub const TRAFFIC_SEEDS: Range = (1.0, 100.0);
/// Time (s) at the begin of a traffic study that no result counts.
pub const TRAFFIC_WARM_UP_S: Range = (0.0, 86_400.0);
/// Times (s) of a traffic study.
pub const TRAFFIC_TIME_S: Range = (1.0, 604_800.0);
/// Vehicles of a service of shuttles.
pub const SHUTTLE_VEHICLES: Range = (0.0, 10_000.0);
/// Seats of a shuttle.
pub const SHUTTLE_SEATS: Range = (1.0, 60.0);
/// Longest wait (s) for a shuttle.
pub const SHUTTLE_WAIT_S: Range = (30.0, 7200.0);
/// Longest detour (%) of a shuttle.
pub const SHUTTLE_DETOUR_PERCENT: Range = (0.0, 300.0);
/// Seconds that a green may go beyond its longest length for a bus.
pub const PRIORITY_BEYOND_S: Range = (0.0, 60.0);
/// Seconds that a signal may give per cycle.
pub const PRIORITY_BUDGET_S: Range = (0.0, 120.0);
/// Cycles within which a stage gets back what it gave.
pub const PRIORITY_RECOVERY: Range = (1.0, 5.0);
/// Gain (person-seconds) that a measure must have.
pub const PRIORITY_GAIN: Range = (0.0, 1000.0);
/// Time (s) between two journeys.
pub const HEADWAY_S: Range = (30.0, 7200.0);
/// Factor on the time between two journeys.
pub const HEADWAY_FACTOR: Range = (0.1, 10.0);
/// Duration (s) of a phase of a signal.
pub const SIGNAL_PHASE_S: Range = (1.0, 300.0);
/// Begin (s) of the first phase of a signal.
pub const SIGNAL_OFFSET_S: Range = (-3600.0, 3600.0);
/// Limits (s) of walk and wait together, or of the walk.
pub const ACCESS_LIMIT_S: Range = (30.0, 3600.0);
/// Limit (s) of the wait.
pub const ACCESS_WAIT_S: Range = (0.0, 3600.0);
/// Walking speed (m/s).
pub const WALK_M_S: Range = (0.3, 2.5);
/// Depth (mm) of a rain.
pub const RAIN_DEPTH_MM: Range = (0.0, 2000.0);
/// Days of a sun study.
pub const STUDY_DAYS: (usize, usize) = (1, 31);
/// Years of a day: those for which the position of the sun is verified.
pub const YEARS: (i32, i32) = (1900, 2100);

// The file takes any finite number for these; the window offers what is of use.

/// Persons in a bus: priority needs one at least, and no more than this.
pub const BUS_PERSONS: Range = (1.0, 250.0);
/// Persons in a car, for the same reason.
pub const CAR_PERSONS: Range = (1.0, 5.0);
/// Persons in a lorry.
pub const TRUCK_PERSONS: Range = (0.0, 9.0);
/// A lane counted from the right, the first one is 1; the file counts from 0.
pub const LANE_FROM_RIGHT: Range = (1.0, 16.0);
/// Easting or northing (m).
pub const COORDINATE_M: Range = (-1e8, 1e8);
/// Shift (m) of a moved building to the east or north.
pub const SHIFT_M: Range = (-10_000.0, 10_000.0);
/// Turn (degrees clockwise).
pub const ROTATION_DEG: Range = (-360.0, 360.0);

/// The value, or the end of the range that it is beyond.
pub fn within((low, high): Range, value: f64) -> f64 {
    value.clamp(low, high)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::scenario::scenario_schema;

    fn edit_field(kind: &str, field: &str) -> &'static Value {
        let kinds = scenario_schema()["$defs"]["Edit"]["oneOf"]
            .as_array()
            .unwrap();
        let found = kinds
            .iter()
            .find(|k| k["properties"]["kind"]["const"].as_str() == Some(kind));
        &found.unwrap()["properties"][field]
    }

    fn sun_field(field: &str) -> &'static Value {
        &scenario_schema()["$defs"]["SunParams"]["properties"][field]
    }

    fn flood_field(field: &str) -> &'static Value {
        &scenario_schema()["$defs"]["FloodParams"]["properties"][field]
    }

    fn wind_field(field: &str) -> &'static Value {
        &scenario_schema()["$defs"]["WindParams"]["properties"][field]
    }

    fn traffic_field(field: &str) -> &'static Value {
        &scenario_schema()["$defs"]["TrafficParams"]["properties"][field]
    }

    fn access_field(field: &str) -> &'static Value {
        &scenario_schema()["$defs"]["AccessParams"]["properties"][field]
    }

    fn shuttle_field(field: &str) -> &'static Value {
        &scenario_schema()["$defs"]["ShuttleParams"]["properties"][field]
    }

    fn phase_field(field: &str) -> &'static Value {
        &scenario_schema()["$defs"]["PlanPhase"]["properties"][field]
    }

    fn choice(definition: &str, kind: &str, field: &str) -> &'static Value {
        let kinds = scenario_schema()["$defs"][definition]["oneOf"].as_array();
        let found = kinds
            .unwrap()
            .iter()
            .find(|k| k["properties"]["kind"]["const"].as_str() == Some(kind));
        &found.unwrap()["properties"][field]
    }

    #[test]
    fn the_schema_states_the_same_ranges() {
        for (schema, (low, high)) in [
            (edit_field("add_building", "height_m"), BUILDING_HEIGHT_M),
            (edit_field("set_height", "height_m"), BUILDING_HEIGHT_M),
            (edit_field("add_building", "base_height_m"), BASE_HEIGHT_M),
            (edit_field("place", "base_height_m"), BASE_HEIGHT_M),
            (edit_field("place", "scale"), SCALE),
            (edit_field("move", "raise_m"), RAISE_M),
            (edit_field("add_tree", "height_m"), TREE_HEIGHT_M),
            (edit_field("add_tree", "crown_diameter_m"), CROWN_DIAMETER_M),
            (sun_field("ground_spacing_m"), GROUND_SPACING_M),
            (sun_field("facade_spacing_m"), FACADE_SPACING_M),
            (sun_field("roof_spacing_m"), ROOF_SPACING_M),
            (edit_field("flood_wall", "height_m"), WALL_HEIGHT_M),
            (edit_field("flood_wall", "crest_level_m"), LEVEL_M),
            (edit_field("breach", "width_m"), BREACH_WIDTH_M),
            (edit_field("breach", "sill_level_m"), LEVEL_M),
            (edit_field("breach", "start_s"), FLOOD_TIME_S),
            (edit_field("breach", "duration_s"), FLOOD_TIME_S),
            (edit_field("raise_terrain", "level_m"), LEVEL_M),
            (edit_field("raise_terrain", "by_m"), TERRAIN_CHANGE_M),
            (edit_field("green_roof", "retention_mm"), GREEN_ROOF_MM),
            (flood_field("cell_m"), FLOOD_CELL_M),
            (flood_field("duration_s"), FLOOD_DURATION_S),
            (flood_field("sewer_mm_per_h"), SEWER_MM_PER_H),
            (flood_field("manning_n"), MANNING_N),
            (
                choice("FloodBoundary", "surge", "peak_level_m"),
                SURGE_PEAK_M,
            ),
            (traffic_field("seeds"), TRAFFIC_SEEDS),
            (traffic_field("warm_up_s"), TRAFFIC_WARM_UP_S),
            (traffic_field("end_s"), TRAFFIC_TIME_S),
            (shuttle_field("vehicles"), SHUTTLE_VEHICLES),
            (shuttle_field("seats"), SHUTTLE_SEATS),
            (shuttle_field("max_wait_s"), SHUTTLE_WAIT_S),
            (shuttle_field("max_detour_percent"), SHUTTLE_DETOUR_PERCENT),
            (edit_field("bus_priority", "beyond_s"), PRIORITY_BEYOND_S),
            (edit_field("bus_priority", "budget_s"), PRIORITY_BUDGET_S),
            (
                edit_field("bus_priority", "recovery_cycles"),
                PRIORITY_RECOVERY,
            ),
            (
                edit_field("bus_priority", "least_gain_person_s"),
                PRIORITY_GAIN,
            ),
            (edit_field("headway", "headway_s"), HEADWAY_S),
            (edit_field("headway", "factor"), HEADWAY_FACTOR),
            (edit_field("signal_plan", "offset_s"), SIGNAL_OFFSET_S),
            (phase_field("duration_s"), SIGNAL_PHASE_S),
            (access_field("limit_s"), ACCESS_LIMIT_S),
            (access_field("walk_limit_s"), ACCESS_LIMIT_S),
            (access_field("wait_limit_s"), ACCESS_WAIT_S),
            (access_field("walk_m_s"), WALK_M_S),
            (edit_field("transit_headway", "headway_s"), HEADWAY_S),
            (choice("Rain", "block", "depth_mm"), RAIN_DEPTH_MM),
            (wind_field("cell_m"), WIND_CELL_M),
            (wind_field("height_m"), WIND_HEIGHT_M),
            (choice("WindInflow", "log", "z0_m"), WIND_Z0_M),
            (choice("WindInflow", "log", "speed_mps"), WIND_SPEED_MPS),
        ] {
            assert_eq!(schema["minimum"].as_f64(), Some(low), "{schema}");
            assert_eq!(schema["maximum"].as_f64(), Some(high), "{schema}");
        }
        let days = sun_field("dates");
        assert_eq!(days["minItems"].as_u64(), Some(STUDY_DAYS.0 as u64));
        assert_eq!(days["maxItems"].as_u64(), Some(STUDY_DAYS.1 as u64));
        for free in [
            edit_field("move", "rotation_deg"),
            edit_field("add_building", "rotation_deg"),
            &edit_field("move", "by")["items"],
        ] {
            assert_eq!(free["minimum"], Value::Null, "{free}");
        }
    }
}
