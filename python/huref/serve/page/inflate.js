// Inflate (RFC 1951) inside zlib (RFC 1950): for pixels of PNG files, and for the packed part of the page in one file.

const CODES = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]; // order of the lengths of lengths
const LENGTHS = [], DISTANCES = []; // [base, extra bits]
for (let i = 0, base = 3; i < 28; i++) {
  const extra = i < 8 ? 0 : (i >> 2) - 1;
  LENGTHS.push([base, extra]);
  base += 1 << extra;
}
LENGTHS.push([258, 0]);
for (let i = 0, base = 1; i < 30; i++) {
  const extra = i < 4 ? 0 : (i >> 1) - 1;
  DISTANCES.push([base, extra]);
  base += 1 << extra;
}

/** Counts of the codes of each length, and symbols in the order of their codes; null for more codes than there can be. */
function huffman(lengths) {
  const counts = new Uint16Array(16), next = new Uint16Array(16), symbols = new Uint16Array(lengths.length);
  for (const length of lengths) counts[length]++;
  counts[0] = 0;
  let room = 1;
  for (let length = 1; length < 16; length++) {
    room = 2 * room - counts[length];
    if (room < 0) return null;
    next[length] = next[length - 1] + counts[length - 1];
  }
  lengths.forEach((length, symbol) => {
    if (length > 0) symbols[next[length]++] = symbol;
  });
  return { counts, symbols };
}

const FIXED = [
  huffman(Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8))),
  huffman(Array(30).fill(5)),
];

/** Reads bits, lowest first; beyond the end they are undefined and `over` is set. */
class Bits {
  constructor(bytes, at) {
    Object.assign(this, { bytes, at, bit: 0, over: false });
  }

  one() {
    if (this.at >= this.bytes.length) {
      this.over = true;
      return 0;
    }
    const bit = (this.bytes[this.at] >> this.bit) & 1;
    if (++this.bit === 8) [this.bit, this.at] = [0, this.at + 1];
    return bit;
  }

  many(count) {
    let value = 0;
    for (let i = 0; i < count; i++) value |= this.one() << i;
    return value;
  }

  /** The next symbol; -1 for a code that none has. */
  symbol({ counts, symbols }) {
    for (let length = 1, code = 0, first = 0, index = 0; length < 16; length++) {
      code |= this.one();
      if (code - first < counts[length]) return symbols[index + code - first];
      index += counts[length];
      first = (first + counts[length]) << 1;
      code <<= 1;
    }
    return -1;
  }
}

/** Trees of a block that brings its own; null if they are none. */
function trees(bits) {
  const [literals, distances, count] = [bits.many(5) + 257, bits.many(5) + 1, bits.many(4) + 4];
  const small = new Uint8Array(19);
  for (let i = 0; i < count; i++) small[CODES[i]] = bits.many(3);
  const code = huffman(small);
  const lengths = [];
  while (code !== null && lengths.length < literals + distances) {
    const symbol = bits.symbol(code);
    if (symbol < 0 || bits.over || (symbol === 16 && lengths.length === 0)) return null;
    if (symbol < 16) lengths.push(symbol);
    else {
      const times = symbol === 16 ? 3 + bits.many(2) : symbol === 17 ? 3 + bits.many(3) : 11 + bits.many(7);
      const value = symbol === 16 ? lengths.at(-1) : 0;
      for (let i = 0; i < times; i++) lengths.push(value);
    }
  }
  if (lengths.length !== literals + distances || lengths[256] === 0) return null;
  const both = [huffman(lengths.slice(0, literals)), huffman(lengths.slice(literals))];
  return both.includes(null) ? null : both;
}

/** The first `size` bytes; null if there are fewer, or the data are damaged. */
export function inflate(bytes, size) {
  if (bytes.length < 2 || (bytes[0] & 15) !== 8 || bytes[0] >> 4 > 7 || (256 * bytes[0] + bytes[1]) % 31 || bytes[1] & 32) return null;
  const out = new Uint8Array(size), bits = new Bits(bytes, 2);
  let at = 0, last = false;
  while (!last && at < size) {
    last = bits.one() === 1;
    const kind = bits.many(2);
    if (kind === 0) {
      if (bits.bit > 0) [bits.bit, bits.at] = [0, bits.at + 1];
      const length = bits.many(16);
      if ((length ^ bits.many(16)) !== 0xffff || bits.at + length > bytes.length) return null;
      const part = bytes.subarray(bits.at, bits.at + Math.min(length, size - at));
      out.set(part, at);
      bits.at += length;
      at += part.length;
      continue;
    }
    const codes = kind === 1 ? FIXED : kind === 2 ? trees(bits) : null;
    if (codes === null) return null;
    for (let symbol; (symbol = bits.symbol(codes[0])) !== 256; ) {
      if (symbol < 0 || symbol > 285 || bits.over) return null;
      if (at === size) return out;
      if (symbol < 256) out[at++] = symbol;
      else {
        const [base, extra] = LENGTHS[symbol - 257];
        const length = base + bits.many(extra);
        const code = bits.symbol(codes[1]);
        if (code < 0 || code > 29) return null;
        const distance = DISTANCES[code][0] + bits.many(DISTANCES[code][1]);
        if (distance > at || bits.over) return null;
        for (const end = Math.min(at + length, size); at < end; at++) out[at] = out[at - distance];
      }
    }
  }
  return at === size && !bits.over && sound(bytes, bits, out, last) ? out : null;
}

/** Whether the checksum behind the data, if the data end here and it is there, is right. */
function sound(bytes, { at, bit }, out, last) {
  const start = bit > 0 ? at + 1 : at;
  if (!last || start + 4 > bytes.length) return true;
  let [a, b] = [1, 0];
  for (const byte of out) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(start) === b * 65536 + a;
}
