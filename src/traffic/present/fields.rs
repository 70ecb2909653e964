//! Maps of delay: the streets as cells.

use std::sync::Arc;

use crate::geo::Grid;
use crate::result::{Field, FieldData};
use crate::traffic::measure::EdgeFlow;

use super::{Presented, hours, signal_after};

/// Half of the width (m) at which a street is drawn.
const HALF_WIDTH_M: f64 = 6.0;
/// An approach with fewer vehicles has no mean delay.
const LEAST_VEHICLES: f64 = 5.0;

pub(super) fn fields(input: &Presented<'_>, edges: &[EdgeFlow]) -> Vec<Field> {
    let study = input.input;
    let network = &study.network;
    let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    let lines: Vec<Vec<Vec<[f64; 2]>>> = network
        .edges
        .iter()
        .map(|edge| {
            let lanes = edge.lanes.clone().filter(|_| !edge.inner);
            lanes
                .map(|lane| {
                    let shape = network.lanes[lane as usize].shape.iter();
                    shape.map(|p| study.place.local(*p)).collect()
                })
                .collect()
        })
        .collect();
    for point in lines.iter().flatten().flatten() {
        for axis in 0..2 {
            low[axis] = low[axis].min(point[axis] - 2.0 * HALF_WIDTH_M);
            high[axis] = high[axis].max(point[axis] + 2.0 * HALF_WIDTH_M);
        }
    }
    if low[0] > high[0] {
        return Vec::new();
    }
    let grid = Grid::covering(low, high, input.params.cell_m);
    let time_h = hours(input, study.end_s);
    let raster = |value: &dyn Fn(usize) -> f64| {
        let mut values = vec![f32::NAN; grid.len()];
        for (edge, lanes) in lines.iter().enumerate() {
            let value = value(edge) as f32;
            if value.is_nan() {
                continue;
            }
            for line in lanes {
                paint(&grid, &mut values, line, value);
            }
        }
        Arc::new(values)
    };
    let loss = raster(&|edge| {
        let lane = network.edges[edge].lanes.start as usize;
        let length_km = f64::from(network.lanes[lane].length_m) / 1000.0;
        let flow = &edges[edge];
        if flow.entered > 0.0 && length_km > 0.0 {
            flow.loss_s / 3600.0 / time_h / length_km
        } else {
            f64::NAN
        }
    });
    let delay = raster(&|edge| {
        let flow = &edges[edge];
        if flow.entered >= LEAST_VEHICLES && signal_after(network, edge).is_some() {
            flow.loss_s / flow.entered
        } else {
            f64::NAN
        }
    });
    let field = |id: &str, quantity, unit, legends: [&'static str; 2], plane, values| Field {
        id: id.to_owned(),
        quantity,
        unit,
        legend: legends[0],
        difference_legend: legends[1],
        date: None,
        from_deg: None,
        plane,
        data: FieldData::Raster { grid, values },
    };
    vec![
        field(
            "traffic_loss",
            "quantity-traffic-loss",
            "h/(h·km)",
            ["traffic_loss", "traffic_loss_difference"],
            "plane-traffic-streets",
            loss,
        ),
        field(
            "traffic_delay",
            "quantity-traffic-delay",
            "s",
            ["signal_delay", "traffic_delay_difference"],
            "plane-traffic-approaches",
            delay,
        ),
    ]
}

/// Paints the cells near a line; where streets overlap the larger value stays.
fn paint(grid: &Grid, values: &mut [f32], line: &[[f64; 2]], value: f32) {
    let reach = (HALF_WIDTH_M / grid.cell_m).ceil() as i64;
    for pair in line.windows(2) {
        let [a, b] = [pair[0], pair[1]];
        let length = (b[0] - a[0]).hypot(b[1] - a[1]);
        let steps = (length / (0.5 * grid.cell_m)).ceil().max(1.0) as usize;
        for step in 0..=steps {
            let t = step as f64 / steps as f64;
            let [x, y] = [0, 1].map(|i| a[i] + t * (b[i] - a[i]));
            let Some((row, col)) = grid.cell_at(x, y) else {
                continue;
            };
            for down in -reach..=reach {
                for right in -reach..=reach {
                    let (row, col) = (row as i64 + down, col as i64 + right);
                    let inside =
                        row >= 0 && col >= 0 && row < grid.rows as i64 && col < grid.cols as i64;
                    if !inside {
                        continue;
                    }
                    let (row, col) = (row as usize, col as usize);
                    let centre = grid.centre(row, col);
                    if (centre[0] - x).hypot(centre[1] - y) <= HALF_WIDTH_M {
                        let cell = &mut values[grid.index(row, col)];
                        *cell = cell.max(value);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_streets_overlap_the_larger_value_stays() {
        let grid = Grid::covering([0.0, 0.0], [100.0, 50.0], 5.0);
        let mut values = vec![f32::NAN; grid.len()];
        paint(&grid, &mut values, &[[10.0, 25.0], [90.0, 25.0]], 2.0);
        paint(&grid, &mut values, &[[50.0, 5.0], [50.0, 45.0]], 1.0);
        let at = |x, y| {
            let (row, col) = grid.cell_at(x, y).unwrap();
            values[grid.index(row, col)]
        };
        assert_eq!((at(50.0, 25.0), at(50.0, 40.0)), (2.0, 1.0));
        assert!(at(20.0, 45.0).is_nan());
    }
}
