//! Nearest of many points, by square cells.

/// Points in square cells.
#[derive(Clone, Debug)]
pub struct Nearest {
    cell_m: f64,
    corner: [f64; 2],
    size: [i64; 2],
    first: Vec<u32>,
    /// (place, number) by cell.
    points: Vec<([f64; 2], u32)>,
}

impl Nearest {
    /// Sorts points (m) with their numbers into cells.
    pub fn new(points: impl Iterator<Item = ([f64; 2], u32)>) -> Self {
        let points: Vec<_> = points.collect();
        let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        for (at, _) in &points {
            for axis in 0..2 {
                low[axis] = low[axis].min(at[axis]);
                high[axis] = high[axis].max(at[axis]);
            }
        }
        if points.is_empty() {
            (low, high) = ([0.0; 2], [0.0; 2]);
        }
        // Some two points for each cell.
        let area = ((high[0] - low[0]) * (high[1] - low[1])).max(1.0);
        let cell_m = (2.0 * area / points.len().max(1) as f64).sqrt().max(1.0);
        let size = [0, 1].map(|axis| ((high[axis] - low[axis]) / cell_m) as i64 + 1);
        let mut index = Self {
            cell_m,
            corner: low,
            size,
            first: vec![0; (size[0] * size[1]) as usize + 1],
            points: Vec::new(),
        };
        let mut sorted: Vec<(usize, [f64; 2], u32)> = points
            .into_iter()
            .map(|(at, number)| (index.number_of(index.cell(at)), at, number))
            .collect();
        sorted.sort_by_key(|(cell, _, number)| (*cell, *number));
        for (cell, _, _) in &sorted {
            index.first[cell + 1] += 1;
        }
        for cell in 1..index.first.len() {
            index.first[cell] += index.first[cell - 1];
        }
        index.points = sorted.into_iter().map(|(_, at, n)| (at, n)).collect();
        index
    }

    fn cell(&self, at: [f64; 2]) -> [i64; 2] {
        [0, 1].map(|axis| {
            let cell = ((at[axis] - self.corner[axis]) / self.cell_m).floor() as i64;
            cell.clamp(0, self.size[axis] - 1)
        })
    }

    fn number_of(&self, cell: [i64; 2]) -> usize {
        (cell[1] * self.size[0] + cell[0]) as usize
    }

    /// The nearest point and its distance (m); of two the lower number.
    pub fn of(&self, place: [f64; 2]) -> Option<(u32, f64)> {
        let centre = self.cell(place);
        // How far the place is outside the cells.
        let mut best: Option<(u32, f64)> = None;
        for ring in 0..self.size[0].max(self.size[1]) {
            for (x, y) in ring_of(centre, ring) {
                if !(0..self.size[0]).contains(&x) || !(0..self.size[1]).contains(&y) {
                    continue;
                }
                let cell = self.number_of([x, y]);
                for &(at, number) in
                    &self.points[self.first[cell] as usize..self.first[cell + 1] as usize]
                {
                    let distance = (at[0] - place[0]).hypot(at[1] - place[1]);
                    let better = |(other, least): (u32, f64)| {
                        distance < least || (distance == least && number < other)
                    };
                    if best.is_none_or(better) {
                        best = Some((number, distance));
                    }
                }
            }
            // Whatever is in farther rings is at least so far away.
            let margin = [0, 1].map(|axis| {
                let low = self.corner[axis] + (centre[axis] - ring) as f64 * self.cell_m;
                let high = low + (2 * ring + 1) as f64 * self.cell_m;
                (place[axis] - low).min(high - place[axis])
            });
            if best.is_some_and(|(_, least)| least <= margin[0].min(margin[1])) {
                break;
            }
        }
        best
    }
}

/// Cells at a distance of `ring` cells.
fn ring_of(centre: [i64; 2], ring: i64) -> impl Iterator<Item = (i64, i64)> {
    let rows = centre[1] - ring..=centre[1] + ring;
    rows.flat_map(move |y| {
        let edge = (y - centre[1]).abs() == ring;
        let step = if edge || ring == 0 { 1 } else { 2 * ring };
        (centre[0] - ring..=centre[0] + ring)
            .step_by(step as usize)
            .map(move |x| (x, y))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traffic::random::uniform;

    #[test]
    fn the_cells_find_what_a_look_at_all_points_finds() {
        for count in [1, 2, 7, 60, 500] {
            let random = |who: u64, what: u64| f64::from(uniform(count, who, 0, what));
            let points: Vec<([f64; 2], u32)> = (0..count)
                .map(|n| ([900.0 * random(n, 1), 300.0 * random(n, 2)], n as u32))
                .collect();
            let index = Nearest::new(points.iter().copied());
            for trial in 0..300 {
                let place = [
                    1500.0 * random(trial, 3) - 300.0,
                    900.0 * random(trial, 4) - 300.0,
                ];
                let least = points
                    .iter()
                    .map(|(at, n)| ((at[0] - place[0]).hypot(at[1] - place[1]), *n))
                    .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                let found = index.of(place).map(|(number, distance)| (distance, number));
                assert_eq!(found, least, "{count} points, {place:?}");
            }
        }
        assert_eq!(Nearest::new(std::iter::empty()).of([0.0, 0.0]), None);
    }
}
