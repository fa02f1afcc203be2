// The three blocks of a report: what follows from the proof, what is claimed, what was not checked. Text from outside is
// only ever set as text, and never taken for the name of something.
const DRAWS = {
  common: "common vectors, which can be compared with anyone's",
  own: "own vectors, whose sketches follow from the commitment",
  challenge: "vectors that answer a challenge",
  custom: "vectors by an encoder not of this release",
};
const LEFT = {
  image: "portrait", challenge: "challenge", fitted: "whether weights were fitted", encoder: "encoder", owner: "owner", order: "what came first",
  layers: "other layers", theirs: "whose vectors these are", files: "files of a model", publisher: "publisher", timestamp: "date", log: "log",
};

/** The elements of a name and its value: a text, or an element. */
function entry([name, value]) {
  const term = document.createElement("dt");
  const text = document.createElement("dd");
  term.textContent = name;
  text.append(value instanceof Node ? value : String(value));
  if (/^(\w+:)?[0-9a-f]{64,}$/.test(value)) text.className = "digest";
  return [term, text];
}

const element = (id) => document.getElementById(id);

function list(id, pairs) {
  const given = pairs.filter(([, value]) => value !== undefined);
  element(id).replaceChildren(...given.flatMap(entry));
  element(id).hidden = given.length === 0;
  element(id).parentElement.querySelector(".nothing")?.toggleAttribute("hidden", given.length > 0);
}

/** The files that the maker names, folded: there may be thousands, and what was not checked must stay in sight. */
function folded(files) {
  const [box, summary, names] = ["details", "summary", "dl"].map((name) => document.createElement(name));
  summary.textContent = `${files.length} with their SHA-256`;
  names.append(...files.flatMap(entry));
  box.append(summary, names);
  return box;
}

function draw({ kind, digest, sides, seed, commitments, network, beacon }) {
  return [
    [DRAWS[kind], digest],
    [`tokens on the sides (${kind})`, sides.join(" and ")],
    [`seed (${kind})`, seed],
    ["between this commitment", commitments?.[0]],
    ["and this one", commitments?.[1]],
    ["its network, SHA-256", network],
    [`beacon (${kind})`, beacon],
  ];
}

/** How near the weights come to the vectors of somebody else: the highest cosines first. */
function near({ answer, vectors, digest, intervals, seed, beacon, commitments, sides }) {
  const best = [...intervals].sort((a, b) => b.low - a.low).slice(0, 6);
  const said = ({ vector, layer, low, high }) => {
    const ends = answer === "at-least" ? `at least ${low}` : `${low.toFixed(4)} to ${high.toFixed(4)}`;
    return `layer ${layer} with their vector ${vector + 1}: ${ends}`;
  };
  const all = `all ${intervals.length} pairs of a vector and a layer: below ${intervals[0].high} in size`;
  return [
    ["cosines", answer === "below" ? all : best.map(said).join("; ")],
    ["pairs of lower cosines", answer === "below" || best.length === intervals.length ? undefined : intervals.length - best.length],
    [`vectors of the other side: ${vectors}, their digest`, digest],
    ...draw({ kind: "challenge", digest: undefined, sides, seed, commitments, beacon }),
  ];
}

/** What counts as much as the keys of others. */
function signed({ attestation, logged }) {
  const bound = "the proof names this signer as its owner, so they knew the weights";
  const seen = logged?.by && `${logged.by}, say ${logged.witnesses.length} of ${logged.known} witnesses: ${logged.witnesses.join(", ")}`;
  return [
    ["signed by", attestation?.signer],
    ["bound", attestation && (attestation.bound ? bound : "no: a signer need not know the weights")],
    ["in the log", logged?.log],
    ["entry", logged && `${logged.index} of ${logged.size}, for the ${logged.what}`],
    ["existed by", logged && (seen ?? "not known: no witness of the policy counts")],
  ];
}

/** Fill the blocks from a report. */
export function show(report) {
  const { proof, image, commitment, vectorDigest, nearness, draws = [], madeFor: { owner, audience, nonce } = {} } = report.verified;
  list("verified", [
    ["protocol", proof?.protocol],
    ["profile", proof?.profile],
    ["bits of security", proof?.securityBits],
    ["layers, as the prover numbers them", proof?.layers.join(", ")],
    ["tokens", proof?.tokens],
    ["commitment", commitment],
    ...draws.flatMap(draw),
    ...(nearness ? near(nearness) : []),
    ["owner, as the prover says", owner],
    ["made for", audience],
    ["nonce", nonce],
    ["vector of the portrait, its digest", vectorDigest],
    ["portrait, digest of its pixels", image?.sha256],
    [nearness ? "file, its digest" : "bundle, its digest", proof && report.bundle.sha256],
    ["image in the bundle", image && (image.inBundle ? "the portrait, pixel by pixel" : "none")],
  ]);
  list("signed", signed(report.verified));
  element("signed").parentElement.hidden = element("signed").hidden;
  const { modelName, modelLayers, files, prover, provedAt, theirBundle } = report.claimed;
  const named = Object.entries(files);
  list("claimed", [
    ["model", modelName],
    ["layers of the model", modelLayers],
    ["prover", prover],
    ["made at", provedAt],
    ["bundle of the other side, its digest", theirBundle],
    ["files", named.length > 0 ? folded(named) : undefined],
  ]);
  list("notChecked", report.notChecked.map(({ what, why, how }) => [LEFT[what] ?? what, how ? `${why}; use: ${how}` : why]));
}
