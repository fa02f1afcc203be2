// Ternary matrices from a seed (specification, "encodings"), and their products with vectors.

import { fromInteger, utf8 } from "./bytes.js";
import { P, mod } from "./field.js";
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
    return engine.dots(turned, 0, width, columns, rows).map(mod);
  }

  /** `sum_i v_i <columns first .. first + count - 1 of row i, the engine's table>`, all multiples of 4. */
  between(engine, v, first, count) {
    const sums = engine.dots(this.codes, first / 4, this.columns / 4, this.rows, count);
    return sums.reduce((total, sum, i) => (total + v[i] * (sum % P)) % P, 0n);
  }
}
