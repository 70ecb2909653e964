//! What a user can set for shuttles: the `[shuttles]` table of a scenario, and the change of the service that variants list.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use crate::traffic::params::SAMPLE_NETWORK;

/// Shuttles on demand: who asks, who is taken along, what it costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ShuttleParams {
    /// Streets: a network of SUMO (`.net.xml`, also as gzip) below the scenario's folder or `data:PATH`, or `sample:hafenquartier`. Without
    /// `network` and `osm` they are those of the table `[traffic]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// Streets of OpenStreetMap (`.osm` as XML, also as gzip).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub osm: Option<String>,
    /// True: with a table `[traffic]` on the same streets, shuttles drive as fast as the vehicles of its first run.
    pub times_of_traffic: bool,
    /// Mean speed without traffic, as share (%) of the allowed speed, 10 to 100: an assumption.
    #[schemars(range(min = 10, max = 100))]
    pub speed_percent: f64,
    /// Mean wait (s) at a signal without traffic, 0 to 120: an assumption.
    #[schemars(range(min = 0, max = 120))]
    pub signal_wait_s: f64,
    /// Begin of the service (h after midnight), 0 to 47.
    #[schemars(range(min = 0, max = 47))]
    pub begin_h: f64,
    /// End of the service (h after midnight), 0.1 to 48.
    #[schemars(range(min = 0.1, max = 48))]
    pub end_h: f64,
    /// Corners (easting, northing) of the service area, not repeated at the end; default: everywhere.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10_000))]
    pub area: Vec<[f64; 2]>,
    /// Stops (easting, northing); each becomes the nearest place on the streets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10_000))]
    pub stops: Vec<[f64; 2]>,
    /// Distance (m) of virtual stops that are laid over the streets, 50 to 2000. Without `stops` and `stop_spacing_m` shuttles halt at the
    /// door: in the middle of the nearest street between two junctions.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 50, max = 2000))]
    pub stop_spacing_m: Option<f64>,
    /// Longest walk (m) to or from a stop, 0 to 2000.
    #[schemars(range(min = 0, max = 2000))]
    pub max_walk_m: f64,
    /// Walking speed (m/s), 0.5 to 2.
    #[schemars(range(min = 0.5, max = 2))]
    pub walk_m_s: f64,
    /// How many times longer a walk is than the straight line, 1 to 2: an assumption.
    #[schemars(range(min = 1, max = 2))]
    pub walk_factor: f64,
    /// Promise: longest wait (s) at the stop, 30 to 7200.
    #[schemars(range(min = 30, max = 7200))]
    pub max_wait_s: f64,
    /// Promise: a ride takes at most so much (%) longer than the direct drive, 0 to 300 ...
    #[schemars(range(min = 0, max = 300))]
    pub max_detour_percent: f64,
    /// ... or so much longer (s), whichever is more, 0 to 3600.
    #[schemars(range(min = 0, max = 3600))]
    pub least_detour_s: f64,
    /// Halt (s) where somebody boards or alights, 0 to 300.
    #[schemars(range(min = 0, max = 300))]
    pub boarding_s: f64,
    /// More halt (s) for each person, 0 to 60.
    #[schemars(range(min = 0, max = 60))]
    pub boarding_person_s: f64,
    /// Vehicles, 0 to 10000.
    #[schemars(range(min = 0, max = 10_000))]
    pub vehicles: u32,
    /// Seats of a vehicle, 1 to 60.
    #[schemars(range(min = 1, max = 60))]
    pub seats: u32,
    /// Places for wheelchairs in a vehicle, beside the seats, 0 to 10.
    #[schemars(range(min = 0, max = 10))]
    pub wheelchair_places: u32,
    /// True: every vehicle has a driver; false: driverless, with remote supervision.
    pub drivers: bool,
    /// Depots (easting, northing): vehicles begin and charge there. Default: they begin spread over the streets and charge in the middle.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000))]
    pub depots: Vec<[f64; 2]>,
    /// Battery and charging.
    pub battery: ShuttleBattery,
    /// Requests: a CSV file with `asked_s` (s after midnight), `from_easting`, `from_northing`, `to_easting`, `to_northing`, and where
    /// wanted `id`, `leave_s`, `persons`, `wheelchairs`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests: Option<String>,
    /// Trips between zones: a CSV file with `from_zone`, `to_zone`, `trips`, and where wanted `begin_s`, `end_s` (s after midnight).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub od: Option<String>,
    /// Zones of `od`: a CSV file with `zone`, `easting`, `northing`, `radius_m`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zones: Option<String>,
    /// Demand that is generated where no file gives it. Nothing of it was counted.
    pub generated: ShuttleDemand,
    /// Runs with different random numbers, 1 to 100: each has its own generated demand and its own places of vehicles at the begin.
    #[schemars(range(min = 1, max = 100))]
    pub seeds: u32,
    /// Time (s) between two re-optimisations, 10 to 300.
    #[schemars(range(min = 10, max = 300))]
    pub batch_s: f64,
    /// Trials of a re-optimisation at most, 0 to 10000; 0: nobody changes the vehicle.
    #[schemars(range(min = 0, max = 10_000))]
    pub trials: u32,
    /// Time (s) after which idle vehicles are sent where requests are likely, 0 to 7200; 0: never.
    #[schemars(range(min = 0, max = 7200))]
    pub rebalance_s: f64,
    /// Unit costs: assumptions, to be replaced by those of the operator.
    pub costs: ShuttleCosts,
    /// Fleet sizes (0 to 10000 vehicles) that are tried beside `vehicles`, for the curve of service over cost; each costs as many runs as `seeds`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20), inner(range(min = 0, max = 10_000)))]
    pub fleet_sizes: Vec<u32>,
}

