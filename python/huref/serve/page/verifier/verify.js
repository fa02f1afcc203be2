// The check of a bundle, or of a nearness file, from top to bottom, as `huref verify` does it: form, policy, proof, image.

import { readBundle } from "./bundle.js";
import { compare, fromHex } from "./bytes.js";
import { parseCommitment } from "./commitment.js";
import { streams } from "./draws.js";
import { engine } from "./engine.js";
import { NotJudged, Rejected } from "./errors.js";
import { BUNDLE, NEARNESS, opened } from "./kinds.js";
import { readNearness } from "./near.js";
import { DEFAULT, meet } from "./policy.js";
import { PROFILES } from "./profile.js";
import { verifyProof } from "./proof.js";
import { notChecked, report, verified } from "./report.js";
import { sha256 } from "./sha256.js";

const PATIENCE = 30; // milliseconds between chances to cancel
/** Refusals that concern the form of a statement; every other one is a check of the proof that failed. */
const FORM = ["shape", "context", "commitment rows"];
const REFUSED = ["proof-rejected", "image-mismatch"];

/** Judges the bytes of a bundle or of a nearness file.
 *
 *  `progress(stage, done, of)` is called on the way; `signal` cancels, by an AbortError. `wasm`: whether WebAssembly may
 *  be used where it is allowed; the verdict is the same. `generators`: a cache {get(name), put(name, bytes)}, possibly
 *  asynchronous; what it holds is checked. `commitments`: files of commitments that the bundle may name by id alone.
 *  `networks`: files of networks, of which the bundle may name one that is not of this release.
 *  `policy`: other rules than the default ones. `redraw`: what draws the portrait of an accepted bundle and compares its
 *  image (../portrait/redraw.js); without it the image is not checked.
 *
 *  The answer is {verdict, code, check, detail, report, notChecked}. `verdict`: "Verified"; "Refused", with the name of
 *  the check; or "Not verified", for what cannot be judged or is not accepted here. `code`: that of `huref verify`.
 *  `report` is null for what is no bundle. `notChecked`: sentences. `portrait`: pixels of the portrait as it was drawn
 *  here, red first, row by row; null if it was not, as where the bundle's image is by a generator. */
export async function verify(bytes, options = {}) {
  const { progress = () => {}, signal, wasm = true, generators, commitments = [], networks = [] } = options;
  const { policy = DEFAULT, redraw } = options;
  const started = performance.now();
  const pauses = pausing(progress, signal);
  let bundle = null;
  const found = { policy, holds: {}, left: [], arithmetic: "", seconds: 0 };
  let failure = null;
  let portrait = null;
  try {
    await pauses("file")(0, 1);
    if (bytes.length > policy["max-bundle-bytes"]) {
      throw new NotJudged("bundle-too-large", `The file has more than ${policy["max-bundle-bytes"]} bytes.`);
    }
    const file = opened(bytes, BUNDLE, NEARNESS);
    bundle = (file.kind === NEARNESS ? readNearness : readBundle)(file, commitments.map(parseCommitment));
    const code = await engine(wasm);
    found.arithmetic = code.name;
    const { statement } = bundle;
    for (const draw of statement.draws.filter(({ kind }) => kind === "custom")) {
      draw.network = networks.find((network) => compare(sha256(network), draw.id) === 0) ?? null;
    }
    const drawn = statement.draws.map((draw) => streams(draw, PROFILES.get(statement.profile), fromHex(statement.id)));
    const met = meet(bundle, drawn, policy);
    await verifyProof(statement, bundle.proof, code, { cache: generators, stage: pauses });
    found.holds = verified(bundle, met, drawn);
    if (redraw !== undefined && bundle.vector !== null) {
      await pauses("portrait")(0, 1);
      const drawn = redraw(bundle);
      portrait = drawn?.rgb ?? null;
      if (drawn !== null) found.holds.image = drawn.drawing;
    }
  } catch (why) {
    if (why instanceof NotJudged) failure = { code: why.code, check: why.check, detail: why.message };
    else if (why instanceof Rejected) failure = refusal(why);
    else throw why;
  }
  const judged = bundle !== null && failure?.check !== ""; // the form of a statement may be wrong though the file is read
  if (judged) found.left = notChecked(bundle, unseen(bundle, found.holds, failure));
  found.seconds = Math.round(performance.now() - started) / 1000;
  const refused = failure !== null && REFUSED.includes(failure.code);
  return {
    verdict: failure === null ? "Verified" : refused ? "Refused" : "Not verified",
    code: failure?.code ?? "verified",
    check: failure?.check ?? "",
    detail: failure?.detail ?? "The proof holds for what is shown as verified.",
    report: judged ? report(bundle, found, failure) : null,
    notChecked: found.left.map(({ what, why }) => `${what}: ${why}`),
    portrait,
  };
}

function refusal({ check, message }) {
  if (FORM.includes(check)) return { code: "malformed-bundle", check: "", detail: message };
  return { code: "proof-rejected", check, detail: message };
}

/** Why the portrait was not looked at, "" if it was. */
function unseen({ statement, vector, image: given }, { proof, image }, failure) {
  if (proof === undefined) return "the bundle was refused before this check";
  if (image !== undefined || failure?.check === "image") return "";
  if (given?.generator) return `generator not at hand, of SHA-256 ${given.generator}`;
  if (vector !== null) return "the portrait was not drawn here";
  if (statement.draws.every((draw) => draw.kind !== "common")) return "only common vectors have a portrait";
  return `the vectors of this bundle have no portrait (profile ${statement.profile})`;
}

/** For each stage a function that says how far it is, and now and then lets other things happen, such as cancelling. */
function pausing(progress, signal) {
  let last = performance.now();
  return (stage) => async (done, of) => {
    progress(stage, done, of);
    if (performance.now() - last < PATIENCE) return;
    await new Promise((resolve) => setTimeout(resolve));
    signal?.throwIfAborted();
    last = performance.now();
  };
}
