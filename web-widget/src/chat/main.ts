/** The chat page, in the frame of a site's page (`/widget/{chatbot}`) or by itself (`/chat/{chatbot}`). */
import { unreadCount } from "web-shared/conversation.ts";
import { chooseLanguage, directionOf, loadStrings, translator } from "web-shared/i18n/translate.ts";
import { browserStore } from "web-shared/storage.ts";
import { partitionedCookieStore } from "./cookies.ts";
import { ChatElement } from "./element.ts";
import { findHost, type Host } from "./host.ts";
import page from "./page.css?inline";
import { type ChatState, Session } from "./session.ts";

const chatbot = /\/(?:widget|chat)\/([a-z0-9-]{1,64})\/?$/.exec(location.pathname)?.[1] ?? "";

const sheet = new CSSStyleSheet();
sheet.replaceSync(page);
document.adoptedStyleSheets = [sheet];
customElements.define("baton-chat", ChatElement);
await start(await findHost());

async function start(host: Host): Promise<void> {
  const wanted = [host.language, ...navigator.languages].filter(Boolean);
  const language = chooseLanguage(wanted);
  const strings = await loadStrings(language);
  const locale = wanted.find((tag) => tag.split("-")[0]?.toLowerCase() === language) ?? language;
  const t = translator(strings, locale);
  document.documentElement.lang = language;
  document.documentElement.dir = directionOf(language);
  document.documentElement.classList.toggle("framed", host.framed);
  document.title = t("chat");

  const prefix = `baton:${chatbot}:`;
  const pickStorage = () => localStorage;
  const store = browserStore(prefix, pickStorage, () => partitionedCookieStore(prefix));
  const element = document.createElement("baton-chat") as ChatElement;
  const tell = reporter(host);
  const session = new Session({
    url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/visitor`,
    chatbot,
    page: host.page,
    store,
    onChange: (state) => {
      element.update(state);
      tell(state);
      if (!host.framed && state.chatbot) document.title = state.chatbot.name;
    },
    onEntries: (entries) => {
      element.announce(entries);
      for (const { event } of entries) {
        if (event.kind === "ai_message") host.post({ baton: 1, type: "message", by: "ai" });
        if (event.kind === "agent_message") host.post({ baton: 1, type: "message", by: "agent" });
      }
    },
  });
  host.onPanel((open) => element.setPanel(open));
  host.onNavigate((next) => session.navigate(next));
  document.body.append(element);
  element.attach({ session, host, store, t, locale }, host.open);
  session.start();
}

/** Tells the host page what changed, and only that. */
function reporter(host: Host): (state: ChatState) => void {
  const told = new Map<string, string>();
  const post = (message: Parameters<Host["post"]>[0]) => {
    const text = JSON.stringify(message);
    if (told.get(message.type) === text) return;
    told.set(message.type, text);
    host.post(message);
  };
  return ({ chatbot: look, team, log, queue }) => {
    if (look) post({ baton: 1, type: "look", color: look.brand_color, position: look.position });
    if (team) post({ baton: 1, type: "availability", team });
    if (log) post({ baton: 1, type: "status", status: log.status });
    if (log) post({ baton: 1, type: "unread", count: unreadCount(log, "visitor") });
    if (queue) post({ baton: 1, type: "queue", ...queue });
  };
}
