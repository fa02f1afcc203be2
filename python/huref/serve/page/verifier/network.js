// Networks that encode: convolutions with ReLU, public and fixed (specification, "fingerprint", encoder cnn).

import { fromBase64, i32, join, toHex, u32, u8, utf8 } from "./bytes.js";
import { P } from "./field.js";
import { shake } from "./keccak.js";
import { sha256 } from "./sha256.js";
import { TRAINED } from "./trained.js";

export const INPUT_BITS = 12;
export const RAISE_BITS = 20;
export const LIMIT_BITS = 44;
const FORMAT = utf8("huref/cnn/v1");
const KINDS = 3;

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
    this.reach = Math.max(...reaches);
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

/** The network in canonical bytes, for inputs 3 x side x side. */
function read(bytes, side) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const network = [];
  let [at, channels, bound] = [FORMAT.length + 1, KINDS, 2 ** INPUT_BITS];
  for (let count = bytes[FORMAT.length]; count > 0; count--) {
    const [out, fan, size, stride, shift] = [0, 4, 8, 12, 16].map((offset) => view.getUint32(at + offset));
    at += 20;
    const weights = Array.from({ length: out * fan * size ** 2 }, () => view.getInt8(at++));
    const bias = Array.from({ length: out }, (_, o) => view.getInt32(at + 4 * o));
    at += 4 * out;
    const convolution = new Convolution(weights, bias, { size, stride, shift, channels, side }, bound);
    bound = Math.floor((convolution.reach + convolution.half) / 2 ** shift);
    [channels, side] = [out, convolution.windows];
    network.push(convolution);
  }
  return network;
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

/** The network of a profile: {hidden: its convolutions but the last, last, sums: hidden ones of a layer}; null if a matrix
 *  encodes. It is known by its id. */
export function networkOf({ network: id, sketch }) {
  if (id === null) return null;
  const bytes = [ruled, () => fromBase64(TRAINED)].map((make) => make()).find((made) => toHex(sha256(made)) === toHex(id));
  const convolutions = read(bytes, sketch);
  const hidden = convolutions.slice(0, -1);
  return { hidden, last: convolutions.at(-1), sums: hidden.reduce((sum, { sums }) => sum + sums, 0) };
}
