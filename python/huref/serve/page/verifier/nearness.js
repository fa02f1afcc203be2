// Statements of nearness: numbers, checks and what an answer asks for (specification, "nearness").
//
// In place of outputs such a statement has `theirs`, the entries of the vectors that the other side published, one
// vector after the other, and `answer`: {kind, cosines, pair}. `kind` is rounded, below or at-least; `cosines` are one k
// for each pair, or t alone; `pair` is [place of their vector, place of the layer] of at-least, else null.

import { i32, join, u32, u64, u8 } from "./bytes.js";
import { ensure } from "./errors.js";
import { P, bitLength, isqrt, log2 } from "./field.js";
import { terms, zBound } from "./statement.js";

export const PROTOCOL = "huref/nearness/v1";
export const VERSION = 1;
/** In the order in which they are absorbed; those that a profile has, too, stand in place of the profile's. */
export const NUMBERS = { qBits: 57, logNorm: 56, logScale: 70, slackBits: 128, scaleBits: 54, cosineBits: 8 };
/** A cosine of 1. */
export const ONE = 2 ** NUMBERS.cosineBits;
/** Most vectors of the other side. */
export const VECTORS = 65536;
const KINDS = ["rounded", "below", "at-least"];

const two = (exponent) => 1n << BigInt(exponent);

/** The shift of all terms. */
export function commonShift(shape, profile) {
  const positions = terms(shape).reduce((most, term) => Math.max(most, term.positions), 1);
  const size = BigInt(shape.tokens.length) ** 3n * BigInt(shape.hidden * profile.sketch) * isqrt(BigInt(positions));
  return Math.max(0, log2(size) + 4 * (profile.weightBits - 1) - 4 + 8 - NUMBERS.logNorm);
}

/** The largest sums of squares: of a vector of theirs, and of f'. */
function largest({ outputs, sketch, zFractionBits }) {
  const m = BigInt(outputs);
  return [m * two(2 * zFractionBits + 1), m * (2n * m * 3n * BigInt(sketch) * two(NUMBERS.logScale)) ** 2n];
}

/** Widths of a sign's slack and of an end's: {sign, end}. Refuses (`shape`) if a value could reach P / 4. */
export function widths(shape, profile) {
  const [z, d] = largest(profile);
  const [norm, end] = [BigInt(profile.entries) * two(221), BigInt(ONE + 1) ** 2n * z * d];
  const below = norm < P / 4n && end < P / 4n && commonShift(shape, profile) + NUMBERS.qBits <= 250;
  ensure(below, "shape", "With this shape, a value of the proof could wrap.");
  return { sign: bitLength(isqrt(z * d)) + 1, end: bitLength(end) };
}

/** Refuses vectors that no fingerprint has, and answers of no form. */
export function checkAnswer({ shape, theirs, answer: { kind, cosines, pair } }, profile) {
  const count = theirs.length / profile.outputs;
  ensure(Number.isInteger(count) && 1 <= count && count <= VECTORS, "vector", "There are no vectors, or too many.");
  const bound = zBound(profile);
  for (let i = 0; i < theirs.length; i += profile.outputs) {
    const z = theirs.slice(i, i + profile.outputs);
    const [sum, squares] = [z.reduce((s, x) => s + x, 0), z.reduce((s, x) => s + x * x, 0)];
    const small = z.every((x) => Math.abs(x) <= bound) && 0 < squares && BigInt(squares) <= largest(profile)[0];
    ensure(small && 2 * Math.abs(sum) <= profile.outputs, "vector", "No fingerprint has a vector like one of these.");
  }
  const layers = shape.layers.length;
  const within = (value, low, high) => low <= value && value <= high;
  const right = kind === "rounded"
    ? cosines.length === count * layers && cosines.every((k) => within(k, -ONE, ONE))
    : KINDS.includes(kind) && cosines.length === 1 && within(cosines[0], 1, ONE);
  const exists = pair !== null && within(pair[0], 0, count - 1) && within(pair[1], 0, layers - 1);
  ensure(right && (kind === "at-least" ? exists : pair === null), "interval", "The answer is not of a form that is read.");
}

/** What a checked answer speaks of: {vectors in question, pairs, lows: pairs with a sign and a low end}. */
export function counts({ shape, theirs, answer }, profile) {
  if (answer.pair !== null) return { vectors: 1, pairs: 1, lows: 1 };
  const vectors = theirs.length / profile.outputs;
  const pairs = vectors * shape.layers.length;
  return { vectors, pairs, lows: answer.kind === "below" ? 0 : pairs };
}

/** Their vectors in question. */
export function inQuestion({ theirs, answer }, { outputs: m }) {
  const all = Array.from({ length: theirs.length / m }, (_, i) => theirs.slice(i * m, (i + 1) * m).map(BigInt));
  return answer.pair === null ? all : [all[answer.pair[0]]];
}

/** What a checked answer says of each pair: {vector in question, layer, sign, low, high}; sign and low null in below. An
 *  end is [multiple of 1/256, 1 if the interval lacks it]. */
export function intervals({ shape, answer: { kind, cosines, pair } }, pairs) {
  const layers = shape.layers.length;
  return Array.from({ length: pairs }, (_, j) => {
    if (kind === "at-least") return { vector: 0, layer: pair[1], sign: 1, low: [cosines[0], 0], high: [ONE + 1, 1] };
    const at = { vector: Math.floor(j / layers), layer: j % layers };
    if (kind === "below") return { ...at, sign: null, low: null, high: [cosines[0], 1] };
    const k = cosines[j];
    if (k < 0) return { ...at, sign: -1, low: [-k - 1, 1], high: [-k, 0] };
    return { ...at, sign: 1, low: [k, 0], high: [k + 1, 1] };
  });
}

/** Theirs and the answer, as they are absorbed. */
export function answerBytes({ theirs, answer: { kind, cosines, pair } }, profile) {
  const said = [u8(KINDS.indexOf(kind)), ...cosines.map(i32), ...(pair ?? []).map(u32)];
  return join([u32(theirs.length / profile.outputs), ...theirs.map(i32), ...said]);
}

/** The numbers, as they are absorbed. */
export const numberBytes = () => join(Object.values(NUMBERS).map(u64));
