// From an owner's file to an answer that a visitor reads, and from an agent's answer to the AI's.
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { serious, visible } from "./checks.ts";
import { openConsole, openWidget, say } from "./harness.ts";
import { server, somebody } from "./stage.ts";

const file = (name: string, text: string) => ({
  name,
  mimeType: "application/octet-stream",
  buffer: Buffer.from(text),
});

async function openKnowledge(): Promise<Page> {
  const page = await openConsole(await somebody(), server);
  await page.goto(`${server.url}/chatbot/demo/knowledge`);
  await visible(page, /passages/);
  return page;
}

async function askPreview(page: Page, question: string): Promise<void> {
  await page.getByLabel("Ask like a visitor").fill(question);
  await page.getByRole("button", { name: "Ask", exact: true }).click();
}

test("files go in together, the broken one says where; the preview and the visitor get the answer with its source", async () => {
  const page = await openKnowledge();
  const parts = Array.from({ length: 3000 }, (_, n) => ({
    id: `p${n}`,
    title: `Spare part ${n}`,
    questions: [`What does spare part ${n} cost?`],
    answer: `Spare part ${n} costs ${n + 1} euro.`,
  }));
  await page
    .getByLabel("Files to add")
    .setInputFiles([
      file(
        "unicycles.html",
        "<title>Unicycles</title><nav>Menu</nav><h2>Do you sell unicycles?</h2><p>Only in June.</p>",
      ),
      file("broken.csv", "question,answer\nOpen?,Daily\nClosed?,\n"),
      file("parts.json", JSON.stringify(parts)),
      file("photo.png", "x"),
    ]);
  await visible(page, /Line 3: the entry has no answer/);
  await visible(page, /was left out/);
  await visible(page, /was added, 3,000 passages/);
  await visible(page, /The AI is reading/);
  await page.getByText(/The AI is reading/).waitFor({ state: "hidden" });
  await page.locator(".document", { hasText: "parts.json" }).getByText("3,000 passages").waitFor();
  expect(await page.locator(".document", { hasText: "broken.csv" }).count()).toBe(0);
  await serious(page, "knowledge after an import");

  await askPreview(page, "Do you sell unicycles?");
  const answer = page.locator(".answer");
  await answer.locator(".answer-text").getByText("Only in June.").waitFor();
  await answer.getByText("Nothing speaks for a human", { exact: false }).waitFor();
  await answer.getByText(/Passages it found/).click();
  await answer.locator(".passages").getByText("unicycles.html").first().waitFor();
  await serious(page, "an answer in the preview");

  const visitor = await (await somebody()).newPage();
  const chat = await openWidget(visitor, server);
  await say(chat, "Do you sell unicycles?");
  await visible(chat, "Only in June.");
  await chat.locator(".sources").getByText("Do you sell unicycles?").waitFor();

  await page.getByRole("button", { name: "Delete unicycles.html" }).click();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await expect.poll(() => page.locator(".document", { hasText: "unicycles.html" }).count()).toBe(0);
});

test("the preview says which trigger would call a human, and follows the settings", async () => {
  const page = await openKnowledge();
  await askPreview(page, "This is not helping, can I talk to a real person?");
  await visible(page, /It would offer a human and ask first: asked for a person/);
  await page.locator(".detected-yes").getByText("Asks for a person").waitFor();

  await page.goto(`${server.url}/chatbot/demo/settings?show=handoff`);
  const triggers = page.getByRole("region", { name: "Triggers" });
  await triggers.getByRole("group", { name: "Asks for a person in words" }).getByRole("radio", { name: "Off" }).check();
  await triggers.getByRole("group", { name: "Loses patience" }).getByRole("radio", { name: "Off" }).check();
  await page.getByLabel("Keywords", { exact: true }).fill("refund, lawyer,");
  await page.getByRole("button", { name: "Remove lawyer" }).waitFor();
  await page.getByRole("button", { name: "Save" }).click();
  await visible(page, "All changes are saved.");
  await serious(page, "triggers");

  await page.goto(`${server.url}/chatbot/demo/knowledge`);
  await askPreview(page, "How long does delivery take? I want refunds");
  await visible(page, /A human would be called at once: used one of your keywords/);
});

