/** One vocabulary for the whole console: a status or a reason is never called two things. */

import type { AgentView, Availability, Reason, RefusalCode, StatusName } from "../../../web-shared/src/protocol.ts";
import type { StatusFilter } from "./inbox-filter.ts";

export const STATUS_WORDS: Readonly<Record<StatusName, string>> = {
  unrequested: "Unrequested",
  unassigned: "Unassigned",
  open: "Open",
  ended: "Ended",
};

export const STATUS_MEANS: Readonly<Record<StatusName, string>> = {
  unrequested: "The AI answers; nobody asked for a human",
  unassigned: "A human was asked for and nobody has taken it yet",
  open: "An agent and the visitor are talking",
  ended: "Marked as resolved; writing again reopens it",
};

export const FILTER_WORDS: Readonly<Record<StatusFilter, string>> = {
  all: "All",
  escalated: "Escalated",
  ...STATUS_WORDS,
};

export const REASON_WORDS: Readonly<Record<Reason, string>> = {
  button: "Pressed “Talk to a human”",
  words: "Asked for a person",
  frustration: "Sounded frustrated",
  keyword: "Used one of your keywords",
  cannot_answer: "The AI could not answer",
};

export const AVAILABILITY_WORDS: Readonly<Record<Availability, string>> = {
  online: "Online",
  away: "Away",
  offline: "Offline",
};

export const AVAILABILITY_MEANS: Readonly<Record<Availability, string>> = {
  online: "You are offered new chats",
  away: "New chats wait in the queue",
  offline: "No new chats, no sounds",
};

export const plural = (count: number, one: string, many: string): string =>
  `${count.toLocaleString()} ${count === 1 ? one : many}`;

const names = { region: displayNames("region"), language: displayNames("language") };

function displayNames(type: "region" | "language"): Intl.DisplayNames | null {
  try {
    return new Intl.DisplayNames(undefined, { type });
  } catch {
    return null;
  }
}

export const countryName = (code: string): string => nameOf("region", code);
export const languageName = (tag: string): string => nameOf("language", tag);

/** Falls back to the code: what a visitor's browser sends need not be a valid tag. */
function nameOf(type: "region" | "language", code: string): string {
  if (code === "") return "";
  try {
    return names[type]?.of(code) ?? code;
  } catch {
    return code;
  }
}

/** Why a command or a message was refused, for the agent who gave it. */
export function refusalText({
  code,
  by,
  message,
}: {
  readonly code: RefusalCode;
  readonly by: AgentView | null;
  readonly message: string;
}): string {
  if (code === "already_taken" && by) return `${by.name} has already taken it.`;
  return REFUSALS[code] ?? message;
}

export const failureText = (code: RefusalCode): string => REFUSALS[code] ?? "The server refused it.";

const REFUSALS: Partial<Record<RefusalCode, string>> = {
  already_taken: "A colleague has already taken it.",
  not_assignee: "Only the agent who has this chat can do that.",
  already_ended: "The conversation has already ended.",
  not_allowed: "You are not allowed to do that here.",
  not_found: "This conversation is not there any more.",
  too_long: "The message is longer than 8,000 characters.",
  empty_message: "The message is empty.",
  key_reused: "This message was already sent with another text.",
  too_fast: "Too many messages at once. It is tried again.",
  unavailable: "The server can't save just now. It is tried again.",
};
