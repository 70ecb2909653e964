//! One tile of 64 x 64 cells, one time step: the faces to the west as a column, then row by row faces and cells.
//!
//! Rows are copied into padded buffers with columns of the neighbours, so that every inner loop runs over plain arrays of one
//! length. Depths are multiples of [`QUANTUM_M`]; each face's increment is rounded to such a multiple once, taken from one
//! side and given to the other. Sums of such numbers are exact in f64, so volume is conserved exactly and the order of
//! additions does not matter.

#![expect(
    clippy::needless_range_loop,
    reason = "loops over many arrays at shifted positions read best with the position"
)]

use std::ops::{Range, RangeInclusive};

use super::face::{
    DRY_M, Flux, GRAVITY, Met, Side, flux, flux_over_crest, limited, limited_level, meet, mirrored,
};
use super::peaks::PeakRow;
use super::real::{Real, larger, select, smaller};
use super::simd::{fetch, fetch_row};

/// Cells along one side of a tile.
pub const TILE: usize = 64;
/// Cells of a tile.
pub const CELLS: usize = TILE * TILE;
/// Cells of neighbours on each side in a row buffer.
const HALO: usize = 4;
/// Position of the first cell in a row buffer: a whole vector, so that those of the tile are aligned.
const PAD: usize = 16;
/// Length of a row buffer.
const WIDTH: usize = PAD + TILE + 16;

/// Cells that water can pass in one step: one in each stage.
pub const REACH: usize = 2;

/// Unit of depth (m), 2^-44: 0.06 picometres. Multiples of it are exact in f64 up to [`DEEPEST_M`].
pub const QUANTUM_M: f64 = 1.0 / (1_u64 << 44) as f64;
/// Depth (m) up to which sums of quanta are exact.
pub const DEEPEST_M: f64 = 512.0;
/// Adding and taking away 1.5 * 2^8 rounds to multiples of 2^-44 (numbers near it have that spacing in f64).
const ROUND: f64 = 384.0;
/// The same for 2^-43: increments of the two stages of order 2 are averaged, and half of them must be a multiple too.
const ROUND_EVEN: f64 = 768.0;

/// Rounds a depth (m) to a multiple of [`QUANTUM_M`].
#[inline(always)]
pub fn quantised(x: f64) -> f64 {
    (x + ROUND) - ROUND
}

/// Rounds a height (m) to a multiple of [`QUANTUM_M`].
pub fn quantised_height(z: f64) -> f64 {
    (z / QUANTUM_M).round() * QUANTUM_M
}

/// Bits of [`Ground::flags`].
pub mod flag {
    /// The western face is closed.
    pub const WEST: u8 = 1;
    /// The northern face is closed.
    pub const NORTH: u8 = 2;
    /// The cell is outside the domain.
    pub const CLOSED: u8 = 4;
}

/// What the faces of a tile need: nothing closed nearby.
pub const PLAIN: u8 = 0;
/// Some cells nearby are outside the domain.
pub const WALLS: u8 = 1;
/// Open edges, beside cells outside the domain.
pub const OPEN: u8 = 2;
/// Crests or porosity, and all others.
pub const CRESTS: u8 = 3;

/// Height (m) that stands for a face beside a cell outside the domain.
pub const NO_TOP: f64 = 1e6;
/// Height (m) of crests at most.
pub const HIGHEST_M: f64 = 1e5;

/// What does not change in time, tile after tile.
#[derive(Debug)]
pub struct Ground<T> {
    /// Tiles from west to east and from north to south.
    pub tiles: [usize; 2],
    /// Rows of the grid: what lies below them in the last tiles is not computed.
    pub rows: usize,
    /// Columns of the grid: no rain falls east of them.
    pub cols: usize,
    /// Bed (m) above `datum_m`.
    pub bed: Vec<T>,
    /// g n² (m^(1/3)).
    pub friction: Vec<T>,
    /// See [`flag`].
    pub flags: Vec<u8>,
    /// Free share of the area of each cell and of its western and northern face; empty without porosity.
    pub storage: Vec<T>,
    /// Free share of the western face.
    pub conveyance_x: Vec<T>,
    /// Free share of the northern face.
    pub conveyance_y: Vec<T>,
    /// Cell size (m).
    pub cell_m: f64,
}

/// Water, tile after tile: `w` depth times free share of the cell (m), multiples of [`QUANTUM_M`]; velocities (m/s), `v` to
/// the south.
#[derive(Clone, Debug, Default)]
pub struct Water<T> {
    /// Depth times free share (m).
    pub w: Vec<f64>,
    /// Velocity along the rows, to the east (m/s).
    pub u: Vec<T>,
    /// Velocity along the columns, to the south (m/s).
    pub v: Vec<T>,
}

/// A face of a tile (or of the cells around it) that needs care. Row and column are those of the cell to the east or south of
/// it, counted from the tile's north-western cell.
#[derive(Clone, Copy, Debug)]
pub struct LocalFace {
    /// True for a face between west and east.
    pub across_x: bool,
    /// Row.
    pub row: i32,
    /// Column.
    pub col: i32,
    /// Index into the list of crests or of open edges.
    pub index: usize,
}

/// State of a cell beyond an open edge.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outer<T> {
    /// Depth (m).
    pub h: T,
    /// Velocity to the east (m/s).
    pub u: T,
    /// Velocity to the south (m/s).
    pub v: T,
    /// Bed (m) above the datum.
    pub z: T,
}

/// What is beyond an open edge.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ghost<T> {
    /// The cell beyond the edge and the one after it. Order 2 puts them on a line through the inner cell and the state at the
    /// edge, so that its slopes meet that state there; otherwise the second one is dry.
    pub cells: [Outer<T>; 2],
    /// Discharge per width (m²/s) into the domain that replaces the computed one; NaN for none.
    pub inflow: f64,
    /// Water only leaves.
    pub only_out: bool,
}

/// Faces that need care, of one tile.
#[derive(Clone, Debug, Default)]
pub struct Special {
    /// Crests, by row.
    pub crests: Vec<LocalFace>,
    /// Open edges, by row: the cell beyond is to the east or south of the face, or to the west or north (`beyond_first`).
    pub edges: Vec<(LocalFace, bool)>,
}

impl Special {
    /// Crests of a row.
    fn crests_of(&self, row: i32) -> &[LocalFace] {
        let from = self.crests.partition_point(|face| face.row < row);
        let to = self.crests.partition_point(|face| face.row <= row);
        &self.crests[from..to]
    }

    /// Positions of the open edges of some rows.
    fn edges_of(&self, rows: RangeInclusive<i32>) -> Range<usize> {
        let from = (self.edges).partition_point(|(face, _)| face.row < *rows.start());
        let to = (self.edges).partition_point(|(face, _)| face.row <= *rows.end());
        from..to
    }
}

/// Rain of one step.
#[derive(Clone, Copy)]
pub struct RainStep<'a> {
    /// Fallen rain (m) at the begin and the end of the step, per zone.
    pub fallen_m: &'a [[f64; 2]],
    /// Factor of each cell, tile after tile; empty for 1.
    pub factor: &'a [f32],
    /// Zone of each cell; empty for zone 0.
    pub zone: &'a [u16],
}

/// Everything that one pass reads.
pub struct Pass<'a, T> {
    /// Ground.
    pub ground: &'a Ground<T>,
    /// Water before the pass.
    pub water: &'a Water<T>,
    /// Special faces by tile.
    pub special: &'a [Special],
    /// Height (m) of each crest above the bed's zero.
    pub crest: &'a [T],
    /// State beyond each open edge.
    pub ghosts: &'a [Ghost<T>],
    /// Time step (s).
    pub dt: f64,
    /// Increments are rounded to an even number of quanta.
    pub even: bool,
    /// Rain of the step; the same in both stages of order 2.
    pub rain: Option<RainStep<'a>>,
    /// Second stage of order 2: the state at the begin of the step, with which the result is averaged.
    pub base: Option<&'a Water<T>>,
}

