//! The tamper manifest: every field of a statement, and a change of it. The types are taken apart exhaustively, so a field
//! added later does not compile until it is listed here.

use super::generators;
use huref_circuits::{
    context::Context,
    draw::Draw,
    profile::{EncoderKind, Profile},
    statement::{Outputs, Shape, Statement},
};

/// One field and a change of it.
#[derive(Clone)]
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

/// Every field of the statement, of its shape, context, draws and outputs changed, one at a time.
pub fn changes(statement: &Statement) -> Vec<Change> {
    let whole = manifest!(statement, |s| s, Statement {
        profile => |s| s.profile = leak(Profile { name: "toy-3", ..s.profile.clone() }),
        shape => |s| s.shape.ffn -= 1,
        commitment => |s| s.commitment[2] = generators().g()[5],
        draws => |s| s.draws.insert(0, Draw::Challenge { other: [5; 32], beacon: vec![5; 32] }),
        outputs => |s| s.outputs.iter_mut().for_each(|o| o.z.reverse()),
        context => |s| s.context = Context::default(),
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
    let context = manifest!(statement, |s| &mut s.context, Context {
        owner => |c| c.owner = "name:Mallory".into(),
        audience => |c| c.audience.push('9'),
        nonce => |c| c.nonce[15] ^= 1,
    });
    let mut all = [whole, shape, context, draws(statement), profile(statement)].concat();
    // those of the first draw, and of the last
    all.extend(manifest!(statement, |s| &mut s.outputs[0], Outputs {
        z => |o| o.z[3] += 1,
        e => |o| o.e[1] -= 1,
        a => |o| o.a[2] -= 1,
        c => |o| o.c[0] += 1,
    }));
    all.extend(manifest!(statement, |s| s.outputs.last_mut().unwrap(), Outputs {
        z => |o| *o.z.last_mut().unwrap() -= 1,
        e => |o| *o.e.last_mut().unwrap() -= 1,
        a => |o| *o.a.last_mut().unwrap() -= 1,
        c => |o| *o.c.last_mut().unwrap() -= 1,
    }));
    all
}

/// Each draw and each of its parts changed, and lists that are longer, shorter or in another order.
pub fn draws(statement: &Statement) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut add = |field: String, draws: Vec<Draw>| {
        let mut statement = statement.clone();
        // outputs for each of the draws, so that nothing but the list is wrong
        let last = statement.outputs[statement.outputs.len() - 1].clone();
        statement.outputs.resize(draws.len(), last);
        statement.draws = draws;
        changes.push(Change { field, statement });
    };
    for (i, draw) in statement.draws.iter().enumerate() {
        let others = match draw.clone() {
            Draw::Common => vec![Draw::Own { beacon: vec![] }],
            Draw::Custom { mut network } => {
                let last = network.len() - 1;
                network[last] ^= 1;
                vec![Draw::Common, Draw::Custom { network }]
            }
            Draw::Own { beacon } => vec![Draw::Common, Draw::Own { beacon: [&beacon[..], &[1; 32]].concat() }],
            Draw::Challenge { other, beacon } => {
                let (mut flipped, mut longer) = (other, beacon.clone());
                flipped[31] ^= 1;
                longer.push(0);
                vec![
                    Draw::Own { beacon: beacon.clone() },
                    Draw::Challenge { other: flipped, beacon },
                    Draw::Challenge { other, beacon: longer },
                ]
            }
        };
        for other in others {
            let mut draws = statement.draws.clone();
            draws[i] = other;
            add(format!("Statement.draws[{i}]"), draws);
        }
    }
    add("Statement.draws, one more".into(), [&statement.draws[..], &[Draw::Own { beacon: vec![2; 32] }]].concat());
    add("Statement.draws, one less".into(), statement.draws[1..].to_vec());
    changes
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
        name => |p| p.name = "toy-4",
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
        // a statement has the labels of its draws, so those of both kinds are changed; that of the encoder says which kind it is
        encoder => |p| {
            p.encoder = EncoderKind::Cnn { network: [0; 32] };
            (p.common.encoder, p.fresh.encoder) = ("a", "b");
        },
        protocol => |p| p.protocol = "huref/fingerprint/v3",
        common => |p| (p.common.sketch, p.fresh.sketch) = ("a", "b"),
        fresh => |p| (p.common.sketch, p.fresh.sketch) = ("c", "d"),
    }
}

/// Profiles are static.
fn leak(profile: Profile) -> &'static Profile {
    Box::leak(Box::new(profile))
}
