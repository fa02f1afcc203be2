//! Where each part of a proof stands. Nothing in a proof says so: it follows from the statement.

use huref_circuits::{
    instance::Instance,
    pads::Ledger,
    relations,
    statement::Statement,
    wire::{POINT, SCALAR},
};

/// A part of a proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Name, with a number where there are several.
    pub name: String,
    /// First byte.
    pub start: usize,
    /// 33 for a point, 32 for a scalar.
    pub length: usize,
}

/// All parts of a proof of this statement, in order.
pub fn parts(statement: &Statement) -> Vec<Part> {
    let instance = Instance::new(statement).unwrap();
    let profile = statement.profile;
    let Ledger { used: pads, triples, .. } = relations::pads(&instance).unwrap();
    let mut parts = Vec::new();
    let mut put = |name: String, length| {
        let start = parts.last().map_or(0, |part: &Part| part.start + part.length);
        parts.push(Part { name, start, length });
    };
    put("pad point".into(), POINT);
    (0..profile.y_rows()).for_each(|i| put(format!("Y row {i}"), POINT));
    (0..instance.layout.rows).for_each(|i| put(format!("bit row {i}"), POINT));
    (0..pads - triples.len()).for_each(|i| put(format!("message {i}"), SCALAR));
    ["X_s", "X_v", "T_1", "T_0"].into_iter().for_each(|name| put(name.into(), POINT));
    ["u_lin", "u_open"].into_iter().for_each(|name| put(name.into(), SCALAR));
    (0..pads).for_each(|i| put(format!("zs {i}"), SCALAR));
    ["blind_s", "blind_v", "blind_t"].into_iter().for_each(|name| put(name.into(), SCALAR));
    for i in 0..profile.log_n {
        put(format!("L {i}"), POINT);
        put(format!("R {i}"), POINT);
    }
    put("last".into(), SCALAR);
    parts
}
