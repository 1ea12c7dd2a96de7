import { expect, test } from "vitest";
import { inboxPath, parseRoute, settingsPath } from "../src/state/router.ts";
import { returnAddress } from "../src/state/session.ts";

test.each([
  ["/", { view: "home" }],
  ["/inbox", { view: "inbox", chatbot: null }],
  ["/chatbot/ada/dashboard/live-chats", { view: "inbox", chatbot: "ada" }],
  ["/chatbot/ada/settings", { view: "settings", chatbot: "ada" }],
  ["/chatbot/ada/knowledge", { view: "knowledge", chatbot: "ada" }],
  ["/notifications", { view: "notifications" }],
  ["/setup", { view: "setup" }],
  ["/login", { view: "login" }],
  ["/chatbot/ada", { view: "unknown" }],
  ["/chatbot/ada/settings/more", { view: "unknown" }],
  ["/chatbot/%E0%A4%A/settings", { view: "settings", chatbot: "%E0%A4%A" }],
])("%s", (path, route) => {
  expect(parseRoute(path)).toEqual(route);
});

test("made addresses are understood again", () => {
  expect(parseRoute(inboxPath("a b"))).toEqual({ view: "inbox", chatbot: "a b" });
  expect(parseRoute(settingsPath("ada"))).toEqual({ view: "settings", chatbot: "ada" });
});

test("after the login only an address of this console is taken", () => {
  expect(returnAddress("?back=%2Finbox%3Fstatus%3Dopen")).toBe("/inbox?status=open");
  for (const away of ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""]) {
    expect(returnAddress(`?back=${encodeURIComponent(away)}`)).toBe("/");
  }
  expect(returnAddress("?back=/login?back=/login")).toBe("/");
});
