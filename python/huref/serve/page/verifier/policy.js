// What is accepted: the rules that huref has by default, under the names that policy files have.

import { toHex, utf8 } from "./bytes.js";
import { sides } from "./draws.js";
import { NotJudged } from "./errors.js";
import { canonical } from "./json.js";
import { PROFILES } from "./profile.js";
import { sha256 } from "./sha256.js";

export const DEFAULT = {
  name: "default",
  profiles: ["robust-2"],
  "security-bits": 120,
  "max-bundle-bytes": 32 << 20,
  "max-image-bytes": 4 << 20,
  hidden: 16,
  tokens: 64,
  layers: 1024,
  "side-percent": 25,
  "own-vectors": false,
};

/** Names the rules. */
export const policyDigest = (policy) => toHex(sha256(utf8(canonical(new Map(Object.entries(policy))))));

/** The least term of the soundness error in whole bits (specification, "soundness"). That of sumchecks and batching is
 *  above 200 for every shape, so it is never the least. */
export function securityBits({ projection, projectionZ, projectionLoss }) {
  const norm = -projection * Math.log2(0.55) - 2.31 * Math.sqrt(projectionLoss) * Math.LOG2E - 1;
  return Math.floor(Math.min(128, projection - 1, norm, projectionZ));
}

/** Bits of security, and how many tokens are on both sides of each draw. Raises `NotJudged` unless the policy is met. */
export function meet({ statement, image }, streams, policy) {
  const demand = (met, why) => {
    if (!met) throw new NotJudged("policy-not-met", `${why}: policy '${policy.name}' does not accept that.`, "policy");
  };
  const { shape: { hidden, tokens, layers }, answer } = statement;
  demand(policy.profiles.includes(statement.profile), `The profile is ${statement.profile}`);
  for (const { id, network } of statement.draws.filter((draw) => draw.kind === "custom")) {
    if (network === null) {
      const why = `the network of this bundle is not of this release; give its file, of SHA-256 ${toHex(id)}`;
      throw new NotJudged("policy-not-met", why, "policy");
    }
    demand((policy.networks ?? [toHex(id)]).includes(toHex(id)), `The network is ${toHex(id)}`);
  }
  demand(hidden >= policy.hidden, `The hidden size is ${hidden}`);
  demand(tokens.length >= policy.tokens, `There are ${tokens.length} tokens`);
  demand(layers.length <= policy.layers, `There are ${layers.length} layers`);
  const bits = securityBits(PROFILES.get(statement.profile));
  demand(bits >= policy["security-bits"], `The proof has ${bits} bits of security`);
  demand(image === null || image.png.length <= policy["max-image-bytes"], `The image has ${image?.png.length} bytes`);
  const counts = streams.map((stream) => sides(tokens, stream));
  for (const both of counts) {
    const enough = 100 * Math.min(...both) >= policy["side-percent"] * tokens.length;
    demand(enough, `A draw has ${both.join(" and ")} tokens on its sides`);
  }
  const own = statement.draws.some((draw) => draw.kind === "own");
  demand(own || !policy["own-vectors"], "There are no own vectors");
  if (answer && answer.kind !== "rounded" && policy.thresholds?.length > 0) {
    demand(policy.thresholds.includes(answer.cosines[0]), `The bound is ${answer.cosines[0]}/256`);
  }
  return { bits, counts };
}