/// A row with its neighbours' columns.
#[derive(Clone)]
#[repr(C, align(64))]
struct Row<T> {
    /// Depth in f64, for differences of levels.
    deep: [f64; WIDTH],
    h: [T; WIDTH],
    u: [T; WIDTH],
    v: [T; WIDTH],
    z: [T; WIDTH],
    /// g n².
    friction: [T; WIDTH],
    /// See [`Side::hold`].
    hold: [T; WIDTH],
    /// Depth at the begin of the step, in the second stage of order 2.
    was: [T; WIDTH],
    /// Limited differences along the columns (order 2): level, depth, u, v.
    sy: [[T; WIDTH]; 4],
    /// Crest of the northern and the western faces; below every bed for none.
    north: [T; WIDTH],
    west: [T; WIDTH],
    /// Free shares of the cells and of their northern and western faces (porosity).
    free: [T; WIDTH],
    open_north: [T; WIDTH],
    open_west: [T; WIDTH],
}

impl<T: Real> Row<T> {
    /// Zeros: [`Sweep::load`] fills what its version of a tile reads. A constant, as copying rows made one by one cost more than the
    /// computation of a tile that the grid hardly touches.
    const EMPTY: Self = Self {
        deep: [0.0; WIDTH],
        h: [T::ZERO; WIDTH],
        u: [T::ZERO; WIDTH],
        v: [T::ZERO; WIDTH],
        z: [T::ZERO; WIDTH],
        friction: [T::ZERO; WIDTH],
        hold: [T::ZERO; WIDTH],
        was: [T::ZERO; WIDTH],
        sy: [[T::ZERO; WIDTH]; 4],
        north: [T::ZERO; WIDTH],
        west: [T::ZERO; WIDTH],
        free: [T::ZERO; WIDTH],
        open_north: [T::ZERO; WIDTH],
        open_west: [T::ZERO; WIDTH],
    };
}

/// A face and the cells on both sides of it.
struct Between<T> {
    /// In the middle of the cells.
    sides: [Side<T>; 2],
    /// Limited differences in the cells (order 2): level, depth, velocities across and along.
    slopes: [[T; 4]; 2],
    /// Level on the right minus level on the left (m).
    rise: T,
    beds: [T; 2],
    /// Height of the crest, or [`NO_TOP`] at a face that is shut.
    top: T,
    /// Free shares of the face and of both cells (porosity).
    open: [T; 3],
    /// Depths at the begin of the step, in the second stage of order 2.
    was: [T; 2],
}

/// Both sides at the face itself.
struct AtFace<T> {
    sides: [Side<T>; 2],
    /// Level and bed on the right minus those on the left (m).
    rise: T,
    step: T,
    top: T,
}

impl<T: Real> Between<T> {
    #[inline(always)]
    fn at_face<const O2: bool>(&self) -> AtFace<T> {
        let [l, r] = self.sides;
        if !O2 {
            return AtFace {
                sides: [l, r],
                rise: self.rise,
                step: self.beds[1] - self.beds[0],
                top: self.top,
            };
        }
        let half = T::of(0.5);
        let [a, b] = self.slopes;
        let l = Side {
            h: l.h + half * a[1],
            u: l.u + half * a[2],
            v: l.v + half * a[3],
            ..l
        };
        let r = Side {
            h: r.h - half * b[1],
            u: r.u - half * b[2],
            v: r.v - half * b[3],
            ..r
        };
        let rise = self.rise - half * (a[0] + b[0]);
        AtFace {
            sides: [l, r],
            rise,
            step: rise - (r.h - l.h),
            top: self.top,
        }
    }
}

impl<T: Real> AtFace<T> {
    /// Sides, rise and step; at a face that is shut, of the mirror image.
    #[inline(always)]
    fn open<const EDGES: u8>(&self) -> ([Side<T>; 2], T, T) {
        let [l, r] = self.sides;
        if EDGES == PLAIN {
            return ([l, r], self.rise, self.step);
        }
        let zero = T::of(0.0);
        let shut = if EDGES == CRESTS {
            self.top >= T::of(NO_TOP)
        } else {
            self.top > zero
        };
        let (l, r) = mirrored(l, r, shut);
        (
            [l, r],
            select(shut, zero, self.rise),
            select(shut, zero, self.step),
        )
    }
}

/// Room for what is made on the way to the faces of a row or its velocities.
#[repr(C, align(64))]
struct Scratch<T> {
    /// Differences of levels (m).
    rise: [T; WIDTH],
    /// What crosses (m²/s).
    mass: [T; WIDTH],
    // See [`Met`].
    hl: [T; WIDTH],
    cl: [T; WIDTH],
    hr: [T; WIDTH],
    cr: [T; WIDTH],
    left: [T; WIDTH],
    right: [T; WIDTH],
}

impl<T: Real> Scratch<T> {
    const EMPTY: Self = Self {
        rise: [T::ZERO; WIDTH],
        mass: [T::ZERO; WIDTH],
        hl: [T::ZERO; WIDTH],
        cl: [T::ZERO; WIDTH],
        hr: [T::ZERO; WIDTH],
        cr: [T::ZERO; WIDTH],
        left: [T::ZERO; WIDTH],
        right: [T::ZERO; WIDTH],
    };
}

/// Increments and momentum across the faces of a row. Index f is the face between the cells f and f + 1 of a row buffer, or,
/// for faces between two rows, the cell.
#[derive(Clone)]
#[repr(C, align(64))]
struct Faces<T> {
    /// Depth (m) that goes from left to right (north to south) in this step.
    dw: [f64; WIDTH],
    left: [T; WIDTH],
    right: [T; WIDTH],
    along: [T; WIDTH],
}

impl<T: Real> Faces<T> {
    const EMPTY: Self = Self {
        dw: [0.0; WIDTH],
        left: [T::ZERO; WIDTH],
        right: [T::ZERO; WIDTH],
        along: [T::ZERO; WIDTH],
    };
}

impl<T: Real> Faces<T> {
    /// Takes face `at` of a column as the western face of a row.
    #[inline(always)]
    fn take_west(&mut self, column: &Self, at: usize) {
        self.dw[PAD - 1] = column.dw[at];
        self.left[PAD - 1] = column.left[at];
        self.right[PAD - 1] = column.right[at];
        self.along[PAD - 1] = column.along[at];
    }
}

/// What is kept of each column of a tile.
#[repr(C, align(64))]
struct Sums<T> {
    /// Largest depth (m) that a cell would lose beyond what it holds.
    worst: [f64; TILE],
    /// Largest depth (m).
    deepest: [f64; TILE],
    /// Largest |u| + |v| + 2 c (m/s).
    fastest: [T; TILE],
}

impl<T: Real> Sums<T> {
    const EMPTY: Self = Self {
        worst: [0.0; TILE],
        deepest: [0.0; TILE],
        fastest: [T::ZERO; TILE],
    };
}

/// Depths (m) of the cells of a row.
#[repr(C, align(64))]
struct Depths<T> {
    /// After the fluxes.
    flowed: [T; TILE],
    /// In the second stage of order 2: of the mean of both states, and at the begin of the step.
    mean: [T; TILE],
    first: [T; TILE],
}

impl<T: Real> Depths<T> {
    const EMPTY: Self = Self {
        flowed: [T::ZERO; TILE],
        mean: [T::ZERO; TILE],
        first: [T::ZERO; TILE],
    };
}

