// Sends a bundle to this service and shows its report. Text from outside is only ever set as text.
"use strict";

const element = (id) => document.getElementById(id);
const LABELS = {
  profile: "profile", securityBits: "bits of security", commitment: "commitment",
  vectorDigest: "digest of the portrait's vector", "image.sha256": "digest of the portrait", modelName: "model",
  modelLayers: "layers of the model", prover: "prover", provedAt: "proved at",
};
const DRAWS = {
  common: "common vectors, which can be compared with anyone's",
  own: "own vectors, whose sketches follow from the commitment",
  challenge: "vectors that answer a challenge",
};
let portraitUrl = "";
let turns = 0;

function entries(list, pairs) {
  list.replaceChildren();
  if (pairs.length === 0) list.textContent = "nothing";
  for (const [name, value] of pairs) {
    const term = document.createElement("dt");
    const text = document.createElement("dd");
    term.textContent = LABELS[name] ?? name;
    text.textContent = value;
    if (/^[0-9a-f]{64}$/.test(value)) text.className = "digest";
    list.append(term, text);
  }
}

function verdict(good, title, detail) {
  element("outcome").hidden = false;
  element("outcome").className = good ? "good" : "bad";
  element("verdict").textContent = title;
  element("detail").textContent = detail;
}

function clear(name) {
  element("blocks").hidden = true;
  element("portrait").hidden = true;
  URL.revokeObjectURL(portraitUrl);
  verdict(true, "Verifying\u2026", "");
  element("outcome").className = "";
  element("name").textContent = name;
}

function draw({ kind, digest, sides, commitments, beacon }) {
  return [
    [DRAWS[kind], digest],
    [`tokens on the sides (${kind})`, sides.join(" and ")],
    ["between this commitment", commitments?.[0]],
    ["and this one", commitments?.[1]],
    [`beacon (${kind})`, beacon],
  ];
}

function blocks(report) {
  const { proof = {}, image, commitment, vectorDigest, draws = [], madeFor = {} } = report.verified;
  const { owner, audience, nonce } = madeFor;
  const proved = [
    ...Object.entries({ ...proof, layers: proof.layers?.join(", "), commitment }),
    ...draws.flatMap(draw),
    ...Object.entries({ "owner, as the prover says": owner, audience, nonce }),
    ...Object.entries({ vectorDigest, "image.sha256": image?.sha256 }),
  ];
  entries(element("verified"), proved.filter(([, value]) => value !== undefined));
  const { files, ...claims } = report.claimed;
  entries(element("claimed"), [...Object.entries(claims), ...Object.entries(files)]);
  entries(element("notChecked"), report.notChecked.map(({ what, why, how }) => [what, how ? `${why}: ${how}` : why]));
  element("blocks").hidden = false;
}

// The service has compared this image with the portrait of the vectors, pixel by pixel.
function portrait(bundle) {
  const bytes = Uint8Array.from(atob(bundle.image.png), (letter) => letter.charCodeAt(0));
  portraitUrl = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
  element("portrait").src = portraitUrl;
  element("portrait").hidden = false;
}

async function verify(file) {
  const turn = ++turns;
  clear(file.name);
  try {
    const data = await file.arrayBuffer();
    const response = await fetch("v1/verify", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: data,
    });
    const answer = await response.json();
    if (turn !== turns) return; // another file was dropped meanwhile
    const report = response.status === 200 ? answer : answer.report;
    if (response.status === 200) {
      const { proof } = report.verified;
      verdict(true, "Verified", `The proof holds, with ${proof.securityBits} bits of security. What it does not show is listed last.`);
      if (report.verified.image?.inBundle) portrait(JSON.parse(new TextDecoder().decode(data)));
    } else {
      verdict(false, report ? "Refused" : "Not verified", `${answer.title}: ${answer.detail}`);
    }
    if (report) blocks(report);
  } catch (error) {
    if (turn === turns) verdict(false, "Not verified", "The service could not be reached, or did not answer as expected.");
  }
}

const drop = element("drop");
element("file").addEventListener("change", (event) => {
  if (event.target.files.length > 0) verify(event.target.files[0]);
  event.target.value = "";
});
for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.toggle("over", kind === "dragenter" || kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files.length > 0) verify(event.dataTransfer.files[0]);
  });
}
