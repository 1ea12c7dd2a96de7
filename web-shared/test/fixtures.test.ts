import { describe, expect, test } from "vitest";
import agentToServer from "../../tests/fixtures/protocol/agent-to-server.json";
import serverToAgent from "../../tests/fixtures/protocol/server-to-agent.json";
import serverToVisitor from "../../tests/fixtures/protocol/server-to-visitor.json";
import visitorToServer from "../../tests/fixtures/protocol/visitor-to-server.json";
import { type AgentFrame, CLOSE_CODES, type ToAgent, type ToVisitor, type VisitorFrame } from "../src/protocol.ts";
import { afterClose, agentFrames, eventKinds, toAgentFrames, toVisitorFrames, visitorFrames } from "./frames.ts";
import { type Guard, tagged } from "./shapes.ts";

type Direction = { name: string; fixtures: Record<string, unknown>; types: object; isFrame: Guard<unknown> };

// The same files are parsed by tests/it/protocol_fixtures.rs, so a frame that one language reads and the other doesn't goes red.
const directions: Direction[] = [
  {
    name: "visitor-to-server",
    fixtures: visitorToServer,
    types: visitorFrames,
    isFrame: tagged<VisitorFrame, "type">("type", visitorFrames),
  },
  {
    name: "server-to-visitor",
    fixtures: serverToVisitor,
    types: toVisitorFrames,
    isFrame: tagged<ToVisitor, "type">("type", toVisitorFrames),
  },
  {
    name: "agent-to-server",
    fixtures: agentToServer,
    types: agentFrames,
    isFrame: tagged<AgentFrame, "type">("type", agentFrames),
  },
  {
    name: "server-to-agent",
    fixtures: serverToAgent,
    types: toAgentFrames,
    isFrame: tagged<ToAgent, "type">("type", toAgentFrames),
  },
];

/** Every text under `key`, anywhere inside. */
function collect(value: unknown, key: string, found = new Set<string>()): Set<string> {
  if (typeof value !== "object" || value === null) return found;
  for (const [name, inner] of Object.entries(value)) {
    if (name === key && typeof inner === "string") found.add(inner);
    collect(inner, key, found);
  }
  return found;
}

describe.each(directions)("$name", ({ fixtures, types, isFrame }) => {
  test.each(Object.entries(fixtures))("%s", (_, frame) => {
    expect(isFrame(frame)).toBe(true);
    expect(JSON.parse(JSON.stringify(frame))).toStrictEqual(frame);
  });

  test("every frame type is there", () => {
    const found = new Set(Object.values(fixtures).flatMap((frame) => [...collect({ ...(frame as object) }, "type")]));
    expect([...found].sort()).toStrictEqual(Object.keys(types).sort());
  });

  test("a frame with a field more, a field less or another type is none", () => {
    for (const frame of Object.values(fixtures) as Record<string, unknown>[]) {
      expect(isFrame({ ...frame, surplus: 1 })).toBe(false);
      for (const name of Object.keys(frame)) {
        const { [name]: _, ...rest } = frame;
        expect(isFrame(rest)).toBe(false);
        expect(isFrame({ ...frame, [name]: Symbol("wrong") })).toBe(false);
      }
    }
  });
});

test("every kind of event is there, and a visitor sees neither notes nor visitor data", () => {
  const all = Object.keys(eventKinds);
  const unseen = new Set(["note", "visitor_seen", "hint", "handoff_summarised"]);
  expect([...collect(serverToVisitor, "kind")].sort()).toStrictEqual(all.filter((kind) => !unseen.has(kind)).sort());
  expect([...collect(serverToAgent, "kind")].sort()).toStrictEqual(all.filter((kind) => kind !== "hidden").sort());
});

test("every close code says what to do", () => {
  for (const [code, row] of Object.entries(CLOSE_CODES)) {
    expect(Number(code)).toBeGreaterThanOrEqual(1000);
    expect(afterClose(row.after)).toBe(true);
  }
});
