import type { Page } from "web-shared/protocol.ts";

export function currentPage(): Page {
  return {
    url: location.href.slice(0, 2000),
    title: document.title.slice(0, 2000),
    referrer: document.referrer.slice(0, 2000),
    language: navigator.language,
  };
}

/** A single-page app sets its title just after it changes the address. */
const SETTLE_MS = 300;

/** Tells when a single-page app goes to another address. The result puts the page's own functions back. */
export function watchNavigation(onNavigate: () => void): () => void {
  let address = location.href;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const check = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (location.href === address) return;
      address = location.href;
      onNavigate();
    }, SETTLE_MS);
  };
  const undo = (["pushState", "replaceState"] as const).map((name) => {
    const original = history[name];
    const wrapped: typeof original = function (this: History, ...args) {
      original.apply(this, args);
      check();
    };
    history[name] = wrapped;
    return () => {
      // Somebody may have wrapped ours since; taking theirs away would break the page.
      if (history[name] === wrapped) history[name] = original;
    };
  });
  addEventListener("popstate", check);
  addEventListener("hashchange", check);
  return () => {
    clearTimeout(timer);
    for (const restore of undo) restore();
    removeEventListener("popstate", check);
    removeEventListener("hashchange", check);
  };
}
