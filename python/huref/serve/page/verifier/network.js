// Networks that encode: convolutions with ReLU, public and fixed (specification, "fingerprint", encoder cnn).

import { compare, fromBase64, i32, join, toHex, u32, u8, utf8 } from "./bytes.js";
import { ensure } from "./errors.js";
import { P } from "./field.js";
import { shake } from "./keccak.js";
import { sha256 } from "./sha256.js";
import { TRAINED } from "./trained.js";

export const INPUT_BITS = 12;
export const RAISE_BITS = 20;
export const LIMIT_BITS = 44;
const FORMAT = utf8("huref/cnn/v1");
const KINDS = 3;
/** What a network may have: convolutions, weights, hidden sums of a layer, products of a forward pass. */
const MOST = { convolutions: 8, weights: 2 ** 22, sums: 2 ** 16, products: 2 ** 26 };

/** A convolution at its place. `weights` out x channels x size x size and `bias` out, as lists of numbers; `windows` in
 *  one direction; `reach`: no sum exceeds it in magnitude. */
class Convolution {
  constructor(weights, bias, { size, stride, shift, channels, side }, bound) {
    Object.assign(this, { weights, bias, size, stride, shift, channels, side });
    this.windows = Math.floor((side - size) / stride) + 1;
    this.sums = bias.length * this.windows ** 2;
    this.half = shift === 0 ? 0 : 2 ** (shift - 1);
    const kernel = weights.length / bias.length;
    const reaches = bias.map((b, o) => {
      const row = weights.slice(o * kernel, (o + 1) * kernel);
      return bound * row.reduce((sum, weight) => sum + Math.abs(weight), 0) + Math.abs(b);
    });
    this.reach = reaches.reduce((most, reach) => Math.max(most, reach), 0);
    this.width = (this.reach + this.half).toString(2).length + 1;
  }

  /** Weights e on the sums as weights on the inputs, and what the biases add: `<e, y> = <back, x> + bias`. */
  back(e) {
    const { channels, side, size, stride, windows, weights } = this;
    const x = Array(channels * side ** 2).fill(0n);
    let [bias, at] = [0n, 0]; // the kernel of this output channel begins at weight `at`
    this.bias.forEach((b, o) => {
      for (let window = 0; window < windows ** 2; window++) {
        const weight = e[o * windows ** 2 + window];
        bias += weight * BigInt(b);
        const [top, left] = [stride * Math.floor(window / windows), stride * (window % windows)];
        for (let place = 0; place < channels * size ** 2; place++) {
          const [row, column] = [Math.floor(place / size), place % size]; // rows of all channels
          const input = (Math.floor(row / size) * side + top + (row % size)) * side + left + column;
          x[input] += weight * BigInt(weights[at + place]);
        }
      }
      at += channels * size ** 2;
    });
    return { inputs: x.map((value) => value % P), bias: bias % P };
  }
}

/** The network in canonical bytes, under a profile: {hidden: its convolutions but the last, last, sums: hidden ones of a
 *  layer}. Refuses (`encoder`) bytes that are none. */
function read(bytes, { sketch, outputs }) {
  const demand = (right, what) => ensure(right, "encoder", `The network is not one of this profile: ${what}.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const convolutions = [];
  let [at, channels, side, bound] = [FORMAT.length + 1, KINDS, sketch, 2 ** INPUT_BITS];
  const take = (length) => {
    demand(at + length <= bytes.length, "its bytes end too early");
    at += length;
    return at - length;
  };
  demand(bytes.length >= at && compare(bytes.subarray(0, FORMAT.length), FORMAT) === 0, "its format is another one");
  const count = bytes[FORMAT.length];
  for (let i = 0; i < count; i++) {
    const head = take(20);
    const [out, fan, size, stride, shift] = [0, 4, 8, 12, 16].map((offset) => view.getUint32(head + offset));
    const fits = fan === channels && out > 0 && size > 0 && size <= side && stride > 0 && shift < 32;
    const first = take(out * fan * size ** 2);
    const then = take(4 * out);
    demand(fits, `a convolution does not fit ${channels} channels of side ${side}`);
    const weights = Array.from({ length: then - first }, (_, k) => view.getInt8(first + k));
    const bias = Array.from({ length: out }, (_, o) => view.getInt32(then + 4 * o));
    const convolution = new Convolution(weights, bias, { size, stride, shift, channels, side }, bound);
    demand(convolution.reach < 2 ** LIMIT_BITS, `a sum could reach 2^${LIMIT_BITS}`);
    bound = Math.floor((convolution.reach + convolution.half) / 2 ** shift);
    [channels, side] = [out, convolution.windows];
    convolutions.push(convolution);
  }
  const last = convolutions.at(-1);
  const listed = at === bytes.length && count >= 2 && count <= MOST.convolutions && last.shift === 0;
  demand(listed, "its convolutions are none");
  const hidden = convolutions.slice(0, -1);
  const total = (some, number) => some.reduce((sum, convolution) => sum + number(convolution), 0);
  const sums = total(hidden, (convolution) => convolution.sums);
  const size = total(convolutions, ({ weights }) => weights.length);
  const products = total(convolutions, ({ weights, windows }) => weights.length * windows ** 2);
  demand(size <= MOST.weights && sums <= MOST.sums && products <= MOST.products, "a verifier computes no such number of sums");
  demand(last.sums === outputs, `${last.sums} numbers come out, not ${outputs}`);
  return { hidden, last, sums };
}

/** Canonical bytes of the toy's network, which a rule determines. */
function ruled() {
  const parts = [FORMAT, u8(3)];
  const stream = shake(utf8("huref/toy-2/network"));
  for (const sizes of [[4, 3, 2, 1, 7], [3, 4, 2, 1, 5], [2, 3, 1, 1, 0]]) {
    const [out, fan, size] = sizes;
    const weights = stream.read(out * fan * size ** 2);
    const biases = stream.read(2 * out);
    const bias = Array.from({ length: out }, (_, o) => ((biases[2 * o] << 24) >> 16) | biases[2 * o + 1]);
    parts.push(...sizes.map(u32), weights, ...bias.map(i32));
  }
  return join(parts);
}

/** The network that encodes the first draw: of a custom draw its own, else that of the profile, which is known by its id;
 *  null if a matrix encodes. */
export function networkOf(profile, draws) {
  const custom = draws.find(({ kind }) => kind === "custom");
  if (custom !== undefined) return read(custom.network, profile);
  const id = profile.network;
  if (id === null || draws[0]?.kind !== "common") return null;
  const made = [ruled, () => fromBase64(TRAINED)].map((make) => make());
  return read(made.find((bytes) => toHex(sha256(bytes)) === toHex(id)), profile);
}
