/** Wires the console: one hub for the logged-in agent, the inbox fed by it. */

import { effect, signal } from "@preact/signals";
import { browserStore } from "../../../web-shared/src/storage.ts";
import { loadChatbots } from "./chatbots.ts";
import { Hub, socketUrl } from "./hub.ts";
import { correctRow, forgetRows, loadAttention, loadFirstPage, receiveRows } from "./inbox.ts";
import { route } from "./router.ts";
import { loseSession, session } from "./session.ts";
import { toast } from "./toasts.ts";
import { refusalText } from "./words.ts";

export const hub = signal<Hub | null>(null);

/** A hub per agent: another login on this browser must not send the first one's unsent messages. */
export function startConsole(): void {
  let agent: string | null = null;
  effect(() => {
    const me = session.value.is === "agent" ? session.value.me.id : null;
    if (me === agent) return;
    agent = me;
    hub.peek()?.stop();
    hub.value = null;
    forgetRows();
    if (me !== null) hub.value = connect(me);
  });
}

function connect(me: string): Hub {
  let wasLive = false;
  const next: Hub = new Hub({
    url: socketUrl("/ws/agent"),
    portalToken: null,
    store: browserStore(`baton.agent.${me}.`, () => localStorage),
    watch: true,
    onInbox: (rows) => receiveRows(rows, next.availability.peek()),
    onLive: () => {
      void loadAttention();
      // The first page is fetched by the view; after a reconnect what it holds may be old.
      if (wasLive && route.peek().view === "inbox") void loadFirstPage();
      wasLive = true;
    },
    onRefused: (refused) => {
      correctRow(refused);
      if (refused.key === null) toast(refusalText(refused), "error");
    },
    onReauthenticate: loseSession,
  });
  void loadChatbots();
  next.start();
  return next;
}
