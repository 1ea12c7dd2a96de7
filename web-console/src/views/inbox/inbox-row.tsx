import type { InboxRow } from "../../../../web-shared/src/protocol.ts";
import { PresenceDot, StatusWord } from "../../components/marks.tsx";
import { Ago, Waiting } from "../../components/times.tsx";
import { VisibleText } from "../../components/visible-text.tsx";
import { chatbotById, chatbotList, waitLimitSeconds } from "../../state/chatbots.ts";
import { hub } from "../../state/console.ts";
import { filter } from "../../state/inbox.ts";
import { query, route } from "../../state/router.ts";
import { countryName } from "../../state/words.ts";
import { acceptRow } from "./row-focus.ts";

interface Props {
  readonly row: InboxRow;
  readonly opened: boolean;
  readonly accepting: boolean;
}

export function InboxRowItem({ row, opened, accepting }: Props) {
  const waits = row.status === "unassigned";
  const me = hub.value?.me.value?.id;
  const several = filter.value.chatbot === null && chatbotList().length > 1;
  return (
    <li class={`row${opened ? " row-opened" : ""}${row.unread > 0 ? " row-unread" : ""}`} data-row={row.conversation}>
      <div class="row-top">
        <PresenceDot online={row.online} />
        <a class="row-name" href={addressOf(row.conversation)} {...(opened ? { "aria-current": "true" as const } : {})}>
          {row.visitor_name}
          {row.country !== "" && <span title={countryName(row.country)}> · {row.country}</span>}
        </a>
        <span class="row-time">
          {waits && row.waiting_since !== null ? (
            <Waiting since={row.waiting_since} limitSeconds={waitLimitSeconds(row.chatbot)} />
          ) : (
            <Ago at={row.last_at} />
          )}
        </span>
      </div>
      <p class="row-preview">
        {row.preview_by === "ai" && <span class="row-by row-by-ai">AI: </span>}
        {row.preview_by === "agent" && <span class="row-by">{row.assignee?.id === me ? "You: " : "Team: "}</span>}
        {row.preview === "" ? "No message yet" : <VisibleText text={row.preview} />}
      </p>
      <div class="row-foot">
        <StatusWord status={row.status} />
        {row.assignee && <span class="row-who">{row.assignee.id === me ? "You" : row.assignee.name}</span>}
        {several && <span class="row-chatbot">{chatbotById(row.chatbot)?.settings.name ?? row.chatbot}</span>}
        <span class="row-end">
          {row.unread > 0 && (
            <span class="unread">
              {row.unread > 99 ? "99+" : row.unread}
              <span class="sr-only"> unread</span>
            </span>
          )}
          {waits && (
            <button
              type="button"
              class="button button-primary button-small"
              disabled={accepting}
              aria-label={`Accept ${row.visitor_name}`}
              onClick={() => acceptRow(row.conversation)}
            >
              {accepting ? "Accepting…" : "Accept"}
            </button>
          )}
        </span>
      </div>
    </li>
  );
}

/** A real address, so that a conversation can be opened in a tab of its own. Reads the route, so it follows the filters. */
function addressOf(conversation: string): string {
  const here = route.value;
  const next = new URLSearchParams(query.value);
  next.set("conversation", conversation);
  const path =
    here.view === "inbox" && here.chatbot !== null
      ? `/chatbot/${encodeURIComponent(here.chatbot)}/dashboard/live-chats`
      : "/inbox";
  return `${path}?${next}`;
}
