import type { Log } from "../../../../web-shared/src/conversation.ts";
import { ClockTime } from "../../components/times.tsx";
import { VisibleText } from "../../components/visible-text.tsx";
import { handoffStory } from "../../state/handoff-story.ts";
import { REASON_WORDS } from "../../state/words.ts";

/** Where the thread needs every line, the card starts as one line: the reason and the wait stay in sight. */
const roomy = typeof matchMedia !== "undefined" && matchMedia("(min-width: 720px) and (min-height: 640px)").matches;

/** What to know before the first word. Open while nobody has the chat; folded to one line afterwards. */
export function HandoffCard({ log }: { readonly log: Log }) {
  const story = handoffStory(log);
  if (!story) return null;
  return (
    <details class="handoff" open={roomy && log.status === "unassigned"} key={log.status}>
      <summary>
        <span class="handoff-reason">{REASON_WORDS[story.reason]}</span>
        <span class="handoff-since">
          {log.status === "unassigned" ? "waiting since " : "asked at "}
          <ClockTime at={story.requestedAt} />
        </span>
      </summary>
      <dl class="handoff-facts">
        <dt>Last message</dt>
        <dd class="handoff-last">
          {story.lastMessage === "" ? "Nothing written yet" : <VisibleText text={story.lastMessage} />}
        </dd>
        <dt>The AI tried</dt>
        <dd>
          {story.tries.length === 0 ? (
            "Nothing: the visitor asked for a human first"
          ) : (
            <ul class="tries">
              {story.tries.map(({ question, answer, confident, sources }, index) => (
                <li key={index}>
                  {question !== "" && (
                    <span class="try-question">
                      <VisibleText text={question} />
                    </span>
                  )}
                  <span class="try-answer">
                    {confident ? <VisibleText text={answer} /> : "It had no answer"}
                    {confident && sources.length > 0 && <span class="quiet"> ({sources.join(", ")})</span>}
                  </span>
                </li>
              ))}
            </ul>
          )}
        </dd>
      </dl>
    </details>
  );
}
