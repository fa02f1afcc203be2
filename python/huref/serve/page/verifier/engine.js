// Points in WebAssembly memory, and sums over them. `twin.js` does the same in BigInts: same methods, same results.

import { BITS, ELEMENT, FREE, WORDS, assemble } from "./kernel.js";
import { Twin, isBelowQ } from "./twin.js";

const MOST = 1 << 15; // scalars in the table of `dot`
const BUCKETS = 1 << 14;
const CODES = FREE + 128;
const TABLE = CODES + MOST / 4;
const BUCKET = TABLE + MOST * ELEMENT;
const POINT = BUCKET + BUCKETS * 3 * ELEMENT;
const PAGE = 1 << 16;

/** What computes with points: WebAssembly if it is wanted and allowed here, else BigInts. */
export async function engine(wasm = true) {
  if (!wasm || typeof WebAssembly === "undefined") return new Twin();
  try {
    const { instance } = await WebAssembly.instantiate(assemble(Math.ceil(POINT / PAGE)));
    return new Engine(instance.exports);
  } catch {
    return new Twin(); // a policy of the page's server forbids it
  }
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

  /** The scalars that `dot` multiplies by. */
  table(scalars) {
    scalars.forEach((scalar, i) => {
      for (let k = 0; k < 4; k++) this.wide[k] = scalar >> BigInt(64 * k);
      this.spread(TABLE + ELEMENT * i);
    });
  }

  /** The sum of `count` ternary entries, four a byte, times the first scalars of the table: an integer with a sign. */
  dot(codes, count) {
    new Uint8Array(this.code.memory.buffer, CODES).set(codes);
    this.code.dot(FREE, CODES, count, TABLE);
    const sums = new BigInt64Array(this.code.memory.buffer, FREE, WORDS);
    return sums.reduceRight((value, sum) => (value << BigInt(BITS)) + sum, 0n);
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

