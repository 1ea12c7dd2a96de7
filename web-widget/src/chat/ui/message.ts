import { splitLinks, webAddress } from "web-shared/links.ts";
import type { MessageRow } from "web-shared/thread.ts";
import { clockTime, fullTime } from "web-shared/time.ts";
import type { Context } from "../context.ts";
import { hiddenText, make, textButton } from "../dom.ts";
import { agentAvatar, aiAvatar } from "./header.ts";

/** One bubble. Lives as long as its row, so that streamed text grows in place instead of being drawn anew. */
export class MessageView {
  readonly element = make("div", { class: "row" });
  readonly #context: Context;
  readonly #onEdit: (text: string) => void;
  readonly #text = make("div", { class: "text", dir: "auto" });
  readonly #body = make("div", { class: "bubble" });
  readonly #sources = make("div", { class: "sources" });
  readonly #below = make("div", { class: "below" });
  #shown = "";

  constructor(context: Context, onEdit: (text: string) => void) {
    this.#context = context;
    this.#onEdit = onEdit;
  }

  /** `newest`: the last message of the thread, which alone says "sent" or "seen". */
  update(row: MessageRow, newest: boolean): void {
    const shown = JSON.stringify([row, newest]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const { t, locale } = this.#context;
    const { by, first, last, streaming, delivery } = row;
    this.element.className = `row ${by}${first ? " first" : ""}${last ? " last" : ""} ${delivery ?? ""}${streaming ? " streaming" : ""}`;

    const author = by === "visitor" ? t("you") : (row.agent?.name ?? t("aiAssistant"));
    const time = clockTime(row.at, locale);
    this.#text.replaceChildren(...textNodes(row.text));
    const head = hiddenText(`${author}, ${time}: `);
    this.#body.replaceChildren(head, this.#text);
    this.#body.title = fullTime(row.at, locale);
    this.#showSources(row);
    const stamp = make("time", { "aria-hidden": "true", datetime: new Date(row.at).toISOString() }, time);

    this.element.replaceChildren();
    if (by !== "visitor" && first) {
      const avatar = row.agent ? agentAvatar(row.agent) : aiAvatar();
      this.element.append(avatar);
      if (row.agent) this.element.append(make("div", { class: "author", "aria-hidden": "true" }, row.agent.name));
    }
    this.element.append(make("div", { class: "line" }, this.#body, stamp));
    this.#showDelivery(row, newest);
    if (this.#below.hasChildNodes()) this.element.append(this.#below);
  }

  #showSources({ sources, streaming }: MessageRow): void {
    if (sources.length === 0 || streaming) return;
    const links = sources.map(({ title, url }) => {
      const href = webAddress(url);
      return make("li", {}, href ? link(href, title) : title);
    });
    this.#sources.replaceChildren(make("span", {}, this.#context.t("sources")), make("ul", {}, ...links));
    this.#body.append(this.#sources);
  }

  #showDelivery({ delivery, failed, id, text }: MessageRow, newest: boolean): void {
    const { t, session } = this.#context;
    this.#below.replaceChildren();
    if (delivery === "failed") {
      const key = id.replace(/^key:/, "");
      const reason = failed === "too_long" ? t("tooLong") : failed === "key_reused" ? t("refused") : t("notSent");
      const edit = textButton(t("edit"), "link", () => {
        session.takeBack(key);
        this.#onEdit(text);
      });
      const again = textButton(t("tryAgain"), "link", () => session.retry(key));
      this.#below.append(make("span", { class: "error" }, reason), ...(failed === "too_long" ? [edit] : [again, edit]));
    } else if (newest && delivery) {
      this.#below.append(t(delivery));
    }
  }
}

/** Text with its web addresses as links, made node by node. */
function textNodes(text: string): (Node | string)[] {
  return splitLinks(text).map((part) => (part.href ? link(part.href, part.text) : part.text));
}

function link(href: string, text: string): HTMLAnchorElement {
  return make("a", { href, target: "_blank", rel: "noopener noreferrer nofollow" }, text);
}
