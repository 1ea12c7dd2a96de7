import { splitLinks, webAddress } from "../../../../web-shared/src/links.ts";
import type { AgentView, SourceView } from "../../../../web-shared/src/protocol.ts";
import type { MessageRow } from "../../../../web-shared/src/thread.ts";
import { AiIcon, HintIcon, NoteIcon } from "../../components/icons.tsx";
import { Avatar } from "../../components/marks.tsx";
import { ClockTime } from "../../components/times.tsx";
import { VisibleText } from "../../components/visible-text.tsx";
import { failureText } from "../../state/words.ts";

interface Props {
  readonly row: MessageRow;
  readonly visitorName: string;
  readonly me: AgentView | null;
  /** An answer in which the AI said that it does not know. */
  readonly unsure: boolean;
  readonly onRetry: (key: string) => void;
  readonly onDiscard: (key: string) => void;
}

const DELIVERY_WORDS = { sending: "Sending…", sent: "Sent", seen: "Seen", failed: "Not sent" } as const;

export function Message({ row, visitorName, me, unsure, onRetry, onDiscard }: Props) {
  const kind = row.as === "message" ? row.by : row.as;
  const author = row.agent ?? (row.by === "agent" ? me : null);
  return (
    <article
      class={`message message-${kind}${row.first ? " message-first" : ""}${row.delivery === "sending" ? " message-sending" : ""}`}
    >
      {row.first && (
        <header class="message-head">
          {kind === "ai" && <AiIcon size={16} />}
          {kind === "note" && <NoteIcon size={16} />}
          {kind === "hint" && <HintIcon size={16} />}
          {kind === "agent" && author && <Avatar agent={author} />}
          <span class="message-author">{authorName(row, author, me, visitorName)}</span>
          {kind === "note" && <span class="message-tag">Note: only your team sees this</span>}
          {kind === "hint" && <span class="message-tag">Hint to the AI: the visitor doesn’t see it</span>}
          {unsure && <span class="message-tag message-tag-unsure">Did not know</span>}
          <ClockTime at={row.at} />
        </header>
      )}
      <div class="bubble" {...(row.streaming ? { "aria-busy": true } : {})}>
        <Text text={row.text} />
        {row.streaming && <span class="caret" aria-hidden="true" />}
      </div>
      {row.sources.length > 0 && <Sources sources={row.sources} />}
      {row.delivery === "failed" ? (
        <p class="message-failed" role="alert">
          <span>
            {DELIVERY_WORDS.failed}. {row.failed === null ? "" : failureText(row.failed)}
          </span>
          <button type="button" class="link-button" onClick={() => onRetry(keyOf(row))}>
            Try again
          </button>
          <button type="button" class="link-button" onClick={() => onDiscard(keyOf(row))}>
            Discard
          </button>
        </p>
      ) : (
        row.by === "agent" &&
        row.as === "message" &&
        row.last &&
        row.delivery !== null && <p class="message-state">{DELIVERY_WORDS[row.delivery]}</p>
      )}
    </article>
  );
}

function authorName(row: MessageRow, author: AgentView | null, me: AgentView | null, visitorName: string): string {
  if (row.by === "visitor") return visitorName;
  if (row.by === "ai") return "AI";
  return author === null || author.id === me?.id ? "You" : author.name;
}

/** Rows of own messages are named after their client key. */
const keyOf = (row: MessageRow): string => row.id.replace(/^key:/, "");

function Text({ text }: { readonly text: string }) {
  return (
    <>
      {splitLinks(text).map((part, index) =>
        part.href === null ? (
          <VisibleText key={index} text={part.text} />
        ) : (
          <a key={index} href={part.href} target="_blank" rel="noreferrer noopener">
            <VisibleText text={part.text} />
          </a>
        ),
      )}
    </>
  );
}

export function Sources({ sources }: { readonly sources: readonly SourceView[] }) {
  return (
    <ul class="sources" aria-label="Sources">
      {sources.map(({ title, url }) => {
        const href = webAddress(url);
        return (
          <li key={`${title} ${url}`}>
            {href === null ? (
              <span>{title}</span>
            ) : (
              <a href={href} target="_blank" rel="noreferrer noopener">
                {title}
              </a>
            )}
          </li>
        );
      })}
    </ul>
  );
}
