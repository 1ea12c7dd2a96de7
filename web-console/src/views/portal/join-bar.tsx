import type { Log } from "../../../../web-shared/src/conversation.ts";
import type { Hub } from "../../state/hub.ts";
import type { Thread } from "../../state/thread.ts";
import { actionsFor, type ThreadAction } from "../../state/thread-actions.ts";

interface Props {
  readonly hub: Hub;
  readonly thread: Thread;
  readonly log: Log;
  readonly onAction: (action: ThreadAction) => void;
}

/** One clear step in. Until it is taken the visitor sees nothing of the reader. */
export function JoinBar({ hub, thread, log, onAction }: Props) {
  const { main } = actionsFor(log, hub.me.value?.id ?? "");
  const busy = hub.busy.value.has(thread.id);
  const holder = log.assignee?.name;
  const [says, label] =
    main === "take_over"
      ? [`${holder ?? "A colleague"} is already in this chat. Taking over makes it yours.`, "Take over"]
      : main === "reopen"
        ? ["This conversation has ended. Joining reopens it.", "Reopen this chat"]
        : main === "accept"
          ? [
              "The visitor waits for a human. Reading changes nothing; they see you when you accept.",
              "Accept this chat",
            ]
          : ["The AI answers. Reading changes nothing; the visitor sees you when you join.", "Join this chat"];
  return (
    <div class="join-bar">
      <p>{says}</p>
      <button
        type="button"
        class={`button button-wide ${main === "take_over" ? "" : "button-primary"}`}
        disabled={busy}
        onClick={() => onAction(main)}
      >
        {busy ? "Joining…" : label}
      </button>
    </div>
  );
}
