// WebAssembly and BigInts compute the same: products, sums, roots, points and ternary sums, with values at every edge.

import assert from "node:assert/strict";

const verifier = new URL("../../python/huref/serve/page/verifier/", import.meta.url);
const load = (name) => import(new URL(name, verifier));
const { fromInteger, toHex, toInteger } = await load("bytes.js");
const { vanishes } = await load("curve.js");
const { engine } = await load("engine.js");
const { P, Q } = await load("field.js");
const { sha256 } = await load("sha256.js");
const { FREE, assemble } = await load("kernel.js");
const { BITS, ELEMENT, WORDS } = await load("limbs.js");

let seed = 0;
/** A number below 2^256 that follows from how often it was asked for. */
const random = () => toInteger(sha256(fromInteger(seed++, 4)));

// ---- the field ------------------------------------------------------------------------------------------------------

const { instance } = await WebAssembly.instantiate(assemble(1));
const code = instance.exports;
const words = () => new Uint32Array(code.memory.buffer);
const [A, B, C] = [FREE, FREE + ELEMENT, FREE + 2 * ELEMENT];

const MASK = 2n ** BigInt(BITS) - 1n;

function write(at, value) {
  for (let k = 0; k < WORDS; k++) words()[at / 4 + k] = Number((value >> BigInt(BITS * k)) & MASK);
}
const digits = (at) => words().slice(at / 4, at / 4 + WORDS);
const value = (at) => digits(at).reduceRight((sum, word) => (sum << BigInt(BITS)) + BigInt(word), 0n);
const modulo = (number) => ((number % Q) + Q) % Q;

const top = 2n ** 256n - 1n;
const edges = [0n, 1n, 2n, 7n, MASK, MASK + 1n, 2n ** 32n, 2n ** 255n, Q - 1n, Q, Q + 1n, 2n ** 256n - 2n ** 32n, top];
for (let k = 0; k < WORDS; k++) edges.push(2n ** BigInt(BITS * k), top ^ (MASK << BigInt(BITS * k)));
const pairs = edges.flatMap((a) => edges.map((b) => [a & top, b & top]));
while (pairs.length < 4000) pairs.push([random(), random()]);
for (const [a, b] of pairs) {
  write(A, a);
  write(B, b);
  for (const [name, expected] of [["mul", a * b], ["add", a + b], ["sub", a - b]]) {
    code[name](C, A, B);
    assert.equal(modulo(value(C)), modulo(expected), `${name} of ${a}, ${b}`);
    code.carry(C);
    assert.equal(modulo(value(C)), modulo(expected), `carry of ${name} of ${a}, ${b}`);
    assert.ok(value(C) < 2n * Q);
    code.normal(C);
    assert.equal(value(C), modulo(expected), `normal of ${name} of ${a}, ${b}`);
    assert.equal(code.zero(C), modulo(expected) === 0n ? 1 : 0);
  }
  code.square(C, A, 1);
  assert.equal(modulo(value(C)), modulo(a * a), `square of ${a}`);
  code.square(C, A, 3);
  assert.equal(modulo(value(C)), modulo(a ** 8n), `${a} to the power of 8`);
}

// as large as elements become: differences of sums, less than seven units before a product or a carry
for (const [a, b] of pairs.slice(0, 1000)) {
  write(A, a);
  write(B, b);
  code.sub(C, A, B); // 3 units
  code.add(A, A, B); // 2 units
  code.mul(C, C, A);
  assert.equal(modulo(value(C)), modulo((a - b) * (a + b)), `${a}, ${b}`);
  for (let k = 0; k < WORDS; k++) assert.ok(words()[C / 4 + k] < 2 ** BITS + 2 ** 11);
  write(A, a);
  for (let i = 0; i < 3; i++) code.sub(A, A, B); // 7 units
  code.carry(A);
  assert.equal(modulo(value(A)), modulo(a - 3n * b), `${a}, ${b}`);
}

// ---- points ---------------------------------------------------------------------------------------------------------

const [fast, slow] = [await engine(true), await engine(false)];
assert.equal(fast.name, "WebAssembly");
assert.equal(slow.name, "BigInt");

