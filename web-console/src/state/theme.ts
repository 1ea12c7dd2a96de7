/**
 * The tokens know one way to be dark: the system's preference. An own choice rewrites the condition of those rules, so that every
 * colour stays defined once.
 */

import { effect, signal } from "@preact/signals";
import { type Theme, theme } from "./preferences.ts";

const DARK = "(prefers-color-scheme: dark)";

/** What is shown, whoever chose it. */
export const dark = signal(false);

export function startTheme(): void {
  const system = matchMedia(DARK);
  const rules = darkRules();
  const apply = (choice: Theme): void => {
    for (const rule of rules) rule.media.mediaText = choice === "system" ? DARK : choice === "dark" ? "all" : "not all";
    document.documentElement.style.colorScheme = choice === "system" ? "" : choice;
    dark.value = choice === "dark" || (choice === "system" && system.matches);
  };
  effect(() => apply(theme.value));
  system.addEventListener("change", () => apply(theme.peek()));
}

function darkRules(): CSSMediaRule[] {
  return [...document.styleSheets].flatMap((sheet) =>
    [...sheet.cssRules].filter(
      (rule): rule is CSSMediaRule =>
        rule instanceof CSSMediaRule && /prefers-color-scheme:\s*dark/.test(rule.media.mediaText),
    ),
  );
}
