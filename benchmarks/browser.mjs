// What the page's verifier takes for a bundle: node browser.mjs BUNDLE [bigint]. Prints JSON: processor seconds of a
// first time and of a second one with kept generators, and peak memory of the process in MiB. With `bigint` only the
// first time.

import { readFileSync } from "node:fs";

const { verify } = await import(new URL("../python/huref/serve/page/verifier/verify.js", import.meta.url));

const bytes = new Uint8Array(readFileSync(process.argv[2]));
const wasm = process.argv[3] !== "bigint";
const kept = new Map();
const generators = { get: (name) => kept.get(name), put: (name, points) => kept.set(name, points) };

/** Processor seconds of a verification. */
async function taken() {
  const before = process.cpuUsage();
  const { verdict, detail } = await verify(bytes, { wasm, generators });
  if (verdict !== "Verified") throw new Error(`${verdict}: ${detail}`);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

const first = await taken();
const second = wasm ? await taken() : undefined;
console.log(JSON.stringify({ first, kept: second, peak: process.resourceUsage().maxRSS / 1024 }));
