// An agent beside the AI, and the offer of a human as both sides see it.
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { count, serious, visible } from "./checks.ts";
import { openConsole, openWidget, say } from "./harness.ts";
import { server, somebody } from "./stage.ts";

const openFirst = (inbox: Page): Promise<void> =>
  inbox
    .getByText(/^Visitor \d+/)
    .first()
    .click();

const VAGUE = "And what about my thing?";

test("an agent whispers a hint, the AI uses it in its next answer, and the visitor never sees it", async () => {
  const inbox = await openConsole(await somebody(), server);
  const chat = await openWidget(await (await somebody()).newPage(), server);
  await say(chat, VAGUE);
  await visible(chat, /I don't have an answer/);
  await openFirst(inbox);
  await inbox.getByRole("button", { name: "Hint to the AI" }).click();
  await visible(inbox, "Hint to the AI: the visitor doesn’t see it");
  await say(inbox, "can a bike that was custom-built be returned?");
  const hint = inbox.locator(".message-hint", { hasText: "custom-built" });
  await hint.waitFor();
  await serious(inbox, "a thread with a hint");
  await say(chat, "So what can I do with it?");
  await visible(chat, /custom/i);
  expect(await count(chat, "can a bike that was custom-built be returned?")).toBe(0);
  await inbox
    .locator(".message-ai", { hasText: /custom/i })
    .first()
    .waitFor();
  // The AI still has it: nobody joined.
  await inbox.getByRole("button", { name: "Start chat" }).waitFor();
});

test("an agent writes while the AI goes on, and takes the chat only when it is meant", async () => {
  const inbox = await openConsole(await somebody(), server);
  const chat = await openWidget(await (await somebody()).newPage(), server);
  await say(chat, "How long does delivery take?");
  await visible(chat, /working days/);
  await openFirst(inbox);
  await visible(inbox, "Sending makes this chat yours; the AI stops answering.");
  await inbox.getByLabel("Let the AI go on answering").check();
  await visible(inbox, "Sending leaves the chat with the AI: it goes on answering.");
  await say(inbox, "Kim here: yours left today.");
  await visible(chat, "Kim here: yours left today.");
  await say(chat, "How much does shipping cost?");
  await inbox.locator(".message-ai").nth(1).waitFor();
  await inbox.getByRole("button", { name: "Start chat" }).waitFor();
  // Without the box it is the agent's.
  await inbox.getByLabel("Let the AI go on answering").uncheck();
  await say(inbox, "I take over now.");
  await visible(chat, /Kim joined the chat/);
  await visible(chat, "I take over now.");
  expect(await inbox.getByRole("button", { name: "Hint to the AI" }).count(), "no AI to whisper to").toBe(0);
  expect(await inbox.getByLabel("Let the AI go on answering").count()).toBe(0);
});

test("an offer is taken by words, another is refused and not repeated; the agent reads why, in which language, and what was tried", async () => {
  const inbox = await openConsole(await somebody(), server);
  const ann = await openWidget(await (await somebody()).newPage(), server);
  await say(ann, "How long does delivery take?");
  // The source stands under an answer that is complete; what is said before overtakes it.
  await visible(ann, /Delivery time/);
  await say(ann, "What is the melting point of tungsten carbide?");
  await ann.getByRole("button", { name: "Yes, please" }).waitFor();
  await say(ann, "yes please");
  await visible(ann, /You are next in line/);
  await openFirst(inbox);
  const card = inbox.locator(".handoff");
  for (const text of [
    "The AI could not answer",
    "The AI answered 2 questions lately, 1 of them without knowing.",
    "It had no answer",
    "English",
  ]) {
    await card.getByText(text).filter({ visible: true }).first().waitFor();
  }
  await serious(inbox, "the handoff card");

  const ben = await openWidget(await (await somebody()).newPage(), server);
  await say(ben, "this is useless, you are not helping");
  await ben.getByRole("button", { name: "No, thanks" }).click();
  await ben.getByRole("button", { name: "Yes, please" }).waitFor({ state: "detached" });
  await say(ben, "this is useless, you are not helping me");
  // An offer would come with the answer.
  await visible(ben, /I don't have an answer/);
  expect(await ben.getByRole("button", { name: "Yes, please" }).count()).toBe(0);
  // Who asks in words is heard at once.
  await say(ben, "Can I talk to a real person?");
  await ben.getByRole("button", { name: "Yes, please" }).waitFor();
});
