// From 512 public numbers to the traits of an animal: the twin of proofs/spec/portrait/traits.py.
import { bellShare, mix, step } from "./canvas.js";
import { Shake } from "../verifier/keccak.js";

const RATE = 136; // of SHAKE-256
const LENGTH = 512;
const UNIT = 4096; // entries of the vector are integers in units of 1/UNIT

export class Traits {
  constructor(vector) {
    this.vector = vector;
  }

  /** The trait as a number in 0..1. Its 512 signs are bits of SHAKE-256 of its name, 0 for plus and 1 for minus. */
  level(name) {
    const bits = new Shake(RATE).absorb(new TextEncoder().encode(`huref portrait v1: ${name}`)).stream().read(LENGTH / 8);
    let score = 0;
    for (let i = 0; i < LENGTH; i++) score += bits[i >> 3] & (128 >> (i & 7)) ? -this.vector[i] : this.vector[i];
    return bellShare(score / (UNIT * Math.sqrt(LENGTH)));
  }

  between(name, low, high) {
    return mix(low, high, this.level(name));
  }

  /** Strength 0..1 of a trait that about `share` of all animals show; it fades in, it never flips. */
  rare(name, share, ramp = 0.12) {
    return step(1 - share - ramp * 0.5, 1 - share + ramp * 0.5, this.level(name));
  }
}
