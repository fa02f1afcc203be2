// The WebAssembly module: arithmetic mod Q, the order of the base field, sums of points, sums of signed scalars.
//
// An element is ten words of 32 bits with 26 bits each, the lowest first, and may have several representatives. What
// `mul`, `square` and `carry` leave is "reduced": words below 2^26 + 2^23, the last one at most 2^22. Sums and
// differences carry nothing; a comment at each says how large words become, in units of 2^26. Products may be made of
// elements of a and b units as long as a b <= 200; what is subtracted must have 7 units at most.

import { Module, get, i32, i64, leave, repeat, set, when } from "./assembler.js";

export const WORDS = 10;
export const BITS = 26;
export const ELEMENT = 4 * WORDS;
const MASK = (1n << 26n) - 1n;
const TOP = (1n << 22n) - 1n; // of the last word: 9 * 26 + 22 = 256
export const Q = 2n ** 256n - 2n ** 32n - 977n;

/** Addresses of the module's own elements. */
const T = Array.from({ length: 12 }, (_, i) => ELEMENT * i);
/** Bytes of a scalar, and of a sum of scalars with signs. */
export const SCALAR = 32;
export const SUM = 64;
/** Where a caller may put things. */
export const FREE = 1024;

const at = (local, word) => i64.load32(get(local), 4 * word);
const put = (local, word, value) => i64.store32(get(local), 4 * word, value);
const low = (value) => i64.and(value, i64.constant(MASK));
const shift = (value, bits) => i64.shr(value, i64.constant(bits));
const times = (value, factor) => i64.mul(value, i64.constant(factor));
const each = (make) => Array.from({ length: WORDS }, (_, k) => make(k)).flat();

/** Code that folds what lies above 2^256 in the words at `first` .. (locals), into them: 2^256 = 2^32 + 977. `above`:
 *  a local with what has the weight 2^260; `x` is free. */
function fold(first, above, x, length) {
  const code = [
    set(x, i64.add(shift(get(first + 9), 22), i64.shl(get(above), i64.constant(4)))),
    set(first + 9, i64.and(get(first + 9), i64.constant(TOP))),
    set(first, i64.add(get(first), times(get(x), 977))),
    set(first + 1, i64.add(get(first + 1), i64.shl(get(x), i64.constant(6)))),
  ];
  for (let k = 0; k < length; k++) {
    code.push(set(first + k + 1, i64.add(get(first + k + 1), shift(get(first + k), BITS))), set(first + k, low(get(first + k))));
  }
  return code.flat();
}

/** d = a b. The product has twenty words; 2^260 = 2^36 + 15632. */
function product(square) {
  const [a, b, t, sum, x] = [3, 13, 23, 43, 44]; // locals, behind the addresses
  const code = [each((k) => set(a + k, at(1, k)))];
  code.push(each((k) => set(b + k, square ? i64.shl(get(a + k), i64.constant(1)) : at(2, k)))); // b = 2 a for a square
  code.push(set(sum, i64.constant(0)));
  for (let k = 0; k < 2 * WORDS - 1; k++) {
    const products = []; // summed before the carry is added, so that columns do not wait for each other
    for (let i = Math.max(0, k - 9); i <= Math.min(9, k) && !(square && i > k - i); i++) {
      products.push(i64.mul(get(a + i), get(square && i === k - i ? a + i : b + k - i)));
    }
    code.push(set(sum, i64.add(get(sum), products.reduce(i64.add))));
    code.push(set(t + k, low(get(sum))), set(sum, shift(get(sum), BITS)));
  }
  code.push(set(t + 19, get(sum)), set(sum, i64.constant(0)));
  for (let k = 0; k < WORDS; k++) {
    const high = k === 0 ? i64.constant(0) : i64.shl(get(t + k + 9), i64.constant(10));
    const folded = i64.add(i64.add(get(t + k), times(get(t + k + 10), 15632)), high);
    // words of t are taken before they are written: word k is the last to need t + k
    code.push(set(a + k, i64.add(get(sum), folded)), set(sum, shift(get(a + k), BITS)), set(a + k, low(get(a + k))));
  }
  code.push(set(sum, i64.add(get(sum), i64.shl(get(t + 19), i64.constant(10)))));
  code.push(fold(a, sum, x, 2), each((k) => put(0, k, get(a + k))));
  return code.flat();
}

