import { useEffect } from "preact/hooks";
import { readableOn, textOn } from "../../../../web-shared/src/contrast.ts";
import type { PortalView as Portal, PublicChatbot } from "../../../../web-shared/src/protocol.ts";
import { fullTime } from "../../../../web-shared/src/time.ts";
import { ConfirmHost, confirm } from "../../components/dialog.tsx";
import { PersonIcon } from "../../components/icons.tsx";
import { Skeleton } from "../../components/states.tsx";
import { LOCALE } from "../../components/times.tsx";
import { ToastHost } from "../../components/toast-host.tsx";
import type { Hub } from "../../state/hub.ts";
import { panelShown, showPanel } from "../../state/layout.ts";
import { dark } from "../../state/theme.ts";
import type { ThreadAction } from "../../state/thread-actions.ts";
import { toast } from "../../state/toasts.ts";
import { ConnectionBar } from "../thread/connection-bar.tsx";
import { ThreadHeader } from "../thread/thread-header.tsx";
import { ThreadView } from "../thread/thread-view.tsx";
import { VisitorPanel } from "../thread/visitor-panel.tsx";
import { JoinBar } from "./join-bar.tsx";
import { PortalClosed } from "./portal-closed.tsx";

/** Codes after which the link itself is the trouble. */
const LINK_GONE: readonly number[] = [4401, 4403, 4404];

export function PortalView({ hub }: { readonly hub: Hub }) {
  const state = hub.state.value;
  const portal = hub.portal.value;
  if (state.name === "stopped") return <PortalClosed reason={LINK_GONE.includes(state.code) ? "gone" : "stopped"} />;
  if (!portal) {
    return (
      <main class="portal portal-waiting">
        <ConnectionBar state={state} />
        <Skeleton lines={6} label="Loading the conversation" />
      </main>
    );
  }
  return <PortalThread hub={hub} portal={portal} />;
}

function PortalThread({ hub, portal }: { readonly hub: Hub; readonly portal: Portal }) {
  const id = portal.conversation;
  const { chatbot } = portal;
  useEffect(() => hub.open(id), [hub, id]);
  useBrand(chatbot);
  const thread = hub.thread(id);
  const log = thread.log.value;
  const joined = log?.status === "open" && log.assignee?.id === hub.me.value?.id;
  const online = thread.online.value;
  const panel = panelShown.value;

  return (
    <div class="portal">
      <header class="portal-brand">
        <span class="portal-name">{chatbot.name}</span>
        <span class="portal-until">Link valid until {fullTime(portal.expires_at, LOCALE)}</span>
      </header>
      <div class="portal-panes">
        <ThreadView
          hub={hub}
          thread={thread}
          visitorName="Visitor"
          notes={false}
          markRead={joined}
          header={
            <ThreadHeader
              hub={hub}
              thread={thread}
              name="Visitor"
              online={online}
              without={["transfer", ...(joined ? [] : (["end"] as const))]}
              bareMain={!joined}
              onAction={(action) => void perform(hub, id, action)}
              after={
                <button
                  type="button"
                  class="icon-button"
                  aria-pressed={panel}
                  aria-label="Visitor details"
                  title="Visitor details"
                  onClick={() => showPanel(!panel)}
                >
                  <PersonIcon />
                </button>
              }
            />
          }
          {...(joined || !log
            ? {}
            : {
                instead: (
                  <JoinBar hub={hub} thread={thread} log={log} onAction={(action) => void perform(hub, id, action)} />
                ),
              })}
        />
        {panel && (
          <VisitorPanel
            name="Visitor"
            conversation={id}
            online={online}
            visitor={log?.visitor ?? null}
            startedAt={log?.entries.find(({ seq }) => seq === 1)?.at ?? null}
            links={false}
            onClose={() => showPanel(false)}
          />
        )}
      </div>
      <ConfirmHost />
      <ToastHost />
    </div>
  );
}

/** The portal wears the chatbot's colour: whoever opens the link shall see whose chat it is. */
function useBrand(chatbot: PublicChatbot): void {
  const isDark = dark.value;
  useEffect(() => {
    document.title = `Chat · ${chatbot.name}`;
    const style = document.documentElement.style;
    const surface = isDark ? "#14181f" : "#ffffff";
    style.setProperty("--brand", chatbot.brand_color);
    style.setProperty("--on-brand", textOn(chatbot.brand_color));
    style.setProperty("--brand-text", readableOn(surface, chatbot.brand_color));
  }, [chatbot.name, chatbot.brand_color, isDark]);
}

async function perform(hub: Hub, id: string, action: ThreadAction): Promise<void> {
  if (action === "end") {
    const sure = await confirm({
      title: "End this conversation?",
      text: "It is marked as resolved. Either side can reopen it by writing again.",
      yes: "End",
      no: "Go on",
      danger: false,
    });
    if (!sure) return;
  }
  const command = action === "take_over" || action === "hand_back" || action === "end" ? action : "accept";
  if (!hub.command(id, command)) toast("Not connected: nothing was changed. Try again in a moment.", "error");
}
