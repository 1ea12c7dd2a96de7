import { describe, expect, test } from "vitest";
import {
  filterForServer,
  filterFromQuery,
  filterIntoQuery,
  type InboxFilter,
  isNarrowed,
  matches,
} from "../src/state/inbox-filter.ts";
import { KIM, ME, row } from "./rows.ts";

const everything: InboxFilter = { chatbot: null, status: "all", ongoing: false, mine: false, from: null, to: null };

describe("the address", () => {
  test("a filter survives the way into the address and back", () => {
    const filter: InboxFilter = {
      chatbot: "ada",
      status: "escalated",
      ongoing: true,
      mine: true,
      from: "2026-03-01",
      to: "2026-03-09",
    };
    const query = new URLSearchParams("conversation=c1");
    filterIntoQuery(filter, query);
    expect(filterFromQuery(query, "ada")).toEqual(filter);
    expect(query.get("conversation")).toBe("c1");
  });

  test("showing everything leaves the address plain", () => {
    const query = new URLSearchParams("status=open&ongoing=true&assignee=me&from=2026-03-01&to=2026-03-02");
    filterIntoQuery(everything, query);
    expect(query.toString()).toBe("");
  });

  test("what nobody could have chosen is ignored", () => {
    const query = new URLSearchParams("status=gone&ongoing=yes&assignee=you&from=yesterday&to=2026-99-99");
    expect(filterFromQuery(query, null)).toEqual(everything);
  });

  test("the server gets milliseconds of whole local days", () => {
    const query = filterForServer({ ...everything, from: "2026-03-28", to: "2026-03-29" }, null, 50);
    expect(Number(query.get("from"))).toBe(new Date(2026, 2, 28).getTime());
    expect(Number(query.get("to"))).toBe(new Date(2026, 2, 30).getTime() - 1);
  });
});

describe("which rows match", () => {
  const shown = (filter: Partial<InboxFilter>, part: Parameters<typeof row>[0]): boolean =>
    matches(row(part), { ...everything, ...filter }, ME.id);

  test.each([
    ["waiting", { status: "unassigned" }, true],
    ["taken after a request", { status: "open", escalated: true }, true],
    ["started by an agent", { status: "open", escalated: false }, false],
    ["ended after a request", { status: "ended", escalated: true }, false],
    ["handed back after a request", { status: "unrequested", escalated: true }, false],
  ] as const)("escalated: %s", (_, part, expected) => {
    expect(shown({ status: "escalated" }, { conversation: "c", ...part })).toBe(expected);
  });

  test("ongoing hides what has ended", () => {
    expect(shown({ ongoing: true }, { conversation: "c", status: "ended" })).toBe(false);
    expect(shown({ ongoing: true }, { conversation: "c", status: "open" })).toBe(true);
  });

  test("mine is what I hold", () => {
    expect(shown({ mine: true }, { conversation: "c", status: "open", assignee: ME })).toBe(true);
    expect(shown({ mine: true }, { conversation: "c", status: "open", assignee: KIM })).toBe(false);
    expect(shown({ mine: true }, { conversation: "c" })).toBe(false);
  });

  test("a chatbot shows its own", () => {
    expect(shown({ chatbot: "ada" }, { conversation: "c", chatbot: "bo" })).toBe(false);
  });

  test("both days of a range count", () => {
    const range = { from: "2026-03-01", to: "2026-03-02" };
    expect(shown(range, { conversation: "c", last_at: new Date(2026, 2, 1, 0, 0).getTime() })).toBe(true);
    expect(shown(range, { conversation: "c", last_at: new Date(2026, 2, 2, 23, 59, 59).getTime() })).toBe(true);
    expect(shown(range, { conversation: "c", last_at: new Date(2026, 2, 3).getTime() })).toBe(false);
    expect(shown(range, { conversation: "c", last_at: new Date(2026, 1, 28, 23, 59).getTime() })).toBe(false);
  });
});

test("only a narrowed filter can be cleared", () => {
  expect(isNarrowed({ ...everything, chatbot: "ada" })).toBe(false);
  expect(isNarrowed({ ...everything, mine: true })).toBe(true);
});
