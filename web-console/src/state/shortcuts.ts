/** Keyboard: one table of what each key does, matched here. Views register what they can do now. */

import { signal } from "@preact/signals";

export interface Keystroke {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

export type Action =
  | "help"
  | "command_bar"
  | "next"
  | "previous"
  | "open"
  | "accept"
  | "take_over"
  | "reply"
  | "interject"
  | "hint"
  | "note"
  | "hand_back"
  | "transfer"
  | "end";

export interface Shortcut {
  readonly action: Action;
  readonly keys: string;
  readonly says: string;
}

export const SHORTCUTS: readonly Shortcut[] = [
  { action: "next", keys: "j", says: "Next conversation" },
  { action: "previous", keys: "k", says: "Previous conversation" },
  { action: "open", keys: "Enter", says: "Open the conversation" },
  { action: "accept", keys: "a", says: "Accept or start the chat" },
  { action: "reply", keys: "r", says: "Write to the visitor" },
  { action: "interject", keys: "i", says: "Write to the visitor while the AI goes on" },
  { action: "hint", keys: "w", says: "Whisper a hint to the AI" },
  { action: "note", keys: "n", says: "Write a note for the team" },
  { action: "hand_back", keys: "h", says: "Hand back to the AI" },
  { action: "take_over", keys: "o", says: "Take over from a colleague" },
  { action: "transfer", keys: "t", says: "Transfer to a colleague" },
  { action: "end", keys: "e", says: "End the conversation" },
  { action: "command_bar", keys: "Ctrl+K", says: "Go to or do anything" },
  { action: "help", keys: "?", says: "Show these keys" },
];

export const keysOf = (action: Action): string => SHORTCUTS.find((shortcut) => shortcut.action === action)?.keys ?? "";

/** What a keystroke means. `typing`: the focus is in a field, where only combinations count. */
export function actionOf(stroke: Keystroke, typing: boolean): Action | null {
  if ((stroke.ctrlKey || stroke.metaKey) && !stroke.altKey && !stroke.shiftKey && stroke.key.toLowerCase() === "k") {
    return "command_bar";
  }
  if (typing || stroke.ctrlKey || stroke.metaKey || stroke.altKey) return null;
  // "?" needs Shift on most keyboards; letters with Shift are left alone.
  if (stroke.key === "?") return "help";
  if (stroke.shiftKey) return null;
  return SHORTCUTS.find((shortcut) => shortcut.keys === stroke.key)?.action ?? null;
}

export type Handlers = Partial<Record<Action, () => void>>;

/** Topmost last: an open thread answers before the list behind it. */
const layers = signal<readonly { readonly get: () => Handlers }[]>([]);

/** Offer actions as long as a view is shown. `get` is asked at each keystroke, so it may close over fresh state. */
export function offerActions(get: () => Handlers): () => void {
  const layer = { get };
  layers.value = [...layers.value, layer];
  return () => {
    layers.value = layers.value.filter((other) => other !== layer);
  };
}

export function availableActions(): Handlers {
  return Object.assign({}, ...layers.peek().map((layer) => layer.get())) as Handlers;
}

function isTyping(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return !/^(checkbox|radio|button|submit|color|range|file)$/.test(target.type);
  return target instanceof HTMLElement && (target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName));
}

/** Where keys have a meaning of their own: an open dialog or menu, and Enter on anything that can be pressed. */
function belongsElsewhere(event: KeyboardEvent): boolean {
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest("dialog[open], [role=menu]")) return true;
  return event.key === "Enter" && target?.closest("a, button, summary, [role=option]") !== null && target !== null;
}

/** `singleKeys`: whether keys without Ctrl or Command count; people who use speech input switch them off (WCAG 2.1.4). */
export function startShortcuts(singleKeys: () => boolean): void {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.repeat) return;
    const action = actionOf(event, isTyping(event.target) || !singleKeys());
    if (action === null || belongsElsewhere(event)) return;
    const handler = availableActions()[action];
    if (!handler) return;
    event.preventDefault();
    handler();
  });
}
