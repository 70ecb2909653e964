//! A part of the city on paper: its extent, the scale, and from local metres to millimetres.

use std::fmt::Write as _;

/// Scales a map may have (1 : n).
pub const SCALES: [u32; 15] = [
    250, 500, 750, 1000, 1500, 2000, 2500, 3000, 4000, 5000, 7500, 10_000, 20_000, 25_000, 50_000,
];

/// A box in local metres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// South-western corner.
    pub min: [f64; 2],
    /// North-eastern corner.
    pub max: [f64; 2],
}

impl Extent {
    /// Box around points; `None` without points.
    pub fn around(points: impl IntoIterator<Item = [f64; 2]>) -> Option<Self> {
        let mut points = points.into_iter();
        let first = points.next()?;
        let mut extent = Self {
            min: first,
            max: first,
        };
        for p in points {
            extent.add(p);
        }
        Some(extent)
    }

    /// Grows to hold a point.
    pub fn add(&mut self, p: [f64; 2]) {
        for (i, x) in p.into_iter().enumerate() {
            self.min[i] = self.min[i].min(x);
            self.max[i] = self.max[i].max(x);
        }
    }

    /// Grows by a margin (m) on all sides.
    #[must_use]
    pub fn grown(self, margin_m: f64) -> Self {
        Self {
            min: self.min.map(|x| x - margin_m),
            max: self.max.map(|x| x + margin_m),
        }
    }

    /// Common part; `None` when the boxes lie apart.
    pub fn intersection(self, other: Self) -> Option<Self> {
        let both = Self {
            min: std::array::from_fn(|i| self.min[i].max(other.min[i])),
            max: std::array::from_fn(|i| self.max[i].min(other.max[i])),
        };
        (both.min[0] < both.max[0] && both.min[1] < both.max[1]).then_some(both)
    }

    /// Width and height (m).
    pub fn size(self) -> [f64; 2] {
        [self.max[0] - self.min[0], self.max[1] - self.min[1]]
    }

    pub(super) fn centre(self) -> [f64; 2] {
        std::array::from_fn(|i| 0.5 * (self.min[i] + self.max[i]))
    }
}

/// Smallest round scale at which `extent` fits the paper.
pub fn scale_for(extent: Extent, width_mm: f64, height_mm: f64) -> u32 {
    let [w, h] = extent.size();
    SCALES
        .into_iter()
        .find(|&scale| {
            let mm = 1000.0 / f64::from(scale);
            w * mm <= width_mm && h * mm <= height_mm
        })
        .unwrap_or_else(|| {
            let needed = (w * 1000.0 / width_mm).max(h * 1000.0 / height_mm);
            ((needed / 50_000.0).ceil() * 50_000.0) as u32
        })
}

/// From local metres to millimetres on paper.
pub(super) struct Paper {
    pub(super) extent: Extent,
    pub(super) mm_per_m: f64,
    pub(super) top_mm: f64,
}

impl Paper {
    pub(super) fn x(&self, x: f64) -> f64 {
        (x - self.extent.min[0]) * self.mm_per_m
    }

    pub(super) fn y(&self, y: f64) -> f64 {
        self.top_mm + (self.extent.max[1] - y) * self.mm_per_m
    }

    pub(super) fn ring(&self, path: &mut String, ring: impl IntoIterator<Item = [f64; 2]>) {
        for (i, [x, y]) in ring.into_iter().enumerate() {
            let letter = if i == 0 { 'M' } else { 'L' };
            let _ = write!(path, "{letter}{:.2} {:.2}", self.x(x), self.y(y));
        }
        path.push('Z');
    }

    pub(super) fn line(&self, path: &mut String, line: &[[f64; 2]]) {
        for (i, [x, y]) in line.iter().enumerate() {
            let letter = if i == 0 { 'M' } else { 'L' };
            let _ = write!(path, "{letter}{:.2} {:.2}", self.x(*x), self.y(*y));
        }
    }

    pub(super) fn sees(&self, min: [f64; 2], max: [f64; 2]) -> bool {
        min[0] <= self.extent.max[0]
            && max[0] >= self.extent.min[0]
            && min[1] <= self.extent.max[1]
            && max[1] >= self.extent.min[1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_is_the_largest_round_one_that_fits() {
        let extent = |w, h| Extent {
            min: [0.0, 0.0],
            max: [w, h],
        };
        assert_eq!(scale_for(extent(174.0, 100.0), 174.0, 150.0), 1000);
        assert_eq!(scale_for(extent(175.0, 100.0), 174.0, 150.0), 1500);
        assert_eq!(scale_for(extent(100.0, 600.0), 174.0, 150.0), 4000);
        assert_eq!(scale_for(extent(60_000.0, 10.0), 174.0, 150.0), 350_000);
    }

    #[test]
    fn boxes_that_lie_apart_have_no_common_part() {
        let a = Extent {
            min: [0.0, 0.0],
            max: [1.0, 1.0],
        };
        assert_eq!(a.intersection(a.grown(1.0)), Some(a));
        let far = Extent {
            min: [5.0, 0.0],
            max: [6.0, 1.0],
        };
        assert_eq!(a.intersection(far), None);
    }
}
