// The encoder R: signs from a stream (specification, "fingerprint").

import { mod } from "./field.js";
import { shake } from "./keccak.js";

/** For each column j of R: `m sum_k v_k R[k][j] - (sum_k v_k)(sum_k R[k][j])`, `B_(u,j)` of the relations. */
export function encoded(profile, { labels, seed }, v, engine) {
  const [m, columns] = [profile.outputs, 3 * profile.entries];
  const bits = shake(labels.encoder, seed).read(Math.ceil((m * columns) / 8));
  const codes = new Uint8Array((columns * m) / 4).fill(0xaa); // each column as ternary entries, +1 where it is not -1
  const minus = new Int32Array(columns);
  for (let k = 0, number = 0; k < m; k++) {
    for (let j = 0; j < columns; j++, number++) {
      const bit = (bits[number >> 3] >> (number & 7)) & 1;
      codes[(j * m + k) >> 2] |= bit << (2 * (k & 3));
      minus[j] += bit;
    }
  }
  engine.table(v);
  const total = v.reduce((sum, scalar) => sum + scalar, 0n);
  return engine
    .dots(codes, 0, m / 4, columns, m)
    .map((sum, j) => mod(BigInt(m) * sum - total * BigInt(m - 2 * minus[j])));
}
