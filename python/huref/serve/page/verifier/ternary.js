// Ternary matrices from a seed (specification, "encodings"), and their products with vectors.

import { fromInteger, utf8 } from "./bytes.js";
import { mod } from "./field.js";
import { shake } from "./keccak.js";

export class Ternary {
  constructor(seed, label, rows, columns) {
    this.rows = rows;
    this.columns = columns;
    this.codes = shake(fromInteger(seed, 32), utf8(label)).read(Math.ceil((rows * columns) / 4));
  }

  /** The matrix with rows and columns exchanged, each row beginning with a byte: its products with v, one for each
   *  column of this one. Rows are a multiple of 4. */
  transposed(engine, v) {
    const [{ rows, columns, codes }, width] = [this, this.rows / 4];
    const turned = new Uint8Array(columns * width);
    for (let i = 0, number = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++, number++) {
        const code = (codes[number >> 2] >> (2 * (number & 3))) & 3;
        turned[j * width + (i >> 2)] |= code << (2 * (i & 3));
      }
    }
    engine.table(v);
    return Array.from({ length: columns }, (_, j) => mod(engine.dot(turned.subarray(j * width, (j + 1) * width), rows)));
  }

  /** `sum_i v_i <columns first .. first + count - 1 of row i, the engine's table>`; first, count, columns: multiples of 4. */
  between(engine, v, first, count) {
    let total = 0n;
    for (let i = 0; i < this.rows; i++) {
      const start = (i * this.columns + first) / 4;
      total += v[i] * mod(engine.dot(this.codes.subarray(start, start + count / 4), count));
    }
    return mod(total);
  }
}
