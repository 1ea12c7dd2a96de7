import type { Page } from "web-shared/protocol.ts";
import { isBridgeMessage, type ToFrame, type ToHost } from "../bridge.ts";

type Init = Extract<ToFrame, { type: "init" }>;

/** The page around the chat. `framed` is false on the hosted page, where there is nobody to talk to. */
export type Host = {
  framed: boolean;
  page: Page;
  language: string;
  open: boolean;
  post(message: ToHost): void;
  onPanel(listener: (open: boolean) => void): void;
  onNavigate(listener: (page: Page) => void): void;
};

/** A frame whose parent never introduces itself (a plain iframe) starts by itself after this time. */
const INIT_WAIT_MS = 2000;

/** Who is around us. In a frame the parent's `init` is the first message; its origin is the only one heard from then on. */
export function findHost(): Promise<Host> {
  return window.parent === window ? Promise.resolve(ownPage(false)) : framedHost();
}

function framedHost(): Promise<Host> {
  return new Promise((resolve) => {
    let parentOrigin: string | null = null;
    let onPanel = (_: boolean) => {};
    let onNavigate = (_: Page) => {};
    const host = (init: Init | null): Host => ({
      ...ownPage(true),
      ...(init ? { page: init.page, language: init.language, open: init.open } : {}),
      post: (message) => {
        if (parentOrigin !== null) window.parent.postMessage(message, parentOrigin);
      },
      onPanel: (listener) => {
        onPanel = listener;
      },
      onNavigate: (listener) => {
        onNavigate = listener;
      },
    });
    const timer = setTimeout(() => resolve(host(null)), INIT_WAIT_MS);
    addEventListener("message", ({ source, origin, data }) => {
      if (source !== window.parent || !isBridgeMessage<ToFrame>(data)) return;
      if (parentOrigin === null) {
        // A page without an origin ("null": a file, a sandbox) can't be addressed, so it isn't listened to either.
        if (data.type !== "init" || origin === "null") return;
        parentOrigin = origin;
        clearTimeout(timer);
        resolve(host(data));
        onNavigate(data.page);
        onPanel(data.open);
        return;
      }
      if (origin !== parentOrigin) return;
      if (data.type === "panel") onPanel(data.open);
      if (data.type === "navigate") onNavigate(data.page);
    });
  });
}

function ownPage(framed: boolean): Host {
  const wanted = new URLSearchParams(location.search).get("lang");
  return {
    framed,
    page: {
      url: framed ? document.referrer : location.href,
      title: document.title,
      referrer: framed ? "" : document.referrer,
      language: navigator.language,
    },
    language: wanted ?? "",
    open: true,
    post: () => {},
    onPanel: () => {},
    onNavigate: () => {},
  };
}
