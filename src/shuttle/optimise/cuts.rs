//! Cuts: inequalities that every plan obeys and fractional solutions of the linear programme do not.

use super::lp::{Prices, Simplex};

/// Cuts that are added at once.
const AT_ONCE: usize = 20;

/// Three requests: of the routes that serve two or three of them, a plan has at most one (subset-row inequality of Jepsen, Petersen,
/// Spoorendonk & Pisinger 2008, doi:10.1287/opre.1070.0449).
pub(super) type Cut = u128;

/// Whether a route with these requests counts in the cut.
pub(super) fn counts(set: u128, cut: Cut) -> bool {
    (set & cut).count_ones() >= 2
}

/// Requests, bit by bit.
pub(super) fn set_of(requests: &[u16]) -> u128 {
    requests.iter().fold(0, |set, &request| set | 1 << request)
}

/// The cuts that the shares overstep most.
pub(super) fn separate(n: usize, simplex: &Simplex, prices: &Prices) -> Vec<Cut> {
    let columns: Vec<(u128, f64)> = prices
        .shares
        .iter()
        .filter(|(_, share)| *share < 1.0 - 1e-6)
        .map(|&(column, share)| (set_of(&simplex.columns[column].requests), share))
        .collect();
    let mut found: Vec<(f64, Cut)> = Vec::new();
    for a in 0..n {
        for b in a + 1..n {
            for c in b + 1..n {
                let cut = 1 << a | 1 << b | 1 << c;
                let sum: f64 = columns
                    .iter()
                    .filter(|(set, _)| counts(*set, cut))
                    .map(|(_, share)| share)
                    .sum();
                if sum > 1.02 {
                    found.push((sum, cut));
                }
            }
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    // Cuts about the same requests help little beside each other.
    let mut used = vec![0; n];
    let mut chosen = Vec::new();
    for (_, cut) in found {
        let requests = (0..n).filter(|request| cut & (1 << request) != 0);
        if requests.clone().all(|request| used[request] < 4) {
            requests.for_each(|request| used[request] += 1);
            chosen.push(cut);
        }
        if chosen.len() == AT_ONCE {
            break;
        }
    }
    chosen
}
