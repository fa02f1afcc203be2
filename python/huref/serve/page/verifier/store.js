// Where a browser keeps the generators: IndexedDB. A browser that has none, or refuses, derives them each time.

const NAME = "huref";
const STORE = "generators";

/** The answer to a request; undefined if it fails. */
const answer = (request) =>
  new Promise((resolve) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => resolve(undefined);
    request.onblocked = () => resolve(undefined);
  });

async function store(mode) {
  try {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    const database = await answer(request);
    return database?.transaction(STORE, mode).objectStore(STORE);
  } catch {
    return undefined; // the page of a file on disk may have no store
  }
}

/** Names and bytes, which are checked where they are used. */
export const kept = {
  async get(name) {
    const from = await store("readonly");
    const bytes = from && (await answer(from.get(name)));
    return bytes instanceof Uint8Array ? bytes : undefined;
  },
  async put(name, bytes) {
    const to = await store("readwrite");
    if (to) await answer(to.put(bytes, name));
  },
};
