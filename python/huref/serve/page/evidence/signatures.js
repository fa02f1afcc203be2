// Signatures, checked by the browser (WebCrypto).
import { Unseen } from "./errors.js";

async function holds(format, key, algorithm, signature, message) {
  const { subtle } = crypto; // browsers leave it out on pages that came over an unsafe connection
  if (subtle === undefined) throw new Unseen("this browser checks no signatures on this page");
  let imported;
  try {
    imported = await subtle.importKey(format, key, algorithm, false, ["verify"]);
  } catch (why) {
    if (why.name === "NotSupportedError") throw new Unseen(`this browser knows no signatures by ${algorithm.name}`);
    return false;
  }
  return subtle.verify({ ...algorithm, hash: "SHA-256" }, imported, signature, message);
}

/** Whether an Ed25519 key of 32 bytes made this signature of 64. */
export const byEd25519 = (key, signature, message) => holds("raw", key, { name: "Ed25519" }, signature, message);

/** Whether a key in SubjectPublicKeyInfo made this signature: Ed25519, or ECDSA over P-256 as r and s. */
export function byKey(kind, spki, signature, message) {
  const algorithm = kind === "ed25519" ? { name: "Ed25519" } : { name: "ECDSA", namedCurve: "P-256" };
  return holds("spki", spki, algorithm, signature, message);
}
