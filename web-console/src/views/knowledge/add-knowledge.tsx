import { useRef, useState } from "preact/hooks";
import { messageOf } from "../../api/http.ts";
import type { KnowledgeDocument } from "../../api/types.ts";
import { TextArea, TextField } from "../../components/field.tsx";
import { UploadIcon } from "../../components/icons.tsx";
import { isKnowledgeName, KNOWLEDGE_ENDINGS, pastedName } from "../../state/knowledge-file.ts";
import { plural } from "../../state/words.ts";

interface Props {
  readonly add: (name: string, text: string) => Promise<KnowledgeDocument>;
}

interface Outcome {
  readonly name: string;
  readonly said: string;
  readonly ok: boolean;
}

/** Files by drop or choice, or pasted text. Every file gets its own answer: one bad line must not hide nine good files. */
export function AddKnowledge({ add }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [pasting, setPasting] = useState(false);
  const [busy, setBusy] = useState(false);
  const [outcomes, setOutcomes] = useState<readonly Outcome[]>([]);

  const addOne = async (name: string, read: () => Promise<string>): Promise<Outcome> => {
    if (!isKnowledgeName(name)) {
      return { name, said: `was left out: only ${KNOWLEDGE_ENDINGS.join(", ")} can be read.`, ok: false };
    }
    try {
      const document = await add(name, await read());
      return { name, said: `was saved, ${plural(document.passages, "passage", "passages")}.`, ok: true };
    } catch (error) {
      return { name, said: `was not added. ${messageOf(error)}`, ok: false };
    }
  };
  const addFiles = async (files: readonly File[]): Promise<void> => {
    if (files.length === 0) return;
    setBusy(true);
    const said: Outcome[] = [];
    // One after the other: the list shows progress, and the server is not flooded by a folder.
    for (const file of files) {
      said.push(await addOne(file.name, () => file.text()));
      setOutcomes([...said]);
    }
    setBusy(false);
  };
  const paste = async (title: string, text: string): Promise<boolean> => {
    setBusy(true);
    const outcome = await addOne(pastedName(title), async () => text);
    setOutcomes([outcome]);
    setBusy(false);
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
          void addFiles([...(event.dataTransfer?.files ?? [])]);
        }}
      >
        <UploadIcon size={24} />
        <p>
          <strong>Drop files here</strong>
          <span class="quiet">
            Markdown, text, or questions and answers as CSV or JSON ({KNOWLEDGE_ENDINGS.join(" ")})
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
          tabIndex={-1}
          aria-label="Files to add"
          accept={KNOWLEDGE_ENDINGS.join(",")}
          onChange={(event) => {
            const field = event.currentTarget;
            void addFiles([...(field.files ?? [])]);
            field.value = "";
          }}
        />
      </div>
      {pasting && <PasteForm busy={busy} onSubmit={paste} />}
      <ul class="outcomes" aria-live="polite">
        {outcomes.map(({ name, said, ok }) => (
          <li key={name} class={ok ? "outcome-ok" : "outcome-bad"}>
            <strong>{name}</strong> {said}
          </li>
        ))}
      </ul>
    </section>
  );
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
