// Signed notes, their keys, and checkpoints as their text (c2sp.org/signed-note, tlog-checkpoint, tlog-cosignature).
import { compare, fromBase64, fromHex, join, toHex, utf8 } from "../verifier/bytes.js";
import { isPrintable } from "../verifier/claimed.js";
import { sha256 } from "../verifier/sha256.js";
import { Refused, Unseen } from "./errors.js";
import { byEd25519 } from "./signatures.js";

const MAX_BYTES = 1 << 18;
const LAST = 253402300799n; // the last second that can be written as a date
const LINE = /^\u2014 ([^\s\x85+]+) ([A-Za-z0-9+/=]+)$/;
/** Types of keys: what they are, bytes of a key, bytes of a signature. */
const TYPES = { 1: ["log", 32, 64], 4: ["witness", 32, 72], 6: ["ML-DSA-44", 1312, 2428] };

export function refuse(detail) {
  throw new Refused("log-rejected", "log", detail);
}

/** An integer below 2^63 in decimal digits, without zeros in front. */
export function number(text, what) {
  if (!/^(?:0|[1-9][0-9]{0,18})$/.test(text) || BigInt(text) >= 1n << 63n) refuse(`${what} is no number`);
  return BigInt(text);
}

/** Bytes in base64, `length` of them if that is given. */
export function decoded(text, what, length) {
  const bytes = fromBase64(text);
  if (bytes === null || (length !== undefined && bytes.length !== length)) refuse(`${what} is not base64 of the right length`);
  return bytes;
}

const isOrigin = (text) => !/[\s\x85+]/.test(text) && isPrintable(text) && text !== "" && utf8(text).length <= 255;

/** {name, type, bytes, id} of a key in one line; null if it is none. `id`: eight hexadecimal digits. */
export function parseKey(text) {
  const [, name, id, data] = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]{4,3000})$/.exec(text) ?? [];
  const bytes = name !== undefined && isOrigin(name) ? fromBase64(data) : null;
  if (bytes === null || TYPES[bytes[0]]?.[1] !== bytes.length - 1) return null;
  const digest = sha256(utf8(`${name}\n`), bytes);
  return compare(digest.subarray(0, 4), fromHex(id)) === 0 ? { name, type: bytes[0], bytes: bytes.subarray(1), id } : null;
}

/** {text, lines} of a note; a line is {name, id, signature}. Nothing is checked yet. */
export function parseNote(bytes) {
  if (bytes.length > MAX_BYTES) refuse("the note is too long");
  let whole = "";
  try {
    whole = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    refuse("a note is text in UTF-8, and this is not");
  }
  const gap = whole.lastIndexOf("\n\n");
  if (gap < 0 || gap + 2 === whole.length || !whole.endsWith("\n") || /[\x00-\x09\x0b-\x1f]/.test(whole)) {
    refuse("a note is a text, an empty line, and lines with signatures");
  }
  const lines = whole.slice(gap + 2, -1).split("\n").map((line) => {
    const [, name, data] = LINE.exec(line) ?? refuse("a line of the note is no signature");
    const found = decoded(data, "a signature");
    if (found.length < 5) refuse("a signature of fewer than 5 bytes");
    return { name, id: toHex(found.subarray(0, 4)), signature: found.subarray(4) };
  });
  return { text: whole.slice(0, gap + 1), lines };
}

/** {origin, size, root} of a checkpoint; null if the text is none. */
function readCheckpoint(text) {
  const lines = text.split("\n");
  if (lines.length < 4 || lines.at(-1) !== "" || lines.slice(0, -1).includes("")) return null;
  const [origin, size, root] = lines;
  return isOrigin(origin) ? { origin, size: number(size, "the size of the tree"), root: decoded(root, "the root", 32) } : null;
}

export const parseCheckpoint = (text) => readCheckpoint(text) ?? refuse("a checkpoint has three lines: origin, size, root");

/** Which of these keys signed the text, and when: Map from keys to seconds since 1970, 0 for those that do not say it.
 *  Signatures of other keys are left out; that of one of these must hold. */
export async function times({ text, lines }, keys) {
  const found = new Map();
  for (const { name, id, signature } of lines) {
    const key = keys.findLast((key) => key.name === name && key.id === id);
    if (key === undefined) continue;
    const time = await timeOf(key, text, signature);
    if (time === null) refuse(`the signature of ${key.name} does not hold`);
    found.set(key, Math.min(time, found.get(key) ?? time));
  }
  return found;
}

async function timeOf({ name, type, bytes }, text, signature) {
  const [what, , length] = TYPES[type];
  if (signature.length !== length) return null;
  if (what === "log") return (await byEd25519(bytes, signature, utf8(text))) ? 0 : null;
  if (what !== "witness") throw new Unseen(`${name} signs with ML-DSA-44, which no browser checks`);
  const time = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0);
  if (time > LAST) return null;
  parseCheckpoint(text);
  const message = join([utf8(`cosignature/v1\ntime ${time}\n`), utf8(text)]);
  return (await byEd25519(bytes, signature.subarray(8), message)) ? Number(time) : null;
}
