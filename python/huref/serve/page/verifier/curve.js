// Sums of multiples of points, by Pippenger's method, whatever computes with the points.

/** Bits of a window, such that the fewest points are added for `count` scalars. */
function width(count) {
  let [best, least] = [2, Infinity];
  for (let bits = 2; bits <= 13; bits++) {
    const sums = Math.ceil(257 / bits) * (count + 3 * 2 ** (bits - 1));
    if (sums < least) [best, least] = [bits, sums];
  }
  return best;
}

/** Digits of scalars below 2^256, each from -2^(bits-1) to 2^(bits-1), the lowest window first. */
function digits(scalars, bits) {
  const windows = Math.ceil(257 / bits);
  const all = new Int16Array(windows * scalars.length);
  const wide = new BigUint64Array(5);
  const words = new Uint32Array(wide.buffer);
  const half = 1 << (bits - 1);
  scalars.forEach((scalar, i) => {
    for (let k = 0; k < 4; k++) wide[k] = scalar >> BigInt(64 * k);
    let carry = 0;
    for (let window = 0; window < windows; window++) {
      const [word, shift] = [(window * bits) >> 5, (window * bits) & 31];
      const next = shift > 32 - bits ? words[word + 1] << (32 - shift) : 0;
      let digit = (((words[word] >>> shift) | next) & (2 * half - 1)) + carry;
      carry = digit > half ? 1 : 0;
      if (carry) digit -= 2 * half;
      all[window * scalars.length + i] = digit;
    }
  });
  return all;
}

/** Whether the sum of scalars (in [0, P)) times points (numbers of the engine's) is the identity. `pause` is waited for
 *  between windows, with the part that is done. */
export async function vanishes(engine, points, scalars, pause = async () => {}) {
  const bits = width(points.length);
  const half = 1 << (bits - 1);
  const all = digits(scalars, bits);
  const windows = all.length / points.length;
  const [running, total, result] = [half, half + 1, half + 2]; // behind the buckets of the digits 1 .. half
  engine.clear(half + 3);
  for (let window = windows - 1; window >= 0; window--) {
    for (let i = 0; i < bits; i++) engine.twice(result);
    engine.clear(half + 2);
    const row = window * points.length;
    for (let i = 0; i < points.length; i++) {
      const digit = all[row + i];
      if (digit > 0) engine.mix(digit - 1, points[i], 0);
      else if (digit < 0) engine.mix(-digit - 1, points[i], 1);
    }
    for (let bucket = half - 1; bucket >= 0; bucket--) {
      engine.sum(running, bucket);
      engine.sum(total, running);
    }
    engine.sum(result, total);
    await pause(windows - window, windows);
  }
  return engine.vanishes(result);
}
