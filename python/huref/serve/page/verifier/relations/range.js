// Range: the norm of all weights is small, by random projections (specification, "relations").

import { P, eqTable, log2, mod } from "../field.js";

/** Adds weights of the places of Y: for each of its rows, `sum(first, count)` over places `first` .. of the row. */
function onY(claims, factor, sum) {
  const { n, projection } = claims.instance.profile;
  claims.y.forEach((old, row) => {
    const first = row * n;
    claims.y[row] = (old + factor * sum(first, Math.min(n, projection ** 2 - first))) % P;
  });
}

function table(claims, weight) {
  return (first, count) => {
    let total = 0n;
    for (let p = first; p < first + count; p++) total += weight(p) * claims.eq[p - first];
    return total % P;
  };
}

/** No entry of the weights is large. `projections`: the ternary matrices A, C and D. */
export function projected(conversation, instance, { a, c, d }) {
  const { profile, layout, bounds } = instance;
  const { ledger } = conversation;
  const log = log2(profile.projection);
  const [e1, e2] = [conversation.challenges(log), conversation.challenges(log)].map(eqTable);
  const ez = eqTable(conversation.challenges(log2(profile.projectionZ))).slice(0, profile.projectionZ);
  const { projection, n } = profile;

  const y = conversation.sent();
  ledger.claim(y, (power, claims) => {
    onY(claims, power, table(claims, (p) => (e1[Math.floor(p / projection)] * e2[p % projection]) % P));
  });
  ledger.claim(y, (power, claims) => {
    const factor = (power * c.between(claims.engine, e2, 0, n)) % P;
    const rows = a.transposed(claims.engine, e1);
    claims.engine.table(claims.eq);
    let row = 0;
    for (const matrix of claims.matrices) {
      for (let i = 0; i < matrix.length; i++, row++) matrix[i] = (matrix[i] + factor * rows[row]) % P;
    }
  });

  const z = conversation.sent();
  ledger.claim(z, (power, claims) => {
    onY(claims, power, (first, count) => d.between(claims.engine, ez, first, count));
  });
  const offset = ez.reduce((sum, weight) => sum + weight, 0n) << BigInt(bounds.zBits - 1);
  ledger.claim(z.and(offset), (power, claims) => {
    const { start, width } = layout.z;
    ez.forEach((weight, i) => claims.integer(start + i * width, width, (power * weight) % P));
  });
}

/** Nor is their norm. */
export function norm(conversation, { profile, layout, bounds }) {
  const { ledger } = conversation;
  const nu = conversation.sent();
  const [point, last] = conversation.sumcheck(2, 2 * log2(profile.projection), nu);
  const end = conversation.sent();
  ledger.zero(last.plus(ledger.product(end, end), -1n));
  ledger.claim(end, (power, claims) => {
    const eq = eqTable(point);
    onY(claims, power, table(claims, (p) => eq[p]));
  });
  ledger.claim(nu.times(-1n).and(bounds.nMax), (power, claims) => {
    claims.integer(layout.norm.start, layout.norm.width, mod(power));
  });
}