/** Eight times Q, word by word: more than any word of what is subtracted. */
const EIGHT = Array.from({ length: WORDS }, (_, k) => 8n * ((Q >> BigInt(26 * k)) & (k === 9 ? TOP : MASK)));

/** The module in bytes. */
export function assemble(pages) {
  const m = new Module();
  const call = (name, ...operands) => m.call(name, ...operands.map((o) => (typeof o === "number" ? i32.constant(o) : o)));
  m.define("mul", 3, { longs: 42 }, product(false));
  m.define("square", 2, { longs: 43 }, product(true));
  m.define("add", 3, {}, each((k) => put(0, k, i64.add(at(1, k), at(2, k)))));
  m.define("sub", 3, {}, each((k) => put(0, k, i64.sub(i64.add(at(1, k), i64.constant(EIGHT[k])), at(2, k)))));
  m.define("copy", 2, {}, each((k) => put(0, k, at(1, k))));

  // d reduced, in digits: every word below 2^26, the value below 2 Q
  const digits = [
    each((k) => set(1 + k, at(0, k))),
    ...Array.from({ length: 9 }, (_, k) => [
      ...set(2 + k, i64.add(get(2 + k), shift(get(1 + k), BITS))),
      ...set(1 + k, low(get(1 + k))),
    ]),
    set(11, i64.constant(0)),
    fold(1, 11, 12, 9),
  ].flat();
  m.define("carry", 1, { longs: 12 }, [...digits, ...each((k) => put(0, k, get(1 + k)))]);

  // d in [0, Q): less Q, which is to add 2^32 + 977 and drop 2^256, where that is reached
  m.define("normal", 1, { longs: 12 }, [
    ...digits,
    ...set(11, i64.constant(977)),
    ...each((k) => [
      ...set(11, i64.add(i64.add(get(1 + k), get(11)), i64.constant(k === 1 ? 64 : 0))),
      ...i64.store32(i32.constant(T[11]), 4 * k, i64.and(get(11), i64.constant(k === 9 ? TOP : MASK))),
      ...set(11, shift(get(11), k === 9 ? 22 : BITS)),
    ]),
    ...when(i64.zero(get(11)), each((k) => put(0, k, get(1 + k))), call("copy", get(0), T[11])),
  ]);

  // whether all words are 0: the mark of a point at infinity
  m.define("empty", 1, { result: true }, i64.zero(each((k) => (k === 0 ? at(0, 0) : i64.or([], at(0, k))))));
  m.define("zero", 1, { result: true }, [...call("normal", get(0)), ...call("empty", get(0))]);
  points(m, call);
  ternary(m, call);
  return m.bytes(pages);
}

