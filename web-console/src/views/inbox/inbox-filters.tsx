import { useState } from "preact/hooks";
import { FilterIcon } from "../../components/icons.tsx";
import { chatbotList } from "../../state/chatbots.ts";
import { filter } from "../../state/inbox.ts";
import {
  filterIntoQuery,
  type InboxFilter,
  isNarrowed,
  STATUS_FILTERS,
  type StatusFilter,
} from "../../state/inbox-filter.ts";
import { inboxPath, navigate, query, setQuery } from "../../state/router.ts";
import { FILTER_WORDS } from "../../state/words.ts";

function change(part: Partial<InboxFilter>): void {
  const next = { ...filter.peek(), ...part };
  setQuery((current) => filterIntoQuery(next, current), "replace");
}

function changeChatbot(chatbot: string | null): void {
  const next = new URLSearchParams(query.peek());
  next.delete("conversation");
  const search = next.toString();
  void navigate(`${inboxPath(chatbot)}${search === "" ? "" : `?${search}`}`);
}

export function InboxFilters() {
  const now = filter.value;
  const [dates, setDates] = useState(now.from !== null || now.to !== null);
  return (
    <header class="list-head">
      <div class="list-title">
        <h1 class={chatbotList().length > 0 ? "sr-only" : ""}>Inbox</h1>
        {chatbotList().length > 0 && (
          <select
            class="title-select"
            aria-label="Chatbot"
            value={now.chatbot ?? ""}
            onChange={(event) => changeChatbot(event.currentTarget.value === "" ? null : event.currentTarget.value)}
          >
            <option value="">All chatbots</option>
            {chatbotList().map(({ id, settings }) => (
              <option key={id} value={id}>
                {settings.name}
              </option>
            ))}
          </select>
        )}
        <button
          type="button"
          class="icon-button"
          aria-expanded={dates}
          aria-controls="inbox-dates"
          aria-label="Date range"
          title="Date range"
          onClick={() => setDates(!dates)}
        >
          <FilterIcon />
        </button>
      </div>
      <div class="filters">
        <select
          class="input input-small"
          aria-label="Status"
          value={now.status}
          onChange={(event) => change({ status: event.currentTarget.value as StatusFilter })}
        >
          {STATUS_FILTERS.map((status) => (
            <option key={status} value={status}>
              {FILTER_WORDS[status]}
            </option>
          ))}
        </select>
        <button type="button" class="chip" aria-pressed={now.ongoing} onClick={() => change({ ongoing: !now.ongoing })}>
          Ongoing
        </button>
        <button type="button" class="chip" aria-pressed={now.mine} onClick={() => change({ mine: !now.mine })}>
          Mine
        </button>
        {isNarrowed(now) && (
          <button
            type="button"
            class="link-button"
            onClick={() => change({ status: "all", ongoing: false, mine: false, from: null, to: null })}
          >
            Clear
          </button>
        )}
      </div>
      {dates && (
        <div class="filters" id="inbox-dates">
          <Day label="From" value={now.from} onChange={(from) => change({ from })} />
          <Day label="To" value={now.to} onChange={(to) => change({ to })} />
        </div>
      )}
    </header>
  );
}

interface DayProps {
  readonly label: string;
  readonly value: string | null;
  readonly onChange: (day: string | null) => void;
}

function Day({ label, value, onChange }: DayProps) {
  return (
    <label class="day">
      <span>{label}</span>
      <input
        class="input input-small"
        type="date"
        value={value ?? ""}
        onChange={(event) => onChange(event.currentTarget.value === "" ? null : event.currentTarget.value)}
      />
    </label>
  );
}
