//! Closed forms of traffic engineering: what queues, signals and streams of vehicles do in the mean. Lengths in m, times in s, flows in veh/s.
//!
//! For plans of signals (cycle, intergreen, offsets), and as the references that the simulation is verified against.

/// Mean wait (s) before a server with Poisson arrivals and a constant time of service: Pollaczek and Khinchine with no variance.
pub fn md1_wait_s(utilisation: f64, service_s: f64) -> f64 {
    utilisation * service_s / (2.0 * (1.0 - utilisation))
}

/// Mean wait (s) before a server with Poisson arrivals and exponential times of service.
pub fn mm1_wait_s(utilisation: f64, service_s: f64) -> f64 {
    utilisation * service_s / (1.0 - utilisation)
}

/// An approach to a signal of fixed times.
#[derive(Clone, Copy, Debug)]
pub struct Approach {
    /// Cycle (s).
    pub cycle_s: f64,
    /// Effective green (s).
    pub green_s: f64,
    /// Saturation flow (veh/s).
    pub saturation_veh_s: f64,
    /// Arriving flow over capacity.
    pub saturation_degree: f64,
}

impl Approach {
    fn green_share(&self) -> f64 {
        self.green_s / self.cycle_s
    }

    /// Capacity (veh/s).
    pub fn capacity_veh_s(&self) -> f64 {
        self.saturation_veh_s * self.green_share()
    }

    /// Mean delay (s) of even arrivals; above capacity that of one cycle at capacity.
    pub fn uniform_delay_s(&self) -> f64 {
        let share = self.green_share();
        0.5 * self.cycle_s * (1.0 - share).powi(2) / (1.0 - self.saturation_degree.min(1.0) * share)
    }

    /// Mean delay (s) of Poisson arrivals over a long time (Webster 1958, eq. 1); none from capacity on.
    pub fn webster_delay_s(&self) -> Option<f64> {
        let x = self.saturation_degree;
        let flow = x * self.capacity_veh_s();
        let exponent = 2.0 + 5.0 * self.green_share();
        (x < 1.0).then(|| {
            self.uniform_delay_s() + x * x / (2.0 * flow * (1.0 - x))
                - 0.65 * (self.cycle_s / (flow * flow)).cbrt() * x.powf(exponent)
        })
    }

    /// Incremental delay (s) of one period of `period_h` hours from an empty queue (HCM 2000, eq. 16-12 with k = 0.5, I = 1).
    pub fn hcm_incremental_delay_s(&self, period_h: f64) -> f64 {
        let x = self.saturation_degree;
        let capacity_veh_h = self.capacity_veh_s() * 3600.0;
        900.0
            * period_h
            * ((x - 1.0) + ((x - 1.0).powi(2) + 4.0 * x / (capacity_veh_h * period_h)).sqrt())
    }

    /// Share of even arrivals that come upon red or a standing queue.
    pub fn stopped_share(&self) -> f64 {
        let share = self.green_share();
        (1.0 - share) / (1.0 - self.saturation_degree * share)
    }
}

/// Cycle (s) of least delay for a lost time and a sum of critical flow ratios (Webster 1958).
pub fn webster_cycle_s(lost_s: f64, flow_ratio: f64) -> f64 {
    (1.5 * lost_s + 5.0) / (1.0 - flow_ratio)
}

/// A clearing and an entering movement whose ways meet.
#[derive(Clone, Copy, Debug)]
pub struct Clearance {
    /// Time (s) that movements go on after the end of green.
    pub overrun_s: f64,
    /// Way (m) from the stop line until the common place is cleared, without the vehicle.
    pub clear_m: f64,
    /// Length (m) of the clearing vehicle.
    pub vehicle_m: f64,
    /// Speed (m/s) of clearing.
    pub clear_m_s: f64,
    /// Way (m) of the entering movement to the common place.
    pub enter_m: f64,
    /// Speed (m/s) of entering.
    pub enter_m_s: f64,
}

impl Clearance {
    /// Time (s) of clearing.
    pub fn clear_s(&self) -> f64 {
        (self.clear_m + self.vehicle_m) / self.clear_m_s
    }

    /// Time (s) of entering.
    pub fn enter_s(&self) -> f64 {
        self.enter_m / self.enter_m_s
    }

    /// Intergreen (s) after the form of RiLSA: overrun and clearing less entering.
    pub fn intergreen_exact_s(&self) -> f64 {
        self.overrun_s + self.clear_s() - self.enter_s()
    }

    /// Intergreen in whole seconds, rounded up, never negative.
    pub fn intergreen_s(&self) -> f64 {
        (self.intergreen_exact_s() - 1e-9).ceil().max(0.0)
    }
}

/// Offset (s) of a signal behind another so that a platoon meets the same second of the cycle.
pub fn progression_offset_s(distance_m: f64, speed_m_s: f64, cycle_s: f64) -> f64 {
    (distance_m / speed_m_s).rem_euclid(cycle_s)
}

