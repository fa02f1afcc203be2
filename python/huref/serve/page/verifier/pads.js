// Affine forms in one-time pads, and what the relations collect (specification, "commitments").

import { P, mod } from "./field.js";

/** A constant and coefficients of pads: a secret as both sides carry it. */
export class Form {
  constructor(constant = 0n, pads = new Map()) {
    this.constant = constant;
    this.pads = pads;
  }

  /** This form and `factor` times another one; forms never change. */
  plus(other, factor = 1n) {
    const pads = new Map(this.pads);
    for (const [pad, coefficient] of other.pads) pads.set(pad, ((pads.get(pad) ?? 0n) + factor * coefficient) % P);
    return new Form(mod(this.constant + factor * other.constant), pads);
  }

  /** This form and a public number. */
  and(number) {
    return new Form(mod(this.constant + number), this.pads);
  }

  times(factor) {
    return new Form().plus(this, factor);
  }

  /** The coefficients times these values of the pads, without the constant. */
  linear(values) {
    let total = 0n;
    for (const [pad, coefficient] of this.pads) total += coefficient * values[pad];
    return mod(total);
  }
}

/** The sum of forms, each times its factor. */
export function combine(forms, factors) {
  const pads = new Map();
  let constant = 0n;
  forms.forEach((form, i) => {
    constant += factors[i] * form.constant;
    for (const [pad, coefficient] of form.pads) pads.set(pad, ((pads.get(pad) ?? 0n) + factors[i] * coefficient) % P);
  });
  return new Form(mod(constant), pads);
}

/** Pads in the order of their use; zeros, triples and claims in the order of the protocol. */
export class Ledger {
  constructor() {
    this.used = 0;
    this.zeros = [];
    this.triples = [];
    this.claims = [];
  }

  /** The form of a secret that was sent as `masked`, with the next pad. */
  masked(masked) {
    return new Form(masked, new Map([[this.used++, -1n]]));
  }

  /** The product of two secrets that were sent. */
  product(a, b) {
    const [i, j] = [a, b].map((sent) => sent.pads.keys().next().value);
    const k = this.used++;
    this.triples.push([i, j, k]);
    const pads = new Map([[i, -b.constant]]);
    pads.set(j, (pads.get(j) ?? 0n) - a.constant);
    pads.set(k, 1n);
    return new Form(mod(a.constant * b.constant), pads);
  }

  zero(form) {
    this.zeros.push(form);
  }

  /** Weights on committed rows whose sum is the form `value`. `weights(power, claims)` adds them, times a power of
   *  gamma, when all claims are opened as one. */
  claim(value, weights) {
    this.claims.push({ value, weights });
  }
}
