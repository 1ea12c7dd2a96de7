import type { Translate } from "web-shared/i18n/translate.ts";
import { iconButton, make } from "../dom.ts";

const SIGNS = [..."😀😄😅😂🙂😉😍🥰🤔😐😕😢😭😡🙏👍👎👌👏💪👋🎉✅❌❓❗💡🔥⭐💬📦🚚🕐📅💶🔧"];
const COLUMNS = 8;

/** A small choice of emoji. One tab stop; the arrow keys move, Escape closes. */
export class EmojiPicker {
  readonly button: HTMLButtonElement;
  readonly element: HTMLElement;
  readonly #signs: HTMLButtonElement[];

  constructor(t: Translate, onPick: (sign: string) => void) {
    this.button = iconButton("smile", t("emoji"), () => this.#toggle());
    this.button.setAttribute("aria-expanded", "false");
    this.button.setAttribute("aria-haspopup", "true");
    this.#signs = SIGNS.map((sign, index) => {
      const button = make("button", { type: "button", tabindex: index === 0 ? "0" : "-1" }, sign);
      button.addEventListener("click", () => {
        this.close();
        onPick(sign);
      });
      return button;
    });
    this.element = make(
      "div",
      { class: "emoji", role: "group", "aria-label": t("emoji"), hidden: true },
      ...this.#signs,
    );
    this.element.addEventListener("keydown", (event) => this.#key(event));
  }

  close(): void {
    this.element.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
  }

  #toggle(): void {
    if (!this.element.hidden) {
      this.close();
      return;
    }
    this.element.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    this.#signs[0]?.focus();
  }

  #key(event: KeyboardEvent): void {
    if (event.key === "Escape") {
      // Only the picker closes, not the whole chat.
      event.stopPropagation();
      this.close();
      this.button.focus();
      return;
    }
    const forward = getComputedStyle(this.element).direction === "rtl" ? -1 : 1;
    const step = { ArrowRight: forward, ArrowLeft: -forward, ArrowDown: COLUMNS, ArrowUp: -COLUMNS }[event.key];
    const at = this.#signs.indexOf(event.target as HTMLButtonElement);
    const target = step === undefined ? undefined : this.#signs[at + step];
    if (!target || at < 0) return;
    event.preventDefault();
    this.#signs[at]?.setAttribute("tabindex", "-1");
    target.setAttribute("tabindex", "0");
    target.focus();
  }
}
