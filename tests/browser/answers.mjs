// Questions to the page's verifier, one a line in JSON; the answers, likewise. Used by node.py.

import { createInterface } from "node:readline";

const verifier = new URL("../../python/huref/serve/page/verifier/", import.meta.url);
const load = (name) => import(new URL(name, verifier));
const { fromBase64, fromHex, toHex } = await load("bytes.js");
const { readBundle } = await load("bundle.js");
const { bounds, positionVariables } = await load("bounds.js");
const { Claims } = await load("claims.js");
const { Conversation } = await load("conversation.js");
const { engine } = await load("engine.js");
const { Rejected } = await load("errors.js");
const { Q } = await load("field.js");
const { Instance } = await load("instance.js");
const { parse } = await load("json.js");
const { BUNDLE, opened } = await load("kinds.js");
const { DEFAULT, securityBits } = await load("policy.js");
const { PROFILES, numbers } = await load("profile.js");
const { verifyProof } = await load("proof.js");
const { sha256 } = await load("sha256.js");
const { commonVector } = await load("vector.js");
const { verify } = await load("verify.js");
const { statementBytes } = await load("wire.js");
const { withEvidence } = await load("../evidence/evidence.js");
const { pixels } = await load("../portrait/png.js");
const { render } = await load("../portrait/portrait.js");
const { redraw } = await load("../portrait/redraw.js");

const kept = new Map();
const cache = { get: (name) => kept.get(name), put: (name, bytes) => kept.set(name, bytes) };
const scalar = (value) => value.toString(16).padStart(64, "0");

/** SHA-256 of bytes, if there are any. */
const digest = (bytes) => (bytes === null ? null : toHex(sha256(bytes)));

/** What a statement of drift says: numbers of an absolute bound are texts, for JSON has no numbers of 120 bits. */
function readDrift({ factors, partition, bound, model }) {
  const matrices = model && model.map((matrix) => Int16Array.from(matrix));
  return { factors, partition, bound: Array.isArray(bound) ? bound.map(BigInt) : bound, model: matrices };
}

/** A statement from the fields of a vector; one of nearness has theirs and an answer, one of drift what it says. */
function read({ profile, shape, tokens, rows, draws, theirs, answer, drift, context }) {
  const bytes = (holder, name) => fromHex(holder[name] ?? "");
  const outputs = ({ vectors, shifts, scales, vectorScales }) => {
    return { z: vectors.flat(), e: shifts, a: scales, c: vectorScales };
  };
  return {
    profile,
    shape: { ...shape, tokens: tokens.map(fromHex) },
    rows: fromHex(rows),
    draws: draws.map((draw) => {
      const [beacon, other, network] = ["beacon", "other", "network"].map((name) => bytes(draw, name));
      return { kind: draw.kind, beacon, other, ...(draw.kind === "custom" || network.length > 0 ? { network, id: sha256(network) } : {}) };
    }),
    ...(drift
      ? { drift: readDrift(drift) }
      : answer
        ? { theirs: theirs.flat(), answer }
        : { outputs: draws.map(outputs) }),
    context: { owner: context.owner ?? "", audience: context.audience ?? "", nonce: bytes(context, "nonce") },
  };
}

/** What the next verification computes: the conversation, its challenges, the last claims of sumchecks, row weights. */
function watched() {
  const seen = { challenges: [], claims: [] };
  const watch = (type, name, see) => {
    const method = type.prototype[name];
    type.prototype[name] = function (...given) {
      const result = method.apply(this, given);
      see(result, this);
      return result;
    };
  };
  watch(Conversation, "challenge", (value, conversation) => {
    seen.conversation = conversation;
    seen.challenges.push(value);
  });
  watch(Conversation, "sumcheck", ([, claim]) => seen.claims.push(claim));
  watch(Claims, "rows", (rows) => (seen.rows = rows));
  return seen;
}

