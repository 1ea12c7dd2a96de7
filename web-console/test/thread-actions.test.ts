import { expect, test } from "vitest";
import { actionsFor, writingMeans } from "../src/state/thread-actions.ts";
import { KIM, ME } from "./rows.ts";

test.each([
  ["waiting", { status: "unassigned", assignee: null }, "accept", ["end"], "joins"],
  ["with the AI", { status: "unrequested", assignee: null }, "start", ["end"], "joins"],
  ["mine", { status: "open", assignee: ME }, "end", ["hand_back", "transfer"], "sends"],
  // The server refuses an end by anybody but the holder.
  ["a colleague's", { status: "open", assignee: KIM }, "take_over", [], null],
  ["ended", { status: "ended", assignee: null }, "reopen", [], "reopens"],
] as const)("%s", (_, standing, main, others, writing) => {
  expect(actionsFor(standing, ME.id)).toEqual({ main, others });
  expect(writingMeans(standing, ME.id)).toBe(writing);
});
