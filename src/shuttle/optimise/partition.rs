//! The best set of tours out of many: branch and bound on the linear programme of set covering.
//!
//! Branching by Ryan & Foster (1981): two requests travel in the same tour, or in different ones.

use super::lp::{Entry, Simplex};

/// A branching decision.
#[derive(Clone, Copy, Debug)]
enum Rule {
    Together(u16, u16),
    Apart(u16, u16),
    Without(u32),
    With(u32),
}

/// What the search found.
#[derive(Clone, Debug)]
pub(super) struct Partition {
    /// Columns of the best cover below the limit, if there is one.
    pub(super) columns: Option<Vec<usize>>,
    /// Nothing was left out: no partition of these columns is below the limit, or the best one was found.
    pub(super) complete: bool,
}

/// Seeks columns that serve every request and cost less than `upper`; looks at `most_nodes` programmes at most.
pub(super) fn partition(
    requests: usize,
    vehicles: &[usize],
    columns: &[Entry],
    cuts: usize,
    upper: f64,
    most_nodes: usize,
    out_of_time: &dyn Fn() -> bool,
) -> Partition {
    let penalty = penalty(columns, upper);
    let mut simplex = Simplex::new(requests, vehicles, penalty);
    simplex.columns = columns.to_vec();
    // The columns know already where they count.
    for _ in 0..cuts {
        simplex.add_cut(|_| false);
    }
    let mut search = Search {
        requests,
        columns,
        simplex,
        upper,
        best: None,
        complete: true,
        nodes_left: most_nodes,
        penalty,
        out_of_time,
    };
    let mut rules = Vec::new();
    search.branch(&mut rules);
    Partition {
        columns: search.best,
        complete: search.complete,
    }
}

/// Cost of leaving a request out: dearer than any plan that is looked for.
pub(super) fn penalty(columns: &[Entry], upper: f64) -> f64 {
    let dearest = columns.iter().map(|column| column.cost).fold(0.0, f64::max);
    2.0 * upper.min(1e12).max(dearest) + 1.0
}

struct Search<'a> {
    requests: usize,
    columns: &'a [Entry],
    simplex: Simplex,
    upper: f64,
    best: Option<Vec<usize>>,
    complete: bool,
    nodes_left: usize,
    penalty: f64,
    out_of_time: &'a dyn Fn() -> bool,
}

impl Search<'_> {
    fn allowed(&self, number: usize, rules: &[Rule]) -> bool {
        let column = &self.columns[number].requests;
        let has = |request: u16| column.binary_search(&request).is_ok();
        rules.iter().all(|rule| match *rule {
            Rule::Together(a, b) => has(a) == has(b),
            Rule::Apart(a, b) => !(has(a) && has(b)),
            Rule::Without(other) => other as usize != number,
            Rule::With(other) => {
                other as usize == number
                    || !self.columns[other as usize]
                        .requests
                        .iter()
                        .any(|&r| has(r))
            }
        })
    }

    fn branch(&mut self, rules: &mut Vec<Rule>) {
        if self.nodes_left == 0 || (self.out_of_time)() {
            self.complete = false;
            return;
        }
        self.nodes_left -= 1;
        // A column that is not allowed stays in the basis until it is dear enough to leave: a warm start.
        for number in 0..self.columns.len() {
            let cost = self.columns[number].cost;
            self.simplex.columns[number].cost = if self.allowed(number, rules) {
                cost
            } else {
                cost + self.penalty
            };
        }
        if !self.simplex.solve(20_000, self.out_of_time) {
            self.complete = false;
            return;
        }
        let prices = self.simplex.prices();
        if prices.value >= self.upper - 1e-6 || prices.incomplete {
            return;
        }
        let near_whole = |share: f64| !(1e-5..=1.0 - 1e-5).contains(&share);
        if prices.shares.iter().all(|&(_, share)| near_whole(share)) {
            let chosen: Vec<usize> = prices
                .shares
                .iter()
                .filter(|(_, share)| *share > 0.5)
                .map(|(column, _)| *column)
                .collect();
            let cost: f64 = chosen
                .iter()
                .map(|&column| self.simplex.columns[column].cost)
                .sum();
            if cost < self.upper - 1e-6 {
                self.upper = cost;
                self.best = Some(chosen);
            }
            return;
        }
        let (first, second) = self.split(&prices.shares);
        for rule in [first, second] {
            rules.push(rule);
            self.branch(rules);
            rules.pop();
        }
    }

    /// The pair of requests whose common share is nearest to a half; without one the column that is.
    fn split(&self, shares: &[(usize, f64)]) -> (Rule, Rule) {
        let n = self.requests;
        let mut together = vec![0.0; n * n];
        for &(column, share) in shares {
            let requests = &self.columns[column].requests;
            for (at, &a) in requests.iter().enumerate() {
                for &b in &requests[at + 1..] {
                    together[usize::from(a) * n + usize::from(b)] += share;
                }
            }
        }
        let doubt = |share: f64| (share - 0.5).abs();
        let pair = (0..n * n).min_by(|&a, &b| doubt(together[a]).total_cmp(&doubt(together[b])));
        if let Some(pair) = pair.filter(|&pair| doubt(together[pair]) < 0.5 - 1e-4) {
            let (a, b) = ((pair / n) as u16, (pair % n) as u16);
            return (Rule::Together(a, b), Rule::Apart(a, b));
        }
        let column = shares
            .iter()
            .min_by(|a, b| doubt(a.1).total_cmp(&doubt(b.1)))
            .map_or(0, |(column, _)| *column as u32);
        (Rule::With(column), Rule::Without(column))
    }
}
