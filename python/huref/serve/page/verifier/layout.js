// The bit string: which integers stand where (specification, "commitments").

/** `count` integers of `width` bits each, from bit `start` on. */
function group(start, count, width) {
  return { start, count, width, end: start + count * width };
}

/** Where the integers of a statement stand in its bit string, and how many rows this has. */
export function layout(profile, bounds, statement, network) {
  const shifts = statement.outputs.flatMap((drawn) => drawn.e);
  const groups = statement.draws.length * statement.shape.layers.length;
  let end = 0;
  const next = (count, width) => {
    const integers = group(end, count, width);
    end = integers.end;
    return integers;
  };
  const layers = network === null ? [] : statement.shape.layers;
  const made = {
    sketches: shifts.map((e) => next(profile.entries, e + profile.qBits)),
    slackLo: next(shifts.length, profile.slackBits),
    slackHi: next(shifts.length, profile.slackBits),
    rem: next(groups * profile.outputs, profile.fractionBits),
    cLo: next(groups, bounds.cLoBits),
    cHi: next(groups, bounds.cHiBits),
    z: next(profile.projectionZ, bounds.zBits),
    norm: next(1, bounds.normBits),
    // of a network: what goes into it, for each term of the common draw; its hidden sums, for each layer
    inputs: layers.flatMap(() => [0, 1, 2]).map(() => next(profile.entries, profile.logScale + 2)),
    sums: layers.map(() => network.hidden.map(({ sums, width }) => next(sums, width))),
  };
  return { ...made, size: end, rows: Math.ceil(end / profile.n) };
}

/** Rounding of a shift: `2^(e - 1)`, or 0. */
export const half = (e) => (e === 0 ? 0n : 1n << BigInt(e - 1));