/// What a pass says of its tile.
#[derive(Clone, Debug, Default)]
pub struct TileOut {
    /// Largest |u| + |v| + 2 c (m/s) of its new state.
    pub speed: f64,
    /// True while some cell holds more than a film.
    pub wet: bool,
    /// Some cell within [`REACH`] of the western, eastern, northern, southern side holds more than a film.
    pub rims: [bool; 4],
    /// Some cell would lose more than it holds: the tile must be computed again with limited outflow.
    pub drained: bool,
    /// Depth (m) over each of its open edges, into the domain, in the order of `Special::edges`.
    pub edges: Vec<f64>,
    /// Cells whose outflow was limited.
    pub limited: u64,
    /// Rain (m over one cell) that fell on the tile.
    pub rain: f64,
}

/// Where the new state of one tile goes.
pub struct Target<'a, T> {
    /// Depth times free share (m).
    pub w: &'a mut [f64],
    /// Velocity to the east (m/s).
    pub u: &'a mut [T],
    /// Velocity to the south (m/s).
    pub v: &'a mut [T],
}

struct Sweep<'a, 'b, T, const O2: bool, const EDGES: u8, const POROUS: bool> {
    pass: &'b Pass<'a, T>,
    tile: usize,
    at: [usize; 2],
}

impl<T: Real, const O2: bool, const EDGES: u8, const POROUS: bool>
    Sweep<'_, '_, T, O2, EDGES, POROUS>
{
    /// The faces west of a tile are made with its rows; else before them, without crests, edges and porosity: see
    /// [`Sweep::west_faces`].
    const WEST_IN_ROWS: bool = EDGES >= OPEN;

    /// Rows of the tile that lie in the grid.
    #[inline(always)]
    fn rows(&self) -> usize {
        (self.pass.ground.rows - self.at[1] * TILE).min(TILE)
    }

    /// Tile that holds local row `r` and a column west (-1), inside (0) or east (1) of this tile.
    #[inline(always)]
    fn source(&self, r: i32, side: i32) -> Option<(usize, usize)> {
        let [across, down] = self.pass.ground.tiles;
        let (col, row) = (
            self.at[0] as i32 + side,
            self.at[1] as i32 + r.div_euclid(64),
        );
        (col >= 0 && row >= 0 && col < across as i32 && row < down as i32).then(|| {
            (
                row as usize * across + col as usize,
                r.rem_euclid(64) as usize * TILE,
            )
        })
    }

    /// Copies `N` cells of a tile's row (tile and position of the row in it) from column `from` on to `to` in a row buffer.
    #[inline(always)]
    fn copy<const N: usize>(
        &self,
        row: &mut Row<T>,
        to: usize,
        source: Option<(usize, usize)>,
        from: usize,
    ) {
        let pass = self.pass;
        let Some((tile, start)) = source else {
            part::<f64, N>(&mut row.deep, to).fill(0.0);
            part::<T, N>(&mut row.h, to).fill(T::of(0.0));
            part::<T, N>(&mut row.u, to).fill(T::of(0.0));
            part::<T, N>(&mut row.v, to).fill(T::of(0.0));
            part::<T, N>(&mut row.z, to).fill(T::of(0.0));
            part::<T, N>(&mut row.friction, to).fill(T::of(0.0));
            if O2 {
                part::<T, N>(&mut row.was, to).fill(T::of(0.0));
            }
            if EDGES != PLAIN {
                part::<T, N>(&mut row.north, to).fill(T::of(NO_TOP));
                part::<T, N>(&mut row.west, to).fill(T::of(NO_TOP));
            }
            if POROUS {
                part::<T, N>(&mut row.free, to).fill(T::of(1.0));
                part::<T, N>(&mut row.open_north, to).fill(T::of(1.0));
                part::<T, N>(&mut row.open_west, to).fill(T::of(1.0));
            }
            return;
        };
        let at = tile * CELLS + start + from;
        *part(&mut row.u, to) = *taken::<T, N>(&pass.water.u, at);
        *part(&mut row.v, to) = *taken::<T, N>(&pass.water.v, at);
        *part(&mut row.z, to) = *taken::<T, N>(&pass.ground.bed, at);
        *part(&mut row.friction, to) = *taken::<T, N>(&pass.ground.friction, at);
        let w = taken::<f64, N>(&pass.water.w, at);
        let deep = part::<f64, N>(&mut row.deep, to);
        let h = part::<T, N>(&mut row.h, to);
        if POROUS {
            let storage = taken::<T, N>(&pass.ground.storage, at);
            for i in 0..N {
                deep[i] = w[i] / storage[i].f64();
            }
            *part(&mut row.free, to) = *storage;
            *part(&mut row.open_north, to) = *taken::<T, N>(&pass.ground.conveyance_y, at);
            *part(&mut row.open_west, to) = *taken::<T, N>(&pass.ground.conveyance_x, at);
        } else {
            *deep = *w;
        }
        for i in 0..N {
            h[i] = T::of(deep[i]);
        }
        if let (true, Some(base)) = (O2, pass.base) {
            let w = taken::<f64, N>(&base.w, at);
            let was = part::<T, N>(&mut row.was, to);
            for i in 0..N {
                was[i] = T::of(w[i]);
            }
        }
        if EDGES != PLAIN {
            let flags = taken::<u8, N>(&pass.ground.flags, at);
            let north = part::<T, N>(&mut row.north, to);
            let west = part::<T, N>(&mut row.west, to);
            for i in 0..N {
                north[i] = top(flags[i], flag::NORTH);
                west[i] = top(flags[i], flag::WEST);
            }
        }
    }

    /// Fills a row buffer.
    #[inline(always)]
    fn load(&self, r: i32, row: &mut Row<T>) {
        let pass = self.pass;
        if O2 || Self::WEST_IN_ROWS {
            self.copy::<HALO>(row, PAD - HALO, self.source(r, -1), TILE - HALO);
        }
        self.copy::<TILE>(row, PAD, self.source(r, 0), 0);
        self.copy::<HALO>(row, PAD + TILE, self.source(r, 1), 0);
        if EDGES >= OPEN {
            let special = &pass.special[self.tile];
            for face in special.crests_of(r) {
                let top = if face.across_x {
                    &mut row.west
                } else {
                    &mut row.north
                };
                // A crest beside a closed cell opens nothing.
                let top = &mut top[(face.col + PAD as i32) as usize];
                *top = larger(*top, pass.crest[face.index]);
            }
            // Both cells beyond an edge are at most two rows away.
            for (face, beyond_first) in &special.edges[special.edges_of(r - 2..=r + 2)] {
                // The face itself is open, whatever its cell's flags say.
                if face.row == r {
                    let top = if face.across_x {
                        &mut row.west
                    } else {
                        &mut row.north
                    };
                    top[(face.col + PAD as i32) as usize] = T::of(-NO_TOP);
                }
                // The cells beyond the edge take the place of ones outside the domain.
                for (k, cell) in (0..).zip(&pass.ghosts[face.index].cells) {
                    let away = if *beyond_first { -1 - k } else { k };
                    let (dr, dc) = if face.across_x { (0, away) } else { (away, 0) };
                    if face.row + dr != r {
                        continue;
                    }
                    let j = (face.col + dc + PAD as i32) as usize;
                    row.deep[j] = cell.h.f64();
                    row.h[j] = cell.h;
                    row.u[j] = cell.u;
                    row.v[j] = cell.v;
                    row.z[j] = cell.z;
                    row.friction[j] = T::of(0.0);
                    row.was[j] = cell.h;
                }
                // The face between both is open too.
                let between = if *beyond_first { -1 } else { 1 };
                let (dr, dc) = if face.across_x {
                    (0, between)
                } else {
                    (between, 0)
                };
                if face.row + dr == r {
                    let top = if face.across_x {
                        &mut row.west
                    } else {
                        &mut row.north
                    };
                    top[(face.col + dc + PAD as i32) as usize] = T::of(-NO_TOP);
                }
            }
        }
        // Order 2 has the bed's slope inside the cells.
        if !O2 {
            if Self::WEST_IN_ROWS {
                self.hold::<{ PAD - HALO }, HALO>(row);
            }
            self.hold::<PAD, TILE>(row);
            self.hold::<{ PAD + TILE }, HALO>(row);
        }
    }

    /// See [`Side::hold`]: twice the friction slope g n² |u| u / (g h^(4/3)), over the way between two cells, per velocity.
    #[inline(always)]
    fn hold<const FROM: usize, const N: usize>(&self, row: &mut Row<T>) {
        let per_friction = T::of(2.0 * self.pass.ground.cell_m / GRAVITY);
        for j in FROM..FROM + N {
            let speed = row.u[j].abs() + row.v[j].abs();
            let thin = larger(row.h[j], T::of(DRY_M)).rough_inverse_four_thirds();
            row.hold[j] = (row.friction[j] * per_friction) * (speed * thin);
        }
    }

    /// Depth (m) for a flux (m²/s), rounded to quanta.
    #[inline(always)]
    fn increment(&self, mass: T) -> f64 {
        let x = mass.f64() * (self.pass.dt / self.pass.ground.cell_m);
        if O2 && self.pass.even {
            (x + ROUND_EVEN) - ROUND_EVEN
        } else {
            (x + ROUND) - ROUND
        }
    }

    /// Faces between the cells of a row; `sx` are limited differences along it.
    #[inline(always)]
    fn faces_x(
        &self,
        row: &Row<T>,
        sx: &mut [[T; WIDTH]; 4],
        scratch: &mut Scratch<T>,
        out: &mut Faces<T>,
    ) {
        if O2 {
            if Self::WEST_IN_ROWS {
                self.slopes_x::<{ PAD - HALO }, HALO>(row, scratch, sx);
            }
            self.slopes_x::<PAD, TILE>(row, scratch, sx);
            self.slopes_x::<{ PAD + TILE }, HALO>(row, scratch, sx);
        }
        if Self::WEST_IN_ROWS {
            self.some_faces_x::<{ PAD - HALO }, HALO>(row, sx, scratch, out);
        }
        self.some_faces_x::<PAD, TILE>(row, sx, scratch, out);
    }

    /// Faces between the tile and the one west of it, from north to south, in one go: alone in its row, each would cost as much as 16
    /// beside each other. `columns` is room for the columns next to these faces, which take the place of rows, with the tops of their
    /// western faces in the place of the northern ones.
    #[inline(always)]
    fn west_faces(&self, columns: &mut [Row<T>; 4], scratch: &mut Scratch<T>, out: &mut Faces<T>) {
        let [a, b, c, d] = columns;
        self.load_column(-1, b);
        self.load_column(0, c);
        if O2 {
            self.load_column(-2, a);
            self.load_column(1, d);
            let mut slopes = [[T::of(0.0); WIDTH]; 4];
            self.some_slopes_y::<PAD, TILE>(a, b, c, &mut slopes);
            b.sy = slopes;
            self.some_slopes_y::<PAD, TILE>(b, c, d, &mut slopes);
            c.sy = slopes;
        }
        self.faces_between::<PAD, TILE, true>(b, c, scratch, out);
    }

    /// Fills a row buffer with a column of cells.
    #[inline(always)]
    fn load_column(&self, col: i32, column: &mut Row<T>) {
        let pass = self.pass;
        let Some((tile, _)) = self.source(0, col.div_euclid(64)) else {
            self.copy::<TILE>(column, PAD, None, 0);
            column.hold.fill(T::of(0.0));
            return;
        };
        let at = |r: usize| tile * CELLS + r * TILE + col.rem_euclid(64) as usize;
        for r in 0..TILE {
            column.deep[PAD + r] = pass.water.w[at(r)];
            column.u[PAD + r] = pass.water.u[at(r)];
            column.v[PAD + r] = pass.water.v[at(r)];
            column.z[PAD + r] = pass.ground.bed[at(r)];
            column.friction[PAD + r] = pass.ground.friction[at(r)];
            if let (true, Some(base)) = (O2, pass.base) {
                column.was[PAD + r] = T::of(base.w[at(r)]);
            }
            if EDGES != PLAIN {
                column.north[PAD + r] = top(pass.ground.flags[at(r)], flag::WEST);
            }
        }
        for j in PAD..PAD + TILE {
            column.h[j] = T::of(column.deep[j]);
        }
        if !O2 {
            self.hold::<PAD, TILE>(column);
        }
    }

    /// Limited differences along a row, of `N` cells from `FROM` on.
    #[inline(always)]
    fn slopes_x<const FROM: usize, const N: usize>(
        &self,
        row: &Row<T>,
        scratch: &mut Scratch<T>,
        sx: &mut [[T; WIDTH]; 4],
    ) {
        let rise = &mut scratch.rise;
        for f in FROM - 1..FROM + N {
            rise[f] = T::of(row.deep[f + 1] - row.deep[f]) + (row.z[f + 1] - row.z[f]);
        }
        for j in FROM..FROM + N {
            let open = if EDGES != PLAIN {
                row.west[j] <= T::of(-NO_TOP) && row.west[j + 1] <= T::of(-NO_TOP)
            } else {
                true
            };
            let keep = smooth(row.h[j - 1], row.h[j], row.h[j + 1]) && open;
            slopes_at(
                sx,
                j,
                keep,
                row.h[j],
                (rise[j - 1], rise[j]),
                (row.h[j] - row.h[j - 1], row.h[j + 1] - row.h[j]),
                (row.u[j] - row.u[j - 1], row.u[j + 1] - row.u[j]),
                (row.v[j] - row.v[j - 1], row.v[j + 1] - row.v[j]),
            );
        }
    }

    /// `N` faces from `FROM` on.
    #[inline(always)]
    fn some_faces_x<const FROM: usize, const N: usize>(
        &self,
        row: &Row<T>,
        sx: &[[T; WIDTH]; 4],
        scratch: &mut Scratch<T>,
        out: &mut Faces<T>,
    ) {
        for f in FROM..FROM + N {
            scratch.rise[f] = T::of(row.deep[f + 1] - row.deep[f]) + (row.z[f + 1] - row.z[f]);
        }
        let side = |f: usize| Side {
            h: row.h[f],
            u: row.u[f],
            v: row.v[f],
            hold: row.hold[f],
        };
        let slopes = |f: usize| [sx[0][f], sx[1][f], sx[2][f], sx[3][f]];
        let between = |f: usize, scratch: &Scratch<T>| Between {
            sides: [side(f), side(f + 1)],
            slopes: [slopes(f), slopes(f + 1)],
            rise: scratch.rise[f],
            beds: [row.z[f], row.z[f + 1]],
            top: row.west[f + 1],
            open: [row.open_west[f + 1], row.free[f], row.free[f + 1]],
            was: [row.was[f], row.was[f + 1]],
        };
        self.cross::<FROM, N>(between, scratch, out);
    }

    /// What crosses `N` faces from `FROM` on.
    ///
    /// In loops that are short for one face: a processor looks ahead over some two hundred instructions, and has that many more faces
    /// in hand while it waits for roots and quotients.
    #[inline(always)]
    fn cross<const FROM: usize, const N: usize>(
        &self,
        between: impl Fn(usize, &Scratch<T>) -> Between<T>,
        scratch: &mut Scratch<T>,
        out: &mut Faces<T>,
    ) {
        let steepest = T::of(self.pass.ground.cell_m);
        let second_stage = O2 && self.pass.base.is_some();
        for f in FROM..FROM + N {
            let at = between(f, scratch).at_face::<O2>();
            let ([l, r], rise, step) = at.open::<EDGES>();
            let m = if O2 {
                meet::<T, false>(l, r, rise, step, steepest)
            } else {
                meet::<T, true>(l, r, rise, step, steepest)
            };
            scratch.hl[f] = m.hl;
            scratch.cl[f] = m.cl;
            scratch.hr[f] = m.hr;
            scratch.cr[f] = m.cr;
            scratch.left[f] = m.left;
            scratch.right[f] = m.right;
        }
        for f in FROM..FROM + N {
            let b = between(f, scratch);
            let at = b.at_face::<O2>();
            let m = Met {
                hl: scratch.hl[f],
                cl: scratch.cl[f],
                hr: scratch.hr[f],
                cr: scratch.cr[f],
                left: scratch.left[f],
                right: scratch.right[f],
            };
            let ([l, r], ..) = at.open::<EDGES>();
            let mut q = flux(l, r, m);
            if EDGES == CRESTS {
                let [l, r] = at.sides;
                let above = (b.top - b.beds[0], b.top - b.beds[1]);
                q = flux_over_crest(l, r, at.rise, above, b.top >= T::of(NO_TOP), q);
            }
            if POROUS {
                q = scaled(q, within(b.open[0], b.open[1], b.open[2]));
            }
            if second_stage {
                q = after(q, b.was[0], b.was[1]);
            }
            scratch.mass[f] = q.mass;
            out.left[f] = q.left;
            out.right[f] = q.right;
            out.along[f] = q.along;
        }
        // Loops over f64 and over T stay apart too.
        for f in FROM..FROM + N {
            out.dw[f] = self.increment(scratch.mass[f]);
        }
    }

    /// Limited differences along the columns at row `b`, between `a` (north) and `c` (south).
    #[inline(always)]
    fn slopes_y(&self, a: &Row<T>, b: &Row<T>, c: &Row<T>, out: &mut [[T; WIDTH]; 4]) {
        self.some_slopes_y::<{ PAD - HALO }, HALO>(a, b, c, out);
        self.some_slopes_y::<PAD, TILE>(a, b, c, out);
        self.some_slopes_y::<{ PAD + TILE }, HALO>(a, b, c, out);
    }

    #[inline(always)]
    fn some_slopes_y<const FROM: usize, const N: usize>(
        &self,
        a: &Row<T>,
        b: &Row<T>,
        c: &Row<T>,
        out: &mut [[T; WIDTH]; 4],
    ) {
        for j in FROM..FROM + N {
            let north = T::of(b.deep[j] - a.deep[j]) + (b.z[j] - a.z[j]);
            let south = T::of(c.deep[j] - b.deep[j]) + (c.z[j] - b.z[j]);
            let open = if EDGES != PLAIN {
                b.north[j] <= T::of(-NO_TOP) && c.north[j] <= T::of(-NO_TOP)
            } else {
                true
            };
            let keep = smooth(a.h[j], b.h[j], c.h[j]) && open;
            slopes_at(
                out,
                j,
                keep,
                b.h[j],
                (north, south),
                (b.h[j] - a.h[j], c.h[j] - b.h[j]),
                (b.u[j] - a.u[j], c.u[j] - b.u[j]),
                (b.v[j] - a.v[j], c.v[j] - b.v[j]),
            );
        }
    }

    /// Faces between a row and the one south of it, or between a column and the one east of it (`ACROSS_X`).
    #[inline(always)]
    fn faces_between<const FROM: usize, const N: usize, const ACROSS_X: bool>(
        &self,
        a: &Row<T>,
        b: &Row<T>,
        scratch: &mut Scratch<T>,
        out: &mut Faces<T>,
    ) {
        for j in FROM..FROM + N {
            scratch.rise[j] = T::of(b.deep[j] - a.deep[j]) + (b.z[j] - a.z[j]);
        }
        let turned = |[u, v]: [T; 2]| if ACROSS_X { [u, v] } else { [v, u] };
        let side = |row: &Row<T>, j: usize| {
            let [across, along] = turned([row.u[j], row.v[j]]);
            Side {
                h: row.h[j],
                u: across,
                v: along,
                hold: row.hold[j],
            }
        };
        let slopes = |row: &Row<T>, j: usize| {
            let [across, along] = turned([row.sy[2][j], row.sy[3][j]]);
            [row.sy[0][j], row.sy[1][j], across, along]
        };
        let between = |j: usize, scratch: &Scratch<T>| Between {
            sides: [side(a, j), side(b, j)],
            slopes: [slopes(a, j), slopes(b, j)],
            rise: scratch.rise[j],
            beds: [a.z[j], b.z[j]],
            top: b.north[j],
            open: [b.open_north[j], a.free[j], b.free[j]],
            was: [a.was[j], b.was[j]],
        };
        self.cross::<FROM, N>(between, scratch, out);
    }

    /// Sets the increments of open edges where they are given, and keeps their sums.
    #[inline(always)]
    fn edges(&self, r: i32, across_x: bool, faces: &mut Faces<T>, sums: Option<&mut [f64]>) {
        if EDGES < OPEN {
            return;
        }
        let special = &self.pass.special[self.tile];
        let mut sums = sums;
        for i in special.edges_of(r..=r) {
            let (face, beyond_first) = &special.edges[i];
            if face.across_x != across_x {
                continue;
            }
            let j = if across_x {
                (face.col + PAD as i32 - 1) as usize
            } else {
                (face.col + PAD as i32) as usize
            };
            let ghost = &self.pass.ghosts[face.index];
            // Into the domain is from left to right where the edge comes first.
            let sign = if *beyond_first { 1.0 } else { -1.0 };
            if !ghost.inflow.is_nan() {
                faces.dw[j] = self.increment(T::of(sign * ghost.inflow));
            }
            if ghost.only_out && sign * faces.dw[j] > 0.0 {
                faces.dw[j] = 0.0;
                faces.along[j] = T::of(0.0);
            }
            if let Some(sums) = sums.as_deref_mut() {
                sums[i] = sign * faces.dw[j];
            }
        }
    }

    /// Rain (m) on the cells of every row where it is the same, and its sum; else `None`.
    #[inline(always)]
    fn even_drops(&self, drops: &mut [f64; TILE]) -> Option<f64> {
        let rains = self.pass.rain.as_ref();
        let even = rains.is_none_or(|rain| rain.factor.is_empty() && rain.zone.is_empty());
        even.then(|| self.drops(0, drops))
    }

    /// Rain (m) on the cells of row `r`: differences of one rounded sum, so that nothing is lost over any number of steps.
    #[inline(always)]
    fn drops(&self, r: usize, drops: &mut [f64; TILE]) -> f64 {
        let Some(rain) = &self.pass.rain else {
            drops.fill(0.0);
            return 0.0;
        };
        let to = if O2 && self.pass.even {
            ROUND_EVEN
        } else {
            ROUND
        };
        let round = |x: f64| (x + to) - to;
        let at = self.tile * CELLS + r * TILE;
        match (rain.factor.get(at..at + TILE), rain.zone.get(at..at + TILE)) {
            (None, None) => {
                let [a, b] = rain.fallen_m[0];
                drops.fill(round(b) - round(a));
            }
            (Some(factor), None) => {
                let [a, b] = rain.fallen_m[0];
                for i in 0..TILE {
                    let f = f64::from(factor[i]);
                    drops[i] = round(f * b) - round(f * a);
                }
            }
            (factor, Some(zone)) => {
                for i in 0..TILE {
                    let f = factor.map_or(1.0, |f| f64::from(f[i]));
                    let [a, b] = rain.fallen_m[usize::from(zone[i])];
                    drops[i] = round(f * b) - round(f * a);
                }
            }
        }
        let inside = (self.pass.ground.cols - self.at[0] * TILE).min(TILE);
        drops[inside..].fill(0.0);
        // Sums of quanta are exact in any order; eight at a time do not wait for each other.
        let mut sums = [0.0; 8];
        for eight in drops.chunks_exact(8) {
            for (sum, drop) in sums.iter_mut().zip(eight) {
                *sum += drop;
            }
        }
        sums.iter().sum()
    }

    /// Asks for what the tile after this one will read, and for the largest values of this one: memory answers
    /// while row `r` is computed.
    #[inline(always)]
    fn fetch_next(&self, r: usize, awaited: &[PeakRow]) {
        /// The next tile's cells beside this one are read with the rows of this one, which are loaded some rounds ahead.
        const ROWS: usize = 12;
        if let Some(row) = awaited.get(r) {
            fetch(row);
        }
        let (ground, water) = (self.pass.ground, self.pass.water);
        let at = (self.tile + 1) * CELLS + (r + ROWS) * TILE;
        fetch_row(&water.w, at);
        fetch_row(&water.u, at);
        fetch_row(&water.v, at);
        fetch_row(&ground.bed, at);
        fetch_row(&ground.friction, at);
    }

    /// Depth (m) of cell `i` of a row that begins at `at`, from its depth times free share.
    #[inline(always)]
    fn depth(&self, at: usize, i: usize, w: f64) -> T {
        if POROUS {
            T::of(w / self.pass.ground.storage[at + i].f64())
        } else {
            T::of(w)
        }
    }

    /// Volumes of the cells of row `r` after the step, in f64; `y` are the faces above and below it.
    #[inline(always)]
    fn volumes(
        &self,
        r: usize,
        x: &Faces<T>,
        [top, bottom]: [&Faces<T>; 2],
        drops: &[f64; TILE],
        sums: &mut Sums<T>,
        depths: &mut Depths<T>,
        target: &mut Target<'_, T>,
    ) {
        let at = self.tile * CELLS + r * TILE;
        let old_w = taken::<f64, TILE>(&self.pass.water.w, at);
        let flags = if EDGES != PLAIN {
            &self.pass.ground.flags[at..at + TILE]
        } else {
            &[]
        };
        let average = O2 && self.pass.base.is_some();
        let base = self.pass.base.unwrap_or(self.pass.water);
        let base_w = taken::<f64, TILE>(&base.w, at);
        let tw = &mut target.w[r * TILE..(r + 1) * TILE];
        for i in 0..TILE {
            let j = i + PAD;
            let (west, east) = (x.dw[j - 1], x.dw[j]);
            let (north, south) = (top.dw[j], bottom.dw[j]);
            let out = (positive(-west) + positive(east)) + (positive(-north) + positive(south));
            // A cell of the tile outside the domain may stand beyond an open edge: what goes there has left.
            let outside = EDGES != PLAIN && flags[i] & flag::CLOSED != 0;
            let over = if outside { 0.0 } else { out - old_w[i] };
            let worst = &mut sums.worst[i];
            *worst = if over > *worst { over } else { *worst };
            // Rain falls straight down: it brings water and no momentum.
            let w = (old_w[i] + ((west - east) + (north - south))) + drops[i];
            let w = if outside { 0.0 } else { w };
            depths.flowed[i] = self.depth(at, i, w);
            // Heun: the mean of the state at the begin and the one after two steps.
            let w = if average { 0.5 * (base_w[i] + w) } else { w };
            if average {
                depths.first[i] = self.depth(at, i, base_w[i]);
                depths.mean[i] = self.depth(at, i, w);
            }
            tw[i] = w;
            let deepest = &mut sums.deepest[i];
            *deepest = if w > *deepest { w } else { *deepest };
        }
    }

    /// Velocities of the cells of row `r` after the step, with the depths that [`Sweep::volumes`] gave.
    #[inline(always)]
    fn velocities(
        &self,
        r: usize,
        row: &Row<T>,
        sx: &[[T; WIDTH]; 4],
        x: &Faces<T>,
        [top, bottom]: [&Faces<T>; 2],
        depths: &Depths<T>,
        scratch: &mut Scratch<T>,
        sums: &mut Sums<T>,
        target: &mut Target<'_, T>,
    ) {
        let zero = T::of(0.0);
        let half = T::of(0.5);
        let g = T::of(GRAVITY);
        let dt = T::of(self.pass.dt);
        let lambda = T::of(self.pass.dt / self.pass.ground.cell_m);
        let dry = T::of(DRY_M);
        let at = self.tile * CELLS + r * TILE;
        let range = r * TILE..(r + 1) * TILE;
        let (tu, tv) = (&mut target.u[range.clone()], &mut target.v[range]);
        let storage = if POROUS {
            &self.pass.ground.storage[at..at + TILE]
        } else {
            &[]
        };
        let average = O2 && self.pass.base.is_some();
        let (per_depth, friction) = (&mut scratch.hl, &mut scratch.hr);
        for i in 0..TILE {
            let root = larger(depths.flowed[i], dry).rcbrt();
            per_depth[i] = (root * root) * root;
            friction[i] = row.friction[i + PAD] * dt * ((per_depth[i] * per_depth[i]) * root);
        }
        for i in 0..TILE {
            let j = i + PAD;
            let free = if POROUS { storage[i] } else { T::of(1.0) };
            let h_old = row.h[j];
            let mut fx = (x.left[j] - x.right[j - 1]) + (bottom.along[j] - top.along[j]);
            let mut fy = (bottom.left[j] - top.right[j]) + (x.along[j] - x.along[j - 1]);
            if O2 {
                fx = fx + g * h_old * sx[0][j];
                fy = fy + g * h_old * row.sy[0][j];
            }
            let scale = if POROUS { lambda / free } else { lambda };
            let (h, per_h, k) = (depths.flowed[i], per_depth[i], friction[i]);
            // Velocity of the momentum before friction, then Manning's law in closed form (implicit, exact for the local quadratic
            // law): with k = g n^2 dt / h^(7/3), |q|' = 2 |q| / (1 + sqrt(1 + 4 k |q|)).
            let wet_now = h > dry;
            let mut qx = h_old * row.u[j] - scale * fx;
            let mut qy = h_old * row.v[j] - scale * fy;
            let size = (qx * qx + qy * qy).sqrt();
            let slow = T::of(2.0) / (T::of(1.0) + (T::of(1.0) + T::of(4.0) * k * size).sqrt());
            qx = qx * slow;
            qy = qy * slow;
            tu[i] = select(wet_now, qx * per_h, zero);
            tv[i] = select(wet_now, qy * per_h, zero);
        }
        if average {
            let base = self.pass.base.unwrap_or(self.pass.water);
            let (base_u, base_v) = (&base.u[at..at + TILE], &base.v[at..at + TILE]);
            for i in 0..TILE {
                let h = depths.mean[i];
                let safe = larger(h, dry);
                let wet = h > dry;
                let (h0, h_two) = (depths.first[i], depths.flowed[i]);
                tu[i] = select(wet, half * (h0 * base_u[i] + h_two * tu[i]) / safe, zero);
                tv[i] = select(wet, half * (h0 * base_v[i] + h_two * tv[i]) / safe, zero);
            }
        }
        let h_new = if average {
            &depths.mean
        } else {
            &depths.flowed
        };
        for i in 0..TILE {
            let h = h_new[i];
            let wave = (tu[i].abs() + tv[i].abs()) + T::of(2.0) * (g * larger(h, zero)).sqrt();
            let wave = select(h > dry, wave, zero);
            sums.fastest[i] = larger(sums.fastest[i], wave);
        }
    }
}

