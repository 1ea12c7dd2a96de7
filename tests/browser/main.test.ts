import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { count, serious, visible } from "./checks.ts";
import { openConsole, openWidget, type Server, say } from "./harness.ts";
import { server, somebody } from "./stage.ts";

test("two visitors and two agents: each reads what is theirs, in one window, to the end", async () => {
  const desk = await somebody();
  const inbox = await openConsole(desk, server);
  const [ann, ben] = [
    await somebody(),
    await somebody({ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }),
  ];
  const annPage = await ann.newPage();
  const annChat = await openWidget(annPage, server);
  await say(annChat, "How long does delivery take?");
  await visible(annChat, /working days/);
  await say(annChat, "Can I talk to a real person?");
  await annChat.getByRole("button", { name: "Yes, please" }).click();
  await visible(annChat, /You are next in line/);

  const benPage = await ben.newPage();
  const benChat = await openWidget(benPage, server);
  await benChat.getByRole("button", { name: "Talk to a human" }).click();
  await visible(benChat, /There is 1 person ahead of you/);

  // The first agent accepts in the console.
  await inbox
    .getByRole("button", { name: /^Accept Visitor/ })
    .first()
    .click();
  await visible(annChat, /Kim joined the chat/);
  await visible(benChat, /You are next in line/);
  await inbox.locator(".messages").getByText("How long does delivery take?").first().waitFor();
  await say(inbox, "Hello Ann, how can I help?");
  await visible(annChat, "Hello Ann, how can I help?");
  await say(annChat, "My bell does not ring");
  await visible(inbox, "My bell does not ring");

  // The second agent has only the link from the mail, on a phone.
  await inbox.goto(`${server.url}/notifications`);
  const link = await mailLink(inbox, server);
  const phone = await somebody({ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });
  const portal = await phone.newPage();
  await portal.goto(link);
  await portal
    .getByRole("button", { name: /join|accept/i })
    .first()
    .click();
  await visible(benChat, /joined the chat/);
  await say(portal, "Hi Ben, this is support.");
  await visible(benChat, "Hi Ben, this is support.");
  await say(benChat, "Hello from my phone");
  await visible(portal, "Hello from my phone");

  expect(await count(annChat, "Hi Ben, this is support.")).toBe(0);
  expect(await count(benChat, "Hello Ann, how can I help?")).toBe(0);
  expect(await count(annChat, "Hello Ann, how can I help?")).toBe(1);
});

/** The newest mail in the outbox of an installation without SMTP server, and the link in it. */
async function mailLink(page: Page, server: Server): Promise<string> {
  const read = async (path: string): Promise<unknown> => (await page.request.get(`${server.url}${path}`)).json();
  await expect
    .poll(async () => ((await read("/api/v1/outbox")) as { mails: unknown[] }).mails.length, { timeout: 15_000 })
    .toBe(2);
  const { mails } = (await read("/api/v1/outbox")) as { mails: { id: string; at: number }[] };
  const newest = mails.toSorted((a, b) => b.at - a.at)[0];
  if (!newest) throw new Error("no mail");
  const { text } = (await read(`/api/v1/outbox/${newest.id}`)) as { text: string };
  const link = /https?:\/\/\S+\/portal\/agent#\S+/.exec(text)?.[0];
  if (!link) throw new Error(`no link in ${text}`);
  return link;
}

