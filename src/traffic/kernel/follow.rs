//! Car following: how fast may I drive behind a vehicle, towards a line, towards a slower lane.
//!
//! All speeds are for the coming step of `dt` seconds; positions advance by `speed * dt` (semi-implicit Euler), so the sums below are those
//! of a car that holds a speed for its reaction time and then brakes by `decel * dt` in every step.

use crate::traffic::demand::CarFollowing;

/// What following needs of a driver and a vehicle.
#[derive(Clone, Copy, Debug)]
pub struct Driver {
    /// Model.
    pub model: CarFollowing,
    /// Largest acceleration (m/s2).
    pub accel: f32,
    /// Comfortable deceleration (m/s2).
    pub decel: f32,
    /// Hardest deceleration (m/s2).
    pub emergency: f32,
    /// Desired time headway, reaction time of Krauss' model (s).
    pub tau: f32,
    /// Distance at rest (m).
    pub min_gap: f32,
    /// Imperfection, 0 to 1.
    pub sigma: f32,
}

/// Whole part of a number of steps, 0 for a negative one. A conversion, because `floor` is a call without SSE 4.1.
fn whole(steps: f32) -> f32 {
    steps as u32 as f32
}

/// Distance (m) covered while braking from `speed` to rest by `decel` (m/s2) in steps of `dt`, the first step already slower.
pub fn brake_gap(speed: f32, decel: f32, dt: f32) -> f32 {
    let drop = decel * dt;
    let steps = whole(speed / drop);
    dt * (steps * speed - drop * steps * (steps + 1.0) / 2.0)
}

/// Highest speed (m/s) at which a driver with headway `tau` still stops within `gap` (m), braking by `decel` in steps of `dt`.
///
/// With v = n b + r, b = decel dt, 0 <= r < b the way to rest is v tau + dt (b n (n - 1) / 2 + n r); the largest n that fits follows from
/// the quadratic in n, r from the rest. Krauss 1998, eq. 3.2 in discrete time.
pub fn safe_stop_speed(gap: f32, decel: f32, tau: f32, dt: f32) -> f32 {
    if gap <= 0.0 {
        return 0.0;
    }
    let drop = decel * dt;
    let half = dt / 2.0 - tau;
    let steps = whole((half + (half * half + 2.0 * dt * gap / drop).sqrt()) / dt);
    let used = drop * (dt * steps * (steps - 1.0) / 2.0 + steps * tau);
    steps * drop + ((gap - used) / (steps * dt + tau)).max(0.0)
}

/// Highest speed (m/s) now that still allows `slower` (m/s) at a place `distance` (m) ahead, braking by `decel`.
pub fn speed_before_slower(distance: f32, slower: f32, decel: f32, dt: f32) -> f32 {
    let drop = decel * dt;
    let way = distance / dt;
    if way < slower {
        return slower;
    }
    // Steps at slower + n drop, ..., slower + drop that end before the place; what is left beyond a step at `slower` is shared among them
    // (as SUMO's freeSpeed): n slower + drop n (n + 1) / 2 <= way.
    let half = slower + drop / 2.0;
    let n = whole(((half * half + 2.0 * drop * way).sqrt() - half) / drop);
    let left = way - (n + 1.0) * slower - drop * n * (n + 1.0) / 2.0;
    slower + n * drop + left.max(0.0) / (n + 1.0)
}

impl Driver {
    /// Highest speed behind a vehicle `gap` metres ahead (bumper to bumper less the distance at rest) that drives `leader` m/s and may brake
    /// by `leader_decel`. `speed` is the own speed now.
    pub fn follow(
        &self,
        speed: f32,
        desired: f32,
        gap: f32,
        leader: f32,
        leader_decel: f32,
        dt: f32,
    ) -> f32 {
        match self.model {
            CarFollowing::Krauss => {
                let reach = gap + brake_gap(leader, leader_decel.max(self.decel), dt);
                safe_stop_speed(reach, self.decel, self.tau, dt)
            }
            CarFollowing::Idm => self.idm(speed, desired, gap, leader, dt),
        }
    }

    /// The lower of `cap` and [`Self::follow`], which is not computed where the gap alone allows `cap`, as most gaps do.
    pub fn follow_within(
        &self,
        cap: f32,
        speed: f32,
        desired: f32,
        gap: f32,
        leader: f32,
        leader_decel: f32,
        dt: f32,
    ) -> f32 {
        if self.surely_stops(cap, gap, self.tau) {
            return cap;
        }
        cap.min(self.follow(speed, desired, gap, leader, leader_decel, dt))
    }

    /// The lower of `cap` and [`Self::stop`].
    pub fn stop_within(&self, cap: f32, speed: f32, desired: f32, gap: f32, dt: f32) -> f32 {
        if self.surely_stops(cap, gap, dt) {
            return cap;
        }
        cap.min(self.stop(speed, desired, gap, dt))
    }

    /// True when Krauss' driver stops from `speed` within `gap` after reacting for `tau` for certain: the way of continuous braking, which is
    /// longer than that of braking in steps, and something for rounding.
    fn surely_stops(&self, speed: f32, gap: f32, tau: f32) -> bool {
        let way = speed * (tau + speed / (2.0 * self.decel));
        self.model == CarFollowing::Krauss && gap > way * 1.001 + 0.01
    }

