// The profiles (specification, "statement"): what proofs/profiles has as JSON.

import { fromHex, utf8 } from "./bytes.js";

/** `network`: id of the network that encodes the common draw of this profile, in which all else is that of `name`. */
function profile(name, sizes, generators, network = null) {
  const label = (rest) => utf8(`huref/${name}/${rest}`);
  const labels = (part) => ({ sketch: label(`${part}sketch`), encoder: label(`${part}encoder/linear`) });
  const common = network ? { ...labels(""), encoder: label("encoder/cnn") } : labels("");
  const rules = {
    weightBits: 12,
    qBits: 27,
    logNorm: 26,
    logScale: 40,
    fractionBits: 64,
    zFractionBits: 12,
    slackBits: 70,
    maxLogA: 22,
    minLogC: 10,
    maxLogC: 40,
    ...sizes,
  };
  return {
    name: network ? `${name}-cnn` : name,
    protocol: network ? "huref/fingerprint/cnn/v2" : "huref/fingerprint/v2",
    /** Its id. */
    network: network && fromHex(network),
    ...rules,
    n: 2 ** rules.logN,
    /** Entries of a sketch. */
    entries: rules.sketch ** 2,
    yRows: Math.ceil(rules.projection ** 2 / 2 ** rules.logN),
    generators,
    generatorsDigest: fromHex(generators),
    common,
    fresh: labels("fresh/"),
  };
}

const ROBUST = [
  "robust-2",
  { logN: 15, tokens: 4096, sketch: 32, outputs: 512, projection: 256, projectionZ: 160, projectionLoss: 676 },
  "ae296cf46e37c5c592fd9edc653e852d94751ddfbec461326e1517b5ec6e9d8d",
];
const TOY = [
  "toy-2",
  { logN: 9, tokens: 64, sketch: 4, outputs: 8, projection: 16, projectionZ: 12, projectionLoss: 1 },
  "cadabaf7b9d8d8d725a6634863d492cf32521a2078289964006f6fd07fb63e61",
];

export const PROFILES = new Map(
  [
    profile(...ROBUST),
    profile(...ROBUST, "4e14de3150dd52ca01e546edae4dfb1ab2452276702a24f9fac4b9494e0a6584"),
    profile(...TOY),
    profile(...TOY, "ac900884dbc85c1fbe36f3cf99e59a4dbe55ba1075d2d05a541dbd2d4125d06c"),
  ].map((known) => [known.name, known]),
);

/** The numbers that the transcript absorbs, in its order. */
export function numbers(profile) {
  const names =
    "logN weightBits tokens sketch outputs qBits logNorm logScale fractionBits zFractionBits slackBits maxLogA " +
    "minLogC maxLogC projection projectionZ projectionLoss";
  return names.split(" ").map((name) => profile[name]);
}
