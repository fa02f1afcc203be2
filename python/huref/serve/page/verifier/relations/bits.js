// Bits: every place of the bit rows holds 0 or 1 (specification, "relations").

import { P, eqAt, eqTable } from "../field.js";
import { Form } from "../pads.js";

export function bits(conversation, instance) {
  const { ledger } = conversation;
  const tau = conversation.challenges(instance.bitVariables);
  const [point, last] = conversation.sumcheck(3, instance.bitVariables, new Form());
  const b = conversation.sent();
  const factor = eqAt(tau, point);
  ledger.zero(last.plus(ledger.product(b, b), -factor).plus(b, factor));
  const rows = point.length - instance.profile.logN;
  ledger.claim(b, (power, claims) => {
    const weight = (power * eqAt(point.slice(rows), claims.sigma)) % P;
    const eq = eqTable(point.slice(0, rows));
    claims.bits.forEach((old, row) => (claims.bits[row] = (old + weight * eq[row]) % P));
  });
}
