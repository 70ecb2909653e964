//! Counter-based random numbers: a draw depends on its key (seed, district, block, lot) and its position only, so that
//! one lot can change without changing its neighbours, and districts can be made in any order.

/// One step of splitmix64 (Steele, Lea, Flood 2014, doi:10.1145/2660193.2660195).
fn mix(x: u64) -> u64 {
    let mut z = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The stream of one entity.
#[derive(Clone, Debug)]
pub(super) struct Draw {
    key: u64,
    counter: u64,
}

impl Draw {
    /// The stream named by `keys`.
    pub fn new(seed: u64, keys: &[u64]) -> Self {
        Self {
            key: keys.iter().fold(mix(seed), |key, &k| mix(key ^ mix(k))),
            counter: 0,
        }
    }

    /// A stream of its own below this one, independent of how much was drawn.
    pub fn child(&self, key: u64) -> Self {
        Self {
            key: mix(self.key ^ mix(key)),
            counter: 0,
        }
    }

    fn next(&mut self) -> u64 {
        self.counter += 1;
        mix(self.key.wrapping_add(self.counter))
    }

    /// Uniform in 0 to 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Uniform between two numbers.
    pub fn range(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Whole number from `low` to `high`, both included.
    pub fn int(&mut self, low: i32, high: i32) -> i32 {
        low + (self.unit() * f64::from(high - low + 1)) as i32
    }

    /// True with probability `p`.
    pub fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// One of some values.
    pub fn pick<T: Copy>(&mut self, values: &[T]) -> T {
        values[(self.unit() * values.len() as f64) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_repeat_and_differ_by_key() {
        let draw = |keys: &[u64]| {
            let mut d = Draw::new(7, keys);
            [d.unit(), d.unit(), d.unit()]
        };
        assert_eq!(draw(&[1, 2]), draw(&[1, 2]));
        assert_ne!(draw(&[1, 2]), draw(&[2, 1]));
        let mean: f64 = {
            let mut d = Draw::new(1, &[3]);
            (0..10_000).map(|_| d.unit()).sum::<f64>() / 1e4
        };
        // Standard error of the mean of 10 000 uniform numbers: 0.0029.
        assert!((mean - 0.5).abs() < 0.012, "{mean}");
    }
}
