import { useRef, useState } from "preact/hooks";
import { messageOf } from "../../api/http.ts";
import type { AddedDocument } from "../../api/types.ts";
import { TextArea, TextField } from "../../components/field.tsx";
import { UploadIcon } from "../../components/icons.tsx";
import { type DroppedFile, droppedFiles } from "../../state/dropped-files.ts";
import { decodeText, isKnowledgeName, KNOWLEDGE_ENDINGS, pastedName } from "../../state/knowledge-file.ts";
import { plural } from "../../state/words.ts";

interface Props {
  readonly add: (name: string, text: string) => Promise<AddedDocument>;
  /** Something was added; the list is out of date. */
  readonly added: () => Promise<void>;
}

const CHANGE_WORDS: Readonly<Record<AddedDocument["change"], string>> = {
  added: "was added",
  replaced: "was replaced",
  unchanged: "is there already, unchanged",
};

interface Outcome {
  readonly name: string;
  readonly said: string;
  readonly ok: boolean;
}

const SHOWN_OUTCOMES = 30;

/** Files by drop or choice, or pasted text. Every file gets its own answer: one bad line must not hide nine good files. */
export function AddKnowledge({ add, added }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [pasting, setPasting] = useState(false);
  const [progress, setProgress] = useState<{ readonly done: number; readonly all: number } | null>(null);
  const busy = progress !== null;
  const [outcomes, setOutcomes] = useState<readonly Outcome[]>([]);

  const addOne = async (name: string, read: () => Promise<string>): Promise<Outcome> => {
    if (!isKnowledgeName(name)) {
      return { name, said: `was left out: only ${KNOWLEDGE_ENDINGS.join(", ")} can be read.`, ok: false };
    }
    try {
      const document = await add(name, await read());
      return {
        name,
        said: `${CHANGE_WORDS[document.change]}, ${plural(document.passages, "passage", "passages")}.`,
        ok: true,
      };
    } catch (error) {
      return { name, said: `was not added. ${sentence(messageOf(error))}`, ok: false };
    }
  };
  const addFiles = async (files: readonly DroppedFile[]): Promise<void> => {
    if (files.length === 0) return;
    const said: Outcome[] = [];
    // One after the other: the list shows progress, and the server is not flooded by a folder.
    for (const { name, file } of files) {
      setProgress({ done: said.length, all: files.length });
      said.push(await addOne(name, async () => decodeText(new Uint8Array(await file.arrayBuffer()))));
      // What went wrong on top: it is what there is something to do about.
      setOutcomes([...said].sort((a, b) => Number(a.ok) - Number(b.ok)));
    }
    setProgress(null);
    await added();
  };
  const paste = async (title: string, text: string): Promise<boolean> => {
    setProgress({ done: 0, all: 1 });
    const outcome = await addOne(pastedName(title), async () => text);
    setOutcomes([outcome]);
    setProgress(null);
    await added();
    if (outcome.ok) setPasting(false);
    return outcome.ok;
  };

  return (
    <section class="add" aria-label="Add knowledge">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way; the button in it is the first */}
      <div
        class={`drop${over ? " drop-over" : ""}`}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          const transfer = event.dataTransfer;
          if (transfer && !busy) void droppedFiles(transfer).then(addFiles);
        }}
      >
        <UploadIcon size={24} />
        <p>
          <strong>Drop files or a folder here</strong>
          <span class="quiet">
            Markdown, text, web pages, or questions and answers as CSV or JSON ({KNOWLEDGE_ENDINGS.join(" ")})
          </span>
        </p>
        <div class="button-row">
          <button type="button" class="button" disabled={busy} onClick={() => input.current?.click()}>
            {busy ? "Adding…" : "Choose files"}
          </button>
          <button type="button" class="button" aria-expanded={pasting} onClick={() => setPasting(!pasting)}>
            Paste text
          </button>
        </div>
        <input
          ref={input}
          class="sr-only"
          type="file"
          multiple
          disabled={busy}
          tabIndex={-1}
          aria-label="Files to add"
          accept={KNOWLEDGE_ENDINGS.join(",")}
          onChange={(event) => {
            const field = event.currentTarget;
            void addFiles([...(field.files ?? [])].map((file) => ({ name: file.name, file })));
            field.value = "";
          }}
        />
      </div>
      {progress && progress.all > 1 && (
        <div class="reading">
          <label for="adding">
            Adding file {progress.done + 1} of {progress.all}
          </label>
          <progress id="adding" max={progress.all} value={progress.done} />
        </div>
      )}
      {pasting && <PasteForm busy={busy} onSubmit={paste} />}
      <ul class="outcomes" aria-live="polite">
        {outcomes.slice(0, SHOWN_OUTCOMES).map(({ name, said, ok }) => (
          <li key={name} class={ok ? "outcome-ok" : "outcome-bad"}>
            <strong>{name}</strong> {said}
          </li>
        ))}
        {outcomes.length > SHOWN_OUTCOMES && (
          <li class="outcome-ok">and {plural(outcomes.length - SHOWN_OUTCOMES, "more file", "more files")}.</li>
        )}
      </ul>
      {outcomes.length > 0 && !busy && (
        <button type="button" class="link-button outcomes-close" onClick={() => setOutcomes([])}>
          Clear this list
        </button>
      )}
    </section>
  );
}

/** The server's errors start with their place, in small letters. */
function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}

interface PasteFormProps {
  readonly busy: boolean;
  readonly onSubmit: (title: string, text: string) => Promise<boolean>;
}

function PasteForm({ busy, onSubmit }: PasteFormProps) {
  const [title, setTitle] = useState("");
  const [text, setText] = useState("");
  return (
    <form
      class="stack paste"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== "") void onSubmit(title, text);
      }}
    >
      <TextField label="Title" hint="The AI names it as its source." value={title} onInput={setTitle} />
      <TextArea label="Text" rows={8} value={text} onInput={setText} />
      <button type="submit" class="button button-primary" disabled={busy || text.trim() === ""}>
        Add text
      </button>
    </form>
  );
}
