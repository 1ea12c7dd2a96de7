/** What a view shows while it has nothing, not yet, or not any more. */

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { WarnIcon } from "./icons.tsx";

const SHOWN_AFTER_MS = 150;

/** Grey lines in the shape of what comes. Only after 150 ms: a quick answer must not flicker. */
export function Skeleton({ lines, label }: { readonly lines: number; readonly label: string }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), SHOWN_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!late) return null;
  return (
    <div class="skeleton" role="status">
      <span class="sr-only">{label}</span>
      {Array.from({ length: lines }, (_, index) => (
        <div class="skeleton-line" key={index} />
      ))}
    </div>
  );
}

interface FailureProps {
  readonly title: string;
  readonly message: string;
  readonly onRetry?: () => void;
}

export function Failure({ title, message, onRetry }: FailureProps) {
  return (
    <div class="failure" role="alert">
      <WarnIcon />
      <div>
        <strong>{title}</strong>
        <p>{message}</p>
        {onRetry && (
          <button type="button" class="button" onClick={onRetry}>
            Try again
          </button>
        )}
      </div>
    </div>
  );
}

interface EmptyProps {
  readonly title: string;
  readonly children: ComponentChildren;
  readonly icon?: ComponentChildren;
}

export function Empty({ title, children, icon }: EmptyProps) {
  return (
    <div class="empty">
      {icon && <div class="empty-icon">{icon}</div>}
      <h2>{title}</h2>
      {children}
    </div>
  );
}
