// Points in WebAssembly memory, and sums over them. `twin.js` does the same in BigInts: same methods, same results.

import { permuteBy } from "./keccak.js";
import { FREE, assemble } from "./kernel.js";
import { BITS, ELEMENT, WORDS } from "./limbs.js";
import { permutation } from "./permutation.js";
import { SCALAR, SUM } from "./sums.js";
import { Twin, isBelowQ } from "./twin.js";

const MOST = 1 << 15; // scalars of a table
const CODES = 1 << 22; // bytes of ternary entries at once
const ROWS = 1 << 13; // sums at once
const TABLE = FREE + 4 * SUM; // of scalars
const SUMS = TABLE + MOST * SCALAR; // that a byte can mean
const RESULT = SUMS + 256 * SUM;
const CODE = RESULT + ROWS * SUM;
const BUCKET = CODE + CODES;
const BUCKETS = 1 << 13;
const POINT = BUCKET + BUCKETS * 3 * ELEMENT;
const PAGE = 1 << 16;

/** What computes with points: WebAssembly if it is wanted and allowed here, else BigInts. */
export async function engine(wasm = true) {
  if (wasm && typeof WebAssembly !== "undefined") {
    try {
      const { instance } = await WebAssembly.instantiate(assemble(Math.ceil(POINT / PAGE)));
      permuteBy(await permutation());
      return new Engine(instance.exports);
    } catch {
      // a policy of the page's server forbids it
    }
  }
  permuteBy();
  return new Twin();
}

class Engine {
  constructor(code) {
    this.code = code;
    this.count = 0;
    this.wide = new BigUint64Array(5);
    this.narrow = new Uint32Array(this.wide.buffer);
    this.look();
  }

  get name() {
    return "WebAssembly";
  }

  look() {
    this.words = new Uint32Array(this.code.memory.buffer);
  }

  /** Takes in the point of 33 bytes. Its number; -1 if it is the encoding of none. */
  add(bytes) {
    if ((bytes[0] !== 2 && bytes[0] !== 3) || !isBelowQ(bytes.subarray(1))) return -1;
    const at = this.room();
    this.write(at, bytes.subarray(1));
    if (!this.code.lift(at)) return -1;
    if (bytes[0] === 3) this.negate(at + ELEMENT);
    return this.count++;
  }

  /** Takes in the point with these coordinates of 32 bytes each. Its number; -1 if there is none. */
  addAffine(bytes) {
    const [x, y] = [bytes.subarray(0, 32), bytes.subarray(32)];
    if (!isBelowQ(x) || !isBelowQ(y)) return -1;
    const at = this.room();
    this.write(at, x);
    this.write(at + ELEMENT, y);
    return this.code.lies(at) ? this.count++ : -1;
  }

  /** The coordinates of a point, 32 bytes each. */
  affine(point) {
    const bytes = new Uint8Array(64);
    for (const [i, at] of [POINT + 2 * ELEMENT * point, POINT + 2 * ELEMENT * point + ELEMENT].entries()) {
      this.code.normal(at);
      const first = at / 4;
      for (let bit = 0; bit < 256; bit += 8) {
        const [word, shift] = [Math.floor(bit / BITS), bit % BITS];
        const next = shift > BITS - 8 ? this.words[first + word + 1] << (BITS - shift) : 0;
        bytes[32 * i + 31 - bit / 8] = (this.words[first + word] >>> shift) | next;
      }
    }
    return bytes;
  }

  /** Makes the first `count` buckets empty. */
  clear(count) {
    this.words.fill(0, BUCKET / 4, (BUCKET + count * 3 * ELEMENT) / 4);
  }

  /** Adds a point to a bucket, or takes it away. */
  mix(bucket, point, negative) {
    this.code.mix(BUCKET + 3 * ELEMENT * bucket, POINT + 2 * ELEMENT * point, negative);
  }

  /** Adds one bucket to a different one. */
  sum(bucket, other) {
    this.code.sum(BUCKET + 3 * ELEMENT * bucket, BUCKET + 3 * ELEMENT * other);
  }

  /** Doubles a bucket. */
  twice(bucket) {
    this.code.twice(BUCKET + 3 * ELEMENT * bucket);
  }

  /** Whether a bucket holds the identity. */
  vanishes(bucket) {
    return this.code.empty(BUCKET + 3 * ELEMENT * bucket + 2 * ELEMENT) === 1;
  }

  /** The scalars that `dots` multiplies by, a multiple of 4. */
  table(scalars) {
    const words = new BigUint64Array(this.code.memory.buffer, TABLE, 4 * scalars.length);
    scalars.forEach((scalar, i) => {
      for (let k = 0; k < 4; k++) words[4 * i + k] = scalar >> BigInt(64 * k);
    });
  }

  /** Products of ternary rows with the first scalars of the table: integers with signs. Row i has `count` entries (a
   *  multiple of 4), four a byte, from byte `start + i stride` of the codes on. */
  dots(codes, start, stride, rows, count) {
    const bytes = count / 4;
    const padded = bytes + 64; // rows that are a power of two apart would share a place in the cache
    const most = Math.min(ROWS, Math.floor(CODES / padded));
    const [memory, results] = [new Uint8Array(this.code.memory.buffer), []];
    for (let first = 0; first < rows; first += most) {
      const part = Math.min(most, rows - first);
      for (let i = 0; i < part; i++) {
        const from = start + (first + i) * stride;
        memory.set(codes.subarray(from, from + bytes), CODE + i * padded);
      }
      memory.fill(0, RESULT, RESULT + part * SUM);
      this.code.dots(CODE, padded, RESULT + part * SUM, bytes, TABLE, SUMS, RESULT);
      const sums = new BigInt64Array(this.code.memory.buffer, RESULT, 8 * part);
      for (let i = 0; i < part; i++) {
        let sum = 0n;
        for (let k = 7; k >= 0; k--) sum = (sum << 32n) + sums[8 * i + k];
        results.push(sum);
      }
    }
    return results;
  }

  room() {
    const at = POINT + 2 * ELEMENT * this.count;
    const missing = at + 2 * ELEMENT - this.code.memory.buffer.byteLength;
    if (missing > 0) {
      this.code.memory.grow(Math.ceil(missing / PAGE) + 64);
      this.look();
    }
    return at;
  }

  /** Writes 32 bytes as an element. */
  write(at, bytes) {
    for (let k = 0; k < 8; k++) {
      const i = 28 - 4 * k;
      this.narrow[k] = (bytes[i] << 24) | (bytes[i + 1] << 16) | (bytes[i + 2] << 8) | bytes[i + 3];
    }
    this.spread(at);
  }

  /** Writes what `narrow` holds as an element. */
  spread(at) {
    for (let k = 0; k < WORDS; k++) {
      const [word, shift] = [(BITS * k) >> 5, (BITS * k) & 31];
      const next = shift > 32 - BITS ? this.narrow[word + 1] << (32 - shift) : 0;
      this.words[at / 4 + k] = ((this.narrow[word] >>> shift) | next) & ((1 << BITS) - 1);
    }
  }

  negate(at) {
    this.words.fill(0, FREE / 4, FREE / 4 + WORDS);
    this.code.sub(at, FREE, at);
    this.code.normal(at);
  }
}

