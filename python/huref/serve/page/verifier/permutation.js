// Keccak-f[1600] in WebAssembly, a module of its own: what keccak.js does in halves of lanes, five times as fast.

import { Module, get, i32, i64, repeat, set } from "./assembler.js";
import { PLACE, ROUND, TURN } from "./keccak.js";

const CONSTANTS = 200; // behind the lanes

/** The module: lanes at address 0, round constants from address `CONSTANTS` on. */
function assemble() {
  const m = new Module();
  const [place, a, b, c, d] = [0, 1, 26, 51, 56]; // locals: address of a constant, lanes twice, columns, what they add
  const xor = (...values) => values.reduce(i64.xor);
  const lanes = Array.from({ length: 25 }, (_, lane) => lane);
  const columns = lanes.slice(0, 5);
  const moved = [[0, 0]]; // from each lane: where to, and by how many bits it is turned
  let from = 2;
  PLACE.forEach((to, t) => {
    moved[from / 2] = [to / 2, TURN[t]];
    from = to;
  });
  const round = [
    ...columns.flatMap((x) => set(c + x, xor(...columns.map((y) => get(a + x + 5 * y))))),
    ...columns.flatMap((x) => {
      const turned = i64.rotl(get(c + ((x + 1) % 5)), i64.constant(1));
      return set(d + x, xor(get(c + ((x + 4) % 5)), turned));
    }),
    ...lanes.flatMap((lane) => {
      const [to, turn] = moved[lane];
      return set(b + to, i64.rotl(xor(get(a + lane), get(d + (lane % 5))), i64.constant(turn)));
    }),
    ...lanes.flatMap((lane) => {
      const beside = (step) => get(b + lane - (lane % 5) + ((lane + step) % 5));
      return set(a + lane, xor(beside(0), i64.and(xor(beside(1), i64.constant(-1)), beside(2))));
    }),
    ...set(a, xor(get(a), i64.load(get(place), 0))),
    ...set(place, i32.add(get(place), i32.constant(8))),
  ];
  const whole = repeat(round, i32.less(get(place), i32.constant(CONSTANTS + 4 * ROUND.length)));
  const memory = i32.constant(0);
  m.define("permute", 1, { longs: 60 }, [
    ...lanes.flatMap((lane) => set(a + lane, i64.load(memory, 8 * lane))),
    ...whole,
    ...lanes.flatMap((lane) => i64.store(memory, 8 * lane, get(a + lane))),
  ]);
  return m.bytes(1);
}

/** A function that permutes a state of 50 halves in place. */
export async function permutation() {
  const { instance } = await WebAssembly.instantiate(assemble());
  const { memory, permute } = instance.exports;
  const words = new Int32Array(memory.buffer);
  const state = words.subarray(0, 50);
  words.set(ROUND, CONSTANTS / 4);
  return (halves) => {
    state.set(halves);
    permute(CONSTANTS);
    halves.set(state);
  };
}
