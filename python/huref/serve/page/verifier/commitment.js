// The object of a commitment, in a bundle or as a file of its own.

import { bounds } from "./bounds.js";
import { toHex } from "./bytes.js";
import { NotJudged, Rejected } from "./errors.js";
import { PROFILES } from "./profile.js";
import { commitmentRows } from "./statement.js";
import { commitmentId, tokenDigest } from "./wire.js";
import { COMMITMENT, opened } from "./kinds.js";

const LAYERS = 1 << 16;

/** {id, profile, shape, rows} of these fields, which are behind the media type; they may not contradict themselves. */
export function readCommitment(fields) {
  const id = fields.hex("id", 32);
  const name = fields.text("profile");
  const profile = PROFILES.get(name);
  if (profile === undefined) {
    throw new NotJudged("unsupported-version", "The profile is not known here, or its fingerprints cannot be proved.");
  }
  const shape = readShape(fields.fields("shape"), readTokens(fields.fields("tokens")));
  try {
    bounds(shape, profile);
  } catch (why) {
    if (!(why instanceof Rejected)) throw why;
    fields.refuse(`no statement has this shape (${why.message})`);
  }
  fields.mustBe("scheme", "pedersen-rows-secp256k1");
  fields.mustBe("hiding", true);
  const count = commitmentRows(shape, profile).reduce((sum, rows) => sum + rows, 0);
  const rows = fields.base64("rows", 33 * count);
  fields.done();
  const commitment = { id: toHex(id), profile: name, shape, rows };
  if (toHex(commitmentId(commitment)) !== commitment.id) {
    fields.refuse("field 'id' is not that of profile, shape, tokens and rows");
  }
  return commitment;
}

/** The commitment of a file of its own. */
export const parseCommitment = (bytes) => readCommitment(opened(bytes, COMMITMENT).fields);

function readTokens(fields) {
  const count = fields.integer("count", 1, LAYERS);
  const digest = toHex(fields.hex("digest", 32));
  const tokens = fields.hexes("list", count);
  fields.done();
  if (toHex(tokenDigest(tokens)) !== digest) fields.refuse("field 'digest' is not that of the list");
  return tokens;
}

function readShape(fields, tokens) {
  const size = (name, most = 1 << 16) => fields.integer(name, 1, most);
  const shape = {
    hidden: size("hidden"),
    heads: size("heads"),
    kvHeads: size("kvHeads"),
    headDim: size("headDim"),
    ffn: size("ffn", 1 << 24),
    layers: fields.integers("layers", 0, LAYERS - 1),
    tokens,
  };
  fields.done();
  return shape;
}
