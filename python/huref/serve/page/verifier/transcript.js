// The transcript (specification, "encodings"): SHAKE-128 over everything that was said, and challenges out of it.

import { join, toInteger, utf8 } from "./bytes.js";
import { ensure } from "./errors.js";
import { P } from "./field.js";
import { Shake, shake } from "./keccak.js";

const RATE = 168;
function block(bytes) {
  const whole = new Uint8Array(RATE);
  whole.set(bytes);
  return whole;
}

export class Transcript {
  /** A transcript of that protocol about a statement in canonical bytes. */
  constructor(protocol, statement) {
    const session = shake(block(utf8("irtf-cfrg-fiat-shamir/session-id")), utf8(protocol)).read(32);
    this.shake = new Shake().absorb(join([block(session), statement]));
    this.stream = null;
  }

  absorb(bytes) {
    this.shake.absorb(bytes);
    this.stream = null;
  }

  challenge() {
    this.stream ??= this.shake.stream();
    const value = toInteger(this.stream.read(64)) % P;
    ensure(value !== 0n, "zero challenge");
    return value;
  }
}
