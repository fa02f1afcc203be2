// Where WebAssembly is forbidden, or is not there, the verifier computes in BigInts.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";

const verifier = new URL("../../python/huref/serve/page/verifier/", import.meta.url);
const { engine } = await import(new URL("engine.js", verifier));
const { shake } = await import(new URL("keccak.js", verifier));
const { toHex } = await import(new URL("bytes.js", verifier));

/** Streams are right for every length around that of a block. */
function streams() {
  for (const length of [0, 1, 135, 136, 167, 168, 169, 336, 1000]) {
    const bytes = Uint8Array.from({ length }, (_, i) => i * 7);
    const expected = createHash("shake128", { outputLength: 700 }).update(bytes).digest("hex");
    const stream = shake(bytes.subarray(0, 5), bytes.subarray(5));
    assert.equal(toHex(stream.read(1)) + toHex(stream.read(200)) + toHex(stream.read(499)), expected);
  }
}

streams();
assert.equal((await engine(true)).name, "WebAssembly");
streams();
assert.equal((await engine(false)).name, "BigInt");
streams();

const { WebAssembly: allowed } = globalThis;
const blocked = () => Promise.reject(new allowed.CompileError("blocked by the policy of the page"));
globalThis.WebAssembly = { instantiate: blocked };
assert.equal((await engine(true)).name, "BigInt");
delete globalThis.WebAssembly;
assert.equal((await engine(true)).name, "BigInt");
streams();
