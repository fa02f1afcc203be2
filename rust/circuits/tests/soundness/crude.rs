//! Plain lies, as a dishonest owner would tell them first: another model, another layer, another list, a nicer number.

use super::{
    book::Lie,
    liars::InTheOpen,
    lies::{Told, unrounded},
    toy::{self, Toy},
};
use ark_ff::{One, Zero};
use huref_circuits::{
    curve::Scalar,
    instance::Instance,
    profile::TOY_1,
    prover::{fingerprint::round, progress::Progress, sketch::sketches},
    statement::Statement,
};

/// A forged proof and the check that must refuse it.
pub struct Forged {
    /// Short name.
    pub name: String,
    /// The check.
    pub check: &'static str,
    /// What is stated.
    pub statement: Statement,
    /// The proof of it.
    pub proof: Vec<u8>,
}

fn open_lie(toy: &Toy, forge: impl FnOnce(&mut super::forge::Forgery)) -> (Statement, Vec<u8>) {
    Told::new(toy, forge, |_, _| Box::new(InTheOpen)).prove(toy)
}

/// Sets bits of the remainders.
struct Bits(fn(&mut [Scalar]));
impl Lie for Bits {
    fn bits(&mut self, bits: &mut [Scalar], instance: &Instance<'_>) {
        self.0(&mut bits[instance.layout.rem.start..]);
    }
}

/// Every plain lie, told.
pub fn lies() -> Vec<Forged> {
    let toy = Toy::small();
    let other = Toy::new(toy::weights(&toy::small(), 8), [4; 32]);
    let mut out = Vec::new();
    let mut add =
        |name: &str, check, (statement, proof)| out.push(Forged { name: name.to_owned(), check, statement, proof });

    add(
        "sketch of another model",
        "linear constraints",
        open_lie(&toy, |f| {
            f.sketches.clone_from(&other.sketches);
            f.rounded = round(&TOY_1, &f.sketches, &None).unwrap();
        }),
    );
    add(
        "sketch over another token list",
        "linear constraints",
        open_lie(&toy, |f| {
            let mut listed = toy::copy(&toy.weights);
            listed.shape.tokens.reverse();
            f.sketches = sketches(&TOY_1, &listed, &None, &Progress::default()).unwrap();
            f.rounded = round(&TOY_1, &f.sketches, &None).unwrap();
        }),
    );
    let two = Toy::new(toy::weights(&toy::shape(6, 4, 2, 2, 12, 2, 16), 7), [3; 32]);
    add(
        "layers exchanged",
        "linear constraints",
        open_lie(&two, |f| {
            f.sketches.rotate_left(3);
            f.rounded = round(&TOY_1, &f.sketches, &None).unwrap();
        }),
    );
    add(
        "another encoder",
        "opening",
        open_lie(&toy, |f| {
            let entries = TOY_1.entries();
            f.rounded.q.rotate_left(entries);
            f.publish();
            f.rounded.q.rotate_right(entries);
        }),
    );
    add("z one too large", "opening", open_lie(&toy, |f| f.rounded.public.z[0] += 1));
    add("z one too small", "opening", open_lie(&toy, |f| f.rounded.public.z[7] -= 1));
    add("c one too large, consistently rounded", "opening", open_lie(&toy, |f| f.publish_with(f.rounded.public.c + 1)));
    add("a bit that is 2", "linear constraints", {
        Told::new(&toy, |_| (), |_, _| Box::new(Bits(|rem| rem[3] = Scalar::from(2_u64)))).prove(&toy)
    });
    // the same integer, but 2 and 0 in place of 0 and 1
    add("bits 2, 0 for 0, 1", "linear constraints", {
        Told::new(
            &toy,
            |_| (),
            |_, _| {
                Box::new(Bits(|rem| {
                    let i = (0..60).find(|&i| rem[i].is_zero() && rem[i + 1].is_one()).unwrap();
                    (rem[i], rem[i + 1]) = (Scalar::from(2_u64), Scalar::zero());
                }))
            },
        )
        .prove(&toy)
    });
    add("commitment of another model", "opening", {
        let mut statement = toy.statement(toy.rounded.public.clone());
        statement.commitment.clone_from(&other.commitment);
        let proof = toy.prove_this(&statement, &toy.sketches, &toy.rounded, 0);
        (statement, proof)
    });
    add("commitment rows swapped", "opening", {
        let mut statement = toy.statement(toy.rounded.public.clone());
        statement.commitment.swap(1, 4);
        let proof = toy.prove_this(&statement, &toy.sketches, &toy.rounded, 0);
        (statement, proof)
    });
    // what the same weights answered before the challenge
    let challenged = Toy::challenged();
    add(
        "sketch of the fingerprint for a challenge",
        "linear constraints",
        open_lie(&challenged, |f| {
            f.sketches.clone_from(&toy.sketches);
            f.rounded = round(&TOY_1, &f.sketches, &challenged.challenge).unwrap();
        }),
    );
    add(
        "encoder of the fingerprint for a challenge",
        "opening",
        open_lie(&challenged, |f| f.rounded = round(&TOY_1, &f.sketches, &None).unwrap()),
    );
    // sixteen times the width that the shape declares: the norm of Y does not fit
    let mut large = toy::weights(&toy::small(), 7);
    large.matrices.iter_mut().flat_map(|m| &mut m.entries).for_each(|w| *w *= 32);
    let large = Toy::new(large, [3; 32]);
    add("weights that are not small", "opening", open_lie(&large, |_| ()));
    // no scale fits a term that is zero
    let mut zero = toy::weights(&toy::small(), 7);
    zero.matrices[1].entries.fill(0);
    let zero = unrounded(zero);
    add("a matrix that is zero", "opening", open_lie(&zero, |f| f.publish()));
    out
}
