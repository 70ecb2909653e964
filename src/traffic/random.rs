//! Random numbers by counting: the same number for the same (seed, vehicle, step, purpose), whoever asks and when.

/// A number in [0, 1) from a key. Mixing by the finaliser of SplitMix64 (Steele, Lea, Flood 2014), once per part of the key.
pub fn uniform(seed: u64, who: u64, when: u64, what: u64) -> f32 {
    let bits = mix(mix(mix(seed ^ 0x9e37_79b9_7f4a_7c15).wrapping_add(who))
        .wrapping_add(when.wrapping_shl(8) ^ what));
    (bits >> 40) as f32 * (1.0 / (1u64 << 24) as f32)
}

/// A number of the standard normal distribution from a key (Box and Muller 1958).
pub fn normal(seed: u64, who: u64, what: u64) -> f32 {
    let radius = (-2.0 * (1.0 - uniform(seed, who, 0, what)).ln()).sqrt();
    radius * (std::f32::consts::TAU * uniform(seed, who, 1, what)).cos()
}

fn mix(key: u64) -> u64 {
    let a = (key ^ (key >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let b = (a ^ (a >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    b ^ (b >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_spread_evenly_and_differ_by_every_part_of_the_key() {
        let mean = (0..20_000u64)
            .map(|who| f64::from(uniform(1, who, 5, 2)))
            .sum::<f64>()
            / 20_000.0;
        assert!((mean - 0.5).abs() < 0.01, "{mean}");
        let base = uniform(1, 2, 3, 4).to_bits();
        for other in [
            uniform(2, 2, 3, 4),
            uniform(1, 3, 3, 4),
            uniform(1, 2, 4, 4),
            uniform(1, 2, 3, 5),
        ] {
            assert_ne!(base, other.to_bits());
        }
    }
}
