//! The widest vectors that the machine has, for loops that the compiler vectorises.
//!
//! A wheel is built for the oldest machine it shall run on, so its loops use 128-bit vectors. [`wide`] runs a loop that was
//! compiled three times and picks at run time. The results are the same bit for bit: integers are exact, and vectorising
//! never reorders or fuses operations on floating-point numbers, whose order the source fixes.
//!
//! One of the two modules with `unsafe` (the other is in [`crate::prover::subsets`]): calls of functions compiled for more than the base
//! instruction set, each behind the test that the machine has it. Both belong to the prover; a verifier is built without
//! them and forbids `unsafe`.

/// Runs `f`, compiled for the widest vectors of this machine. Write `wide(#[inline(always)] || ..)` with everything in it
/// inlined: what stays a call keeps the base instruction set.
#[inline]
pub fn wide<R>(f: impl FnOnce() -> R) -> R {
    Vectors::Eight.run(f)
}

/// How many doubles a vector holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vectors {
    /// Two: the base instruction set.
    Two,
    /// Four: AVX2.
    Four,
    /// Eight: AVX-512.
    Eight,
}

impl Vectors {
    /// The widest of this machine.
    #[must_use]
    pub fn widest() -> Self {
        if has_512() {
            Self::Eight
        } else if has_256() {
            Self::Four
        } else {
            Self::Two
        }
    }

    /// Runs `f`, compiled for vectors of this width; for the widest below it where the machine has none of them. As [`wide`].
    #[cfg(target_arch = "x86_64")]
    #[inline]
    #[expect(unsafe_code, reason = "calls behind a test of the features they need")]
    pub fn run<R>(self, f: impl FnOnce() -> R) -> R {
        #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
        fn with_512<R>(f: impl FnOnce() -> R) -> R {
            f()
        }
        #[target_feature(enable = "avx2")]
        fn with_256<R>(f: impl FnOnce() -> R) -> R {
            f()
        }
        if self == Self::Eight && has_512() {
            // SAFETY: the machine has these four features.
            unsafe { with_512(f) }
        } else if self != Self::Two && has_256() {
            // SAFETY: the machine has AVX2.
            unsafe { with_256(f) }
        } else {
            f()
        }
    }

    /// Runs `f`: the base instruction set of other machines has the vectors that matter.
    #[cfg(not(target_arch = "x86_64"))]
    #[inline]
    pub fn run<R>(self, f: impl FnOnce() -> R) -> R {
        f()
    }
}

#[cfg(target_arch = "x86_64")]
fn has_512() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl")
}

#[cfg(target_arch = "x86_64")]
fn has_256() -> bool {
    is_x86_feature_detected!("avx2")
}

#[cfg(not(target_arch = "x86_64"))]
const fn has_512() -> bool {
    false
}

#[cfg(not(target_arch = "x86_64"))]
const fn has_256() -> bool {
    false
}

/// Sums of an inner product.
pub const LANES: usize = 8;

/// Inner products of `a` with several vectors at once, each in eight lanes, then the lanes in order, then the rest: one
/// order of additions on every machine.
#[inline(always)]
pub fn dots<const R: usize>(a: &[f64], b: [&[f64]; R]) -> [f64; R] {
    let mut lanes = [[0.0; LANES]; R];
    let (chunks, rest) = a.as_chunks::<LANES>();
    for (k, chunk) in chunks.iter().enumerate() {
        for (lanes, b) in lanes.iter_mut().zip(&b) {
            let part = &b[k * LANES..][..LANES];
            for i in 0..LANES {
                lanes[i] += chunk[i] * part[i];
            }
        }
    }
    let done = a.len() - rest.len();
    std::array::from_fn(|r| {
        let sum = lanes[r].iter().fold(0.0, |sum, x| sum + x);
        rest.iter().zip(&b[r][done..]).fold(sum, |sum, (x, y)| sum + x * y)
    })
}
