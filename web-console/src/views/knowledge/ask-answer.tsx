/** What the AI would say and do, and from what: the answer as the visitor reads it, then the reasons for the owner. */

import type { Chatbot, KnowledgeDocument, Passage, Preview } from "../../api/types.ts";
import { AiIcon } from "../../components/icons.tsx";
import { REASON_WORDS } from "../../state/words.ts";
import { Sources } from "../thread/message.tsx";

interface Props {
  readonly preview: Preview;
  readonly chatbot: Chatbot;
  readonly documents: readonly KnowledgeDocument[];
}

export function AskAnswer({ preview, chatbot, documents }: Props) {
  const { handoff } = preview;
  return (
    <div class="answer">
      {preview.indexing !== null && (
        <p class="notice">The AI is still reading ({preview.indexing} %). This is from what it knew before.</p>
      )}
      <h3 class="answer-title">The visitor reads</h3>
      {preview.answer !== null && (
        <div class="answer-said">
          <AiIcon size={16} />
          <div>
            <p class="answer-text">{preview.answer}</p>
            {preview.sources.length > 0 && <Sources sources={preview.sources} />}
          </div>
        </div>
      )}
      {handoff && (
        <div class="answer-said">
          <AiIcon size={16} />
          <div>
            <p class="answer-text">{handoff.text}</p>
            {handoff.step === "offered" && (
              <p class="answer-buttons">
                <span class="sr-only">with the buttons</span>
                <span>Yes, please</span>
                <span>No, thanks</span>
              </p>
            )}
          </div>
        </div>
      )}
      <Sure preview={preview} needed={chatbot.settings.confidence_threshold} />
      <p class={`verdict${handoff ? " verdict-low" : ""}`}>{verdict(preview, chatbot)}</p>
      <Detected preview={preview} />
      {preview.passages.length > 0 && (
        <details class="passages" open={!preview.answerable}>
          <summary>Passages it found ({preview.passages.length})</summary>
          <ol>
            {preview.passages.map((passage, index) => (
              <Found key={index} passage={passage} documents={documents} />
            ))}
          </ol>
        </details>
      )}
    </div>
  );
}

function Sure({ preview, needed }: { readonly preview: Preview; readonly needed: number }) {
  const percent = Math.round(preview.confidence * 100);
  const mark = Math.round(needed * 100);
  return (
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
        <span class="meter-need" style={{ left: `${mark}%` }} />
      </span>
      <span class="figure">
        {percent} % <span class="quiet">({mark} % needed)</span>
      </span>
    </div>
  );
}

/** Why a human would be offered, or why not although something speaks for it. */
function verdict({ handoff, answerable, detected }: Preview, { settings }: Chatbot): string {
  if (handoff?.step === "requested") return `A human would be called at once: ${reason(handoff.reason)}.`;
  if (handoff) return `It would offer a human and ask first: ${reason(handoff.reason)}.`;
  const wanted = detected.wants_human || detected.frustrated || detected.keyword || !answerable;
  if (!wanted) return "It would answer. Nothing speaks for a human.";
  return settings.handoff.enabled
    ? "No human would be offered: the trigger for it is off."
    : "No human would be offered: talking to a human is switched off.";
}

const reason = (name: keyof typeof REASON_WORDS): string =>
  REASON_WORDS[name].charAt(0).toLowerCase() + REASON_WORDS[name].slice(1);

function Detected({ preview: { detected } }: { readonly preview: Preview }) {
  const rows = [
    ["Asks for a person", detected.wants_human],
    ["Sounds frustrated", detected.frustrated],
    ["Holds a keyword", detected.keyword],
  ] as const;
  return (
    <dl class="detected">
      {rows.map(([label, yes]) => (
        <div key={label} class={yes ? "detected-yes" : ""}>
          <dt>{label}</dt>
          <dd>{yes ? "yes" : "no"}</dd>
        </div>
      ))}
    </dl>
  );
}

function Found({
  passage,
  documents,
}: {
  readonly passage: Passage;
  readonly documents: readonly KnowledgeDocument[];
}) {
  const document = documents.find(({ id }) => id === passage.document);
  const place = [document?.name, ...passage.path].filter((part) => part !== undefined).join(" › ");
  const score = Math.round(passage.score * 100);
  return (
    <li>
      <p class="passage-head">
        <strong>{passage.title}</strong>
        <span class="figure">
          {score}
          <span class="sr-only"> of 100</span>
        </span>
      </p>
      {place !== "" && <p class="quiet">{place}</p>}
      <p class="passage-text">{passage.text}</p>
    </li>
  );
}
