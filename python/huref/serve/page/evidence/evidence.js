// What stands beside a bundle: a publisher's attestation, and a log's proof. Both count as much as the keys that the
// reader gave for them.
import { parse } from "../verifier/json.js";
import { attested } from "./attestation.js";
import { Refused, Unseen } from "./errors.js";
import { logged } from "./log.js";

const COMMANDS = {
  publisher: "huref verify BUNDLE --attestation FILE --key PEM",
  log: "huref verify BUNDLE --log-proof FILE --log-policy FILE",
  timestamp: "huref verify BUNDLE --attestation FILE --authorities PEM",
};

/** The result of a verification with what these files add; refused where they do not hold. */
export async function withEvidence(result, { bytes, commitments = [], attestation, key, logProof, logPolicy }) {
  let found = result;
  if (attestation ?? key) {
    found = await looked(found, "publisher", async (report) => {
      if (!attestation || !key) throw new Unseen(`the ${key ? "attestation" : "publisher's public key"} is needed too`);
      const { tokens, ...shown } = await attested(report, parts(bytes, commitments), attestation, key);
      return { shown, seen: shown.attestation.bound ? ["owner"] : [], tokens };
    });
  }
  if (logProof ?? logPolicy) {
    found = await looked(found, "log", async (report) => {
      if (!logProof || !logPolicy) throw new Unseen(`the ${logPolicy ? "log's proof" : "policy that names logs and witnesses"} is needed too`);
      const shown = { logged: await logged(report, logProof, logPolicy) };
      const dated = shown.logged.by !== undefined && !report.verified.draws.some((draw) => draw.beacon);
      return { shown, seen: dated ? ["order"] : [] };
    });
  }
  return found;
}

/** The documents of a bundle and of its commitment. */
function parts(bytes, commitments) {
  const bundle = parse(bytes), inside = bundle.get("statement").get("commitment");
  const given = commitments.map(parse).find((document) => document.get("id") === inside.get("id"));
  return { bundle, commitment: inside.has("rows") ? inside : given };
}

/** One more check, of what `notChecked` calls by that name. The first failure stays. */
async function looked(result, what, judge) {
  const { report } = result;
  if (report === null) return result;
  const others = report.notChecked.filter((left) => left.what !== what);
  const unseen = (why) => changed(result, { notChecked: [...others, { what, why, how: COMMANDS[what] }] });
  if (!report.ok) return unseen("a check before it failed");
  if (report.verified.nearness) return unseen("the file is no bundle");
  try {
    const { shown, seen, tokens } = await judge(report);
    const notChecked = others.filter((left) => !seen.includes(left.what));
    if (tokens) notChecked.push({ what: "timestamp", why: "no browser checks tokens of authorities", how: COMMANDS.timestamp });
    return changed(result, { verified: { ...report.verified, ...shown }, notChecked });
  } catch (why) {
    if (why instanceof Unseen) return unseen(why.message);
    if (!(why instanceof Refused)) throw why;
    const { code, check, message: detail } = why;
    const refused = changed(result, { ok: false, code, failure: { check, detail }, notChecked: others });
    return { ...refused, verdict: code === "no-attestation" ? "Not verified" : "Refused", code, check, detail, portrait: null };
  }
}

function changed(result, changes) {
  const report = { ...result.report, ...changes };
  return { ...result, report, notChecked: report.notChecked.map(({ what, why }) => `${what}: ${why}`) };
}