/// `N` values of an array from `at` on.
#[inline(always)]
#[expect(
    clippy::unwrap_used,
    reason = "a slice of N values is an array of N values"
)]
fn taken<A, const N: usize>(values: &[A], at: usize) -> &[A; N] {
    values[at..at + N].try_into().unwrap()
}

/// `N` values of a row buffer from `at` on.
#[inline(always)]
#[expect(
    clippy::unwrap_used,
    reason = "a slice of N values is an array of N values"
)]
fn part<A, const N: usize>(values: &mut [A; WIDTH], at: usize) -> &mut [A; N] {
    (&mut values[at..at + N]).try_into().unwrap()
}

/// Top of a face: far above all water where it is shut by a bit of [`flag`], far below all beds where it is open.
#[inline(always)]
fn top<T: Real>(flags: u8, bit: u8) -> T {
    T::of(if flags & bit != 0 { NO_TOP } else { -NO_TOP })
}

#[inline(always)]
fn positive(x: f64) -> f64 {
    if x > 0.0 { x } else { 0.0 }
}

#[inline(always)]
fn scaled<T: Real>(q: Flux<T>, share: T) -> Flux<T> {
    Flux {
        mass: q.mass * share,
        left: q.left * share,
        right: q.right * share,
        along: q.along * share,
    }
}

