/** One conversation as this client has it: the log, what is on its way, and who is there. Changed by the hub only. */

import { type Signal, signal } from "@preact/signals";
import {
  type AiDraft,
  applyAiText,
  applyEntries,
  applySnapshot,
  type Log,
  prependHistory,
} from "../../../web-shared/src/conversation.ts";
import type { AgentView, LogEntry, ToAgent, Typist } from "../../../web-shared/src/protocol.ts";
import type { Pending } from "../../../web-shared/src/thread.ts";

/** What the agent must be told about a command that did not go through. */
export interface Setback {
  readonly text: string;
  /** Who was faster, when somebody was. */
  readonly by: AgentView | null;
}

/** The server repeats "typing" every 3 s and lets it lapse after 6; a lost "stopped" must not stay for ever. */
const TYPING_LAPSES_MS = 6500;

export class Thread {
  readonly id: string;
  readonly log: Signal<Log | null> = signal(null);
  readonly draft: Signal<AiDraft | null> = signal(null);
  readonly pending: Signal<readonly Pending[]> = signal([]);
  readonly typists: Signal<readonly Typist[]> = signal([]);
  readonly online: Signal<boolean | null> = signal(null);
  readonly viewers: Signal<readonly AgentView[]> = signal([]);
  readonly historyLoading: Signal<boolean> = signal(false);
  readonly setback: Signal<Setback | null> = signal(null);
  /** No such conversation, or not for this agent. */
  readonly missing: Signal<boolean> = signal(false);
  readonly #lapses = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(id: string) {
    this.id = id;
  }

  /** Fold a frame in. `gap`: entries are missing; ask for what comes after the cursor. */
  receive(frame: ToAgent): "taken" | "gap" {
    switch (frame.type) {
      case "snapshot":
        this.log.value = applySnapshot(frame.snapshot);
        this.draft.value = null;
        this.missing.value = false;
        this.historyLoading.value = false;
        return "taken";
      case "resumed":
        return this.#apply(frame.entries);
      case "event":
        return this.#apply([{ seq: frame.seq, at: frame.at, event: frame.event }]);
      case "history": {
        const log = this.log.value;
        if (log) this.log.value = prependHistory(log, frame.entries, frame.has_more);
        this.historyLoading.value = false;
        return "taken";
      }
      case "ai_text":
        this.draft.value = applyAiText(this.draft.value, frame);
        return "taken";
      case "typing":
        this.#type(frame.by, frame.active);
        return "taken";
      case "presence":
        this.online.value = frame.online;
        return "taken";
      case "viewers":
        this.viewers.value = frame.agents;
        return "taken";
      default:
        return "taken";
    }
  }

  /** The connection is gone: what is only true while it lives is not shown any more. */
  disconnected(): void {
    this.typists.value = [];
    this.viewers.value = [];
    this.draft.value = null;
    this.historyLoading.value = false;
  }

  #apply(entries: readonly LogEntry[]): "taken" | "gap" {
    const log = this.log.value;
    // Events of a conversation whose snapshot is still under way are in that snapshot.
    if (!log) return "taken";
    const applied = applyEntries(log, entries);
    this.log.value = applied.log;
    for (const { event } of entries) {
      if (event.kind === "visitor_message") this.#type({ who: "visitor" }, false);
      else if (event.kind === "ai_message") this.#type({ who: "ai" }, false);
      else if (event.kind === "agent_message") this.#type({ who: "agent", agent: event.agent }, false);
      // The state has moved on: what was said about the old one is over.
      if (event.kind === "handed_back" || event.kind === "ended" || event.kind === "reopened")
        this.setback.value = null;
    }
    return applied.result === "gap" ? "gap" : "taken";
  }

  #type(by: Typist, active: boolean): void {
    const id = by.who === "agent" ? by.agent.id : by.who;
    const others = this.typists.value.filter(
      (typist) => (typist.who === "agent" ? typist.agent.id : typist.who) !== id,
    );
    clearTimeout(this.#lapses.get(id));
    this.#lapses.delete(id);
    if (active)
      this.#lapses.set(
        id,
        setTimeout(() => this.#type(by, false), TYPING_LAPSES_MS),
      );
    else if (others.length === this.typists.value.length) return;
    this.typists.value = active ? [...others, by] : others;
  }
}
