import { type MessageRow, type Row, threadRows } from "web-shared/thread.ts";
import { dayLabel } from "web-shared/time.ts";
import type { Context } from "../context.ts";
import { hiddenText, icon, make, textButton } from "../dom.ts";
import type { ChatState } from "../session.ts";
import { aiAvatar } from "./header.ts";
import { LINES, lineText } from "./lines.ts";
import { MessageView } from "./message.ts";

/** Nearer to the end than this many pixels counts as reading the end. */
const AT_END = 48;
/** An AI that owes an answer shows its dots at most this long without a word from it. */
const AI_PATIENCE_MS = 20_000;

/**
 * The messages. Rows are kept by id and patched, never drawn anew.
 *
 * SCROLL-1: a reader at the end stays at the end; a reader who scrolled up is not moved.
 */
export class Thread {
  readonly element = make("main", { class: "thread-place" });
  readonly #context: Context;
  readonly #onEdit: (text: string) => void;
  readonly #onRead: () => void;
  readonly #scroller: HTMLElement;
  readonly #older: HTMLButtonElement;
  readonly #rows = make("div", { class: "rows" });
  readonly #typing: HTMLElement;
  readonly #greeting = make("div", { class: "greeting" });
  readonly #offer = make("div", { class: "choices" });
  readonly #pill: HTMLButtonElement;
  readonly #views = new Map<string, { element: HTMLElement; message: MessageView | null }>();
  #atEnd = true;
  #newest = "";
  #firstSeq = 0;
  #greetingShown = "";
  #owedSince = { turn: 0, at: 0 };

