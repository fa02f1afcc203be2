//! Proofs made by provers who lie.

use crate::{
    cancel::cancelling_terms,
    crude::{Forged, lies},
    lies::{activations_one_more, claims, half_the_scale, liar, negative_as_positive, too_long, zeros},
    toy::Toy,
    vector::{Stated, Vector},
};
use huref_circuits::{
    statement::Statement,
    switches::{Check, leaving_out},
};

/// Claims without a vector, because others of their kind have one. (Every claim has its test in rust/circuits/tests/soundness.)
const LEFT_OUT: [&str; 11] = [
    "V 1",
    "V 2",
    "V 4",
    "slack_hi 0",
    "slack_lo 1",
    "slack_hi 1",
    "slack_lo 2",
    "slack_lo 3",
    "slack_lo 4",
    "slack_hi 4",
    "slack_hi 5",
];

/// The vectors.
pub fn vectors() -> Vec<Vector> {
    let toy = Toy::small();
    let mut out = Vec::new();
    let mut add = |name: String, about: String, check, (statement, proof): (Statement, Vec<u8>)| {
        out.push(Vector::whole(&name, &about, Some(check), &Stated::new(&statement), &proof));
    };
    let consistent = |what: &str| format!("a prover who violates only {what}, and is honest towards all other checks");
    for claim in claims(1, 2, false).iter().filter(|claim| !LEFT_OUT.contains(&claim.as_str())) {
        let about = consistent(&format!("the claim \"{claim}\""));
        add(format!("forged claim {claim}"), about, "opening", liar(&toy, claim).prove(&toy));
    }
    for zero in zeros(false) {
        let about = consistent(&format!("the linear constraint \"{zero}\""));
        add(format!("forged zero {zero}"), about, "linear constraints", liar(&toy, zero).prove(&toy));
    }
    for (name, check, opening) in [("scale sum", "linear constraints", false), ("scale root", "opening", true)] {
        let about = "a prover who justifies half of c of the own draw by a false sum of squares".to_owned();
        add(format!("forged {name}"), about, check, half_the_scale(&toy, 1, opening).prove(&toy));
    }
    for check in ["pads", "products"] {
        add(
            format!("forged {check}"),
            consistent(&format!("the final check \"{check}\"")),
            check,
            liar(&toy, check).prove(&toy),
        );
    }
    for check in ["shift", "scale"] {
        let forged = leaving_out(&[Check::Named(check)], || liar(&toy, check).prove(&toy));
        add(format!("forged {check}"), consistent(&format!("the public check \"{check}\"")), check, forged);
    }
    let (cancelling, told) = cancelling_terms();
    add("forged c".into(), consistent("the range of c: a layer whose terms cancel"), "c", {
        leaving_out(&[Check::Named("c")], || told.prove(&cancelling))
    });
    add("forged z range".into(), "c and z sixteen times too large".into(), "z range", {
        leaving_out(&[Check::Named("z range")], || too_long(&toy).prove(&toy))
    });
    let network = Toy::with_a_network();
    let linear = (claims(1, 2, false), zeros(false));
    for claim in claims(1, 2, true).iter().filter(|claim| *claim == "encoder" || !linear.0.contains(claim)) {
        let about = consistent(&format!("the claim \"{claim}\""));
        add(format!("forged network {claim}"), about, "opening", liar(&network, claim).prove(&network));
    }
    for zero in zeros(true).into_iter().filter(|zero| !linear.1.contains(zero)) {
        let about = consistent(&format!("the linear constraint \"{zero}\""));
        add(format!("forged network {zero}"), about, "linear constraints", liar(&network, zero).prove(&network));
    }
    add("forged network product".into(), "every activation counts one more".into(), "products", {
        activations_one_more(&network).prove(&network)
    });
    add("forged network sign".into(), "a negative sum passes as if it were positive".into(), "linear constraints", {
        negative_as_positive(&network).prove(&network)
    });
    for Forged { name, check, statement, proof } in lies() {
        add(format!("lie {name}"), format!("a plain lie: {name}"), check, (statement, proof));
    }
    out
}