/// Distance (m) of signals at which both directions meet their greens.
pub fn two_way_spacing_m(speed_m_s: f64, cycle_s: f64) -> f64 {
    speed_m_s * cycle_s / 2.0
}

/// Mean delay (s) of a bus that arrives at any second of the cycle and meets no queue. The red is `red_s`; a bus in its first
/// `extension_s` still passes, and a later one is served from `early_s` of red on (`red_s`: never early).
pub fn isolated_bus_delay_s(cycle_s: f64, red_s: f64, extension_s: f64, early_s: f64) -> f64 {
    (early_s.min(red_s) - extension_s).max(0.0).powi(2) / (2.0 * cycle_s)
}

/// The intelligent driver's steady state (Treiber, Hennecke, Helbing 2000, eq. 5; delta = 4).
#[derive(Clone, Copy, Debug)]
pub struct IdmStream {
    /// Desired speed (m/s).
    pub desired_m_s: f64,
    /// Time headway (s).
    pub headway_s: f64,
    /// Distance at rest (m).
    pub min_gap_m: f64,
    /// Length of a vehicle (m).
    pub length_m: f64,
}

impl IdmStream {
    /// Gap (m) at a speed (m/s).
    pub fn gap_m(&self, speed_m_s: f64) -> f64 {
        (self.min_gap_m + speed_m_s * self.headway_s)
            / (1.0 - (speed_m_s / self.desired_m_s).powi(4)).sqrt()
    }

    /// Flow (veh/s) at a speed (m/s).
    pub fn flow_veh_s(&self, speed_m_s: f64) -> f64 {
        speed_m_s / (self.gap_m(speed_m_s) + self.length_m)
    }

    /// Speed (m/s) of the largest flow, by golden-section search.
    pub fn speed_at_capacity_m_s(&self) -> f64 {
        let share = (5.0_f64.sqrt() - 1.0) / 2.0;
        let (mut low, mut high) = (0.0, self.desired_m_s * (1.0 - 1e-9));
        for _ in 0..80 {
            let (a, b) = (high - share * (high - low), low + share * (high - low));
            if self.flow_veh_s(a) < self.flow_veh_s(b) {
                low = a;
            } else {
                high = b;
            }
        }
        0.5 * (low + high)
    }
}

/// A stream of drivers who keep `spacing` at rest and `headway` seconds more (Krauss without imperfection, Newell 2002).
#[derive(Clone, Copy, Debug)]
pub struct TriangularStream {
    /// Free speed (m/s).
    pub free_m_s: f64,
    /// Headway beyond the spacing at rest (s).
    pub headway_s: f64,
    /// Front to front at rest (m).
    pub spacing_m: f64,
}

impl TriangularStream {
    /// Capacity (veh/s).
    pub fn capacity_veh_s(&self) -> f64 {
        self.free_m_s / (self.free_m_s * self.headway_s + self.spacing_m)
    }

    /// Speed (m/s) of a wave in a jam; negative: against the traffic.
    pub fn jam_wave_m_s(&self) -> f64 {
        -self.spacing_m / self.headway_s
    }

    /// Queue at a red of `red_s` with even arrivals of `flow` veh/s, below capacity (Lighthill, Whitham 1955).
    pub fn red_light_queue(&self, flow: f64, red_s: f64) -> RedLightQueue {
        let density = flow / self.free_m_s;
        let growth_m_s = flow / (1.0 / self.spacing_m - density);
        let wave = -self.jam_wave_m_s();
        let longest_s = growth_m_s * red_s / (wave - growth_m_s);
        RedLightQueue {
            growth_m_s,
            longest_s,
            reach_m: growth_m_s * (red_s + longest_s),
            clear_s: flow * red_s / (self.capacity_veh_s() - flow),
        }
    }
}

/// How a queue at a red light grows and clears.
#[derive(Clone, Copy, Debug)]
pub struct RedLightQueue {
    /// Speed (m/s) of its back, against the traffic.
    pub growth_m_s: f64,
    /// Time (s) after the begin of green at which it reaches furthest.
    pub longest_s: f64,
    /// How far (m) from the stop line.
    pub reach_m: f64,
    /// Time (s) after the begin of green at which the last of it passes the stop line.
    pub clear_s: f64,
}

/// Speed (m/s) of the border between two states of density (veh/m) and flow (veh/s) (Rankine and Hugoniot).
pub fn shock_m_s(up: [f64; 2], down: [f64; 2]) -> f64 {
    (down[1] - up[1]) / (down[0] - up[0])
}

/// Flow (veh/s) at a density (veh/m) on the parabola of Greenshields 1935.
pub fn greenshields_veh_s(density: f64, free_m_s: f64, jam_density: f64) -> f64 {
    free_m_s * density * (1.0 - density / jam_density)
}
