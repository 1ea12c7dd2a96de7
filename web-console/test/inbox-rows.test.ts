import { describe, expect, test } from "vitest";
import { arrange, byUrgency, countFor, mergeRows, type Rows } from "../src/state/inbox-rows.ts";
import { KIM, ME, row } from "./rows.ts";

const known = (...rows: ReturnType<typeof row>[]): Rows => new Map(rows.map((one) => [one.conversation, one]));

describe("merging", () => {
  test("the newest seq wins, whatever comes last", () => {
    const have = known(row({ conversation: "a", seq: 5, preview: "new" }));
    expect(mergeRows(have, [row({ conversation: "a", seq: 4, preview: "old" })], "live").get("a")?.preview).toBe("new");
    expect(mergeRows(have, [row({ conversation: "a", seq: 6, preview: "newer" })], "page").get("a")?.preview).toBe(
      "newer",
    );
  });

  test("presence changes without an event: of the same seq a live row wins, a fetched one does not", () => {
    const have = known(row({ conversation: "a", seq: 5, online: true }));
    const gone = row({ conversation: "a", seq: 5, online: false });
    expect(mergeRows(have, [gone], "live").get("a")?.online).toBe(false);
    expect(mergeRows(have, [gone], "page").get("a")?.online).toBe(true);
  });

  test("nothing new is the same map, so that nothing is drawn again", () => {
    const have = known(row({ conversation: "a", seq: 5 }));
    expect(mergeRows(have, [row({ conversation: "a", seq: 3 })], "live")).toBe(have);
  });

  test("two versions in one frame: the newer one stays", () => {
    const rows = [
      row({ conversation: "a", seq: 9, preview: "nine" }),
      row({ conversation: "a", seq: 8, preview: "eight" }),
    ];
    expect(mergeRows(new Map(), rows, "live").get("a")?.preview).toBe("nine");
  });
});

test("longest waiting first, then the latest", () => {
  const rows = [
    row({ conversation: "old", last_at: 10 }),
    row({ conversation: "waits-short", status: "unassigned", waiting_since: 500, last_at: 900 }),
    row({ conversation: "new", status: "open", last_at: 800 }),
    row({ conversation: "waits-long", status: "unassigned", waiting_since: 100, last_at: 100 }),
  ];
  expect(rows.sort(byUrgency).map((one) => one.conversation)).toEqual(["waits-long", "waits-short", "new", "old"]);
});

describe("keeping still under the pointer", () => {
  test("without a pointer the order is the order", () => {
    expect(arrange(["a", "b"], ["n", "b", "a"], null)).toEqual({ ids: ["n", "b", "a"], heldBack: 0 });
  });

  test("a new escalation waits above instead of sliding under the pointer", () => {
    expect(arrange(["a", "b", "c"], ["n", "a", "b", "c"], "b")).toEqual({ ids: ["a", "b", "c"], heldBack: 1 });
  });

  test("the pointed row stays although it was accepted and sorts elsewhere now", () => {
    expect(arrange(["a", "b", "c"], ["b", "c", "a"], "a")).toEqual({ ids: ["a", "b", "c"], heldBack: 0 });
  });

  test("the pointed row stays although it left the filter", () => {
    expect(arrange(["a", "b", "c"], ["b", "c"], "a")).toEqual({ ids: ["a", "b", "c"], heldBack: 0 });
    expect(arrange(["a", "b", "c"], ["n", "a", "c"], "b").ids.slice(0, 2)).toEqual(["a", "b"]);
  });

  test("below the pointer everything may move, and nothing is lost", () => {
    expect(arrange(["a", "b", "c"], ["a", "c", "n", "b"], "a")).toEqual({ ids: ["a", "c", "n", "b"], heldBack: 0 });
    // c rose above the pointer: it stays in sight below it.
    expect(arrange(["a", "b", "c"], ["c", "a", "b"], "b")).toEqual({ ids: ["a", "b", "c"], heldBack: 0 });
  });

  test("a pointer on a row that is not shown holds nothing", () => {
    expect(arrange(["a"], ["n", "a"], "gone")).toEqual({ ids: ["n", "a"], heldBack: 0 });
  });
});

test("counts: what waits for anybody, and what is new in mine", () => {
  const rows = known(
    row({ conversation: "1", status: "unassigned" }),
    row({ conversation: "2", status: "open", assignee: ME, unread: 3 }),
    row({ conversation: "3", status: "open", assignee: ME, unread: 0 }),
    row({ conversation: "4", status: "open", assignee: KIM, unread: 2 }),
    row({ conversation: "5", status: "unrequested", unread: 2 }),
  );
  expect(countFor(rows, ME.id)).toEqual({ waiting: 1, mineUnread: 1 });
});
