import type { ComponentChildren } from "preact";
import type { AgentView } from "../../../../web-shared/src/protocol.ts";
import { MoreIcon } from "../../components/icons.tsx";
import { PresenceDot, StatusWord } from "../../components/marks.tsx";
import { Menu } from "../../components/menu.tsx";
import { Waiting } from "../../components/times.tsx";
import { waitLimitSeconds } from "../../state/chatbots.ts";
import type { Hub } from "../../state/hub.ts";
import { type Action, keysOf } from "../../state/shortcuts.ts";
import type { Thread } from "../../state/thread.ts";
import { ACTION_WORDS, actionsFor, type ThreadAction } from "../../state/thread-actions.ts";

interface Props {
  readonly hub: Hub;
  readonly thread: Thread;
  readonly name: string;
  readonly online: boolean | null;
  readonly onAction: (action: ThreadAction) => void;
  /** Actions that make no sense where this is shown. */
  readonly without?: readonly ThreadAction[];
  /** The main action stands elsewhere on the page. */
  readonly bareMain?: boolean;
  readonly before?: ComponentChildren;
  readonly after?: ComponentChildren;
}

const KEY_OF: Readonly<Record<ThreadAction, Action>> = {
  accept: "accept",
  start: "accept",
  reopen: "accept",
  end: "end",
  take_over: "take_over",
  hand_back: "hand_back",
  transfer: "transfer",
};

const DOING: Readonly<Record<string, string>> = {
  accept: "Accepting…",
  take_over: "Taking over…",
  hand_back: "Handing back…",
  transfer: "Transferring…",
  end: "Ending…",
};

export function ThreadHeader({ hub, thread, name, online, onAction, without = [], bareMain, before, after }: Props) {
  const log = thread.log.value;
  const me = hub.me.value?.id ?? "";
  const offered = log ? actionsFor(log, me) : null;
  const busy = hub.busy.value.get(thread.id);
  const others = (offered?.others ?? []).filter((action) => !without.includes(action));
  return (
    <header class="thread-head">
      {before}
      <div class="thread-title">
        <h1>
          {online !== null && <PresenceDot online={online} />}
          <span class="thread-name">{name}</span>
        </h1>
        <p class="thread-sub">
          {log && <StatusWord status={log.status} />}
          {log?.assignee && <span>{log.assignee.id === me ? "You" : log.assignee.name}</span>}
          {log?.waiting_since != null && (
            <Waiting since={log.waiting_since} limitSeconds={waitLimitSeconds(log.chatbot)} />
          )}
          <Viewers agents={thread.viewers.value.filter((agent) => agent.id !== me)} />
        </p>
      </div>
      <div class="thread-actions">
        {offered && !bareMain && (
          <button
            type="button"
            class={`button ${offered.main === "accept" || offered.main === "start" ? "button-primary" : ""}`}
            disabled={busy !== undefined}
            title={`${ACTION_WORDS[offered.main]} (${keysOf(KEY_OF[offered.main])})`}
            onClick={() => onAction(offered.main)}
          >
            {busy === undefined ? ACTION_WORDS[offered.main] : DOING[busy]}
          </button>
        )}
        {others.length > 0 && (
          <Menu
            label="More actions"
            side="below-end"
            groups={[
              {
                items: others.map((action) => ({
                  label: ACTION_WORDS[action],
                  keys: keysOf(KEY_OF[action]),
                  run: () => onAction(action),
                })),
              },
            ]}
          >
            <MoreIcon />
          </Menu>
        )}
        {after}
      </div>
    </header>
  );
}

function Viewers({ agents }: { readonly agents: readonly AgentView[] }) {
  const names = agents.map(({ name }) => name);
  const list = new Intl.ListFormat(undefined, { type: "conjunction" }).format(names);
  return (
    <span class="viewers" role="status">
      {names.length > 0 && `${list} ${names.length === 1 ? "is" : "are"} looking at this too`}
    </span>
  );
}
