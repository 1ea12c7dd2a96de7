/** Parts of a page, chosen by the address. The first one is the page itself and leaves the address bare. */

import { query, setQuery } from "../state/router.ts";

interface Props<T extends string> {
  readonly label: string;
  /** The query parameter that names the tab. */
  readonly parameter: string;
  readonly tabs: readonly (readonly [T, string, number?])[];
}

export function currentTab<T extends string>({ parameter, tabs }: Pick<Props<T>, "parameter" | "tabs">): T {
  const asked = query.value.get(parameter);
  const [first] = tabs;
  const found = tabs.find(([name]) => name === asked) ?? first;
  if (!found) throw new Error("a page with tabs has at least one");
  return found[0];
}

export function showTab<T extends string>({ parameter, tabs }: Pick<Props<T>, "parameter" | "tabs">, name: T): void {
  setQuery((next) => (name === tabs[0]?.[0] ? next.delete(parameter) : next.set(parameter, name)), "replace");
}

export function Tabs<T extends string>(props: Props<T>) {
  const current = currentTab(props);
  return (
    <nav class="tabs" aria-label={props.label}>
      {props.tabs.map(([name, label, count]) => (
        <button
          key={name}
          type="button"
          class="tab"
          {...(name === current ? { "aria-current": "page" as const } : {})}
          onClick={() => showTab(props, name)}
        >
          {label}
          {count !== undefined && count > 0 && (
            <span class="tab-count">
              {count}
              <span class="sr-only"> to decide</span>
            </span>
          )}
        </button>
      ))}
    </nav>
  );
}
