//! Constants of the closure.

/// Constants of the k-epsilon model and of what is added to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Closure {
    /// Eddy viscosity = c_mu k² / epsilon (Launder & Spalding 1974, doi:10.1016/0045-7825(74)90029-2, like the next four).
    pub c_mu: f32,
    /// Gain of epsilon by production.
    pub c1: f32,
    /// Loss of epsilon.
    pub c2: f32,
    /// Prandtl number of k.
    pub sigma_k: f32,
    /// Prandtl number of epsilon; 1.11 and not 1.3, for kappa = 0.4 asks for kappa² / ((c2 - c1) sqrt(c_mu)).
    pub sigma_epsilon: f32,
    /// Limit of the time scale, k / epsilon <= realizable / (c_mu S).
    pub realizable: f32,
    /// Share of the walls' laws for k and epsilon in cells at facades and roofs.
    pub facade_share: f32,
    /// Energy of slow motions, by the square of the speed that the wind has lost.
    pub slow: f32,
}

impl Closure {
    /// Calibrated.
    pub const FITTED: Self = Self {
        c_mu: 0.13,
        c1: 1.44,
        c2: 1.92,
        sigma_k: 1.0,
        sigma_epsilon: 1.11,
        realizable: 0.7,
        facade_share: 0.3,
        slow: 0.2,
    };
}
