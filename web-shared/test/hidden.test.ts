import { expect, test } from "vitest";
import fixture from "../../tests/fixtures/hidden-text.json";
import { isHidden, visibleParts, visibleText } from "../src/hidden.ts";

test("hidden characters are those of the fixture", () => {
  const found: [number, number][] = [];
  for (let code = 0; code <= 0x10ffff; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    if (!isHidden(String.fromCodePoint(code))) continue;
    const last = found.at(-1);
    if (last && last[1] + 1 === code) last[1] = code;
    else found.push([code, code]);
  }
  const hex = (code: number) => code.toString(16).toUpperCase().padStart(4, "0");
  expect(found.map(([first, last]) => `${hex(first)}-${hex(last)}`)).toEqual(fixture.ranges);
});

test("hidden characters become marks, and nothing that is seen is lost", () => {
  expect(fixture.shown.length).toBeGreaterThan(5);
  for (const [text = "", shown] of fixture.shown) expect(visibleText(text)).toBe(shown);
  expect(visibleParts("a\u{202e}b")).toEqual([
    { text: "a", hidden: false },
    { text: "U+202E", hidden: true },
    { text: "b", hidden: false },
  ]);
});