/// Free share of a face, no larger than those of the cells on both sides: otherwise waves in a nearly built-up cell would be faster than
/// the time step allows (Guinot et al. 2017, doi:10.1016/j.advwatres.2017.09.002).
#[inline(always)]
fn within<T: Real>(share: T, left: T, right: T) -> T {
    smaller(share, smaller(left, right))
}

/// Second stage: nothing crosses a face between two cells that were dry at the begin of the step. A front moves one cell a step at
/// most, and does not run ahead of itself in films.
#[inline(always)]
fn after<T: Real>(q: Flux<T>, was_left: T, was_right: T) -> Flux<T> {
    let open = larger(was_left, was_right) > T::of(DRY_M);
    let zero = T::of(0.0);
    Flux {
        mass: select(open, q.mass, zero),
        left: select(open, q.left, zero),
        right: select(open, q.right, zero),
        along: select(open, q.along, zero),
    }
}

/// Order 2 holds where three cells in a row are covered; elsewhere the scheme is of order 1.
#[inline(always)]
fn smooth<T: Real>(a: T, b: T, c: T) -> bool {
    let dry = T::of(DRY_M);
    a > dry && b > dry && c > dry
}

#[inline(always)]
fn slopes_at<T: Real>(
    out: &mut [[T; WIDTH]; 4],
    j: usize,
    keep: bool,
    deep: T,
    level: (T, T),
    h: (T, T),
    u: (T, T),
    v: (T, T),
) {
    let zero = T::of(0.0);
    // The slope of the depth is that of the level less that of the bed, which does not change in time: the bed at a face is
    // the same in every step. Where a face would run dry, the cell is of order 1.
    let slope = limited_level(level.0, level.1, deep);
    let bed = limited_level(level.0 - h.0, level.1 - h.1, deep);
    let keep = keep && (slope - bed).abs() < T::of(1.9) * deep;
    out[0][j] = select(keep, slope, zero);
    out[1][j] = select(keep, slope - bed, zero);
    out[2][j] = select(keep, limited(u.0, u.1), zero);
    out[3][j] = select(keep, limited(v.0, v.1), zero);
}

