//! Chance at import: the same files and the same seed give the same vehicles, whatever the order of reading.
//!
//! Each draw is a hash (splitmix64, Steele, Lea, Flood 2014, doi:10.1145/2660193.2660195) of the seed, the id of the vehicle or
//! flow (FNV-1a, 64 bits) and what is drawn. SUMO draws from one stream in the order of loading, so that single vehicles
//! differ from SUMO's while the shares agree.

/// What is drawn, so that draws for one vehicle are independent.
#[derive(Clone, Copy, Debug)]
pub(super) enum Draw {
    /// Type of a distribution.
    Type,
    /// Route of a distribution.
    Route,
    /// Departure at a second, or gap to the next departure.
    Departure(u64),
}

/// A number from 0 (included) to 1 (excluded).
pub(super) fn uniform(seed: u64, id: &str, draw: Draw) -> f64 {
    let salt = match draw {
        Draw::Type => 1,
        Draw::Route => 2,
        Draw::Departure(count) => 3 + count,
    };
    let mut name: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in id.bytes() {
        name = (name ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    let mixed = splitmix64(splitmix64(splitmix64(seed) ^ name) ^ salt);
    (mixed >> 11) as f64 / (1u64 << 53) as f64
}

/// One of the things, by weight; the last with a weight when rounding leaves something over.
pub(super) fn choose<T: Clone>(choice: &[(T, f64)], at: f64) -> Option<T> {
    let sum: f64 = choice.iter().map(|(_, weight)| weight).sum();
    let mut left = at * sum;
    let mut last = choice.first();
    for entry in choice.iter().filter(|(_, weight)| *weight > 0.0) {
        last = Some(entry);
        left -= entry.1;
        if left < 0.0 {
            break;
        }
    }
    last.map(|(thing, _)| thing.clone())
}

fn splitmix64(state: u64) -> u64 {
    let mut z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_numbers_of_splitmix64_are_the_published_ones() {
        // State 0, then 0 + golden ratio: the first two outputs for the seed 0.
        assert_eq!(splitmix64(0), 0xe220_a839_7b1d_cdaf);
        assert_eq!(splitmix64(0x9e37_79b9_7f4a_7c15), 0x6e78_9e6a_a1b9_65f4);
    }

    #[test]
    fn shares_follow_the_weights() {
        let choice = [("a", 0.4), ("b", 0.6), ("never", 0.0), ("c", 1.0)];
        let mut counts = [0; 3];
        for i in 0..20_000 {
            let at = uniform(7, &format!("vehicle{i}"), Draw::Type);
            match choose(&choice, at).unwrap() {
                "a" => counts[0] += 1,
                "b" => counts[1] += 1,
                "c" => counts[2] += 1,
                other => panic!("{other}"),
            }
        }
        // 20,000 draws: a standard deviation of at most 71.
        assert!((counts[0] - 4_000i32).abs() < 300, "{counts:?}");
        assert!((counts[1] - 6_000i32).abs() < 300, "{counts:?}");
        assert_eq!(choose::<u8>(&[], 0.5), None);
    }
}
