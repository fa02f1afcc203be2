// Everything that follows from a statement alone, checked before any other work.

import { bounds, positionVariables } from "./bounds.js";
import { compare } from "./bytes.js";
import { PROTOCOL as DRIFT, checkDrift, checkWidth, models, slacks, weights } from "./drift.js";
import { checkDraws, streams } from "./draws.js";
import { ensure } from "./errors.js";
import { log2 } from "./field.js";
import { layout } from "./layout.js";
import { NUMBERS, PROTOCOL, checkAnswer, commonShift, counts, widths } from "./nearness.js";
import { networkOf } from "./network.js";
import { placeVariables } from "./relations/activations.js";
import { checkContext, checkOutputs, commitmentRows, slots, terms } from "./statement.js";
import { commitmentId } from "./wire.js";

export class Instance {
  constructor(profile, statement) {
    const { shape } = statement;
    this.profile = profile;
    this.statement = statement;
    this.shape = shape;
    this.network = networkOf(profile, statement.draws);
    const count = statement.drift ? models(statement) : 1;
    this.bounds = bounds(shape, profile, count);
    if (statement.drift) this.ofDrift(profile, statement);
    else if (statement.answer) this.ofNearness(profile, statement);
    else this.ofFingerprint(profile, statement);
    const rows = commitmentRows(shape, profile);
    this.rows = Array(count).fill(rows).flat(); // of each matrix of each model
    this.allRows = this.rows.reduce((sum, rows) => sum + rows, 0);
    ensure(this.allRows * 33 === statement.rows.length, "commitment rows");
    const own = commitmentId(statement);
    const named = statement.draws.some((draw) => compare(draw.other, own) === 0);
    ensure(!named, "draws", "A challenge names the commitment of the statement as the other one.");
    this.streams = statement.draws.map((draw) => streams(draw, profile, own));
    this.slots = slots(shape, profile);
    this.terms = terms(shape);
    this.layout = layout(this);
    [this.rowVariables, this.slotVariables] = positionVariables(shape, profile);
    this.hiddenVariables = log2(shape.hidden);
    this.bitVariables = log2(this.layout.rows) + profile.logN;
    this.entryVariables = log2(Math.max(1, this.e.length * profile.entries + this.groups * profile.outputs));
  }

  /** Checks what a fingerprint has. */
  ofFingerprint(profile, statement) {
    checkDraws(statement.draws);
    checkContext(statement.context);
    checkOutputs(statement, profile);
    const all = (name) => statement.outputs.flatMap((drawn) => drawn[name]);
    [this.e, this.a, this.c, this.z] = ["e", "a", "c", "z"].map(all);
    this.groups = this.c.length;
    this.near = this.drift = null;
    this.qBits = profile.qBits;
    this.protocol = profile.protocol;
  }

  /** Checks what a statement of nearness has. */
  ofNearness(profile, statement) {
    const bits = widths(this.shape, profile);
    checkDraws(statement.draws, ["challenge"]);
    checkContext(statement.context);
    checkAnswer(statement, profile);
    this.e = Array(3 * this.shape.layers.length).fill(commonShift(this.shape, profile));
    this.groups = 0;
    this.near = { ...counts(statement, profile), bits };
    this.drift = null;
    this.qBits = NUMBERS.qBits;
    this.protocol = PROTOCOL;
  }

  /** Checks what a statement of drift has. */
  ofDrift(profile, statement) {
    checkWidth(statement, profile, this.bounds.zBits);
    checkContext(statement.context);
    checkDrift(statement, profile);
    [this.e, this.groups, this.near] = [[], 0, null];
    this.drift = { ...slacks(statement, profile), relative: weights(statement)[1] > 0n };
    this.qBits = profile.qBits;
    this.protocol = DRIFT;
  }

  /** How many pads there are, and how many of them are products. */
  pads() {
    const { profile } = this;
    if (this.drift !== null) return this.inDrift();
    const [all, sides] = [this.e.length, 2 * this.terms.length];
    const positions = this.rowVariables + this.slotVariables;
    const [between, products] = this.near === null ? this.inEncode() : this.inNearness();
    const sent =
      (1 + 2 * positions + 2 * all + 2 * this.hiddenVariables + 2 + sides) +
      (3 * this.bitVariables + 1) +
      (all + 3 * this.entryVariables + 1) +
      between +
      (3 + 4 * log2(profile.projection) + 1) +
      2 * profile.logN;
    const triples = all + sides + 3 + products;
    return [sent + triples, triples];
  }

  /** What "encode" sends and multiplies besides the norms and their sumcheck. */
  inEncode() {
    if (this.network === null) return [this.groups, 0];
    return [this.groups + 4 + 3 * placeVariables(this).reduce((sum, count) => sum + count), 1];
  }

  /** The same of "nearness". */
  inNearness() {
    const [all, layers] = [this.e.length, this.shape.layers.length];
    const { vectors, pairs } = this.near;
    return [3 * all + (2 + vectors) * layers + 2 * log2(this.profile.outputs), 3 * all + layers + pairs];
  }

  /** All pads of a statement of drift, and its products. */
  inDrift() {
    const { logN } = this.profile;
    const values = this.drift.relative ? 2 : 1;
    const rows = commitmentRows(this.shape, this.profile).reduce((sum, count) => sum + count, 0);
    const sent = (3 * this.bitVariables + 1) + 2 + (1 + 3 * log2(rows) + 2 * logN + values) + 2 * logN;
    return [sent + 1 + values, 1 + values];
  }

  /** Bytes of a proof. */
  proofLength() {
    const { profile } = this;
    const [pads, triples] = this.pads();
    const points = 1 + profile.yRows + this.layout.rows + 4 + 2 * profile.logN;
    return 33 * points + 32 * (pads - triples + 2 + pads + 3 + 1);
  }
}
