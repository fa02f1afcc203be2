// The bit string: which integers stand where (specification, "commitments").

import { NUMBERS } from "./nearness.js";

/** `count` integers of `width` bits each, from bit `start` on. */
function group(start, count, width) {
  return { start, count, width, end: start + count * width };
}

/** Where the integers of a statement stand in its bit string, and how many rows this has. A group that a kind of
 *  statement does not have is empty. */
export function layout({ profile, bounds, shape, e, groups, near, drift, network, qBits }) {
  let end = 0;
  const next = (count, width) => {
    const integers = group(end, count, width);
    end = integers.end;
    return integers;
  };
  const layers = network === null ? [] : shape.layers;
  const { slackBits } = near === null ? profile : NUMBERS;
  const { pairs, lows, bits } = near ?? { pairs: 0, lows: 0, bits: { sign: 0, end: 0 } };
  const made = {
    sketches: e.map((shift) => next(profile.entries, shift + qBits)),
    scale: next(near === null ? 0 : e.length, NUMBERS.scaleBits),
    slackLo: next(e.length, slackBits),
    slackHi: next(e.length, slackBits),
    sign: next(lows, bits.sign),
    low: next(lows, bits.end),
    high: next(pairs, bits.end),
    rem: next(groups * profile.outputs, profile.fractionBits),
    cLo: next(groups, bounds.cLoBits),
    cHi: next(groups, bounds.cHiBits),
    block: drift === null ? next(0, 0) : next(drift.count, drift.width),
    z: next(profile.projectionZ, bounds.zBits),
    norm: next(drift === null ? 1 : 0, bounds.normBits),
    // of a network: what goes into it, for each term of the common draw; its hidden sums, for each layer
    inputs: layers.flatMap(() => [0, 1, 2]).map(() => next(profile.entries, profile.logScale + 2)),
    sums: layers.map(() => network.hidden.map(({ sums, width }) => next(sums, width))),
  };
  return { ...made, size: end, rows: Math.ceil(end / profile.n) };
}

/** Rounding of a shift: `2^(e - 1)`, or 0. */
export const half = (e) => (e === 0 ? 0n : 1n << BigInt(e - 1));

