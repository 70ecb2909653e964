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
    /// Share of strain in the production, the rest is rotation: 1 for the standard model (strain squared), 0.5 for Kato & Launder 1993 (strain times rotation).
    pub strain: f32,
    /// Durbin's limit of the time scale, k / epsilon <= limit / (c_mu S) (Durbin 1996, doi:10.1016/0142-727X(95)00073-Y: 0.6 / sqrt(6) with
    /// S² = S_ij S_ij; here S² = 2 S_ij S_ij).
    pub realizable: f32,
    /// Trial.
    pub trial: [f32; 4],
}

impl Closure {
    /// Calibrated.
    pub const FITTED: Self = Self {
        c_mu: 0.09,
        c1: 1.44,
        c2: 1.92,
        sigma_k: 1.0,
        sigma_epsilon: 1.11,
        strain: 1.0,
        realizable: 0.35,
        trial: [0.0; 4],
    };
}
