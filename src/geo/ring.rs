//! Closed outlines in the plan.

/// True for a place inside an outline (first corner not repeated), by the even-odd rule.
pub fn contains(ring: &[[f64; 2]], [x, y]: [f64; 2]) -> bool {
    let mut inside = false;
    for (i, a) in ring.iter().enumerate() {
        let b = ring[(i + 1) % ring.len()];
        if (a[1] > y) != (b[1] > y) && x < a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]) {
            inside = !inside;
        }
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_inside_its_outline() {
        let ring = [[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [2.0, 1.0], [0.0, 4.0]];
        assert!(contains(&ring, [0.5, 2.0]) && contains(&ring, [2.0, 0.5]));
        assert!(!contains(&ring, [2.0, 2.0]) && !contains(&ring, [5.0, 1.0]));
    }
}
