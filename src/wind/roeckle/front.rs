//! Upwind of walls: displacement, wind along slanting fronts and past their corners, downwash of towers.

use super::obstacle::Obstacle;
use super::{Guess, Place, Reach, Town, Zone};

/// Sine of the slant from which a front is not square to the wind (12 degrees).
const SLANTING: f64 = 0.2;
/// A tower stands out where its shelter is lower than this share of it.
const TALL: f64 = 0.67;

impl Town<'_> {
    pub(super) fn displacement_reach(&self, o: &Obstacle) -> Option<Reach> {
        Some(Reach {
            upwind_m: o.displacement_m(),
            downwind_m: -o.along_m[1] + o.along_m[0] + o.slant_m(),
            aside_m: 0.0,
            top_m: 0.6 * o.height_m,
        })
    }

    pub(super) fn slanting_front_reach(&self, o: &Obstacle) -> Option<Reach> {
        let slanting = o
            .strips
            .iter()
            .flatten()
            .any(|s| s.front[1].abs() > SLANTING);
        let small = o.height_m.min(o.width_m);
        slanting.then_some(Reach {
            // That far before a wall at 45 degrees; before others less.
            upwind_m: std::f64::consts::SQRT_2 * self.constants.wall_jet_reach * small,
            downwind_m: self.constants.corner_reach * small,
            aside_m: self.constants.corner_reach * small,
            top_m: o.height_m,
        })
    }

    pub(super) fn downwash_reach(&self, o: &Obstacle) -> Option<Reach> {
        let stands_out = |top_m: f64| {
            let shelter = (top_m - o.base_m) / o.height_m;
            shelter > 0.0 && shelter < TALL
        };
        let tower = o
            .strips
            .iter()
            .flatten()
            .any(|s| stands_out(s.shelter_top_m));
        tower.then_some(Reach {
            upwind_m: o.displacement_m(),
            downwind_m: 0.0,
            aside_m: self.constants.downwash_reach * o.height_m,
            top_m: self.constants.foot * o.height_m,
        })
    }

    /// In front of a wall the wind towards it is slowed, close to it stopped; along the wall it goes on.
    pub(super) fn displacement(&self, o: &Obstacle, at: &Place, column: &mut [Guess]) {
        let Some(strip) = o.strip(at.t) else { return };
        let x = strip.front_m - at.s;
        if x <= 0.0 {
            return;
        }
        let across = o.across(at.t).powi(2);
        let inside =
            |length: f64, z: f64| z < 1.0 && (x / length).powi(2) / (1.0 - z * z) + across < 1.0;
        let inner = 0.6 * o.width_m / (1.0 + 0.8 * o.width_m / o.height_m);
        let [ns, nt] = strip.front;
        let square = ns.abs().powf(self.constants.displacement_slant);
        for (guess, z) in column.iter_mut().zip(self.heights(o)) {
            if !inside(o.displacement_m(), z / (0.6 * o.height_m)) {
                continue;
            }
            let stopped = inside(inner, z / (0.6 * o.height_m.min(o.width_m)));
            let kept = if stopped {
                0.0
            } else {
                self.constants.displacement
            };
            let [u, v, _] = guess.velocity.map(f64::from);
            let towards = u * ns + v * nt;
            if towards < 0.0 {
                let less = (1.0 - kept) * towards * square;
                guess.blend([u - less * ns, v - less * nt], 1.0);
                guess.mark(Zone::Displacement, o);
            }
        }
    }

    /// Wind that meets a wall at an angle runs along it, and past the corner at its end.
    ///
    /// Near that end it has the speed of the height of the roof. Effects of edges end twice the height away from them (e = min(b, 2 h) in EN 1991-1-4,
    /// 7.2); along the rest of a long wall wind keeps the part of its own speed along the wall, as on a swept wing without ends (Jones 1947,
    /// NACA report 884).
    pub(super) fn slanting_front(&self, o: &Obstacle, at: &Place, column: &mut [Guess]) {
        let Some(strip) = o.strip(at.t) else {
            self.corner_stream(o, at, column);
            return;
        };
        let [ns, nt] = strip.front;
        // Square to the wall; before a wall that runs nearly along the wind, along the wind: there the air has not met it yet.
        let away = (strip.front_m - at.s) * (-ns).max(nt.abs());
        let small = o.height_m.min(o.width_m);
        let part = 1.0 - away / (self.constants.wall_jet_reach * small);
        if away <= 0.0 || part <= 0.0 || nt.abs() < SLANTING {
            return;
        }
        // All of it within the height of the end, nothing beyond twice the height.
        let end = (2.0 - strip.to_end_m / small).clamp(0.0, 1.0);
        let fast = self.constants.wall_jet * o.roof_mps();
        for (guess, z) in column.iter_mut().zip(self.heights(o)) {
            let speed = nt.abs() * (end * fast + (1.0 - end) * self.inflow.speed_mps(z));
            // Along the wall, to the side where the wind goes.
            guess.blend([speed * nt.abs(), -speed * nt.signum() * ns], part);
            guess.mark(Zone::WallJet, o);
        }
    }

    /// Past a corner the wind along a slanting wall goes on, turned half way back.
    fn corner_stream(&self, o: &Obstacle, at: &Place, column: &mut [Guess]) {
        let right = at.t < o.left_m;
        let edge = if right {
            o.left_m
        } else {
            o.left_m + o.width_m
        };
        let Some(strip) = o.nearest_strip(at.t) else {
            return;
        };
        let [ns, nt] = strip.front;
        let outward = if right { nt < -SLANTING } else { nt > SLANTING };
        let reach = self.constants.corner_reach * o.height_m.min(o.width_m);
        let part = 1.0 - (at.s - strip.front_m).hypot(at.t - edge) / reach;
        if !outward || part <= 0.0 {
            return;
        }
        let speed = self.constants.corner * o.roof_mps() * nt.abs();
        let turned = [1.0 + nt.abs(), -nt.signum() * ns];
        let size = turned[0].hypot(turned[1]);
        for guess in column {
            guess.blend(turned.map(|part| speed * part / size), part.sqrt());
            guess.mark(Zone::CornerStream, o);
        }
    }

    /// A tower that stands out of what is upwind of it brings wind down its front, which leaves its foot against the wind and to both sides.
    ///
    /// The push is the difference between the wind on the tower and the sheltered air at its foot: largest where the shelter is half
    /// as high as the tower, none without shelter (then the front vortex is that of the displacement zone), none where the tower is
    /// less than 1.5 times as high.
    pub(super) fn downwash(&self, o: &Obstacle, at: &Place, column: &mut [Guess]) {
        let c = &self.constants;
        let Some(strip) = o.nearest_strip(at.t) else {
            return;
        };
        let shelter = (strip.shelter_top_m - o.base_m).max(0.0) / o.height_m;
        let stands_out = ((TALL - shelter) / 0.12).clamp(0.0, 1.0);
        let push = 2.0 * shelter * (1.0 - shelter) * stands_out * -strip.front[0];
        let reach = strip.approach_m.min(o.displacement_m());
        let x = (strip.front_m - at.s) / reach;
        let half = 0.5 * o.width_m;
        let t = at.t - o.left_m - half;
        let aside = (t.abs() - half).max(0.0) / (c.downwash_reach * o.height_m);
        // In front of the wall, and beside it as far as half its length.
        let behind = -x * reach / (0.5 * o.length_m);
        if push <= 0.0 || aside >= 1.0 || x > 1.0 || behind > 1.0 || (x < 0.0 && aside == 0.0) {
            return;
        }
        let speed = push * o.shaft_mps();
        // A wide front sends it to the sides within its height of the ends, a tower all over.
        let end = 1.0 - (half - t.abs()).max(0.0) / half.min(o.height_m);
        let outward = t.signum() * end.max(0.0) * (1.0 - aside) * (1.0 - behind.max(0.0));
        for (guess, z) in column.iter_mut().zip(self.heights(o)) {
            let z = z / (c.foot * o.height_m);
            let leaves = (1.0 - 2.0 * z).max(0.0);
            if aside == 0.0 {
                let back = c.downwash_back * speed * leaves * 4.0 * x * (1.0 - x);
                let down = c.downwash_down * speed * 4.0 * z * (1.0 - z) * (1.0 - x);
                guess.velocity[0] -= back as f32;
                guess.velocity[2] -= down as f32;
            }
            guess.velocity[1] += (c.downwash_aside * speed * leaves * outward) as f32;
            let k = (c.downwash_k * speed * speed * (1.0 - aside)) as f32;
            (guess.k, guess.gust_k) = (guess.k.max(k), guess.gust_k.max(k));
            guess.mark(
                if aside > 0.0 {
                    Zone::CornerStream
                } else {
                    Zone::Downwash
                },
                o,
            );
        }
    }
}
