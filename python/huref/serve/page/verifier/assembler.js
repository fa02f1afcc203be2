// An assembler for the few instructions of WebAssembly that the curve needs. Code is a list of bytes.

const I32 = 0x7f;
const I64 = 0x7e;

function unsigned(value) {
  const bytes = [];
  do {
    const more = value > 127;
    bytes.push((value & 127) | (more ? 128 : 0));
    value = Math.floor(value / 128);
  } while (value > 0);
  return bytes;
}

function signed(value) {
  const bytes = [];
  for (let rest = BigInt(value); ; ) {
    const low = Number(rest & 127n);
    rest >>= 7n;
    const last = (rest === 0n && low < 64) || (rest === -1n && low >= 64);
    bytes.push(last ? low : low | 128);
    if (last) return bytes;
  }
}

const binary = (opcode) => (a, b) => [...a, ...b, opcode];

/** Numbers of 64 bits. */
export const i64 = {
  constant: (value) => [0x42, ...signed(value)],
  add: binary(0x7c),
  sub: binary(0x7d),
  mul: binary(0x7e),
  and: binary(0x83),
  or: binary(0x84),
  xor: binary(0x85),
  shl: binary(0x86),
  shr: binary(0x88), // unsigned
  rotl: binary(0x89),
  zero: (a) => [...a, 0x50],
  /** The unsigned 32 bits at an address. */
  load32: (address, offset) => [...address, 0x35, 2, ...unsigned(offset)],
  store32: (address, offset, value) => [...address, ...value, 0x3e, 2, ...unsigned(offset)],
  load: (address, offset) => [...address, 0x29, 3, ...unsigned(offset)],
  store: (address, offset, value) => [...address, ...value, 0x37, 3, ...unsigned(offset)],
};

/** Numbers of 32 bits: addresses and counts. */
export const i32 = {
  constant: (value) => [0x41, ...signed(value)],
  add: binary(0x6a),
  mul: binary(0x6c),
  zero: (a) => [...a, 0x45],
  less: binary(0x49), // unsigned
  load8: (address) => [...address, 0x2d, 0, 0],
};

export const get = (local) => [0x20, ...unsigned(local)];
export const set = (local, value) => [...value, 0x21, ...unsigned(local)];
export const when = (condition, then, otherwise) => [
  ...condition, 0x04, 0x40, ...then, ...(otherwise ? [0x05, ...otherwise] : []), 0x0b, // prettier-ignore
];
/** The body, again and again while the condition behind it holds. */
export const repeat = (body, condition) => [0x03, 0x40, ...body, ...condition, 0x0d, 0, 0x0b];
export const leave = (value = []) => [...value, 0x0f];

/** A module with one memory, `memory`, and functions that call each other by name. */
export class Module {
  constructor() {
    this.functions = [];
  }

  /** Adds a function of `parameters` addresses or counts with `longs` further locals of 64 bits (and, behind them,
   *  `shorts` of 32); `result`: whether it gives a number of 32 bits back. */
  define(name, parameters, { longs = 0, shorts = 0, result = false }, body) {
    this.functions.push({ name, parameters, longs, shorts, result, body });
  }

  call(name, ...operands) {
    return [...operands.flat(), 0x10, ...unsigned(this.functions.findIndex((known) => known.name === name))];
  }

  /** The module in bytes. `pages` of 64 KiB: what its memory begins with. */
  bytes(pages) {
    const vector = (items) => [...unsigned(items.length), ...items.flat()];
    const name = (word) => vector([...word].map((letter) => [letter.charCodeAt(0)]));
    const section = (id, content) => [id, ...unsigned(content.length), ...content];
    const numbers = (count) => vector(Array(count).fill([I32]));
    const types = this.functions.map((f) => [0x60, ...numbers(f.parameters), ...numbers(f.result ? 1 : 0)]);
    const codes = this.functions.map((f) => {
      const locals = [[...unsigned(f.longs), I64], [...unsigned(f.shorts), I32]];
      const code = [...vector(locals), ...f.body, 0x0b];
      return [...unsigned(code.length), ...code];
    });
    const exported = [
      [...name("memory"), 2, 0],
      ...this.functions.map((f, i) => [...name(f.name), 0, ...unsigned(i)]),
    ];
    return Uint8Array.from([
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(1, vector(types)),
      ...section(3, vector(this.functions.map((_, i) => unsigned(i)))),
      ...section(5, vector([[0, ...unsigned(pages)]])),
      ...section(7, vector(exported)),
      ...section(10, vector(codes)),
    ]);
  }
}
