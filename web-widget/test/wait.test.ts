import { expect, test } from "vitest";
import { en } from "web-shared/i18n/en.ts";
import { translator } from "web-shared/i18n/translate.ts";
import { waitSentence } from "../src/chat/ui/wait.ts";

const t = translator(en, "en");

test.each([
  [2, 240, "There are 2 people ahead of you, the estimated wait is about 4 minutes."],
  [1, 61, "There is 1 person ahead of you, the estimated wait is about 1 minute."],
  [0, 20, "You are next in line, the estimated wait is about 1 minute."],
  [3, null, "There are 3 people ahead of you."],
  [0, null, "You are next in line."],
])("%i ahead, %s seconds", (ahead, eta_seconds, sentence) => {
  expect(waitSentence({ ahead, eta_seconds }, "busy", t)).toBe(sentence);
});

test("nobody online: no place in the queue, but the request is kept", () => {
  expect(waitSentence({ ahead: 0, eta_seconds: null }, "offline", t)).toContain("Your request is kept");
  expect(waitSentence({ ahead: 1, eta_seconds: 60 }, "offline", t)).toContain("1 person ahead");
});
