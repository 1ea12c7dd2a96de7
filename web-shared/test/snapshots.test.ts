import { describe, expect, test } from "vitest";
import agent from "../../tests/fixtures/snapshots/agent.json";
import visitor from "../../tests/fixtures/snapshots/visitor.json";
import { applyEntries, applyEntry, applySnapshot, type Log } from "../src/conversation.ts";
import type { LogEntry, Snapshot } from "../src/protocol.ts";

type Step = { name: string; before: Snapshot; entries: LogEntry[]; after: Snapshot };

// Written by tests/it/snapshot.rs from a real server: I11, snapshot + entries = later snapshot, for the reducer of the clients.
describe.each([
  ["visitor", visitor],
  ["agent", agent],
])("%s", (_, file) => {
  // JSON's literal types are wider than the unions of the protocol; fixtures.test.ts holds the two together.
  const steps = file as unknown as Step[];

  test.each(steps)("$name", ({ before, entries, after }) => {
    const log = applySnapshot(before);
    expect(applyEntries(log, entries)).toStrictEqual({ result: "applied", log: after });
    expect(log, "the old state is left alone").toStrictEqual(before);
  });

  test.each(steps)("$name, each entry repeated and early ones again", ({ before, entries, after }) => {
    let log: Log = before;
    for (const [index, entry] of entries.entries()) {
      log = applyEntry(log, entry).log;
      expect(applyEntries(log, entries.slice(0, index + 1))).toStrictEqual({ result: "ignored", log });
    }
    expect(log).toStrictEqual(after);
  });

  test.each(steps.filter(({ entries }) => entries.length > 1))("$name, an entry lost", ({ before, entries }) => {
    for (let lost = 0; lost + 1 < entries.length; lost++) {
      const applied = applyEntries(
        before,
        entries.filter((_, index) => index !== lost),
      );
      expect(applied.result).toBe("gap");
      expect(applied.log.seq).toBe(before.seq + lost);
    }
  });

  test("the whole story on the first snapshot", () => {
    const entries = steps.flatMap(({ entries }) => entries);
    const first = steps[0]?.before;
    const last = steps.at(-1)?.after;
    if (!first || !last) throw new Error("the story is empty");
    expect(applyEntries(first, entries)).toStrictEqual({ result: "applied", log: last });
  });
});