/// Battery and charging.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ShuttleBattery {
    /// Size (kWh), 1 to 1000.
    #[schemars(range(min = 1, max = 1000))]
    pub kwh: f64,
    /// Use (kWh per km), 0.01 to 5.
    #[schemars(range(min = 0.01, max = 5))]
    pub kwh_per_km: f64,
    /// Charge (%) at the begin, 10 to 100.
    #[schemars(range(min = 10, max = 100))]
    pub start_percent: f64,
    /// An idle vehicle below this charge (%) goes to charge, 5 to 90.
    #[schemars(range(min = 5, max = 90))]
    pub charge_below_percent: f64,
    /// Charge (%) up to which it charges, 10 to 100.
    #[schemars(range(min = 10, max = 100))]
    pub charge_to_percent: f64,
    /// Charge (%) that plans leave, 0 to 50.
    #[schemars(range(min = 0, max = 50))]
    pub reserve_percent: f64,
    /// Power (kW) of a place to charge, 1 to 1000.
    #[schemars(range(min = 1, max = 1000))]
    pub charging_kw: f64,
    /// Places to charge at each depot, 0 to 1000.
    #[schemars(range(min = 0, max = 1000))]
    pub charging_places: u32,
}

/// How a demand is generated from inhabitants and workplaces.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ShuttleDemand {
    /// Trips of an inhabitant on a day, all means of transport, 0 to 10.
    #[schemars(range(min = 0, max = 10))]
    pub trips_per_day: f64,
    /// Share (%) of them that ask for a shuttle, 0 to 100.
    #[schemars(range(min = 0, max = 100))]
    pub share_percent: f64,
    /// Requests in the hours of the service (from the earliest begin to the latest end of all variants), 0 to 1000000, in place of `trips_per_day` and `share_percent`. Needed where the city has no
    /// buildings; then they begin and end anywhere along the streets.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1_000_000))]
    pub requests: Option<u32>,
    /// Distance (m) over which the attraction of a place falls to 1/e, 100 to 100000.
    #[schemars(range(min = 100, max = 100_000))]
    pub mean_distance_m: f64,
    /// Shortest trip (m, straight line), 0 to 5000.
    #[schemars(range(min = 0, max = 5000))]
    pub least_distance_m: f64,
    /// Share (%) of requests for two persons, 0 to 100.
    #[schemars(range(min = 0, max = 100))]
    pub pairs_percent: f64,
    /// Share (%) of requests of a person in a wheelchair, 0 to 100.
    #[schemars(range(min = 0, max = 100))]
    pub wheelchairs_percent: f64,
    /// Share (%) of requests that are made half an hour ahead, 0 to 100.
    #[schemars(range(min = 0, max = 100))]
    pub ahead_percent: f64,
    /// Random numbers, 0 to 1000000.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub seed: u64,
}

/// Unit costs (EUR), without taxes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ShuttleCosts {
    /// Each vehicle for each hour of the service: purchase, insurance, depot; 0 to 1000.
    #[schemars(range(min = 0, max = 1000))]
    pub vehicle_h: f64,
    /// A driver for an hour, with `drivers`; 0 to 1000.
    #[schemars(range(min = 0, max = 1000))]
    pub driver_h: f64,
    /// Supervision of a driverless vehicle for an hour; 0 to 1000.
    #[schemars(range(min = 0, max = 1000))]
    pub supervision_h: f64,
    /// A kilometre: tyres, upkeep, cleaning; 0 to 100.
    #[schemars(range(min = 0, max = 100))]
    pub km: f64,
    /// A kWh; 0 to 10.
    #[schemars(range(min = 0, max = 10))]
    pub kwh: f64,
}

