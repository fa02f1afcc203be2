// Terms: every sketch is that of the committed weights (specification, "relations").

import { sketchMatrices, sketched } from "../draws.js";
import { P, eqTable, mod, powers } from "../field.js";
import { half } from "../layout.js";
import { combine } from "../pads.js";

export function terms(conversation, instance) {
  const { profile, shape, layout, e, qBits } = instance;
  const { ledger } = conversation;
  const [log, sides, all] = [Math.log2(profile.sketch), 2 * instance.terms.length, e.length];
  const drawn = instance.streams.map((stream) => sketchMatrices(shape.tokens, profile, stream));

  // chains
  const rho = powers(conversation.challenge(), all);
  const [ri, rj] = [conversation.challenges(log), conversation.challenges(log)].map(eqTable);
  const y = conversation.sent();
  const below = (shift) => (1n << BigInt(shift + qBits - 1)) + half(shift);
  const offset = e.reduce((sum, shift, i) => sum + rho[i] * below(shift), 0n);
  ledger.claim(y.and(offset), (power, claims) => {
    layout.sketches.forEach(({ start, width }, i) => {
      const factor = mod(power * rho[i]);
      for (let a = 0; a < profile.sketch; a++) {
        const row = (factor * ri[a]) % P;
        for (let b = 0; b < profile.sketch; b++) {
          claims.integer(start + (a * profile.sketch + b) * width, width, (row * rj[b]) % P);
        }
      }
    });
  });
  const [s, chains] = conversation.sumcheck(2, instance.rowVariables + instance.slotVariables, y);
  const ends = [];
  const products = rho.map(() => {
    const [left, right] = [conversation.sent(), conversation.sent()];
    ends.push(left, right);
    return ledger.product(left, right);
  });
  ledger.zero(chains.plus(combine(products, rho), -1n));

  // matrix-vector
  const beta = powers(conversation.challenge(), ends.length);
  const [t, last] = conversation.sumcheck(2, instance.hiddenVariables, combine(ends, beta));
  const columns = eqTable(t);
  let slots = null; // the same for all matrices
  const x = [conversation.sent(), conversation.sent()];
  [ri, rj].forEach((eq, side) => {
    ledger.claim(x[side], (power, claims) => {
      slots ??= claims.slots(columns);
      drawn.forEach((matrices, u) => {
        claims.matrix(0, sketched(matrices, side, eq), slots, mod(power * beta[sides * u]));
      });
    });
  });
  const [eqRows, eqSlots] = [s.slice(0, instance.rowVariables), s.slice(instance.rowVariables)].map(eqTable);
  const values = instance.terms.flatMap(({ left, right, positions }) =>
    [left, right].map((side, of) => {
      const v = conversation.sent();
      ledger.claim(v, (power, claims) => claims.positions(side, positions, eqRows, eqSlots, slots, power));
      return ledger.product(v, x[of]);
    }),
  );
  ledger.zero(last.plus(combine(values, beta), -1n));
}
