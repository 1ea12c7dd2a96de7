/** Settings as text fields hold them, and back. Pure. */

import type { Button } from "../../../web-shared/src/protocol.ts";
import type { AiSettings, Settings } from "../api/types.ts";

/** Lists are edited as lines and numbers as text, so that half-typed values are never thrown away. */
export interface SettingsForm
  extends Omit<Settings, "starters" | "notify_emails" | "allowed_origins" | "handoff" | "ai" | "wait_warning_seconds"> {
  readonly starters: string;
  readonly notify_emails: string;
  readonly allowed_origins: string;
  readonly wait_warning_seconds: string;
  readonly button_count: string;
  readonly turn_limit: string;
  readonly keywords: string;
  readonly quiet_messages: string;
  readonly handoff: Omit<Settings["handoff"], "keywords" | "turn_limit" | "button" | "quiet_messages"> & {
    readonly button: Button["rule"];
  };
  readonly ai: AiForm;
}

export interface AiForm extends Omit<AiSettings, "timeout_seconds" | "max_tokens" | "limits"> {
  readonly timeout_seconds: string;
  readonly max_tokens: string;
  readonly limits: Readonly<Record<keyof AiSettings["limits"], string>>;
}

export type FieldErrors = Readonly<Record<string, string>>;

export function formOf(settings: Settings): SettingsForm {
  const { keywords, turn_limit, button, quiet_messages, ...handoff } = settings.handoff;
  const { timeout_seconds, max_tokens, limits, ...ai } = settings.ai;
  const limit = (tokens: number | null): string => (tokens === null ? "" : String(tokens));
  return {
    ...settings,
    starters: settings.starters.join("\n"),
    notify_emails: settings.notify_emails.join("\n"),
    allowed_origins: settings.allowed_origins.join("\n"),
    wait_warning_seconds: String(settings.wait_warning_seconds),
    button_count: button.rule === "after_answers" ? String(button.count) : "1",
    turn_limit: turn_limit === null ? "" : String(turn_limit),
    keywords: keywords.join("\n"),
    quiet_messages: String(quiet_messages),
    ai: {
      ...ai,
      timeout_seconds: String(timeout_seconds),
      max_tokens: String(max_tokens),
      limits: {
        conversation: limit(limits.conversation),
        visitor: limit(limits.visitor),
        chatbot: limit(limits.chatbot),
      },
    },
    handoff: { ...handoff, button: button.rule },
  };
}

/** Field names in the errors are those of the wire, so that the server's and ours land in the same place. */
export function settingsOf(form: SettingsForm): { settings: Settings; errors: FieldErrors } {
  const errors: Record<string, string> = {};
  const { button_count, turn_limit, keywords, quiet_messages, ...rest } = form;
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
  const quiet = wholeNumber(quiet_messages);
  if (quiet === null || quiet > 50) errors["handoff.quiet_messages"] = "Write a number from 0 to 50.";
  const ai = aiOf(form.ai, errors);
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
      handoff: {
        ...form.handoff,
        button,
        keywords: linesOf(keywords),
        turn_limit: limit,
        quiet_messages: quiet ?? 0,
      },
      ai,
    },
  };
}

function aiOf(form: AiForm, errors: Record<string, string>): AiSettings {
  const model = form.model.trim();
  if (form.provider !== "embedded" && model === "")
    errors["ai.model"] = "Write the model’s name, as the provider calls it.";
  const address = form.base_url.trim();
  if (address !== "" && originOf(address) === null)
    errors["ai.base_url"] = "Write an address like https://api.example.com/v1, or leave it empty.";
  const number = (name: string, text: string, low: number, high: number): number => {
    const value = wholeNumber(text);
    if (value === null || value < low || value > high) errors[name] = `Write a number from ${low} to ${high}.`;
    return value ?? 0;
  };
  const limit = (name: keyof AiForm["limits"]): number | null => {
    const text = form.limits[name].replace(/[\s.,]/g, "");
    if (text === "") return null;
    if (!/^\d{1,12}$/.test(text) || Number(text) < 1)
      errors[`ai.limits.${name}`] = "Write a number of tokens, or leave it empty for no limit.";
    return Number(text);
  };
  return {
    ...form,
    model,
    base_url: address,
    timeout_seconds: number("ai.timeout_seconds", form.timeout_seconds, 3, 120),
    max_tokens: number("ai.max_tokens", form.max_tokens, 16, 8000),
    limits: { conversation: limit("conversation"), visitor: limit("visitor"), chatbot: limit("chatbot") },
  };
}

/** A key is only ever sent to the place it was entered for; at another one it is forgotten. */
export const forgetsKey = (form: AiForm, saved: AiForm): boolean =>
  saved.api_key_set &&
  form.api_key === null &&
  (form.provider !== saved.provider || form.base_url.trim().replace(/\/+$/, "") !== saved.base_url);

export const sameForm = (a: SettingsForm, b: SettingsForm): boolean => JSON.stringify(a) === JSON.stringify(b);

export const sameAi = (a: AiForm, b: AiForm): boolean => JSON.stringify(a) === JSON.stringify(b);

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
