// A publisher's signature over a bundle: a DSSE envelope in a Sigstore bundle, by a key (huref/attest).
import { fromBase64, join, toHex, utf8 } from "../verifier/bytes.js";
import { Fields } from "../verifier/fields.js";
import { fileDigest } from "../verifier/digests.js";
import { canonical, parse } from "../verifier/json.js";
import { sha256 } from "../verifier/sha256.js";
import { Refused, Unseen } from "./errors.js";
import { parsePem } from "./key.js";

const MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json";
const PAYLOAD_TYPE = "application/vnd.in-toto+json";
const STATEMENT = "https://in-toto.io/Statement/v1";
const ADDRESS = "https://huref.example";
const PREDICATE = `${ADDRESS}/attestation/model-fingerprint/v1`;
const NON_CLAIMS = [
  "not-a-licence-statement", "not-a-proof-of-independent-training", "not-a-quality-measure", "not-bound-to-a-running-endpoint",
];

function refuse(step, detail) {
  throw new Refused(step === "predicate type" ? "no-attestation" : "attestation-rejected", `attestation ${step}`, detail);
}

/** What an attestation shows about the bundle of a report, as a report has it; and whether tokens of authorities are in
 *  it, which no browser checks. `files`: the documents of the bundle and of its commitment. Raises `Refused`; `Unseen` if this
 *  browser cannot tell, or the files are not what they should be. */
export async function attested(report, files, envelopeBytes, keyBytes) {
  const key = parsePem(keyBytes);
  const { payload, signature, hint, tokens } = readable(() => parseEnvelope(envelopeBytes));
  const statement = readable(() => parseStatement(payload));
  if (statement.type !== PREDICATE) refuse("predicate type", "what was signed is no model fingerprint");
  if (hint !== key.hint) refuse("signature", "the attestation was signed by another key than the one that was given");
  const message = join([utf8(`DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `), payload]);
  if (!(await key.signed(signature, message))) refuse("signature", "the signature is not one by this key over this statement");
  for (const [name, digest] of subjects(report, files)) {
    if (statement.subjects.get(name) !== digest) refuse("subjects", `the attestation was made for another ${name}`);
  }
  if (canonical(statement.predicate) !== canonical(predicate(report, files))) {
    refuse("predicate", "the attestation says something else of the bundle than the bundle shows");
  }
  const owner = report.verified.madeFor?.owner;
  if (owner !== undefined && owner !== key.name && !owner.startsWith("name:")) {
    refuse("owner", "the proof names its owner, and that is not the signer");
  }
  return { attestation: { signer: key.name, predicateType: PREDICATE, bound: owner === key.name }, tokens };
}

/** What cannot be read is not judged. */
function readable(read) {
  try {
    return read();
  } catch (why) {
    throw why instanceof Unseen ? why : new Unseen(`the attestation cannot be read: ${why.message}`);
  }
}

function parseEnvelope(bytes) {
  const fields = new Fields(parse(bytes), "The attestation");
  fields.mustBe("mediaType", MEDIA_TYPE);
  const material = fields.fields("verificationMaterial"), envelope = fields.fields("dsseEnvelope");
  fields.done();
  if (material.has("certificate")) throw new Unseen("it was signed by an identity, with a certificate, which this page cannot check");
  const key = material.fields("publicKey"), hint = toHex(key.hex("hint", 32));
  key.done();
  if (material.has("tlogEntries") && material.list("tlogEntries").length > 0) material.refuse("field 'tlogEntries' must be empty");
  const tokens = material.has("timestampVerificationData") && material.value("timestampVerificationData").size > 0;
  material.done();
  envelope.mustBe("payloadType", PAYLOAD_TYPE);
  const payload = envelope.base64("payload"), [made, ...more] = envelope.objects("signatures");
  envelope.done();
  if (made === undefined || more.length > 0) envelope.refuse("there must be one signature");
  const signature = made.base64("sig");
  if (made.has("keyid")) made.mustBe("keyid", "");
  made.done();
  return { payload, signature, hint, tokens };
}

function parseStatement(payload) {
  const fields = new Fields(parse(payload), "The statement");
  fields.mustBe("_type", STATEMENT);
  const type = fields.text("predicateType"), predicate = fields.value("predicate"), subjects = new Map();
  for (const subject of fields.objects("subject")) {
    const name = subject.text("name"), digest = subject.fields("digest");
    if (subjects.has(name)) fields.refuse("two subjects have one name");
    subjects.set(name, toHex(digest.hex("sha256", 32)));
    digest.done();
    subject.done();
  }
  fields.done();
  if (!(predicate instanceof Map)) fields.refuse("field 'predicate' must be an object");
  return { type, predicate, subjects };
}

/** Digests of the files, by the names that subjects have. */
function subjects(report, { bundle, commitment }) {
  const found = [["bundle", report.bundle.fileSha256], ["commitment", fileDigest(commitment)]];
  const image = bundle.get("image");
  return image === null ? found : [...found, ["portrait", toHex(sha256(fromBase64(image.get("png"))))]];
}

const map = (fields) => new Map(Object.entries(fields).filter(([, value]) => value !== undefined));
const digest = (sha256) => map({ sha256 });

/** What the bundle shows, and what an attestation of it does not say. */
function predicate({ bundle, verified: { proof, commitment, draws, vectorDigest, madeFor }, claimed }, { commitment: file }) {
  return map({
    bundle: map({ mediaType: "application/vnd.huref.bundle.v2+json", contentDigest: digest(bundle.sha256) }),
    commitment: map({ id: commitment, hiding: true }),
    profile: proof.profile,
    protocol: proof.protocol,
    layers: proof.layers,
    tokens: map({ count: proof.tokens, digest: digest(file.get("tokens").get("digest")) }),
    draws: draws.map((draw) => draw.kind),
    vector: vectorDigest === undefined ? undefined : map({ digest: digest(vectorDigest) }),
    owner: madeFor?.owner,
    prover: map({ id: `${ADDRESS}/prover`, version: claimed.prover }),
    provedAt: claimed.provedAt,
    nonClaims: NON_CLAIMS,
  });
}
