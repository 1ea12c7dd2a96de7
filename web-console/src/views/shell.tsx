/** The console around its views: the rail, the view of the address, and what lies over them. */

import { useEffect } from "preact/hooks";
import type { Me } from "../api/types.ts";
import { ConfirmHost } from "../components/dialog.tsx";
import { Empty } from "../components/states.tsx";
import { ToastHost } from "../components/toast-host.tsx";
import { chatbotById } from "../state/chatbots.ts";
import { counts } from "../state/inbox.ts";
import { commandBarOpen, helpOpen } from "../state/overlays.ts";
import { knowledgePath, type Route, route, settingsPath } from "../state/router.ts";
import { offerActions } from "../state/shortcuts.ts";
import { ChatbotPane } from "./chatbot-pane.tsx";
import { CommandBar } from "./command-bar.tsx";
import { HelpDialog } from "./help.tsx";
import { HomeView } from "./home.tsx";
import { InboxView } from "./inbox/inbox-view.tsx";
import { TransferDialog } from "./inbox/transfer-dialog.tsx";
import { KnowledgeView } from "./knowledge/knowledge-view.tsx";
import { NewChatbotDialog } from "./new-chatbot.tsx";
import { NotificationsView } from "./notifications/notifications-view.tsx";
import { PreferencesDialog } from "./preferences.tsx";
import { Rail } from "./rail.tsx";
import { SettingsView } from "./settings/settings-view.tsx";

export function Shell({ me }: { readonly me: Me }) {
  useEffect(
    () =>
      offerActions(() => ({
        help: () => (helpOpen.value = true),
        command_bar: () => (commandBarOpen.value = true),
      })),
    [],
  );
  const { waiting, mineUnread } = counts.value;
  const title = titleOf(route.value);
  useEffect(() => {
    const attention = waiting + mineUnread;
    document.title = `${attention > 0 ? `(${attention}) ` : ""}${title} · Baton`;
  }, [waiting, mineUnread, title]);
  return (
    <div class="shell">
      <Rail me={me} />
      <View route={route.value} />
      <HelpDialog />
      <CommandBar />
      <PreferencesDialog />
      <NewChatbotDialog />
      <TransferDialog />
      <ConfirmHost />
      <ToastHost />
    </div>
  );
}

function View({ route: here }: { readonly route: Route }) {
  switch (here.view) {
    case "inbox":
      return <InboxView />;
    case "settings":
      return (
        <ChatbotPane title="Settings" chatbot={here.chatbot} addressOf={settingsPath}>
          {(chatbot) => <SettingsView key={chatbot.id} chatbot={chatbot} />}
        </ChatbotPane>
      );
    case "knowledge":
      return (
        <ChatbotPane title="Knowledge" chatbot={here.chatbot} addressOf={knowledgePath}>
          {(chatbot) => <KnowledgeView key={chatbot.id} chatbot={chatbot} />}
        </ChatbotPane>
      );
    case "notifications":
      return <NotificationsView />;
    case "unknown":
      return (
        <main class="pane-main pane-blank">
          <Empty title="There is no such page">
            <p>
              The address may be mistyped. <a href="/inbox">Go to the inbox</a>
            </p>
          </Empty>
        </main>
      );
    default:
      return <HomeView />;
  }
}

function titleOf(here: Route): string {
  switch (here.view) {
    case "inbox":
      return here.chatbot === null ? "Inbox" : `Inbox of ${chatbotById(here.chatbot)?.settings.name ?? here.chatbot}`;
    case "settings":
      return "Settings";
    case "knowledge":
      return "Knowledge";
    case "notifications":
      return "Notifications";
    default:
      return "Start";
  }
}