test("an agent's answer is proposed, edited, approved, and the AI gives it to the next visitor", async () => {
  const question = "Can you engrave initials on a titanium seatpost?";
  const inbox = await openConsole(await somebody(), server);
  const ann = await openWidget(await (await somebody()).newPage(), server);
  await say(ann, question);
  await ann.getByRole("button", { name: "Yes, please" }).click();
  await inbox.getByRole("button", { name: /^Accept Visitor/ }).click();
  await visible(ann, /Kim joined the chat/);
  await say(inbox, "Hi Ann, we engrave up to three initials for 25 euro, mail us at kim@shop.test.");
  await visible(ann, /we engrave up to three/);
  await inbox.getByRole("button", { name: "End", exact: true }).click();

  await inbox.goto(`${server.url}/chatbot/demo/knowledge?show=learned`);
  const card = inbox.locator(".proposal");
  await expect
    .poll(async () => {
      if ((await card.count()) === 0) await inbox.reload();
      return card.count();
    })
    .toBe(1);
  expect(await card.getByLabel("Question").inputValue()).toBe(question);
  expect(await card.getByLabel("Answer").inputValue()).toContain("[e-mail]");
  await serious(inbox, "proposals");
  await card.getByLabel("Answer").fill("Yes, up to three initials, for 25 euro.");
  await card.getByRole("button", { name: "Approve" }).click();
  await visible(inbox, "Nothing to decide");
  await inbox.getByRole("button", { name: "Documents" }).click();
  await inbox.locator(".document", { hasText: "Learned answers" }).getByText("1 passage").waitFor();

  const ben = await openWidget(await (await somebody()).newPage(), server);
  await say(ben, question);
  await visible(ben, "Yes, up to three initials, for 25 euro.");
});

test("the settings of the AI keep a key and never show it; pages are in order on a phone and in the dark", async () => {
  const page = await openConsole(
    await somebody({ colorScheme: "dark", viewport: { width: 390, height: 844 } }),
    server,
  );
  await page.goto(`${server.url}/chatbot/demo/settings?show=ai`);
  await page.getByLabel("The answers come from").selectOption("openai");
  await page.getByRole("button", { name: "Save" }).click();
  await visible(page, /Write the model’s name/);
  expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-invalid"))).toBe("true");
  await page.getByLabel("Model", { exact: true }).fill("small");
  await page.getByLabel("API key").fill("sk-very-secret");
  await serious(page, "AI settings");
  await page.getByRole("button", { name: "Save" }).click();
  await visible(page, "Stored, and never shown again");
  await page.reload();
  await visible(page, "Stored, and never shown again");
  expect(await page.content()).not.toContain("sk-very-secret");
  await page.getByLabel("Address").fill("https://other.example/v1");
  await visible(page, /is forgotten when you save/);
  expect(await page.getByRole("button", { name: "Try the connection" }).isDisabled(), "it would try another").toBe(
    true,
  );
  for (const show of ["site", "ai", "handoff", "texts", "reach"]) {
    page.once("dialog", (dialog) => void dialog.accept());
    await page.goto(`${server.url}/chatbot/demo/settings?show=${show}`);
    await page.getByRole("heading", { level: 2 }).first().waitFor();
    await serious(page, `settings ${show} on a phone in the dark`);
  }
  await page.goto(`${server.url}/chatbot/demo/knowledge`);
  await askPreview(page, "How long does delivery take?");
  await visible(page, "The visitor reads");
  await serious(page, "knowledge on a phone in the dark");
});

test("an owner sees that the provider fails, and why; visitors go on getting the documents' answers", async () => {
  const page = await openConsole(await somebody(), server);
  await page.goto(`${server.url}/chatbot/demo/settings?show=ai`);
  await page.getByLabel("The answers come from").selectOption("openai");
  await page.getByLabel("Model", { exact: true }).fill("small");
  // Private addresses are refused, so this one fails without a network.
  await page.getByLabel("Address").fill("https://127.0.0.1:8443/v1");
  await page.getByRole("button", { name: "Save" }).click();
  await visible(page, "Not asked yet since the server started.");
  await page.getByRole("button", { name: "Try the connection" }).click();
  await visible(page, /The address is not usable/);
  await visible(page, /^Failing since .*1 time\./);
  await serious(page, "a failing provider");
  const chat = await openWidget(await (await somebody()).newPage(), server);
  await say(chat, "How long does delivery take?");
  await visible(chat, /working days/);
  await page.reload();
  await visible(page, /^Failing since .*2 times\./);
});
