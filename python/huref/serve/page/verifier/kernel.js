// The WebAssembly module: points of the curve and their sums. Beside them the field (limbs.js) and sums of scalars
// (sums.js).

import { Module, get, i32, i64, leave, set, when } from "./assembler.js";
import { ELEMENT, defineField, each } from "./limbs.js";
import { defineSums } from "./sums.js";

/** Addresses of the module's own elements. */
const T = Array.from({ length: 12 }, (_, i) => ELEMENT * i);
const ONE = i32.constant(1);
/** Where a caller may put things. */
export const FREE = 1024;

/** The module in bytes. `pages` of 64 KiB: its memory in the beginning. */
export function assemble(pages) {
  const m = new Module();
  const operand = (given) => (typeof given === "number" ? i32.constant(given) : given); // an address, or code
  const call = (name, ...operands) => m.call(name, ...operands.map(operand));
  defineField(m, call, T[11]);
  definePoints(m, call);
  defineSums(m, call);
  return m.bytes(pages);
}

/** Points: affine ones are x, y; buckets are X, Y, Z with x = X / Z^2, y = Y / Z^3, all reduced. */
function definePoints(m, call) {
  const y = (point) => i32.add(get(point), i32.constant(ELEMENT));
  const z = (point) => i32.add(get(point), i32.constant(2 * ELEMENT));
  const clear = (element) => each((k) => i64.store32(element, 4 * k, i64.constant(0)));

  // b = 2 b, which is not at infinity; no point has y = 0
  m.define("twice", 1, {}, [
    ...call("square", T[0], get(0), ONE),
    ...call("square", T[1], y(0), ONE),
    ...call("square", T[2], T[1], ONE),
    ...call("mul", T[3], get(0), T[1]),
    ...call("add", T[3], T[3], T[3]), // 2
    ...call("add", T[3], T[3], T[3]), // D = 4 X Y^2: 4
    ...call("carry", T[3]),
    ...call("add", T[4], T[0], T[0]),
    ...call("add", T[4], T[4], T[0]), // E = 3 X^2: 3
    ...call("carry", T[4]),
    ...call("mul", z(0), y(0), z(0)),
    ...call("add", z(0), z(0), z(0)),
    ...call("carry", z(0)),
    ...call("square", T[5], T[4], ONE),
    ...call("sub", T[5], T[5], T[3]),
    ...call("sub", get(0), T[5], T[3]), // E^2 - 2 D
    ...call("carry", get(0)),
    ...call("sub", T[5], T[3], get(0)), // 3
    ...call("mul", T[5], T[4], T[5]),
    ...call("add", T[2], T[2], T[2]), // 2
    ...call("add", T[2], T[2], T[2]), // 4 Y^4: 4
    ...call("carry", T[2]),
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
    ...call("square", T[7], T[5], ONE),
    ...call("mul", T[8], T[5], T[7]), // H^3
    ...call("mul", T[7], get(1), T[7]), // V = u1 H^2
    ...call("mul", z(0), get(5), T[5]),
    ...call("square", T[9], T[6], ONE),
    ...call("sub", T[9], T[9], T[8]),
    ...call("sub", T[9], T[9], T[7]),
    ...call("sub", T[9], T[9], T[7]), // R^2 - H^3 - 2 V: 7
    ...call("carry", T[9]),
    ...call("mul", T[8], get(2), T[8]),
    ...call("copy", get(0), T[9]),
    ...call("sub", T[7], T[7], T[9]), // 3
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
    ...call("square", T[0], z(0), ONE),
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
    ...call("square", T[0], z(0), ONE),
    ...call("square", T[1], z(1), ONE),
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
  const ones = (to, from, more, other = from) => [
    ...call("square", T[10], from, more),
    ...call("mul", to, T[10], other),
  ];
  m.define("lift", 1, { result: true }, [
    ...call("square", T[0], get(0), ONE),
    ...call("mul", T[0], T[0], get(0)),
    ...i64.store32(i32.constant(T[0]), 0, i64.add(i64.load32(i32.constant(T[0]), 0), i64.constant(7))),
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
    ...call("square", T[6], T[6], i32.constant(2)),
    ...call("square", T[1], T[6], ONE),
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
    ...call("square", T[0], get(0), ONE),
    ...call("mul", T[0], T[0], get(0)),
    ...i64.store32(i32.constant(T[0]), 0, i64.add(i64.load32(i32.constant(T[0]), 0), i64.constant(7))),
    ...call("square", T[1], y(0), ONE),
    ...call("sub", T[1], T[1], T[0]),
    ...call("zero", T[1]),
  ]);
}
