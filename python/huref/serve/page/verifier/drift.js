// Statements of drift: how far a committed model is from another one (specification, "drift").
//
// In place of outputs such a statement has `drift`, and it has no draws: {factors, partition, bound, model}. `factors`:
// of each matrix the exponent of two between the models, null if nothing is said of it. `partition`: rows, matrices or
// whole. `bound`: b of a relative one, or a list of BigInts, B for each block. `model`: the integers of each matrix of a
// public second model; null where both are committed to, and the rows of the second follow those of the first.

import { fromInteger, join, u32, u8 } from "./bytes.js";
import { ensure } from "./errors.js";
import { P, bitLength } from "./field.js";
import { Sha256 } from "./sha256.js";
import { commitmentRows, matrices, slots } from "./statement.js";

export const PROTOCOL = "huref/drift/v1";
export const VERSION = 1;
const PARTITIONS = ["rows", "matrices", "whole"];
const RESOLUTION = 10;
const MAX_EXPONENT = 4;
const ABSOLUTE_BITS = 120;
const ABSENT = 255;

const two = (exponent) => 1n << BigInt(exponent);
const widest = (profile) => 2 ** (profile.weightBits - 1) - 1;

/** How many models the commitment rows are of. */
export const models = ({ drift: { model } }) => (model === null ? 2 : 1);

/** Refuses (`shape`) if a value could reach P / 4. */
export function checkWidth(statement, profile, zBits) {
  const rows = commitmentRows(statement.shape, profile).reduce((sum, count) => sum + count, 0);
  const entries = BigInt(models(statement) * rows * profile.n);
  const entry = two(zBits + 2) + 8n;
  const squares = two(2 * RESOLUTION) * entries * (2n * two(MAX_EXPONENT) * entry) ** 2n;
  const below = entries * entry < P / 2n && squares < P / 4n;
  ensure(below, "shape", "With this shape, a value of the proof could wrap.");
}

/** Refuses factors, bounds and public models of no form. */
export function checkDrift(statement, profile) {
  const { shape, drift: { factors, partition, bound, model } } = statement;
  const sizes = matrices(shape);
  const exponents = factors.filter((x) => x !== null);
  const small = exponents.every((x) => Math.abs(x) <= MAX_EXPONENT);
  ensure(factors.length === sizes.length && exponents.length > 0 && small, "factors");
  ensure(PARTITIONS.includes(partition), "bound");
  if (Array.isArray(bound)) {
    const within = bound.every((limit) => 0n <= limit && limit < two(ABSOLUTE_BITS));
    ensure(within && bound.length === blocks(statement, profile).count, "bound");
  } else {
    ensure(1 <= bound && bound <= 2 ** RESOLUTION, "bound");
  }
  if (model === null) return;
  const whole = model.length === sizes.length && model.every((matrix, i) => matrix.length === sizes[i] * shape.hidden);
  const largest = widest(profile);
  ensure(whole && model.every((matrix) => matrix.every((x) => -largest <= x && x <= largest)), "public model");
}

/** For each commitment row of the first model {alpha, beta, block}, null if nothing is said of it. */
export function spoken({ shape, drift: { factors, partition } }, profile) {
  let block = 0;
  return commitmentRows(shape, profile).flatMap((count, i) => {
    if (factors[i] === null) return Array(count).fill(null);
    const [alpha, beta] = [factors[i], -factors[i]].map((x) => two(Math.max(x, 0)));
    const rows = Array.from({ length: count }, (_, m) => ({ alpha, beta, block: partition === "rows" ? block + m : block }));
    if (partition !== "whole") block += partition === "rows" ? count : 1;
    return rows;
  });
}

/** Of a checked statement, the number of blocks, and the largest sum of alpha^2 over the rows of one. */
function blocks({ shape, drift: { factors, partition } }, profile) {
  const counts = commitmentRows(shape, profile);
  const matrices = factors.flatMap((x, i) => (x === null ? [] : [{ count: counts[i], square: two(2 * Math.max(x, 0)) }]));
  const sums = matrices.map(({ count, square }) => (partition === "rows" ? square : BigInt(count) * square));
  const rows = matrices.reduce((sum, { count }) => sum + count, 0);
  if (partition === "whole") return { count: 1, largest: sums.reduce((sum, value) => sum + value, 0n) };
  return { count: partition === "rows" ? rows : matrices.length, largest: most(sums) };
}

const most = (values) => values.reduce((large, value) => (value > large ? value : large), 1n);

/** What the squares of the difference count, and those of the first model. */
export const weights = ({ drift: { bound } }) => (Array.isArray(bound) ? [1n, 0n] : [two(2 * RESOLUTION), BigInt(bound) ** 2n]);

/** The slacks of a checked statement: {count, width}. */
export function slacks(statement, profile) {
  const { bound } = statement.drift;
  const { count, largest } = blocks(statement, profile);
  const entry = BigInt(profile.n) * BigInt(widest(profile)) ** 2n;
  return { count, width: bitLength(Array.isArray(bound) ? most(bound) : weights(statement)[1] * entry * largest) };
}

/** `sum_m rows[m] V_m(c)` over the commitment rows of a public model; `columns` is eq(c). */
export function evaluate({ shape, drift: { model } }, profile, rows, columns) {
  const width = slots(shape, profile) * shape.hidden;
  let [total, row] = [0n, 0];
  for (const matrix of model) {
    for (let at = 0; at < matrix.length; at += width, row++) {
      let sum = 0n;
      for (let j = at; j < Math.min(at + width, matrix.length); j++) sum += BigInt(matrix[j]) * columns[j - at];
      total += rows[row] * (sum % P);
    }
  }
  return total % P;
}

/** The public model, factors, partition and bound, as they are absorbed. */
export function driftBytes({ drift: { factors, partition, bound, model } }) {
  const limits = Array.isArray(bound)
    ? [u8(1), u32(bound.length), ...bound.map((limit) => fromInteger(limit, 16))]
    : [u8(0), u32(bound)];
  return join([
    ...(model === null ? [u8(0)] : [u8(1), digest(model)]),
    u32(factors.length),
    Uint8Array.from(factors, (x) => (x === null ? ABSENT : x + MAX_EXPONENT)),
    u8(PARTITIONS.indexOf(partition)),
    ...limits,
  ]);
}

/** SHA-256 of all integers, two bytes each, little-endian. */
function digest(model) {
  const hash = new Sha256();
  for (const matrix of model) {
    hash.update(Uint8Array.from({ length: 2 * matrix.length }, (_, i) => matrix[i >> 1] >> (8 * (i & 1))));
  }
  return hash.digest();
}
