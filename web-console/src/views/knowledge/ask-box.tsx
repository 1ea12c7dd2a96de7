import { useState } from "preact/hooks";
import { askKnowledge } from "../../api/endpoints.ts";
import { messageOf } from "../../api/http.ts";
import type { Chatbot, KnowledgeDocument, Preview } from "../../api/types.ts";
import { TextField } from "../../components/field.tsx";
import { AskAnswer } from "./ask-answer.tsx";

interface Props {
  readonly chatbot: Chatbot;
  readonly documents: readonly KnowledgeDocument[];
}

/** Asks as a visitor would, without a conversation: nothing is kept and nobody is told. */
export function AskBox({ chatbot, documents }: Props) {
  const [question, setQuestion] = useState("");
  const [busy, setBusy] = useState(false);
  const [preview, setPreview] = useState<Preview | null>(null);
  const [error, setError] = useState<string | undefined>();

  const ask = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (question.trim() === "") return;
    setBusy(true);
    setError(undefined);
    try {
      setPreview(await askKnowledge(chatbot.id, question.trim()));
    } catch (failure) {
      setPreview(null);
      setError(messageOf(failure));
    } finally {
      setBusy(false);
    }
  };

  return (
    <section class="ask" aria-labelledby="ask-title">
      <h2 id="ask-title">Try it</h2>
      <form class="stack" onSubmit={(event) => void ask(event)}>
        <TextField
          label="Ask like a visitor"
          hint="Nothing is kept, nobody is told."
          placeholder="How long does shipping take?"
          value={question}
          onInput={setQuestion}
          error={error}
        />
        <button type="submit" class="button button-primary" disabled={busy || question.trim() === ""}>
          {busy ? "Asking…" : "Ask"}
        </button>
      </form>
      <div aria-live="polite">{preview && <AskAnswer preview={preview} chatbot={chatbot} documents={documents} />}</div>
    </section>
  );
}