const xs = [...edges.map((x) => x & top), ...Array.from({ length: 300 }, random)];
let points = 0;
for (const x of xs) {
  for (const prefix of [0, 2, 3, 4]) {
    const bytes = Uint8Array.from([prefix, ...fromInteger(x, 32)]);
    const [a, b] = [fast.add(bytes), slow.add(bytes)];
    assert.equal(a, b, `${prefix} ${x}`);
    if (a < 0) continue;
    points++;
    const affine = slow.affine(b);
    assert.equal(toHex(fast.affine(a)), toHex(affine));
    assert.equal(fast.addAffine(affine), slow.addAffine(affine));
    const wrong = affine.slice();
    wrong[63] ^= 1;
    assert.equal(fast.addAffine(wrong), -1);
    assert.equal(slow.addAffine(wrong), -1);
  }
}
assert.ok(points > 250);

/** Where a bucket is, as affine coordinates: by taking points away, of which none may remain. */
function same(bucket, number) {
  for (const one of [fast, slow]) {
    one.mix(bucket, number, 1);
    assert.ok(one.vanishes(bucket));
  }
}

const both = (act) => [fast, slow].forEach(act);
both((one) => one.clear(4));
const at = fast.count - 1; // some point; the one before is itself, and two before is its opposite or another one
both((one) => one.mix(0, at, 0));
same(0, at); // p - p
both((one) => (one.mix(0, at, 0), one.mix(0, at, 0), one.mix(1, at, 0), one.twice(1)));
both((one) => (one.mix(0, at, 1), one.mix(1, at, 1)));
same(0, at); // p + p - p
same(1, at); // 2 p - p
both((one) => (one.mix(0, at, 0), one.mix(1, at, 0), one.sum(0, 1), one.mix(0, at, 1)));
same(0, at); // the sum of two equal buckets, less p
both((one) => (one.clear(4), one.mix(0, at, 0), one.mix(1, at, 1), one.sum(0, 1)));
both((one) => assert.ok(one.vanishes(0))); // of opposite ones
both((one) => (one.clear(4), one.mix(1, at, 0), one.sum(0, 1), one.sum(0, 2)));
same(0, at); // of empty ones
both((one) => (one.clear(4), one.twice(0)));
both((one) => assert.ok(one.vanishes(0)));

// ---- sums of multiples ----------------------------------------------------------------------------------------------

// sum of k_i p_i less the same sum in other words: halves of the scalars twice, opposite signs mod P
for (const count of [1, 2, 5, 40, 300]) {
  const numbers = [];
  const scalars = [];
  for (let i = 0; i < count; i++) {
    const k = [0n, 1n, P - 1n, 2n, random() % P][i % 5];
    const other = random() % P;
    numbers.push(i, i, i);
    scalars.push(k, other, (2n * P - k - other) % P);
  }
  for (const one of [fast, slow]) {
    assert.ok(await vanishes(one, numbers, scalars), `${one.name}, ${count} points`);
    const wrong = [...scalars];
    wrong[0] = (wrong[0] + 1n) % P;
    assert.ok(!(await vanishes(one, numbers, wrong)), `${one.name}, ${count} points, one wrong`);
  }
}

// ---- ternary sums ---------------------------------------------------------------------------------------------------

for (const scalars of [Array(512).fill(P - 1n), Array(512).fill(0n), Array.from({ length: 512 }, () => random() % P)]) {
  const codes = Uint8Array.from({ length: 128 }, () => Number(random() & 255n));
  both((one) => one.table(scalars));
  for (const bytes of [codes, codes.map(() => 0xaa), codes.map(() => 0xff), codes.map(() => 0x1b)]) {
    const shapes = [[0, 128, 1, 512], [1, 2, 60, 8], [7, 1, 121, 4], [0, 32, 4, 128], [5, 0, 9000, 16]];
    for (const [start, stride, rows, count] of shapes) {
      assert.deepEqual(fast.dots(bytes, start, stride, rows, count), slow.dots(bytes, start, stride, rows, count));
    }
  }
}
