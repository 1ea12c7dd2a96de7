// What each story stands on: a server of its own, one browser for all, and nobody's page that complained.
import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { launch, person, Server } from "./harness.ts";

let browser: Browser;
const complaints: string[][] = [];

/** Of the story that runs. */
export let server: Server;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());
beforeEach(async () => {
  server = await Server.start();
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  await server.end();
  expect(complaints.splice(0).flat()).toEqual([]);
});

/** A browser of one person; what its pages complain of fails the story. */
export async function somebody(options: Parameters<typeof person>[1] = {}): Promise<BrowserContext> {
  const { context, list } = await person(browser, options);
  complaints.push(list);
  return context;
}
