import { readableOn, textOn } from "web-shared/contrast.ts";
import { spokenBy } from "web-shared/conversation.ts";
import type { LogEntry } from "web-shared/protocol.ts";
import tokens from "web-shared/tokens.css?inline";
import base from "./base.css?inline";
import type { Context } from "./context.ts";
import controls from "./controls.css?inline";
import { make } from "./dom.ts";
import type { ChatState } from "./session.ts";
import { Sound } from "./sound.ts";
import threadSheet from "./thread.css?inline";
import { Composer } from "./ui/composer.ts";
import { Notices, QuietRow } from "./ui/footer.ts";
import { Header } from "./ui/header.ts";
import { LINES, lineText } from "./ui/lines.ts";
import { Thread } from "./ui/thread.ts";

const DARK = "(prefers-color-scheme: dark)";
/** `--surface-2`, the harder one of the two grounds that links and buttons stand on. */
const SURFACE = { light: "#f4f6f9", dark: "#1c222c" };

/** `<baton-chat>`: the whole chat in one shadow root. It only draws `ChatState` and calls the session. */
export class ChatElement extends HTMLElement {
  #context: Context | null = null;
  #parts: { header: Header; thread: Thread; notices: Notices; composer: Composer; quiet: QuietRow } | null = null;
  #sound: Sound | null = null;
  readonly #announcer = make("div", { class: "sr", "aria-live": "polite" });
  #panelOpen = true;
  #brand = "";
  #frame = 0;

  /** Builds the chat, once, when the element is on the page: the box measures its kept draft. */
  attach(context: Context, open: boolean): void {
    this.#context = context;
    this.#panelOpen = open;
    const sound = new Sound(context.store);
    this.#sound = sound;
    const composer = new Composer(context);
    const parts = {
      header: new Header(context, sound),
      thread: new Thread(
        context,
        (text) => composer.edit(text),
        () => this.#markRead(),
      ),
      notices: new Notices(context),
      composer,
      quiet: new QuietRow(context),
    };
    this.#parts = parts;
    const shadow = this.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = [tokens, base, threadSheet, controls].map((text) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(text);
      return sheet;
    });
    const footer = make("footer", {}, parts.notices.element, composer.element, parts.quiet.element);
    shadow.append(parts.header.element, parts.thread.element, footer, this.#announcer);
    for (const kind of ["pointerdown", "keydown"]) this.addEventListener(kind, () => sound.unlock());
    this.addEventListener("keydown", (event) => {
      if (event.key === "Escape") context.host.post({ baton: 1, type: "close" });
    });
    addEventListener("focus", () => this.#markRead());
    document.addEventListener("visibilitychange", () => this.#markRead());
    matchMedia(DARK).addEventListener("change", () => this.#showBrand(this.#brand));
    this.update(context.session.state);
    composer.fit();
    if (open && context.host.framed) composer.focus();
  }

  /** Draws with the next frame of the screen: many pieces of a streamed answer make one drawing. */
  update(state: ChatState): void {
    // A hidden page has no frames; its thread must be current all the same when the reader comes back.
    if (document.hidden) {
      this.#draw(state);
      return;
    }
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#draw(state));
  }

  setPanel(open: boolean): void {
    const opened = open && !this.#panelOpen;
    this.#panelOpen = open;
    if (!opened || !this.#parts) return;
    this.#parts.thread.toEnd();
    this.#parts.composer.focus();
    this.#markRead();
  }

  /** New entries of the log: read out whole messages and, when nobody is looking, make a sound. */
  announce(entries: readonly LogEntry[]): void {
    const { t } = this.#context ?? {};
    if (!t) return;
    for (const { event } of entries) {
      const spoken = spokenBy(event);
      const line = (LINES as readonly string[]).includes(event.kind) ? lineText(event, t) : null;
      if (line) this.#say([line.line, line.text].filter(Boolean).join(". "));
      if (!spoken || spoken.by === "visitor") continue;
      this.#say(t("says", { name: spoken.agent?.name ?? t("aiAssistant"), text: spoken.text }));
      if (!this.#isWatched() || spoken.by === "agent") this.#sound?.play();
    }
  }

  #say(text: string): void {
    const line = make("p", {}, text);
    this.#announcer.append(line);
    // Screen readers have taken it by then; a growing region would be found again when browsing.
    setTimeout(() => line.remove(), 10_000);
  }

  #draw(state: ChatState): void {
    if (!this.#parts) return;
    const { header, thread, notices, composer, quiet } = this.#parts;
    const focused = this.shadowRoot?.activeElement;
    this.#showBrand(state.chatbot?.brand_color ?? this.#brand);
    header.update(state);
    notices.update(state);
    composer.update(state);
    quiet.update(state);
    thread.update(state);
    // A pressed button that goes away must not drop a keyboard reader back to the top of the page.
    if (focused && (!focused.isConnected || focused.closest("[hidden]") || focused.matches(":disabled")))
      thread.focus();
    this.#markRead();
  }

  #isWatched(): boolean {
    return this.#panelOpen && document.visibilityState === "visible" && document.hasFocus();
  }

  #markRead(): void {
    const seen = this.#panelOpen && document.visibilityState === "visible" && this.#parts?.thread.atEnd;
    if (seen) this.#context?.session.markRead();
  }

  #showBrand(color: string): void {
    const mode = matchMedia(DARK).matches ? "dark" : "light";
    if (!color || this.dataset.brand === color + mode) return;
    this.#brand = color;
    this.dataset.brand = color + mode;
    this.style.setProperty("--brand", color);
    this.style.setProperty("--on-brand", textOn(color));
    this.style.setProperty("--brand-text", readableOn(SURFACE[mode], color));
  }
}
