/** What the AI of one chatbot knows: documents, a way to add them, and a way to try them. */

import { useCallback, useEffect, useState } from "preact/hooks";
import { addDocument, deleteDocument, documents } from "../../api/endpoints.ts";
import { messageOf } from "../../api/http.ts";
import type { Chatbot, DocumentKind, KnowledgeDocument } from "../../api/types.ts";
import { confirm } from "../../components/dialog.tsx";
import { FileIcon, KnowledgeIcon, TrashIcon } from "../../components/icons.tsx";
import { Empty, Failure, Skeleton } from "../../components/states.tsx";
import { Ago } from "../../components/times.tsx";
import type { Loaded } from "../../state/chatbots.ts";
import { sizeWords } from "../../state/knowledge-file.ts";
import { mayManage } from "../../state/session.ts";
import { toast } from "../../state/toasts.ts";
import { plural } from "../../state/words.ts";
import { AddKnowledge } from "./add-knowledge.tsx";
import { AskBox } from "./ask-box.tsx";

const KIND_WORDS: Readonly<Record<DocumentKind, string>> = {
  markdown: "Markdown",
  text: "Text",
  faq_csv: "Questions and answers",
  faq_json: "Questions and answers",
};

export function KnowledgeView({ chatbot }: { readonly chatbot: Chatbot }) {
  const [list, setList] = useState<Loaded<readonly KnowledgeDocument[]>>({ is: "loading" });
  const load = useCallback(async (): Promise<void> => {
    try {
      setList({ is: "ready", value: await documents(chatbot.id) });
    } catch (error) {
      setList({ is: "failed", message: messageOf(error) });
    }
  }, [chatbot.id]);
  useEffect(() => void load(), [load]);

  const remove = async (document: KnowledgeDocument): Promise<void> => {
    const sure = await confirm({
      title: `Delete “${document.name}”?`,
      text: "The AI stops answering from it at once. Conversations keep what was already said.",
      yes: "Delete",
      no: "Keep it",
      danger: true,
    });
    if (!sure) return;
    try {
      await deleteDocument(chatbot.id, document.id);
      toast(`“${document.name}” was deleted.`);
    } catch (error) {
      toast(`“${document.name}” was not deleted. ${messageOf(error)}`, "error");
    }
    await load();
  };

  return (
    <main class="pane-main page">
      <div class="page-scroll">
        <header class="page-head">
          <h1>What {chatbot.settings.name} knows</h1>
          <p class="quiet">The AI answers only from these documents and names them as its source.</p>
        </header>
        <div class="knowledge">
          <div class="knowledge-list">
            {mayManage.value ? (
              <AddKnowledge
                add={async (name, text) => {
                  const added = await addDocument(chatbot.id, name, text);
                  await load();
                  return added;
                }}
              />
            ) : (
              <p class="notice">Only owners and admins of the workspace can change what it knows.</p>
            )}
            {list.is === "loading" && <Skeleton lines={4} label="Loading documents" />}
            {list.is === "failed" && (
              <Failure title="The documents could not be loaded" message={list.message} onRetry={() => void load()} />
            )}
            {list.is === "ready" && list.value.length === 0 && (
              <Empty title="Nothing yet" icon={<KnowledgeIcon size={28} />}>
                <p>
                  Start with the page your visitors ask about most, say shipping or prices. You can ask it a question
                  right after.
                </p>
              </Empty>
            )}
            {list.is === "ready" && list.value.length > 0 && (
              <ul class="documents">
                {list.value.map((document) => (
                  <li class="document" key={document.id}>
                    <FileIcon />
                    <div class="document-words">
                      <span class="document-name">{document.name}</span>
                      <span class="quiet">
                        {KIND_WORDS[document.kind]} · {sizeWords(document.bytes)} ·{" "}
                        {plural(document.passages, "passage", "passages")} · <Ago at={document.updated_at} />
                      </span>
                    </div>
                    {mayManage.value && (
                      <button
                        type="button"
                        class="icon-button"
                        aria-label={`Delete ${document.name}`}
                        title="Delete"
                        onClick={() => void remove(document)}
                      >
                        <TrashIcon />
                      </button>
                    )}
                  </li>
                ))}
              </ul>
            )}
          </div>
          <AskBox chatbot={chatbot} />
        </div>
      </div>
    </main>
  );
}
