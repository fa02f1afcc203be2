//! One consistent liar for each check, and the two verdicts on it.

use super::{
    cancel::cancelling_terms,
    liars::Carried,
    lies::{
        Told, activations_one_more, backwards, cancelling, carried, claims, exchanged, false_bit, half_the_scale, liar,
        moved, negative_as_positive, other_c, other_scale, sketch_of_nothing, sketch_of_the_weights, too_long, zeros,
    },
    toy::{self, Toy, kinds, verdict},
};
use huref_circuits::{
    claims::Claims,
    curve::Scalar,
    draw::Draw,
    error::Rejected,
    hidden,
    instance::Instance,
    pads::{Ledger, Sent},
    poly::log2_ceil,
    profile::TOY_2,
    relations::{
        self,
        range::{Ternaries, Ternary},
    },
    security::position_variables,
    side::{Question, Side, Sum},
    switches::{Check, leaving_out},
};

/// The verdict of a verifier without these checks. The prover leaves them out too: both batch the same claims.
fn verdict_without(told: &Told, toy: &Toy, checks: &[Check]) -> Result<(), &'static str> {
    leaving_out(checks, || {
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
    type Error = Rejected;
    fn ledger(&mut self) -> &mut Ledger {
        &mut self.ledger
    }
    fn challenge(&mut self) -> Result<Scalar, Rejected> {
        Ok(Scalar::from(2_u64))
    }
    fn secret(&mut self, _: Question<'_>) -> Result<Sent, Rejected> {
        Ok(Sent { masked: Scalar::from(0_u64), pad: self.ledger.next() })
    }
    fn begin(&mut self, _: Sum<'_>) -> Result<(), Rejected> {
        Ok(())
    }
    fn bind(&mut self, _: Scalar) {}
}

/// Two layers under both draws: the toy in which terms, layers and draws can be exchanged.
fn two_layers() -> Toy {
    Toy::new(&[Draw::Common, toy::OWN], toy::weights(&toy::shape(8, 4, 4, 2, 5, 2, 16), 7), [1; 32])
}

/// Number of layers and of draws.
fn sizes(toy: &Toy) -> (usize, usize) {
    (toy.weights.shape.layers.len(), toy.draws.len())
}

/// The check of this name.
fn check(toy: &Toy, name: &str) -> Check {
    let (layers, draws) = sizes(toy);
    let network = toy.streams[0].network.is_some();
    let claim = claims(layers, draws, network).iter().position(|claim| claim == name).map(Check::Claim);
    let zero = || zeros(network).iter().position(|zero| *zero == name).map(Check::Zero);
    claim.or_else(zero).unwrap_or_else(|| panic!("no check {name}"))
}

/// The full verifier refuses the lie where it is; without that check it is accepted.
fn refused_by(told: &Told, toy: &Toy, name: &str) {
    let check = check(toy, name);
    let place = if matches!(check, Check::Claim(_)) { "opening" } else { "linear constraints" };
    assert_eq!(verdict_without(told, toy, &[]), Err(place), "{name}, full verifier");
    assert_eq!(verdict_without(told, toy, &[check]), Ok(()), "{name} left out");
}

#[test]
fn every_claim_and_every_zero_has_a_name() {
    for toy in kinds().iter().map(|draws| Toy::drawn(draws)).chain([two_layers(), Toy::with_a_network()]) {
        let (statement, _) = toy.prove(0);
        let instance = Instance::new(&statement).unwrap();
        let seed = Scalar::from(1_u64);
        let projection = TOY_2.projection as usize;
        let ternary = |label, rows, columns| Ternary::new(seed, label, rows, columns);
        let ternaries = Ternaries {
            a: ternary(b"A", projection, statement.commitment.len()),
            c: ternary(b"C", projection, TOY_2.n()),
            d: ternary(b"D", TOY_2.projection_z as usize, projection.pow(2)),
        };
        let (mut census, mut made) = (Census::default(), Claims::default());
        relations::terms::check(&mut census, &instance, &mut made).unwrap();
        relations::bits::check(&mut census, &instance, &mut made).unwrap();
        relations::encode::check(&mut census, &instance, &statement, &mut made).unwrap();
        relations::range::check(&mut census, &instance, &mut made, ternaries).unwrap();
        relations::range::norm(&mut census, &instance, &mut made).unwrap();
        let (layers, draws) = sizes(&toy);
        let (terms, groups, sides) = (3 * layers * draws, layers * draws, 6 * layers);
        // of a network: five claims, a zero, a product, and the messages of its sumcheck
        let network = instance.network.as_ref();
        let [more, sums] = network.map_or([0; 2], |it| {
            let (lv, iv) = hidden::variables(it, layers);
            [1, lv + iv]
        });
        assert_eq!(made.list.len(), claims(layers, draws, more > 0).len());
        assert_eq!(made.list.len(), 12 + sides + 2 * terms + 2 * groups + 5 * more);
        assert_eq!(census.ledger.zeros.len(), zeros(more > 0).len());

        // messages and triples, as the specification counts them
        let Ledger { used, triples, .. } = relations::pads(&instance).unwrap();
        let log = |x: usize| log2_ceil(x);
        let (rows, slots) = position_variables(&statement.shape, &TOY_2);
        let entries = terms * TOY_2.entries() + groups * TOY_2.outputs as usize;
        let sends = 9
            + 2 * (rows + slots)
            + 3 * terms
            + sides
            + 2 * log(statement.shape.hidden as usize)
            + 3 * instance.bit_variables()
            + 3 * log(entries)
            + groups
            + 4 * log(projection)
            + 2 * TOY_2.log_n as usize
            + 4 * more
            + 3 * sums;
        assert_eq!((used - triples.len(), triples.len()), (sends, terms + sides + 3 + more));
    }
}

#[test]
fn every_claim_has_a_liar() {
    let toy = Toy::small();
    claims(1, 2, false).iter().for_each(|name| refused_by(&liar(&toy, name), &toy, name));
    for draws in [vec![Draw::Common], vec![toy::challenge()]] {
        let toy = Toy::drawn(&draws);
        claims(1, 1, false).iter().for_each(|name| refused_by(&liar(&toy, name), &toy, name));
    }
}

#[test]
fn every_linear_constraint_has_a_liar() {
    for draws in kinds() {
        let toy = Toy::drawn(&draws);
        zeros(false).into_iter().for_each(|name| refused_by(&liar(&toy, name), &toy, name));
    }
}

#[test]
fn every_check_has_a_liar_where_a_network_encodes() {
    let toy = Toy::with_a_network();
    claims(1, 2, true).iter().for_each(|name| refused_by(&liar(&toy, name), &toy, name));
    zeros(true).into_iter().for_each(|name| refused_by(&liar(&toy, name), &toy, name));
    refused_by(&negative_as_positive(&toy), &toy, "bit");
    let told = activations_one_more(&toy);
    assert_eq!(verdict_without(&told, &toy, &[]), Err("products"), "full verifier");
    assert_eq!(verdict_without(&told, &toy, &[Check::Named("products")]), Ok(()), "products left out");
}

/// The same lies at the last term, layer and draw, and those that exchange two of them.
#[test]
fn every_layer_and_every_draw_counts() {
    let toy = two_layers();
    let (last, group) = (11, 3);
    for (name, told) in [
        ("chain", sketch_of_nothing(&toy, last)),
        ("bits = sketches", sketch_of_the_weights(&toy, last)),
        ("matrix-vector", carried(&toy, last, Carried::Nowhere)),
        ("X = x_left", carried(&toy, last, Carried::Embedding(0))),
        ("X = x_right", carried(&toy, last, Carried::Embedding(1))),
        ("bit", false_bit(&toy, last, false)),
        ("bits = b(pt)", false_bit(&toy, last, true)),
        ("slack_lo 11", other_scale(&toy, last, 1)),
        ("slack_hi 11", other_scale(&toy, last, -1)),
        ("encoder", backwards(&toy, group)),
        // sketches of the two layers exchanged in the first draw; those of the first draw in place of the second
        ("chain", moved(&toy, |i| if i < 6 { (i + 3) % 6 } else { i })),
        ("chain", moved(&toy, |i| i % 6)),
        // vectors of two layers, and of two draws
        ("encoder", exchanged(&toy, 0, 1)),
        ("encoder", exchanged(&toy, 0, 2)),
        ("encoder", exchanged(&toy, 1, 3)),
    ] {
        refused_by(&told, &toy, name);
    }
    for m in 0..12 {
        refused_by(&carried(&toy, last, Carried::Side(m)), &toy, &format!("V {m}"));
    }
    for g in 0..4 {
        refused_by(&other_c(&toy, g, 2), &toy, &format!("c_lo {g}"));
        refused_by(&other_c(&toy, g, -2), &toy, &format!("c_hi {g}"));
        refused_by(&half_the_scale(&toy, g, false), &toy, "squares");
        refused_by(&half_the_scale(&toy, g, true), &toy, "bits = root");
    }
}

/// Powers of rho that begin anew with every layer, or with every draw, let lies in two of them cancel.
#[test]
fn powers_run_on() {
    let toy = two_layers();
    for (other, period) in [(4, 3), (7, 6)] {
        let told = cancelling(&toy, 1, other);
        assert_eq!(verdict_without(&told, &toy, &[]), Err("linear constraints"), "full verifier");
        assert_eq!(verdict_without(&told, &toy, &[Check::Power(period)]), Ok(()), "anew after {period}");
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
    let (statement, proof) = leaving_out(&[Check::Named(check)], || told.prove(toy));
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
fn a_layer_whose_terms_cancel_is_refused() {
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
    let range = Check::Named("z range");
    forged_public(&toy, &told, "z range", &[range.clone(), check(&toy, "c_lo 0"), check(&toy, "c_hi 0")]);
    assert_eq!(verdict_without(&told, &toy, &[range]), Err("opening"));
}
