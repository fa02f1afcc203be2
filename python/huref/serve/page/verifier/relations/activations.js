// Activations: what goes into a network, and what comes out of its ReLU (specification, "relations").

import { P, eqTable, log2, mod } from "../field.js";
import { INPUT_BITS, RAISE_BITS } from "../network.js";
import { Form } from "../pads.js";

const two = (exponent) => 1n << BigInt(exponent);
const total = (values) => values.reduce((sum, value) => sum + value, 0n);
const dot = (a, b) => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0n), 0n) % P;

/** Variables of the places: of the layer, and of the sum inside it. */
export const placeVariables = ({ network, shape }) => [log2(shape.layers.length), log2(network.sums)];

/** `eq(point)` over the places of the hidden sums: a factor for each layer, and one for each sum of a layer. */
function onPlaces(instance, point) {
  const [high] = placeVariables(instance);
  return {
    layers: eqTable(point.slice(0, high)).slice(0, instance.shape.layers.length),
    inside: eqTable(point.slice(high)).slice(0, instance.network.sums),
  };
}

/** The part of `inside` that belongs to each hidden convolution: [convolution, part]. */
function parts({ network }, inside) {
  let at = 0;
  return network.hidden.map((convolution) => [convolution, inside.slice(at, (at += convolution.sums))]);
}

/** Weights on bits `low` to `high` of the integers of a group. */
function weigh(claims, { start, width, count }, low, high, weight) {
  for (let i = 0; i < count; i++) claims.integer(start + i * width + low, high - low, weight(i));
}

/** From the rounded sketches to the hidden sums. What is left is {mu, value}: the activations that the sums behind those
 *  of the first convolution are made of. */
export function before(conversation, instance) {
  const { profile, layout, e, a, shape } = instance;
  const { ledger } = conversation;
  const [entries, shift] = [profile.entries, profile.logScale - INPUT_BITS];

  const xi = eqTable(conversation.challenges(log2(3 * shape.layers.length * entries)));
  const offset = two(shift - 1) + two(shift + INPUT_BITS + 1);
  const constant = layout.inputs.reduce((sum, _, t) => {
    return sum + total(xi.slice(t * entries, (t + 1) * entries)) * (offset - BigInt(a[t]) * two(profile.qBits - 1));
  }, 0n);
  ledger.claim(new Form(mod(constant)), (power, claims) => {
    layout.inputs.forEach((group, t) => {
      const [sketch, scale] = [layout.sketches[t], BigInt(a[t])];
      const weight = (j) => (power * xi[t * entries + j]) % P;
      weigh(claims, group, 0, group.width, weight);
      weigh(claims, sketch, e[t], sketch.width, (j) => -((weight(j) * scale) % P));
    });
  });

  const zeta = onPlaces(instance, conversation.challenges(placeVariables(instance).reduce((sum, x) => sum + x)));
  const layers = total(zeta.layers);
  const pulled = parts(instance, zeta.inside).map(([convolution, part]) => {
    const { inputs, bias } = convolution.back(part);
    return { part, inputs, constant: bias + total(part) * (BigInt(convolution.half) + two(convolution.width - 1)) };
  });
  const [{ inputs }, ...others] = pulled;
  const first = layers * (pulled[0].constant - total(inputs) * two(INPUT_BITS + 1));
  const sums = (power, claims, from, to) => {
    layout.sums.forEach((groups, l) => {
      const factor = (power * zeta.layers[l]) % P;
      pulled.slice(from, to).forEach(({ part }, h) => {
        const group = groups[from + h];
        weigh(claims, group, 0, group.width, (i) => (factor * part[i]) % P);
      });
    });
  };
  ledger.claim(new Form(mod(first)), (power, claims) => {
    sums(power, claims, 0, 1);
    layout.inputs.forEach((group, t) => {
      const [factor, at] = [(power * zeta.layers[Math.floor(t / 3)]) % P, (t % 3) * entries];
      weigh(claims, group, shift, group.width, (j) => -((factor * inputs[at + j]) % P));
    });
  });
  const value = conversation.sent();
  const rest = layers * total(others.map((other) => other.constant));
  ledger.claim(value.and(mod(rest)), (power, claims) => sums(power, claims, 1, pulled.length));
  return { mu: { layers: zeta.layers, inside: others.flatMap((other) => other.inputs) }, value };
}

/** What the outputs are made of: {mu, value, constant}. With the weight of each layer times its c, and that of each number,
 *  `sum c f'` is value plus constant. */
export function outputs(conversation, instance, layers, weights) {
  const { network, profile } = instance;
  const sum = total(weights);
  const { inputs, bias } = network.last.back(weights.map((weight) => mod(BigInt(profile.outputs) * weight - sum)));
  const raised = layers.map((layer) => (layer * two(RAISE_BITS)) % P);
  const inside = [...Array(network.sums - inputs.length).fill(0n), ...inputs];
  return { mu: { layers: raised, inside }, value: conversation.sent(), constant: mod(total(raised) * bias) };
}

/** Both sums of activations are those of the bits. */
export function relu(conversation, instance, s1, s2) {
  const { layout } = instance;
  const { ledger } = conversation;
  const lambda = conversation.challenge();
  const rounds = placeVariables(instance).reduce((sum, x) => sum + x);
  const [point, last] = conversation.sumcheck(3, rounds, s1.value.plus(s2.value, lambda));
  const [t, u] = [conversation.sent(), conversation.sent()];
  const eq = onPlaces(instance, point);
  const at = ({ mu }) => dot(mu.layers, eq.layers) * dot(mu.inside, eq.inside);
  ledger.zero(last.plus(ledger.product(t, u), -mod(at(s1) + lambda * at(s2))));
  const each = (power, claims, range) => {
    layout.sums.forEach((groups, l) => {
      const factor = (power * eq.layers[l]) % P;
      parts(instance, eq.inside).forEach(([convolution, part], h) => {
        weigh(claims, groups[h], ...range(convolution), (i) => (factor * part[i]) % P);
      });
    });
  };
  ledger.claim(t, (power, claims) => each(power, claims, ({ width }) => [width - 1, width]));
  ledger.claim(u, (power, claims) => each(power, claims, ({ shift, width }) => [shift, width - 1]));
}
