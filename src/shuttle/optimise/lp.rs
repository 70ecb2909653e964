//! Linear programme of set covering: a revised simplex with a dense inverse, for some hundred rows and many thousand columns.
//!
//! Rows: each request at least once (a request twice is never shorter, as driving obeys the triangle inequality), each kind of vehicle at
//! most as often as there are. Prices are never trusted: a bound is recomputed from them by the caller ([`super::bound`]).

/// A column: the rows it covers, the kind of vehicle, its cost.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Requests, ascending.
    pub(super) requests: Vec<u16>,
    pub(super) kind: u16,
    pub(super) cost: f64,
}

/// What a basic variable is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Variable {
    Column(u32),
    /// Surplus of a request row, slack of a vehicle row.
    Slack(u16),
    /// Leaves a request out, at a prohibitive cost.
    Missing(u16),
}

/// Solution of the programme.
#[derive(Clone, Debug)]
pub(super) struct Prices {
    /// Per request; never negative.
    pub(super) request: Vec<f64>,
    /// Per kind; never positive.
    pub(super) kind: Vec<f64>,
    /// Columns in the basis with their shares, and the value of the programme.
    pub(super) shares: Vec<(usize, f64)>,
    pub(super) value: f64,
    /// Some request is left out.
    pub(super) incomplete: bool,
}

pub(super) struct Simplex {
    rows: usize,
    requests: usize,
    /// Right-hand sides, slightly apart so that steps are never empty (perturbation against cycling).
    sides: Vec<f64>,
    exact_sides: Vec<f64>,
    penalty: f64,
    inverse: Vec<f64>,
    basis: Vec<Variable>,
    values: Vec<f64>,
    pub(super) columns: Vec<Entry>,
}

const TINY: f64 = 1e-9;

impl Simplex {
    /// No column yet: every request is missing.
    pub(super) fn new(requests: usize, vehicles: &[usize], penalty: f64) -> Self {
        let rows = requests + vehicles.len();
        let exact_sides: Vec<f64> = (0..rows)
            .map(|row| if row < requests { 1.0 } else { vehicles[row - requests] as f64 })
            .collect();
        let sides: Vec<f64> = exact_sides
            .iter()
            .enumerate()
            .map(|(row, side)| side + 1e-5 * (1.0 + (super::stream::mix(row as u64) >> 40) as f64 / (1 << 24) as f64))
            .collect();
        let mut inverse = vec![0.0; rows * rows];
        for row in 0..rows {
            inverse[row * rows + row] = 1.0;
        }
        Self {
            rows,
            requests,
            values: sides.clone(),
            sides,
            exact_sides,
            penalty,
            inverse,
            basis: (0..rows)
                .map(|row| if row < requests { Variable::Missing(row as u16) } else { Variable::Slack(row as u16) })
                .collect(),
            columns: Vec::new(),
        }
    }

    /// Sets the cost of leaving a request out.
    pub(super) fn set_penalty(&mut self, penalty: f64) {
        self.penalty = penalty;
    }

    fn cost(&self, variable: Variable) -> f64 {
        match variable {
            Variable::Column(column) => self.columns[column as usize].cost,
            Variable::Slack(_) => 0.0,
            Variable::Missing(_) => self.penalty,
        }
    }

    /// Calls `f(row, coefficient)` for the rows of a variable.
    fn each(&self, variable: Variable, mut f: impl FnMut(usize, f64)) {
        match variable {
            Variable::Column(column) => {
                let entry = &self.columns[column as usize];
                for &request in &entry.requests {
                    f(request.into(), 1.0);
                }
                f(self.requests + usize::from(entry.kind), 1.0);
            }
            Variable::Slack(row) if usize::from(row) < self.requests => f(row.into(), -1.0),
            Variable::Slack(row) | Variable::Missing(row) => f(row.into(), 1.0),
        }
    }

    /// Recomputes the inverse and the values from the basis (Gauss & Jordan with pivoting); false when the basis is singular.
    fn refactor(&mut self) -> bool {
        let rows = self.rows;
        let mut matrix = vec![0.0; rows * rows];
        for (at, &variable) in self.basis.iter().enumerate() {
            self.each(variable, |row, value| matrix[row * rows + at] = value);
        }
        let mut inverse = vec![0.0; rows * rows];
        for row in 0..rows {
            inverse[row * rows + row] = 1.0;
        }
        for column in 0..rows {
            let pivot = (column..rows)
                .max_by(|&a, &b| matrix[a * rows + column].abs().total_cmp(&matrix[b * rows + column].abs()))
                .unwrap_or(column);
            if matrix[pivot * rows + column].abs() < 1e-10 {
                return false;
            }
            for k in 0..rows {
                matrix.swap(pivot * rows + k, column * rows + k);
                inverse.swap(pivot * rows + k, column * rows + k);
            }
            let scale = 1.0 / matrix[column * rows + column];
            for k in 0..rows {
                matrix[column * rows + k] *= scale;
                inverse[column * rows + k] *= scale;
            }
            for row in 0..rows {
                let factor = matrix[row * rows + column];
                if row == column || factor == 0.0 {
                    continue;
                }
                for k in 0..rows {
                    matrix[row * rows + k] -= factor * matrix[column * rows + k];
                    inverse[row * rows + k] -= factor * inverse[column * rows + k];
                }
            }
        }
        self.inverse = inverse;
        self.values = self.times(&self.sides);
        true
    }

