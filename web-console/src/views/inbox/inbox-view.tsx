/** The inbox: list, thread, visitor. On a phone one of them at a time. */

import { useEffect } from "preact/hooks";
import { InboxIcon } from "../../components/icons.tsx";
import { Empty } from "../../components/states.tsx";
import { hub } from "../../state/console.ts";
import { counts, followFilter, openedId, rows } from "../../state/inbox.ts";
import { setQuery } from "../../state/router.ts";
import { plural } from "../../state/words.ts";
import { ConsoleThread } from "./console-thread.tsx";
import { InboxList } from "./inbox-list.tsx";

export function InboxView() {
  useEffect(followFilter, []);
  const opened = openedId.value;
  const line = hub.value;
  return (
    <div class={`panes${opened === null ? "" : " panes-opened"}`}>
      <InboxList />
      {line && opened !== null ? (
        <ConsoleThread key={opened} hub={line} id={opened} />
      ) : (
        <main class="pane-main pane-blank">
          <NothingOpen />
        </main>
      )}
    </div>
  );
}

function NothingOpen() {
  const { waiting } = counts.value;
  if (rows.value.size === 0) return null;
  return (
    <Empty
      title={waiting === 0 ? "Nobody is waiting" : `${plural(waiting, "person is", "people are")} waiting`}
      icon={<InboxIcon size={28} />}
    >
      <p>
        Choose a conversation on the left, or press <kbd>j</kbd>. Those who wait longest stand on top.
      </p>
    </Empty>
  );
}

export function openConversation(id: string): void {
  setQuery((query) => query.set("conversation", id), "push");
}
