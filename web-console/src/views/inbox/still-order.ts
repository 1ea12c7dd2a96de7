import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { type Arrangement, arrange } from "../../state/inbox-rows.ts";

interface StillOrder {
  readonly arrangement: Arrangement;
  readonly release: () => void;
  readonly handlers: {
    readonly onPointerOver: (event: PointerEvent) => void;
    readonly onPointerDown: (event: PointerEvent) => void;
    readonly onPointerUp: (event: PointerEvent) => void;
    readonly onPointerLeave: () => void;
    readonly onPointerCancel: () => void;
  };
}

/** The order of the list, held still under the pointer. `scope`: what the list is about; another scope starts afresh. */
export function useStillOrder(ids: readonly string[], scope: string): StillOrder {
  const [pinned, setPinned] = useState<string | null>(null);
  const shown = useRef<{ scope: string; ids: readonly string[] }>({ scope, ids: [] });
  const before = shown.current.scope === scope ? shown.current.ids : [];
  const arrangement = arrange(before, ids, pinned);

  useLayoutEffect(() => {
    shown.current = { scope, ids: arrangement.ids };
  });
  useEffect(() => {
    // A pointer that left with the window points at nothing.
    const release = (): void => setPinned(null);
    addEventListener("blur", release);
    return () => removeEventListener("blur", release);
  }, []);

  const pin = (event: PointerEvent): void => {
    const row = (event.target as Element).closest<HTMLElement>("[data-row]");
    setPinned(row?.dataset.row ?? null);
  };
  return {
    arrangement,
    release: () => setPinned(null),
    handlers: {
      onPointerOver: (event) => {
        if (event.pointerType === "mouse") pin(event);
      },
      onPointerDown: pin,
      onPointerUp: (event) => {
        if (event.pointerType !== "mouse") setPinned(null);
      },
      onPointerLeave: () => setPinned(null),
      onPointerCancel: () => setPinned(null),
    },
  };
}
