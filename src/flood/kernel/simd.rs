//! The same pass compiled for the instruction sets of today's processors; the best one is chosen when the program runs.
//!
//! All versions do the same operations in the same order (Rust never contracts to fused multiply-add), so they give the same bits.

use super::peaks::{Look, PeakRow, look_at_tile};
use super::real::Real;
use super::tile::{
    CELLS, CRESTS, OPEN, PLAIN, Pass, Room, TILE, Target, TileOut, WALLS, Water, sweep,
    sweep_limited,
};

/// Which compiled version to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// What every processor of the platform has.
    Baseline,
    /// 256-bit vectors.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// 512-bit vectors.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Level {
    /// The best one of this processor.
    pub fn best() -> Self {
        *Self::all().last().unwrap_or(&Self::Baseline)
    }

    /// All that this processor has, the simplest first.
    pub fn all() -> Vec<Self> {
        #[cfg_attr(
            not(target_arch = "x86_64"),
            expect(unused_mut, reason = "one level only")
        )]
        let mut levels = vec![Self::Baseline];
        #[cfg(target_arch = "x86_64")]
        {
            if std::is_x86_feature_detected!("avx2") {
                levels.push(Self::Avx2);
            }
            if std::is_x86_feature_detected!("avx512f")
                && std::is_x86_feature_detected!("avx512vl")
                && std::is_x86_feature_detected!("avx512dq")
                && std::is_x86_feature_detected!("avx512bw")
            {
                levels.push(Self::Avx512);
            }
        }
        levels
    }
}

/// Arguments of one tile.
pub struct Work<'a, 'b, T> {
    /// What is read.
    pub pass: &'b Pass<'a, T>,
    /// Tile.
    pub tile: usize,
    /// With limited outflow.
    pub limited: bool,
    /// Order 2.
    pub second_order: bool,
    /// What its faces need: [`PLAIN`], [`WALLS`], [`OPEN`] or [`CRESTS`].
    pub edges: u8,
    /// What is read next, once the tile is done.
    pub awaited: &'b [PeakRow],
}

/// Bytes of a line of the cache.
const LINE: usize = 64;

/// Asks for `bytes` from `start` on: memory answers while the processor goes on. `start` may lie beyond an array.
#[inline(always)]
fn ask(start: *const i8, bytes: usize) {
    #[cfg(target_arch = "x86_64")]
    for line in 0..bytes.div_ceil(LINE) {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        #[expect(unsafe_code, reason = "a hint without effect on what is computed")]
        // SAFETY: asking for memory does not read it, whatever the place.
        unsafe {
            _mm_prefetch::<_MM_HINT_T1>(start.wrapping_add(line * LINE));
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (start, bytes);
}

/// Asks for a value that will be read soon.
#[inline(always)]
pub fn fetch<A>(value: &A) {
    ask(std::ptr::from_ref(value).cast(), size_of::<A>());
}

/// Asks for the values of a row of cells that begins at `at`, which may lie beyond the array.
#[inline(always)]
pub fn fetch_row<A>(values: &[A], at: usize) {
    ask(
        values.as_ptr().wrapping_add(at).cast(),
        TILE * size_of::<A>(),
    );
}

#[inline(always)]
fn choose<T: Real>(
    work: &Work<'_, '_, T>,
    room: &mut Room<T>,
    target: &mut Target<'_, T>,
    out: &mut TileOut,
) {
    let (pass, tile) = (work.pass, work.tile);
    let porous = !pass.ground.storage.is_empty();
    if work.limited {
        // Rare: the version for crests does for all.
        return match (work.second_order, porous) {
            (false, false) => sweep_limited::<T, false, CRESTS, false>(pass, tile, target, out),
            (false, true) => sweep_limited::<T, false, CRESTS, true>(pass, tile, target, out),
            (true, false) => sweep_limited::<T, true, CRESTS, false>(pass, tile, target, out),
            (true, true) => sweep_limited::<T, true, CRESTS, true>(pass, tile, target, out),
        };
    }
    let edges = if porous { CRESTS } else { work.edges };
    macro_rules! sweep_as {
        ($order_2:literal, $edges:ident, $porous:literal) => {
            sweep::<T, $order_2, $edges, $porous>(pass, tile, work.awaited, room, target, out)
        };
    }
    match (work.second_order, edges, porous) {
        (false, PLAIN, _) => sweep_as!(false, PLAIN, false),
        (false, WALLS, _) => sweep_as!(false, WALLS, false),
        (false, OPEN, _) => sweep_as!(false, OPEN, false),
        (false, _, false) => sweep_as!(false, CRESTS, false),
        (false, _, true) => sweep_as!(false, CRESTS, true),
        (true, PLAIN, _) => sweep_as!(true, PLAIN, false),
        (true, WALLS, _) => sweep_as!(true, WALLS, false),
        (true, OPEN, _) => sweep_as!(true, OPEN, false),
        (true, _, false) => sweep_as!(true, CRESTS, false),
        (true, _, true) => sweep_as!(true, CRESTS, true),
    }
}

/// `at_level!(level, <T>(names: types) body)` runs `body`, which works on the names, compiled for the instruction set of `level`.
macro_rules! at_level {
    ($level:expr, <$t:ident>($($name:ident: $type:ty),*) $body:expr) => {{
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx2")]
        fn avx2<$t: Real>($($name: $type),*) {
            $body;
        }
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx2,avx512f,avx512vl,avx512dq,avx512bw")]
        fn avx512<$t: Real>($($name: $type),*) {
            $body;
        }
        match $level {
            Level::Baseline => $body,
            #[cfg(target_arch = "x86_64")]
            #[expect(
                unsafe_code,
                reason = "a function for an instruction set, called only where the processor has it"
            )]
            // SAFETY: `Level::all` names this level only after asking the processor.
            Level::Avx2 => unsafe { avx2($($name),*) },
            #[cfg(target_arch = "x86_64")]
            #[expect(
                unsafe_code,
                reason = "a function for an instruction set, called only where the processor has it"
            )]
            // SAFETY: `Level::all` names this level only after asking the processor.
            Level::Avx512 => unsafe { avx512($($name),*) },
        }
    }};
}

/// Computes one tile.
pub fn compute<T: Real>(
    level: Level,
    work: &Work<'_, '_, T>,
    room: &mut Room<T>,
    target: &mut Target<'_, T>,
    out: &mut TileOut,
) {
    at_level!(
        level,
        <T>(
            work: &Work<'_, '_, T>,
            room: &mut Room<T>,
            target: &mut Target<'_, T>,
            out: &mut TileOut
        )
        choose(work, room, target, out)
    );
}

/// State of a tile: depth times free share (m), velocities (m/s).
type State<'a, T> = (&'a [f64], &'a [T], &'a [T]);

/// Takes the state of a tile into its largest values.
pub fn look<T: Real>(
    level: Level,
    rows: &mut [PeakRow],
    water: &Water<T>,
    storage: &[T],
    tile: usize,
    at: Look,
) {
    let range = tile * CELLS..(tile + 1) * CELLS;
    let state = (
        &water.w[range.clone()],
        &water.u[range.clone()],
        &water.v[range.clone()],
    );
    let storage = storage.get(range).unwrap_or_default();
    at_level!(
        level,
        <T>(rows: &mut [PeakRow], state: State<'_, T>, storage: &[T], at: Look)
        look_at_tile(rows, state.0, state.1, state.2, storage, at)
    );
}
