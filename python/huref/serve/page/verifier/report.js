// The report: what was verified, what is merely claimed, and what was not checked. The three never mix. Its fields are
// those of proofs/schemas/report.v1.json, but for what a page does not know.

import { toHex } from "./bytes.js";
import { shownNearness } from "./near.js";
import { PROTOCOL } from "./nearness.js";
import { policyDigest } from "./policy.js";
import { PROFILES } from "./profile.js";
import { commonVector, vectorDigest } from "./vector.js";

/** Why vectors under a custom draw are no evidence. */
const FOREIGN =
  "encoder not of this release: its network can be made to give two models the same vectors, and nobody knows how " +
  "alike those of strangers are, so they are neither compared nor searched, and have no p-value";

/** What holds once the proof was accepted. */
export function verified({ statement }, { bits, counts }, streams) {
  const { id, profile, shape, context, answer } = statement;
  return {
    proof: {
      protocol: answer ? PROTOCOL : PROFILES.get(profile).protocol,
      profile,
      securityBits: bits,
      layers: shape.layers,
      tokens: shape.tokens.length,
    },
    commitment: id,
    ...madeFor(context),
    ...(answer ? { nearness: shownNearness(statement, counts[0], streams[0].seed) } : vectors(statement, counts, streams)),
  };
}

function vectors(statement, counts, streams) {
  const vector = commonVector(statement);
  return {
    draws: statement.draws.map((draw, i) => drawn(draw, statement.outputs[i].z, counts[i], streams[i].seed, statement.id)),
    ...(vector === null ? {} : { vectorDigest: vectorDigest(vector) }),
  };
}

function drawn({ kind, beacon, other, id: network }, z, sides, seed, id) {
  const ids = [id, toHex(other)].sort();
  return {
    kind,
    digest: vectorDigest(z),
    sides,
    ...(seed.length === 0 ? {} : { seed: toHex(seed) }),
    ...(beacon.length === 0 ? {} : { beacon: toHex(beacon) }),
    ...(kind === "challenge" ? { commitments: ids } : {}),
    ...(kind === "custom" ? { network: toHex(network) } : {}),
  };
}

function madeFor({ owner, audience, nonce }) {
  if (owner === "" && audience === "" && nonce.length === 0) return {};
  return {
    madeFor: {
      ...(owner === "" ? {} : { owner }),
      ...(audience === "" ? {} : { audience }),
      ...(nonce.length === 0 ? {} : { nonce: toHex(nonce) }),
      expected: [],
    },
  };
}

/** What nobody checked here, and how to. `image`: why the portrait was not looked at, "" if it was. */
export function notChecked({ statement }, image) {
  const entries = [];
  const add = (what, why, how) => entries.push(how === undefined ? { what, why } : { what, why, how });
  const has = (kind) => statement.draws.some((draw) => draw.kind === kind);
  const owner = (verb) => {
    if (statement.context.owner !== "") {
      add("owner", "the name is what the prover wrote; no signature of that owner was checked");
    } else {
      const why = "the proof names nobody, so those who show the bundle need not have made it";
      add("owner", why, `huref ${verb} --owner NAME --nonce HEX, over your nonce`);
    }
  };
  if (statement.answer) {
    add("theirs", "whose vectors these are", "huref verify FILE --near BUNDLE, with the other side's answer");
    add("challenge", "nobody said which one must be answered", "huref verify FILE --dispute DISPUTE");
    owner("answer");
    add("order", "that both commitments were published before the beacon was known");
    add("layers", "layers that a side left out: it chose them, and numbered them");
    add("files", "that the commitment was made from the files of any model");
    return entries;
  }
  if (image !== "") add("image", image, image.startsWith("generator") ? "huref verify BUNDLE --generator FILE" : undefined);
  if (has("challenge")) {
    add("challenge", "nobody said which one must be answered", "huref verify BUNDLE --challenge FILE");
  }
  const public_ = "the common sketches are public, so weights can be made that have these vectors and this portrait";
  const bound = "the own vectors follow from the commitment, so nobody can fit weights to them";
  if (has("own") && has("common")) add("fitted", `${public_}; ${bound}`, "huref compare MODEL BUNDLE");
  else if (has("common")) add("fitted", public_, "huref prove, which adds own vectors, or a challenge");
  if (has("custom")) add("encoder", FOREIGN);
  owner("prove");
  const beacon = statement.draws.some((draw) => draw.beacon.length > 0);
  if (has("challenge")) add("order", "that both commitments were published before the beacon was known");
  else if (beacon) add("order", "that the commitment was published before the beacon was known");
  else add("order", "since when the commitment exists", "huref verify BUNDLE --timestamp FILE --authorities PEM");
  const count = statement.shape.layers.length;
  add("layers", `the prover chose ${count} of the model's layers and numbered them; nothing is said of others`);
  add("files", "no model was given, so nothing is known about any file", "huref verify BUNDLE --weights MODEL");
  add("publisher", "no attestation was given", "huref verify BUNDLE --attestation FILE --key PEM");
  return entries;
}

/** The whole report. `failure`: {code, check, detail}, or null. */
export function report(bundle, { policy, holds, left, arithmetic, seconds }, failure) {
  const { claims } = bundle;
  return {
    ok: failure === null,
    code: failure?.code ?? "verified",
    bundle: { ...bundle.digests, version: bundle.version },
    verified: holds,
    claimed: { ...claims, files: Object.fromEntries(claims.files) },
    notChecked: left,
    policy: { name: policy.name, sha256: policyDigest(policy) },
    verifier: { arithmetic, seconds },
    ...(failure === null ? {} : { failure: { check: failure.check, detail: failure.detail } }),
  };
}
