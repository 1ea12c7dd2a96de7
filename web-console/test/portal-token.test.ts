import { expect, test, vi } from "vitest";
import { takePortalToken } from "../src/state/portal-token.ts";

function storageWith(entries: Record<string, string>) {
  const map = new Map(Object.entries(entries));
  return {
    get length() {
      return map.size;
    },
    key: (index: number) => [...map.keys()][index] ?? null,
    getItem: (key: string) => map.get(key) ?? null,
    setItem: (key: string, value: string) => void map.set(key, value),
    removeItem: (key: string) => void map.delete(key),
  };
}

test("the token leaves the address and comes back after a reload", () => {
  const storage = storageWith({});
  const clean = vi.fn();
  expect(takePortalToken({ hash: "#secret", storage, clean })).toBe("secret");
  expect(clean).toHaveBeenCalledOnce();
  expect(takePortalToken({ hash: "", storage, clean })).toBe("secret");
  expect(clean).toHaveBeenCalledOnce();
});

test("another link takes nothing of the first one with it", () => {
  const storage = storageWith({ "baton.portal.token": "one", "baton.portal.out:k": "unsent", other: "kept" });
  expect(takePortalToken({ hash: "#two", storage, clean: () => {} })).toBe("two");
  expect(storage.getItem("baton.portal.out:k")).toBeNull();
  expect(storage.getItem("other")).toBe("kept");
});

test("the same link again keeps what was not sent yet", () => {
  const storage = storageWith({ "baton.portal.token": "one", "baton.portal.out:k": "unsent" });
  takePortalToken({ hash: "#one", storage, clean: () => {} });
  expect(storage.getItem("baton.portal.out:k")).toBe("unsent");
});

test("without storage the link still works", () => {
  expect(takePortalToken({ hash: "#secret", storage: null, clean: () => {} })).toBe("secret");
  expect(takePortalToken({ hash: "", storage: null, clean: () => {} })).toBeNull();
});
