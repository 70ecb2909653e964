//! Points that look at the sun. Struct of arrays; all arrays have the same length.

/// What a receiver sits on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReceiverKind {
    /// Terrain.
    Ground,
    /// Wall surface.
    Facade,
    /// Roof surface.
    Roof,
    /// Given by the user.
    Custom,
}

/// Value of `building` and `surface` for receivers that belong to none.
pub const NO_OWNER: u32 = u32::MAX;

/// Receivers in the local frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Receivers {
    /// Positions (m), already lifted off their face along the normal.
    pub positions: Vec<[f32; 3]>,
    /// Unit normals.
    pub normals: Vec<[f32; 3]>,
    /// Kinds.
    pub kinds: Vec<ReceiverKind>,
    /// `Building::key` of the owner, or [`NO_OWNER`].
    pub buildings: Vec<u32>,
    /// Index into the owner's `Geometry::surfaces`, or [`NO_OWNER`].
    pub surfaces: Vec<u32>,
    /// Cell that the receiver stands for: unit vector in the face (horizontal), its half width (m) and the half height (m)
    /// along normal × u.
    pub cells: Vec<ReceiverCell>,
}

/// Rectangle in the plane of the face, centred at the receiver.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ReceiverCell {
    /// Unit vector along the face, horizontal.
    pub u: [f32; 3],
    /// Half extent along `u` (m).
    pub half_u_m: f32,
    /// Half extent along normal × u (m).
    pub half_v_m: f32,
}

impl Receivers {
    /// Number of receivers.
    pub fn len(&self) -> usize {
        self.positions.len()
    }

    /// True without receivers.
    pub fn is_empty(&self) -> bool {
        self.positions.is_empty()
    }
}
