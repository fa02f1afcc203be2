// The worker of the page: checks one bundle at a time, and keeps the generators for the next one.
//
// In: {bytes, wasm, commitments, networks} and what stands beside the bundle (../evidence/evidence.js). Out: {kind: "progress", stage, done, of}, then {kind: "done", result} or {kind: "failed", detail}.

import { withEvidence } from "../evidence/evidence.js";
import { redraw } from "../portrait/redraw.js";
import { kept } from "./store.js";
import { verify } from "./verify.js";

self.onmessage = async ({ data }) => {
  const { bytes, wasm = true, commitments = [], networks = [] } = data;
  const progress = (stage, done, of) => self.postMessage({ kind: "progress", stage, done, of });
  try {
    const beside = { commitments, networks };
    const result = await verify(new Uint8Array(bytes), { progress, wasm, ...beside, generators: kept, redraw });
    self.postMessage({ kind: "done", result: await withEvidence(result, data) });
  } catch (why) {
    self.postMessage({ kind: "failed", detail: `The check did not come to an end: ${why.message}` });
  }
};
