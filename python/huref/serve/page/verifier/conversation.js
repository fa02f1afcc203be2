// The verifier's side of the protocol: reads the proof, absorbs what it reads, draws challenges.

import { toInteger } from "./bytes.js";
import { ensure } from "./errors.js";
import { P, lagrange } from "./field.js";
import { Form, Ledger } from "./pads.js";

export class Conversation {
  constructor(transcript, proof, engine) {
    this.transcript = transcript;
    this.proof = proof;
    this.engine = engine;
    this.at = 0;
    this.ledger = new Ledger();
  }

  take(length) {
    return this.proof.subarray(this.at, (this.at += length));
  }

  challenge() {
    return this.transcript.challenge();
  }

  challenges(count) {
    return Array.from({ length: count }, () => this.challenge());
  }

  /** A point of the proof: its number in the engine. */
  point() {
    const bytes = this.take(33);
    const number = this.engine.add(bytes);
    ensure(number >= 0, "point", "A part of the proof is not a point of the curve.");
    this.transcript.absorb(bytes);
    return number;
  }

  points(count) {
    return Array.from({ length: count }, () => this.point());
  }

  /** A scalar of the proof; the last one is not absorbed. */
  scalar(absorbed = true) {
    const bytes = this.take(32);
    const value = toInteger(bytes);
    ensure(value < P, "scalar", "A part of the proof is not a number below the order of the group.");
    if (absorbed) this.transcript.absorb(bytes);
    return value;
  }

  scalars(count) {
    return Array.from({ length: count }, () => this.scalar());
  }

  /** The form of a secret scalar, which is sent masked. */
  sent() {
    return this.ledger.masked(this.scalar());
  }

  /** `rounds` rounds of a sumcheck for this form: [point, last claim]. */
  sumcheck(degree, rounds, claim) {
    const point = [];
    for (let round = 0; round < rounds; round++) {
      const values = [this.sent()];
      values.push(claim.plus(values[0], -1n));
      for (let x = 2; x <= degree; x++) values.push(this.sent());
      const r = this.challenge();
      claim = lagrange(degree, r).reduce((sum, weight, x) => sum.plus(values[x], weight), new Form());
      point.push(r);
    }
    return [point, claim];
  }
}
