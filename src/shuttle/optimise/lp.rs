//! Linear programme of set covering: a revised simplex with a dense inverse, for some hundred rows and many thousand columns.
//!
//! Rows: each request at least once (a request twice is never shorter, as driving obeys the triangle inequality), each kind of vehicle at
//! most as often as there are, each cut at most once. Prices are never trusted: a bound is recomputed from them by the caller
//! ([`super::bound`]).

use super::pool::Column;

/// A column: the rows it covers, the kind of vehicle, its cost.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) column: Column,
    /// Whether a vehicle can drive the route; a bound may use some that it cannot.
    pub(super) feasible: bool,
    /// Requests, ascending.
    pub(super) requests: Vec<u16>,
    pub(super) kind: u16,
    pub(super) cost: f64,
    /// Cuts in which it counts, each once.
    pub(super) cuts: Vec<u16>,
}

/// What a basic variable is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Variable {
    Column(u32),
    /// Surplus of a request row, slack of a vehicle row.
    Slack(u16),
    /// Leaves a request out, at a prohibitive cost.
    Missing(u16),
    /// Oversteps a cut, at a prohibitive cost.
    Excess(u16),
}

/// Solution of the programme.
#[derive(Clone, Debug)]
pub(super) struct Prices {
    /// Per request; never negative.
    pub(super) request: Vec<f64>,
    /// Per kind; never positive.
    pub(super) kind: Vec<f64>,
    /// Per cut; never positive.
    pub(super) cut: Vec<f64>,
    /// Columns in the basis with their shares, and the value of the programme.
    pub(super) shares: Vec<(usize, f64)>,
    pub(super) value: f64,
    /// Some request is left out.
    pub(super) incomplete: bool,
}

pub(super) struct Simplex {
    rows: usize,
    requests: usize,
    kinds: usize,
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
/// A reduced cost below this is worth a step.
const ENOUGH: f64 = 1e-7;
/// Columns that are looked at between two looks at all.
const CANDIDATES: usize = 60;

/// The columns in one piece of memory.
struct Matrix {
    costs: Vec<f64>,
    from: Vec<u32>,
    rows: Vec<u16>,
}

impl Matrix {
    fn new(simplex: &Simplex) -> Self {
        let mut matrix = Self {
            costs: simplex.columns.iter().map(|entry| entry.cost).collect(),
            from: vec![0],
            rows: Vec::with_capacity(12 * simplex.columns.len()),
        };
        for entry in &simplex.columns {
            matrix.rows.extend_from_slice(&entry.requests);
            matrix.rows.push(simplex.requests as u16 + entry.kind);
            let cuts = (simplex.requests + simplex.kinds) as u16;
            matrix.rows.extend(entry.cuts.iter().map(|cut| cuts + cut));
            matrix.from.push(matrix.rows.len() as u32);
        }
        matrix
    }

    fn reduced(&self, column: usize, duals: &[f64]) -> f64 {
        let rows = &self.rows[self.from[column] as usize..self.from[column + 1] as usize];
        self.costs[column] - rows.iter().map(|&row| duals[usize::from(row)]).sum::<f64>()
    }

