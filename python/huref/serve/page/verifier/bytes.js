// Byte strings: their spellings as text, of which each has exactly one, and the encodings of the specification.

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const SIX = new Int8Array(128).fill(-1);
for (let i = 0; i < 64; i++) SIX[ALPHABET.charCodeAt(i)] = i;
const UTF8 = new TextEncoder();

/** The bytes of a text in UTF-8. */
export const utf8 = (text) => UTF8.encode(text);

/** The bytes of canonical base64; null for every other text. */
export function fromBase64(text) {
  if (text.length % 4 !== 0) return null;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const digits = text.length - padding;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let held = 0;
  let bits = 0;
  let at = 0;
  for (let i = 0; i < digits; i++) {
    const code = text.charCodeAt(i);
    const six = code < 128 ? SIX[code] : -1;
    if (six < 0) return null;
    held = ((held << 6) | six) & 0xffff;
    bits += 6;
    if (bits >= 8) bytes[at++] = held >>> (bits -= 8);
  }
  return held & ((1 << bits) - 1) ? null : bytes; // what is left over must be zero
}

/** The bytes of hexadecimal digits in lower case; null for every other text. */
export function fromHex(text) {
  if (text.length % 2 !== 0 || /[^0-9a-f]/.test(text)) return null;
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

/** Bytes as hexadecimal digits. */
export const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Bytes as base64. */
export function toBase64(bytes) {
  let text = "";
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(text);
}

/** One byte string behind the other. */
export function join(parts) {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Below, at or above 0 as byte string a comes before b, is b, or comes after it. */
export function compare(a, b) {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
}

/** The integer of big-endian bytes. */
export const toInteger = (bytes) => (bytes.length === 0 ? 0n : BigInt(`0x${toHex(bytes)}`));

/** An integer in `length` bytes, big-endian. Negative ones in two's complement. */
export function fromInteger(value, length) {
  const digits = BigInt.asUintN(8 * length, BigInt(value)).toString(16).padStart(2 * length, "0");
  return fromHex(digits);
}

export const u8 = (value) => Uint8Array.of(value);
export const u32 = (value) => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
export const i32 = u32; // the same four bytes in two's complement
export const u64 = (value) => fromInteger(value, 8);

/** A byte string behind its length. */
export const text = (bytes) => join([u32(bytes.length), bytes]);