/** Points: affine ones are x, y; buckets are X, Y, Z with x = X / Z^2, y = Y / Z^3, all reduced. */
function points(m, call) {
  const y = (point) => i32.add(get(point), i32.constant(ELEMENT));
  const z = (point) => i32.add(get(point), i32.constant(2 * ELEMENT));
  const clear = (element) => each((k) => i64.store32(element, 4 * k, i64.constant(0)));

  // b = 2 b, which is not at infinity; no point has y = 0
  m.define("twice", 1, {}, [
    ...call("square", T[0], get(0)),
    ...call("square", T[1], y(0)),
    ...call("square", T[2], T[1]),
    ...call("mul", T[3], get(0), T[1]),
    ...call("add", T[3], T[3], T[3]), // 2
    ...call("add", T[3], T[3], T[3]), // D = 4 X Y^2: 5
    ...call("add", T[4], T[0], T[0]),
    ...call("add", T[4], T[4], T[0]), // E = 3 X^2: 4
    ...call("mul", z(0), y(0), z(0)),
    ...call("add", z(0), z(0), z(0)),
    ...call("carry", z(0)),
    ...call("square", T[5], T[4]),
    ...call("sub", T[5], T[5], T[3]),
    ...call("sub", get(0), T[5], T[3]), // E^2 - 2 D
    ...call("carry", get(0)),
    ...call("sub", T[5], T[3], get(0)), // 13
    ...call("mul", T[5], T[4], T[5]),
    ...call("add", T[2], T[2], T[2]), // 2
    ...call("add", T[2], T[2], T[2]), // 4 Y^4: 5
    ...call("sub", T[5], T[5], T[2]),
    ...call("sub", y(0), T[5], T[2]),
    ...call("carry", y(0)),
  ]);

  // b = the point of (u1, s1) and (u2, s2), coordinates over the common denominator z; T[5] to T[9] are free.
  // Locals: 0 b, 1 u1, 2 s1, 3 u2, 4 s2, 5 z. Where both are b itself, b is doubled.
  m.define("chord", 6, {}, [
    ...call("sub", T[5], get(3), get(1)), // H
    ...call("sub", T[6], get(4), get(2)), // R
    ...call("carry", T[5]),
    ...call("carry", T[6]),
    ...when(call("zero", T[5]), [
      ...when(call("zero", T[6]), call("twice", get(0)), clear(z(0))),
      ...leave(),
    ]),
    ...call("square", T[7], T[5]),
    ...call("mul", T[8], T[5], T[7]), // H^3
    ...call("mul", T[7], get(1), T[7]), // V = u1 H^2
    ...call("mul", z(0), get(5), T[5]),
    ...call("square", T[9], T[6]),
    ...call("sub", T[9], T[9], T[8]),
    ...call("sub", T[9], T[9], T[7]),
    ...call("sub", T[9], T[9], T[7]), // R^2 - H^3 - 2 V: 26
    ...call("carry", T[9]),
    ...call("mul", T[8], get(2), T[8]),
    ...call("copy", get(0), T[9]),
    ...call("sub", T[7], T[7], T[9]), // 9
    ...call("mul", T[7], T[6], T[7]),
    ...call("sub", y(0), T[7], T[8]),
    ...call("carry", y(0)),
  ]);

  // b = b + p, or b - p if `negative`
  m.define("mix", 3, {}, [
    ...call("copy", T[4], y(1)),
    ...when(get(2), [...clear(i32.constant(T[0])), ...call("sub", T[4], T[0], y(1)), ...call("carry", T[4])]),
    ...when(call("empty", z(0)), [
      ...call("copy", get(0), get(1)),
      ...call("copy", y(0), T[4]),
      ...i64.store32(z(0), 0, i64.constant(1)),
      ...leave(),
    ]),
    ...call("square", T[0], z(0)),
    ...call("mul", T[1], get(1), T[0]),
    ...call("mul", T[0], T[0], z(0)),
    ...call("mul", T[4], T[4], T[0]),
    ...call("chord", get(0), get(0), y(0), T[1], T[4], z(0)),
  ]);

  // b = b + c, two buckets at different places
  m.define("sum", 2, {}, [
    ...when(call("empty", z(1)), leave()),
    ...when(call("empty", z(0)), [
      ...call("copy", get(0), get(1)),
      ...call("copy", y(0), y(1)),
      ...call("copy", z(0), z(1)),
      ...leave(),
    ]),
    ...call("square", T[0], z(0)),
    ...call("square", T[1], z(1)),
    ...call("mul", T[2], get(1), T[0]), // u2
    ...call("mul", T[0], T[0], z(0)),
    ...call("mul", T[3], y(1), T[0]), // s2
    ...call("mul", T[4], z(0), z(1)),
    ...call("mul", T[0], T[1], z(1)),
    ...call("mul", T[1], get(0), T[1]), // u1
    ...call("mul", T[0], y(0), T[0]), // s1
    ...call("chord", get(0), T[1], T[0], T[2], T[3], T[4]),
  ]);

  // y of the point with this x, y even; whether there is one. (Q + 1) / 4 = 2^254 - 2^30 - 244
  const squares = (element, count) => Array(count).fill(call("square", element, element)).flat();
  const ones = (to, from, count, other = from) => [...call("copy", T[10], from), ...squares(T[10], count), ...call("mul", to, T[10], other)];
  m.define("lift", 1, { result: true }, [
    ...call("square", T[0], get(0)),
    ...call("mul", T[0], T[0], get(0)),
    ...i64.store32(i32.constant(T[0]), 0, i64.add(i64.load32(i32.constant(T[0]), 0), i64.constant(7))), // 2
    ...ones(T[1], T[0], 1), // the powers 2^k - 1: k = 2
    ...ones(T[2], T[1], 1, T[0]), // 3
    ...ones(T[3], T[2], 3), // 6
    ...ones(T[3], T[3], 3, T[2]), // 9
    ...ones(T[3], T[3], 2, T[1]), // 11
    ...ones(T[4], T[3], 11), // 22
    ...ones(T[5], T[4], 22), // 44
    ...ones(T[6], T[5], 44), // 88
    ...ones(T[6], T[6], 88), // 176
    ...ones(T[6], T[6], 44, T[5]), // 220
    ...ones(T[6], T[6], 3, T[2]), // 223
    ...ones(T[6], T[6], 23, T[4]),
    ...ones(T[6], T[6], 6, T[1]),
    ...squares(T[6], 2),
    ...call("square", T[1], T[6]),
    ...call("sub", T[1], T[1], T[0]),
    ...when(i32.zero(call("zero", T[1])), leave(i32.constant(0))),
    ...call("normal", T[6]),
    ...when([...i64.and(i64.load32(i32.constant(T[6]), 0), i64.constant(1)), 0xa7], [
      ...clear(i32.constant(T[0])),
      ...call("sub", T[6], T[0], T[6]),
      ...call("normal", T[6]),
    ]),
    ...call("copy", y(0), T[6]),
    ...i32.constant(1),
  ]);

  // whether x, y is a point of the curve
  m.define("lies", 1, { result: true }, [
    ...call("square", T[0], get(0)),
    ...call("mul", T[0], T[0], get(0)),
    ...i64.store32(i32.constant(T[0]), 0, i64.add(i64.load32(i32.constant(T[0]), 0), i64.constant(7))),
    ...call("square", T[1], y(0)),
    ...call("sub", T[1], T[1], T[0]),
    ...call("zero", T[1]),
  ]);
}

