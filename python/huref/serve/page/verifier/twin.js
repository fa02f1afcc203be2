// Points in BigInts, and sums over them: what `engine.js` does where there is no WebAssembly. The readable one.

import { fromInteger, join, toInteger } from "./bytes.js";
import { Q } from "./field.js";

function reduced(value) {
  const rest = value % Q;
  return rest < 0n ? rest + Q : rest;
}

/** The square root of a square, which is its power (Q + 1) / 4. */
function root(value) {
  let power = 1n;
  for (const bit of ((Q + 1n) / 4n).toString(2)) {
    power = (power * power) % Q;
    if (bit === "1") power = (power * value) % Q;
  }
  return power;
}

/** Whether 32 bytes, big-endian, are below Q. */
export const isBelowQ = (bytes) => bytes[0] < 255 || toInteger(bytes) < Q;

export class Twin {
  constructor() {
    this.points = [];
    this.buckets = [];
    this.scalars = [];
  }

  get name() {
    return "BigInt";
  }

  add(bytes) {
    if ((bytes[0] !== 2 && bytes[0] !== 3) || !isBelowQ(bytes.subarray(1))) return -1;
    const x = toInteger(bytes.subarray(1));
    const square = (x ** 3n + 7n) % Q;
    const y = root(square);
    if ((y * y) % Q !== square) return -1;
    return this.points.push([x, (y & 1n) === BigInt(bytes[0] & 1) ? y : Q - y]) - 1;
  }

  addAffine(bytes) {
    const [x, y] = [toInteger(bytes.subarray(0, 32)), toInteger(bytes.subarray(32))];
    return x < Q && y < Q && (y * y - x ** 3n - 7n) % Q === 0n ? this.points.push([x, y]) - 1 : -1;
  }

  affine(point) {
    return join(this.points[point].map((coordinate) => fromInteger(coordinate, 32)));
  }

  clear(count) {
    for (let bucket = 0; bucket < count; bucket++) this.buckets[bucket] = null;
  }

  mix(bucket, point, negative) {
    const [x, y] = this.points[point];
    this.buckets[bucket] = sum(this.buckets[bucket], [x, negative ? Q - y : y, 1n]);
  }

  sum(bucket, other) {
    this.buckets[bucket] = sum(this.buckets[bucket], this.buckets[other]);
  }

  twice(bucket) {
    if (this.buckets[bucket] !== null) this.buckets[bucket] = double(this.buckets[bucket]);
  }

  vanishes(bucket) {
    return this.buckets[bucket] === null;
  }

  table(scalars) {
    this.scalars = scalars;
  }

  dots(codes, start, stride, rows, count) {
    return Array.from({ length: rows }, (_, row) => {
      let total = 0n;
      for (let i = 0; i < count; i++) {
        const code = (codes[start + row * stride + (i >> 2)] >> (2 * (i & 3))) & 3;
        if (code === 2) total += this.scalars[i];
        else if (code === 3) total -= this.scalars[i];
      }
      return total;
    });
  }
}

/** The sum of two points X, Y, Z with x = X / Z^2, y = Y / Z^3; null is the identity. */
function sum(a, b) {
  if (a === null) return b;
  if (b === null) return a;
  const [aZ, bZ] = [(a[2] * a[2]) % Q, (b[2] * b[2]) % Q];
  const [u, s] = b[2] === 1n ? a : [(a[0] * bZ) % Q, (((a[1] * bZ) % Q) * b[2]) % Q];
  const h = reduced(b[0] * aZ - u);
  const r = reduced(((b[1] * aZ) % Q) * a[2] - s);
  if (h === 0n) return r === 0n ? double(a) : null;
  const square = (h * h) % Q;
  const cube = (h * square) % Q;
  const v = (u * square) % Q;
  const x = reduced(r * r - cube - 2n * v);
  return [x, reduced(r * (v - x) - s * cube), (((a[2] * b[2]) % Q) * h) % Q];
}

/** Twice a point. No point has y = 0. */
function double([x, y, z]) {
  const square = (y * y) % Q;
  const d = (4n * x * square) % Q;
  const e = (3n * x * x) % Q;
  const third = reduced(e * e - 2n * d);
  return [third, reduced(e * (d - third) - 8n * square * square), (2n * y * z) % Q];
}
