// SHAKE (FIPS 202): Keccak-f[1600] on 25 lanes of two 32-bit halves each, low half first.

const RATE = 168; // of SHAKE-128; that of SHAKE-256 is 136
export const ROUND = new Int32Array(48);
export const TURN = new Int32Array(24); // by how many bits a lane is turned on its way to the next place
export const PLACE = new Int32Array(24); // places of lanes, in halves: one round of 24 lanes; lane 0 has no part in it
{
  let lfsr = 1;
  for (let round = 0; round < 24; round++) {
    for (let j = 0; j <= 6; j++) {
      if (lfsr & 1) ROUND[2 * round + (j === 6 ? 1 : 0)] ^= 1 << ((1 << j) - 1);
      lfsr = (lfsr << 1) ^ (lfsr & 0x80 ? 0x171 : 0);
    }
  }
  let [x, y] = [1, 0];
  for (let t = 0; t < 24; t++) {
    [x, y] = [y, (2 * x + 3 * y) % 5];
    TURN[t] = (((t + 1) * (t + 2)) / 2) % 64;
    PLACE[t] = 2 * (x + 5 * y);
  }
}

const column = new Int32Array(10);

/** Keccak-f[1600] in place. */
function inHalves(s) {
  for (let round = 0; round < 48; round += 2) {
    for (let x = 0; x < 10; x++) column[x] = s[x] ^ s[x + 10] ^ s[x + 20] ^ s[x + 30] ^ s[x + 40];
    for (let x = 0; x < 10; x += 2) {
      const left = x === 0 ? 8 : x - 2;
      const right = x === 8 ? 0 : x + 2;
      const low = column[left] ^ ((column[right] << 1) | (column[right + 1] >>> 31));
      const high = column[left + 1] ^ ((column[right + 1] << 1) | (column[right] >>> 31));
      for (let lane = x; lane < 50; lane += 10) {
        s[lane] ^= low;
        s[lane + 1] ^= high;
      }
    }
    let low = s[2];
    let high = s[3];
    for (let t = 0; t < 24; t++) {
      const to = PLACE[t];
      const by = TURN[t];
      const a = by < 32 ? low : high; // a turn of half the lane exchanges its halves; none is by 0 or 32
      const b = by < 32 ? high : low;
      low = s[to];
      high = s[to + 1];
      s[to] = (a << by) | (b >>> (32 - by)); // shifts are mod 32
      s[to + 1] = (b << by) | (a >>> (32 - by));
    }
    for (let row = 0; row < 50; row += 10) {
      for (let x = 0; x < 10; x++) column[x] = s[row + x];
      for (let x = 0; x < 6; x++) s[row + x] ^= ~column[x + 2] & column[x + 4];
      s[row + 6] ^= ~column[8] & column[0];
      s[row + 7] ^= ~column[9] & column[1];
      s[row + 8] ^= ~column[0] & column[2];
      s[row + 9] ^= ~column[1] & column[3];
    }
    s[0] ^= ROUND[round];
    s[1] ^= ROUND[round + 1];
  }
}

let permute = inHalves;

/** From now on this function permutes states, with the same result; without one, that of this file. */
export function permuteBy(code = inHalves) {
  permute = code;
}

/** Bytes go in with `absorb`; `stream` is the output, which leaves the state as it is. */
export class Shake {
  constructor(rate = RATE) {
    this.rate = rate;
    this.state = new Int32Array(50);
    this.at = 0;
  }

  absorb(bytes) {
    const mixed = new Uint8Array(this.state.buffer); // the lowest byte of a half is the first, as wherever browsers run
    for (const byte of bytes) {
      mixed[this.at] ^= byte;
      if (++this.at === this.rate) {
        permute(this.state);
        this.at = 0;
      }
    }
    return this;
  }

  /** The output of all that was absorbed, from its beginning. */
  stream() {
    const state = this.state.slice();
    state[this.at >> 2] ^= 0x1f << (8 * (this.at & 3));
    state[(this.rate - 1) >> 2] ^= 0x80 << 24;
    return new Stream(state, this.rate);
  }
}

/** Output of SHAKE, of which every byte is read once. */
class Stream {
  constructor(state, rate) {
    this.state = state;
    this.rate = rate;
    this.at = rate;
  }

  /** The next `count` bytes. */
  read(count) {
    const bytes = new Uint8Array(count);
    for (let done = 0; done < count; ) {
      if (this.at === this.rate) {
        permute(this.state);
        this.at = 0;
      }
      const part = Math.min(count - done, this.rate - this.at);
      bytes.set(new Uint8Array(this.state.buffer, this.at, part), done);
      this.at += part;
      done += part;
    }
    return bytes;
  }
}

/** The output stream of SHAKE-128 on byte strings, one behind the other. */
export function shake(...parts) {
  const hash = new Shake();
  for (const part of parts) hash.absorb(part);
  return hash.stream();
}
