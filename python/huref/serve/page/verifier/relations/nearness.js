// Nearness: the cosines of the vectors of the sketches with those of the other side (specification, "nearness").

import { encoded } from "../encoder.js";
import { P, eqTable, log2, mod, powers } from "../field.js";
import { NUMBERS, inQuestion, intervals } from "../nearness.js";
import { combine } from "../pads.js";
import { integer, upper } from "./encode.js";

const two = (exponent) => 1n << BigInt(exponent);
const total = (values) => values.reduce((sum, value) => sum + value, 0n);
const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0n);

export function nearness(conversation, instance) {
  const theirs = inQuestion(instance.statement, instance.profile);
  const ours = norms(conversation, instance);
  const scaled = scales(conversation, instance, ours);
  const { squares, products } = vectors(conversation, instance, theirs, scaled);
  ends(conversation, instance, theirs, squares, products);
}

/** Each N_t is the norm of a rounded sketch. */
function norms(conversation, { profile, layout, e, qBits, entryVariables }) {
  const { ledger } = conversation;
  const { entries } = profile;
  const sent = e.map(() => conversation.sent());
  const theta = powers(conversation.challenge(), sent.length);
  const [point, last] = conversation.sumcheck(3, entryVariables, combine(sent, theta));
  const q = conversation.sent();
  const eq = eqTable(point);
  const sums = e.map((_, t) => total(eq.slice(t * entries, (t + 1) * entries)));
  ledger.zero(last.plus(ledger.product(q, q), -mod(dot(theta, sums))));
  ledger.claim(q.and(two(qBits - 1) * total(sums)), (power, claims) => {
    layout.sketches.forEach((sketch, t) => upper(claims, sketch, e[t], (j) => (power * eq[t * entries + j]) % P));
  });
  return sent;
}

/** Each a_t is the integer square root of 2^140 / N_t. */
function scales(conversation, { layout }, ours) {
  const { ledger } = conversation;
  const target = two(2 * NUMBERS.logScale);
  return ours.map((norm, t) => {
    const [a, p] = [conversation.sent(), conversation.sent()];
    ledger.zero(p.plus(ledger.product(a, norm), -1n));
    const square = ledger.product(a, p);
    integer(conversation, layout.scale, t, a.and(-two(NUMBERS.logScale - NUMBERS.logNorm)));
    integer(conversation, layout.slackLo, t, square.times(-1n).and(target));
    integer(conversation, layout.slackHi, t, square.plus(p, 2n).plus(norm).and(-target - 1n));
    return a;
  });
}

/** For each layer l the square D_l of its vector f', and for each vector v in question its product G_(v,l) with f'. */
function vectors(conversation, { profile, shape, layout, e, qBits, streams }, theirs, scaled) {
  const { ledger } = conversation;
  const { entries, outputs } = profile;
  const squares = shape.layers.map(() => conversation.sent());
  const products = theirs.map(() => shape.layers.map(() => conversation.sent()));
  const delta = powers(conversation.challenge(), squares.length);
  const [point, end] = conversation.sumcheck(2, log2(outputs), combine(squares, delta));
  let last = end;
  const values = delta.map((factor) => {
    const value = conversation.sent();
    last = last.plus(ledger.product(value, value), -factor);
    return value;
  });
  ledger.zero(last);

  // the value at the point and the products with theirs, of each layer: one equation in a_t q_t
  const omega = powers(conversation.challenge(), theirs.length + 1);
  const y = eqTable(point).map((value, k) => mod(value + total(theirs.map((z, v) => omega[v + 1] * z[k]))));
  const b = encoded(profile, streams[0], y, conversation.engine);
  values.forEach((value, l) => {
    let left = combine([value, ...products.map((row) => row[l])], omega);
    for (let t = 3 * l; t < 3 * l + 3; t++) {
      const h = conversation.sent();
      const block = b.slice((t % 3) * entries, ((t % 3) + 1) * entries);
      ledger.claim(h.and(two(qBits - 1) * total(block)), (power, claims) => {
        upper(claims, layout.sketches[t], e[t], (j) => (power * block[j]) % P);
      });
      left = left.plus(ledger.product(scaled[t], h), -1n);
    }
    ledger.zero(left);
  });
  return { squares, products };
}

/** Each cosine lies between the ends of its interval. */
function ends(conversation, { layout, statement }, theirs, squares, products) {
  intervals(statement, layout.high.count).forEach(({ vector, layer, sign, low, high }, j) => {
    const g = products[vector][layer];
    const square = conversation.ledger.product(g, g).times(two(2 * NUMBERS.cosineBits));
    const limit = squares[layer].times(dot(theirs[vector], theirs[vector]));
    // s (square - at^2 limit), less 1 at an end that the interval lacks
    const end = (group, s, [at, strict]) => {
      integer(conversation, group, j, square.plus(limit, -(BigInt(at) ** 2n)).times(s).and(-BigInt(strict)));
    };
    if (low !== null) {
      integer(conversation, layout.sign, j, g.times(BigInt(sign)));
      end(layout.low, 1n, low);
    }
    end(layout.high, -1n, high);
  });
}
