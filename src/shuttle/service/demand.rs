//! Who wants to go where: trips of a source, not yet on the streets. See `files` for reading and `generate` for drawing them.

/// An end of a trip.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum End {
    /// A place (m, plane of the streets).
    Place([f64; 2]),
    /// A node of the streets: no walk.
    Node(u32),
}

/// A wish for a ride.
#[derive(Clone, Debug, PartialEq)]
pub struct Trip {
    /// Name in the source.
    pub name: String,
    /// When the service is asked (s on the clock of the run).
    pub asked_s: f64,
    /// When the person wants to leave (s).
    pub leave_s: f64,
    /// Begin.
    pub from: End,
    /// End.
    pub to: End,
    /// Persons.
    pub persons: u16,
    /// Of those, in wheelchairs.
    pub wheelchairs: u16,
}
