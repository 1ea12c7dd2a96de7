/** Where the agent writes. Message, hint and note are three looks and three labels, so that none is taken for another. */

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Log } from "../../../../web-shared/src/conversation.ts";
import { HintIcon, NoteIcon, SendIcon } from "../../components/icons.tsx";
import { type ComposerMode, drafts } from "../../state/drafts.ts";
import type { Hub } from "../../state/hub.ts";
import type { Thread } from "../../state/thread.ts";
import { aiAnswers, writingMeans } from "../../state/thread-actions.ts";
import { composerControl } from "./thread-view.tsx";

interface Props {
  readonly hub: Hub;
  readonly thread: Thread;
  readonly log: Log;
  readonly visitorName: string;
  /** The team's own means, too: notes, hints to the AI, messages beside it. */
  readonly notes: boolean;
}

interface ModeLook {
  readonly choice: string;
  readonly placeholder: string;
  readonly send: string;
}

const LOOKS: Readonly<Record<ComposerMode, ModeLook>> = {
  message: { choice: "Visitor", placeholder: "Write a message…", send: "Send" },
  hint: { choice: "Hint to the AI", placeholder: "For its next answer…", send: "Give hint" },
  note: { choice: "Team note", placeholder: "Write a note…", send: "Add note" },
};

const MAX_LINES = 5;
/** The server's limit of one message. */
const MAX_CHARACTERS = 8000;

export function Composer({ hub, thread, log, visitorName, notes }: Props) {
  const means = writingMeans(log, hub.me.value?.id ?? "");
  const [chosen, setMode] = useState<ComposerMode>("message");
  const besideAi = notes && aiAnswers(log);
  const [goesOn, setGoesOn] = useState(false);
  const interjects = besideAi && goesOn;
  // Somebody else has the chat: only the team can be written to. A human has it: there is no AI to whisper to.
  const mode = means === null ? "note" : chosen === "hint" && !besideAi ? "message" : chosen;
  const look = LOOKS[mode];
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
    const control = (next: ComposerMode | "interject"): void => {
      if (next === "message" || next === "interject") setGoesOn(next === "interject");
      choose(next === "interject" || !notes ? "message" : next, true);
    };
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
    hub.post(
      thread.id,
      mode === "note" ? "note" : mode === "hint" ? "whisper" : interjects ? "interject" : "send",
      ready,
    );
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

  const label =
    mode === "note"
      ? "Note: only your team sees this"
      : mode === "hint"
        ? "Hint to the AI: the visitor doesn’t see it"
        : `Message to ${visitorName}`;
  const tooLong = text.trim().length - MAX_CHARACTERS;
  const effect = mode === "note" ? null : mode === "hint" ? HINT_EFFECT : interjects ? BESIDE_EFFECT : effectOf(means);
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
            {(["message", ...(besideAi ? (["hint"] as const) : []), "note"] as const).map((one) => (
              <button
                key={one}
                type="button"
                aria-pressed={mode === one}
                disabled={means === null && one !== "note"}
                onClick={() => choose(one, true)}
              >
                {LOOKS[one].choice}
              </button>
            ))}
          </fieldset>
        )}
        <label class="composer-label" for="composer">
          {mode === "note" && <NoteIcon size={16} />}
          {mode === "hint" && <HintIcon size={16} />}
          {label}
        </label>
      </div>
      {means === null && <p class="composer-effect">{holder} has this chat. Take it over to write to the visitor.</p>}
      <div class="composer-box">
        <textarea
          id="composer"
          ref={field}
          rows={1}
          value={text}
          placeholder={look.placeholder}
          onInput={(event) => change(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          onBlur={() => hub.typing(thread.id, false)}
          {...(tooLong > 0 ? { "aria-invalid": true, "aria-describedby": "composer-error" } : {})}
        />
        <button type="submit" class="button button-primary composer-send" disabled={text.trim() === "" || tooLong > 0}>
          {look.send}
          <SendIcon size={16} />
        </button>
      </div>
      {tooLong > 0 ? (
        <p class="composer-effect composer-error" id="composer-error">
          {tooLong} characters too many. Split it into two messages.
        </p>
      ) : (
        effect !== null && <p class="composer-effect">{effect}</p>
      )}
      {besideAi && mode === "message" && (
        <label class="composer-beside">
          <input type="checkbox" checked={goesOn} onChange={(event) => setGoesOn(event.currentTarget.checked)} />
          Let the AI go on answering
        </label>
      )}
    </form>
  );
}

const BESIDE_EFFECT = "Sending leaves the chat with the AI: it goes on answering.";
const HINT_EFFECT = "Used in its next answer. A model may repeat it: write only what the visitor may read.";

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
