/** Where the agent writes. Message and note are two looks and two labels, so that one is never taken for the other. */

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Log } from "../../../../web-shared/src/conversation.ts";
import { NoteIcon, SendIcon } from "../../components/icons.tsx";
import { type ComposerMode, drafts } from "../../state/drafts.ts";
import type { Hub } from "../../state/hub.ts";
import type { Thread } from "../../state/thread.ts";
import { writingMeans } from "../../state/thread-actions.ts";
import { composerControl } from "./thread-view.tsx";

interface Props {
  readonly hub: Hub;
  readonly thread: Thread;
  readonly log: Log;
  readonly visitorName: string;
  readonly notes: boolean;
}

const MAX_LINES = 5;
/** The server's limit of one message. */
const MAX_CHARACTERS = 8000;

export function Composer({ hub, thread, log, visitorName, notes }: Props) {
  const means = writingMeans(log, hub.me.value?.id ?? "");
  const [chosen, setMode] = useState<ComposerMode>("message");
  // Somebody else has the chat: only the team can be written to.
  const mode = means === null ? "note" : chosen;
  const [text, setText] = useState(() => drafts.get(thread.id, mode));
  const field = useRef<HTMLTextAreaElement>(null);
  const wantsFocus = useRef(false);
  const holder = log.assignee?.name ?? "A colleague";

  const choose = (next: ComposerMode, focus: boolean): void => {
    setMode(next);
    wantsFocus.current = focus;
    if (focus) field.current?.focus();
  };
  useEffect(() => {
    const control = (next: ComposerMode): void => choose(notes ? next : "message", true);
    composerControl.value = control;
    return () => {
      if (composerControl.peek() === control) composerControl.value = null;
    };
  }, [notes]);
  useLayoutEffect(() => {
    setText(drafts.get(thread.id, mode));
    if (wantsFocus.current) field.current?.focus();
    wantsFocus.current = false;
  }, [thread.id, mode]);
  useLayoutEffect(() => fit(field.current), [text, mode]);

  if (means === null && !notes) {
    return <p class="composer-closed">{holder} has this chat. Take it over to write to the visitor.</p>;
  }

  const change = (value: string): void => {
    setText(value);
    drafts.set(thread.id, mode, value);
    if (mode === "message" && means === "sends") hub.typing(thread.id, value.trim() !== "");
  };
  const send = (): void => {
    const ready = text.trim();
    if (ready === "" || ready.length > MAX_CHARACTERS) return;
    hub.post(thread.id, mode, ready);
    setText("");
    drafts.set(thread.id, mode, "");
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      send();
    } else if (event.key === "Escape") {
      field.current?.blur();
    }
  };

  const label = mode === "note" ? "Note: only your team sees this" : `Message to ${visitorName}`;
  const tooLong = text.trim().length - MAX_CHARACTERS;
  const effect = mode === "message" ? effectOf(means) : null;
  return (
    <form
      class={`composer composer-${mode}`}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div class="composer-head">
        {notes && (
          <fieldset class="modes" aria-label="Write to">
            <button
              type="button"
              aria-pressed={mode === "message"}
              disabled={means === null}
              onClick={() => choose("message", true)}
            >
              Visitor
            </button>
            <button type="button" aria-pressed={mode === "note"} onClick={() => choose("note", true)}>
              Team note
            </button>
          </fieldset>
        )}
        <label class="composer-label" for="composer">
          {mode === "note" && <NoteIcon size={16} />}
          {label}
        </label>
      </div>
      {means === null && <p class="composer-hint">{holder} has this chat. Take it over to write to the visitor.</p>}
      <div class="composer-box">
        <textarea
          id="composer"
          ref={field}
          rows={1}
          value={text}
          placeholder={mode === "note" ? "Write a note…" : "Write a message…"}
          onInput={(event) => change(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          onBlur={() => hub.typing(thread.id, false)}
          {...(tooLong > 0 ? { "aria-invalid": true, "aria-describedby": "composer-error" } : {})}
        />
        <button type="submit" class="button button-primary composer-send" disabled={text.trim() === "" || tooLong > 0}>
          {mode === "note" ? "Add note" : "Send"}
          <SendIcon size={16} />
        </button>
      </div>
      {tooLong > 0 ? (
        <p class="composer-hint composer-error" id="composer-error">
          {tooLong} characters too many. Split it into two messages.
        </p>
      ) : (
        effect !== null && <p class="composer-hint">{effect}</p>
      )}
    </form>
  );
}

function effectOf(means: "sends" | "joins" | "reopens" | null): string | null {
  if (means === "joins") return "Sending makes this chat yours; the AI stops answering.";
  if (means === "reopens") return "This conversation has ended. Sending reopens it.";
  return null;
}

/** As high as its text, up to five lines. */
function fit(field: HTMLTextAreaElement | null): void {
  if (!field) return;
  field.style.height = "auto";
  const style = getComputedStyle(field);
  const frame = Number.parseFloat(style.paddingTop) + Number.parseFloat(style.paddingBottom);
  const most = Number.parseFloat(style.lineHeight) * MAX_LINES + frame;
  field.style.height = `${Math.min(field.scrollHeight, most)}px`;
  field.style.overflowY = field.scrollHeight > most ? "auto" : "hidden";
}
