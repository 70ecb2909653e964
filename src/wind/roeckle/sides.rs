//! Above roofs and beside walls: separated flow where the front is square to the wind.

use super::obstacle::Obstacle;
use super::{Guess, Place, Town, Zone};

/// Fronts within 15 degrees of square have a vortex on the roof, within 10 degrees beside the walls.
const COS_15: f64 = 0.965_925_826_289_068_3;
const COS_10: f64 = 0.984_807_753_012_208;

impl Town<'_> {
    /// The separated flow is half an ellipse from the front edge on, 0.9 bluff lengths long and 0.22 thick (Wilson 1979).
    pub(super) fn rooftop_and_sidewall(&self, o: &Obstacle, at: &Place, guess: &mut Guess) {
        let Some(strip) = o.nearest_strip(at.t) else { return };
        let x = at.s - strip.front_m;
        if x <= 0.0 || at.s >= strip.lee_m {
            return;
        }
        let scale = o.bluff_m();
        let along = 2.0 * x / (0.9 * scale) - 1.0;
        let thick = 0.22 * scale * (1.0 - along * along).max(0.0).sqrt();
        let right = o.left_m + o.width_m;
        let beside = (o.left_m - at.t).max(at.t - right);
        let above = at.z - o.height_m;
        if beside <= 0.0 && above > 0.0 && above < thick && -strip.front[0] > COS_15 {
            let speed = self.inflow.speed_mps(o.height_m) * (above / thick).powf(0.16);
            let back = if above < 0.5 * thick { -1.0 } else { 1.0 };
            guess.velocity[0] = (back * speed) as f32;
            guess.mark(Zone::Rooftop, o);
        }
        if beside > 0.0 && beside < thick && above <= 0.0 && o.square_front(COS_10) >= 0.5 {
            let speed = self.inflow.speed_mps(at.z) * (1.0 - beside / thick);
            guess.velocity[0] = -speed as f32;
            guess.mark(Zone::Sidewall, o);
        }
    }
}
