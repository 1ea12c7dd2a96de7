/** What the AI of one chatbot knows: documents, a way to add and try them, and what it could learn from agents. */

import { useCallback, useEffect, useState } from "preact/hooks";
import { addDocument, deleteDocument, knowledge, proposals } from "../../api/endpoints.ts";
import { messageOf } from "../../api/http.ts";
import type { Chatbot, Knowledge, KnowledgeDocument, Proposal } from "../../api/types.ts";
import { confirm } from "../../components/dialog.tsx";
import { Failure, Skeleton } from "../../components/states.tsx";
import { currentTab, Tabs } from "../../components/tabs.tsx";
import type { Loaded } from "../../state/chatbots.ts";
import { mayManage } from "../../state/session.ts";
import { toast } from "../../state/toasts.ts";
import { AddKnowledge } from "./add-knowledge.tsx";
import { AskBox } from "./ask-box.tsx";
import { DocumentList } from "./document-list.tsx";
import { HowItSearches } from "./how-it-searches.tsx";
import { LearningList } from "./learning-list.tsx";
import { Reading } from "./reading.tsx";

/** While the AI reads, the list is looked at this often. */
const WATCH_MS = 600;

export function KnowledgeView({ chatbot }: { readonly chatbot: Chatbot }) {
  const [list, setList] = useState<Loaded<Knowledge>>({ is: "loading" });
  const [learned, setLearned] = useState<Loaded<readonly Proposal[]>>({ is: "loading" });
  const load = useCallback(async (): Promise<void> => {
    try {
      setList({ is: "ready", value: await knowledge(chatbot.id) });
    } catch (error) {
      setList({ is: "failed", message: messageOf(error) });
    }
  }, [chatbot.id]);
  const loadLearned = useCallback(async (): Promise<void> => {
    try {
      setLearned({ is: "ready", value: await proposals(chatbot.id) });
    } catch (error) {
      setLearned({ is: "failed", message: messageOf(error) });
    }
  }, [chatbot.id]);
  useEffect(() => {
    void load();
    void loadLearned();
  }, [load, loadLearned]);

  const reading =
    list.is === "ready" &&
    (list.value.indexing !== null || list.value.documents.some(({ passages }) => passages === null));
  useEffect(() => {
    if (!reading) return;
    const timer = setTimeout(() => void load(), WATCH_MS);
    return () => clearTimeout(timer);
  }, [reading, list, load]);

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

  const tabs = {
    parameter: "show",
    tabs: [
      ["documents", "Documents"],
      ["learned", "From your agents", learned.is === "ready" ? learned.value.length : 0],
    ] as const,
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
            <Tabs label="What to show" {...tabs} />
            {currentTab(tabs) === "learned" ? (
              <LearningList
                chatbot={chatbot}
                list={learned}
                reload={async () => {
                  await loadLearned();
                  await load();
                }}
              />
            ) : (
              <>
                {mayManage.value ? (
                  <AddKnowledge add={(name, text) => addDocument(chatbot.id, name, text)} added={load} />
                ) : (
                  <p class="notice">Only owners and admins of the workspace can change what it knows.</p>
                )}
                {list.is === "ready" && reading && <Reading percent={list.value.indexing?.percent ?? 0} />}
                {list.is === "ready" && <HowItSearches search={list.value.search} />}
                {list.is === "loading" && <Skeleton lines={4} label="Loading documents" />}
                {list.is === "failed" && (
                  <Failure
                    title="The documents could not be loaded"
                    message={list.message}
                    onRetry={() => void load()}
                  />
                )}
                {list.is === "ready" && (
                  <DocumentList documents={list.value.documents} remove={(document) => void remove(document)} />
                )}
              </>
            )}
          </div>
          <AskBox chatbot={chatbot} documents={list.is === "ready" ? list.value.documents : []} />
        </div>
      </div>
    </main>
  );
}
