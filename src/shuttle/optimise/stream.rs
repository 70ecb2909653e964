//! Random numbers by counting: number `i` of stream (seed, who) is the same on every machine and thread.

/// A stream of random numbers: SplitMix64 (Steele, Lea, Flood 2014), whose state is a counter.
#[derive(Clone, Debug)]
pub(super) struct Stream {
    state: u64,
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

impl Stream {
    pub(super) fn new(seed: u64, who: u64) -> Self {
        Self {
            state: mix(mix(seed ^ GOLDEN).wrapping_add(who)),
        }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        mix(self.state)
    }

    /// In [0, 1).
    pub(super) fn uniform(&mut self) -> f64 {
        (self.next() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// In `0..count`; 0 for an empty range.
    pub(super) fn below(&mut self, count: usize) -> usize {
        ((u128::from(self.next()) * count as u128) >> 64) as usize
    }

    /// Fisher and Yates (1938).
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// The finaliser of SplitMix64: every bit of the result depends on every bit of the key.
pub(super) fn mix(key: u64) -> u64 {
    let a = (key ^ (key >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let b = (a ^ (a >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    b ^ (b >> 31)
}
