import { useState } from "preact/hooks";
import type { DocumentKind, KnowledgeDocument } from "../../api/types.ts";
import { TextField } from "../../components/field.tsx";
import { FileIcon, KnowledgeIcon, TrashIcon } from "../../components/icons.tsx";
import { Empty } from "../../components/states.tsx";
import { Ago } from "../../components/times.tsx";
import { sizeWords } from "../../state/knowledge-file.ts";
import { mayManage } from "../../state/session.ts";
import { plural } from "../../state/words.ts";

const KIND_WORDS: Readonly<Record<DocumentKind, string>> = {
  markdown: "Markdown",
  text: "Text",
  html: "Web page",
  faq_csv: "Questions and answers",
  json: "JSON",
};

/** From here on a list is searched, not read. */
const SEARCHED_FROM = 12;

interface Props {
  readonly documents: readonly KnowledgeDocument[];
  readonly remove: (document: KnowledgeDocument) => void;
}

export function DocumentList({ documents, remove }: Props) {
  const [wanted, setWanted] = useState("");
  if (documents.length === 0) {
    return (
      <Empty title="Nothing yet" icon={<KnowledgeIcon size={28} />}>
        <p>
          Start with the page your visitors ask about most, say shipping or prices. You can ask it a question right
          after.
        </p>
      </Empty>
    );
  }
  const shown = documents.filter(({ name }) => name.toLowerCase().includes(wanted.trim().toLowerCase()));
  const passages = documents.reduce((sum, document) => sum + (document.passages ?? 0), 0);
  return (
    <section aria-labelledby="documents-title">
      <h2 id="documents-title" class="documents-title">
        {plural(documents.length, "document", "documents")}
        <span class="quiet"> · {plural(passages, "passage", "passages")}</span>
      </h2>
      {documents.length >= SEARCHED_FROM && (
        <TextField label="Find a document" placeholder="Part of its name" value={wanted} onInput={setWanted} />
      )}
      {shown.length === 0 && <p class="quiet documents-none">No document has “{wanted.trim()}” in its name.</p>}
      <ul class="documents">
        {shown.map((document) => (
          <li class="document" key={document.id}>
            <FileIcon />
            <div class="document-words">
              <span class="document-name">{document.name}</span>
              <span class="quiet">
                {KIND_WORDS[document.kind]} · {sizeWords(document.bytes)} · {passageWords(document)} ·{" "}
                <Ago at={document.updated_at} />
              </span>
            </div>
            {mayManage.value && (
              <button
                type="button"
                class="icon-button"
                aria-label={`Delete ${document.name}`}
                title="Delete"
                onClick={() => remove(document)}
              >
                <TrashIcon />
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

const passageWords = ({ passages }: KnowledgeDocument): string =>
  passages === null ? "being read" : plural(passages, "passage", "passages");