    fn times(&self, side: &[f64]) -> Vec<f64> {
        self.inverse
            .chunks(self.rows)
            .map(|row| row.iter().zip(side).map(|(a, b)| a * b).sum())
            .collect()
    }

    fn duals(&self) -> Vec<f64> {
        let mut duals = vec![0.0; self.rows];
        for (row, &variable) in self.inverse.chunks(self.rows).zip(&self.basis) {
            let cost = self.cost(variable);
            if cost != 0.0 {
                for (dual, value) in duals.iter_mut().zip(row) {
                    *dual += cost * value;
                }
            }
        }
        duals
    }

    /// Improves the basis until no column does; at most `most` steps. False when the limit came first or the numbers broke down.
    pub(super) fn solve(&mut self, most: usize) -> bool {
        for step in 0..most {
            if step % 100 == 99 && !self.refactor() {
                return false;
            }
            let duals = self.duals();
            let mut entering = None;
            let mut least = -1e-7;
            for (number, entry) in self.columns.iter().enumerate() {
                let mut reduced = entry.cost - duals[self.requests + usize::from(entry.kind)];
                for &request in &entry.requests {
                    reduced -= duals[usize::from(request)];
                }
                if reduced < least {
                    least = reduced;
                    entering = Some(Variable::Column(number as u32));
                }
            }
            for (row, &dual) in duals.iter().enumerate() {
                let reduced = if row < self.requests { dual } else { -dual };
                if reduced < least {
                    least = reduced;
                    entering = Some(Variable::Slack(row as u16));
                }
            }
            let Some(entering) = entering else {
                return true;
            };
            if !self.pivot(entering) {
                return false;
            }
        }
        false
    }

    fn pivot(&mut self, entering: Variable) -> bool {
        let rows = self.rows;
        let mut direction = vec![0.0; rows];
        self.each(entering, |column, value| {
            for (row, target) in direction.iter_mut().enumerate() {
                *target += value * self.inverse[row * rows + column];
            }
        });
        let mut leaving: Option<(f64, usize)> = None;
        for (row, &rate) in direction.iter().enumerate() {
            if rate > TINY {
                let ratio = self.values[row].max(0.0) / rate;
                let better = match leaving {
                    None => true,
                    Some((least, other)) => ratio < least - 1e-12 || (ratio <= least + 1e-12 && rate > direction[other]),
                };
                if better {
                    leaving = Some((ratio, row));
                }
            }
        }
        let Some((ratio, leaving)) = leaving else {
            return false;
        };
        let pivot = direction[leaving];
        let (before, rest) = self.inverse.split_at_mut(leaving * rows);
        let (row, after) = rest.split_at_mut(rows);
        for value in row.iter_mut() {
            *value /= pivot;
        }
        for (number, other) in before.chunks_mut(rows).chain(after.chunks_mut(rows)).enumerate() {
            let number = if number < leaving { number } else { number + 1 };
            let rate = direction[number];
            if rate != 0.0 {
                for (a, b) in other.iter_mut().zip(row.iter()) {
                    *a -= rate * b;
                }
            }
        }
        for (value, rate) in self.values.iter_mut().zip(&direction) {
            *value -= ratio * rate;
        }
        self.values[leaving] = ratio;
        self.basis[leaving] = entering;
        true
    }

    /// Prices and shares of the basis as it is.
    pub(super) fn prices(&self) -> Prices {
        let duals = self.duals();
        let values = self.times(&self.exact_sides);
        let mut shares = Vec::new();
        let (mut value, mut incomplete) = (0.0, false);
        for (&variable, &amount) in self.basis.iter().zip(&values) {
            value += self.cost(variable) * amount;
            match variable {
                Variable::Column(column) if amount > 1e-7 => shares.push((column as usize, amount)),
                Variable::Missing(_) => incomplete |= amount > 1e-4,
                _ => {}
            }
        }
        shares.sort_by_key(|(column, _)| *column);
        Prices {
            request: duals[..self.requests].iter().map(|dual| dual.max(0.0)).collect(),
            kind: duals[self.requests..].iter().map(|dual| dual.min(0.0)).collect(),
            shares,
            value,
            incomplete,
        }
    }
}
