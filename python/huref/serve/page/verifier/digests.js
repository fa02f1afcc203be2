// The names of a bundle: its content digest, and the digest of its file as huref writes it.

import { toHex, utf8 } from "./bytes.js";
import { canonical } from "./json.js";
import { COMMITMENT } from "./kinds.js";
import { sha256 } from "./sha256.js";

/** The order in which huref writes the fields of objects: no name has two places. */
const ORDER =
  "mediaType statement claims proof image attestations version protocol commitment draws draw theirs answer context id " +
  "profile shape tokens scheme hiding rows hidden heads kvHeads headDim ffn layers count digest list kind cosines cosine " +
  "pair commitments network beacon seed vectors shifts scales vectorScales owner audience nonce modelName modelLayers files " +
  "prover provedAt theirBundle png rgbSha256 renderer generatorSha256";
const PLACES = new Map(ORDER.split(" ").map((name, place) => [name, place]));

const digest = (text) => toHex(sha256(utf8(text)));

/** Over statement, proof and, of a bundle, image, in which the commitment stands by its id. */
export function contentDigest(document, id) {
  const statement = new Map(document.get("statement"));
  statement.set("commitment", new Map([["mediaType", COMMITMENT], ["id", id]]));
  const others = ["proof", "image"].filter((key) => document.has(key)).map((key) => [key, document.get(key)]);
  return digest(canonical(new Map([["statement", statement], ...others])));
}

/** Over the file of a bundle, claims included, or of a commitment, whatever white space and order of fields this one has. */
export function fileDigest(document) {
  const files = document.get("claims")?.get("files");
  const points = (name) => Array.from(name, (character) => character.codePointAt(0));
  const before = (a, b) => {
    const at = a.findIndex((point, i) => point !== b[i]);
    return at < 0 ? -1 : at >= b.length ? 1 : a[at] - b[at];
  };
  const ordered = (fields) =>
    fields === files
      ? [...fields].sort(([a], [b]) => before(points(a), points(b)))
      : [...fields].sort(([a], [b]) => PLACES.get(a) - PLACES.get(b));
  const lines = ordered(document).map(([name, value]) => `  "${name}": ${canonical(value, ordered)}`);
  return digest(`{\n${lines.join(",\n")}\n}\n`);
}
