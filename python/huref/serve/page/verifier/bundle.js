// A bundle: statement, claims, proof and image in one strict JSON file. Checks the form of everything and the proof of
// nothing (proofs/schemas/bundle.v2.json). What a nearness file has in common with it is read here, too.

import { compare, toHex } from "./bytes.js";
import { printable, readClaims } from "./claimed.js";
import { readCommitment } from "./commitment.js";
import { contentDigest, fileDigest } from "./digests.js";
import { LISTS, seed } from "./draws.js";
import { NotJudged } from "./errors.js";
import { COMMITMENT } from "./kinds.js";
import { PROFILES } from "./profile.js";
import { portraitVector } from "./vector.js";

const VERSION = 2;
const NONE = new Uint8Array(0);
const NOBODY = { owner: "", audience: "", nonce: NONE };

/** {version, statement, claims, proof, image, vector, digests} of a file that was opened. `commitments`: among them that
 *  of a bundle which names it by its id alone. `vector`: that of the portrait, or null. Raises `NotJudged`. */
export function readBundle({ document, fields }, commitments) {
  const statement = readStatement(fields.fields("statement"), commitments);
  const claims = readClaims(fields.fields("claims"));
  const proof = fields.base64("proof");
  const vector = portraitVector(statement);
  const image = document.get("image") === null ? fields.value("image") : readImage(fields.fields("image"));
  if (image !== null && vector === null) fields.refuse("field 'image' must be null where there is no portrait");
  if (fields.list("attestations").length > 0) fields.refuse("field 'attestations' must be an empty list");
  fields.done();
  const digests = { sha256: contentDigest(document, statement.id), fileSha256: fileDigest(document) };
  return { version: VERSION, statement, claims, proof, image, vector, digests };
}

/** Refuses a version or protocol that is not the expected one. */
export function known(value, expected) {
  if (value === expected) return;
  throw new NotJudged("unsupported-version", `Version or protocol ${JSON.stringify(value)} is not known here.`);
}

function readStatement(fields, commitments) {
  known(fields.integer("version", 0, 2 ** 32 - 1), VERSION);
  const protocol = fields.text("protocol");
  const commitment = readCommitted(fields.fields("commitment"), commitments);
  const profile = PROFILES.get(commitment.profile);
  known(protocol, profile.protocol);
  const draws = [];
  const outputs = [];
  for (const draw of fields.objects("draws")) {
    draws.push(readDraw(draw, commitment.id));
    outputs.push(readOutputs(draw, profile, commitment.shape.layers.length));
    draw.done();
  }
  if (!LISTS.includes(draws.map((draw) => draw.kind).join(" "))) {
    fields.refuse("field 'draws' must hold common, own, challenge, custom, or common or custom and own");
  }
  const context = readContext(fields);
  fields.done();
  return { ...commitment, draws, outputs, context };
}

/** The commitment of a statement; where it is named by its id alone, that one of those given. */
export function readCommitted(fields, commitments) {
  fields.mustBe("mediaType", COMMITMENT);
  return fields.has("rows") ? readCommitment(fields) : referred(fields, commitments);
}

/** The commitment of which a bundle holds the id alone. */
function referred(fields, commitments) {
  const id = toHex(fields.hex("id", 32));
  fields.done();
  const found = commitments.find((commitment) => commitment.id === id);
  if (found === undefined) {
    const why = `The bundle names commitment ${id} by its id alone; the commitment's file is needed too.`;
    throw new NotJudged("usage", why);
  }
  return found;
}

/** A draw of a statement about the commitment of that id; its outputs may follow. */
export function readDraw(fields, id) {
  const kind = fields.text("kind");
  if (kind === "common") return { kind, beacon: NONE, other: NONE };
  if (kind === "custom") return { kind, beacon: NONE, other: NONE, id: fields.hex("network", 32), network: null };
  if (kind !== "own" && kind !== "challenge") {
    fields.refuse("field 'kind' must be common, own, challenge or custom");
  }
  const own = id.match(/../g).map((digits) => parseInt(digits, 16));
  const draw = { kind, beacon: NONE, other: kind === "challenge" ? readOther(fields, Uint8Array.from(own)) : NONE };
  if (kind === "challenge" || fields.has("beacon")) {
    draw.beacon = fields.hex("beacon");
    if (draw.beacon.length < 32 || draw.beacon.length > 64) fields.refuse("field 'beacon' must hold 32 to 64 bytes");
  }
  if (compare(fields.hex("seed", 32), seed(draw, Uint8Array.from(own))) !== 0) {
    fields.refuse("field 'seed' is not the one that follows from commitment and beacon");
  }
  return draw;
}

/** The commitment of a challenge that is not the statement's own. */
function readOther(fields, own) {
  const [a, b] = fields.hexes("commitments", 2);
  if (a.length !== 32 || b.length !== 32 || compare(a, b) >= 0) {
    fields.refuse("field 'commitments' must hold two different ids of 32 bytes in ascending order");
  }
  if (compare(a, own) === 0) return b;
  if (compare(b, own) !== 0) fields.refuse("field 'commitments' does not name the commitment of this statement");
  return a;
}

function readOutputs(fields, profile, layers) {
  const top = 2 ** profile.zFractionBits * profile.outputs;
  return {
    z: fields.vectors("vectors", -top, top, layers, profile.outputs).flat(),
    e: fields.integers("shifts", 0, 223, 3 * layers),
    a: fields.integers("scales", 1, 1 << 22, 3 * layers),
    c: fields.integers("vectorScales", 1, 2 ** 40 - 1, layers),
  };
}

/** The context of a statement, if it has one. Its grammar is the proof's to check. */
export function readContext(statement) {
  if (!statement.has("context")) return NOBODY;
  const fields = statement.fields("context");
  const texts = ["owner", "audience"].filter((key) => fields.has(key)).map((key) => [key, fields.text(key)]);
  if (texts.some(([, text]) => text === "" || [...text].length > 600)) {
    fields.refuse("fields 'owner' and 'audience' must have 1 to 600 characters, or be left out");
  }
  const nonce = fields.has("nonce") ? fields.hex("nonce") : NONE;
  if (texts.length === 0 && nonce.length === 0) fields.refuse("a context that names nothing must be left out");
  fields.done();
  return { ...NOBODY, ...Object.fromEntries(texts), nonce };
}

function readImage(fields) {
  const generator = fields.has("generatorSha256") ? toHex(fields.hex("generatorSha256", 32)) : null;
  const image = {
    generator,
    png: fields.base64("png"),
    rgbSha256: toHex(fields.hex("rgbSha256", 32)),
    renderer: printable(fields, "renderer"),
  };
  if (/[^ -~]/.test(image.renderer)) fields.refuse("field 'renderer' must be ASCII");
  if ((generator !== null) !== (image.renderer === "huref/stylegan2/v1")) {
    fields.refuse("field 'generatorSha256' must be there for images by stylegan2, and nowhere else");
  }
  fields.done();
  return image;
}
