/** One conversation, live: header, handoff card, messages, composer. The same in the console and in the portal. */

import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { lastMessageFor } from "../../../../web-shared/src/conversation.ts";
import { Skeleton } from "../../components/states.tsx";
import type { ComposerMode } from "../../state/drafts.ts";
import { attentive } from "../../state/focus.ts";
import type { Hub } from "../../state/hub.ts";
import type { Thread } from "../../state/thread.ts";
import { Composer } from "./composer.tsx";
import { ConnectionBar } from "./connection-bar.tsx";
import { HandoffCard } from "./handoff-card.tsx";
import { MessageList } from "./message-list.tsx";

interface Props {
  readonly hub: Hub;
  readonly thread: Thread;
  readonly visitorName: string;
  /** Notes exist only among the team. */
  readonly notes: boolean;
  /** Tell the visitor that their messages were seen. */
  readonly markRead: boolean;
  readonly header: ComponentChildren;
  /** In place of the composer, for somebody who has not joined. */
  readonly instead?: ComponentChildren;
}

/** Put the focus into the composer of the shown thread, in a mode. Null while none is shown. */
export const composerControl = signal<((mode: ComposerMode | "interject") => void) | null>(null);

export function ThreadView({ hub, thread, visitorName, notes, markRead, header, instead }: Props) {
  const log = thread.log.value;

  useEffect(() => {
    if (!log || !markRead || !attentive.value) return;
    const seq = lastMessageFor(log, "agent");
    if (seq > log.read_by_agent) hub.markRead(thread.id, seq);
  }, [hub, thread, log, markRead, attentive.value]);

  return (
    <main class="pane-main thread">
      {header}
      <ConnectionBar state={hub.state.value} />
      <Setback thread={thread} />
      {log ? (
        <>
          <HandoffCard log={log} />
          <MessageList hub={hub} thread={thread} log={log} visitorName={visitorName} />
          {instead ?? <Composer hub={hub} thread={thread} log={log} visitorName={visitorName} notes={notes} />}
        </>
      ) : (
        <div class="thread-waiting">
          <Skeleton lines={5} label="Loading the conversation" />
        </div>
      )}
    </main>
  );
}

/** Says what did not go through; goes away when something else is done. */
function Setback({ thread }: { readonly thread: Thread }) {
  const setback = thread.setback.value;
  return (
    <div role="alert">
      {setback && (
        <div class="setback">
          <span>
            {setback.text}
            {setback.by !== null && " The conversation below shows how it stands now."}
          </span>
          <button type="button" class="link-button" onClick={() => (thread.setback.value = null)}>
            Dismiss
          </button>
        </div>
      )}
    </div>
  );
}
