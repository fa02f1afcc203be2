// The generators of row commitments (specification, "encodings"): derived, or taken from a cache and checked.

import { compare, join, utf8 } from "./bytes.js";
import { ensure } from "./errors.js";
import { Sha256 } from "./sha256.js";

const LABEL = "huref/generators/v1/";

/** Takes the generators G_0 .. G_(n-1), H, U of a profile into the engine: their numbers, in this order.
 *  `cache`: {get(name), put(name, bytes)} for their coordinates. What it holds is checked. */
export async function generators(engine, profile, cache, pause) {
  const kept = await cache?.get(profile.generators);
  const known = kept === undefined ? null : read(engine, profile, kept);
  if (known !== null) return known;
  const count = profile.n + 2;
  const numbers = [];
  const hash = new Sha256();
  for (let i = 0; i < count; i++) {
    numbers.push(i < profile.n ? derive(engine, "G", i, hash) : derive(engine, i === profile.n ? "H" : "U", 0, hash));
    if (i % 256 === 0) await pause(i, count);
  }
  ensure(compare(hash.digest(), profile.generatorsDigest) === 0, "generators");
  await cache?.put(profile.generators, join(numbers.map((number) => engine.affine(number))));
  return numbers;
}

/** The generators that a cache holds; null unless they are those of the profile. Both coordinates are there: the digest
 *  is over x alone, and y is even. */
function read(engine, profile, bytes) {
  if (bytes.length !== 64 * (profile.n + 2)) return null;
  const hash = new Sha256();
  const numbers = [];
  for (let at = 0; at < bytes.length; at += 64) {
    const point = bytes.subarray(at, at + 64);
    if (point[63] & 1) return null;
    hash.update(EVEN).update(point.subarray(0, 32));
    numbers.push(engine.addAffine(point));
    if (numbers.at(-1) < 0) return null;
  }
  return compare(hash.digest(), profile.generatorsDigest) === 0 ? numbers : null;
}

const EVEN = Uint8Array.of(2);
const tried = new Sha256();

/** The generator of a label and an index; its encoding goes into the hash. */
function derive(engine, label, index, hash) {
  const message = join([utf8(LABEL + label), new Uint8Array(8)]);
  const numbers = new DataView(message.buffer, message.length - 8);
  numbers.setUint32(0, index);
  const encoding = new Uint8Array(33);
  encoding[0] = 2; // y is even
  for (let counter = 0; ; counter++) {
    numbers.setUint32(4, counter);
    tried.restart().update(message).digest(encoding, 1);
    const number = engine.add(encoding);
    if (number < 0) continue;
    hash.update(encoding);
    return number;
  }
}
