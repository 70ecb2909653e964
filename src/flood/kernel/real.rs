//! Numbers of velocities and fluxes: f32 for cities, f64 where round-off itself is the question.
//!
//! Everything is written without fused multiply-add and without reordering, so that every instruction set gives the same bits.

use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A floating-point number of the kernel.
pub trait Real:
    Copy
    + Debug
    + Default
    + Send
    + Sync
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + 'static
{
    /// 0.
    const ZERO: Self;
    /// Rounded from f64.
    fn of(x: f64) -> Self;
    /// Widened to f64.
    fn f64(self) -> f64;
    /// Rounded to f32.
    fn f32(self) -> f32;
    /// Square root.
    fn sqrt(self) -> Self;
    /// Absolute value.
    fn abs(self) -> Self;
    /// x^(-1/3) of a positive normal number, to a few units in the last place.
    fn rcbrt(self) -> Self;
    /// x^(-4/3) of a positive normal number, 6 % less to 21 % more.
    fn rough_inverse_four_thirds(self) -> Self;
}

/// x^(-4/3), roughly: four thirds (nearly: 1 + 1/4 + 1/16 + 1/64) of the exponent, by integer arithmetic on the bits.
#[inline(always)]
fn inverse_four_thirds(x: f32) -> f32 {
    /// The bits of 1 then give the bits of 1.
    const ONE: u32 = 0x3f80_0000;
    let third = |bits: u32| (bits >> 2) + (bits >> 4) + (bits >> 6);
    let bits = x.to_bits();
    f32::from_bits((2 * ONE + third(ONE)) - (bits + third(bits)))
}

/// x^(-1/3) within 4 %: a third of the exponent, by integer arithmetic on the bits.
#[inline(always)]
fn rcbrt_seed(x: f32) -> f32 {
    f32::from_bits(0x54a2_fa8c - x.to_bits() / 3)
}

/// One step of third order towards x^(-1/3): with e = 1 - x y^3, y (1 + e/3 + 2 e^2/9).
macro_rules! rcbrt_step {
    ($x:expr, $y:expr) => {{
        let e = 1.0 - $x * ($y * $y) * $y;
        $y + $y * e * (1.0 / 3.0 + e * (2.0 / 9.0))
    }};
}

impl Real for f32 {
    const ZERO: Self = 0.0;
    #[inline(always)]
    fn of(x: f64) -> Self {
        x as Self
    }
    #[inline(always)]
    fn f64(self) -> f64 {
        f64::from(self)
    }
    #[inline(always)]
    fn f32(self) -> f32 {
        self
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        Self::sqrt(self)
    }
    #[inline(always)]
    fn abs(self) -> Self {
        Self::abs(self)
    }
    #[inline(always)]
    fn rcbrt(self) -> Self {
        let y = rcbrt_seed(self);
        let y = rcbrt_step!(self, y);
        rcbrt_step!(self, y)
    }
    #[inline(always)]
    fn rough_inverse_four_thirds(self) -> Self {
        inverse_four_thirds(self)
    }
}

impl Real for f64 {
    const ZERO: Self = 0.0;
    #[inline(always)]
    fn of(x: f64) -> Self {
        x
    }
    #[inline(always)]
    fn f64(self) -> f64 {
        self
    }
    #[inline(always)]
    fn f32(self) -> f32 {
        self as f32
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        Self::sqrt(self)
    }
    #[inline(always)]
    fn abs(self) -> Self {
        Self::abs(self)
    }
    #[inline(always)]
    fn rcbrt(self) -> Self {
        let y = Self::from(rcbrt_seed(self as f32));
        let y = rcbrt_step!(self, y);
        let y = rcbrt_step!(self, y);
        rcbrt_step!(self, y)
    }
    #[inline(always)]
    fn rough_inverse_four_thirds(self) -> Self {
        Self::from(inverse_four_thirds(self as f32))
    }
}

/// The larger one; a plain comparison, which becomes one instruction.
#[inline(always)]
pub fn larger<T: Real>(a: T, b: T) -> T {
    if a > b { a } else { b }
}

/// The smaller one.
#[inline(always)]
pub fn smaller<T: Real>(a: T, b: T) -> T {
    if a < b { a } else { b }
}

/// `a` where `choose` holds, else `b`.
#[inline(always)]
pub fn select<T: Real>(choose: bool, a: T, b: T) -> T {
    if choose { a } else { b }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inverse_cube_root_is_exact_to_rounding() {
        let mut x = 1e-7_f64;
        while x < 1e4 {
            let want = x.cbrt().recip();
            assert!((x.rcbrt() / want - 1.0).abs() < 4e-15, "{x}");
            let single = (x as f32).rcbrt();
            let want = f64::from(x as f32).cbrt().recip();
            assert!(
                (f64::from(single) / want - 1.0).abs() < 4e-7,
                "{x}: {single}"
            );
            let rough = x.rough_inverse_four_thirds() * x.powf(4.0 / 3.0);
            assert!((0.94..1.21).contains(&rough), "{x}: {rough}");
            x *= 1.013;
        }
    }
}
