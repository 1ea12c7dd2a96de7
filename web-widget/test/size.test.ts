import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";

const DIST = join(import.meta.dirname, "../dist");
const gzipped = (...path: string[]) => gzipSync(readFileSync(join(DIST, ...path)), { level: 9 }).length;

describe("what visitors download", () => {
  test("the loader is at most 5 kB", () => {
    expect(gzipped("widget.js")).toBeLessThanOrEqual(5_000);
  });

  test("the chat with all its languages is at most 40 kB", () => {
    const assets = readdirSync(join(DIST, "assets")).map((name) => gzipped("assets", name));
    expect(gzipped("chat.html") + assets.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(40_000);
  });

  test("the page has no inline script or style, and its assets have hashed names below /assets/widget/", () => {
    const html = readFileSync(join(DIST, "chat.html"), "utf8");
    expect(html).not.toMatch(/<style|style=|<script(?![^>]* src=)|\son\w+=/i);
    const sources = [...html.matchAll(/src="([^"]+)"/g)].map(([, source]) => source);
    expect(sources).toHaveLength(1);
    expect(sources[0]).toMatch(/^\/assets\/widget\/chat-[\w-]{8}\.js$/);
  });

  test("nothing is left to other hosts, and nothing writes markup", () => {
    const files = ["widget.js", ...readdirSync(join(DIST, "assets")).map((name) => join("assets", name))];
    for (const file of files) {
      const code = readFileSync(join(DIST, file), "utf8");
      const hosts = [...code.matchAll(/https?:\/\/[\w.-]+/g)].map(([address]) => address);
      expect(hosts.filter((address) => address !== "http://www.w3.org")).toEqual([]);
      expect(code).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/);
    }
  });
});
