import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { BatonMark } from "../components/icons.tsx";

interface DoorProps {
  readonly title: string;
  readonly error?: string | null;
  readonly children: ComponentChildren;
}

/** The pages in front of the console: one card, one question. */
export function Door({ title, error, children }: DoorProps) {
  useEffect(() => {
    document.title = `${title} · Baton`;
  }, [title]);
  return (
    <main class="door">
      <div class="door-card">
        <BatonMark size={40} />
        <h1>{title}</h1>
        {/* The region exists before the message, else a screen reader may miss it. */}
        <div role="alert">{error && <p class="door-error">{error}</p>}</div>
        {children}
      </div>
    </main>
  );
}