/// Room for the rows of a tile, its faces and sums: used again and again, as clearing it for each tile would cost a thirtieth of the
/// computation. A tile reads nothing that it has not written before.
pub struct Room<T> {
    rows: [Row<T>; 4],
    sx: [[T; WIDTH]; 4],
    x: Faces<T>,
    /// Faces above and below a row, in turn.
    between: [Faces<T>; 2],
    /// See [`Sweep::west_faces`].
    west: Faces<T>,
    scratch: Scratch<T>,
    depths: Depths<T>,
    drops: [f64; TILE],
}

impl<T: Real> Room<T> {
    /// Made once for many tiles.
    pub fn new() -> Box<Self> {
        Box::new(Self {
            rows: [const { Row::EMPTY }; 4],
            sx: [[T::ZERO; WIDTH]; 4],
            x: Faces::EMPTY,
            between: [const { Faces::EMPTY }; 2],
            west: Faces::EMPTY,
            scratch: Scratch::EMPTY,
            depths: Depths::EMPTY,
            drops: [0.0; TILE],
        })
    }
}

/// Computes one tile; `awaited` is what will be read next.
#[inline(always)]
pub fn sweep<T: Real, const O2: bool, const EDGES: u8, const POROUS: bool>(
    pass: &Pass<'_, T>,
    tile: usize,
    awaited: &[PeakRow],
    room: &mut Room<T>,
    target: &mut Target<'_, T>,
    out: &mut TileOut,
) {
    let across = pass.ground.tiles[0];
    let sweep = Sweep::<'_, '_, T, O2, EDGES, POROUS> {
        pass,
        tile,
        at: [tile % across, tile / across],
    };
    let Room {
        rows,
        sx,
        x,
        between,
        west,
        scratch,
        depths,
        drops,
    } = room;
    let slot = |r: i32| r.rem_euclid(4) as usize;
    let mut sums = Sums::EMPTY;
    let rain = sweep.even_drops(drops);
    out.rain = 0.0;
    out.edges.clear();
    out.edges.resize(pass.special[tile].edges.len(), 0.0);

    // Order 2 needs the slopes of the next row, and for them the row after it. The first rounds only fill the buffers.
    let (first, ahead) = if O2 { (-4, 2) } else { (-2, 1) };
    if !Sweep::<T, O2, EDGES, POROUS>::WEST_IN_ROWS {
        sweep.west_faces(rows, scratch, west);
    }
    for r in first..sweep.rows() as i32 {
        sweep.load(r + ahead, &mut rows[slot(r + ahead)]);
        if O2 && r >= -2 {
            let mut sy = [[T::of(0.0); WIDTH]; 4];
            let [north, here, south] = [r, r + 1, r + 2].map(|r| &rows[slot(r)]);
            sweep.slopes_y(north, here, south, &mut sy);
            rows[slot(r + 1)].sy = sy;
        }
        if r < -1 {
            continue;
        }
        let [even, odd] = &mut *between;
        let (top, bottom) = if r % 2 == 0 { (even, odd) } else { (odd, even) };
        let (row, south) = (&rows[slot(r)], &rows[slot(r + 1)]);
        sweep.faces_between::<PAD, TILE, false>(row, south, scratch, bottom);
        sweep.edges(r + 1, false, bottom, Some(&mut out.edges));
        if r < 0 {
            continue;
        }
        sweep.fetch_next(r as usize, awaited);
        sweep.faces_x(row, sx, scratch, x);
        sweep.edges(r, true, x, Some(&mut out.edges));
        let r = r as usize;
        if !Sweep::<T, O2, EDGES, POROUS>::WEST_IN_ROWS {
            x.take_west(west, PAD + r);
        }
        let y = [&*top, &*bottom];
        out.rain += rain.unwrap_or_else(|| sweep.drops(r, drops));
        sweep.volumes(r, x, y, drops, &mut sums, depths, target);
        sweep.velocities(r, row, sx, x, y, depths, scratch, &mut sums, target);
    }
    finish(&sums, target.w, out);
}

