//! One consistent liar for each check, and the two verdicts on it.

use super::{
    lies::{Told, ZEROS, cancelling_terms, claims, liar, too_long},
    toy::{self, Toy, verdict},
};
use huref_circuits::{
    claims::Claims,
    curve::Scalar,
    error::Refusal,
    instance::Instance,
    pads::{Ledger, Sent},
    profile::TOY_1,
    relations::{
        self,
        range::{Ternaries, Ternary},
    },
    side::{Question, Side, Sum},
    switches::{Check, without},
};

/// The verdict of a verifier without these checks. The prover leaves them out too: both batch the same claims.
fn verdict_without(told: &Told, toy: &Toy, checks: &[Check]) -> Result<(), &'static str> {
    without(checks, || {
        let (statement, proof) = told.prove(toy);
        verdict(&statement, &proof)
    })
}

/// Counts what the relations claim and require.
#[derive(Default)]
struct Census {
    ledger: Ledger,
}

impl Side for Census {
    type Error = Refusal;
    fn ledger(&mut self) -> &mut Ledger {
        &mut self.ledger
    }
    fn challenge(&mut self) -> Result<Scalar, Refusal> {
        Ok(Scalar::from(2_u64))
    }
    fn secret(&mut self, _: Question<'_>) -> Result<Sent, Refusal> {
        Ok(Sent { masked: Scalar::from(0_u64), pad: self.ledger.next() })
    }
    fn begin(&mut self, _: Sum<'_>) -> Result<(), Refusal> {
        Ok(())
    }
    fn bind(&mut self, _: Scalar) {}
}

#[test]
fn every_claim_and_every_zero_has_a_name() {
    for toy in [Toy::small(), Toy::new(toy::weights(&toy::shape(8, 4, 4, 2, 5, 2, 16), 7), [1; 32])] {
        let (statement, _) = toy.prove(0);
        let instance = Instance::new(&statement).unwrap();
        let seed = Scalar::from(1_u64);
        let projection = TOY_1.projection as usize;
        let ternary = |label, rows, columns| Ternary::new(seed, label, rows, columns);
        let ternaries = Ternaries {
            a: ternary(b"A", projection, statement.commitment.len()),
            c: ternary(b"C", projection, TOY_1.n()),
            d: ternary(b"D", TOY_1.projection_z as usize, projection.pow(2)),
        };
        let (mut census, mut made) = (Census::default(), Claims::default());
        relations::terms::check(&mut census, &instance, &mut made).unwrap();
        relations::bits::check(&mut census, &instance, &mut made).unwrap();
        relations::encode::check(&mut census, &instance, &mut made).unwrap();
        relations::range::check(&mut census, &instance, &mut made, &ternaries).unwrap();
        assert_eq!(made.list.len(), claims(statement.shape.terms().len()).len());
        assert_eq!(census.ledger.zeros.len(), ZEROS.len());
    }
}

#[test]
fn every_claim_has_a_liar() {
    let toy = Toy::small();
    for (index, name) in claims(3).iter().enumerate() {
        let told = liar(&toy, name);
        assert_eq!(verdict_without(&told, &toy, &[]), Err("opening"), "claim {name}, full verifier");
        assert_eq!(verdict_without(&told, &toy, &[Check::Claim(index)]), Ok(()), "claim {name} left out");
    }
}

#[test]
fn every_linear_constraint_has_a_liar() {
    let toy = Toy::small();
    for (index, name) in ZEROS.into_iter().enumerate() {
        let told = liar(&toy, name);
        assert_eq!(verdict_without(&told, &toy, &[]), Err("linear constraints"), "zero {name}, full verifier");
        assert_eq!(verdict_without(&told, &toy, &[Check::Zero(index)]), Ok(()), "zero {name} left out");
    }
}

#[test]
fn every_final_check_has_a_liar() {
    let toy = Toy::small();
    for (check, lie) in
        [("pads", "pads"), ("linear constraints", "chain"), ("products", "products"), ("opening", "encoder")]
    {
        let told = liar(&toy, lie);
        assert_eq!(verdict_without(&told, &toy, &[]), Err(check), "{check}, full verifier");
        assert_eq!(verdict_without(&told, &toy, &[Check::Named(check)]), Ok(()), "{check} left out");
    }
}

/// The prover of the library refuses these statements itself; the liar's does not look.
fn forged_public(toy: &Toy, told: &Told, check: &'static str, left_out: &[Check]) {
    let (statement, proof) = without(&[Check::Named(check)], || told.prove(toy));
    assert_eq!(verdict(&statement, &proof), Err(check), "{check}, full verifier");
    assert_eq!(verdict_without(told, toy, left_out), Ok(()), "{check} left out");
}

#[test]
fn every_public_check_has_a_liar() {
    let toy = Toy::small();
    for check in ["shift", "scale"] {
        forged_public(&toy, &liar(&toy, check), check, &[Check::Named(check)]);
    }
}

#[test]
fn a_model_whose_terms_cancel_is_refused() {
    let (toy, told) = cancelling_terms();
    forged_public(&toy, &told, "c", &[Check::Named("c")]);
}

/// No liar violates "z range" alone: that z is in range follows from c_lo, and with z, c and the sketches in fixed-width
/// integers nothing wraps. The check keeps the transcript's 32-bit z canonical and the bounds free of z. So it refuses first;
/// without it the two slacks of c refuse; without all three the lie is accepted.
#[test]
fn z_out_of_range_is_refused_twice() {
    let toy = Toy::small();
    let told = too_long(&toy);
    let claim = |name| Check::Claim(claims(3).iter().position(|claim| claim == name).unwrap());
    let range = Check::Named("z range");
    forged_public(&toy, &told, "z range", &[range.clone(), claim("c_lo"), claim("c_hi")]);
    assert_eq!(verdict_without(&told, &toy, &[range]), Err("opening"));
}
