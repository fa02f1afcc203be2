// Encode: z is the encoded, standardised and rounded vector of the sketches (specification, "relations").

import { scaleTarget } from "../bounds.js";
import { encoded } from "../encoder.js";
import { P, eqTable, log2, mod, powers } from "../field.js";
import { Form, combine } from "../pads.js";
import { before, outputs, relu } from "./activations.js";

const two = (exponent) => 1n << BigInt(exponent);

export function encode(conversation, instance) {
  const [norms, scales] = [instance.e, instance.c].map((list) => list.map(() => conversation.sent()));
  squares(conversation, instance, norms, scales);
  slacks(conversation, instance, norms);
  rounding(conversation, instance);
  slacksOfScales(conversation, instance, scales);
}

/** Weights on the upper parts of the integers of a sketch, one for each entry. */
export function upper(claims, { start, width }, e, weight) {
  const entries = claims.instance.profile.entries;
  for (let j = 0; j < entries; j++) claims.integer(start + j * width + e, width - e, weight(j));
}

/** Each N_i is the norm of a rounded sketch, each V_g that of an encoded vector. */
function squares(conversation, instance, norms, scales) {
  const { profile, layout, e, z } = instance;
  const { ledger } = conversation;
  const [entries, m] = [profile.entries, profile.outputs];
  const first = norms.length * entries; // of the entries h
  const theta = powers(conversation.challenge(), norms.length + scales.length);
  const claim = combine([...norms, ...scales], theta);
  const [point, last] = conversation.sumcheck(3, instance.entryVariables, claim);
  const y = conversation.sent();
  const eq = eqTable(point);
  let [factor, ofQ, ofH, ofZ] = [0n, 0n, 0n, 0n];
  for (let i = 0; i < norms.length; i++) {
    let sum = 0n;
    for (let j = 0; j < entries; j++) sum += eq[i * entries + j];
    ofQ += sum;
    factor += theta[i] * (sum % P);
  }
  for (let g = 0; g < scales.length; g++) {
    let sum = 0n;
    for (let k = 0; k < m; k++) {
      sum += eq[first + g * m + k];
      ofZ += eq[first + g * m + k] * BigInt(z[g * m + k]);
    }
    ofH += sum;
    factor += theta[norms.length + g] * (sum % P);
  }
  ledger.zero(last.plus(ledger.product(y, y), -mod(factor)));
  const w = profile.fractionBits;
  const offset = two(profile.qBits - 1) * ofQ - two(w) * ofZ + two(w - 1) * ofH;
  ledger.claim(y.and(offset), (power, claims) => {
    const weight = (number) => (power * eq[number]) % P;
    layout.sketches.forEach((sketch, i) => upper(claims, sketch, e[i], (j) => weight(i * entries + j)));
    const { start, width, count } = layout.rem;
    for (let k = 0; k < count; k++) claims.integer(start + k * width, width, weight(first + k));
  });
}

/** One integer of a group has this value. */
export function integer({ ledger }, { start, width }, i, value) {
  ledger.claim(value, (power, claims) => claims.integer(start + i * width, width, power));
}

/** Each a_i is the integer square root of 2^80 / N_i. */
function slacks(conversation, { profile, layout, a }, norms) {
  const target = two(2 * profile.logScale);
  norms.forEach((norm, i) => {
    const scale = BigInt(a[i]);
    integer(conversation, layout.slackLo, i, norm.times(-(scale ** 2n)).and(target));
    integer(conversation, layout.slackHi, i, norm.times((scale + 1n) ** 2n).and(-target - 1n));
  });
}

/** Each z is the rounded c f'. */
function rounding(conversation, instance) {
  const { profile, layout, e, a, c, z, groups } = instance;
  const [entries, m] = [profile.entries, profile.outputs];
  const s1 = instance.network && before(conversation, instance);
  const kappa1 = eqTable(conversation.challenges(log2(groups)));
  const kappa2 = eqTable(conversation.challenges(log2(m)));
  const layers = instance.shape.layers.length;
  const scales = c.map((scale, g) => (kappa1[g] * BigInt(scale)) % P);
  const columns = instance.streams.map((stream) => {
    return stream.network ? null : encoded(profile, stream, kappa2, conversation.engine);
  });
  const each = e.map((_, i) => {
    const factor = (scales[Math.floor(i / 3)] * BigInt(a[i])) % P;
    const row = columns[Math.floor(i / (3 * layers))];
    if (row === null) return [];
    return row.slice(entries * (i % 3), entries * (i % 3 + 1)).map((b) => (factor * b) % P);
  });
  const w = profile.fractionBits;
  let [ofZ, of] = [0n, 0n];
  for (let g = 0; g < groups; g++) {
    let sum = 0n;
    for (let k = 0; k < m; k++) sum += kappa2[k] * (BigInt(z[g * m + k]) * two(w) - two(w - 1));
    ofZ += kappa1[g] * mod(sum);
  }
  for (const row of each) for (const x of row) of += x;
  const value = new Form(mod(ofZ + two(profile.qBits - 1) * of));
  const s2 = instance.network && outputs(conversation, instance, scales.slice(0, layers), kappa2);
  conversation.ledger.claim(s2 ? value.plus(s2.value, -1n).and(-s2.constant) : value, (power, claims) => {
    layout.sketches.forEach((sketch, i) => {
      if (each[i].length > 0) upper(claims, sketch, e[i], (j) => (power * each[i][j]) % P);
    });
    const { start, width, count } = layout.rem;
    for (let k = 0; k < count; k++) {
      const weight = (kappa1[Math.floor(k / m)] * kappa2[k % m]) % P;
      claims.integer(start + k * width, width, P - ((power * weight) % P));
    }
  });
  if (s2) relu(conversation, instance, s1, s2);
}

/** Each c_g is the integer square root of M / (the sum of f'^2). */
function slacksOfScales(conversation, { profile, layout, c }, scales) {
  const target = scaleTarget(profile);
  scales.forEach((sum, g) => {
    const scale = BigInt(c[g]);
    integer(conversation, layout.cLo, g, sum.times(-1n).and(target));
    integer(conversation, layout.cHi, g, sum.times((scale + 1n) ** 2n).and(-(target * scale ** 2n) - 1n));
  });
}
