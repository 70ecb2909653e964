//! The fitted numbers of tier 1, all in one table.
//!
//! They were found together by a search over AIJ case A (186 points) and AIJ case C (120 points at 0 and at 45 degrees, three heights of the
//! middle block): these cases are *calibrated on*, and agreement with them is no evidence of skill elsewhere. No number depends on a case.
//! Two numbers for gusts were found by the turbulent energy of AIJ A, below what the speeds of AIJ C allow.
//! Drag and growth of trees were found by a search over AIJ case G (20 points behind a row), which is calibrated on likewise.
//! Lengths of zones (near wake, displacement, rooftop, sidewall) are Röckle's and not fitted.

/// Numbers of the zones; speeds in units of the approaching wind at the height of the block unless said otherwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Constants {
    /// Thickness of the shear layers where they leave the block, in bluff lengths.
    pub layer: f64,
    /// Growth of that thickness with the distance from the lee wall.
    pub growth: f64,
    /// How much wider than the block its wake is on each side, and higher, in bluff lengths.
    pub wider: f64,
    /// Share of the wind that any number of wakes leaves.
    pub floor: f64,
    /// Power of the cosine of the lee wall's slant by which a wake is weaker.
    pub wake_slant: f64,
    /// Turbulent energy of a wake in its mean speed, of the squared speed outside of it.
    pub wake_k: f64,
    /// Speed of the recirculation at the lee wall.
    pub cavity: f64,
    /// Speed of the vortex in a street across the wind.
    pub canyon: f64,
    /// Widest street with a vortex, in lengths of the near wake.
    pub canyon_gap: f64,
    /// Share of the wind that is left in the outer displacement zone.
    pub displacement: f64,
    /// Power of the cosine of the front's slant by which it slows the wind less.
    pub displacement_slant: f64,
    /// Speed along a slanting front, per sine of its slant.
    pub wall_jet: f64,
    /// How far from the front it reaches, in the smaller of height and width.
    pub wall_jet_reach: f64,
    /// Speed past the corner at its end, per sine of the slant.
    pub corner: f64,
    /// How far from the corner it reaches, in the smaller of height and width.
    pub corner_reach: f64,
    /// Height of the foot of a tower's front from which downwash leaves, of its height.
    pub foot: f64,
    /// Speed of the downwash back against the wind, of the speed at 0.7 of the height.
    pub downwash_back: f64,
    /// The same down the front.
    pub downwash_down: f64,
    /// The same to both sides.
    pub downwash_aside: f64,
    /// How far beyond the tower's sides it reaches, of the height.
    pub downwash_reach: f64,
    /// Its turbulent energy, of the squared speed.
    pub downwash_k: f64,
    /// Drag of leaves, by the area on one side of them; about what canopy models use (0.2 for forests to 0.8 for single trees).
    pub leaf_drag: f64,
    /// Growth of the shear layers behind leaves with the distance from them.
    pub leaf_growth: f64,
    /// Length of mixing far behind leaves, by the height above ground: kappa u* / U, 0.4 times about 0.1. Not fitted.
    pub leaf_mix: f64,
    /// Turbulent energy of gusts in the shear layers of a wake, of the squared speed outside of it. This and the next found by the turbulent
    /// energy of AIJ A and what speeds in the shelter of AIJ C leave for it. Free mixing layers have 0.04 (from memory), swinging wakes more.
    pub gust_k: f64,
    /// Share of it that is carried all over the wake.
    pub gust_core: f64,
    /// Largest distance from a wall that counts for the turbulence of shear, in heights of the buildings: 0.1 to 0.2 in algebraic models for
    /// towns (from memory). Chosen in that range by the turbulent energy of AIJ A.
    pub shear_wall: f64,
}

impl Constants {
    /// Calibrated on AIJ A and AIJ C at 0 and 45 degrees, those of trees on AIJ G.
    pub const FITTED: Self = Self {
        layer: 0.23,
        growth: 0.20,
        wider: 0.34,
        floor: 0.16,
        wake_slant: 0.3,
        wake_k: 0.09,
        cavity: 0.9,
        canyon: 0.1,
        canyon_gap: 0.52,
        displacement: 0.9,
        displacement_slant: 5.0,
        wall_jet: 1.17,
        wall_jet_reach: 1.5,
        corner: 1.42,
        corner_reach: 0.56,
        foot: 0.245,
        downwash_back: 1.3,
        downwash_down: 3.0,
        downwash_aside: 1.55,
        downwash_reach: 1.2,
        downwash_k: 0.11,
        leaf_drag: 0.4,
        leaf_growth: 0.045,
        leaf_mix: 0.04,
        gust_k: 0.10,
        gust_core: 0.4,
        shear_wall: 0.1,
    };

    /// All of them but those of trees and gusts, for a search over AIJ A and C.
    pub fn all_mut(&mut self) -> [&mut f64; 21] {
        [
            &mut self.layer,
            &mut self.growth,
            &mut self.wider,
            &mut self.floor,
            &mut self.wake_slant,
            &mut self.wake_k,
            &mut self.cavity,
            &mut self.canyon,
            &mut self.canyon_gap,
            &mut self.displacement,
            &mut self.displacement_slant,
            &mut self.wall_jet,
            &mut self.wall_jet_reach,
            &mut self.corner,
            &mut self.corner_reach,
            &mut self.foot,
            &mut self.downwash_back,
            &mut self.downwash_down,
            &mut self.downwash_aside,
            &mut self.downwash_reach,
            &mut self.downwash_k,
        ]
    }
}
