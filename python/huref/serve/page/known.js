// What the registry that serves this page knows about a bundle. This page has checked none of it.
const SECTIONS = ["contested", "nearest", "date", "attestations"];

/** Whether a registry serves this page. */
export const registry = document.querySelector("header") !== null;

/** The answer to a question; null if the registry does not have that. Throws if it does not answer as expected. */
async function ask(path, options) {
  const answer = await fetch(path, options);
  if (answer.status === 404) return null;
  if (!answer.ok) throw new TypeError(`status ${answer.status}`);
  return answer;
}

/** The files that the registry keeps of a bundle, by its digest: its own, and its commitment\u2019s, if it names that by its
 *  id alone. null: it has none. */
export async function kept(digest) {
  const answer = await ask(`v1/bundles/${digest}`);
  if (answer === null) return null;
  const bundle = await answer.blob();
  const files = [new File([bundle], `${digest.slice(0, 16)}.huref.json`)];
  const { id, rows } = JSON.parse(await bundle.text()).statement.commitment;
  if (rows === undefined) {
    const commitment = await ask(`v1/commitments/${encodeURIComponent(id)}`);
    if (commitment !== null) files.push(new File([await commitment.blob()], `${id.slice(0, 16)}.commitment.json`));
  }
  return files;
}

/** An element with these properties and children. */
function made(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function card({ sha256, modelName, verdict, cosine, accepted, contested }) {
  const picture = made("img", { src: `v1/bundles/${sha256}/thumbnail.jpg`, width: 320, height: 320, alt: "Portrait" });
  const link = made("a", { href: `entries/${sha256}` }, picture, made("bdi", { className: "name" }, modelName));
  const dated = made("span", { className: "soft" }, accepted.slice(0, 10), contested ? ", contested" : "");
  return made("li", { className: "card" }, link, dated, made("span", { className: "like" }, `${verdict}, cosine ${cosine.toFixed(2)}`));
}

/** What the registry keeps that is like a bundle, which is sent to it: a heading, a sentence, portraits. Throws a text for
 *  people where the registry refuses it. */
export async function nearest(bytes) {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch("v1/search?limit=6", { method: "POST", headers, body: bytes });
  const found = await answer.json();
  if (!answer.ok) throw new TypeError(found.detail);
  const said = `${found.reason[0].toUpperCase()}${found.reason.slice(1)}.`;
  const left = found.notChecked.map(({ what, why }) => made("li", {}, `${what}: ${why}`));
  return [
    made("h2", {}, "Nearest neighbours"),
    made("p", { className: "soft" }, said),
    made("ul", { className: "gallery" }, ...found.neighbours.map(card)),
    made("h3", {}, "Not checked"),
    made("ul", { className: "soft" }, ...left),
  ];
}

/** The parts of the page of a bundle that say what this page cannot know; null: the registry does not have it. */
export async function known(digest) {
  const answer = await ask(`entries/${digest}`);
  if (answer === null) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const link = made("p", {}, made("a", { href: `entries/${digest}` }, "The page of this bundle"));
  return [link, ...SECTIONS.map((id) => page.getElementById(id)).filter((part) => part !== null)];
}