    /// The best columns, the first ones of equals.
    fn candidates(&self, duals: &[f64], best: &mut Vec<u32>) {
        let mut good: Vec<(f64, u32)> = (0..self.costs.len())
            .map(|column| (self.reduced(column, duals), column as u32))
            .filter(|(reduced, _)| *reduced < -ENOUGH)
            .collect();
        let order = |a: &(f64, u32), b: &(f64, u32)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
        if good.len() > CANDIDATES {
            good.select_nth_unstable_by(CANDIDATES, order);
            good.truncate(CANDIDATES);
        }
        good.sort_unstable_by(order);
        best.clear();
        best.extend(good.iter().map(|(_, column)| column));
    }
}

/// Sides slightly apart.
fn apart(row: usize, side: f64) -> f64 {
    side + 1e-5 * (1.0 + (super::stream::mix(row as u64) >> 40) as f64 / (1 << 24) as f64)
}

impl Prices {
    /// Cost of a column less the prices of its rows.
    pub(super) fn reduced(&self, entry: &Entry) -> f64 {
        let requests: f64 = entry
            .requests
            .iter()
            .map(|&request| self.request[usize::from(request)])
            .sum();
        let cuts: f64 = entry
            .cuts
            .iter()
            .map(|&cut| self.cut[usize::from(cut)])
            .sum();
        entry.cost - requests - self.kind[usize::from(entry.kind)] - cuts
    }
}

impl Simplex {
    /// No column yet: every request is missing.
    pub(super) fn new(requests: usize, vehicles: &[usize], penalty: f64) -> Self {
        let rows = requests + vehicles.len();
        let exact_sides: Vec<f64> = (0..rows)
            .map(|row| {
                if row < requests {
                    1.0
                } else {
                    vehicles[row - requests] as f64
                }
            })
            .collect();
        let sides: Vec<f64> = exact_sides
            .iter()
            .enumerate()
            .map(|(row, side)| apart(row, *side))
            .collect();
        let mut inverse = vec![0.0; rows * rows];
        for row in 0..rows {
            inverse[row * rows + row] = 1.0;
        }
        Self {
            rows,
            requests,
            kinds: vehicles.len(),
            values: sides.clone(),
            sides,
            exact_sides,
            penalty,
            inverse,
            basis: (0..rows)
                .map(|row| {
                    if row < requests {
                        Variable::Missing(row as u16)
                    } else {
                        Variable::Slack(row as u16)
                    }
                })
                .collect(),
            columns: Vec::new(),
        }
    }

    /// Sets the cost of leaving a request out.
    pub(super) fn set_penalty(&mut self, penalty: f64) {
        self.penalty = penalty;
    }

    /// Adds a cut: the columns that count in it, at most once together. The plan as it is may overstep it; [`Simplex::solve`] repairs that.
    pub(super) fn add_cut(&mut self, counts: impl Fn(&Entry) -> bool) {
        let old = self.rows;
        let cut = (old - self.requests - self.kinds) as u16;
        for entry in &mut self.columns {
            if counts(entry) {
                entry.cuts.push(cut);
            }
        }
        let mut new_row = vec![0.0; old];
        for (at, &variable) in self.basis.iter().enumerate() {
            if let Variable::Column(column) = variable
                && self.columns[column as usize].cuts.last() == Some(&cut)
            {
                for (target, value) in new_row
                    .iter_mut()
                    .zip(&self.inverse[at * old..(at + 1) * old])
                {
                    *target += value;
                }
            }
        }
        let (exact, side) = (1.0, apart(old, 1.0));
        let used: f64 = new_row.iter().zip(&self.sides).map(|(a, b)| a * b).sum();
        let over = used > side;
        let mut inverse = Vec::with_capacity((old + 1) * (old + 1));
        for row in self.inverse.chunks(old) {
            inverse.extend_from_slice(row);
            inverse.push(0.0);
        }
        let sign = if over { 1.0 } else { -1.0 };
        inverse.extend(new_row.iter().map(|value| sign * value));
        inverse.push(-sign);
        self.inverse = inverse;
        self.basis.push(if over {
            Variable::Excess(old as u16)
        } else {
            Variable::Slack(old as u16)
        });
        self.values.push((used - side).abs());
        self.sides.push(side);
        self.exact_sides.push(exact);
        self.rows += 1;
    }

    /// Forgets columns; those of the basis stay.
    pub(super) fn retain(&mut self, keep: impl Fn(&Entry) -> bool) {
        let mut stays: Vec<bool> = self.columns.iter().map(keep).collect();
        for variable in &self.basis {
            if let Variable::Column(column) = variable {
                stays[*column as usize] = true;
            }
        }
        let mut renumbered = vec![0; self.columns.len()];
        let mut next = 0;
        for (new, stays) in renumbered.iter_mut().zip(&stays) {
            *new = next;
            next += u32::from(*stays);
        }
        for variable in &mut self.basis {
            if let Variable::Column(column) = variable {
                *column = renumbered[*column as usize];
            }
        }
        let mut stays = stays.into_iter();
        self.columns.retain(|_| stays.next().unwrap_or(true));
    }

