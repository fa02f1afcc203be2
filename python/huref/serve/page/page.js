// The page: takes a bundle, has it checked in this browser, and shows what holds.
import { show } from "./blocks.js";
import { changed, check, read, single } from "./checking.js";
import { kept, known, nearest, registry } from "./known.js";

const UNKNOWN = "This registry does not have it.";
const BELOW = "What the registry says stands below. This page has checked none of it.";
const element = (id) => document.getElementById(id);
let given = null; // the files of the bundle that is shown
let digest = null; // that of its content, once it was judged
let running = null; // the check that goes on
let turn = 0; // counts bundles: what belongs to an earlier one is not shown any more

/** Say what came out. `#verdict` begins with Verified, Refused or Not verified once a check is done. */
function say({ verdict, check, detail, report, portrait }) {
  const good = verdict === "Verified";
  element("outcome").className = good ? "good" : "bad";
  element("verdict").textContent = verdict;
  element("check").textContent = check ?? "";
  element("at").hidden = !check;
  element("detail").textContent = good ? `The proof holds, with ${report.verified.proof.securityBits} bits of security.` : detail;
  element("more").hidden = given === null;
  element("tamper").hidden = !good;
  digest = report?.verified.proof ? report.bundle.sha256 : null;
  element("lookup").hidden = !registry || digest === null;
  element("blocks").hidden = !report;
  if (report) show(report);
  element("portrait").hidden = !portrait;
  if (portrait) draw(portrait);
}

/** What this page drew itself; the image of the bundle is never shown. */
function draw(rgb) {
  const canvas = element("portrait"), image = new ImageData(canvas.width, canvas.height);
  for (let i = 0; i < canvas.width * canvas.height; i++) {
    image.data.set(rgb.subarray(3 * i, 3 * i + 3), 4 * i);
    image.data[4 * i + 3] = 255;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

/** Nothing of the bundle before stays in sight. */
function clear(files) {
  given = null;
  say({ verdict: "Checking\u2026", detail: "" });
  element("outcome").className = "";
  element("outcome").hidden = false;
  element("name").textContent = `File: ${files.map((file) => file.name).join(", ")}`;
  for (const id of ["tampered", "second", "looked"]) element(id).textContent = "";
  element("known").hidden = element("search").hidden = true;
}

/** One check at a time, with a bar. */
async function run(data) {
  running?.cancel();
  element("progress").removeAttribute("value");
  element("stage").textContent = "Checking";
  element("work").hidden = false;
  const mine = check(data, (stage, done, of) => {
    element("stage").textContent = `Checking: ${stage}`;
    element("progress").value = done / of;
  });
  running = mine;
  const outcome = await mine.outcome;
  if (running === mine) {
    running = null;
    element("work").hidden = true;
  }
  return outcome;
}

async function verify(files) {
  const mine = ++turn;
  running?.cancel();
  clear(files);
  const outcome = await read(files).then(
    async (data) => {
      const found = mine === turn ? await run(data) : null;
      if (mine === turn) given = data;
      return found;
    },
    (unread) => unread,
  );
  if (mine === turn) say(outcome);
}

async function tamper() {
  const mine = turn;
  const { bytes, at, before, after } = changed(given.bytes);
  element("tampered").textContent = "";
  const outcome = await run({ ...given, bytes });
  if (mine !== turn) return;
  const end = outcome.check ? `${outcome.verdict}, by the check \u201c${outcome.check}\u201d` : `${outcome.verdict}: ${outcome.detail}`;
  element("tampered").textContent = `A copy in which digit ${at + 1} of the proof is ${after}, not ${before}: ${end}`;
}

/** What the server says. It may be wrong or dishonest, so it changes nothing else on the page. */
async function ask() {
  const mine = turn;
  element("second").textContent = "The server is asked\u2026";
  let said = "The server could not be reached, or did not answer as expected.";
  try {
    const headers = { "Content-Type": "application/json" };
    const response = await fetch("v1/verify", { method: "POST", headers, body: given.bytes });
    const answer = await response.json();
    if (response.status !== 200 && answer.code === undefined) throw new TypeError("no problem of a huref service");
    said = `The server says: ${response.status === 200 ? "verified" : `${answer.title}. ${answer.detail}`}`;
  } catch {
    // that is said already
  }
  if (mine === turn) element("second").textContent = said;
}

/** What the registry knows about the bundle; it gets the digest alone. */
async function look() {
  const mine = turn;
  element("looked").textContent = "The registry is asked\u2026";
  let said = "The registry could not be reached, or did not answer as expected.";
  let parts = null;
  try {
    parts = await known(digest);
    said = parts === null ? UNKNOWN : BELOW;
  } catch {
    // that is said already
  }
  if (mine !== turn) return;
  tell(said, parts);
  element("search").hidden = said !== UNKNOWN;
}

/** What is said about a bundle, and what is shown of the registry, if that is something. */
function tell(said, parts) {
  element("looked").textContent = said;
  element("known").replaceChildren(...(parts ?? []));
  element("known").hidden = parts === null;
}

/** What the registry keeps that is like a bundle which it does not have; for that it gets the file. */
async function search() {
  const mine = turn;
  element("looked").textContent = "The registry is searched\u2026";
  let said = BELOW;
  const parts = await nearest(given.bytes).catch((why) => {
    said = `The registry did not search: ${why.message}`;
    return null;
  });
  if (mine === turn) tell(said, parts);
}

/** A bundle of the registry, which the address names: it is verified here, like any other. */
async function open() {
  const named = location.hash.slice(1);
  if (!registry || !/^[0-9a-f]{64}$/.test(named)) return;
  const files = await kept(named).catch(() => null);
  if (files === null) {
    element("outcome").hidden = false;
    say({ verdict: "Not verified", detail: "The registry does not have that bundle, or could not be reached." });
    return;
  }
  await verify(files);
  if (digest === named) await look();
}

element("lookup").addEventListener("click", look);
element("search").addEventListener("click", search);
window.addEventListener("hashchange", open);
open();
element("cancel").addEventListener("click", () => running?.cancel());
element("tamper").addEventListener("click", tamper);
element("ask").addEventListener("click", ask);
element("ask").hidden = single;
element("file").addEventListener("change", (event) => {
  const files = [...event.target.files];
  event.target.value = "";
  if (files.length > 0) verify(files);
});
for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    element("drop").classList.toggle("over", kind === "dragenter" || kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files.length > 0) verify([...event.dataTransfer.files]);
  });
}
