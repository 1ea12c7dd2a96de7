/** A small string store under one prefix. Browsers may refuse storage (private mode, blocked third-party frames); then it lives in memory. */
export type Store = {
  get(key: string): string | null;
  set(key: string, value: string): void;
  remove(key: string): void;
  keys(): string[];
  /** Called when another tab changed something; returns how to stop listening. */
  onForeignChange(listener: (key: string, value: string | null) => void): () => void;
};

export function memoryStore(): Store {
  const values = new Map<string, string>();
  return {
    get: (key) => values.get(key) ?? null,
    set: (key, value) => {
      values.set(key, value);
    },
    remove: (key) => {
      values.delete(key);
    },
    keys: () => [...values.keys()],
    onForeignChange: () => () => {},
  };
}

/** The store on `pick()` (say `() => localStorage`), shared by the tabs of this origin; `denied` makes another when it can't be used. */
export function browserStore(prefix: string, pick: () => Storage, denied: () => Store = memoryStore): Store {
  let area: Storage;
  try {
    area = pick();
    const probe = `${prefix}probe`;
    area.setItem(probe, "1");
    area.removeItem(probe);
  } catch {
    return denied();
  }
  // A value that no longer fits (quota) is kept here, so that this tab at least still has it.
  const overflow = memoryStore();
  return {
    get: (key) => overflow.get(key) ?? area.getItem(prefix + key),
    set: (key, value) => {
      try {
        area.setItem(prefix + key, value);
        overflow.remove(key);
      } catch {
        overflow.set(key, value);
      }
    },
    remove: (key) => {
      overflow.remove(key);
      area.removeItem(prefix + key);
    },
    keys: () => {
      const found = new Set(overflow.keys());
      for (let index = 0; index < area.length; index++) {
        const name = area.key(index);
        if (name?.startsWith(prefix)) found.add(name.slice(prefix.length));
      }
      return [...found];
    },
    onForeignChange: (listener) => {
      const handle = (event: StorageEvent) => {
        if (event.storageArea === area && event.key?.startsWith(prefix)) {
          listener(event.key.slice(prefix.length), event.newValue);
        }
      };
      addEventListener("storage", handle);
      return () => removeEventListener("storage", handle);
    },
  };
}
