// Planes of float32 numbers, and what is done with them pixel by pixel. The operations are those whose result IEEE 754
// fixes: storing a sum, product, quotient or square root of two float32 numbers, computed in double precision, rounds
// it as if it had been computed in float32. A number beside a plane is rounded to float32 first.

/** The numbers of an operand, and the step from one to the next: 0 for a single number. */
const operand = (other) => (typeof other === "number" ? [Float32Array.of(other), 0] : [other.data, 1]);

export class Plane {
  constructor(rows, columns, data = new Float32Array(rows * columns)) {
    this.rows = rows;
    this.columns = columns;
    this.data = data;
  }

  /** A plane of this size. */
  empty() {
    return new Plane(this.rows, this.columns);
  }

  /** A plane of this size with one number everywhere. */
  like(value) {
    const out = this.empty();
    out.data.fill(value);
    return out;
  }

  plus(other) {
    const out = this.empty(), a = this.data, c = out.data, [b, step] = operand(other);
    for (let i = 0, j = 0; i < a.length; i++, j += step) c[i] = a[i] + b[j];
    return out;
  }

  minus(other) {
    const out = this.empty(), a = this.data, c = out.data, [b, step] = operand(other);
    for (let i = 0, j = 0; i < a.length; i++, j += step) c[i] = a[i] - b[j];
    return out;
  }

  /** other - this */
  from(other) {
    const out = this.empty(), a = this.data, c = out.data, [b, step] = operand(other);
    for (let i = 0, j = 0; i < a.length; i++, j += step) c[i] = b[j] - a[i];
    return out;
  }

  times(other) {
    const out = this.empty(), a = this.data, c = out.data, [b, step] = operand(other);
    for (let i = 0, j = 0; i < a.length; i++, j += step) c[i] = a[i] * b[j];
    return out;
  }

  over(other) {
    const out = this.empty(), a = this.data, c = out.data, [b, step] = operand(other);
    for (let i = 0, j = 0; i < a.length; i++, j += step) c[i] = a[i] / b[j];
    return out;
  }

  /** other / this */
  under(other) {
    const out = this.empty(), a = this.data, c = out.data, [b, step] = operand(other);
    for (let i = 0, j = 0; i < a.length; i++, j += step) c[i] = b[j] / a[i];
    return out;
  }

  max(other) {
    const out = this.empty(), a = this.data, c = out.data, [b, step] = operand(other);
    for (let i = 0, j = 0; i < a.length; i++, j += step) c[i] = a[i] > b[j] ? a[i] : b[j];
    return out;
  }

  min(other) {
    const out = this.empty(), a = this.data, c = out.data, [b, step] = operand(other);
    for (let i = 0, j = 0; i < a.length; i++, j += step) c[i] = a[i] < b[j] ? a[i] : b[j];
    return out;
  }

  abs() {
    const out = this.empty(), a = this.data, c = out.data;
    for (let i = 0; i < a.length; i++) c[i] = Math.abs(a[i]);
    return out;
  }

  floor() {
    const out = this.empty(), a = this.data, c = out.data;
    for (let i = 0; i < a.length; i++) c[i] = Math.floor(a[i]);
    return out;
  }

  sqrt() {
    const out = this.empty(), a = this.data, c = out.data;
    for (let i = 0; i < a.length; i++) c[i] = Math.sqrt(a[i]);
    return out;
  }

  /** `yes` where a number of this plane is below `other`, `no` elsewhere. */
  below(other, yes, no) {
    const out = this.empty(), a = this.data, [b, step] = operand(other);
    const [p, stepYes] = operand(yes), [q, stepNo] = operand(no);
    for (let i = 0; i < a.length; i++) out.data[i] = a[i] < b[i * step] ? p[i * stepYes] : q[i * stepNo];
    return out;
  }

  /** A copy of the part inside a box, which is [first row, end, first column, end]. */
  cut([top, bottom, left, right]) {
    const out = new Plane(bottom - top, right - left);
    for (let row = top; row < bottom; row++) {
      const start = row * this.columns;
      out.data.set(this.data.subarray(start + left, start + right), (row - top) * out.columns);
    }
    return out;
  }

  /** Put a plane of the box's size into the box. */
  paste([top, bottom, left], part) {
    for (let row = top; row < bottom; row++) {
      const start = (row - top) * part.columns;
      this.data.set(part.data.subarray(start, start + part.columns), row * this.columns + left);
    }
  }

  /** Move a share of the way to a value (plane or number) inside a box: part += (value - part) * share. */
  blend([top, bottom, left, right], value, share) {
    const [b, step] = operand(value), a = this.data, s = share.data, f = Math.fround;
    for (let row = top, i = 0, j = 0; row < bottom; row++) {
      const start = row * this.columns;
      for (let at = start + left; at < start + right; at++, i++, j += step) a[at] += f(f(b[j] - a[at]) * s[i]);
    }
  }
}
