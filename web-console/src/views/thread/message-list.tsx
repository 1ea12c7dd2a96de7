import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Log } from "../../../../web-shared/src/conversation.ts";
import type { Typist } from "../../../../web-shared/src/protocol.ts";
import { type LineKind, threadRows } from "../../../../web-shared/src/thread.ts";
import { dayLabel } from "../../../../web-shared/src/time.ts";
import { LOCALE } from "../../components/times.tsx";
import { now } from "../../state/clock.ts";
import type { Hub } from "../../state/hub.ts";
import type { Thread } from "../../state/thread.ts";
import { Message } from "./message.tsx";
import { SystemLine } from "./system-line.tsx";

interface Props {
  readonly hub: Hub;
  readonly thread: Thread;
  readonly log: Log;
  readonly visitorName: string;
}

const LINES: readonly LineKind[] = [
  "handoff_requested",
  "handoff_cancelled",
  "agent_joined",
  "handed_back",
  "transferred",
  "ended",
  "reopened",
];

/** Closer to the end than this, the reader is following. */
const NEAR_END_PX = 80;
const NEAR_START_PX = 200;

export function MessageList({ hub, thread, log, visitorName }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  const before = useRef<{ first: number | undefined; height: number }>({ first: undefined, height: 0 });
  const [behind, setBehind] = useState(false);
  const pending = thread.pending.value;
  const draft = thread.draft.value;
  const rows = useMemo(() => threadRows(log, { self: "agent", pending, draft, lines: LINES }), [log, pending, draft]);
  const unsure = useMemo(() => unsureAnswers(log), [log]);
  const first = log.entries[0]?.seq;
  const typists = thread.typists.value.filter((typist) => isSomebodyElse(typist, hub.me.value?.id));

  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box) return;
    const older = before.current.first !== undefined && first !== undefined && first < before.current.first;
    // What was read stays where it was when older messages come in above it.
    if (older) box.scrollTop += box.scrollHeight - before.current.height;
    else if (following.current) box.scrollTop = box.scrollHeight;
    else if (box.scrollHeight > before.current.height && before.current.height > 0) setBehind(true);
    before.current = { first, height: box.scrollHeight };
  }, [rows, first, typists.length]);

  // The list gets lower when the composer grows, the card unfolds or a keyboard slides in: who follows stays at the end.
  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box) return;
    const observer = new ResizeObserver(() => {
      if (following.current) box.scrollTop = box.scrollHeight;
    });
    observer.observe(box);
    return () => observer.disconnect();
  }, []);

  const onScroll = (): void => {
    const box = scroller.current;
    if (!box) return;
    following.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END_PX;
    if (following.current) setBehind(false);
    if (box.scrollTop < NEAR_START_PX) hub.loadHistory(thread);
  };
  const toEnd = (): void => {
    const box = scroller.current;
    if (box) box.scrollTop = box.scrollHeight;
  };

  return (
    <div class="messages-frame">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <section class="messages" ref={scroller} onScroll={onScroll} tabIndex={0} aria-label="Messages">
        {log.has_more && (
          <p class="history">
            <button
              type="button"
              class="link-button"
              disabled={thread.historyLoading.value}
              onClick={() => hub.loadHistory(thread)}
            >
              {thread.historyLoading.value ? "Loading earlier messages…" : "Earlier messages"}
            </button>
          </p>
        )}
        <div role="log" aria-live="polite" class="message-rows">
          {rows.map((row) => {
            if (row.type === "day") {
              return (
                <p class="day-line" key={row.id}>
                  <span>{dayLabel(row.at, now.peek(), LOCALE)}</span>
                </p>
              );
            }
            if (row.type === "line") return <SystemLine key={row.id} entry={row.entry} me={hub.me.value?.id ?? ""} />;
            return (
              <Message
                key={row.id}
                row={row}
                visitorName={visitorName}
                me={hub.me.value}
                unsure={row.seq !== null && unsure.has(row.seq)}
                onRetry={(key) => hub.retry(key)}
                onDiscard={(key) => hub.discard(key)}
              />
            );
          })}
        </div>
        <p class="typing" role="status">
          {typists.length > 0 && (
            <>
              <span class="typing-dots" aria-hidden="true">
                <i />
                <i />
                <i />
              </span>
              {typists.map((typist) => typistName(typist, visitorName)).join(", ")}{" "}
              {typists.length === 1 ? "is" : "are"} typing
            </>
          )}
        </p>
      </section>
      {behind && (
        <button type="button" class="new-pill" onClick={toEnd}>
          New messages
        </button>
      )}
    </div>
  );
}

function unsureAnswers(log: Log): ReadonlySet<number> {
  return new Set(
    log.entries.filter(({ event }) => event.kind === "ai_message" && !event.confident).map(({ seq }) => seq),
  );
}

function isSomebodyElse(typist: Typist, me: string | undefined): boolean {
  return typist.who !== "agent" || typist.agent.id !== me;
}

function typistName(typist: Typist, visitorName: string): string {
  if (typist.who === "agent") return typist.agent.name;
  return typist.who === "ai" ? "The AI" : visitorName;
}
