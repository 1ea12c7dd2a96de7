import { describe, expect, test } from "vitest";
import { Connection, type ConnectionState } from "../src/connection.ts";
import type { ToVisitor, VisitorFrame } from "../src/protocol.ts";
import { memoryStore, type Store } from "../src/storage.ts";
import { FakeClock, FakeSocket } from "./fakes.ts";

const CONVERSATION = "0198f3c2-0000-7000-8000-000000000001";

/** Several tabs over one storage: a write in one is told to the others. */
function sharedStore(): () => Store {
  const base = memoryStore();
  const listeners = new Map<object, (key: string, value: string | null) => void>();
  return () => {
    const self = {};
    const tell = (key: string, value: string | null) => {
      for (const [owner, listener] of listeners) if (owner !== self) listener(key, value);
    };
    return {
      ...base,
      set: (key, value) => {
        base.set(key, value);
        tell(key, value);
      },
      remove: (key) => {
        base.remove(key);
        tell(key, null);
      },
      onForeignChange: (listener) => {
        listeners.set(self, listener);
        return () => listeners.delete(self);
      },
    };
  };
}

function harness({ store = memoryStore(), clock = new FakeClock(), random = (): number => 0.5 } = {}) {
  const sockets: FakeSocket[] = [];
  const states: ConnectionState["name"][] = [];
  const frames: ToVisitor[] = [];
  let wake = () => {};
  let reauthenticated = 0;
  const connection = new Connection<ToVisitor, VisitorFrame>({
    url: "wss://chat.example/ws/visitor",
    hello: () => ({ type: "hello", protocol: "baton.v1", chatbot: "demo", token: null, cursor: null, page: PAGE }),
    syncedBy: ["snapshot", "resumed"],
    onFrame: (frame) => frames.push(frame),
    onState: ({ name }) => states.push(name),
    onReauthenticate: () => {
      reauthenticated += 1;
      return "retry";
    },
    store,
    clock,
    random,
    openSocket: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    onWakeUp: (run) => {
      wake = run;
      return () => {};
    },
  });
  const socket = () => {
    const last = sockets.at(-1);
    if (!last) throw new Error("no socket was opened");
    return last;
  };
  const goLive = (more = {}) => {
    socket().onopen?.();
    socket().receive({ type: "welcome", heartbeat_seconds: 20, ...more });
    socket().receive({ type: "resumed", entries: [] });
  };
  const live = () => {
    connection.start();
    goLive();
    return socket();
  };
  return {
    connection,
    sockets,
    states,
    frames,
    clock,
    socket,
    goLive,
    live,
    wake: () => wake(),
    reauthenticated: () => reauthenticated,
  };
}

const PAGE = { url: "", title: "", referrer: "", language: "en" };
const message = (key: string) => ({ type: "send", key, text: `text of ${key}` }) as const;
const ack = (key: string, seq = 1) => ({ type: "ack", key, conversation: CONVERSATION, seq });
const refused = (key: string, code: string) => ({ type: "refused", key, command: "send", code, message: "", by: null });

