/** Unsent text per conversation and mode. Kept over reloads of this tab; another tab has drafts of its own. */

/** Whom is written to: the visitor, the AI for its next answer, or the team. */
export type ComposerMode = "message" | "hint" | "note";

export interface DraftStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export class Drafts {
  /** Also the fallback when storage is blocked or full. */
  readonly #memory = new Map<string, string>();

  readonly #storage: DraftStorage | null;

  constructor(storage: DraftStorage | null) {
    this.#storage = storage;
  }

  get(conversation: string, mode: ComposerMode): string {
    const key = keyOf(conversation, mode);
    const known = this.#memory.get(key);
    if (known !== undefined) return known;
    try {
      return this.#storage?.getItem(key) ?? "";
    } catch {
      return "";
    }
  }

  set(conversation: string, mode: ComposerMode, text: string): void {
    const key = keyOf(conversation, mode);
    this.#memory.set(key, text);
    try {
      if (text === "") this.#storage?.removeItem(key);
      else this.#storage?.setItem(key, text);
    } catch {
      // The memory has it.
    }
  }
}

const keyOf = (conversation: string, mode: ComposerMode): string => `baton.draft.${mode}.${conversation}`;

function tabStorage(): DraftStorage | null {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

/** The drafts of this tab. */
export const drafts = new Drafts(typeof window === "undefined" ? null : tabStorage());
