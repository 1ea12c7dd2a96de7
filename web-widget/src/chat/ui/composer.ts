import type { Context } from "../context.ts";
import { iconButton, make } from "../dom.ts";
import type { ChatState } from "../session.ts";
import { EmojiPicker } from "./emoji.ts";

const DRAFT = "draft";
/** The server's limit, in Unicode characters; see `decide.rs`. */
const MAX_CHARS = 8000;
const MAX_LINES = 5;

/** The box to write in. Its text is kept in storage, so that a reload loses nothing, and shared with other tabs. */
export class Composer {
  readonly element = make("form", { class: "composer", novalidate: true });
  readonly #context: Context;
  readonly #box: HTMLTextAreaElement;
  readonly #send: HTMLButtonElement;
  readonly #error = make("p", { class: "error", role: "alert", hidden: true });

  constructor(context: Context) {
    this.#context = context;
    const { t, store } = context;
    this.#box = make("textarea", { rows: "1", "aria-label": t("message"), enterkeyhint: "send" });
    this.#box.value = store.get(DRAFT) ?? "";
    this.#send = iconButton("send", t("send"), () => {}, "send");
    this.#send.type = "submit";
    const emoji = new EmojiPicker(t, (sign) => this.#insert(sign));
    this.element.append(emoji.element, make("div", { class: "box" }, emoji.button, this.#box, this.#send), this.#error);
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      emoji.close();
      this.#submit();
    });
    this.#box.addEventListener("input", () => this.#changed());
    this.#box.addEventListener("blur", () => context.session.typed(true));
    this.#box.addEventListener("keydown", (event) => {
      // Enter that ends the choice of an input method (Japanese, Chinese) is not a wish to send.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.#submit();
    });
    store.onForeignChange((key, value) => {
      if (key !== DRAFT || document.hasFocus()) return;
      this.#box.value = value ?? "";
      this.#fit();
    });
  }

  update({ log }: ChatState): void {
    const { t } = this.#context;
    this.#box.placeholder = t(log?.status === "ended" ? "writeToReopen" : "writeMessage");
  }

  focus(): void {
    this.#box.focus({ preventScroll: true });
  }

  /** Put a text back in front of what is there. */
  edit(text: string): void {
    this.#box.value = this.#box.value ? `${text}\n${this.#box.value}` : text;
    this.#changed();
    this.focus();
  }

  /** To be called once the element is on the page: a kept draft may need several lines. */
  fit(): void {
    this.#fit();
  }

  #submit(): void {
    const text = this.#box.value.trim();
    if (text === "") return;
    if ([...text].length > MAX_CHARS) {
      this.#error.textContent = this.#context.t("tooLong");
      this.#error.hidden = false;
      return;
    }
    this.#context.session.say(text);
    this.#box.value = "";
    this.#changed();
    this.focus();
  }

  #changed(): void {
    const { value } = this.#box;
    if (value) this.#context.store.set(DRAFT, value);
    else this.#context.store.remove(DRAFT);
    this.#error.hidden = true;
    this.#context.session.typed(value.trim() === "");
    this.#fit();
  }

  #insert(sign: string): void {
    this.#box.setRangeText(sign, this.#box.selectionStart, this.#box.selectionEnd, "end");
    this.#changed();
    this.focus();
  }

  #fit(): void {
    // By its first strong letter; an empty box has none, and its placeholder follows the page.
    this.#box.dir = this.#box.value ? "auto" : "";
    this.#send.disabled = this.#box.value.trim() === "";
    this.#box.style.height = "auto";
    const line = Number.parseFloat(getComputedStyle(this.#box).lineHeight) || 22;
    const padding = this.#box.offsetHeight - line;
    const limit = line * MAX_LINES + padding;
    const wanted = this.#box.scrollHeight;
    this.#box.style.height = `${Math.min(wanted, limit)}px`;
    this.#box.style.overflowY = wanted > limit ? "auto" : "hidden";
  }
}
