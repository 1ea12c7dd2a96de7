import type { Log } from "../../../../web-shared/src/conversation.ts";
import { ClockTime } from "../../components/times.tsx";
import { VisibleText } from "../../components/visible-text.tsx";
import { handoffStory } from "../../state/handoff-story.ts";
import { languageName, REASON_WORDS } from "../../state/words.ts";

/** Where the thread needs every line, the card starts folded: the reason, the wait and the summary stay in sight. */
const roomy = typeof matchMedia !== "undefined" && matchMedia("(min-width: 720px) and (min-height: 640px)").matches;

/** What to know before the first word. Open while nobody has the chat, folded afterwards. */
export function HandoffCard({ log }: { readonly log: Log }) {
  const story = handoffStory(log);
  if (!story) return null;
  const { brief, requestedAt } = story;
  return (
    <details class="handoff" open={roomy && log.status === "unassigned"} key={log.status}>
      <summary>
        <span class="handoff-reason">{REASON_WORDS[brief.reason]}</span>
        {requestedAt !== null && (
          <span class="handoff-since">
            {log.status === "unassigned" ? "waiting since " : "asked at "}
            <ClockTime at={requestedAt} />
          </span>
        )}
        {brief.summary !== "" && (
          <span class="handoff-gist">
            <VisibleText text={brief.summary} />
          </span>
        )}
      </summary>
      <dl class="handoff-facts">
        {brief.summary !== "" && (
          <>
            <dt>Summary</dt>
            <dd>
              <VisibleText text={brief.summary} />
              {brief.by === "model" && <span class="quiet"> (written by the AI)</span>}
            </dd>
          </>
        )}
        <dt>Asked</dt>
        <dd class="handoff-asked">{brief.asked === "" ? "Nothing written yet" : <VisibleText text={brief.asked} />}</dd>
        <dt>The AI tried</dt>
        <dd>
          {brief.tried.length === 0 ? (
            "Nothing: the visitor asked for a human first"
          ) : (
            <ul class="tries">
              {brief.tried.map(({ question, answer, confident, sources }, index) => (
                <li key={index}>
                  {question !== "" && (
                    <span class="try-question">
                      <VisibleText text={question} />
                    </span>
                  )}
                  <span class="try-answer">
                    {confident ? <VisibleText text={answer} /> : "It had no answer"}
                    {confident && sources.length > 0 && (
                      <span class="quiet"> ({sources.map(({ title }) => title).join(", ")})</span>
                    )}
                  </span>
                </li>
              ))}
            </ul>
          )}
        </dd>
        {brief.language !== "" && (
          <>
            <dt>Language</dt>
            <dd>{languageName(brief.language)}</dd>
          </>
        )}
      </dl>
    </details>
  );
}
