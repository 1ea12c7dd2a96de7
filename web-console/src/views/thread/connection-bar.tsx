import { useEffect, useState } from "preact/hooks";
import type { ConnectionState } from "../../../../web-shared/src/connection.ts";

/** A hiccup shorter than this is nobody's business. */
const SHOWN_AFTER_MS = 1200;

export function ConnectionBar({ state }: { readonly state: ConnectionState }) {
  const broken = state.name !== "live" && state.name !== "idle";
  const [late, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (!broken) return;
    const timer = setTimeout(() => setLate(true), SHOWN_AFTER_MS);
    return () => clearTimeout(timer);
  }, [broken]);
  return (
    <div role="status">
      {broken && late && (
        <div class="connection-bar">
          {state.name === "stopped"
            ? "Not connected. Reload the page; what you wrote is kept."
            : "Reconnecting… What you write is kept and sent afterwards."}
        </div>
      )}
    </div>
  );
}
