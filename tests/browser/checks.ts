import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { FrameLocator, Page } from "playwright-core";
import { expect } from "vitest";

export async function visible(where: FrameLocator | Page, text: string | RegExp): Promise<void> {
  await where.getByText(text).filter({ visible: true }).first().waitFor();
}

export async function count(where: FrameLocator | Page, text: string): Promise<number> {
  return where.getByText(text, { exact: true }).count();
}

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

type Finding = { id: string; impact: string | null; nodes: { target: unknown[] }[] };

/** Runs axe in every frame of the page; the page's own policy forbids scripts from elsewhere, so it is put in through the debugger. */
export async function serious(page: Page, where: string): Promise<void> {
  const source = readFileSync(AXE, "utf8");
  for (const frame of page.frames()) {
    await frame.evaluate(source);
    const found = await frame.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<{ violations: Finding[] }> } };
      const { violations } = await axe.run({ iframes: false });
      return violations.map(({ id, impact, nodes }) => ({
        id,
        impact,
        targets: nodes.map(({ target }) => String(target)),
      }));
    });
    const bad = found.filter(({ impact }) => impact === "serious" || impact === "critical");
    expect(bad.map(({ id, targets }) => `${where}: ${id} at ${targets.join(", ")}`)).toEqual([]);
  }
}
