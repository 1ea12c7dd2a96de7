import { afterEach, expect, test } from "vitest";
import { actionOf, availableActions, type Keystroke, offerActions, SHORTCUTS } from "../src/state/shortcuts.ts";

const press = (key: string, held: Partial<Keystroke> = {}): Keystroke => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...held,
});

test.each([
  ["j", "next"],
  ["k", "previous"],
  ["Enter", "open"],
  ["a", "accept"],
  ["e", "end"],
  ["n", "note"],
  ["r", "reply"],
  ["h", "hand_back"],
])("%s means %s", (key, action) => {
  expect(actionOf(press(key), false)).toBe(action);
});

test("no single key counts while typing", () => {
  for (const { keys } of SHORTCUTS) expect(actionOf(press(keys), true)).toBeNull();
});

test("the command bar opens by Ctrl or Command, while typing too", () => {
  expect(actionOf(press("k", { ctrlKey: true }), true)).toBe("command_bar");
  expect(actionOf(press("K", { metaKey: true }), false)).toBe("command_bar");
  expect(actionOf(press("k", { ctrlKey: true, shiftKey: true }), false)).toBeNull();
});

test("keys of the browser and the system are left alone", () => {
  expect(actionOf(press("r", { ctrlKey: true }), false)).toBeNull();
  expect(actionOf(press("e", { altKey: true }), false)).toBeNull();
  expect(actionOf(press("A", { shiftKey: true }), false)).toBeNull();
});

test("help needs Shift on most keyboards", () => {
  expect(actionOf(press("?", { shiftKey: true }), false)).toBe("help");
});

test("no key means two things", () => {
  expect(new Set(SHORTCUTS.map(({ keys }) => keys)).size).toBe(SHORTCUTS.length);
});

const offered: (() => void)[] = [];
afterEach(() => {
  for (const withdraw of offered.splice(0)) withdraw();
});

test("the view on top answers first, and only as long as it is there", () => {
  const list = (): void => {};
  const thread = (): void => {};
  offered.push(offerActions(() => ({ accept: list, next: list })));
  const withdraw = offerActions(() => ({ accept: thread }));
  expect(availableActions().accept).toBe(thread);
  expect(availableActions().next).toBe(list);
  withdraw();
  expect(availableActions().accept).toBe(list);
});
