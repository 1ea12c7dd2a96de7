import { en } from "./en.ts";

/** One text per plural form of the language (`Intl.PluralRules`). */
export type Plural = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

/** The same keys as English; plural where English is plural. */
export type Strings = { [Key in keyof typeof en]: (typeof en)[Key] extends string ? string : Plural };

export type Values = Readonly<Record<string, string | number>>;

/** Gives the words for a key, with `{name}` places filled in. A plural takes its form from `values.count`. */
export type Translate = (key: keyof Strings, values?: Values) => string;

export const LANGUAGES = ["en", "nl", "de", "fr", "es", "ar"] as const;
export type Language = (typeof LANGUAGES)[number];

/** Loaded on demand, so that a reader pays for one language. English is always there. */
const loaders: Record<Exclude<Language, "en">, () => Promise<Strings>> = {
  nl: async () => (await import("./nl.ts")).nl,
  de: async () => (await import("./de.ts")).de,
  fr: async () => (await import("./fr.ts")).fr,
  es: async () => (await import("./es.ts")).es,
  ar: async () => (await import("./ar.ts")).ar,
};

/** The first language of the list (BCP 47 tags, best first) that there are words for. */
export function chooseLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const primary = tag.toLowerCase().split("-")[0];
    const found = LANGUAGES.find((language) => language === primary);
    if (found) return found;
  }
  return "en";
}

export async function loadStrings(language: Language): Promise<Strings> {
  return language === "en" ? en : loaders[language]();
}

export function directionOf(language: string): "rtl" | "ltr" {
  return language.split("-")[0] === "ar" ? "rtl" : "ltr";
}

/** `locale` formats numbers and chooses plural forms; it should be a tag of the language of `strings`. */
export function translator(strings: Strings, locale: string): Translate {
  const plurals = new Intl.PluralRules(locale);
  const numbers = new Intl.NumberFormat(locale);
  return (key, values = {}) => {
    const text: string | Plural = strings[key];
    const template = typeof text === "string" ? text : (text[plurals.select(Number(values.count ?? 0))] ?? text.other);
    return template.replace(/\{(\w+)\}/g, (place, name: string) => {
      const value = values[name];
      if (value === undefined) return place;
      return typeof value === "number" ? numbers.format(value) : value;
    });
  };
}
