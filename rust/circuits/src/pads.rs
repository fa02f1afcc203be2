//! Secrets as affine forms in committed one-time pads, and the ledger that both sides keep of them.
//!
//! A secret scalar `v` is sent as `v + s_i` with a fresh pad `s_i` that was committed to before the first challenge. Both
//! sides then carry `v` as the form `m - s_i`. Sums and public multiples of secrets are forms again; the product of two
//! sent secrets needs one more pad `s_k = s_i s_j`. (Longfellow, draft-google-cfrg-libzk, "encrypted sumcheck", with a
//! Pedersen vector in place of Ligero.)

use crate::curve::Scalar;
use ark_ff::Zero;
use std::{
    collections::BTreeMap,
    ops::{AddAssign, SubAssign},
};

/// `constant + sum_i pads[i] s_i`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// The part that is public.
    pub constant: Scalar,
    /// Coefficients of the pads that occur. Most forms have few, and a proof may have tens of thousands of pads.
    pub pads: BTreeMap<usize, Scalar>,
}

impl Form {
    /// A public value.
    #[must_use]
    pub const fn public(constant: Scalar) -> Self {
        Self { constant, pads: BTreeMap::new() }
    }

    /// The form `coefficient * s_index`.
    fn pad(index: usize, coefficient: Scalar) -> Self {
        Self { constant: Scalar::zero(), pads: BTreeMap::from([(index, coefficient)]) }
    }

    /// The form times a public value.
    #[must_use]
    pub fn times(&self, k: Scalar) -> Self {
        Self { constant: self.constant * k, pads: self.pads.iter().map(|(&i, &x)| (i, x * k)).collect() }
    }

    /// `sum_i factors[i] forms[i]`.
    #[must_use]
    pub fn combined<'a>(factors: &[Scalar], forms: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut total = Self::default();
        for (form, &factor) in forms.into_iter().zip(factors) {
            total += &form.times(factor);
        }
        total
    }

    /// The form plus a public value.
    #[must_use]
    pub fn plus(mut self, x: Scalar) -> Self {
        self.constant += x;
        self
    }

    /// `sum_i pads[i] values[i]`: the form without its constant, at some vector of pads.
    #[must_use]
    pub fn linear(&self, values: &[Scalar]) -> Scalar {
        self.pads.iter().map(|(&i, &x)| x * values.get(i).copied().unwrap_or_default()).sum()
    }
}

impl AddAssign<&Self> for Form {
    fn add_assign(&mut self, other: &Self) {
        self.constant += other.constant;
        for (&i, &x) in &other.pads {
            *self.pads.entry(i).or_default() += x;
        }
    }
}

impl SubAssign<&Self> for Form {
    fn sub_assign(&mut self, other: &Self) {
        self.constant -= other.constant;
        for (&i, &x) in &other.pads {
            *self.pads.entry(i).or_default() -= x;
        }
    }
}

/// A secret that was sent: its masked value and the number of its pad.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    /// `v + s_pad`.
    pub masked: Scalar,
    /// Which pad.
    pub pad: usize,
}

impl Sent {
    /// The secret as a form.
    #[must_use]
    pub fn form(self) -> Form {
        let mut form = Form::pad(self.pad, -Scalar::from(1_u64));
        form.constant = self.masked;
        form
    }
}

/// Pads used, products of pads, and what must vanish. Both sides keep the same one.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// Number of pads used so far.
    pub used: usize,
    /// `(i, j, k)`: the pads are claimed to satisfy `s_k = s_i s_j`.
    pub triples: Vec<[usize; 3]>,
    /// Forms that must be zero.
    pub zeros: Vec<Form>,
}

impl Ledger {
    /// The number of a fresh pad.
    pub const fn next(&mut self) -> usize {
        let pad = self.used;
        self.used = self.used.saturating_add(1);
        pad
    }

    /// The product of two sent secrets: `m_i m_j - m_i s_j - m_j s_i + s_k`.
    pub fn product(&mut self, a: Sent, b: Sent) -> Form {
        let pad = self.next();
        self.triples.push([a.pad, b.pad, pad]);
        let mut form = Form::pad(pad, Scalar::from(1_u64)).plus(a.masked * b.masked);
        form -= &Form::pad(b.pad, a.masked);
        form -= &Form::pad(a.pad, b.masked);
        form
    }

    /// This form must be 0.
    pub fn zero(&mut self, form: Form) {
        self.zeros.push(form);
    }
}
