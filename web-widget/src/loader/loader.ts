/**
 * `widget.js`: the one script on a customer's page. Puts `window.Baton` in place and runs the calls that were queued before.
 *
 * The stub for calls before the script has loaded:
 * `window.Baton=window.Baton||new Proxy({q:[]},{get:(t,m)=>m==="q"?t.q:(...a)=>{t.q.push([m,...a])}})`
 */
import { type BatonApi, createWidget } from "./widget.ts";

type Queued = readonly [method: string, ...args: unknown[]];

const script = document.currentScript;
if (script instanceof HTMLScriptElement) load(script);

function load({ src, dataset }: HTMLScriptElement): void {
  const page = window as unknown as { Baton?: { q?: unknown; version?: unknown } };
  // The same tag twice, or a single-page app that runs its scripts again: the first one stays.
  if (page.Baton && "version" in page.Baton) return;
  const chatbot = dataset.chatbot ?? "";
  if (!/^[a-z0-9-]{1,64}$/.test(chatbot)) {
    console.error("Baton: the script tag needs data-chatbot with the id of a chatbot");
    return;
  }
  const queue = Array.isArray(page.Baton?.q) ? (page.Baton.q as Queued[]) : [];
  const start = () => {
    const api = createWidget({
      origin: new URL(src).origin,
      chatbot,
      color: dataset.color ?? "#2f5bea",
      position: dataset.position ?? "",
      language: dataset.language || document.documentElement.lang || navigator.language,
    });
    page.Baton = Object.freeze({ ...api, version: 1 });
    for (const [method, ...args] of queue) {
      const call = Object.hasOwn(api, method) ? (api[method as keyof BatonApi] as (...args: unknown[]) => void) : null;
      call?.(...args);
    }
  };
  if (document.body) start();
  else document.addEventListener("DOMContentLoaded", start, { once: true });
}
