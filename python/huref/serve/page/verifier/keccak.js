// SHAKE (FIPS 202): Keccak-f[1600] on 25 lanes of two 32-bit halves each, low half first.

const RATE = 168; // of SHAKE-128; that of SHAKE-256 is 136
const ROUND = new Int32Array(48);
const TURN = new Int32Array(25); // by how many bits a lane is turned
const PLACE = new Int32Array(25); // where it goes
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
    TURN[x + 5 * y] = (((t + 1) * (t + 2)) / 2) % 64;
    [x, y] = [y, (2 * x + 3 * y) % 5];
  }
  for (x = 0; x < 5; x++) for (y = 0; y < 5; y++) PLACE[x + 5 * y] = y + 5 * ((2 * x + 3 * y) % 5);
}

const column = new Int32Array(10);
const turned = new Int32Array(50);

/** Keccak-f[1600] in place. */
function permute(s) {
  for (let round = 0; round < 24; round++) {
    for (let x = 0; x < 10; x++) column[x] = s[x] ^ s[x + 10] ^ s[x + 20] ^ s[x + 30] ^ s[x + 40];
    for (let x = 0; x < 5; x++) {
      const [left, right] = [2 * ((x + 4) % 5), 2 * ((x + 1) % 5)];
      const low = column[left] ^ ((column[right] << 1) | (column[right + 1] >>> 31));
      const high = column[left + 1] ^ ((column[right + 1] << 1) | (column[right] >>> 31));
      for (let lane = 2 * x; lane < 50; lane += 10) {
        s[lane] ^= low;
        s[lane + 1] ^= high;
      }
    }
    for (let lane = 0; lane < 25; lane++) {
      const [turn, to] = [TURN[lane], 2 * PLACE[lane]];
      const swap = turn >= 32 ? 1 : 0;
      const [low, high, by] = [s[2 * lane + swap], s[2 * lane + 1 - swap], turn % 32];
      turned[to] = by === 0 ? low : (low << by) | (high >>> (32 - by));
      turned[to + 1] = by === 0 ? high : (high << by) | (low >>> (32 - by));
    }
    for (let row = 0; row < 50; row += 10) {
      for (let x = 0; x < 10; x++) {
        s[row + x] = turned[row + x] ^ (~turned[row + ((x + 2) % 10)] & turned[row + ((x + 4) % 10)]);
      }
    }
    s[0] ^= ROUND[2 * round];
    s[1] ^= ROUND[2 * round + 1];
  }
}

/** Bytes go in with `absorb`; `stream` is the output, which leaves the state as it is. */
export class Shake {
  constructor(rate = RATE) {
    this.rate = rate;
    this.state = new Int32Array(50);
    this.at = 0;
  }

  absorb(bytes) {
    for (const byte of bytes) {
      this.state[this.at >> 2] ^= byte << (8 * (this.at & 3));
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
    for (let i = 0; i < count; i++) {
      if (this.at === this.rate) {
        permute(this.state);
        this.at = 0;
      }
      bytes[i] = this.state[this.at >> 2] >>> (8 * (this.at & 3));
      this.at++;
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
