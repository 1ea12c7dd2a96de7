import { describe, expect, test } from "vitest";
import { backoffDelay } from "../src/backoff.ts";
import { contrast, parseHex, type Rgb, readableOn, textOn } from "../src/contrast.ts";
import { splitLinks, webAddress } from "../src/links.ts";
import { initials } from "../src/names.ts";
import { dayLabel, relativeTime, shortDuration } from "../src/time.ts";
import { randomUuid } from "../src/uuid.ts";

test("back-off is full jitter under a doubling ceiling with a cap", () => {
  expect([0, 1, 2, 6, 7, 1000].map((attempt) => backoffDelay(attempt, () => 0.999_999))).toEqual([
    499, 999, 1999, 29_999, 29_999, 29_999,
  ]);
  expect(backoffDelay(5, () => 0)).toBe(0);
  expect([0, 5, 7].map((attempt) => backoffDelay(attempt, () => 0.5, undefined, 10_000))).toEqual([5000, 8000, 15_000]);
});

describe("contrast", () => {
  const rgb = (color: string): Rgb => parseHex(color) ?? [0, 0, 0];

  test("text on any colour reaches 4.5:1", () => {
    for (let red = 0; red < 256; red += 17) {
      for (let green = 0; green < 256; green += 17) {
        for (let blue = 0; blue < 256; blue += 17) {
          const color = `#${[red, green, blue].map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
          expect(contrast(rgb(textOn(color)), rgb(color))).toBeGreaterThanOrEqual(4.5);
        }
      }
    }
  });

  test.each(["#ffff00", "#2f5bea", "#000000", "#ffffff", "#808080"])(
    "%s is made readable on light and dark",
    (color) => {
      for (const surface of ["#ffffff", "#14181f"]) {
        expect(contrast(rgb(readableOn(surface, color)), rgb(surface))).toBeGreaterThanOrEqual(4.5);
      }
    },
  );

  test("a readable colour stays as it is", () => {
    expect(readableOn("#ffffff", "#2f5bea")).toBe("#2f5bea");
  });
});

describe("links", () => {
  test("addresses are found without the punctuation around them", () => {
    expect(splitLinks("See https://a.example/x_(y), or (http://b.example).")).toEqual([
      { text: "See ", href: null },
      { text: "https://a.example/x_(y)", href: "https://a.example/x_(y)" },
      { text: ", or (", href: null },
      { text: "http://b.example", href: "http://b.example/" },
      { text: ").", href: null },
    ]);
  });

  test.each(["javascript:alert(1)", "data:text/html,x", "/relative", "ftp://a.example", " ", "https://", "vbscript:x"])(
    "%s is never a link",
    (address) => {
      expect(webAddress(address)).toBeNull();
      expect(splitLinks(address).every(({ href }) => href === null)).toBe(true);
    },
  );

  test("nothing of the text is lost", () => {
    for (const text of ["", "no link", "https://a.example", "a https://a.example b http://x b", "https://%zz,"]) {
      expect(
        splitLinks(text)
          .map((part) => part.text)
          .join(""),
      ).toBe(text);
    }
  });
});

describe("time", () => {
  const now = new Date(2026, 2, 6, 12, 0, 0).getTime();

  test("relative up to a day, then a date", () => {
    expect(relativeTime(now - 5000, now, "en")).toBe("now");
    expect(relativeTime(now - 5 * 60_000, now, "en")).toBe("5 minutes ago");
    expect(relativeTime(now - 3 * 3_600_000, now, "en")).toBe("3 hours ago");
    expect(relativeTime(now - 2 * 86_400_000, now, "en")).toBe("Mar 4, 2026");
    expect(relativeTime(now + 60_000, now, "en")).toBe("now");
  });

  test("days have names", () => {
    expect(dayLabel(now, now, "en")).toBe("Today");
    expect(dayLabel(now - 86_400_000, now, "de")).toBe("Gestern");
    expect(dayLabel(now - 3 * 86_400_000, now, "en")).toBe("Tuesday, March 3");
    expect(dayLabel(new Date(2025, 0, 1).getTime(), now, "en")).toContain("2025");
  });

  test("durations are short", () => {
    expect(shortDuration(40_000, "en")).toBe("40 sec");
    expect(shortDuration(5 * 60_000, "en")).toBe("5 min");
    expect(shortDuration(130 * 60_000, "en")).toBe("2 hr 10 min");
  });
});

test("initials", () => {
  expect(["Lena Vos", "lena", "", "  Ann  van der Berg ", "👩‍🚀 Sky"].map(initials)).toEqual([
    "LV",
    "L",
    "",
    "AB",
    "👩S",
  ]);
});

test("keys are version 4 UUIDs and differ", () => {
  const keys = Array.from({ length: 100 }, randomUuid);
  for (const key of keys) expect(key).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(new Set(keys).size).toBe(100);
});
