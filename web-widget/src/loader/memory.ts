/** What the next page of the same visit must know. Written after the first click only, in `sessionStorage`. */
export type Remembered = { open: boolean; color: string; position: string };

export type VisitMemory = {
  read(): Remembered | null;
  write(value: Remembered): void;
  forget(): void;
};

export function visitMemory(chatbot: string): VisitMemory {
  const key = `baton:${chatbot}`;
  // A page may be denied storage altogether; then the chat simply starts closed on the next page.
  const attempt = <T>(run: () => T): T | null => {
    try {
      return run();
    } catch {
      return null;
    }
  };
  return {
    read: () =>
      attempt(() => {
        const value: unknown = JSON.parse(sessionStorage.getItem(key) ?? "null");
        if (typeof value !== "object" || value === null) return null;
        const { open, color, position } = value as Record<string, unknown>;
        return { open: open === true, color: String(color ?? ""), position: String(position ?? "") };
      }),
    write: (value) => attempt(() => sessionStorage.setItem(key, JSON.stringify(value))),
    forget: () => attempt(() => sessionStorage.removeItem(key)),
  };
}
