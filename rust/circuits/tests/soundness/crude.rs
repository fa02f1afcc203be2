//! Plain lies, as a dishonest owner would tell them first: another model, another layer, another list, a nicer number.

use super::{
    book::Lie,
    liars::InTheOpen,
    lies::{Told, cancelling, exchanged, moved, other_c, unrounded},
    toy::{self, Toy},
};
use ark_ff::{One, Zero};
use huref_circuits::{
    curve::Scalar,
    draw::{Draw, Streams},
    instance::Instance,
    profile::TOY_2,
    prover::{progress::Progress, sketch::sketches, weights::Weights},
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
    let other = Toy::new(&toy.draws, toy::weights(&toy::small(), 8), [4; 32]);
    let mut out = Vec::new();
    let mut add =
        |name: &str, check, (statement, proof)| out.push(Forged { name: name.to_owned(), check, statement, proof });
    // what is published follows from the sketches of these weights under these streams
    let sketched = |weights: &Weights, streams: &[Streams]| {
        open_lie(&toy, |f| {
            f.sketches = sketches(&TOY_2, weights, streams, &Progress::default()).unwrap();
            f.round(streams);
        })
    };

    add("sketch of another model", "linear constraints", sketched(&other.weights, &toy.streams));
    add("sketch over another token list", "linear constraints", {
        let mut listed = toy::copy(&toy.weights);
        listed.shape.tokens.reverse();
        sketched(&listed, &toy.streams)
    });
    // the prover answers under an own draw that is not that of the commitment: chosen, say, before the weights
    add("own draw under a seed of choice", "linear constraints", {
        sketched(&toy.weights, &[toy.streams[0].clone(), toy::OWN.streams(&TOY_2, &[7; 32])])
    });
    add("own draw that is the common one", "linear constraints", {
        sketched(&toy.weights, &[toy.streams[0].clone(), toy.streams[0].clone()])
    });
    add("sketch of the common draw for the own one", "linear constraints", moved(&toy, |i| i % 3).prove(&toy));
    add("encoder of the common draw for the own one", "opening", {
        open_lie(&toy, |f| f.round(&[toy.streams[0].clone(), toy.streams[0].clone()]))
    });
    add("vectors of the two draws exchanged", "opening", exchanged(&toy, 0, 1).prove(&toy));
    add("terms that cancel over draws", "linear constraints", cancelling(&toy, 1, 4).prove(&toy));
    let two = Toy::new(&[Draw::Common], toy::weights(&toy::shape(6, 4, 2, 2, 12, 2, 16), 7), [3; 32]);
    add("layers exchanged", "linear constraints", moved(&two, |i| (i + 3) % 6).prove(&two));
    add("vectors of two layers exchanged", "opening", exchanged(&two, 0, 1).prove(&two));
    add("terms that cancel over layers", "linear constraints", cancelling(&two, 1, 4).prove(&two));
    add(
        "another encoder",
        "opening",
        open_lie(&toy, |f| {
            let entries = TOY_2.entries();
            f.rounded.q.rotate_left(entries);
            f.publish();
            f.rounded.q.rotate_right(entries);
        }),
    );
    add("z one too large", "opening", open_lie(&toy, |f| f.z(0).0[0] += 1));
    add("z one too small", "opening", open_lie(&toy, |f| f.z(1).0[7] -= 1));
    add("c one too large, consistently rounded", "opening", other_c(&toy, 1, 1).prove(&toy));
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
    // the common draw does not depend on the commitment
    let common = Toy::drawn(&[Draw::Common]);
    let stated = |change: &dyn Fn(&mut Statement)| {
        let mut statement = common.statement(common.rounded.outputs.clone());
        change(&mut statement);
        let proof = common.prove_this(&statement, &common.sketches, &common.rounded, 0);
        (statement, proof)
    };
    add("commitment of another model", "opening", stated(&|s| s.commitment.clone_from(&other.commitment)));
    add("commitment rows swapped", "opening", stated(&|s| s.commitment.swap(1, 4)));
    // what the same weights answered before the challenge
    let challenged = Toy::drawn(&[toy::challenge()]);
    add(
        "sketch of the common draw for a challenge",
        "linear constraints",
        open_lie(&challenged, |f| {
            f.sketches.clone_from(&common.sketches);
            f.round(&challenged.streams);
        }),
    );
    add(
        "encoder of the common draw for a challenge",
        "opening",
        open_lie(&challenged, |f| f.round(&[Streams::common(&TOY_2)])),
    );
    // sixteen times the width that the shape declares: the norm of Y does not fit
    let mut large = toy::weights(&toy::small(), 7);
    large.matrices.iter_mut().flat_map(|m| &mut m.entries).for_each(|w| *w *= 32);
    let large = Toy::new(&toy.draws, large, [3; 32]);
    add("weights that are not small", "opening", open_lie(&large, |_| ()));
    // no scale fits a term that is zero
    let mut zero = toy::weights(&toy::small(), 7);
    zero.matrices[1].entries.fill(0);
    let zero = unrounded(&[Draw::Common], zero);
    add("a matrix that is zero", "opening", open_lie(&zero, |f| f.publish()));
    out
}
