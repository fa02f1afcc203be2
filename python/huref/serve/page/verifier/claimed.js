// What a prover says outside the proof. Nothing binds it.

const TEXT = 200;
const FILES = 1024;

/** No control characters, no direction marks, no half characters: people will read it. */
export const isPrintable = (text) => !/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u.test(text);

const isText = (text) => text !== "" && [...text].length <= TEXT && isPrintable(text);
const isFileName = (name) => isText(name) && name !== "." && name !== ".." && !/[/\\:]/.test(name);

/** A text of a field that people can read. */
export function printable(fields, key) {
  const value = fields.text(key);
  if (!isText(value)) fields.refuse(`field '${key}' must have 1 to ${TEXT} printable characters`);
  return value;
}

function isTime(text) {
  if (!/^(?!0000)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text)) return false;
  const time = new Date(text);
  return !Number.isNaN(time.getTime()) && time.toISOString() === text.replace("Z", ".000Z");
}

/** The claims of these fields; `files` is a Map from names to digests. */
export function readClaims(fields) {
  const files = fields.value("files");
  if (!(files instanceof Map) || files.size > FILES) {
    fields.refuse(`field 'files' must be an object with at most ${FILES} fields`);
  }
  for (const [name, digest] of files) {
    if (!isFileName(name)) fields.refuse("field 'files' has a name that is none of a file");
    const right = typeof digest === "string" && /^[0-9a-f]{64}$/.test(digest);
    if (!right) fields.refuse("field 'files' must hold SHA-256 digests");
  }
  const claims = {
    modelName: printable(fields, "modelName"),
    modelLayers: fields.integer("modelLayers", 1, 1 << 16),
    files,
    prover: printable(fields, "prover"),
    provedAt: fields.text("provedAt"),
  };
  if (!isTime(claims.provedAt)) fields.refuse("field 'provedAt' must be a time such as 2026-01-31T12:00:00Z");
  fields.done();
  return claims;
}
