// What is hashed of a statement (specification, "encodings" and "draws").

import { i32, join, text, u32, u64, u8, utf8 } from "./bytes.js";
import { VERSION as DRIFT, driftBytes } from "./drift.js";
import { VERSION as NEARNESS, answerBytes, numberBytes } from "./nearness.js";
import { numbers } from "./profile.js";
import { Sha256, sha256 } from "./sha256.js";

const VERSION = 2;
const NONE = new Uint8Array(0);
const KINDS = ["common", "own", "challenge", "custom"];

/** SHA-256 over the tokens in order. */
export const tokenDigest = (tokens) => tokens.reduce((hash, token) => hash.update(text(token)), new Sha256()).digest();

const sizes = ({ hidden, heads, kvHeads, headDim, ffn }) => [hidden, heads, kvHeads, headDim, ffn].map(u32);
const layers = (shape) => [u32(shape.layers.length), ...shape.layers.map(u32)];

/** The id of the commitment, 32 bytes. */
export function commitmentId({ profile, shape, rows }) {
  const tokens = [u32(shape.tokens.length), tokenDigest(shape.tokens)];
  const head = join([utf8("huref/commitment/v1"), text(utf8(profile)), ...sizes(shape), ...layers(shape), ...tokens]);
  return sha256(head, rows);
}

/** The bytes of a statement that passed its checks. `streams`: labels of each draw. */
export function statementBytes(statement, profile, streams) {
  const { shape, rows, draws, outputs, answer, drift, context } = statement;
  const all = (name, encode) => outputs.flatMap((drawn) => drawn[name].map(encode));
  const said = () => {
    if (drift) return [driftBytes(statement)];
    if (answer) return [answerBytes(statement, profile)];
    return [...all("z", i32), ...all("e", u32), ...all("a", u32), ...all("c", u64)];
  };
  return join([
    u32(drift ? DRIFT : answer ? NEARNESS : VERSION),
    text(utf8(profile.name)),
    ...numbers(profile).map(u64),
    text(utf8("secp256k1")),
    profile.generatorsDigest,
    ...(answer ? [numberBytes()] : []),
    ...(drift ? [] : [u8(draws.length)]),
    ...draws.flatMap(({ kind, beacon, other }, i) => [
      u8(KINDS.indexOf(kind)),
      ...[streams[i].labels.sketch, join([streams[i].labels.encoder, streams[i].network ?? NONE]), beacon, other].map(text),
    ]),
    ...sizes(shape),
    ...layers(shape),
    u32(shape.tokens.length),
    tokenDigest(shape.tokens),
    u32(rows.length / 33),
    rows,
    ...said(),
    ...[utf8(context.owner), utf8(context.audience), context.nonce].map(text),
  ]);
}
