import { textOn } from "web-shared/contrast.ts";
import css from "./launcher.css?inline";
import type { LoaderWords } from "./words.ts";

const SVG = "http://www.w3.org/2000/svg";
const BUBBLE = "M21 11.5a8.4 8.4 0 0 1-9 8.4 9 9 0 0 1-3.6-.8L3 21l1.9-5.4A8.4 8.4 0 1 1 21 11.5z";
const CHEVRON = "M6 9l6 6 6-6";

/** The round button and the place of the frame, in a shadow root of their own. Built through the DOM only, for pages with Trusted Types. */
export class Launcher {
  readonly #host = document.createElement("div");
  readonly #root = document.createElement("div");
  readonly #button = document.createElement("button");
  readonly #badge = document.createElement("span");
  readonly #path = document.createElementNS(SVG, "path");
  readonly #words: LoaderWords;
  #unread = 0;
  #open = false;

  constructor(words: LoaderWords, onClick: () => void) {
    this.#words = words;
    const shadow = this.#host.attachShadow({ mode: "open" });
    // A constructed sheet is not inline style: it works under `style-src 'self'` and under a nonce.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    shadow.adoptedStyleSheets = [sheet];
    const icon = document.createElementNS(SVG, "svg");
    icon.setAttribute("viewBox", "0 0 24 24");
    icon.setAttribute("aria-hidden", "true");
    icon.append(this.#path);
    this.#badge.className = "badge";
    this.#badge.setAttribute("aria-hidden", "true");
    this.#button.type = "button";
    this.#button.append(icon, this.#badge);
    this.#button.addEventListener("click", onClick);
    this.#root.className = "root";
    this.#root.append(this.#button);
    shadow.append(this.#root);
    this.#describe();
    document.body.append(this.#host);
    visualViewport?.addEventListener("resize", this.#fit);
    visualViewport?.addEventListener("scroll", this.#fit);
  }

  get open(): boolean {
    return this.#open;
  }

  set open(open: boolean) {
    this.#open = open;
    this.#root.classList.toggle("open", open);
    this.#describe();
  }

  set unread(count: number) {
    this.#unread = count;
    this.#describe();
  }

  set hidden(hidden: boolean) {
    this.#root.hidden = hidden;
  }

  look(color: string, position: string): void {
    if (/^#[0-9a-f]{6}$/i.test(color)) {
      this.#root.style.setProperty("--brand", color);
      this.#root.style.setProperty("--on-brand", textOn(color));
    }
    this.#root.classList.toggle("left", /left/.test(position));
  }

  addFrame(frame: HTMLIFrameElement): void {
    frame.className = "frame";
    this.#root.prepend(frame);
  }

  /** The reader is in the panel or on the button; a page that closes the chat by itself must not pull the focus. */
  get hasFocus(): boolean {
    return document.activeElement === this.#host;
  }

  focus(): void {
    this.#button.focus({ preventScroll: true });
  }

  onKey(listener: (event: KeyboardEvent) => void): void {
    this.#root.addEventListener("keydown", listener);
  }

  remove(): void {
    visualViewport?.removeEventListener("resize", this.#fit);
    visualViewport?.removeEventListener("scroll", this.#fit);
    this.#host.remove();
  }

  /** The keyboard of a phone covers the page without resizing it; the panel takes what is left above. */
  readonly #fit = (): void => {
    const view = visualViewport;
    if (view?.scale !== 1) return;
    this.#root.style.setProperty("--height", `${view.height}px`);
    this.#root.style.setProperty("--top", `${view.offsetTop}px`);
  };

  #describe(): void {
    const { open, close, unread } = this.#words;
    const count = this.#open ? 0 : this.#unread;
    this.#badge.hidden = count === 0;
    this.#badge.textContent = count > 99 ? "99+" : String(count);
    this.#path.setAttribute("d", this.#open ? CHEVRON : BUBBLE);
    const label = this.#open ? close : open;
    this.#button.setAttribute("aria-label", count === 0 ? label : `${label}, ${count} ${unread}`);
    this.#button.setAttribute("aria-expanded", String(this.#open));
  }
}