    fn cost(&self, variable: Variable) -> f64 {
        match variable {
            Variable::Column(column) => self.columns[column as usize].cost,
            Variable::Slack(_) => 0.0,
            Variable::Missing(_) | Variable::Excess(_) => self.penalty,
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
                for &cut in &entry.cuts {
                    f(self.requests + self.kinds + usize::from(cut), 1.0);
                }
            }
            Variable::Excess(row) => f(row.into(), -1.0),
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
                .max_by(|&a, &b| {
                    matrix[a * rows + column]
                        .abs()
                        .total_cmp(&matrix[b * rows + column].abs())
                })
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

    /// Improves the basis until no column does; at most `most` steps. False when the limit or `stop` came first, or the
    /// numbers broke down.
    ///
    /// Columns are looked at all at once only now and then; in between the step takes the best of those that looked good then.
    pub(super) fn solve(&mut self, most: usize, stop: &dyn Fn() -> bool) -> bool {
        let matrix = Matrix::new(self);
        let mut duals = self.duals();
        let mut candidates: Vec<u32> = Vec::new();
        let mut fresh = true;
        for step in 1..=most {
            if step % 100 == 0 {
                if stop() || !self.refactor() {
                    return false;
                }
                duals = self.duals();
                fresh = true;
            }
            let mut least = -ENOUGH;
            let mut entering = None;
            for (row, &dual) in duals.iter().enumerate() {
                let reduced = if row < self.requests { dual } else { -dual };
                if reduced < least {
                    least = reduced;
                    entering = Some(Variable::Slack(row as u16));
                }
            }
            for looked_at_all in [false, true] {
                if looked_at_all {
                    matrix.candidates(&duals, &mut candidates);
                }
                candidates.retain(|&column| {
                    let reduced = matrix.reduced(column as usize, &duals);
                    if reduced < least {
                        least = reduced;
                        entering = Some(Variable::Column(column));
                    }
                    reduced < -ENOUGH
                });
                if entering.is_some() {
                    break;
                }
            }
            let Some(entering) = entering else {
                if fresh {
                    return true;
                }
                // Prices that were carried along may be off by rounding.
                duals = self.duals();
                fresh = true;
                continue;
            };
            let Some(leaving) = self.pivot(entering) else {
                return false;
            };
            for (dual, value) in duals
                .iter_mut()
                .zip(&self.inverse[leaving * self.rows..(leaving + 1) * self.rows])
            {
                *dual += least * value;
            }
            fresh = false;
        }
        false
    }

    /// Takes a variable into the basis; the row of the one that left, or `None` when the programme has no end.
    fn pivot(&mut self, entering: Variable) -> Option<usize> {
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
                    Some((least, other)) => {
                        ratio < least - 1e-12 || (ratio <= least + 1e-12 && rate > direction[other])
                    }
                };
                if better {
                    leaving = Some((ratio, row));
                }
            }
        }
        let (ratio, leaving) = leaving?;
        let pivot = direction[leaving];
        let (before, rest) = self.inverse.split_at_mut(leaving * rows);
        let (row, after) = rest.split_at_mut(rows);
        for value in row.iter_mut() {
            *value /= pivot;
        }
        for (number, other) in before
            .chunks_mut(rows)
            .chain(after.chunks_mut(rows))
            .enumerate()
        {
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
        Some(leaving)
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
            request: duals[..self.requests]
                .iter()
                .map(|dual| dual.max(0.0))
                .collect(),
            kind: duals[self.requests..self.requests + self.kinds]
                .iter()
                .map(|dual| dual.min(0.0))
                .collect(),
            cut: duals[self.requests + self.kinds..]
                .iter()
                .map(|dual| dual.min(0.0))
                .collect(),
            shares,
            value,
            incomplete,
        }
    }
}