fn finish<T: Real>(sums: &Sums<T>, w: &[f64], out: &mut TileOut) {
    out.drained = sums.worst.iter().any(|&x| x > 0.0);
    out.wet = sums.deepest.iter().any(|&x| x > DRY_M);
    out.rims = rims(&sums.deepest, w);
    out.speed = (sums.fastest)
        .iter()
        .fold(0.0, |a, &b| if b.f64() > a { b.f64() } else { a });
    out.limited = 0;
}

/// See [`TileOut::rims`]: from the largest depth of each column, and all depths of the tile.
pub fn rims(deepest: &[f64; TILE], w: &[f64]) -> [bool; 4] {
    let any = |values: &[f64]| values.iter().any(|&x| x > DRY_M);
    [
        any(&deepest[..REACH]),
        any(&deepest[TILE - REACH..]),
        any(&w[..REACH * TILE]),
        any(&w[CELLS - REACH * TILE..]),
    ]
}

/// Share of the cell that water comes from; a face that no water crosses keeps its pressure.
fn donor_share(dw: f64, left: f64, right: f64) -> f64 {
    if dw > 0.0 {
        left
    } else if dw < 0.0 {
        right
    } else {
        1.0
    }
}

/// Computes one tile again with the outflow of each cell limited to what it holds (Bollermann et al. 2011,
/// doi:10.4208/cicp.220210.020710a): all fluxes across a face take the share of its donor, on both sides of the face, also where
/// the donor is a neighbour's cell. Same faces, same numbers as [`sweep`], where nothing is limited.
#[inline(always)]
pub fn sweep_limited<T: Real, const O2: bool, const EDGES: u8, const POROUS: bool>(
    pass: &Pass<'_, T>,
    tile: usize,
    target: &mut Target<'_, T>,
    out: &mut TileOut,
) {
    let across = pass.ground.tiles[0];
    let sweep = Sweep::<'_, '_, T, O2, EDGES, POROUS> {
        pass,
        tile,
        at: [tile % across, tile / across],
    };
    out.edges.clear();
    out.edges.resize(pass.special[tile].edges.len(), 0.0);
    // Rows -3 to 66; faces of the cells -1 to 64 in both directions.
    const FIRST: i32 = -3;
    let mut rows: Vec<Row<T>> = (FIRST..=TILE as i32 + 2)
        .map(|r| {
            let mut row = Row::EMPTY;
            sweep.load(r, &mut row);
            row
        })
        .collect();
    let index = |r: i32| (r - FIRST) as usize;
    if O2 {
        for r in -2..=TILE as i32 + 1 {
            let mut sy = [[T::of(0.0); WIDTH]; 4];
            sweep.slopes_y(
                &rows[index(r - 1)],
                &rows[index(r)],
                &rows[index(r + 1)],
                &mut sy,
            );
            rows[index(r)].sy = sy;
        }
    }
    let mut scratch = Scratch::EMPTY;
    let mut sx = Vec::new();
    sx.resize(TILE + 2, [[T::of(0.0); WIDTH]; 4]);
    let mut xs = vec![Faces::EMPTY; TILE + 2];
    let mut ys = vec![Faces::EMPTY; TILE + 3];
    for r in -1..=TILE as i32 {
        let k = (r + 1) as usize;
        let (row, sx, x) = (&rows[index(r)], &mut sx[k], &mut xs[k]);
        sweep.faces_x(row, sx, &mut scratch, x);
        sweep.some_faces_x::<{ PAD + TILE }, HALO>(row, sx, &mut scratch, x);
        sweep.edges(r, true, &mut xs[k], None);
    }
    for r in -1..=TILE as i32 + 1 {
        let k = (r + 1) as usize;
        let (north, south) = (&rows[index(r - 1)], &rows[index(r)]);
        sweep.faces_between::<{ PAD - HALO }, HALO, false>(north, south, &mut scratch, &mut ys[k]);
        sweep.faces_between::<PAD, TILE, false>(north, south, &mut scratch, &mut ys[k]);
        sweep.faces_between::<{ PAD + TILE }, HALO, false>(north, south, &mut scratch, &mut ys[k]);
        sweep.edges(r, false, &mut ys[k], None);
    }
    // Share of its outflow that each cell can give.
    let mut share = vec![[1.0_f64; WIDTH]; TILE + 2];
    let mut limited_cells = 0;
    for r in -1..=TILE as i32 {
        let k = (r + 1) as usize;
        for j in PAD - 1..=PAD + TILE {
            let water = sweep.water_at(r, j as i32 - PAD as i32);
            let leaves = (positive(-xs[k].dw[j - 1]) + positive(xs[k].dw[j]))
                + (positive(-ys[k].dw[j]) + positive(ys[k + 1].dw[j]));
            if leaves > water {
                // A little less than all, so that rounding each face towards nothing is enough.
                share[k][j] = (water / leaves) * (1.0 - 1e-9);
                let inside = (0..TILE as i32).contains(&r) && (PAD..PAD + TILE).contains(&j);
                limited_cells += u64::from(inside);
            }
        }
    }
    let quantum = if O2 && pass.even {
        2.0 * QUANTUM_M
    } else {
        QUANTUM_M
    };
    let limit = |faces: &mut Faces<T>, j: usize, donor: f64| {
        if donor < 1.0 {
            faces.dw[j] = (faces.dw[j] * donor / quantum).trunc() * quantum;
            let s = T::of(donor);
            faces.left[j] = faces.left[j] * s;
            faces.right[j] = faces.right[j] * s;
            faces.along[j] = faces.along[j] * s;
        }
    };
    for k in 1..=TILE {
        for f in PAD - 1..PAD + TILE {
            let donor = donor_share(xs[k].dw[f], share[k][f], share[k][f + 1]);
            limit(&mut xs[k], f, donor);
        }
    }
    for k in 1..=TILE + 1 {
        for j in PAD..PAD + TILE {
            let donor = donor_share(ys[k].dw[j], share[k - 1][j], share[k][j]);
            limit(&mut ys[k], j, donor);
        }
    }
    // Sums over the open edges, of the limited increments.
    for (i, (face, beyond_first)) in pass.special[tile].edges.iter().enumerate() {
        let near = -1..=TILE as i32;
        if !near.contains(&face.row) || !near.contains(&face.col) {
            // An edge of a tile beside this one, which books it itself.
            continue;
        }
        let sign = if *beyond_first { 1.0 } else { -1.0 };
        let k = (face.row + 1) as usize;
        let dw = if face.across_x {
            xs[k].dw[(face.col + PAD as i32 - 1) as usize]
        } else {
            ys[k].dw[(face.col + PAD as i32) as usize]
        };
        out.edges[i] = sign * dw;
    }
    let mut sums = Sums::EMPTY;
    let mut depths = Depths::EMPTY;
    let mut drops = [0.0_f64; TILE];
    out.rain = 0.0;
    for r in 0..sweep.rows() {
        out.rain += sweep.drops(r, &mut drops);
        let (row, sx, x) = (&rows[index(r as i32)], &sx[r + 1], &xs[r + 1]);
        let y = [&ys[r + 1], &ys[r + 2]];
        sweep.volumes(r, x, y, &drops, &mut sums, &mut depths, target);
        sweep.velocities(r, row, sx, x, y, &depths, &mut scratch, &mut sums, target);
    }
    finish(&sums, target.w, out);
    out.limited = limited_cells;
}

impl<T: Real, const O2: bool, const EDGES: u8, const POROUS: bool>
    Sweep<'_, '_, T, O2, EDGES, POROUS>
{
    /// Depth times free share of a cell of this tile or one around it; endless beyond an open edge and outside.
    fn water_at(&self, r: i32, c: i32) -> f64 {
        let beyond = self.pass.special[self.tile].edges.iter().any(|(f, first)| {
            let (dr, dc) = match (f.across_x, first) {
                (true, true) => (0, -1),
                (false, true) => (-1, 0),
                _ => (0, 0),
            };
            f.row + dr == r && f.col + dc == c
        });
        if beyond {
            return f64::INFINITY;
        }
        match self.source(r, c.div_euclid(64)) {
            Some((tile, start)) => {
                self.pass.water.w[tile * CELLS + start + c.rem_euclid(64) as usize]
            }
            None => f64::INFINITY,
        }
    }
}
