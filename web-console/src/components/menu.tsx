/** A button that opens a menu: arrows move, Escape and a click elsewhere close, the focus comes back. */

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";

export interface MenuItem {
  readonly label: string;
  readonly hint?: string;
  readonly keys?: string;
  readonly checked?: boolean;
  readonly danger?: boolean;
  readonly mark?: ComponentChildren;
  readonly run: () => void;
}

/** A group may carry a heading; groups are set apart by a line. */
export interface MenuGroup {
  readonly heading?: string;
  readonly items: readonly MenuItem[];
}

interface MenuProps {
  readonly label: string;
  readonly class?: string;
  readonly side: "below-end" | "beside";
  readonly groups: readonly MenuGroup[];
  readonly children: ComponentChildren;
}

export function Menu({ label, class: className, side, groups, children }: MenuProps) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const trigger = useRef<HTMLButtonElement>(null);
  const id = useId();

  useEffect(() => {
    if (!open) return;
    itemsIn(root.current)[0]?.focus();
    const onPointer = (event: PointerEvent): void => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", onPointer);
    return () => document.removeEventListener("pointerdown", onPointer);
  }, [open]);

  const close = (): void => {
    setOpen(false);
    trigger.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const items = itemsIn(root.current);
    const at = items.indexOf(document.activeElement as HTMLElement);
    const to: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 };
    const next = to[event.key];
    if (event.key === "Escape") close();
    else if (event.key === "Tab") setOpen(false);
    else if (next !== undefined) items[(next + items.length) % items.length]?.focus();
    else return;
    if (event.key !== "Tab") event.preventDefault();
  };

  return (
    <div class={`menu-root menu-${side}`} ref={root}>
      <button
        ref={trigger}
        type="button"
        class={className ?? "icon-button"}
        title={label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        {/* The name is the label, whatever is drawn. */}
        <span class="sr-only">{label}</span>
        <span class="menu-face" aria-hidden="true">
          {children}
        </span>
      </button>
      {open && (
        <div class="menu" role="menu" id={id} aria-label={label} tabIndex={-1} onKeyDown={onKeyDown}>
          {groups
            .filter((group) => group.items.length > 0)
            .map((group, index) => (
              <fieldset class="menu-group" key={index} aria-label={group.heading ?? label}>
                {group.heading !== undefined && <div class="menu-heading">{group.heading}</div>}
                {group.items.map((item) => (
                  <MenuButton
                    key={item.label}
                    item={item}
                    onRun={() => {
                      close();
                      item.run();
                    }}
                  />
                ))}
              </fieldset>
            ))}
        </div>
      )}
    </div>
  );
}

function MenuButton({ item, onRun }: { readonly item: MenuItem; readonly onRun: () => void }) {
  const choice = item.checked !== undefined;
  return (
    <button
      type="button"
      role={choice ? "menuitemradio" : "menuitem"}
      {...(choice ? { "aria-checked": item.checked } : {})}
      class={`menu-item${item.danger ? " danger" : ""}`}
      tabIndex={-1}
      onClick={onRun}
    >
      {item.mark}
      <span class="menu-label">
        {item.label}
        {item.hint !== undefined && <span class="menu-hint">{item.hint}</span>}
      </span>
      {item.checked && (
        <span class="menu-check" aria-hidden="true">
          ✓
        </span>
      )}
      {item.keys !== undefined && <kbd>{item.keys}</kbd>}
    </button>
  );
}

function itemsIn(root: HTMLElement | null): HTMLElement[] {
  return root ? [...root.querySelectorAll<HTMLElement>("[role^=menuitem]")] : [];
}
