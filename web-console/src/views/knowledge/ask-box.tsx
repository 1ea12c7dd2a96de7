import { useState } from "preact/hooks";
import { askKnowledge } from "../../api/endpoints.ts";
import { messageOf } from "../../api/http.ts";
import type { Chatbot, Preview } from "../../api/types.ts";
import { TextField } from "../../components/field.tsx";
import { Sources } from "../thread/message.tsx";

/** Asks as a visitor would, without a conversation: nothing is kept and nobody is told. */
export function AskBox({ chatbot }: { readonly chatbot: Chatbot }) {
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
      <div aria-live="polite">{preview && <Answer preview={preview} chatbot={chatbot} />}</div>
    </section>
  );
}

function Answer({ preview, chatbot }: { readonly preview: Preview; readonly chatbot: Chatbot }) {
  const { settings } = chatbot;
  const percent = Math.round(preview.confidence * 100);
  const needed = Math.round(settings.confidence_threshold * 100);
  return (
    <div class="answer">
      <p class="answer-text">{preview.answerable ? preview.answer : settings.texts.unsure}</p>
      {preview.sources.length > 0 && <Sources sources={preview.sources} />}
      <div class="meter-row">
        <span id="sure-label">Sure</span>
        {/* biome-ignore lint/a11y/useSemanticElements: a native meter can't show the mark of what is needed */}
        <span
          class="meter"
          role="meter"
          aria-labelledby="sure-label"
          aria-valuenow={percent}
          aria-valuemin={0}
          aria-valuemax={100}
        >
          <span class={`meter-fill${preview.answerable ? "" : " meter-low"}`} style={{ width: `${percent}%` }} />
          <span class="meter-need" style={{ left: `${needed}%` }} />
        </span>
        <span class="figure">
          {percent} % <span class="quiet">({needed} % needed)</span>
        </span>
      </div>
      <p class={`verdict${preview.answerable ? "" : " verdict-low"}`}>
        {preview.answerable ? "The AI would give this answer." : handoffVerdict(chatbot)}
      </p>
    </div>
  );
}

function handoffVerdict({ settings }: Chatbot): string {
  const { handoff } = settings;
  if (!handoff.enabled || handoff.on_cannot_answer === "off")
    return "The AI would say that it does not know. No human would be offered.";
  return handoff.on_cannot_answer === "at_once"
    ? "The AI would say that it does not know and call a human at once."
    : "The AI would say that it does not know and offer a human.";
}
