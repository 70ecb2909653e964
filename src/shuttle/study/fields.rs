//! Map of waits: the streets where people board, as cells.

use std::sync::Arc;

use crate::geo::Grid;
use crate::result::{Field, FieldData};

use super::input::ShuttleInput;
use super::run::FleetRuns;

/// Side (m) of a cell, and half of the width at which a street is drawn.
const CELL_M: f64 = 5.0;
const HALF_WIDTH_M: f64 = 8.0;

/// Cells of a map at most; a larger one gets wider cells.
const MOST_CELLS: f64 = 4e6;

/// A street where fewer people boarded in all runs together has no mean.
const LEAST_RIDES: u32 = 3;

/// Mean wait (min) of those who boarded on a street, over all runs of the planned fleet.
pub(super) fn fields(input: &ShuttleInput, fleet: &FleetRuns) -> Vec<Field> {
    let network = &input.network;
    let lines: Vec<Vec<[f64; 2]>> = input
        .edges
        .iter()
        .map(|edge| {
            let lane = network.edges[*edge as usize].lanes.start as usize;
            let shape = network.lanes[lane].shape.iter();
            shape.map(|at| input.place.local(*at)).collect()
        })
        .collect();
    let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    for point in lines.iter().flatten() {
        for axis in 0..2 {
            low[axis] = low[axis].min(point[axis] - 2.0 * HALF_WIDTH_M);
            high[axis] = high[axis].max(point[axis] + 2.0 * HALF_WIDTH_M);
        }
    }
    let mut waits = vec![(0.0, 0_u32); lines.len()];
    for seed in &fleet.seeds {
        for &(node, wait_s) in &seed.waits {
            let (sum, count) = &mut waits[node as usize];
            *sum += f64::from(wait_s);
            *count += 1;
        }
    }
    if waits.iter().all(|(_, count)| *count < LEAST_RIDES) {
        return Vec::new();
    }
    let area = (high[0] - low[0]) * (high[1] - low[1]);
    let cell_m = CELL_M.max((area / MOST_CELLS).sqrt());
    let grid = Grid::covering(low, high, cell_m);
    // Both directions of a street meet in its cells: their riders count together.
    let mut cells = vec![(0.0_f64, 0_u32); grid.len()];
    for (line, (sum, count)) in lines.iter().zip(&waits) {
        if *count < LEAST_RIDES {
            continue;
        }
        for cell in cells_of(&grid, line) {
            cells[cell].0 += sum;
            cells[cell].1 += count;
        }
    }
    let values = cells.iter().map(|(sum, count)| match count {
        0 => f32::NAN,
        count => (sum / 60.0 / f64::from(*count)) as f32,
    });
    vec![Field {
        id: "shuttle_wait".to_owned(),
        quantity: "quantity-shuttle-wait",
        unit: "min",
        legend: "shuttle_wait",
        difference_legend: "shuttle_wait_difference",
        date: None,
        from_deg: None,
        plane: "plane-shuttle-streets",
        data: FieldData::Raster {
            values: Arc::new(values.collect()),
            grid,
        },
    }]
}

/// Cells near a line, each once, rising.
fn cells_of(grid: &Grid, line: &[[f64; 2]]) -> Vec<usize> {
    let reach = (HALF_WIDTH_M / grid.cell_m).ceil() as i64;
    let mut found = Vec::new();
    for pair in line.windows(2) {
        let length = (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]);
        let steps = (length / grid.cell_m).ceil().max(1.0) as usize;
        for step in 0..=steps {
            let share = step as f64 / steps as f64;
            let [x, y] = [0, 1].map(|i| pair[0][i] + share * (pair[1][i] - pair[0][i]));
            let Some((row, col)) = grid.cell_at(x, y) else {
                continue;
            };
            for down in -reach..=reach {
                for right in -reach..=reach {
                    let (row, col) = (row as i64 + down, col as i64 + right);
                    let rows = 0..grid.rows as i64;
                    if !rows.contains(&row) || !(0..grid.cols as i64).contains(&col) {
                        continue;
                    }
                    let (row, col) = (row as usize, col as usize);
                    let centre = grid.centre(row, col);
                    if (centre[0] - x).hypot(centre[1] - y) <= HALF_WIDTH_M {
                        found.push(grid.index(row, col));
                    }
                }
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_as_wide_as_it_is_drawn_and_every_cell_counts_once() {
        let grid = Grid::covering([0.0, 0.0], [200.0, 100.0], 1.0);
        let cells = cells_of(&grid, &[[20.0, 50.0], [120.0, 50.0]]);
        let area = 100.0 * 2.0 * HALF_WIDTH_M + std::f64::consts::PI * HALF_WIDTH_M.powi(2);
        assert!(
            (cells.len() as f64 / area - 1.0).abs() < 0.05,
            "{}",
            cells.len()
        );
        assert!(cells.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
