// Bundles are checked in workers. A second one waits, so that a check that was cancelled can be followed by a new one
// with the network cut off.
import { inflate } from "./inflate.js";

const MOST_BYTES = 33554432; // of the default policy
const packed = document.getElementById("worker"); // where the page is one file

/** Whether the page is one file, which has no server. */
export const single = packed !== null;

function start() {
  if (!single) return new Worker("worker.js");
  const bytes = Uint8Array.from(atob(packed.textContent), (letter) => letter.charCodeAt(0));
  return new Worker(URL.createObjectURL(new Blob([inflate(bytes, Number(packed.dataset.size))], { type: "text/javascript" })));
}

const waiting = [start(), start()];

/** The outcome of a check that did not come to an end. */
export const unfinished = (detail) => ({ verdict: "Not verified", check: "", detail });

/** What the files are that were chosen: {bytes, commitments, networks, attestation, key, logProof, logPolicy}, of which `bytes`,
 *  those of the bundle, are there. Throws the outcome if they cannot be read, or are not one bundle and what belongs to it. */
export async function read(files) {
  if (files.some((file) => file.size > MOST_BYTES)) {
    throw unfinished(`The file has more than ${MOST_BYTES} bytes, so it was not read.`);
  }
  const contents = await Promise.all(files.map(async (file) => new Uint8Array(await file.arrayBuffer()))).catch(() => {
    throw unfinished("The file could not be read.");
  });
  const given = { commitments: [], networks: [] };
  for (const content of contents) {
    const kind = contents.length === 1 ? "bytes" : kindOf(content); // one file alone is to be a bundle
    if (kind === "commitments" || kind === "networks") given[kind].push(content);
    else if (given[kind] === undefined) given[kind] = content;
    else throw unfinished("Two of these files are of one kind. Choose one bundle, and what belongs to it.");
  }
  if (given.bytes === undefined) throw unfinished("None of these files is a bundle.");
  return given;
}

/** What a file is to be; whether it is that, is checked where it is used. */
function kindOf(bytes) {
  const text = new TextDecoder().decode(bytes);
  if (text.startsWith("c2sp.org/tlog-proof@")) return "logProof";
  if (text.startsWith("-----BEGIN ")) return "key";
  if (text.startsWith("huref/cnn/")) return "networks";
  try {
    const document = JSON.parse(text);
    if ("proof" in document) return "bytes";
    return String(document.mediaType).includes("sigstore") ? "attestation" : "commitments";
  } catch {
    return "logPolicy";
  }
}

/** Starts a check. `progress(stage, done, of)` is called meanwhile; `cancel()` ends it. `outcome` never rejects. */
export function check(given, progress) {
  const worker = waiting.pop() ?? start();
  let settle;
  const outcome = new Promise((resolve) => {
    settle = (result) => {
      resolve(result);
      worker.onmessage = worker.onerror = null;
    };
  });
  worker.onmessage = ({ data }) => {
    if (data.kind === "progress") progress(data.stage, data.done, data.of);
    else {
      settle(data.kind === "done" ? data.result : unfinished(data.detail));
      waiting.push(worker);
    }
  };
  worker.onerror = (event) => {
    event.preventDefault();
    settle(unfinished("The browser could not run the check. If the network is off, load the page again."));
    worker.terminate();
  };
  worker.postMessage(given);
  const cancel = () => {
    worker.terminate();
    if (waiting.length === 0) waiting.push(start());
    settle(unfinished("The check was cancelled."));
  };
  return { outcome, cancel };
}

/** A copy of a verified bundle in which one digit of the proof is another one; at which place, and which digits. */
export function changed(bytes) {
  const bundle = JSON.parse(new TextDecoder().decode(bytes));
  // the last digits may be padding
  const at = crypto.getRandomValues(new Uint32Array(1))[0] % (bundle.proof.length - 4);
  const before = bundle.proof[at], after = before === "A" ? "B" : "A";
  bundle.proof = bundle.proof.slice(0, at) + after + bundle.proof.slice(at + 1);
  return { bytes: new TextEncoder().encode(JSON.stringify(bundle)), at, before, after };
}
