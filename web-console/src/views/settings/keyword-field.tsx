/** Keywords as chips: each can be taken out, new ones come by Enter, comma or a pasted list. Kept as lines in the form. */

import { useId, useState } from "preact/hooks";
import { CloseIcon } from "../../components/icons.tsx";
import { linesOf } from "../../state/settings-form.ts";

interface Props {
  readonly value: string;
  /** The trigger is off: they are kept, and do nothing. */
  readonly off: boolean;
  readonly onInput: (value: string) => void;
  readonly error: string | undefined;
}

export function KeywordField({ value, off, onInput, error }: Props) {
  const id = useId();
  const [typed, setTyped] = useState("");
  const words = linesOf(value);
  const add = (text: string): void => {
    const known = new Set(words.map((word) => word.toLowerCase()));
    const fresh = linesOf(text.replace(/[,;]/g, "\n")).filter((word) => {
      const key = word.toLowerCase();
      return !known.has(key) && known.add(key);
    });
    setTyped("");
    if (fresh.length > 0) onInput([...words, ...fresh].join("\n"));
  };
  return (
    <div class={`field${error === undefined ? "" : " field-wrong"}`}>
      <label for={id}>Keywords</label>
      {words.length > 0 && (
        <ul class={`keywords${off ? " keywords-off" : ""}`}>
          {words.map((word) => (
            <li key={word}>
              {word}
              <button
                type="button"
                aria-label={`Remove ${word}`}
                onClick={() => onInput(words.filter((other) => other !== word).join("\n"))}
              >
                <CloseIcon size={16} />
              </button>
            </li>
          ))}
        </ul>
      )}
      <input
        id={id}
        class="input"
        value={typed}
        autocomplete="off"
        placeholder="Add a word, then Enter"
        aria-describedby={error === undefined ? `${id}-hint` : `${id}-error ${id}-hint`}
        {...(error === undefined ? {} : { "aria-invalid": true as const })}
        onInput={(event) => {
          const text = event.currentTarget.value;
          if (/[,;\n]/.test(text)) add(text);
          else setTyped(text);
        }}
        onPaste={(event) => {
          const text = event.clipboardData?.getData("text") ?? "";
          if (!/[,;\n]/.test(text)) return;
          event.preventDefault();
          add(text);
        }}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.isComposing) return;
          // Enter in a field would save the form.
          event.preventDefault();
          add(typed);
        }}
        onBlur={() => add(typed)}
      />
      {error !== undefined && (
        <p class="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
      <p class="field-hint" id={`${id}-hint`}>
        {off ? "The trigger is off: they are kept, and do nothing." : "A word or several, up to 100 entries."}
      </p>
    </div>
  );
}
