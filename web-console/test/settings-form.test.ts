import { describe, expect, test } from "vitest";
import type { Settings } from "../src/api/types.ts";
import { forgetsKey, formOf, originOf, sameForm, settingsOf, snippetWith } from "../src/state/settings-form.ts";

const settings: Settings = {
  name: "Ada",
  brand_color: "#2f5bea",
  position: "bottom_left",
  greeting: "Hello",
  starters: ["Where is my order?"],
  handoff: {
    enabled: true,
    button: { rule: "after_answers", count: 3 },
    on_words: "ask_first",
    on_frustration: "off",
    on_cannot_answer: "at_once",
    on_keywords: "at_once",
    keywords: ["lawyer"],
    turn_limit: null,
    quiet_messages: 3,
    starter: true,
    ai_answers_while_waiting: true,
  },
  texts: { offer: "o", waiting: "w", closing: "c", unsure: "u", failed: "f", declined: "d" },
  notify_emails: ["a@example.org"],
  allowed_origins: ["https://example.org"],
  confidence_threshold: 0.5,
  wait_warning_seconds: 120,
  ai: {
    provider: "openai",
    base_url: "https://llm.example.org/v1",
    model: "small",
    api_key: null,
    api_key_set: true,
    instructions: "Be brief.",
    timeout_seconds: 30,
    max_tokens: 800,
    limits: { conversation: 5000, visitor: null, chatbot: 2_000_000 },
    learn_from_agents: true,
  },
};

test("settings survive the way into the form and back, with the fields of the wire and no others", () => {
  expect(settingsOf(formOf(settings))).toEqual({ settings, errors: {} });
});

test("a rule without a count carries none", () => {
  const form = formOf({ ...settings, handoff: { ...settings.handoff, button: { rule: "never" } } });
  expect(settingsOf(form).settings.handoff.button).toEqual({ rule: "never" });
});

test("lines are trimmed, empty ones dropped, pages cut to their site", () => {
  const form = { ...formOf(settings), starters: " a \n\n b\n", allowed_origins: "https://Example.org/shop?x=1\n" };
  expect(settingsOf(form).settings.starters).toEqual(["a", "b"]);
  expect(settingsOf(form).settings.allowed_origins).toEqual(["https://example.org"]);
});

test.each([
  ["name", { name: "  " }],
  ["brand_color", { brand_color: "blue" }],
  ["wait_warning_seconds", { wait_warning_seconds: "soon" }],
  ["handoff.button.count", { button_count: "0" }],
  ["handoff.turn_limit", { turn_limit: "-1" }],
  ["handoff.quiet_messages", { quiet_messages: "99" }],
  ["ai.model", { ai: { ...formOf(settings).ai, model: " " } }],
  ["ai.base_url", { ai: { ...formOf(settings).ai, base_url: "llm.example.org" } }],
  ["ai.timeout_seconds", { ai: { ...formOf(settings).ai, timeout_seconds: "1" } }],
  ["ai.limits.visitor", { ai: { ...formOf(settings).ai, limits: { ...formOf(settings).ai.limits, visitor: "many" } } }],
  ["notify_emails", { notify_emails: "a@example.org\nnobody" }],
  ["allowed_origins", { allowed_origins: "https://ok.example\nexample.org" }],
] as const)("a wrong value is named by its field: %s", (field, part) => {
  expect(Object.keys(settingsOf({ ...formOf(settings), ...part }).errors)).toEqual([field]);
});

test("the error names the line that is wrong", () => {
  const { errors } = settingsOf({ ...formOf(settings), allowed_origins: "https://ok.example\nexample.org" });
  expect(errors.allowed_origins).toContain("example.org");
});

test("a change is seen and its undoing too", () => {
  const form = formOf(settings);
  expect(sameForm(form, { ...form, greeting: "Hi" })).toBe(false);
  expect(sameForm(form, { ...form })).toBe(true);
});

test("a stored key is forgotten with its place, and only then", () => {
  const saved = formOf(settings).ai;
  expect(forgetsKey(saved, saved)).toBe(false);
  expect(forgetsKey({ ...saved, base_url: "https://llm.example.org/v1/" }, saved)).toBe(false);
  expect(forgetsKey({ ...saved, base_url: "https://other.example" }, saved)).toBe(true);
  expect(forgetsKey({ ...saved, provider: "anthropic" }, saved)).toBe(true);
  expect(forgetsKey({ ...saved, provider: "anthropic", api_key: "sk-1" }, saved)).toBe(false);
  expect(forgetsKey({ ...saved, provider: "anthropic" }, { ...saved, api_key_set: false })).toBe(false);
});

test("limits are written as people write numbers", () => {
  const ai = { ...formOf(settings).ai, limits: { conversation: "2,000,000", visitor: "10 000", chatbot: "" } };
  expect(settingsOf({ ...formOf(settings), ai }).settings.ai.limits).toEqual({
    conversation: 2_000_000,
    visitor: 10_000,
    chatbot: null,
  });
});

test("an origin is http or https and nothing else", () => {
  expect(originOf("http://localhost:3000/x")).toBe("http://localhost:3000");
  expect(originOf("javascript:alert(1)")).toBeNull();
  expect(originOf("*")).toBeNull();
});

describe("the snippet", () => {
  const plain = '<script src="https://chat.example/widget.js" data-chatbot="ada" async></script>';

  test("carries colour and place", () => {
    expect(snippetWith(plain, "#112233", "bottom_left")).toBe(
      '<script src="https://chat.example/widget.js" data-chatbot="ada" data-color="#112233" data-position="bottom-left" async></script>',
    );
  });

  test("replaces what the server already put there", () => {
    const once = snippetWith(plain, "#112233", "bottom_left");
    expect(snippetWith(once, "#445566", "bottom_right")).toBe(snippetWith(plain, "#445566", "bottom_right"));
  });
});
