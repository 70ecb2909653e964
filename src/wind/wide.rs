//! Loops over rows that use the widest registers which the processor has.
//!
//! Programs are built for any processor of their kind, which for x86-64 means four `f32` at a time. `wide!` defines a function once more for
//! those with AVX2, where it is eight. Both do the same operations in the same order (nothing is fused or summed otherwise), so the bits do
//! not depend on the processor.

/// Defines a function whose loops run in the widest registers at hand. It is not inlined: only as arguments the compiler knows that rows do not overlap.
macro_rules! wide {
    ($(#[$meta:meta])* $vis:vis fn $name:ident($($arg:ident: $kind:ty),* $(,)?) $(-> $result:ty)? $body:block) => {
        $(#[$meta])*
        $vis fn $name($($arg: $kind),*) $(-> $result)? {
            #[inline(always)]
            fn body($($arg: $kind),*) $(-> $result)? $body

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2")]
            fn with_avx2($($arg: $kind),*) $(-> $result)? {
                body($($arg),*)
            }

            #[inline(never)]
            fn plain($($arg: $kind),*) $(-> $result)? {
                body($($arg),*)
            }

            #[cfg(target_arch = "x86_64")]
            if std::is_x86_feature_detected!("avx2") {
                #[expect(unsafe_code, reason = "the compiler cannot see that the processor was asked")]
                // SAFETY: the processor has AVX2, which is all that the function needs beyond its arguments.
                return unsafe { with_avx2($($arg),*) };
            }
            plain($($arg),*)
        }
    };
}

pub(super) use wide;

#[cfg(test)]
mod tests {
    wide! {
        /// Some operations whose order matters.
        fn mixed(a: &[f32], b: &[f32], out: &mut [f32]) {
            for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
                *out = a * b + (a - b) / (1.0 + a * a) - b.sqrt();
            }
        }
    }

    #[test]
    fn bits_do_not_depend_on_the_width() {
        let a: Vec<f32> = (0..37).map(|n| (n as f32 * 0.37).sin() * 1e3).collect();
        let b: Vec<f32> = (0..37).map(|n| (n as f32 * 0.73).cos().abs()).collect();
        let mut out = vec![0.0; 37];
        mixed(&a, &b, &mut out);
        for n in 0..37 {
            let (a, b) = (std::hint::black_box(a[n]), std::hint::black_box(b[n]));
            let want = a * b + (a - b) / (1.0 + a * a) - b.sqrt();
            assert_eq!(out[n].to_bits(), want.to_bits());
        }
    }
}
