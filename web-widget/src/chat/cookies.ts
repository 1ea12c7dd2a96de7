import { memoryStore, type Store } from "web-shared/storage.ts";

/** Browsers allow a partition about 10 KiB of cookies; a longer text stays in memory. */
const MAX_VALUE = 2500;
const DAYS_30 = 30 * 24 * 3600;

/**
 * The store for a frame that the browser denies `localStorage` (third-party storage blocked). Cookies partitioned by the site
 * around us (CHIPS) are allowed there and tell no site about another. Bound to the frame's path, so no other request carries them.
 */
export function partitionedCookieStore(prefix: string): Store {
  const memory = memoryStore();
  const nameOf = (key: string) => encodeURIComponent(prefix + key);
  const write = (key: string, value: string, seconds: number) => {
    const attributes = `Path=${location.pathname}; Max-Age=${seconds}; SameSite=None; Secure; Partitioned`;
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is asynchronous, and a page that goes away must have written
    document.cookie = `${nameOf(key)}=${encodeURIComponent(value)}; ${attributes}`;
  };
  const all = () => {
    const found = new Map<string, string>();
    for (const pair of document.cookie.split("; ")) {
      const [name = "", value = ""] = pair.split("=");
      const key = decodeURIComponent(name);
      if (key.startsWith(prefix)) found.set(key.slice(prefix.length), decodeURIComponent(value));
    }
    return found;
  };
  return {
    get: (key) => memory.get(key) ?? all().get(key) ?? null,
    set: (key, value) => {
      memory.set(key, value);
      const fits = encodeURIComponent(value).length <= MAX_VALUE;
      write(key, fits ? value : "", fits ? DAYS_30 : 0);
    },
    remove: (key) => {
      memory.remove(key);
      write(key, "", 0);
    },
    keys: () => [...new Set([...memory.keys(), ...all().keys()])],
    // Cookies tell nobody of a change; the tabs still meet in the log.
    onForeignChange: () => () => {},
  };
}
