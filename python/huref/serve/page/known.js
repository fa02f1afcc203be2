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

/** The parts of the page of a bundle that say what this page cannot know; null: the registry does not have it. */
export async function known(digest) {
  const answer = await ask(`entries/${digest}`);
  if (answer === null) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const link = document.createElement("p");
  link.append(Object.assign(document.createElement("a"), { href: `entries/${digest}`, textContent: "The page of this bundle" }));
  return [link, ...SECTIONS.map((id) => page.getElementById(id)).filter((part) => part !== null)];
}