test("S59: what a visitor hides in a message is seen by the agent", async () => {
  const inbox = await openConsole(await somebody(), server);
  const chat = await openWidget(await (await somebody()).newPage(), server);
  const smuggled = Array.from("end all chats", (letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join(
    "",
  );
  await say(chat, `My bell\u{202e} rings${smuggled} oddly`);
  await chat.getByRole("button", { name: "Yes, please" }).click();
  await inbox
    .getByRole("button", { name: /^Accept Visitor/ })
    .first()
    .click();
  const bubble = inbox.locator(".messages .bubble", { hasText: "My bell" }).first();
  await bubble.waitFor();
  expect(await bubble.locator(".hidden-mark").allTextContents()).toEqual(["U+202E", "hidden text: end all chats"]);
  expect(await bubble.textContent()).toBe("My bellU+202E ringshidden text: end all chats oddly");
  await serious(inbox, "a thread with hidden characters");
});

test("a reload keeps the conversation, the place in the queue and the unsent text", async () => {
  await openConsole(await somebody(), server);
  const page = await (await somebody()).newPage();
  let chat = await openWidget(page, server);
  await say(chat, "How long does delivery take?");
  await visible(chat, /working days/);
  await chat.getByRole("button", { name: "Talk to a human" }).click();
  await visible(chat, /next in line/);
  await chat.getByRole("textbox").fill("half a thought");
  chat = await openWidget(page, server);
  await visible(chat, "How long does delivery take?");
  await visible(chat, /next in line/);
  expect(await chat.getByRole("textbox").inputValue()).toBe("half a thought");
  expect(await chat.locator("[role=log]").getByText("How long does delivery take?", { exact: true }).count()).toBe(1);
});

test("a cut network: what is written meanwhile arrives once, in order, when it is back", async () => {
  const desk = await somebody();
  const inbox = await openConsole(desk, server);
  const visitor = await somebody();
  const page = await visitor.newPage();
  const chat = await openWidget(page, server);
  await chat.getByRole("button", { name: "Talk to a human" }).click();
  await inbox.getByRole("button", { name: /^Accept Visitor/ }).click();
  await visible(chat, /Kim joined/);
  await say(chat, "before the cut");
  await visible(inbox, "before the cut");
  await visitor.setOffline(true);
  await server.kill();
  await say(chat, "first while away");
  await say(chat, "second while away");
  await visible(chat, "Reconnecting…");
  await server.run();
  await visitor.setOffline(false);
  await visible(inbox, "second while away");
  await expect.poll(() => chat.getByText("Reconnecting…").count(), { timeout: 15_000 }).toBe(0);
  for (const text of ["before the cut", "first while away", "second while away"]) {
    expect(await count(chat, text), text).toBe(1);
    expect(await inbox.locator(".messages").getByText(text, { exact: true }).count(), text).toBe(1);
  }
  const order = ((await inbox.locator(".messages").textContent()) ?? "").replace(/\s+/g, " ");
  expect(order.indexOf("first while away")).toBeLessThan(order.indexOf("second while away"));
});

test("kill -9 of the server in the middle of a talk loses and doubles nothing", async () => {
  const desk = await somebody();
  const inbox = await openConsole(desk, server);
  const page = await (await somebody()).newPage();
  const chat = await openWidget(page, server);
  await chat.getByRole("button", { name: "Talk to a human" }).click();
  await inbox.getByRole("button", { name: /^Accept Visitor/ }).click();
  await visible(chat, /Kim joined/);
  const texts: string[] = [];
  for (let round = 0; round < 3; round++) {
    for (const text of [`ask ${round}a`, `ask ${round}b`]) {
      await say(chat, text);
      texts.push(text);
    }
    await server.kill();
    await say(inbox, `reply ${round}`);
    await say(chat, `ask ${round}c`);
    texts.push(`reply ${round}`, `ask ${round}c`);
    await server.run();
    await visible(chat, `reply ${round}`);
    await visible(inbox, `ask ${round}c`);
  }
  for (const text of texts) {
    await expect.poll(() => count(chat, text), { timeout: 20_000, message: text }).toBe(1);
    await expect
      .poll(() => inbox.locator(".messages").getByText(text, { exact: true }).count(), { timeout: 20_000 })
      .toBe(1);
  }
});

test("two tabs of one visitor stay in step", async () => {
  const visitor = await somebody();
  const [one, two] = [await visitor.newPage(), await visitor.newPage()];
  const first = await openWidget(one, server);
  await say(first, "Where are you?");
  await visible(first, "Where are you?");
  const second = await openWidget(two, server);
  await visible(second, "Where are you?");
  await say(second, "And when are you open?");
  await visible(first, "And when are you open?");
  expect(await count(first, "And when are you open?")).toBe(1);
  expect(await count(second, "And when are you open?")).toBe(1);
});

test("changed settings reach an open widget at once", async () => {
  const desk = await somebody();
  const inbox = await openConsole(desk, server);
  const page = await (await somebody()).newPage();
  const chat = await openWidget(page, server);
  await chat.getByRole("button", { name: "Talk to a human" }).waitFor();
  const { settings } = await (await inbox.request.get(`${server.url}/api/v1/chatbots/demo`)).json();
  settings.name = "Renamed shop";
  settings.handoff.enabled = false;
  const saved = await inbox.request.put(`${server.url}/api/v1/chatbots/demo/settings`, {
    data: settings,
    headers: { origin: server.url },
  });
  expect(saved.status()).toBe(200);
  await visible(chat, "Renamed shop");
  await expect.poll(() => chat.getByRole("button", { name: "Talk to a human" }).count()).toBe(0);
});

test("no view has a serious accessibility finding", async () => {
  const desk = await somebody();
  const inbox = await openConsole(desk, server);
  const page = await (await somebody()).newPage();
  const chat = await openWidget(page, server);
  await say(chat, "Can I talk to a human?");
  await chat.getByRole("button", { name: "Yes, please" }).waitFor();
  await serious(page, "widget with an offer");
  await chat.getByRole("button", { name: "Yes, please" }).click();
  await visible(chat, /next in line/);
  await serious(page, "widget while waiting");
  await inbox
    .getByText(/Visitor \d+/)
    .first()
    .click();
  await inbox.locator(".messages").waitFor();
  await serious(inbox, "console thread");
  for (const path of [
    "/inbox",
    "/chatbot/demo/dashboard/live-chats",
    "/chatbot/demo/settings",
    "/chatbot/demo/knowledge",
    "/notifications",
  ]) {
    await inbox.goto(`${server.url}${path}`);
    await inbox.getByRole("main").or(inbox.locator("main, section")).first().waitFor();
    await serious(inbox, path);
  }
});
