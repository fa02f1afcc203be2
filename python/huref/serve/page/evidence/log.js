// What a log shows about a bundle: that the log has it, or its commitment, and since when (c2sp.org/tlog-proof).
import { compare, utf8 } from "../verifier/bytes.js";
import { sha256 } from "../verifier/sha256.js";
import { decoded, number, parseCheckpoint, parseNote, refuse, times } from "./note.js";
import { counted, isMet, parsePolicy } from "./policy.js";

const LABEL = "c2sp.org/tlog-proof@v1";
const MOST_STEPS = 63;
const MAX_BYTES = (1 << 18) + (1 << 14);

/** {index, path, note} of a proof. Extra data, which nobody signed, is left out. */
function parseProof(bytes) {
  if (bytes.length > MAX_BYTES) refuse("the proof is too long");
  const gap = bytes.findIndex((byte, i) => byte === 10 && bytes[i + 1] === 10);
  const lines = gap < 0 ? [] : String.fromCharCode(...bytes.subarray(0, gap)).split("\n");
  if (lines.shift() !== LABEL) refuse(`a proof begins with the line ${LABEL}`);
  if (lines[0]?.startsWith("extra ")) decoded(lines.shift().slice(6), "extra data");
  if (!lines[0]?.startsWith("index ")) refuse("a proof names the index of its entry");
  const index = number(lines.shift().slice(6), "the index");
  if (lines.length > MOST_STEPS) refuse(`a proof of more than ${MOST_STEPS} steps`);
  return { index, path: lines.map((line) => decoded(line, "a step", 32)), note: parseNote(bytes.subarray(gap + 2)) };
}

/** Whether a tree has this leaf hash at that index, by this path (RFC 9162). */
function isIncluded(leaf, index, size, path, root) {
  if (index >= size) return false;
  let [at, last, found] = [index, size - 1n, leaf];
  for (const step of path) {
    if (last === 0n) return false;
    if (at & 1n || at === last) {
      found = sha256(Uint8Array.of(1), step, found);
      while (!(at & 1n) && at > 0n) [at, last] = [at >> 1n, last >> 1n];
    } else found = sha256(Uint8Array.of(1), found, step);
    [at, last] = [at >> 1n, last >> 1n];
  }
  return last === 0n && compare(found, root) === 0;
}

/** What a log's proof shows about the bundle of a report, under a policy, as a report has it. Raises `Refused`; `Unseen`
 *  if this browser cannot tell. */
export async function logged({ bundle, verified: { commitment, vectorDigest } }, proofBytes, policyBytes) {
  const policy = parsePolicy(policyBytes);
  const { index, path, note } = parseProof(proofBytes);
  const { origin, size, root } = parseCheckpoint(note.text);
  const logs = policy.logs.filter((key) => key.name === origin);
  if (logs.length === 0) refuse(`the proof is of log ${origin}, which the policy does not know`);
  const found = await times(note, [...logs, ...policy.witnesses.values()]);
  if (!logs.some((key) => found.has(key))) refuse(`log ${origin} did not sign this with a key that the policy knows`);
  const cosigned = [...policy.witnesses].filter(([, key]) => found.get(key) > 0).map(([name]) => name);
  if (!isMet(policy, cosigned)) refuse(`${cosigned.length} of ${policy.witnesses.size} witnesses cosigned, which are no quorum`);
  const entries = [["bundle", bundle.sha256, vectorDigest], ["bundle", bundle.sha256], ["commitment", commitment]];
  const entry = entries.find((lines) => {
    const text = ["huref/registry-entry/v1", ...lines.filter((line) => line !== undefined), ""].join("\n");
    return isIncluded(sha256(Uint8Array.of(0), utf8(text)), index, size, path, root);
  });
  if (entry === undefined) refuse("the proof is about another entry, or the log does not have it");
  const names = counted(policy);
  const keys = names.filter((name) => cosigned.includes(name)).map((name) => policy.witnesses.get(name));
  const latest = Math.max(...keys.map((key) => found.get(key)));
  return {
    what: entry[0],
    log: origin,
    index: Number(index),
    size: Number(size),
    witnesses: keys.map((key) => key.name),
    known: names.length,
    ...(keys.length > 0 ? { by: new Date(1000 * latest).toISOString().replace(".000Z", "Z") } : {}),
  };
}
