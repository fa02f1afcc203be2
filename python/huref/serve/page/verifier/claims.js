// All claims as one sum over the columns: weights of every committed row at the point sigma (specification, "opening").

import { P, eqTable, mod } from "./field.js";
import { wire } from "./statement.js";

/** What is being opened: a weight for each committed row, of the matrices, of Y and of the bits. */
export class Claims {
  constructor(instance, sigma, engine) {
    const { profile } = instance;
    this.instance = instance;
    this.engine = engine;
    this.sigma = sigma;
    this.eq = eqTable(sigma);
    this.matrices = instance.rows.map((rows) => Array(rows).fill(0n));
    this.y = Array(profile.yRows).fill(0n);
    this.bits = Array(instance.layout.rows).fill(0n);
    this.suffix = Array(profile.n + 1).fill(0n);
    for (let j = profile.n - 1; j >= 0; j--) this.suffix[j] = (2n * this.suffix[j + 1] + this.eq[j]) % P;
    this.powers = [1n];
    while (this.powers.length <= 256) this.powers.push((2n * this.powers.at(-1)) % P);
    engine.table(this.eq);
  }

  /** The weights of all rows, in the order in which they are committed. */
  rows() {
    return [...this.matrices.flat(), ...this.y, ...this.bits].map(mod);
  }

  /** Column weights of a matrix, one for each slot. */
  slots(columns) {
    const { hidden } = this.instance.shape;
    return Array.from({ length: this.instance.slots }, (_, slot) => {
      let total = 0n;
      for (let l = 0; l < hidden; l++) total += columns[l] * this.eq[slot * hidden + l];
      return total % P;
    });
  }

  /** A weight for each row of a matrix. */
  matrix(matrix, rowWeights, slots, factor) {
    const rows = this.matrices[matrix];
    rowWeights.forEach((weight, i) => {
      const row = Math.floor(i / slots.length);
      rows[row] = (rows[row] + factor * ((weight * slots[i % slots.length]) % P)) % P;
    });
  }

  /** The row weights of a side of a term: `eq(s)` at the index of every position, in the row that it reads. */
  positions(side, count, eqRows, eqSlots, slots, factor) {
    const rows = this.matrices[side.matrix];
    const width = slots.length;
    if (side.wired) {
      for (let k = 0; k < count; k++) {
        const i = wire(this.instance.shape, k);
        const at = ((eqRows[Math.floor(k / width)] * eqSlots[k % width]) % P) * slots[i % width];
        rows[Math.floor(i / width)] = (rows[Math.floor(i / width)] + factor * (at % P)) % P;
      }
      return;
    }
    const sums = [0n]; // over the first slots
    for (let slot = 0; slot < width; slot++) sums.push((sums[slot] + eqSlots[slot] * slots[slot]) % P);
    for (let row = 0; row < rows.length; row++) {
      const filled = Math.min(width, count - row * width);
      rows[row] = (rows[row] + factor * ((eqRows[row] * sums[filled]) % P)) % P;
    }
  }

  /** Weight x on an integer of `length` bits from bit `start` of the bit string on: 2^b x on its bit b. */
  integer(start, length, weight) {
    const { n } = this.instance.profile;
    for (let bit = 0; bit < length; ) {
      const [row, column] = [Math.floor((start + bit) / n), (start + bit) % n];
      const part = Math.min(length - bit, n - column);
      const sum = this.suffix[column] - this.powers[part] * this.suffix[column + part];
      this.bits[row] = (this.bits[row] + ((weight * this.powers[bit]) % P) * (sum % P)) % P;
      bit += part;
    }
  }
}
