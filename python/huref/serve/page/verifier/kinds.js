// The kinds of files that are read here, by their media types.

import { NotJudged } from "./errors.js";
import { Fields } from "./fields.js";
import { parse, refuse } from "./json.js";

export const BUNDLE = "application/vnd.huref.bundle.v2+json";
export const NEARNESS = "application/vnd.huref.nearness.v1+json";
/** Its proofs are checked here (proof.js), its files are not read. */
const DRIFT = "application/vnd.huref.drift.v1+json";
export const COMMITMENT = "application/vnd.huref.commitment.v1+json";

/** The document of a file of one of these kinds, as a Map, its kind, and its fields behind the media type. */
export function opened(bytes, ...kinds) {
  if (bytes.length === 0) refuse("The file is empty.");
  const document = parse(bytes);
  const fields = new Fields(document, "The file");
  const found = fields.text("mediaType");
  if (found === DRIFT) {
    throw new NotJudged("unsupported-version", "The file says how far two models are apart; only `huref verify` reads it.");
  }
  if (!kinds.includes(found)) {
    const version = (kind) => new RegExp(`^${kind.replace(/[.+]/g, "\\$&").replace(/v\d/, "v\\d+")}$`);
    if (!kinds.some((kind) => version(kind).test(found))) refuse("The file is of another kind.");
    throw new NotJudged("unsupported-version", "The file is of a version that is not known here.");
  }
  return { document, kind: found, fields };
}
