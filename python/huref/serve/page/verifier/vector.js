// The vector of a portrait: a public function of the common vectors (specification, "fingerprint").

import { i32, join, toHex } from "./bytes.js";
import { scaleTarget } from "./bounds.js";
import { isqrt } from "./field.js";
import { PROFILES } from "./profile.js";
import { sha256 } from "./sha256.js";

/** Portraits take vectors of this length; a profile with another one has no image. */
const OUTPUTS = 512;

/** The one vector of all layers of the common draw; null where there is none or the layers cancel. */
export function commonVector({ profile: name, draws, outputs }) {
  const at = draws.findIndex((draw) => draw.kind === "common");
  if (at < 0) return null;
  const profile = PROFILES.get(name);
  const m = profile.outputs;
  const sums = Array(m).fill(0n);
  outputs[at].z.forEach((z, i) => (sums[i % m] += BigInt(z)));
  const total = sums.reduce((sum, y) => sum + y);
  const centred = sums.map((y) => BigInt(m) * y - total);
  const squares = centred.reduce((sum, f) => sum + f * f, 0n);
  if (squares === 0n) return null;
  const c = isqrt(scaleTarget(profile) / squares);
  const w = BigInt(profile.fractionBits);
  return centred.map((f) => Number((c * f + (1n << (w - 1n))) >> w));
}

/** The vector of a statement's portrait, or null. */
export function portraitVector(statement) {
  const vector = commonVector(statement);
  return vector !== null && vector.length === OUTPUTS ? vector : null;
}

/** The name of a vector: SHA-256, in hexadecimal digits, over its entries as i32. */
export const vectorDigest = (vector) => toHex(sha256(join(vector.map(i32))));
