// Code for sums of scalars with signs, in the WebAssembly module: products of ternary matrices with vectors.
//
// A scalar is eight words of 32 bits; a sum is eight of 64 bits with signs.

import { get, i32, i64, repeat, set } from "./assembler.js";

export const SCALAR = 32;
export const SUM = 64;

/** Adds the functions to the module. */
export function defineSums(m, call) {
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
