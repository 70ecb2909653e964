//! Constants of the closure: one set for all places.

/// Constants of the k-epsilon model and of what is added to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Closure {
    /// Eddy viscosity = c_mu k² / epsilon. The standard model has 0.09 (Launder & Spalding 1974, doi:10.1016/0045-7825(74)90029-2, like the
    /// next three); steady wakes of buildings, which in nature swing from side to side, need more. 0.09 to 0.19 tried.
    pub c_mu: f32,
    /// Gain of epsilon by production.
    pub c1: f32,
    /// Loss of epsilon.
    pub c2: f32,
    /// Prandtl number of k.
    pub sigma_k: f32,
    /// Prandtl number of epsilon. 1.11 and not 1.3: it follows from kappa = 0.4 in the standard model, where kappa² = (c2 - c1) sigma sqrt(0.09)
    /// (Richards & Hoxey 1993, doi:10.1016/0167-6105(93)90124-7, eq. 7).
    pub sigma_epsilon: f32,
    /// Limit of the time scale k / epsilon, which is at most `realizable` / (c_mu S) with S² = 2 S_ij S_ij (Durbin 1996,
    /// doi:10.1016/0142-727X(95)00073-Y). His 0.6 / sqrt(3) = 0.35 is the limit of positive normal stresses; with Kato & Launder's production 0.6
    /// keeps k low in front of walls, and wakes mix better. 0.25 to 100 tried.
    pub realizable: f32,
    /// Share, from 0 to 1, of the walls' laws for k and epsilon in cells at facades and roofs. The laws are those of a layer along the wall;
    /// behind edges, where most facades are, there is none, and cells of metres would give their turbulence to it. 0 to 1 tried.
    pub facade_share: f32,
    /// Energy of slow motions: the share of the mean kinetic energy lost to the undisturbed wind of the same height, (U_in² - U²) / 2, that is added to k in
    /// the result. Vortices and sweeps of a whole wake are no part of a steady computation, but anemometers see them: behind the
    /// building of case A measured k is 1.5 to 4 times that of the model. Does not act on the flow. 0 to 0.6 tried.
    pub slow: f32,
}

impl Closure {
    /// `c_mu`, `realizable`, `facade_share` and `slow` are calibrated on AIJ A and C (`verify::wind`), all seven experiments together; the
    /// others are those of the sources.
    pub const FITTED: Self = Self {
        c_mu: 0.17,
        c1: 1.44,
        c2: 1.92,
        sigma_k: 1.0,
        sigma_epsilon: 1.11,
        realizable: 0.6,
        facade_share: 0.15,
        slow: 0.2,
    };
}
