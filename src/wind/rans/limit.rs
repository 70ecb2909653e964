//! Upwind values on faces: limited ones for what must stay positive, third-order ones for the velocity.

/// Smaller of two numbers; one instruction, other than `f32::min`, which cares for NaN.
#[inline(always)]
pub(super) fn low(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

/// Larger of two numbers.
#[inline(always)]
pub(super) fn high(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

/// Difference across a cell from those on both sides: monotonised central (van Leer 1977, doi:10.1016/0021-9991(77)90095-X), the mean
/// of both, twice the smaller one at most, 0 at an extremum.
#[inline(always)]
fn limited(before: f32, after: f32) -> f32 {
    let mean = 0.5 * (before + after);
    let rise = low(low(before, after) * 2.0, mean);
    let fall = high(high(before, after) * 2.0, mean);
    high(rise, 0.0) + low(fall, 0.0)
}

/// `a` where the mask is all ones, `b` where it is 0. Written with bits, for the compiler makes jumps of conditions, and rows with jumps
/// are not computed four values at a time.
#[inline(always)]
fn choose(mask: u32, a: f32, b: f32) -> f32 {
    f32::from_bits((a.to_bits() & mask) | (b.to_bits() & !mask))
}

/// Value on the face between `a` and `b` that the flow `f` (positive from `a` to `b`) carries; `aa` lies before `a`, `bb` behind `b`. Of second
/// order, and nowhere beyond its neighbours, so that k and epsilon stay positive.
#[inline(always)]
pub(super) fn carried(f: f32, aa: f32, a: f32, b: f32, bb: f32) -> f32 {
    let along = u32::from(f > 0.0).wrapping_neg();
    let (up, here, down) = (
        choose(along, aa, bb),
        choose(along, a, b),
        choose(along, b, a),
    );
    here + 0.5 * limited(here - up, down - here)
}

/// The same of third order and without limits (kappa = 1/3; van Leer 1985, Lect. Appl. Math. 22, 327-336): the mean over the face of the parabola whose means
/// over two cells upwind and one downwind are the given ones, where widths are equal: layers that grow are taken as if they were.
///
/// Limits flatten every extremum, and a jet past a corner is an extremum one or two cells wide. A velocity may overshoot by a little.
#[inline(always)]
pub(super) fn third_order(f: f32, aa: f32, a: f32, b: f32, bb: f32) -> f32 {
    let along = u32::from(f > 0.0).wrapping_neg();
    let up = choose(along, aa, bb);
    // Five sixths of the value upwind and a third of that downwind, less a sixth of that further upwind.
    let (here, down) = (choose(along, a, b), choose(along, b, a));
    here + (here - up) * (1.0 / 6.0) + (down - here) * (1.0 / 3.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn straight_lines_are_exact_and_extrema_flat() {
        assert!((carried(1.0, 1.0, 2.0, 3.0, 9.0) - 2.5).abs() < 1e-6);
        assert!((carried(-1.0, 9.0, 2.0, 3.0, 4.0) - 2.5).abs() < 1e-6);
        assert!((carried(1.0, 1.0, 2.0, 1.0, 9.0) - 2.0).abs() < 1e-6);
        let steep = carried(1.0, 0.0, 1.0, 100.0, 100.0);
        assert!(steep > 1.0 && steep <= 2.0, "{steep}");
    }

    #[test]
    fn parabolas_are_exact_in_the_third_order_from_both_sides() {
        // Means of x² over cells of width 1 around -1, 0, 1 and 2; on the face at 1/2 it is 1/4.
        let [aa, a, b, bb] = [-1.0_f32, 0.0, 1.0, 2.0].map(|x| x * x + 1.0 / 12.0);
        for f in [1.0, -1.0] {
            let face = third_order(f, aa, a, b, bb);
            assert!((face - 0.25).abs() < 1e-6, "{f}: {face}");
        }
    }

    #[test]
    fn a_narrow_jet_keeps_its_peak_only_without_limits() {
        let (limited, free) = (
            carried(1.0, 0.5, 1.5, 0.5, 0.5),
            third_order(1.0, 0.5, 1.5, 0.5, 0.5),
        );
        assert!((limited - 1.5).abs() < 1e-6);
        // Between the peak and its neighbour downwind, as the parabola is.
        assert!(free < 1.5 && free > 1.0, "{free}");
    }
}
