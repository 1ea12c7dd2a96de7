import { expect, test } from "vitest";
import { findCommands } from "../src/state/command-list.ts";
import { Drafts } from "../src/state/drafts.ts";
import { isKnowledgeName, pastedName, sizeWords } from "../src/state/knowledge-file.ts";
import { describeBrowser } from "../src/state/user-agent.ts";
import { countryName, refusalText } from "../src/state/words.ts";

test("drafts are apart by conversation and mode, and come back from storage", () => {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
  const drafts = new Drafts(storage);
  drafts.set("a", "message", "hello");
  drafts.set("a", "note", "careful");
  expect(drafts.get("b", "message")).toBe("");
  const afterReload = new Drafts(storage);
  expect([afterReload.get("a", "message"), afterReload.get("a", "note")]).toEqual(["hello", "careful"]);
  afterReload.set("a", "note", "");
  expect(new Drafts(storage).get("a", "note")).toBe("");
});

test("drafts live in memory when storage is full", () => {
  const full = (): never => {
    throw new DOMException("full", "QuotaExceededError");
  };
  const drafts = new Drafts({ getItem: full, setItem: full, removeItem: full });
  drafts.set("a", "message", "hello");
  expect(drafts.get("a", "message")).toBe("hello");
  expect(drafts.get("b", "message")).toBe("");
});

test.each([
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0",
    "Edge 130 on Windows",
  ],
  [
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    "Chrome 131 on Linux",
  ],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
    "Safari 18 on iPhone",
  ],
  ["Mozilla/5.0 (Android 14; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0", "Firefox 132 on Android 14"],
  ["curl/8.5", "Unknown browser"],
  ["", ""],
])("user agent %#", (userAgent, says) => {
  expect(describeBrowser(userAgent)).toBe(says);
});

test("every typed word must be found; the earlier the better", () => {
  const command = (label: string, about = "") => ({ label, about, run: () => {} });
  const all = [command("Knowledge of Ada"), command("Settings of Ada"), command("Ada"), command("Log out", "sign out")];
  expect(findCommands(all, "ada").map(({ label }) => label)[0]).toBe("Ada");
  expect(findCommands(all, "ADA set").map(({ label }) => label)).toEqual(["Settings of Ada"]);
  expect(findCommands(all, "sign").map(({ label }) => label)).toEqual(["Log out"]);
  expect(findCommands(all, "nothing")).toEqual([]);
});

test("knowledge files are told by their ending", () => {
  expect(["a.md", "B.CSV", "c.jsonl"].every(isKnowledgeName)).toBe(true);
  expect([".md", "a.pdf", "md"].some(isKnowledgeName)).toBe(false);
  expect(pastedName("Prices")).toBe("Prices.md");
  expect(pastedName("faq.csv")).toBe("faq.csv");
  expect(pastedName("  ")).toBe("Pasted text.md");
  expect([sizeWords(12), sizeWords(22_110), sizeWords(1_240_000)]).toEqual(["12 B", "22 kB", "1.2 MB"]);
});

test("a lost race names the winner", () => {
  const by = { id: "kim", name: "Kim" };
  expect(refusalText({ code: "already_taken", by, message: "" })).toBe("Kim has already taken it.");
});

test("an invalid country code is shown as it came", () => {
  expect(countryName("??")).toBe("??");
  expect(countryName("")).toBe("");
});
