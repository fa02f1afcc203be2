// A nearness file: statement, claims and proof in one strict JSON file. Checks the form of everything and the proof of
// nothing. And what a report says of one.

import { known, readCommitted, readContext, readDraw } from "./bundle.js";
import { toHex } from "./bytes.js";
import { readClaims } from "./claimed.js";
import { contentDigest, fileDigest } from "./digests.js";
import { ONE, PROTOCOL, VECTORS, VERSION, counts, intervals } from "./nearness.js";
import { PROFILES } from "./profile.js";
import { vectorDigest } from "./vector.js";

/** As `readBundle`; there is neither image nor portrait. */
export function readNearness({ document, fields }, commitments) {
  const statement = readStatement(fields.fields("statement"), commitments);
  const part = fields.fields("claims");
  const theirBundle = toHex(part.hex("theirBundle", 32));
  const claims = { ...readClaims(part), theirBundle };
  const proof = fields.base64("proof");
  fields.done();
  const digests = { sha256: contentDigest(document, statement.id), fileSha256: fileDigest(document) };
  return { version: VERSION, statement, claims, proof, image: null, vector: null, digests };
}

function readStatement(fields, commitments) {
  known(fields.integer("version", 0, 2 ** 32 - 1), VERSION);
  known(fields.text("protocol"), PROTOCOL);
  const commitment = readCommitted(fields.fields("commitment"), commitments);
  const { outputs, zFractionBits } = PROFILES.get(commitment.profile);
  const part = fields.fields("draw");
  const draw = readDraw(part, commitment.id);
  part.done();
  if (draw.kind !== "challenge") fields.refuse("field 'draw' must be a challenge");
  const top = 2 ** zFractionBits * outputs;
  const theirs = fields.vectors("theirs", -top, top, undefined, outputs);
  if (theirs.length < 1 || theirs.length > VECTORS) fields.refuse("field 'theirs' must hold 1 to 65536 vectors");
  const answer = readAnswer(fields.fields("answer"), theirs.length, commitment.shape.layers.length);
  const context = readContext(fields);
  fields.done();
  return { ...commitment, draws: [draw], theirs: theirs.flat(), answer, context };
}

function readAnswer(fields, vectors, layers) {
  const kind = fields.text("kind");
  const answer = { kind, cosines: [], pair: null };
  if (kind === "rounded") answer.cosines = fields.integers("cosines", -ONE, ONE, vectors * layers);
  else if (kind === "below" || kind === "at-least") answer.cosines = [fields.integer("cosine", 1, ONE)];
  else fields.refuse("field 'kind' must be rounded, below or at-least");
  if (kind === "at-least") {
    answer.pair = fields.integers("pair", 0, VECTORS, 2);
    if (answer.pair[0] >= vectors || answer.pair[1] >= layers) fields.refuse("field 'pair' must be places that exist");
  }
  fields.done();
  return answer;
}

/** What an accepted statement says; `sides` and `seed` are those of its challenge. */
export function shownNearness(statement, sides, seed) {
  const { shape, theirs, answer, draws: [{ beacon, other }], id } = statement;
  const profile = PROFILES.get(statement.profile);
  const said = intervals(statement, counts(statement, profile).pairs).map(({ vector, layer, sign, low, high }) => {
    const place = answer.pair === null ? vector : answer.pair[0];
    const ends = sign === null ? [-high[0], high[0]] : sign > 0 ? [low[0], high[0]] : [-high[0], -low[0]];
    const [from, to] = ends.map((end) => end / ONE);
    return { vector: place, layer: shape.layers[layer], low: from, high: answer.pair === null ? to : 1 };
  });
  return {
    answer: answer.kind,
    vectors: theirs.length / profile.outputs,
    digest: vectorDigest(theirs),
    intervals: said,
    seed: toHex(seed),
    beacon: toHex(beacon),
    commitments: [id, toHex(other)].sort(),
    sides,
  };
}
