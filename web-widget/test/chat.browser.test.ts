import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CHAT, launch, Visit } from "./browser.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Serious findings of axe-core on the page as it stands. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    type Found = { id: string; impact: string; nodes: { html: string; failureSummary: string }[] };
    const axe = (globalThis as unknown as { axe: { run(): Promise<{ violations: Found[] }> } }).axe;
    const { violations } = await axe.run();
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(
        ({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(" | ")}`,
      );
  });
}

const box = (page: Page) => page.getByRole("textbox", { name: "Message" });
const say = async (page: Page, text: string) => {
  await box(page).fill(text);
  await box(page).press("Enter");
};
const bubbles = (page: Page, text: string) => page.locator(".rows .text", { hasText: text });

describe("messages", () => {
  test("words are never markup, and only web addresses become links", async () => {
    const visit = await Visit.begin(browser);
    const page = await visit.chat();
    const nasty = '<img src=x onerror="alert(1)"><b>bold</b> https://a.example/?q=<i> javascript:alert(1)';
    await say(page, nasty);
    await bubbles(page, "<b>bold</b>").waitFor();
    const turn = visit.hub.conversation.log.seq;
    const sources = [
      { title: "Leaflet", url: "javascript:alert(1)" },
      { title: "Delivery", url: "https://shop.example/delivery" },
    ];
    visit.hub.push({ kind: "ai_message", turn, text: nasty, sources, confident: true });
    await expect.poll(() => bubbles(page, "<b>bold</b>").count()).toBe(2);
    expect(await page.locator(".rows img, .rows b, .rows i").count()).toBe(0);
    const links = await page
      .locator(".rows a")
      .evaluateAll((all) => all.map((a) => [a.getAttribute("href"), a.getAttribute("rel")]));
    const rel = "noopener noreferrer nofollow";
    expect(links).toEqual([
      ["https://a.example/?q=", rel],
      ["https://a.example/?q=", rel],
      ["https://shop.example/delivery", rel],
    ]);
    await page.getByText("Leaflet").waitFor();
    expect(visit.complaints).toEqual([]);
    await visit.context.close();
  });

  test("unsent text and unacknowledged messages survive a reload and reach the log once", async () => {
    const visit = await Visit.begin(browser);
    const page = await visit.chat();
    visit.hub.mute = true;
    await say(page, "first");
    await page.getByText("Sending…").waitFor();
    await box(page).fill("half a sent");
    await page.reload();
    await bubbles(page, "first").waitFor();
    expect(await box(page).inputValue()).toBe("half a sent");
    visit.hub.mute = false;
    visit.hub.cut(1012);
    await page.getByText("Sent", { exact: true }).waitFor();
    expect(await bubbles(page, "first").count()).toBe(1);
    expect(new Set(visit.hub.sent("send").map(({ key }) => key)).size).toBe(1);
    expect(visit.hub.conversation.log.entries.filter(({ event }) => event.kind === "visitor_message")).toHaveLength(1);
    await visit.context.close();
  });

  test("two tabs opened at once are one visitor and show each message once", async () => {
    const visit = await Visit.begin(browser);
    const [one, two] = await Promise.all([visit.chat(), visit.chat()]);
    const alive = () => [...visit.hub.conversations.values()].filter(({ sockets }) => sockets.size > 0).length;
    await expect.poll(alive).toBe(1);
    await say(one, "from one");
    await say(two, "from two");
    for (const page of [one, two]) {
      await expect.poll(() => page.locator(".rows .visitor .text").allTextContents()).toEqual(["from one", "from two"]);
    }
    await visit.context.close();
  });

  test("the outbox of a closed tab is sent by the other one", async () => {
    const visit = await Visit.begin(browser);
    const one = await visit.chat();
    const two = await visit.chat();
    visit.hub.mute = true;
    await say(one, "left behind");
    await bubbles(two, "left behind").waitFor();
    await one.close();
    visit.hub.mute = false;
    await two.getByText("Sent", { exact: true }).waitFor();
    expect(new Set(visit.hub.sent("send").map(({ key }) => key)).size).toBe(1);
    await visit.context.close();
  });

  test("a refused message keeps its text: edit puts it back into the box", async () => {
    const visit = await Visit.begin(browser);
    const page = await visit.chat();
    visit.hub.mute = true;
    await say(page, "too much");
    await expect.poll(() => visit.hub.sent("send").length).toBe(1);
    const key = visit.hub.sent("send")[0]?.key ?? "";
    visit.hub.tell({
      type: "refused",
      key,
      command: "send",
      conversation: "c",
      code: "too_long",
      message: "",
      by: null,
    });
    await page.getByText("This message is too long.").waitFor();
    await page.getByRole("button", { name: "Edit" }).click();
    expect(await box(page).inputValue()).toBe("too much");
    expect(await bubbles(page, "too much").count()).toBe(0);
    await visit.context.close();
  });

  test("without storage the chat works from memory", async () => {
    const visit = await Visit.begin(browser);
    await visit.context.addInitScript(() => {
      Object.defineProperty(window, "localStorage", {
        get: () => {
          throw new DOMException("denied", "SecurityError");
        },
      });
    });
    const page = await visit.chat();
    await say(page, "hello");
    await page.getByText("Sent", { exact: true }).waitFor();
    await visit.context.close();
  });
});

describe("reading", () => {
  test("a streamed answer grows in one bubble; a reader who scrolled up is not moved and gets a pill", async () => {
    const visit = await Visit.begin(browser, { viewport: { width: 400, height: 500 } });
    const page = await visit.chat();
    for (let index = 0; index < 12; index++) await say(page, `line ${index}`);
    await expect.poll(() => visit.hub.conversation.log.seq).toBe(13);
    const turn = 13;
    const words = "A long answer. ".repeat(40);
    const thread = page.getByRole("log");
    const piece = (from: number, to: number) => {
      visit.hub.tell({ type: "ai_text", conversation: "c", turn, from, text: words.slice(from, to) });
    };
    piece(0, 30);
    const bubble = page.locator(".row.ai .text", { hasText: "A long answer." });
    await bubble.waitFor();
    await bubble.evaluate((element) => element.setAttribute("data-mark", "same"));
    piece(30, 300);
    await expect.poll(() => thread.evaluate((t) => t.scrollHeight - t.scrollTop - t.clientHeight)).toBeLessThan(2);
    await thread.evaluate((element) => element.scrollTo(0, 100));
    await expect.poll(() => thread.evaluate((element) => element.scrollTop)).toBe(100);
    piece(300, words.length);
    visit.hub.push({ kind: "ai_message", turn, text: words, sources: [], confident: true });
    await expect.poll(() => bubble.textContent()).toBe(words);
    expect(await bubble.getAttribute("data-mark")).toBe("same");
    visit.hub.agentSays("new");
    await page.getByRole("button", { name: "New messages" }).click();
    await expect.poll(() => thread.evaluate((t) => t.scrollHeight - t.scrollTop - t.clientHeight)).toBeLessThan(2);
    await expect.poll(() => visit.hub.sent("read").length).toBeGreaterThan(0);
    await visit.context.close();
  });

  test("whole messages are read out, pieces of a streamed one are not", async () => {
    const visit = await Visit.begin(browser);
    const page = await visit.chat();
    await say(page, "question");
    const turn = 2;
    await expect.poll(() => visit.hub.conversation.log.seq).toBe(turn);
    visit.hub.tell({ type: "ai_text", conversation: "c", turn, from: 0, text: "The ans" });
    await bubbles(page, "The ans").waitFor();
    expect(await page.locator("[aria-live=polite]").textContent()).toBe("");
    visit.hub.push({ kind: "ai_message", turn, text: "The answer.", sources: [], confident: true });
    await expect.poll(() => page.locator("[aria-live=polite]").textContent()).toBe("AI assistant says: The answer.");
    expect(await page.getByRole("log").getAttribute("aria-live")).toBe("off");
    await visit.context.close();
  });
});

describe("handoff", () => {
  test("button, place in the queue, agent, and trouble with the connection", async () => {
    const visit = await Visit.begin(browser, { reducedMotion: "reduce" });
    const page = await visit.chat();
    await page.getByRole("button", { name: "Talk to a human" }).click();
    await page.getByText("There are 2 people ahead of you, the estimated wait is about 4 minutes.").waitFor();
    expect(await findings(page)).toEqual([]);
    visit.hub.agentSays("Hi, this is Lena.");
    await page.getByRole("heading", { name: "Lena Vos" }).waitFor();
    await page.getByText("Lena Vos joined the chat").first().waitFor();
    expect(await page.getByRole("button", { name: "Stop waiting" }).count()).toBe(0);
    visit.hub.down = true;
    visit.hub.cut(1012);
    await page.getByText("Reconnecting…").waitFor();
    await say(page, "still here");
    expect(await findings(page)).toEqual([]);
    visit.hub.down = false;
    await page.getByText("Sent", { exact: true }).waitFor({ timeout: 10_000 });
    await visit.context.close();
  });

  test("a keyboard reader who answers the offer keeps a place on the page", async () => {
    const visit = await Visit.begin(browser);
    const page = await visit.chat();
    await say(page, "a person please");
    await expect.poll(() => visit.hub.conversations.size && visit.hub.conversation.log.seq).toBe(2);
    visit.hub.push({ kind: "handoff_offered", reason: "words", text: "Shall I call somebody?" });
    await page.getByRole("button", { name: "Yes, please" }).focus();
    await page.keyboard.press("Enter");
    await page.getByText("Waiting for the team").waitFor();
    expect(await page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.getAttribute("role"))).toBe(
      "log",
    );
    await visit.context.close();
  });
});

describe("for everybody", () => {
  test.each(["light", "dark"] as const)("axe has nothing serious to say in %s", async (colorScheme) => {
    const visit = await Visit.begin(browser, { colorScheme, reducedMotion: "reduce" });
    const page = await visit.chat();
    expect(await findings(page)).toEqual([]);
    await say(page, "question https://a.example");
    const turn = 2;
    await expect.poll(() => visit.hub.conversations.size && visit.hub.conversation.log.seq).toBe(turn);
    const sources = [{ title: "Delivery", url: "https://shop.example/delivery" }];
    visit.hub.push({ kind: "ai_message", turn, text: "See https://b.example", sources, confident: true });
    visit.hub.push({ kind: "handoff_offered", reason: "words", text: "Shall I?" });
    await page.getByRole("button", { name: "Yes, please" }).waitFor();
    await page.getByRole("button", { name: "Emoji" }).click();
    expect(await findings(page)).toEqual([]);
    await page.keyboard.press("Escape");
    visit.hub.agentSays("Hello");
    visit.hub.push({ kind: "ended", by: "agent", text: "Bye" });
    await page.getByText("This chat has ended").first().waitFor();
    expect(await findings(page)).toEqual([]);
    await visit.context.close();
  });

  test("Arabic runs from right to left", async () => {
    const visit = await Visit.begin(browser);
    const page = await visit.page(`${CHAT}/chat/demo?lang=ar`);
    await page.getByRole("button", { name: "التحدث إلى شخص" }).waitFor();
    expect(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dir])).toEqual([
      "ar",
      "rtl",
    ]);
    const send = await page.getByRole("button", { name: "إرسال" }).boundingBox();
    const emoji = await page.getByRole("button", { name: "رموز تعبيرية" }).boundingBox();
    expect(send?.x ?? 0).toBeLessThan(emoji?.x ?? 0);
    await visit.context.close();
  });

  test("on plain http, where there is no secure context, the chat works", async () => {
    const visit = await Visit.begin(browser);
    await visit.context.addInitScript(() => {
      Object.defineProperty(crypto, "randomUUID", { value: undefined });
    });
    const page = await visit.chat();
    await say(page, "hello");
    await page.getByText("Sent", { exact: true }).waitFor();
    expect(visit.complaints).toEqual([]);
    await visit.context.close();
  });
});
