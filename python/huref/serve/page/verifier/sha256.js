// SHA-256 (FIPS 180-4), at once: the thousands of short messages of the generators cannot wait for WebCrypto.

const K = new Int32Array(64);
const START = new Int32Array(8);
{
  // fractional parts of the square and cube roots of the first primes, in exact integers
  const root = (value, degree) => {
    let low = 0n;
    let high = 1n << 70n;
    while (high - low > 1n) {
      const middle = (low + high) >> 1n;
      if (middle ** degree <= value) low = middle;
      else high = middle;
    }
    return Number(BigInt.asIntN(32, low));
  };
  const primes = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime)) primes.push(n);
  primes.forEach((prime, i) => {
    K[i] = root(BigInt(prime) << 96n, 3n);
    if (i < 8) START[i] = root(BigInt(prime) << 64n, 2n);
  });
}

const words = new Int32Array(64);

/** A hash in the making. */
export class Sha256 {
  constructor() {
    this.state = new Int32Array(8);
    this.block = new Uint8Array(64);
    this.view = new DataView(this.block.buffer);
    this.restart();
  }

  /** Forgets everything. */
  restart() {
    this.state.set(START);
    this.filled = 0;
    this.length = 0;
    return this;
  }

  /** Takes more bytes in. */
  update(bytes) {
    this.length += bytes.length;
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + 64 - this.filled);
      this.block.set(part, this.filled);
      at += part.length;
      this.filled += part.length;
      if (this.filled === 64) this.compress();
    }
    return this;
  }

  /** The 32 bytes, at a place in a byte string if one is given. Nothing can be taken in afterwards. */
  digest(out = new Uint8Array(32), at = 0) {
    this.block.fill(0, this.filled);
    this.block[this.filled] = 0x80;
    if (this.filled >= 56) {
      this.compress();
      this.block.fill(0);
    }
    this.view.setUint32(56, Math.floor(this.length / 2 ** 29));
    this.view.setUint32(60, this.length << 3);
    this.compress();
    for (let i = 0; i < 32; i++) out[at + i] = this.state[i >> 2] >>> (24 - 8 * (i & 3));
    return out;
  }

  compress() {
    const { state, view } = this;
    for (let i = 0; i < 16; i++) words[i] = view.getInt32(4 * i);
    for (let i = 16; i < 64; i++) {
      const x = words[i - 15];
      const y = words[i - 2];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      words[i] = words[i - 16] + s0 + words[i - 7] + s1;
    }
    let [a, b, c, d] = [state[0], state[1], state[2], state[3]];
    let [e, f, g, h] = [state[4], state[5], state[6], state[7]];
    for (let i = 0; i < 64; i++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const one = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + words[i]) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + one) | 0;
      d = c;
      c = b;
      b = a;
      a = (one + two) | 0;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
    this.filled = 0;
  }
}

/** SHA-256 of byte strings, one behind the other. */
export function sha256(...parts) {
  const hash = new Sha256();
  for (const part of parts) hash.update(part);
  return hash.digest();
}