    /// Highest speed that stops `gap` metres ahead at a line.
    pub fn stop(&self, speed: f32, desired: f32, gap: f32, dt: f32) -> f32 {
        match self.model {
            CarFollowing::Krauss => safe_stop_speed(gap, self.decel, dt, dt),
            // The line is approached like a vehicle at rest whose bumper is a distance at rest behind it; near the end
            // the exact stop takes over, so that nobody creeps towards the line for ever.
            CarFollowing::Idm => {
                let follows = self.idm(speed, desired, gap, 0.0, dt);
                follows.min(safe_stop_speed(gap, self.decel.max(1.0), dt, dt))
            }
        }
    }

    /// Highest speed that the vehicle reaches in a step.
    pub fn free(&self, speed: f32, desired: f32, dt: f32) -> f32 {
        match self.model {
            CarFollowing::Krauss => (speed + self.accel * dt).min(desired),
            CarFollowing::Idm => self.idm(speed, desired, f32::INFINITY, speed, dt),
        }
    }

    /// Speed after a step of the intelligent driver model (Treiber, Hennecke, Helbing 2000, eqs. 1 to 3, delta = 4), integrated in parts of at
    /// most 0.25 s with a leader of constant speed.
    ///
    /// Positions advance by the new speed, so a start is some half a step early; saturation headways are within 0.6 % for steps up to 1 s.
    /// With steps as long as `tau` creeping queues oscillate: steps of at most half of it are right.
    fn idm(&self, speed: f32, desired: f32, gap: f32, leader: f32, dt: f32) -> f32 {
        let parts = (dt / 0.25).ceil().max(1.0);
        let part = dt / parts;
        let (mut v, mut s) = (speed, gap + self.min_gap);
        for _ in 0..parts as u32 {
            let wanted = (v * self.tau
                + v * (v - leader) / (2.0 * (self.accel * self.decel).sqrt()))
            .max(0.0)
                + self.min_gap;
            let ratio = v / desired.max(0.1);
            let near = if s.is_finite() {
                wanted / s.max(0.1)
            } else {
                0.0
            };
            let next =
                (v + self.accel * (1.0 - ratio * ratio * ratio * ratio - near * near) * part)
                    .max(0.0);
            s += (leader - next) * part;
            v = next;
        }
        v
    }

    /// Way (m) ahead within which someone or something can slow a driver at `speed`. The intelligent driver minds those beyond the
    /// braking distance too: at twice the desired distance they still cost a quarter of the acceleration.
    pub fn sight(&self, speed: f32, dt: f32) -> f32 {
        let brakes = speed * dt.max(self.tau) + brake_gap(speed, self.decel, dt);
        match self.model {
            CarFollowing::Krauss => brakes,
            CarFollowing::Idm => brakes + speed * self.tau + 2.0 * self.min_gap,
        }
    }

    /// Distance (m, less the distance at rest) that keeps one safe who drives `speed` behind `leader`: neither has to brake harder than
    /// comfortable.
    pub fn secure_gap(&self, speed: f32, leader: f32, leader_decel: f32, dt: f32) -> f32 {
        (speed * self.tau + brake_gap(speed, self.decel, dt)
            - brake_gap(leader, leader_decel.max(self.decel), dt))
        .max(0.0)
    }

    /// Krauss' imperfection: the speed less a random part of the acceleration; `random` in [0, 1).
    pub fn dawdle(&self, speed: f32, random: f32, dt: f32) -> f32 {
        match self.model {
            CarFollowing::Krauss => {
                (speed - self.sigma * speed.min(self.accel * dt) * random).max(0.0)
            }
            CarFollowing::Idm => speed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Way to rest of one who holds `v` for `tau` and then brakes step by step.
    fn way(v: f32, decel: f32, tau: f32, dt: f32) -> f32 {
        let mut sum = v * tau;
        let mut speed = v - decel * dt;
        while speed > 0.0 {
            sum += speed * dt;
            speed -= decel * dt;
        }
        sum
    }

    #[test]
    fn safe_stop_uses_the_gap_whole() {
        for gap in [0.5, 3.0, 7.3, 20.0, 55.5, 140.0] {
            for (decel, tau, dt) in [(4.5, 1.0, 1.0), (4.0, 1.0, 0.5), (4.5, 1.5, 0.1)] {
                let v = safe_stop_speed(gap, decel, tau, dt);
                assert!(
                    (way(v, decel, tau, dt) - gap).abs() < 2e-3 * gap.max(1.0),
                    "gap {gap}: {} m",
                    way(v, decel, tau, dt)
                );
            }
        }
    }

    #[test]
    fn brake_gap_is_the_sum_of_the_steps() {
        for v in [0.0, 3.0, 4.5, 13.89, 27.8] {
            assert!((brake_gap(v, 4.5, 1.0) - way(v, 4.5, 0.0, 1.0)).abs() < 1e-3);
        }
    }

    #[test]
    fn slower_lane_is_reached_at_its_speed() {
        for distance in [0.0, 4.0, 11.0, 30.0, 90.0] {
            let (slower, decel, dt) = (5.0, 4.5, 1.0);
            let mut v = speed_before_slower(distance, slower, decel, dt);
            let mut left = distance;
            while left - v * dt > 1e-3 {
                left -= v * dt;
                v = (v - decel * dt).max(slower);
            }
            assert!(
                v <= slower + decel * dt * 1.001,
                "{distance}: arrives with {v}"
            );
        }
    }
}
