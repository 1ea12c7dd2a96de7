import { useEffect } from "preact/hooks";
import { confirm } from "../../components/dialog.tsx";
import { BackIcon, PanelIcon } from "../../components/icons.tsx";
import { Empty } from "../../components/states.tsx";
import type { Hub } from "../../state/hub.ts";
import { rows } from "../../state/inbox.ts";
import { panelShown, showPanel } from "../../state/layout.ts";
import { transferring } from "../../state/overlays.ts";
import { setQuery } from "../../state/router.ts";
import { offerActions } from "../../state/shortcuts.ts";
import { actionsFor, aiAnswers, type ThreadAction } from "../../state/thread-actions.ts";
import { toast } from "../../state/toasts.ts";
import { ThreadHeader } from "../thread/thread-header.tsx";
import { composerControl, ThreadView } from "../thread/thread-view.tsx";
import { VisitorPanel } from "../thread/visitor-panel.tsx";
import { acceptRow, focusedRow } from "./row-focus.ts";

interface Props {
  readonly hub: Hub;
  readonly id: string;
}

const closeThread = (): void => setQuery((query) => query.delete("conversation"), "push");

/** A conversation in the console: the shared thread with the team's means around it. */
export function ConsoleThread({ hub, id }: Props) {
  useEffect(() => hub.open(id), [hub, id]);
  const thread = hub.thread(id);
  const row = rows.value.get(id);
  const log = thread.log.value;
  const name = row?.visitor_name ?? log?.visitor?.name ?? "Visitor";
  const panel = panelShown.value;

  useEffect(
    () =>
      offerActions(() => {
        const state = thread.log.peek();
        if (!state) return {};
        const { main, others } = actionsFor(state, hub.me.peek()?.id ?? "");
        const can = (action: ThreadAction): boolean => main === action || others.includes(action);
        const elsewhere = focusedRow();
        return {
          ...(elsewhere !== null && elsewhere !== id
            ? { accept: () => acceptRow(elsewhere) }
            : can("accept") || can("start") || can("reopen")
              ? { accept: () => void perform(hub, id, main) }
              : {}),
          ...(can("end") ? { end: () => void perform(hub, id, "end") } : {}),
          ...(can("hand_back") ? { hand_back: () => void perform(hub, id, "hand_back") } : {}),
          ...(can("transfer") ? { transfer: () => void perform(hub, id, "transfer") } : {}),
          ...(can("take_over") ? { take_over: () => void perform(hub, id, "take_over") } : {}),
          reply: () => composerControl.value?.("message"),
          ...(aiAnswers(state)
            ? {
                interject: () => composerControl.value?.("interject"),
                hint: () => composerControl.value?.("hint"),
              }
            : {}),
          note: () => composerControl.value?.("note"),
        };
      }),
    [hub, id, thread],
  );

  if (thread.missing.value) {
    return (
      <main class="pane-main pane-blank">
        <Empty title="This conversation is not there">
          <p>It was removed, or the address is wrong.</p>
          <button type="button" class="button" onClick={closeThread}>
            Back to the list
          </button>
        </Empty>
      </main>
    );
  }
  return (
    <>
      <ThreadView
        hub={hub}
        thread={thread}
        visitorName={name}
        notes
        markRead
        header={
          <ThreadHeader
            hub={hub}
            thread={thread}
            name={name}
            online={thread.online.value ?? row?.online ?? null}
            onAction={(action) => void perform(hub, id, action)}
            before={
              <button type="button" class="icon-button phone-only" aria-label="Back to the list" onClick={closeThread}>
                <BackIcon />
              </button>
            }
            after={
              <button
                type="button"
                class="icon-button"
                aria-pressed={panel}
                aria-label="Visitor details"
                title="Visitor details"
                onClick={() => showPanel(!panel)}
              >
                <PanelIcon />
              </button>
            }
          />
        }
      />
      {panel && (
        <VisitorPanel
          name={name}
          conversation={id}
          online={thread.online.value ?? row?.online ?? null}
          visitor={log?.visitor ?? null}
          startedAt={row?.started_at ?? null}
          links
          onClose={() => showPanel(false)}
        />
      )}
    </>
  );
}

async function perform(hub: Hub, id: string, action: ThreadAction): Promise<void> {
  if (action === "transfer") {
    transferring.value = id;
    return;
  }
  if (action === "take_over") {
    const holder = hub.thread(id).log.peek()?.assignee?.name ?? "A colleague";
    const sure = await confirm({
      title: `Take over from ${holder}?`,
      text: `${holder} is talking to this visitor. The chat becomes yours, and both of them see that you joined.`,
      yes: "Take over",
      no: "Leave it",
      danger: false,
    });
    if (!sure) return;
  }
  const command = action === "start" || action === "reopen" ? "accept" : action;
  if (!hub.command(id, command)) toast("Not connected: nothing was changed. Try again in a moment.", "error");
}