/** Sums of scalars with signs. A scalar is eight words of 32 bits here; a sum is eight of 64 bits with signs. */
function ternary(m, call) {
  const sum = (local, k) => i64.load(get(local), 8 * k);
  const next = (local, bytes) => set(local, i32.add(get(local), i32.constant(bytes)));

  // The sums that a byte of four entries can mean, of the scalars at address 0: 256 of them from address 1 on.
  // Local 2: the first words of the entries before; each is extended by an entry of 0, of 0, of +1 and of -1.
  const extended = (place) => {
    const size = 4 ** place;
    const words = Array.from({ length: 8 }, (_, k) => {
      const value = i64.load32(get(0), 32 * place + 4 * k);
      return [
        ...i64.store(get(2), SUM * size + 8 * k, sum(2, k)),
        ...i64.store(get(2), 2 * SUM * size + 8 * k, i64.add(sum(2, k), value)),
        ...i64.store(get(2), 3 * SUM * size + 8 * k, i64.sub(sum(2, k), value)),
      ];
    }).flat();
    const end = i32.add(get(1), i32.constant(SUM * size));
    return [...set(2, get(1)), ...repeat([...words, ...next(2, SUM)], i32.less(get(2), end))];
  };
  const first = Array.from({ length: 8 }, (_, k) => i64.store(get(1), 8 * k, i64.constant(0))).flat();
  m.define("extend", 2, { shorts: 1 }, [...first, ...[0, 1, 2, 3].flatMap(extended)]);

  // Addresses 0 codes, of which each row takes 1 bytes; 2 end of the sums; 3 bytes of a row that count; 4 scalars;
  // 5 table; 6 sums, one for each row, added to. Locals: 7 code, 8 sum, 9 entry of the table
  m.define("dots", 7, { shorts: 3 }, repeat(
    [
      ...call("extend", get(4), get(5)),
      ...set(7, get(0)),
      ...set(8, get(6)),
      ...repeat(
        [
          ...set(9, i32.add(get(5), i32.mul(i32.load8(get(7)), i32.constant(SUM)))),
          ...Array.from({ length: 8 }, (_, k) => i64.store(get(8), 8 * k, i64.add(sum(8, k), sum(9, k)))).flat(),
          ...set(7, i32.add(get(7), get(1))),
          ...next(8, SUM),
        ],
        i32.less(get(8), get(2)),
      ),
      ...next(0, 1),
      ...next(4, 4 * SCALAR),
      ...next(3, -1),
    ],
    get(3),
  ));
}
