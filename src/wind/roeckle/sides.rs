//! Above roofs and beside walls: separated flow where the front is square to the wind.

use super::obstacle::Obstacle;
use super::{Guess, Place, Reach, Town, Zone};

/// Fronts within 15 degrees of square have a vortex on the roof, within 10 degrees beside the walls.
const COS_15: f64 = 0.965_925_826_289_068_3;
const COS_10: f64 = 0.984_807_753_012_208;

impl Town<'_> {
    pub(super) fn side_reach(&self, o: &Obstacle) -> Option<Reach> {
        let thick = 0.22 * o.bluff_m();
        Some(Reach {
            upwind_m: 0.0,
            downwind_m: 0.0,
            aside_m: thick,
            top_m: o.height_m + thick,
        })
    }

    /// The separated flow is half an ellipse from the front edge on, 0.9 bluff lengths long and 0.22 thick (Wilson 1979).
    pub(super) fn rooftop_and_sidewall(&self, o: &Obstacle, at: &Place, column: &mut [Guess]) {
        let Some(strip) = o.nearest_strip(at.t) else {
            return;
        };
        let x = at.s - strip.front_m;
        if x <= 0.0 || at.s >= strip.lee_m {
            return;
        }
        let scale = o.bluff_m();
        let along = 2.0 * x / (0.9 * scale) - 1.0;
        let thick = 0.22 * scale * (1.0 - along * along).max(0.0).sqrt();
        let right = o.left_m + o.width_m;
        let beside = (o.left_m - at.t).max(at.t - right);
        let roof = beside <= 0.0 && -strip.front[0] > COS_15;
        let wall = beside > 0.0 && beside < thick && o.square_front(COS_10) >= 0.5;
        if !roof && !wall {
            return;
        }
        for (guess, z) in column.iter_mut().zip(self.heights(o)) {
            let above = z - o.height_m;
            if roof && above > 0.0 && above < thick {
                let speed = o.roof_mps() * (above / thick).powf(0.16);
                let back = if above < 0.5 * thick { -1.0 } else { 1.0 };
                guess.velocity[0] = (back * speed) as f32;
                guess.mark(Zone::Rooftop, o);
            }
            if wall && above <= 0.0 {
                let speed = self.inflow.speed_mps(z) * (1.0 - beside / thick);
                guess.velocity[0] = -speed as f32;
                guess.mark(Zone::Sidewall, o);
            }
        }
    }
}
