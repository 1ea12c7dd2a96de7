import type { StatusName, TeamState } from "web-shared/protocol.ts";
import type { ToHost } from "../bridge.ts";
import { type BatonEvents, Events, type Listener } from "./events.ts";
import { ChatFrame } from "./frame.ts";
import { Launcher } from "./launcher.ts";
import { visitMemory } from "./memory.ts";
import { currentPage, watchNavigation } from "./page.ts";
import { wordsFor } from "./words.ts";

export type WidgetOptions = { origin: string; chatbot: string; color: string; position: string; language: string };

export type WidgetState = {
  open: boolean;
  hidden: boolean;
  unread: number;
  availability: TeamState | null;
  status: StatusName | null;
  queue: BatonEvents["queue"] | null;
};

/** What `window.Baton` is. */
export type BatonApi = {
  open(): void;
  close(): void;
  toggle(): void;
  show(): void;
  hide(): void;
  on<Name extends keyof BatonEvents>(name: Name, listener: Listener<Name>): void;
  off<Name extends keyof BatonEvents>(name: Name, listener: Listener<Name>): void;
  /** Take the widget off the page. The conversation stays on the server. */
  shutdown(): void;
  state(): WidgetState;
};

const PHONE = "(max-width: 479.98px)";

/** Puts the launcher on the page. Until the first click nothing is stored, framed or connected. */
export function createWidget({ origin, chatbot, color, position, language }: WidgetOptions): BatonApi {
  const events = new Events();
  const memory = visitMemory(chatbot);
  const words = wordsFor(language);
  const state: WidgetState = {
    open: false,
    hidden: false,
    unread: 0,
    availability: null,
    status: null,
    queue: null,
  };
  let look = { color, position };
  let frame: ChatFrame | null = null;
  let stopNavigation = () => {};
  let over = false;

  const launcher = new Launcher(words, () => api.toggle());
  launcher.look(color, position);
  launcher.onKey((event) => {
    if (event.key === "Escape" && state.open) api.close();
  });

  const remember = () => memory.write({ open: state.open, ...look });

  const receive = (message: ToHost) => {
    switch (message.type) {
      case "close":
        api.close();
        break;
      case "look":
        look = { color: message.color, position: message.position };
        launcher.look(look.color, look.position);
        remember();
        break;
      case "unread":
        if (message.count === state.unread) break;
        state.unread = message.count;
        launcher.unread = message.count;
        events.emit("unread", { count: message.count });
        break;
      case "availability":
        state.availability = message.team;
        events.emit("availability", { team: message.team });
        break;
      case "status":
        state.status = message.status;
        if (message.status !== "unassigned") state.queue = null;
        events.emit("status", { status: message.status });
        break;
      case "queue":
        state.queue = { ahead: message.ahead, eta_seconds: message.eta_seconds };
        events.emit("queue", state.queue);
        break;
      case "message":
        events.emit("message", { by: message.by });
    }
  };

  const ensureFrame = () => {
    if (frame) return;
    const init = () => ({ baton: 1, type: "init", page: currentPage(), language, open: state.open }) as const;
    frame = new ChatFrame(origin, chatbot, words.chat, init, receive);
    launcher.addFrame(frame.element);
    stopNavigation = watchNavigation(() => frame?.post({ baton: 1, type: "navigate", page: currentPage() }));
  };

  const setOpen = (open: boolean) => {
    if (over || open === state.open) return;
    if (open) ensureFrame();
    state.open = open;
    launcher.open = open;
    remember();
    frame?.post({ baton: 1, type: "panel", open });
    if (open) {
      if (state.hidden) api.show();
      frame?.element.focus({ preventScroll: true });
    } else if (launcher.hasFocus) {
      launcher.focus();
    }
    events.emit(open ? "open" : "close", undefined);
  };

  const api: BatonApi = {
    open: () => setOpen(true),
    close: () => setOpen(false),
    toggle: () => setOpen(!state.open),
    show: () => {
      state.hidden = false;
      launcher.hidden = false;
    },
    hide: () => {
      setOpen(false);
      state.hidden = true;
      launcher.hidden = true;
    },
    on: (name, listener) => events.on(name, listener),
    off: (name, listener) => events.off(name, listener),
    shutdown: () => {
      if (over) return;
      setOpen(false);
      over = true;
      stopNavigation();
      frame?.remove();
      launcher.remove();
      events.clear();
      memory.forget();
    },
    state: () => ({ ...state }),
  };

  // The visitor was already chatting on an earlier page of this visit: go on, so that answers and the badge arrive.
  const earlier = memory.read();
  if (earlier) {
    look = { color: earlier.color || color, position: earlier.position || position };
    launcher.look(look.color, look.position);
    ensureFrame();
    // On a phone the panel hides the whole page that the visitor just asked for.
    if (earlier.open && !matchMedia(PHONE).matches) {
      state.open = true;
      launcher.open = true;
    }
  }
  events.emit("ready", undefined);
  return api;
}