describe("life of a connection", () => {
  test("hello comes first and the client is live only after snapshot or resumed", () => {
    const hub = harness();
    hub.connection.start();
    expect(hub.socket().sent).toEqual([]);
    hub.socket().onopen?.();
    expect(hub.socket().types()).toEqual(["hello"]);
    hub.socket().receive({ type: "welcome", heartbeat_seconds: 20 });
    expect(hub.connection.state.name).toBe("greeting");
    hub.socket().receive({ type: "resumed", entries: [] });
    expect(hub.states).toEqual(["connecting", "greeting", "live"]);
  });

  test("a lost connection comes back after a jittered, growing delay", () => {
    const hub = harness();
    hub.connection.start();
    const delays: number[] = [];
    for (let round = 0; round < 8; round++) {
      hub.socket().onclose?.({ code: 1006 });
      const state = hub.connection.state;
      if (state.name !== "waiting") throw new Error(`expected waiting, got ${state.name}`);
      delays.push(state.retryAt - hub.clock.now());
      hub.clock.advance(state.retryAt - hub.clock.now());
    }
    expect(delays).toEqual([250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
    expect(hub.sockets).toHaveLength(9);
  });

  test("a server that greets and closes at once is not hammered: only a stable connection resets the back-off", () => {
    const hub = harness();
    hub.live().onclose?.({ code: 1011 });
    hub.clock.advance(250);
    hub.goLive();
    hub.socket().onclose?.({ code: 1011 });
    expect(hub.connection.state).toMatchObject({ name: "waiting", retryAt: hub.clock.now() + 500 });
    hub.clock.advance(500);
    hub.goLive();
    hub.clock.advance(15_000);
    hub.socket().onclose?.({ code: 1011 });
    expect(hub.connection.state).toMatchObject({ name: "waiting", retryAt: hub.clock.now() + 250 });
  });

  test("who loses a node with many visitors spreads out as far as that node had said last", () => {
    const hub = harness();
    hub.connection.start();
    hub.goLive({ reconnect_within_ms: 8000 });
    hub.socket().onclose?.({ code: 1006 });
    expect(hub.connection.state).toMatchObject({ name: "waiting", retryAt: hub.clock.now() + 4000 });
    hub.clock.advance(4000);
    hub.goLive({ reconnect_within_ms: 8000 });
    hub.socket().receive({ type: "pong", id: 1, reconnect_within_ms: 10_000 });
    hub.clock.advance(15_000);
    hub.socket().onclose?.({ code: 1006 });
    expect(hub.connection.state).toMatchObject({ name: "waiting", retryAt: hub.clock.now() + 5000 });
  });

  test("who writes does not wait for the crowd, but for a server that fails", () => {
    const hub = harness();
    hub.connection.start();
    hub.goLive({ reconnect_within_ms: 8000 });
    hub.socket().onclose?.({ code: 1006 });
    hub.connection.post(message("a"));
    expect(hub.connection.state.name).toBe("connecting");
    hub.socket().onclose?.({ code: 1006 });
    hub.connection.post(message("b"));
    expect(hub.connection.state.name).toBe("waiting");
  });

  test("who leaves alone comes back at once: a silent or slow connection says nothing about others", () => {
    const hub = harness();
    hub.connection.start();
    hub.goLive({ reconnect_within_ms: 8000 });
    hub.socket().onclose?.({ code: 4413 });
    expect(hub.connection.state).toMatchObject({ name: "waiting", retryAt: hub.clock.now() + 250 });
  });

  test("a restart is followed within a second, with a jitter", () => {
    const hub = harness({ random: () => 0.9 });
    hub.live().onclose?.({ code: 1012 });
    expect(hub.connection.state).toMatchObject({ name: "waiting", retryAt: hub.clock.now() + 900 });
  });

  test.each([1000, 1008, 4400, 4403, 4404])("code %i stops for good", (code) => {
    const hub = harness();
    hub.live().onclose?.({ code });
    hub.clock.advance(600_000);
    expect(hub.connection.state).toEqual({ name: "stopped", code });
    expect(hub.sockets).toHaveLength(1);
  });

  test("an unknown code means reconnect", () => {
    const hub = harness();
    hub.live().onclose?.({ code: 4999 });
    expect(hub.connection.state.name).toBe("waiting");
  });

  test("4401 asks for other credentials and says hello again", () => {
    const hub = harness();
    hub.connection.start();
    hub.socket().onopen?.();
    hub.socket().onclose?.({ code: 4401 });
    expect(hub.reauthenticated()).toBe(1);
    hub.clock.advance(250);
    hub.socket().onopen?.();
    expect(hub.socket().types()).toEqual(["hello"]);
  });

  test("a wake-up (network back, tab visible) skips the rest of the delay", () => {
    const hub = harness();
    hub.live().onclose?.({ code: 1006 });
    hub.wake();
    expect(hub.connection.state.name).toBe("connecting");
    expect(hub.sockets).toHaveLength(2);
  });

  test("a socket that never opens or never greets is given up", () => {
    const hub = harness();
    hub.connection.start();
    hub.clock.advance(15_000);
    expect(hub.connection.state.name).toBe("waiting");
    expect(hub.socket().closedWith).not.toBeNull();
  });

  test("events of an abandoned socket change nothing (CON-1)", () => {
    const hub = harness();
    const old = hub.live();
    const late = old.onmessage;
    hub.connection.resync();
    hub.clock.advance(1000);
    const framesBefore = hub.frames.length;
    late?.({ data: JSON.stringify(ack("a")) });
    expect(hub.frames).toHaveLength(framesBefore);
    expect(hub.sockets).toHaveLength(2);
  });

  test("what is not a frame is ignored", () => {
    const hub = harness();
    const socket = hub.live();
    const before = hub.frames.length;
    for (const data of ["nonsense", "null", "[]", '{"kind":"x"}', new ArrayBuffer(4)]) socket.onmessage?.({ data });
    expect(hub.frames).toHaveLength(before);
    expect(hub.connection.state.name).toBe("live");
  });
});

describe("heartbeat", () => {
  test("a silent server gets a ping after one heartbeat and is left half a heartbeat later", () => {
    const hub = harness();
    const socket = hub.live();
    hub.clock.advance(19_999);
    expect(socket.types()).not.toContain("ping");
    hub.clock.advance(1);
    expect(socket.types()).toContain("ping");
    hub.clock.advance(9999);
    expect(hub.connection.state.name).toBe("live");
    hub.clock.advance(1);
    expect(hub.connection.state.name).toBe("waiting");
    expect(socket.closedWith).toBe(4408);
  });

  test("any frame counts as heard", () => {
    const hub = harness();
    const socket = hub.live();
    for (let round = 0; round < 10; round++) {
      hub.clock.advance(20_000);
      socket.receive({ type: "typing", active: true });
    }
    expect(hub.connection.state.name).toBe("live");
  });

  test("a client that only listens still pings, because the server gives up a silent client", () => {
    const hub = harness();
    const socket = hub.live();
    for (let second = 0; second < 60; second++) {
      hub.clock.advance(1000);
      socket.receive({ type: "typing", active: true });
    }
    expect(socket.types().filter((type) => type === "ping")).toHaveLength(3);
  });

  test("after a sleep an old connection is probed, and left in seconds when it is dead", () => {
    const hub = harness();
    const socket = hub.live();
    hub.clock.time += 3_600_000;
    hub.wake();
    expect(socket.types().at(-1)).toBe("ping");
    hub.clock.advance(5000);
    expect(hub.connection.state.name).not.toBe("live");
  });
});

describe("outbox", () => {
  test("a message is kept until the ack", () => {
    const store = memoryStore();
    const hub = harness({ store });
    const socket = hub.live();
    hub.connection.post(message("a"));
    expect(socket.keys()).toEqual(["a"]);
    expect(store.keys()).toEqual(["out:a"]);
    socket.receive(ack("a"));
    expect(store.keys()).toEqual([]);
  });

  test("an acknowledged message stays visible until its entry has come, in either order", () => {
    const hub = harness();
    const socket = hub.live();
    const event = (seq: number, key: string) => {
      return {
        type: "event",
        conversation: CONVERSATION,
        seq,
        at: 1,
        event: { kind: "visitor_message", key, text: "" },
      };
    };
    hub.connection.post(message("a"));
    socket.receive(ack("a", 1));
    expect(hub.connection.outbox.pending()).toMatchObject([{ frame: { key: "a" }, acked: true }]);
    expect(hub.connection.outbox.unsent()).toEqual([]);
    socket.receive(event(1, "a"));
    expect(hub.connection.outbox.pending()).toEqual([]);
    hub.connection.post(message("b"));
    socket.receive(event(2, "b"));
    socket.receive(ack("b", 2));
    expect(hub.connection.outbox.pending()).toEqual([]);
  });

  test("unacknowledged messages go out again, in order, after each welcome, and only then", () => {
    const hub = harness();
    hub.connection.start();
    for (const key of ["a", "b", "c"]) hub.connection.post(message(key));
    hub.goLive();
    expect(hub.socket().keys()).toEqual(["a"]);
    hub.socket().receive(ack("a"));
    expect(hub.socket().keys()).toEqual(["a", "b"]);
    hub.socket().onclose?.({ code: 1006 });
    hub.clock.advance(250);
    hub.socket().onopen?.();
    expect(hub.socket().keys()).toEqual([]);
    hub.goLive();
    hub.socket().receive(ack("b", 2));
    hub.socket().receive(ack("c", 3));
    expect(hub.socket().keys()).toEqual(["b", "c"]);
  });

  test("a lost ack is made up by the log: what stands there is not sent again", () => {
    const hub = harness();
    hub.live();
    hub.connection.post(message("a"));
    hub.socket().onclose?.({ code: 1006 });
    hub.clock.advance(250);
    hub.socket().onopen?.();
    hub.socket().receive({ type: "welcome", heartbeat_seconds: 20 });
    const event = { kind: "visitor_message", key: "a", text: "x" };
    hub.socket().receive({ type: "resumed", entries: [{ seq: 1, at: 1, event }] });
    expect(hub.socket().keys()).toEqual([]);
    expect(hub.connection.outbox.items()).toEqual([]);
  });

  test("a temporary refusal is tried again with back-off and keeps the order (CON-2)", () => {
    const hub = harness();
    const socket = hub.live();
    hub.connection.post(message("a"));
    hub.connection.post(message("b"));
    socket.receive(refused("a", "too_fast"));
    expect(socket.keys()).toEqual(["a"]);
    hub.clock.advance(749);
    expect(socket.keys()).toEqual(["a"]);
    hub.clock.advance(1);
    expect(socket.keys()).toEqual(["a", "a"]);
    socket.receive(refused("a", "unavailable"));
    hub.clock.advance(1499);
    expect(socket.keys()).toHaveLength(2);
    hub.clock.advance(1);
    socket.receive(ack("a"));
    expect(socket.keys()).toEqual(["a", "a", "a", "b"]);
  });

  test("a final refusal keeps the text for its writer and lets the next message pass", () => {
    const store = memoryStore();
    const hub = harness({ store });
    const socket = hub.live();
    hub.connection.post(message("a"));
    hub.connection.post(message("b"));
    socket.receive(refused("a", "too_long"));
    expect(socket.keys()).toEqual(["a", "b"]);
    expect(hub.connection.outbox.items()[0]).toMatchObject({ failed: "too_long" });
    socket.receive(ack("b"));
    hub.connection.retry("a");
    expect(socket.keys()).toEqual(["a", "b", "a"]);
    socket.receive(ack("a", 2));
    expect(store.keys()).toEqual([]);
  });

  test("lanes don't wait for each other", () => {
    const hub = harness();
    const socket = hub.live();
    for (const [key, conversation] of [
      ["a", "one"],
      ["b", "two"],
      ["c", "one"],
    ] as const) {
      hub.connection.post({ ...message(key), conversation } as never);
    }
    expect(socket.keys()).toEqual(["a", "b"]);
  });

  test("the next load sends what a closed tab left behind", () => {
    const store = memoryStore();
    const first = harness({ store });
    first.connection.start();
    first.connection.post(message("a"));
    first.connection.post(message("b"));
    first.connection.stop();
    const second = harness({ store });
    second.live();
    second.socket().receive(ack("a"));
    expect(second.socket().keys()).toEqual(["a", "b"]);
  });

  test("another tab adopts a message that stays unacknowledged, under the same key", () => {
    const tab = sharedStore();
    const clock = new FakeClock();
    const one = harness({ store: tab(), clock });
    const two = harness({ store: tab(), clock });
    one.live();
    two.live();
    one.connection.post(message("a"));
    expect(two.connection.outbox.has("a")).toBe(true);
    expect(two.socket().keys()).toEqual([]);
    one.connection.stop();
    clock.advance(4000);
    expect(two.socket().keys()).toEqual(["a"]);
  });

  test("what one tab got acknowledged, the other forgets", () => {
    const tab = sharedStore();
    const clock = new FakeClock();
    const one = harness({ store: tab(), clock });
    const two = harness({ store: tab(), clock });
    one.live();
    two.live();
    one.connection.post(message("a"));
    one.socket().receive(ack("a"));
    clock.advance(10_000);
    expect(two.socket().keys()).toEqual([]);
  });

  test("damaged storage is cleared away, not fatal", () => {
    const store = memoryStore();
    store.set("out:x", "{");
    store.set("out:y", '{"frame":{"type":"send","key":"other"},"order":1}');
    store.set("draft", "kept");
    const hub = harness({ store });
    hub.live();
    expect(hub.socket().keys()).toEqual([]);
    expect(store.keys()).toEqual(["draft"]);
  });
});