const answers = {
  /** The check that refuses a proof, or null. */
  async check({ statement, proof, wasm = true }) {
    try {
      await verifyProof(read(statement), fromHex(proof), await engine(wasm), { cache });
      return null;
    } catch (why) {
      if (why instanceof Rejected) return why.check;
      throw why;
    }
  },

  /** Values inside a verification, as the files of proofs/vectors/traces have them. */
  async trace({ statement, proof }) {
    const given = read(statement);
    const instance = new Instance(PROFILES.get(given.profile), given);
    const bytes = statementBytes(given, instance.profile, instance.streams);
    const seen = watched();
    await verifyProof(given, fromHex(proof), await engine(), { cache });
    const { ledger } = seen.conversation;
    return {
      statement: { bytes: bytes.length, sha256: toHex(sha256(bytes)) },
      bounds: { nMax: Number(instance.bounds.nMax), zBits: instance.bounds.zBits, bits: instance.layout.size },
      pads: ledger.used,
      triples: ledger.triples.map((triple) => triple.join(" ")),
      challenges: seen.challenges.map(scalar),
      zeroConstants: ledger.zeros.map((zero) => scalar(zero.constant)),
      opening: { rowWeights: seen.rows.map(scalar), constant: scalar(seen.claims.at(-1).constant) },
    };
  },

  /** The verdict on a bundle. `portrait`: draw it, and compare the image. */
  async verify({ bundle, policy = {}, commitments = [], networks = [], wasm = true, portrait = false }) {
    const beside = { commitments: commitments.map(fromBase64), networks: networks.map(fromBase64) };
    const options = { policy: { ...DEFAULT, ...policy }, ...beside, wasm, generators: cache };
    const found = await verify(fromBase64(bundle), portrait ? { ...options, redraw } : options);
    return { ...found, portrait: digest(found.portrait) };
  },

  /** What files beside a bundle add to its verdict. */
  async evidence({ bundle, policy, commitments = [], ...beside }) {
    const files = Object.fromEntries(Object.entries(beside).map(([name, file]) => [name, fromBase64(file)]));
    const given = { bytes: fromBase64(bundle), commitments: commitments.map(fromBase64), ...files };
    const options = { policy: { ...DEFAULT, ...policy }, commitments: given.commitments, generators: cache };
    return withEvidence(await verify(given.bytes, options), given);
  },

  /** The check of a bundle's image alone: the portrait for a report, or code and check. */
  redraw({ bundle }) {
    try {
      return redraw(readBundle(opened(fromBase64(bundle), BUNDLE), []))?.drawing ?? null;
    } catch ({ code, check }) {
      return { code, check };
    }
  },

  /** SHA-256 of the pixels of the portraits of vectors. */
  portraits: ({ vectors }) => vectors.map((vector) => digest(render(vector))),

  /** The same of the pixels of PNG files, null for one that is refused. */
  images: ({ files }) => files.map((file) => digest(pixels(fromBase64(file)))),

  /** The error of a verification that is cancelled when this stage begins, and the stages until then. */
  async cancelled({ bundle, policy = {}, stage }) {
    const control = new AbortController();
    const stages = new Set();
    const progress = (name) => {
      stages.add(name);
      if (name === stage) control.abort();
    };
    try {
      await verify(fromBase64(bundle), { policy: { ...DEFAULT, ...policy }, signal: control.signal, progress });
      return null;
    } catch (why) {
      return { name: why.name, stages: [...stages] };
    }
  },

  /** Verdicts with caches of generators that hold something else, and how often the right bytes were put into them. */
  async caches({ bundle, policy }) {
    let right;
    const given = { policy: { ...DEFAULT, ...policy } };
    const put = (_, bytes) => (right = bytes);
    await verify(fromBase64(bundle), { ...given, generators: { get: () => undefined, put } });
    const exchanged = right.slice();
    exchanged.set(right.subarray(0, 64), 64);
    const negative = right.slice();
    negative.set(fromHex((Q - BigInt(`0x${toHex(right.subarray(32, 64))}`)).toString(16).padStart(64, "0")), 32);
    const found = [];
    const wrong = [exchanged, negative, right.slice(64), new Uint8Array(right.length), right.map((byte) => byte ^ 1)];
    for (const held of [right, ...wrong]) {
      let times = 0;
      const counted = (_, bytes) => (times += toHex(bytes) === toHex(right) ? 1 : 100);
      const { verdict } = await verify(fromBase64(bundle), { ...given, generators: { get: () => held, put: counted } });
      found.push([verdict, times]);
    }
    return found;
  },

  /** What a document says, with objects as lists of pairs. */
  json({ bytes }) {
    const plain = (value) => {
      if (value instanceof Map) return { object: [...value].map(([name, field]) => [name, plain(field)]) };
      return Array.isArray(value) ? value.map(plain) : value;
    };
    return plain(parse(fromBase64(bytes)));
  },

  base64: ({ text }) => {
    const bytes = fromBase64(text);
    return bytes && toHex(bytes);
  },

  /** Bounds of a shape, variables of its positions and bits of security; null if the shape is refused. */
  budget({ profile: name, shape }) {
    const given = { ...shape, tokens: shape.tokens.map(fromHex) };
    const profile = PROFILES.get(name);
    try {
      const { nMax, zBits, cLoBits, cHiBits } = bounds(given, profile);
      return [[String(nMax), zBits, cLoBits, cHiBits], positionVariables(given, profile), securityBits(profile)];
    } catch (why) {
      if (why instanceof Rejected && why.check === "shape") return null;
      throw why;
    }
  },

  portraitVector: ({ profile, z }) => commonVector({ profile, draws: [{ kind: "common" }], outputs: [{ z }] }),

  profiles: () =>
    [...PROFILES.values()].map((profile) => {
      const labels = ({ sketch, encoder }) => [sketch, encoder].map((label) => new TextDecoder().decode(label));
      const { name, generators, common, fresh } = profile;
      return { name, numbers: numbers(profile), generators, common: labels(common), fresh: labels(fresh) };
    }),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { what, ...given } = JSON.parse(line);
  let answer;
  try {
    answer = { value: (await answers[what](given)) ?? null };
  } catch (why) {
    answer = { thrown: String(why.stack) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