impl Default for ShuttleParams {
    fn default() -> Self {
        Self {
            network: None,
            osm: None,
            times_of_traffic: true,
            speed_percent: 80.0,
            signal_wait_s: 15.0,
            begin_h: 6.0,
            end_h: 22.0,
            area: Vec::new(),
            stops: Vec::new(),
            stop_spacing_m: None,
            max_walk_m: 300.0,
            walk_m_s: 1.3,
            walk_factor: 1.3,
            max_wait_s: 600.0,
            max_detour_percent: 40.0,
            least_detour_s: 240.0,
            boarding_s: 30.0,
            boarding_person_s: 0.0,
            vehicles: 20,
            seats: 6,
            wheelchair_places: 1,
            drivers: false,
            depots: Vec::new(),
            battery: ShuttleBattery::default(),
            requests: None,
            od: None,
            zones: None,
            generated: ShuttleDemand::default(),
            seeds: 5,
            batch_s: 30.0,
            trials: 200,
            rebalance_s: 180.0,
            costs: ShuttleCosts::default(),
            fleet_sizes: Vec::new(),
        }
    }
}

impl Default for ShuttleBattery {
    fn default() -> Self {
        Self {
            kwh: 60.0,
            kwh_per_km: 0.3,
            start_percent: 100.0,
            charge_below_percent: 30.0,
            charge_to_percent: 80.0,
            reserve_percent: 10.0,
            charging_kw: 50.0,
            charging_places: 4,
        }
    }
}

impl Default for ShuttleDemand {
    fn default() -> Self {
        Self {
            trips_per_day: 3.1,
            share_percent: 2.0,
            requests: None,
            mean_distance_m: 2500.0,
            least_distance_m: 400.0,
            pairs_percent: 15.0,
            wheelchairs_percent: 1.0,
            ahead_percent: 0.0,
            seed: 1,
        }
    }
}

impl Default for ShuttleCosts {
    fn default() -> Self {
        Self {
            vehicle_h: 4.0,
            driver_h: 32.0,
            supervision_h: 6.0,
            km: 0.25,
            kwh: 0.35,
        }
    }
}

impl ShuttleParams {
    /// True when the network is that of the sample city.
    pub fn is_sample(&self) -> bool {
        self.network.as_deref() == Some(SAMPLE_NETWORK)
    }

    /// True when the demand is generated.
    pub fn is_generated(&self) -> bool {
        self.requests.is_none() && self.od.is_none()
    }

    /// Files that the settings name, each with its field below `shuttles`.
    pub fn files(&self) -> Vec<(&'static str, &str)> {
        let fields = [
            ("network", &self.network),
            ("osm", &self.osm),
            ("requests", &self.requests),
            ("od", &self.od),
            ("zones", &self.zones),
        ];
        let named = fields.into_iter();
        named
            .filter_map(|(field, file)| Some((field, file.as_deref()?)))
            .collect()
    }
}

/// Another service of shuttles in a variant: what is named replaces the table `[shuttles]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShuttleService {
    /// Vehicles, 0 to 10000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 10_000))]
    pub vehicles: Option<u32>,
    /// Seats of a vehicle, 1 to 60.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 60))]
    pub seats: Option<u32>,
    /// Places for wheelchairs, 0 to 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 10))]
    pub wheelchair_places: Option<u32>,
    /// True: every vehicle has a driver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drivers: Option<bool>,
    /// Begin of the service (h after midnight), 0 to 47.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 47))]
    pub begin_h: Option<f64>,
    /// End of the service (h after midnight), 0.1 to 48.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.1, max = 48))]
    pub end_h: Option<f64>,
    /// Corners (easting, northing) of the service area, not repeated at the end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10_000))]
    pub area: Vec<[f64; 2]>,
    /// Stops (easting, northing), in place of the former ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10_000))]
    pub stops: Vec<[f64; 2]>,
    /// Distance (m) of virtual stops, 50 to 2000, in place of the former stops.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 50, max = 2000))]
    pub stop_spacing_m: Option<f64>,
    /// Longest wait (s), 30 to 7200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 30, max = 7200))]
    pub max_wait_s: Option<f64>,
    /// Longest detour (%), 0 to 300.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 300))]
    pub max_detour_percent: Option<f64>,
}

impl ShuttleService {
    /// True when it names nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The settings with the change.
    pub fn applied(&self, params: &ShuttleParams) -> ShuttleParams {
        let mut new = params.clone();
        let set = |own: Option<u32>, field: &mut u32| *field = own.unwrap_or(*field);
        set(self.vehicles, &mut new.vehicles);
        set(self.seats, &mut new.seats);
        set(self.wheelchair_places, &mut new.wheelchair_places);
        let set = |own: Option<f64>, field: &mut f64| *field = own.unwrap_or(*field);
        set(self.begin_h, &mut new.begin_h);
        set(self.end_h, &mut new.end_h);
        set(self.max_wait_s, &mut new.max_wait_s);
        set(self.max_detour_percent, &mut new.max_detour_percent);
        new.drivers = self.drivers.unwrap_or(new.drivers);
        if !self.area.is_empty() {
            new.area.clone_from(&self.area);
        }
        if !self.stops.is_empty() || self.stop_spacing_m.is_some() {
            new.stops.clone_from(&self.stops);
            new.stop_spacing_m = self.stop_spacing_m;
        }
        new
    }
}
