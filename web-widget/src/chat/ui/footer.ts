import type { Button } from "web-shared/protocol.ts";
import type { Context } from "../context.ts";
import { make, textButton } from "../dom.ts";
import type { ChatState } from "../session.ts";
import { waitSentence } from "./wait.ts";

/** Between thread and box: trouble with the connection, the wait for a human, and the quiet ways out. */
export class Notices {
  readonly element = make("div", { class: "notices" });
  readonly #context: Context;
  readonly #connection = make("div", { class: "bar", role: "status" });
  readonly #wait = make("section", { class: "wait", hidden: true });
  readonly #waitText = make("p");
  readonly #cancel: HTMLButtonElement;

  constructor(context: Context) {
    this.#context = context;
    const { t, session } = context;
    this.#cancel = textButton(t("cancelWait"), "secondary small", () => session.ask("cancel_handoff"));
    const title = make("h2", { id: "wait-title" }, make("span", { class: "dot waiting", "aria-hidden": "true" }));
    title.append(t("waitingTitle"));
    this.#wait.setAttribute("aria-labelledby", "wait-title");
    this.#wait.append(title, this.#waitText, this.#cancel);
    this.element.append(this.#connection, this.#wait);
  }

  update(state: ChatState): void {
    const { t } = this.#context;
    this.#showConnection(state);
    this.#wait.hidden = state.log?.status !== "unassigned";
    const sentence = state.queue ? waitSentence(state.queue, state.team, t) : "";
    const text = [sentence, t("keepOpen")].filter(Boolean).join(" ");
    if (this.#waitText.textContent !== text) this.#waitText.textContent = text;
    this.#cancel.disabled = state.intent === "cancel_handoff";
  }

  #showConnection({ connection, greeted }: ChatState): void {
    const { t, session } = this.#context;
    const stopped = connection.name === "stopped";
    // The first seconds of the first connection are not trouble.
    const trouble =
      stopped ||
      connection.name === "waiting" ||
      (connection.name !== "live" && connection.name !== "idle" && (greeted || connection.attempt > 0));
    const denied = stopped && (connection.code === 4403 || connection.code === 4404);
    const text = !trouble ? "" : denied ? t("unreachable") : stopped ? t("connectionLost") : t("reconnecting");
    if (this.#connection.dataset.text === text) return;
    this.#connection.dataset.text = text;
    this.#connection.replaceChildren(text);
    if (stopped && !denied) this.#connection.append(textButton(t("tryAgain"), "link", () => session.start()));
  }
}

/** Under the box: "Talk to a human" by the owner's rule, or the end of a chat with an agent. */
export class QuietRow {
  readonly element = make("div", { class: "quiet-row" });
  readonly #human: HTMLButtonElement;
  readonly #end: HTMLButtonElement;

  constructor({ t, session }: Context) {
    this.#human = textButton(t("talkToHuman"), "quiet", () => session.ask("request_handoff"));
    this.#end = textButton(t("endChat"), "quiet", () => session.ask("end"));
    this.element.append(this.#human, this.#end);
  }

  update(state: ChatState): void {
    this.#human.hidden = !offersHuman(state);
    this.#human.disabled = state.intent !== null;
    this.#end.hidden = state.log?.status !== "open";
    this.#end.disabled = state.intent !== null;
    this.element.hidden = this.#human.hidden && this.#end.hidden;
  }
}

/** Whether the button for a human shows; PRODUCT.md section 2.1. */
export function offersHuman({ chatbot, log }: Pick<ChatState, "chatbot" | "log">): boolean {
  if (!chatbot?.handoff_enabled || !log || log.offer !== null) return false;
  if (log.status !== "unrequested" && log.status !== "ended") return false;
  const rule: Button = chatbot.handoff_button;
  switch (rule.rule) {
    case "always":
      return true;
    case "after_answers":
      return log.ai_answers >= rule.count;
    case "when_unsure":
      return !log.last_answer_confident;
    case "never":
      return false;
  }
}
