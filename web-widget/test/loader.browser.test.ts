import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BatonApi } from "../src/loader/widget.ts";
import { CHAT, EVIL, launch, SHOP, Visit } from "./browser.ts";

declare global {
  var Baton: BatonApi;
}

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

const stored = (page: Page) => page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]);
const frameOf = (page: Page) => page.frameLocator("iframe[title=Chat]");
const open = async (page: Page) => {
  await page.getByRole("button", { name: "Open chat" }).click();
  await frameOf(page).getByText("Hello! Ask me anything.").waitFor();
};

describe("before the first click", () => {
  test("one request, nothing stored, no frame, no socket; under a strict policy with a nonce and Trusted Types", async () => {
    const visit = await Visit.begin(browser);
    const page = await visit.shop();
    await page.getByRole("button", { name: "Open chat" }).waitFor();
    expect(visit.requests).toEqual([`${SHOP}/`, `${CHAT}/widget.js`]);
    expect(await stored(page)).toEqual([0, 0, ""]);
    expect(page.frames()).toHaveLength(1);
    await open(page);
    expect(visit.hub.sent("hello")).toHaveLength(1);
    expect(visit.hub.sent("hello")[0]?.page).toMatchObject({ url: `${SHOP}/`, title: "Shop" });
    expect(visit.complaints).toEqual([]);
    await visit.context.close();
  });

  test("calls made before the script has loaded run in order", async () => {
    const visit = await Visit.begin(browser);
    visit.before = `<script nonce="n1">
      window.Baton=window.Baton||new Proxy({q:[]},{get:(t,m)=>m==="q"?t.q:(...a)=>{t.q.push([m,...a])}});
      Baton.on("ready", () => { document.title = "ready"; });
      Baton.open();
    </script>`;
    const page = await visit.shop();
    await frameOf(page).getByText("Hello! Ask me anything.").waitFor();
    expect(await page.title()).toBe("ready");
    expect(await page.evaluate(() => Baton.state())).toMatchObject({ open: true });
    await visit.context.close();
  });

  test("a second script tag changes nothing", async () => {
    const visit = await Visit.begin(browser);
    visit.before = `<script nonce="n1" async src="${CHAT}/widget.js" data-chatbot="demo"></script>`;
    const page = await visit.shop();
    await page.waitForLoadState();
    expect(await page.getByRole("button", { name: "Open chat" }).count()).toBe(1);
    await visit.context.close();
  });
});

