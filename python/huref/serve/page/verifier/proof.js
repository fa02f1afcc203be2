// The verifier of a proof, from top to bottom: same order and names as in the specification.

import { Conversation } from "./conversation.js";
import { ensure } from "./errors.js";
import { generators } from "./generators.js";
import { Instance } from "./instance.js";
import { close, open } from "./opening.js";
import { PROFILES } from "./profile.js";
import { bits } from "./relations/bits.js";
import { drift } from "./relations/drift.js";
import { encode } from "./relations/encode.js";
import { nearness } from "./relations/nearness.js";
import { norm, projected } from "./relations/range.js";
import { terms } from "./relations/terms.js";
import { Ternary } from "./ternary.js";
import { Transcript } from "./transcript.js";
import { statementBytes } from "./wire.js";

/** Checks a proof of a statement. Raises `Rejected`, which names the check that failed. `stage(name)` gives a function
 *  that is waited for now and then, with how much of the stage is done. */
export async function verifyProof(statement, proof, engine, { cache, stage = () => async () => {} } = {}) {
  const profile = PROFILES.get(statement.profile);
  ensure(profile !== undefined, "profile", "The profile is not known.");
  const commitment = await readRows(statement.rows, engine, stage("commitment rows"));
  const instance = new Instance(profile, statement);
  const known = await generators(engine, profile, cache, stage("generators"));
  const [pads] = instance.pads();
  ensure(pads <= profile.n, "more pads than generators");
  const length = instance.proofLength();
  ensure(proof.length === length, "proof length", `The proof has ${proof.length} bytes, not ${length}.`);
  const bytes = statementBytes(statement, profile, instance.streams);
  const conversation = new Conversation(new Transcript(instance.protocol, bytes), proof, engine);

  const pause = stage("relations");
  const padPoint = conversation.point();
  let seed = conversation.challenge();
  const a = new Ternary(seed, "A", profile.projection, instance.allRows);
  const c = new Ternary(seed, "C", profile.projection, profile.n);
  await pause(1, 3);
  const yRows = conversation.points(profile.yRows);
  seed = conversation.challenge();
  const d = new Ternary(seed, "D", profile.projectionZ, profile.projection ** 2);
  const bitRows = conversation.points(instance.layout.rows);
  await pause(2, 3);
  relations(conversation, instance, { a, c, d });
  await pause(3, 3);

  const opening = await open(conversation, instance, stage("claims"));
  ensure(conversation.ledger.used === pads, "ledger");
  const points = { generators: known, pads: padPoint, rows: [...commitment, ...yRows, ...bitRows] };
  await close(conversation, instance, opening, points, stage("equations"));
}

/** What holds between the committed values, by the kind of the statement. */
function relations(conversation, instance, projections) {
  if (instance.drift) {
    bits(conversation, instance);
    projected(conversation, instance, projections);
    drift(conversation, instance);
    return;
  }
  terms(conversation, instance);
  bits(conversation, instance);
  if (instance.near) nearness(conversation, instance);
  else encode(conversation, instance);
  projected(conversation, instance, projections);
  norm(conversation, instance);
}

/** The numbers in the engine of all commitment rows. */
async function readRows(rows, engine, pause) {
  const count = rows.length / 33;
  ensure(Number.isInteger(count), "commitment rows", "The commitment does not consist of points of 33 bytes.");
  const numbers = [];
  for (let i = 0; i < count; i++) {
    numbers.push(engine.add(rows.subarray(33 * i, 33 * i + 33)));
    ensure(numbers[i] >= 0, "point", "A commitment row is not a point of the curve.");
    if (i % 256 === 0) await pause(i, count);
  }
  return numbers;
}
