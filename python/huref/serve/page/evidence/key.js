// A publisher's public key, in the PEM file that `huref attest key` or openssl writes.
import { compare, fromBase64, fromHex, toBase64, toHex, utf8 } from "../verifier/bytes.js";
import { sha256 } from "../verifier/sha256.js";
import { Unseen } from "./errors.js";
import { byKey } from "./signatures.js";

/** What SubjectPublicKeyInfo begins with, and how many bytes follow. */
const KINDS = [
  ["ed25519", fromHex("302a300506032b6570032100"), 32],
  ["p256", fromHex("3059301306072a8648ce3d020106082a8648ce3d03010703420004"), 64],
];

/** {name, hint, signed}: how reports and attestations name the key; whether it made a signature over bytes. */
export function parsePem(bytes) {
  const text = new TextDecoder().decode(bytes);
  const [, body] = /^-----BEGIN PUBLIC KEY-----\n([A-Za-z0-9+/=\s]+)\n-----END PUBLIC KEY-----\s*$/.exec(text.replaceAll("\r", "")) ?? [];
  const spki = body === undefined ? null : fromBase64(body.replace(/\s/g, ""));
  const [kind, start] = KINDS.find(([, head, more]) => {
    return spki?.length === head.length + more && compare(spki.subarray(0, head.length), head) === 0;
  }) ?? [];
  if (kind === undefined) throw new Unseen("the key is none of Ed25519 or P-256 in PEM, which this page can check");
  const pem = `-----BEGIN PUBLIC KEY-----\n${toBase64(spki).replace(/.{64}(?=.)/g, "$&\n")}\n-----END PUBLIC KEY-----\n`;
  const hint = toHex(sha256(utf8(pem)));
  return {
    name: kind === "ed25519" ? `ed25519:${toHex(spki.subarray(start.length))}` : `p256:${hint}`,
    hint,
    async signed(signature, message) {
      const plain = kind === "ed25519" ? signature : integers(signature);
      return plain !== null && (await byKey(kind, spki, plain, message));
    },
  };
}

/** r and s of an ECDSA signature in DER, 32 bytes each; null if it is none. */
function integers(der) {
  if (der[0] !== 0x30 || der[1] !== der.length - 2 || der.length > 72) return null;
  const out = new Uint8Array(64);
  let at = 2;
  for (const end of [32, 64]) {
    const length = der[at + 1], value = der.subarray(at + 2, at + 2 + length);
    if (der[at] !== 2 || value.length !== length || length === 0 || value[0] & 0x80) return null;
    if (length > 1 && value[0] === 0 && !(value[1] & 0x80)) return null;
    const short = value[0] === 0 ? value.subarray(1) : value;
    if (short.length > 32) return null;
    out.set(short, end - short.length);
    at += 2 + length;
  }
  return at === der.length ? out : null;
}
