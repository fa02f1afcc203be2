// One opening for all claims, the Sigma-protocol and the inner-product argument (specification, "opening").

import { Claims } from "./claims.js";
import { vanishes } from "./curve.js";
import { ensure } from "./errors.js";
import { P, inverse, mod, powers } from "./field.js";
import { combine } from "./pads.js";

/** All claims as one: {rows: weight of every committed row, eq, value: the form of what is left}. */
export async function open(conversation, instance, pause) {
  const { claims } = conversation.ledger;
  const gamma = powers(conversation.challenge(), claims.length);
  const values = combine(claims.map((claim) => claim.value), gamma);
  const [sigma, last] = conversation.sumcheck(2, instance.profile.logN, values);
  const all = new Claims(instance, sigma, conversation.engine);
  for (const [q, claim] of claims.entries()) {
    claim.weights(gamma[q], all);
    await pause(q + 1, claims.length);
  }
  return { rows: all.rows(), eq: all.eq, sigma, value: last };
}

/** Reads the rest of the proof, and only then decides its four equations. `points`: numbers in the engine, {generators,
 *  pads: the point of the pads, rows: all committed rows}. */
export async function close(conversation, instance, opening, points, pause) {
  const { engine, ledger } = conversation;
  const { n, logN } = instance.profile;
  const [g, h, scaled] = [points.generators.slice(0, n), points.generators[n], points.generators[n + 1]];
  const mu = powers(conversation.challenge(), ledger.zeros.length);
  const nu = powers(conversation.challenge(), ledger.triples.length);
  const [xS, xV, t1, t0] = conversation.points(4);
  const [uLin, uOpen] = conversation.scalars(2);
  const e = conversation.challenge();
  const zs = conversation.scalars(ledger.used);
  const [blindS, blindV, blindT] = conversation.scalars(3);
  const u = conversation.challenge();
  const rounds = [];
  for (let round = 0; round < logN; round++) {
    const [left, right] = conversation.points(2);
    const x = conversation.challenge();
    rounds.push({ left, right, x, inverse: inverse(x) });
  }
  const last = conversation.scalar(false);

  const zero = combine(ledger.zeros, mu);
  ensure(mod(zero.linear(zs) + e * zero.constant - uLin) === 0n, "linear constraints");

  const sum = (numbers, scalars) => vanishes(engine, numbers, scalars.map(mod), pause);
  ensure(await sum([...g.slice(0, zs.length), h, points.pads, xS], [...zs, blindS, -e, -1n]), "pads");

  const product = ledger.triples.reduce((total, [i, j, k], at) => total + nu[at] * mod(zs[i] * zs[j] - e * zs[k]), 0n);
  ensure(await sum([g[0], h, t1, t0], [product, blindT, -e, -1n]), "products");

  // e sum w C + X_v - blind_v H + y u U + sum (x^2 L + x^-2 R) = a (<s, G> + <s, eq> u U)
  let s = [mod(-last)];
  for (const { x, inverse: back } of rounds) s = s.flatMap((value) => [(value * back) % P, (value * x) % P]);
  const inner = rounds.reduce((all, { x, inverse: back }, k) => {
    return mod(all * ((1n - opening.sigma[k]) * back + opening.sigma[k] * x));
  }, last);
  const y = e * opening.value.constant + uOpen + opening.value.linear(zs);
  const numbers = [...g, h, scaled, xV, ...points.rows];
  const scalars = [...s, -blindV, u * mod(y - inner), 1n, ...opening.rows.map((weight) => e * weight)];
  for (const { left, right, x, inverse: back } of rounds) {
    numbers.push(left, right);
    scalars.push(x * x, back * back);
  }
  ensure(await sum(numbers, scalars), "opening");
}
