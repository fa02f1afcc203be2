// Integers mod P, the order of the curve's group: what all forms, weights and responses are made of.

/** The order of the base field, of which coordinates of points are. */
export const Q = 2n ** 256n - 2n ** 32n - 977n;
export const P = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** The representative in [0, P). */
export function mod(value) {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
}

/** 1 / value; 0 for 0. */
export function inverse(value) {
  let [a, b, u, v] = [mod(value), P, 1n, 0n];
  while (a !== 0n) {
    const q = b / a;
    [a, b, u, v] = [b - q * a, a, v - q * u, u];
  }
  return mod(v);
}

/** 1, x, x^2, ..: `count` powers. */
export function powers(x, count) {
  const all = [];
  for (let power = 1n; all.length < count; power = (power * x) % P) all.push(power);
  return all;
}

/** Ceiling of the logarithm to base 2 of a positive integer; 0 for 1. */
export const log2 = (value) => (BigInt(value) === 1n ? 0 : bitLength(BigInt(value) - 1n));

/** Bits of a positive integer. */
export const bitLength = (value) => value.toString(2).length;

/** Integer square root of a BigInt that is not negative, rounded down. */
export function isqrt(value) {
  if (value === 0n) return 0n;
  let root = 1n << BigInt((bitLength(value) + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** The table `eq(point)` of 2^k scalars; the first coordinate belongs to the most significant bit of the index. */
export function eqTable(point) {
  let table = [1n];
  for (const r of point) {
    const next = new Array(2 * table.length);
    for (let i = 0; i < table.length; i++) {
      const one = (table[i] * r) % P;
      next[2 * i + 1] = one;
      next[2 * i] = table[i] >= one ? table[i] - one : table[i] - one + P;
    }
    table = next;
  }
  return table;
}

/** `eq(a)` at point b. */
export function eqAt(a, b) {
  return a.reduce((product, r, i) => mod(product * (r * b[i] + (1n - r) * (1n - b[i]))), 1n);
}

/** Lagrange coefficients at r of the nodes 0 .. degree. */
export function lagrange(degree, r) {
  const nodes = Array.from({ length: degree + 1 }, (_, i) => BigInt(i));
  return nodes.map((x) => {
    let [above, below] = [1n, 1n];
    for (const y of nodes) {
      if (y === x) continue;
      above = mod(above * (r - y));
      below = mod(below * (x - y));
    }
    return mod(above * inverse(below));
  });
}
