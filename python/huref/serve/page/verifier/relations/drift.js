// Drift: a committed model differs from another one by at most a bound (specification, "drift").

import { evaluate, spoken, weights } from "../drift.js";
import { P, eqTable, log2, mod } from "../field.js";

const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0n);

export function drift(conversation, { profile, layout, statement }) {
  const { ledger } = conversation;
  const { bound, model } = statement.drift;
  const rows = spoken(statement, profile);
  const [den, num] = weights(statement);
  const { start, count, width } = layout.block;

  // what the two sides of each block differ by
  const ofBlock = eqTable(conversation.challenges(log2(count))).slice(0, count);
  const d = conversation.sent();
  const limits = Array.isArray(bound) ? dot(ofBlock, bound) : 0n;
  ledger.claim(d.times(-1n).and(limits), (power, claims) => {
    ofBlock.forEach((weight, i) => claims.integer(start + i * width, width, (power * weight) % P));
  });

  // .. is a sum of squares over rows, then over columns
  const [rowPoint, afterRows] = conversation.sumcheck(3, log2(rows.length), d);
  const atRows = eqTable(rowPoint);
  const factor = mod(rows.reduce((sum, row, m) => (row ? sum + ofBlock[row.block] * atRows[m] : sum), 0n));
  const [columnPoint, afterColumns] = conversation.sumcheck(2, profile.logN, afterRows);
  const ours = rows.map((row, m) => (row ? (row.alpha * atRows[m]) % P : 0n));
  const theirs = rows.map((row, m) => (row ? (row.beta * atRows[m]) % P : 0n));
  const columns = eqTable(columnPoint);
  const onRows = (values) => (power, claims) => {
    const scale = (power * mod(dot(columns, claims.eq))) % P;
    let m = 0;
    for (const matrix of claims.matrices) {
      for (let i = 0; i < matrix.length && m < values.length; i++, m++) matrix[i] = (matrix[i] + scale * values[m]) % P;
    }
  };

  const x = conversation.sent();
  let last = afterColumns.plus(ledger.product(x, x), -mod(factor * den));
  if (model === null) ledger.claim(x, onRows([...ours, ...theirs.map((weight) => -weight)]));
  else ledger.claim(x.and(evaluate(statement, profile, theirs, columns)), onRows(ours));
  if (num > 0n) {
    const w = conversation.sent();
    last = last.plus(ledger.product(w, w), mod(factor * num));
    ledger.claim(w, onRows(ours));
  }
  ledger.zero(last);
}
