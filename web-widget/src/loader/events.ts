import type { StatusName, TeamState } from "web-shared/protocol.ts";

/** What `Baton.on` can follow. */
export type BatonEvents = {
  ready: undefined;
  open: undefined;
  close: undefined;
  unread: { count: number };
  availability: { team: TeamState };
  status: { status: StatusName };
  queue: { ahead: number; eta_seconds: number | null };
  /** A message came; its words stay in the frame. */
  message: { by: "ai" | "agent" };
};

export type Listener<Name extends keyof BatonEvents> = (detail: BatonEvents[Name]) => void;

export class Events {
  readonly #listeners = new Map<keyof BatonEvents, Set<(detail: never) => void>>();
  #ready = false;

  on<Name extends keyof BatonEvents>(name: Name, listener: Listener<Name>): void {
    const known = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, known.add(listener as (detail: never) => void));
    // Who asks for `ready` late has not missed it.
    if (name === "ready" && this.#ready) call(listener as (detail: never) => void, undefined);
  }

  off<Name extends keyof BatonEvents>(name: Name, listener: Listener<Name>): void {
    this.#listeners.get(name)?.delete(listener as (detail: never) => void);
  }

  emit<Name extends keyof BatonEvents>(name: Name, detail: BatonEvents[Name]): void {
    if (name === "ready") this.#ready = true;
    for (const listener of this.#listeners.get(name) ?? []) call(listener, detail);
  }

  clear(): void {
    this.#listeners.clear();
  }
}

/** A failing listener is the page's own trouble: report it there, go on here. */
function call(listener: (detail: never) => void, detail: unknown): void {
  try {
    listener(detail as never);
  } catch (error) {
    reportError(error);
  }
}
