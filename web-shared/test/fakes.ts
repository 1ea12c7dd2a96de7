import type { Clock, Socket } from "../src/connection.ts";
import type { Snapshot, ToVisitor } from "../src/protocol.ts";

/** Time that moves only when told to; due callbacks run in order. */
export class FakeClock implements Clock {
  time = 1_000_000;
  #timers: { at: number; id: number; run: () => void }[] = [];
  #nextId = 0;

  now(): number {
    return this.time;
  }

  after(ms: number, run: () => void): () => void {
    const id = this.#nextId++;
    this.#timers.push({ at: this.time + ms, id, run });
    return () => {
      this.#timers = this.#timers.filter((timer) => timer.id !== id);
    };
  }

  advance(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const due = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at || a.id - b.id)[0];
      if (!due) break;
      this.time = Math.max(this.time, due.at);
      this.#timers = this.#timers.filter(({ id }) => id !== due.id);
      due.run();
    }
    this.time = end;
  }
}

export class FakeSocket implements Socket {
  onopen: Socket["onopen"] = null;
  onmessage: Socket["onmessage"] = null;
  onclose: Socket["onclose"] = null;
  sent: Record<string, unknown>[] = [];
  closedWith: number | null = null;

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(code?: number): void {
    this.closedWith = code ?? 1005;
  }

  receive(frame: ToVisitor | object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  types(): unknown[] {
    return this.sent.map(({ type }) => type);
  }

  keys(): unknown[] {
    return this.sent.filter(({ type }) => type === "send").map(({ key }) => key);
  }
}

export const emptySnapshot: Snapshot = {
  seq: 0,
  epoch: "e",
  status: "unrequested",
  assignee: null,
  waiting_since: null,
  offer: null,
  escalated: false,
  ai_answers: 0,
  last_answer_confident: true,
  turn: null,
  read_by_visitor: 0,
  read_by_agent: 0,
  entries: [],
  has_more: false,
  brief: null,
  visitor: null,
  chatbot: "demo",
};
