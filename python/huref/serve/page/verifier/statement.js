// Shape, public outputs and context of a statement, and the checks before any computation (specification, "statement").
//
// A statement is {profile, shape, rows, draws, outputs, context}: the name of the profile; sizes, layers and tokens
// (byte strings); all commitment rows as one byte string; for each draw {kind, beacon, other}, and outputs {z, e, a, c}
// as lists of numbers; texts owner and audience and the bytes nonce, empty where they are absent. One of nearness has
// theirs and an answer in place of outputs (nearness.js), one of drift a field of that name (drift.js).

import { toHex } from "./bytes.js";
import { ensure } from "./errors.js";

const SIZE = 65536;
const FFN = 2 ** 24;
const ROWS = 2 ** 23;
const OWNER = /^(?:ed25519:[0-9a-f]{64}|https:\/\/[!-~]{1,240} [!-~]{1,240}|name:[!-~](?:[ -~]{0,198}[!-~])?)$/;
const AUDIENCE = /^[!-~](?:[ -~]{0,198}[!-~])?$/;

/** Rows of each committed matrix: X, then q, k, v, oT, up, downT of every layer. */
export function matrices(shape) {
  const [queries, keys] = [shape.heads * shape.headDim, shape.kvHeads * shape.headDim];
  const rows = [shape.tokens.length];
  for (const _ of shape.layers) rows.push(queries, keys, keys, queries, shape.ffn, shape.ffn);
  return rows;
}

/** How many matrix rows stand side by side in a commitment row. */
export const slots = (shape, profile) => Math.floor(profile.n / shape.hidden);

/** Commitment rows of each matrix. */
export const commitmentRows = (shape, profile) =>
  matrices(shape).map((rows) => Math.ceil(rows / slots(shape, profile)));

/** The terms of one draw, layer after layer: which matrices they are made of, whether a side is read at the row of its
 *  key/value head (`wired`), and how many positions they have. */
export function terms(shape) {
  const queries = shape.heads * shape.headDim;
  return shape.layers.flatMap((_, l) => {
    const [q, k, v, o, up, down] = [1, 2, 3, 4, 5, 6].map((i) => 6 * l + i);
    const side = (matrix, wired = false) => ({ matrix, wired: wired && shape.heads !== shape.kvHeads });
    return [
      { left: side(q), right: side(k, true), positions: queries },
      { left: side(v, true), right: side(o), positions: queries },
      { left: side(up), right: side(down), positions: shape.ffn },
    ];
  });
}

/** The row that position i of a wired side reads. */
export function wire(shape, i) {
  const head = Math.floor(i / shape.headDim);
  return Math.floor((head * shape.kvHeads) / shape.heads) * shape.headDim + (i % shape.headDim);
}

/** Refuses what is no shape of this profile, whatever its bounds. */
export function checkShape(shape, profile) {
  const demand = (ok, why) => ensure(ok, "shape", why);
  const within = (value, most) => Number.isInteger(value) && 1 <= value && value <= most;
  const { hidden, heads, kvHeads, headDim, ffn, layers, tokens } = shape;
  demand([hidden, heads, kvHeads, headDim].every((size) => within(size, SIZE)), "A size is zero or above 65536.");
  demand(within(ffn, FFN), "The number of neurons is zero or above 2^24.");
  demand(within(layers.length, SIZE), "There are no layers, or too many.");
  demand(within(tokens.length, SIZE), "There are no tokens, or too many.");
  demand(heads % kvHeads === 0, "The key/value heads do not divide the heads.");
  demand(hidden <= profile.n, "The hidden size exceeds a commitment row.");
  const ascending = layers.every((layer, i) => layer < 2 ** 32 && layer > (i === 0 ? -1 : layers[i - 1]));
  demand(ascending, "Layers are not in ascending order.");
  demand(new Set(tokens.map(toHex)).size === tokens.length, "A token stands in the list twice.");
  const total = matrices(shape).reduce((sum, rows) => sum + rows, 0);
  demand(total <= ROWS, "The matrices have more than 2^23 rows together.");
}

/** Refuses texts and nonces that are not of the grammar of a context. */
export function checkContext({ owner, audience, nonce }) {
  ensure(owner === "" || OWNER.test(owner), "context", "The owner is not of a form that a proof may name.");
  ensure(audience === "" || AUDIENCE.test(audience), "context", "The audience is not of a form that a proof may name.");
  ensure(nonce.length === 0 || (16 <= nonce.length && nonce.length <= 64), "context", "A nonce has 16 to 64 bytes.");
}

/** The bound on the entries of z. */
export function zBound(profile) {
  const length = Math.floor(Math.log2(profile.outputs)) + 1;
  return 2 ** (profile.zFractionBits + Math.floor((length + 1) / 2));
}

/** Refuses public outputs that are too many, too few or out of range. */
export function checkOutputs(statement, profile) {
  const layers = statement.shape.layers.length;
  const { outputs } = statement;
  const right = ({ z, e, a, c }) =>
    z.length === layers * profile.outputs && e.length === 3 * layers && a.length === 3 * layers && c.length === layers;
  ensure(outputs.length === statement.draws.length && outputs.every(right), "lengths");
  const each = (name, ok) => outputs.every((drawn) => drawn[name].every((value, i) => ok(value, i, drawn)));
  ensure(each("e", (e) => 0 <= e && e <= 250 - profile.qBits), "shift");
  const half = profile.logScale - profile.logNorm;
  const most = (e) => 2 ** (e === 0 ? profile.maxLogA : half + 1);
  ensure(each("a", (a, i, drawn) => 2 ** half <= a && a <= most(drawn.e[i])), "scale");
  ensure(each("c", (c) => 2 ** profile.minLogC <= c && c < 2 ** profile.maxLogC), "c");
  ensure(each("z", (z) => Math.abs(z) <= zBound(profile)), "z range");
}