  constructor(context: Context, onEdit: (text: string) => void, onRead: () => void) {
    this.#context = context;
    this.#onEdit = onEdit;
    this.#onRead = onRead;
    const { t, session } = context;
    // The thread itself is silent: the announcer reads out whole messages, a streamed one only when it is complete.
    this.#scroller = make("div", {
      class: "thread",
      role: "log",
      "aria-live": "off",
      "aria-label": t("conversation"),
      tabindex: "0",
    });
    this.#older = textButton(t("older"), "quiet older", () => session.loadOlder());
    this.#typing = make("div", { class: "row typing", hidden: true });
    this.#pill = textButton(t("newMessages"), "pill", () => this.toEnd());
    this.#pill.append(icon("down"));
    this.#pill.hidden = true;
    const yes = textButton(t("yesPlease"), "primary", () => session.ask("request_handoff"));
    const no = textButton(t("noThanks"), "secondary", () => session.ask("decline_handoff"));
    this.#offer.append(yes, no);
    this.#offer.hidden = true;
    this.#scroller.append(this.#older, this.#greeting, this.#rows, this.#typing, this.#offer);
    this.#scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    // The panel, the keyboard of a phone or a growing box change the height; the end stays in view.
    new ResizeObserver(() => this.#settle()).observe(this.#scroller);
    this.element.append(this.#scroller, this.#pill);
  }

  get atEnd(): boolean {
    return this.#atEnd;
  }

  focus(): void {
    this.#scroller.focus({ preventScroll: true });
  }

  toEnd(): void {
    this.#atEnd = true;
    this.#settle();
  }

  update(state: ChatState): void {
    const { log, draft, pending } = state;
    const rows = log ? threadRows(log, { self: "visitor", pending, draft, lines: LINES }) : [];
    const firstSeq = log?.entries[0]?.seq ?? 0;
    const fromEnd = this.#scroller.scrollHeight - this.#scroller.scrollTop;
    const older = firstSeq < this.#firstSeq;
    this.#firstSeq = firstSeq;

    this.#showGreeting(state);
    this.#patch(rows);
    this.#showTyping(state);
    this.#older.hidden = !log?.has_more;
    this.#offer.hidden = !(log?.offer && log.status === "unrequested");
    for (const button of this.#offer.querySelectorAll("button")) button.disabled = state.intent !== null;

    const last = rows.findLast((row): row is MessageRow => row.type === "message");
    const isNew = last !== undefined && last.id !== this.#newest;
    this.#newest = last?.id ?? "";
    // What I wrote myself is where I want to be.
    if (isNew && last.by === "visitor" && last.delivery === "sending") this.#atEnd = true;
    if (isNew && last.by !== "visitor" && !this.#atEnd) this.#pill.hidden = false;
    // Older messages were put in front: what was before the eyes stays there.
    if (older && !this.#atEnd) this.#scroller.scrollTop = this.#scroller.scrollHeight - fromEnd;
    this.#settle();
  }

  #settle(): void {
    if (!this.#atEnd) return;
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#pill.hidden = true;
  }

  #scrolled(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    this.#atEnd = scrollHeight - scrollTop - clientHeight < AT_END;
    if (this.#atEnd) {
      this.#pill.hidden = true;
      this.#onRead();
    }
    if (scrollTop < AT_END && !this.#older.hidden) this.#context.session.loadOlder();
  }

  #patch(rows: readonly Row[]): void {
    // Once somebody has answered, "sent" and "seen" say nothing new.
    const newest = rows.findLast((row) => row.type === "message");
    const wanted = new Set(rows.map(({ id }) => id));
    for (const [id, view] of this.#views) {
      if (wanted.has(id)) continue;
      view.element.remove();
      this.#views.delete(id);
    }
    let next = this.#rows.firstChild;
    for (const row of rows) {
      const view = this.#views.get(row.id) ?? this.#create(row);
      if (row.type === "message") view.message?.update(row, row === newest);
      if (view.element === next) next = next.nextSibling;
      else this.#rows.insertBefore(view.element, next);
    }
  }

  #create(row: Row): { element: HTMLElement; message: MessageView | null } {
    const { t, locale } = this.#context;
    const message = row.type === "message" ? new MessageView(this.#context, this.#onEdit) : null;
    const view = { element: message?.element ?? make("div"), message };
    if (row.type === "day") {
      view.element = make("div", { class: "day" }, make("span", {}, dayLabel(row.at, Date.now(), locale)));
    } else if (row.type === "line") {
      const { line, text } = lineText(row.entry.event, t);
      view.element = make("div", { class: "system" }, make("p", {}, line));
      if (text) view.element.append(make("p", { class: "closing", dir: "auto" }, text));
    }
    this.#views.set(row.id, view);
    return view;
  }

  /** The owner's greeting and the starters; these go when the conversation begins. */
  #showGreeting({ chatbot, log }: ChatState): void {
    const starters = log?.entries.length === 0 ? (chatbot?.starters ?? []) : [];
    const text = log?.has_more ? "" : (chatbot?.greeting ?? "");
    const shown = JSON.stringify([text, starters]);
    if (shown === this.#greetingShown) return;
    this.#greetingShown = shown;
    this.#greeting.replaceChildren();
    if (text) {
      const bubble = make("div", { class: "bubble" }, hiddenText(`${this.#context.t("aiAssistant")}: `));
      bubble.append(make("div", { class: "text", dir: "auto" }, text));
      this.#greeting.append(
        make("div", { class: "row ai first last" }, aiAvatar(), make("div", { class: "line" }, bubble)),
      );
    }
    if (starters.length > 0) {
      const say = (words: string) => textButton(words, "secondary", () => this.#context.session.say(words));
      this.#greeting.append(make("div", { class: "choices" }, ...starters.map(say)));
    }
  }

  #showTyping({ typing, draft, log, connection }: ChatState): void {
    const { t } = this.#context;
    const turn = log?.status === "unrequested" && connection.name === "live" ? log.turn : null;
    if (turn !== null && turn !== this.#owedSince.turn) {
      this.#owedSince = { turn, at: Date.now() };
      setTimeout(() => this.#showTyping(this.#context.session.state), AI_PATIENCE_MS);
    }
    const owed = turn !== null && Date.now() - this.#owedSince.at < AI_PATIENCE_MS;
    const streaming = draft !== null && draft.turn === log?.turn;
    const who = typing?.who ?? (owed ? "ai" : null);
    const show = who !== null && !streaming;
    const label = !show ? "" : typing?.who === "agent" ? t("agentTyping", { name: typing.agent.name }) : t("aiTyping");
    if (this.#typing.hidden === !show && this.#typing.dataset.label === label) return;
    this.#typing.hidden = !show;
    this.#typing.dataset.label = label;
    const dots = make("div", { class: "dots", "aria-hidden": "true" }, make("i"), make("i"), make("i"));
    this.#typing.replaceChildren(make("div", { class: "bubble", title: label }, hiddenText(label), dots));
  }
}
