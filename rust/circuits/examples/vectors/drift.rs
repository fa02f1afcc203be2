//! Drift: bounds of every form, false ones, and a statement changed.

use crate::{
    far::{ZEROS, claims, liar},
    toy::{self, drift::Releases},
    vector::{Stated, Vector},
};
use huref_circuits::{
    drift::{Drift, Limit, Partition, PublicModel},
    profile::TOY_2_CNN,
};

/// The vectors that all changes start from.
const PAIR: &str = "drift-matrices";
const PUBLIC: &str = "drift-public";

fn small() -> Releases {
    Releases::new(&toy::small(), 9)
}

fn proved(releases: &Releases, statement: &Drift) -> (Stated<Drift>, Vec<u8>) {
    (Stated::new(statement), releases.prove(statement, &releases.measured(), 5).unwrap())
}

/// The valid vectors.
pub fn valid() -> Vec<Vector> {
    let (releases, long) = (small(), Releases::new(&toy::shape(300, 4, 2, 8, 24, 1, 16), 9));
    let mut part = releases.statement(Partition::Matrices, Limit::Relative(1), false);
    part.exponents[3] = None;
    part.limit = Limit::Relative(releases.measured().least(&part).unwrap());
    let vector = |name, about, releases: &Releases, statement: &Drift| {
        let (stated, proof) = proved(releases, statement);
        Vector::whole(name, about, None, &stated, &proof)
    };
    let pair = releases.relative(Partition::Matrices, false);
    let public = releases.absolute(Partition::Matrices, true);
    let (rows, whole) = (Partition::Rows, Partition::Whole);
    vec![
        vector(PAIR, "two releases, a relative bound, matrix by matrix", &releases, &pair),
        vector(PUBLIC, "a public model, an absolute bound for each matrix", &releases, &public),
        vector("drift-rows", "a relative bound, commitment row by row", &long, &long.relative(rows, false)),
        vector("drift-rows-public", "the same of a public model", &long, &long.relative(rows, true)),
        vector("drift-whole", "one absolute bound", &releases, &releases.absolute(whole, false)),
        vector(
            "drift-whole-public",
            "one relative bound of a public model",
            &releases,
            &releases.relative(whole, true),
        ),
        vector("drift-part", "a matrix that is not spoken of", &releases, &part),
    ]
}

/// The invalid vectors.
pub fn invalid() -> Vec<Vector> {
    [lies(), changes()].concat()
}

fn lies() -> Vec<Vector> {
    let releases = small();
    let own = ["bits = b", "slack", "delta", "base", "bit", "square"];
    let mut out = Vec::new();
    for (kind, relative, public) in [("pair", true, false), ("public", false, true)] {
        for name in claims(relative).into_iter().chain(ZEROS).filter(|name| own.contains(name)) {
            if relative && ["bit", "bits = b"].contains(&name) {
                continue; // a negative slack is shown of an absolute bound
            }
            let check = if ZEROS.contains(&name) { "linear constraints" } else { "opening" };
            let about = format!("a prover who violates only \"{name}\", and is honest towards all other checks");
            let (statement, proof) = liar(&releases, name, Partition::Matrices, relative, public).prove(&releases);
            let name = format!("forged drift {kind} {name}");
            out.push(Vector::whole(&name, &about, Some(check), &Stated::new(&statement), &proof));
        }
    }
    let (statement, proof) = liar(&releases, "products", Partition::Whole, false, false).prove(&releases);
    let about = "the square of each entry of the difference counts one less";
    out.push(Vector::whole("forged drift product", about, Some("products"), &Stated::new(&statement), &proof));
    out
}

fn changes() -> Vec<Vector> {
    let releases = small();
    let pair = proved(&releases, &releases.relative(Partition::Matrices, false));
    let public = proved(&releases, &releases.absolute(Partition::Matrices, true));
    let mut out = Vec::new();
    let mut of = |base,
                  (stated, proof): &(Stated<Drift>, Vec<u8>),
                  name: &str,
                  about: &str,
                  check,
                  change: &dyn Fn(&mut Drift)| {
        let mut other = stated.clone();
        change(&mut other.statement);
        out.push(Vector::change(&format!("drift {name}"), about, check, (base, stated, proof), &other, &[]));
    };
    let lin = "linear constraints";
    let limits = |by: i128| {
        let Limit::Absolute(limits) = &public.0.statement.limit else { panic!("absolute") };
        let mut limits = limits.clone();
        limits[2] = limits[2].saturating_add_signed(by);
        Limit::Absolute(limits)
    };
    let relative = |by: i32| {
        let Limit::Relative(b) = pair.0.statement.limit else { panic!("relative") };
        Limit::Relative(b.saturating_add_signed(by))
    };
    let mut change =
        |name: &str, about: &str, check, change: &dyn Fn(&mut Drift)| of(PAIR, &pair, name, about, check, change);
    change("bound one lower", "a relative bound that is one step lower", lin, &|s| s.limit = relative(-1));
    change("bound one higher", "a relative bound that is one step higher", lin, &|s| s.limit = relative(1));
    change("bound zero", "a relative bound of 0", "bound", &|s| s.limit = Limit::Relative(0));
    change("bound above one", "a relative bound of 1025/1024", "bound", &|s| s.limit = Limit::Relative(1025));
    change("factor", "another power of two of one matrix", lin, &|s| s.exponents[1] = Some(1));
    change("factor too large", "2^5", "factors", &|s| s.exponents[1] = Some(5));
    change("factor too small", "2^-5", "factors", &|s| s.exponents[1] = Some(-5));
    change("factors missing", "one exponent too few", "factors", &|s| s.exponents.truncate(6));
    change("factors more", "one exponent too many", "factors", &|s| s.exponents.push(Some(0)));
    change("silence", "nothing is said of any matrix", "factors", &|s| s.exponents.fill(None));
    change("partition", "the whole for its matrices", "proof length", &|s| s.partition = Partition::Whole);
    change("context", "made by somebody else", lin, &|s| s.context.owner = "name:Mallory".into());
    change("owner empty name", "an owner without a name", "context", &|s| s.context.owner = "name:".into());
    change("layer", "another layer number", lin, &|s| s.shape.layers = vec![7]);
    change("hidden too large", "a hidden size beyond a commitment row", "shape", &|s| s.shape.hidden = 513);
    change("profile", "under the profile with a network", lin, &|s| s.profile = &TOY_2_CNN);
    let mut change =
        |name: &str, about: &str, check, change: &dyn Fn(&mut Drift)| of(PUBLIC, &public, name, about, check, change);
    change("public bound one lower", "one bound that is one lower", lin, &|s| s.limit = limits(-1));
    change("bounds missing", "one bound too few", "bound", &|s| s.limit = Limit::Absolute(vec![1 << 20; 6]));
    change("bound too wide", "a bound of 121 bits", "bound", &|s| s.limit = Limit::Absolute(vec![1 << 120; 7]));
    let entry = |x: i16| {
        let mut matrices =
            public.0.statement.public.as_ref().map(|model| (*model.matrices).clone()).unwrap_or_default();
        matrices[4][7] = x;
        Some(PublicModel::new(matrices))
    };
    change("another public model", "one entry of the public model is another one", lin, &|s| s.public = entry(1));
    change("public entry too large", "an entry of 2048", "public model", &|s| s.public = entry(2048));
    change("public matrix missing", "a public model of six matrices", "public model", &|s| {
        s.public = entry(0).map(|model| PublicModel::new(model.matrices[..6].to_vec()));
    });
    out
}