describe("panel and button", () => {
  test("the frame is made once; Escape closes and the focus comes back", async () => {
    const visit = await Visit.begin(browser);
    const page = await visit.shop();
    await open(page);
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.tagName))
      .toBe("IFRAME");
    await page.keyboard.press("Escape");
    await expect.poll(() => page.evaluate(() => Baton.state().open)).toBe(false);
    expect(await page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.tagName)).toBe("BUTTON");
    await page.keyboard.press("Enter");
    await page.evaluate(() => {
      Baton.close();
      Baton.toggle();
    });
    expect(visit.requests.filter((url) => url === `${CHAT}/widget/demo`)).toHaveLength(1);
    expect(visit.hub.sent("hello")).toHaveLength(1);
    await visit.context.close();
  });

  test("an answer to a closed panel counts on the badge, is told without its words, and is read when opened", async () => {
    const visit = await Visit.begin(browser);
    const page = await visit.shop();
    await open(page);
    await page.evaluate(() => {
      const told: unknown[] = [];
      Object.assign(globalThis, { told });
      for (const name of ["message", "unread"] as const) Baton.on(name, (detail) => told.push([name, detail]));
      Baton.close();
    });
    visit.hub.push({ kind: "started" });
    visit.hub.agentSays("secret words");
    await page.getByRole("button", { name: "Open chat, 1 unread" }).waitFor();
    const told = await page.evaluate(() => (globalThis as unknown as { told: unknown[] }).told);
    expect(told).toContainEqual(["message", { by: "agent" }]);
    expect(told).toContainEqual(["unread", { count: 1 }]);
    expect(JSON.stringify(told)).not.toContain("secret");
    expect(visit.hub.sent("read")).toEqual([]);
    await page.getByRole("button", { name: "Open chat, 1 unread" }).click();
    await expect.poll(() => page.evaluate(() => Baton.state().unread)).toBe(0);
    expect(visit.hub.sent("read")).toHaveLength(1);
    await visit.context.close();
  });

  test("the owner's colour and side arrive while the widget is open", async () => {
    const visit = await Visit.begin(browser);
    const page = await visit.shop();
    await open(page);
    const chatbot = { ...visit.hub.chatbot, brand_color: "#ffd400", position: "bottom_left" } as const;
    visit.hub.tell({ type: "settings", chatbot });
    const button = page.getByRole("button", { name: "Close chat" });
    await expect.poll(async () => (await button.boundingBox())?.x).toBeLessThan(30);
    const style = await button.evaluate((element) => [
      getComputedStyle(element).backgroundColor,
      getComputedStyle(element).color,
    ]);
    expect(style).toEqual(["rgb(255, 212, 0)", "rgb(0, 0, 0)"]);
    await visit.context.close();
  });

  test("on a phone the panel fills the screen", async () => {
    const visit = await Visit.begin(browser, { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });
    const page = await visit.shop();
    await open(page);
    await expect.poll(() => page.locator("iframe").boundingBox()).toEqual({ x: 0, y: 0, width: 390, height: 844 });
    await frameOf(page).getByRole("button", { name: "Close chat" }).click();
    await page.getByRole("button", { name: "Open chat" }).waitFor();
    await visit.context.close();
  });

  test("the next page of the visit goes on where this one was", async () => {
    const visit = await Visit.begin(browser);
    const page = await visit.shop();
    await open(page);
    await page.goto(`${SHOP}/other`);
    await frameOf(page).getByText("Hello! Ask me anything.").waitFor();
    expect(await page.evaluate(() => Baton.state().open)).toBe(true);
    expect(visit.hub.conversations.size).toBe(1);
    await visit.context.close();
  });

  test("shutdown leaves nothing behind", async () => {
    const visit = await Visit.begin(browser);
    const page = await visit.shop();
    const push = await page.evaluate(() => history.pushState.toString());
    await open(page);
    await page.evaluate(() => Baton.shutdown());
    expect(await page.locator("iframe").count()).toBe(0);
    expect(await page.getByRole("button").count()).toBe(0);
    expect(await page.evaluate(() => history.pushState.toString())).toBe(push);
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
    await visit.context.close();
  });
});

describe("host page and frame", () => {
  test("a single-page app's navigation is reported with its new title", async () => {
    const visit = await Visit.begin(browser);
    const page = await visit.shop();
    await open(page);
    await page.evaluate(() => {
      history.pushState({}, "", "/bicycles?size=56");
      document.title = "Bicycles";
    });
    const expected = { url: `${SHOP}/bicycles?size=56`, title: "Bicycles" };
    await expect.poll(() => visit.hub.sent("navigate").at(-1)?.page).toMatchObject(expected);
    await visit.context.close();
  });

  test("only the right window of the right origin is heard, both ways", async () => {
    const visit = await Visit.begin(browser);
    const page = await visit.shop();
    await open(page);
    // The page itself pretends to be the chat.
    await page.evaluate(() => window.postMessage({ baton: 1, type: "close" }, "*"));
    // A foreign frame beside the chat pretends to be the page.
    await page.evaluate((evil) => {
      const frame = document.createElement("iframe");
      frame.src = evil;
      document.body.append(frame);
      return new Promise((resolve) => frame.addEventListener("load", resolve));
    }, EVIL);
    await page.evaluate(() => document.querySelector("iframe")?.contentWindow?.postMessage("go", "*"));
    // The page's own navigation comes after it: what was sent before would have arrived before.
    await page.evaluate(() => history.pushState({}, "", "/after"));
    await expect.poll(() => visit.hub.sent("navigate").map(({ page }) => page.url)).toEqual([`${SHOP}/after`]);
    expect(await page.evaluate(() => Baton.state().open)).toBe(true);
    await visit.context.close();
  });
});
