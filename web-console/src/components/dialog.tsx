/** Dialogs on the native element: it traps the focus, closes on Escape and gives the focus back. */

import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { CloseIcon } from "./icons.tsx";

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  readonly wide?: boolean;
  /** For dialogs whose first field says everything; the title stays for screen readers. */
  readonly bare?: boolean;
}

export function Dialog({ title, onClose, children, wide, bare }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape is the keyboard's way out, and native
    <dialog
      ref={ref}
      class={`dialog${wide ? " dialog-wide" : ""}${bare ? " dialog-bare" : ""}`}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === ref.current) onClose();
      }}
    >
      <div class="dialog-body">
        <header class={bare ? "sr-only" : "dialog-head"}>
          <h2 id={id}>{title}</h2>
          {!bare && (
            <button type="button" class="icon-button" aria-label="Close" onClick={onClose}>
              <CloseIcon />
            </button>
          )}
        </header>
        {children}
      </div>
    </dialog>
  );
}

interface Question {
  readonly title: string;
  readonly text: string;
  readonly yes: string;
  readonly no: string;
  readonly danger: boolean;
}

const asked = signal<{ readonly question: Question; readonly answer: (yes: boolean) => void } | null>(null);

/** Ask before something that can't be undone. */
export function confirm(question: Question): Promise<boolean> {
  asked.value?.answer(false);
  return new Promise((resolve) => {
    asked.value = {
      question,
      answer: (yes) => {
        asked.value = null;
        resolve(yes);
      },
    };
  });
}

export function ConfirmHost() {
  const open = asked.value;
  if (!open) return null;
  const { question, answer } = open;
  return (
    <Dialog title={question.title} onClose={() => answer(false)}>
      <p class="dialog-text">{question.text}</p>
      <div class="dialog-actions">
        <button type="button" class="button" onClick={() => answer(false)}>
          {question.no}
        </button>
        <button
          type="button"
          class={`button ${question.danger ? "button-danger" : "button-primary"}`}
          onClick={() => answer(true)}
        >
          {question.yes}
        </button>
      </div>
    </Dialog>
  );
}
