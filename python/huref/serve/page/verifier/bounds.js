// Bounds from profile and shape alone (specification, "bounds"), and the bits of security (specification, "soundness").

import { ensure } from "./errors.js";
import { P, bitLength, isqrt, log2 } from "./field.js";
import { LIMIT_BITS, RAISE_BITS } from "./network.js";
import { checkShape, commitmentRows, matrices, slots, terms, zBound } from "./statement.js";

const two = (exponent) => 1n << BigInt(exponent);

/** `M`, what c^2 times a sum of squares must come close to. */
export const scaleTarget = ({ outputs, fractionBits, zFractionBits }) =>
  BigInt(outputs) * two(2 * (fractionBits + zFractionBits));

/** The bounds of a shape of which so many models are committed to: {nMax, zBits, cLoBits, cHiBits, normBits}. Refuses (`shape`) what is no shape of the profile,
 *  and every shape with which a value could reach P / 2. */
export function bounds(shape, profile, models = 1) {
  checkShape(shape, profile);
  const below = (value) => ensure(value < P / 2n, "shape", "With this shape, a value of the proof could wrap.");
  const projection = BigInt(profile.projection);
  const rows = BigInt(models * matrices(shape).reduce((sum, count) => sum + count, 0));
  const widest = two(profile.weightBits - 1) - 1n;
  const nMax = (projection ** 2n * rows * BigInt(shape.hidden) * widest ** 2n + 1n) / 2n;
  const zBits = 1 + log2(14n * (isqrt(nMax / 2n) + 1n));
  const beta = isqrt(nMax / BigInt(profile.projectionLoss)) + 1n;
  const tokens = BigInt(shape.tokens.length);
  const sketch = tokens * (isqrt(tokens) + 1n);
  const committed = commitmentRows(shape, profile).reduce((sum, count) => sum + count, 0);
  below(BigInt(models * committed) * BigInt(profile.n) * two(zBits + 2));
  below(projection ** 2n * two(2 * zBits));
  below(BigInt(shape.heads / shape.kvHeads) * (sketch * beta ** 2n) ** 2n);
  below((two(profile.maxLogA) + 1n) ** 2n * BigInt(profile.entries) * two(2 * profile.qBits - 2));
  const h = BigInt(zBound(profile)) * two(profile.fractionBits) + two(profile.fractionBits - 1);
  below(BigInt(profile.outputs) * h ** 2n * two(2 * profile.maxLogC + 1));
  below(BigInt(profile.outputs) * two(RAISE_BITS + LIMIT_BITS + 2 + profile.maxLogC));
  const top = bitLength(scaleTarget(profile)) + 2;
  return { nMax, zBits, cLoBits: top - profile.minLogC, cHiBits: top + profile.maxLogC, normBits: bitLength(nMax) };
}

/** Variables of the positions of a term: of the commitment row, and of the slot in it. */
export function positionVariables(shape, profile) {
  const side = slots(shape, profile);
  const most = terms(shape).reduce((positions, term) => Math.max(positions, term.positions), 1);
  return [log2(Math.ceil(most / side)), log2(side)];
}
