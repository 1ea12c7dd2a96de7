import { useEffect, useRef } from "preact/hooks";
import { Failure, Skeleton } from "../../components/states.tsx";
import { hub } from "../../state/console.ts";
import { filter, loadFirstPage, loadNextPage, openedId, pageState, rows, sorted } from "../../state/inbox.ts";
import { offerActions } from "../../state/shortcuts.ts";
import { plural } from "../../state/words.ts";
import { AlertsOffer } from "./alerts-offer.tsx";
import { InboxEmpty } from "./inbox-empty.tsx";
import { InboxFilters } from "./inbox-filters.tsx";
import { InboxRowItem } from "./inbox-row.tsx";
import { acceptRow, focusedRow, moveFocus } from "./row-focus.ts";
import { useStillOrder } from "./still-order.ts";

export function InboxList() {
  const list = useRef<HTMLUListElement>(null);
  const ids = sorted.value.map((row) => row.conversation);
  const { arrangement, handlers, release } = useStillOrder(ids, JSON.stringify(filter.value));
  const page = pageState.value;

  useEffect(
    () =>
      offerActions(() => {
        const row = focusedRow();
        return {
          next: () => moveFocus(list.current, 1, openedId.peek()),
          previous: () => moveFocus(list.current, -1, openedId.peek()),
          ...(row === null ? {} : { accept: () => acceptRow(row) }),
        };
      }),
    [],
  );

  const busy = hub.value?.busy.value;
  const shown = arrangement.ids.map((id) => rows.value.get(id)).filter((row) => row !== undefined);
  return (
    <section class="pane-list" aria-label="Conversations">
      <InboxFilters />
      <AlertsOffer />
      <div class="list-scroll">
        {arrangement.heldBack > 0 && (
          <button type="button" class="list-pill" onClick={release}>
            {plural(arrangement.heldBack, "new conversation above", "new conversations above")}
          </button>
        )}
        {page.is === "failed" && (
          <Failure title="The list could not be loaded" message={page.message} onRetry={() => void loadFirstPage()} />
        )}
        {shown.length === 0 && page.is === "loading" && <Skeleton lines={6} label="Loading conversations" />}
        {shown.length === 0 && page.is === "ready" && <InboxEmpty />}
        <ul class="rows" ref={list} {...handlers}>
          {shown.map((row) => (
            <InboxRowItem
              key={row.conversation}
              row={row}
              opened={row.conversation === openedId.value}
              accepting={busy?.get(row.conversation) === "accept"}
            />
          ))}
        </ul>
        {page.is === "ready" && page.next !== null && (
          <button type="button" class="button list-more" disabled={page.more} onClick={() => void loadNextPage()}>
            {page.more ? "Loading…" : "Show older"}
          </button>
        )}
      </div>
    </section>
  );
}
