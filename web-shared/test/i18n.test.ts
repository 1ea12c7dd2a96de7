import { describe, expect, test } from "vitest";
import { en } from "../src/i18n/en.ts";
import { chooseLanguage, directionOf, LANGUAGES, loadStrings, translator } from "../src/i18n/translate.ts";

const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([place]) => place).sort();

describe.each(LANGUAGES)("%s", (language) => {
  test("has every key, no other, and no empty text", async () => {
    const strings = await loadStrings(language);
    expect(Object.keys(strings).sort()).toEqual(Object.keys(en).sort());
    for (const text of Object.values(strings)) {
      for (const form of typeof text === "string" ? [text] : Object.values(text)) expect(form.trim()).not.toBe("");
    }
  });

  test("has the same places as English", async () => {
    const strings = await loadStrings(language);
    for (const key of Object.keys(en) as (keyof typeof en)[]) {
      const [there, here] = [en[key], strings[key]].map((text) => (typeof text === "string" ? text : text.other));
      expect(places(here ?? ""), key).toEqual(places(there ?? ""));
    }
  });

  test("has every plural form that its numbers need", async () => {
    const strings = await loadStrings(language);
    const rules = new Intl.PluralRules(language);
    for (const [key, text] of Object.entries(strings)) {
      if (typeof text === "string") continue;
      for (const count of [1, 2, 3, 11, 100]) {
        expect(text[rules.select(count)] ?? text.other, `${key} ${count}`).toBeTruthy();
      }
    }
  });
});

test("the sentence of the queue", async () => {
  const t = translator(en, "en");
  const sentence = (ahead: number, minutes: number) =>
    t("aheadWait", { ahead: t("aheadPart", { count: ahead }), wait: t("waitPart", { count: minutes }) });
  expect(sentence(2, 4)).toBe("There are 2 people ahead of you, the estimated wait is about 4 minutes.");
  expect(sentence(1, 1)).toBe("There is 1 person ahead of you, the estimated wait is about 1 minute.");
  const ar = translator(await loadStrings("ar"), "ar");
  expect(ar("ahead", { count: 2 })).toBe("يوجد شخصان قبلك.");
});

test("a place without a value stays visible, a value with braces is not expanded", () => {
  const t = translator(en, "en");
  expect(t("lineJoined")).toBe("{name} joined the chat");
  expect(t("says", { name: "{text}", text: "hi" })).toBe("{text} says: hi");
});

test("the best language that exists is chosen", () => {
  expect(chooseLanguage(["nl-BE", "en"])).toBe("nl");
  expect(chooseLanguage(["xx", "fr-CA"])).toBe("fr");
  expect(chooseLanguage(["", "xx"])).toBe("en");
  expect([directionOf("ar-EG"), directionOf("de")]).toEqual(["rtl", "ltr"]);
});
