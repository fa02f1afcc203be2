// The encoder R: signs from a stream (specification, "fingerprint").

import { mod } from "./field.js";
import { shake } from "./keccak.js";

/** For each column j of R: `m sum_k v_k R[k][j] - (sum_k v_k)(sum_k R[k][j])`, `B_(u,j)` of the relations. */
export function encoded(profile, { labels, seed }, v) {
  const [m, columns] = [profile.outputs, 3 * profile.entries];
  const bits = shake(labels.encoder, seed).read(Math.ceil((m * columns) / 8));
  const negative = Array(columns).fill(0n); // sums over the rows whose entry is -1
  const minus = new Int32Array(columns);
  for (let k = 0; k < m; k++) {
    for (let j = 0; j < columns; j++) {
      const number = k * columns + j;
      if (!((bits[number >> 3] >> (number & 7)) & 1)) continue;
      negative[j] += v[k];
      minus[j]++;
    }
  }
  const total = v.reduce((sum, scalar) => sum + scalar, 0n);
  return negative.map((sum, j) => mod(BigInt(m) * (total - 2n * sum) - total * BigInt(m - 2 * minus[j])));
}
