// Code for arithmetic mod Q, the order of the base field, in the WebAssembly module.
//
// An element is nine words of 32 bits with 29 bits each, the lowest first, and may have several representatives. What
// `mul`, `square` and `carry` leave is "reduced": words below 2^29 + 2^11, the last one at most 2^24. Sums and
// differences carry nothing; where words become larger, a comment says how large, in units of 2^29. A word holds 8
// units. Factors of a and b units need a b <= 7, and what is subtracted must be reduced.

import { get, i32, i64, repeat, set, when } from "./assembler.js";
import { Q } from "./field.js";

export const WORDS = 9;
export const BITS = 29;
export const ELEMENT = 4 * WORDS;

const LAST = WORDS - 1;
const SPARE = 256 - LAST * BITS; // bits of the last word
const word = (value, k) => (value >> BigInt(BITS * k)) & ((1n << BigInt(k === LAST ? SPARE : BITS)) - 1n);
/** 2^256 mod Q, and 2^261 mod Q. */
const REST = 2n ** 256n - Q;
const HIGH = REST << BigInt(BITS - SPARE);

const at = (local, k) => i64.load32(get(local), 4 * k);
const put = (local, k, value) => i64.store32(get(local), 4 * k, value);
const shift = (value, bits) => i64.shr(value, i64.constant(bits));
const times = (value, factor) => i64.mul(value, i64.constant(factor));
const low = (value, bits = BITS) => i64.and(value, i64.constant((1n << BigInt(bits)) - 1n));
export const each = (make) => Array.from({ length: WORDS }, (_, k) => make(k)).flat();

/** Carries from the words at local `first` on, `count` times. */
const carried = (first, count) =>
  Array.from({ length: count }, (_, k) => [
    ...set(first + k + 1, i64.add(get(first + k + 1), shift(get(first + k), BITS))),
    ...set(first + k, low(get(first + k))),
  ]).flat();

/** Folds what lies above 2^256 into the words at local `first` on. `above`: a local with what has the weight 2^261. */
const folded = (first, above, free) => [
  ...set(free, i64.add(shift(get(first + LAST), SPARE), i64.shl(get(above), i64.constant(BITS - SPARE)))),
  ...set(first + LAST, low(get(first + LAST), SPARE)),
  ...set(first, i64.add(get(first), times(get(free), word(REST, 0)))),
  ...set(first + 1, i64.add(get(first + 1), times(get(free), word(REST, 1)))),
];

/** a = a b, or a = a^2, with the words of a and b in locals from 3 and 3 + WORDS on. */
function product(square) {
  const [a, b, t, sum, free] = [3, 3 + WORDS, 3 + 2 * WORDS, 3 + 4 * WORDS, 4 + 4 * WORDS];
  const code = square ? [each((k) => set(b + k, i64.shl(get(a + k), i64.constant(1))))] : []; // b = 2 a
  code.push(set(sum, i64.constant(0)));
  for (let k = 0; k < 2 * WORDS - 1; k++) {
    const products = []; // summed before the carry is added, so that columns do not wait for each other
    for (let i = Math.max(0, k - LAST); i <= Math.min(LAST, k) && !(square && i > k - i); i++) {
      products.push(i64.mul(get(a + i), get(square && i === k - i ? a + i : b + k - i)));
    }
    code.push(set(sum, i64.add(get(sum), products.reduce(i64.add))));
    code.push(set(t + k, low(get(sum))), set(sum, shift(get(sum), BITS)));
  }
  code.push(set(t + 2 * WORDS - 1, get(sum)), set(sum, i64.constant(0)));
  for (let k = 0; k < WORDS; k++) {
    let value = i64.add(get(t + k), times(get(t + k + WORDS), word(HIGH, 0)));
    if (k > 0) value = i64.add(value, times(get(t + k + LAST), word(HIGH, 1)));
    code.push(set(a + k, i64.add(get(sum), value)), set(sum, shift(get(a + k), BITS)), set(a + k, low(get(a + k))));
  }
  code.push(set(sum, i64.add(get(sum), times(get(t + 2 * WORDS - 1), word(HIGH, 1)))));
  code.push(folded(a, sum, free), carried(a, 2));
  return code.flat();
}

/** Adds the functions to the module. `spare`: an address for one element. */
export function defineField(m, call, spare) {
  // d = a b; d = a squared `count` times (address d, address a, count)
  const [a, b, longs] = [3, 3 + WORDS, 4 * WORDS + 2];
  const first = each((k) => set(a + k, at(1, k)));
  const last = each((k) => put(0, k, get(a + k)));
  m.define("mul", 3, { longs }, [...first, ...each((k) => set(b + k, at(2, k))), ...product(false), ...last]);
  const less = set(2, i32.add(get(2), i32.constant(-1)));
  m.define("square", 3, { longs }, [...first, ...repeat([...product(true), ...less], get(2)), ...last]);
  m.define("add", 3, {}, each((k) => put(0, k, i64.add(at(1, k), at(2, k)))));
  const more = (k) => i64.add(at(1, k), i64.constant(2n * word(Q, k))); // 2 units, so that no word falls below 0
  m.define("sub", 3, {}, each((k) => put(0, k, i64.sub(more(k), at(2, k)))));
  m.define("copy", 2, {}, each((k) => put(0, k, at(1, k))));

  // d reduced, in digits: every word below 2^29, the value below 2 Q
  const [digit, sum, free] = [1, 1 + WORDS, 2 + WORDS];
  const digits = [
    ...each((k) => set(digit + k, at(0, k))),
    ...carried(digit, LAST),
    ...set(sum, i64.constant(0)),
    ...folded(digit, sum, free),
    ...carried(digit, LAST),
  ];
  m.define("carry", 1, { longs: WORDS + 2 }, [...digits, ...each((k) => put(0, k, get(digit + k)))]);

  // d in [0, Q): less Q, which is to add 2^256 - Q and drop 2^256, where that is reached
  m.define("normal", 1, { longs: WORDS + 2 }, [
    ...digits,
    ...each((k) => [
      ...set(sum, i64.add(i64.add(get(digit + k), get(sum)), i64.constant(word(REST, k)))),
      ...i64.store32(i32.constant(spare), 4 * k, low(get(sum), k === LAST ? SPARE : BITS)),
      ...set(sum, shift(get(sum), k === LAST ? SPARE : BITS)),
    ]),
    ...when(i64.zero(get(sum)), each((k) => put(0, k, get(digit + k))), call("copy", get(0), spare)),
  ]);

  // whether all words are 0, the mark of a point at infinity; and whether d is 0 mod Q
  m.define("empty", 1, { result: true }, i64.zero(each((k) => (k === 0 ? at(0, 0) : i64.or([], at(0, k))))));
  m.define("zero", 1, { result: true }, [...call("normal", get(0)), ...call("empty", get(0))]);
}
