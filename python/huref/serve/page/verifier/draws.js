// Draws: where the public matrices P, Q and R come from (specification, "draws" and "fingerprint").

import { compare, utf8 } from "./bytes.js";
import { ensure } from "./errors.js";
import { P } from "./field.js";
import { shake } from "./keccak.js";
import { sha256 } from "./sha256.js";

export const LISTS = ["common", "own", "challenge", "common own", "custom", "custom own"];
const CUSTOM = utf8("huref/custom/encoder/cnn");
const isBeacon = (bytes) => 32 <= bytes.length && bytes.length <= 64;

/** Refuses (`draws`) every list of draws but these, by default those of a fingerprint. */
export function checkDraws(draws, lists = LISTS) {
  const right = ({ kind, beacon, other, network }) => {
    if (kind !== "custom" && network !== undefined) return false;
    if (kind === "challenge") return isBeacon(beacon) && other.length === 32;
    return other.length === 0 && (beacon.length === 0 || (kind === "own" && isBeacon(beacon)));
  };
  ensure(lists.includes(draws.map((draw) => draw.kind).join(" ")) && draws.every(right), "draws");
}

/** The seed of a draw in a statement about the commitment of id `own`; empty where P and Q are the same for every model. */
export function seed({ kind, beacon, other }, own) {
  if (kind === "common" || kind === "custom") return new Uint8Array(0);
  if (kind === "own") return sha256(utf8("huref/own-seed/v1"), own, beacon);
  const ids = compare(own, other) < 0 ? [own, other] : [other, own];
  return sha256(utf8("huref/challenge-seed/v1"), ...ids, beacon);
}

/** What P, Q and R of a draw are read from: {labels, seed}; `network`: id of the network that stands in R's place, or null. */
export function streams(draw, profile, own) {
  if (draw.kind === "custom") {
    return { labels: { ...profile.common, encoder: CUSTOM }, seed: seed(draw, own), network: draw.id };
  }
  if (draw.kind !== "common") return { labels: profile.fresh, seed: seed(draw, own), network: null };
  return { labels: profile.common, seed: seed(draw, own), network: profile.network };
}

/** How many tokens P has, and how many Q. */
export function sides(tokens, { labels, seed }) {
  const right = tokens.reduce((count, token) => count + (shake(labels.sketch, seed, token).read(1)[0] & 1), 0);
  return [tokens.length - right, right];
}

/** P and Q of a draw: for each token its side (0 for P, 1 for Q) and its codes, and of each side the number of tokens
 *  and the sums of the rows of P0 or Q0. Refuses (`shape`) a side without tokens. */
export function sketchMatrices(tokens, profile, { labels, seed }) {
  const r = profile.sketch;
  const counts = [0, 0];
  const sums = [new Int32Array(r), new Int32Array(r)];
  const columns = tokens.map((token) => {
    const bytes = shake(labels.sketch, seed, token).read(1 + Math.floor((r + 3) / 4));
    const side = bytes[0] & 1;
    const codes = Int8Array.from({ length: r }, (_, i) => {
      const code = (bytes[1 + (i >> 2)] >> (2 * (i & 3))) & 3;
      return code === 2 ? 1 : code === 3 ? -1 : 0;
    });
    counts[side]++;
    codes.forEach((code, i) => (sums[side][i] += code));
    return { side, codes };
  });
  ensure(counts[0] > 0 && counts[1] > 0, "shape", "One side of a sketch has no token.");
  return { columns, counts, sums };
}

/** P^T v (`side` 0) or Q^T v (`side` 1): a scalar for each token. */
export function sketched({ columns, counts, sums }, side, v) {
  const mean = v.reduce((total, scalar, i) => total + scalar * BigInt(sums[side][i]), 0n);
  const count = BigInt(counts[side]);
  return columns.map((column) => {
    if (column.side !== side) return 0n;
    let total = 0n;
    column.codes.forEach((code, i) => {
      if (code === 1) total += v[i];
      else if (code === -1) total -= v[i];
    });
    const value = (count * total - mean) % P;
    return value < 0n ? value + P : value;
  });
}
