/** Settings as text fields hold them, and back. Pure. */

import type { Button } from "../../../web-shared/src/protocol.ts";
import type { Settings } from "../api/types.ts";

/** Lists are edited as lines and numbers as text, so that half-typed values are never thrown away. */
export interface SettingsForm
  extends Omit<Settings, "starters" | "notify_emails" | "allowed_origins" | "handoff" | "wait_warning_seconds"> {
  readonly starters: string;
  readonly notify_emails: string;
  readonly allowed_origins: string;
  readonly wait_warning_seconds: string;
  readonly button_count: string;
  readonly turn_limit: string;
  readonly keywords: string;
  readonly handoff: Omit<Settings["handoff"], "keywords" | "turn_limit" | "button"> & {
    readonly button: Button["rule"];
  };
}

export type FieldErrors = Readonly<Record<string, string>>;

export function formOf(settings: Settings): SettingsForm {
  const { keywords, turn_limit, button, ...handoff } = settings.handoff;
  return {
    ...settings,
    starters: settings.starters.join("\n"),
    notify_emails: settings.notify_emails.join("\n"),
    allowed_origins: settings.allowed_origins.join("\n"),
    wait_warning_seconds: String(settings.wait_warning_seconds),
    button_count: button.rule === "after_answers" ? String(button.count) : "1",
    turn_limit: turn_limit === null ? "" : String(turn_limit),
    keywords: keywords.join("\n"),
    handoff: { ...handoff, button: button.rule },
  };
}

/** Field names in the errors are those of the wire, so that the server's and ours land in the same place. */
export function settingsOf(form: SettingsForm): { settings: Settings; errors: FieldErrors } {
  const errors: Record<string, string> = {};
  const { button_count, turn_limit, keywords, ...rest } = form;
  if (form.name.trim() === "") errors.name = "Give the chatbot a name.";
  if (!/^#[0-9a-f]{6}$/i.test(form.brand_color))
    errors.brand_color = "Write a colour as # and six digits, like #2f5bea.";
  const wait = wholeNumber(form.wait_warning_seconds);
  if (wait === null || wait < 5) errors.wait_warning_seconds = "Write a number of seconds, 5 or more.";
  const count = wholeNumber(button_count);
  if (form.handoff.button === "after_answers" && (count === null || count < 1)) {
    errors["handoff.button.count"] = "Write after how many answers, 1 or more.";
  }
  const limit = turn_limit.trim() === "" ? null : wholeNumber(turn_limit);
  if (turn_limit.trim() !== "" && (limit === null || limit < 1)) {
    errors["handoff.turn_limit"] = "Write a number, 1 or more, or leave it empty for no limit.";
  }
  const emails = linesOf(form.notify_emails);
  const badEmail = emails.find((email) => !/^[^\s@]+@[^\s@]+$/.test(email));
  if (badEmail !== undefined) errors.notify_emails = `“${badEmail}” is not an e-mail address.`;
  const origins = linesOf(form.allowed_origins).map(originOf);
  const badOrigin = linesOf(form.allowed_origins)[origins.indexOf(null)];
  if (badOrigin !== undefined)
    errors.allowed_origins = `“${badOrigin}” is not a site. Write it like https://www.example.com.`;
  const button: Button =
    form.handoff.button === "after_answers"
      ? { rule: "after_answers", count: count ?? 1 }
      : { rule: form.handoff.button };
  return {
    errors,
    settings: {
      ...rest,
      name: form.name.trim(),
      brand_color: form.brand_color.toLowerCase(),
      starters: linesOf(form.starters),
      notify_emails: emails,
      allowed_origins: origins.filter((origin) => origin !== null),
      wait_warning_seconds: wait ?? 0,
      handoff: { ...form.handoff, button, keywords: linesOf(keywords), turn_limit: limit },
    },
  };
}

export const sameForm = (a: SettingsForm, b: SettingsForm): boolean => JSON.stringify(a) === JSON.stringify(b);

export function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

function wholeNumber(text: string): number | null {
  return /^\d{1,9}$/.test(text.trim()) ? Number(text) : null;
}

/** People paste a page's address; what counts of it is the origin. */
export function originOf(text: string): string | null {
  try {
    const url = new URL(text);
    return url.protocol === "https:" || url.protocol === "http:" ? url.origin : null;
  } catch {
    return null;
  }
}

/** The embed snippet with the look written into it: the loader shows the button before it has asked for any settings. */
export function snippetWith(snippet: string, color: string, position: Settings["position"]): string {
  const place = position === "bottom_left" ? "bottom-left" : "bottom-right";
  const bare = snippet.replace(/\s+data-(?:color|position)="[^"]*"/g, "");
  return bare.replace(
    /(<script\b[^>]*?)(\s+(?:async|defer))?>/,
    `$1 data-color="${color}" data-position="${place}"$2>`,
  );
}
