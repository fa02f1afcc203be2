//! The tamper manifest: every field of a statement, and a change of it. The types are taken apart exhaustively, so a field
//! added later does not compile until it is listed here.

use super::generators;
use huref_circuits::{
    profile::{EncoderKind, Profile},
    statement::{Public, Shape, Statement},
};

/// One field and a change of it.
pub struct Change {
    /// Type and field.
    pub field: String,
    /// The changed statement.
    pub statement: Statement,
}

/// `manifest!(statement, path, Type { field => change, .. })`: one change for every field of the value at the path.
macro_rules! manifest {
    ($statement:expr, $get:expr, $type:ident { $($field:ident => $change:expr),* $(,)? }) => {{
        let mut original: Statement = $statement.clone();
        let get: fn(&mut Statement) -> &mut $type = $get;
        // exhaustive on purpose
        let $type { $($field: _),* } = get(&mut original);
        vec![$({
            let mut statement: Statement = $statement.clone();
            let change: fn(&mut $type) = $change;
            change(get(&mut statement));
            assert_ne!(statement, *$statement, stringify!($field));
            Change { field: concat!(stringify!($type), ".", stringify!($field)).to_owned(), statement }
        }),*]
    }};
}

/// Every field of the statement, of its shape and of its public outputs changed, one at a time.
pub fn changes(statement: &Statement) -> Vec<Change> {
    let whole = manifest!(statement, |s| s, Statement {
        profile => |s| s.profile = leak(Profile { name: "toy-2", ..s.profile.clone() }),
        shape => |s| s.shape.ffn -= 1,
        commitment => |s| s.commitment[2] = generators().g[5],
        public => |s| s.public.c -= 1,
        challenge => |s| s.challenge = if s.challenge.is_none() { Some([0; 32]) } else { None },
    });
    let shape = manifest!(statement, |s| &mut s.shape, Shape {
        hidden => |s| s.hidden -= 1,
        heads => |s| s.heads *= 2,
        kv_heads => |s| s.kv_heads -= 1,
        head_dim => |s| s.head_dim += 1,
        ffn => |s| s.ffn += 1,
        layers => |s| s.layers[0] += 1,
        tokens => |s| s.tokens.swap(0, 1),
    });
    let public = manifest!(statement, |s| &mut s.public, Public {
        z => |p| p.z[3] += 1,
        e => |p| p.e[1] -= 1,
        a => |p| p.a[2] -= 1,
        c => |p| p.c += 1,
    });
    [whole, shape, public, profile(statement)].into_iter().flatten().collect()
}

/// Every number of the profile changed: a verifier of other rules.
pub fn profile(statement: &Statement) -> Vec<Change> {
    macro_rules! rules {
        ($($field:ident => $change:expr),* $(,)?) => {{
            // defaults: a statement says what was taken
            let Profile { $($field: _,)* defaults: _ } = statement.profile;
            vec![$({
                let mut rules = statement.profile.clone();
                let change: fn(&mut Profile) = $change;
                change(&mut rules);
                Change {
                    field: concat!("Profile.", stringify!($field)).to_owned(),
                    statement: Statement { profile: leak(rules), ..statement.clone() },
                }
            }),*]
        }};
    }
    rules! {
        name => |p| p.name = "toy-3",
        log_n => |p| p.log_n += 1,
        weight_bits => |p| p.weight_bits -= 1,
        tokens => |p| p.tokens += 1,
        sketch => |p| p.sketch *= 2,
        outputs => |p| p.outputs *= 2,
        q_bits => |p| p.q_bits += 1,
        log_norm => |p| p.log_norm -= 1,
        log_scale => |p| p.log_scale -= 1,
        fraction_bits => |p| p.fraction_bits -= 1,
        z_fraction_bits => |p| p.z_fraction_bits += 1,
        slack_bits => |p| p.slack_bits += 1,
        max_log_a => |p| p.max_log_a -= 1,
        min_log_c => |p| p.min_log_c += 1,
        max_log_c => |p| p.max_log_c -= 1,
        projection => |p| p.projection *= 2,
        projection_z => |p| p.projection_z -= 1,
        projection_loss => |p| p.projection_loss += 1,
        generators => |p| p.generators[31] ^= 1,
        // a statement has the labels of one kind, so those of both are changed; that of the encoder says which kind it is
        encoder => |p| {
            p.encoder = EncoderKind::Cnn { network: [0; 32] };
            (p.fingerprint.encoder, p.challenge.encoder) = ("a", "b");
        },
        fingerprint => |p| (p.fingerprint.sketch, p.challenge.sketch) = ("a", "b"),
        challenge => |p| (p.fingerprint.sketch, p.challenge.sketch) = ("c", "d"),
    }
}

/// Profiles are static.
fn leak(profile: Profile) -> &'static Profile {
    Box::leak(Box::new(profile))
}
