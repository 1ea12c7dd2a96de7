import { afterAll, beforeAll, expect, test } from "vitest";
import { count, visible } from "./checks.ts";
import { Cluster, launch, openConsole, openWidget, person, say } from "./harness.ts";

let cluster: Cluster;
let browser: Awaited<ReturnType<typeof launch>>;

beforeAll(async () => {
  [cluster, browser] = await Promise.all([Cluster.start(), launch()]);
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await cluster?.end();
}, 60_000);

test("two of three nodes go, one by a kill, and nobody has to reload", async () => {
  const [agent, visitor] = [await person(browser), await person(browser)];
  const inbox = await openConsole(agent.context, cluster);
  const chat = await openWidget(await visitor.context.newPage(), cluster);
  await say(chat, "Can I talk to a real person?");
  await chat.getByRole("button", { name: "Yes, please" }).click();
  await inbox
    .getByRole("button", { name: /^Accept Visitor/ })
    .first()
    .click();
  await visible(chat, /Kim joined the chat/);

  const [first, second] = cluster.nodes;
  const said: string[] = [];
  const exchange = async (when: string) => {
    const [question, answer] = [`Question ${when}`, `Answer ${when}`];
    await say(chat, question);
    await say(inbox, answer);
    await visible(inbox, question);
    await visible(chat, answer);
    said.push(question, answer);
  };
  await exchange("before");
  process.kill(first as number, "SIGKILL");
  await exchange("at once after a kill");
  process.kill(second as number, "SIGTERM");
  await exchange("while a node stops");
  // The last one has everybody by now.
  await expect.poll(() => isRunning(second as number), { timeout: 20_000 }).toBe(false);
  await exchange("on the last node");

  for (const text of said) {
    expect(await count(chat, text), `the visitor reads ${text}`).toBe(1);
    expect(await chat.locator("[role=log]").getByText(text, { exact: true }).count(), text).toBe(1);
    expect(await inbox.locator(".messages").getByText(text, { exact: true }).count(), text).toBe(1);
  }
  expect([...agent.list, ...visitor.list]).toEqual([]);
});

function isRunning(node: number): boolean {
  try {
    return process.kill(node, 0);
  } catch {
    return false;
  }
}
