import { describe, expect, test } from "vitest";
import type { LogEntry, LogEvent, PublicChatbot, ToVisitor } from "web-shared/protocol.ts";
import { memoryStore } from "web-shared/storage.ts";
import { emptySnapshot, FakeClock, FakeSocket } from "../../web-shared/test/fakes.ts";
import { type ChatState, Session } from "../src/chat/session.ts";
import { offersHuman } from "../src/chat/ui/footer.ts";

const CHATBOT: PublicChatbot = {
  id: "demo",
  name: "Demo",
  brand_color: "#1f5f4a",
  position: "bottom_right",
  greeting: "Hello",
  starters: [],
  handoff_enabled: true,
  handoff_button: { rule: "always" },
  handoff_starter: false,
};
const CONVERSATION = "c";
const LENA = { id: "lena", name: "Lena" };
const PAGE = { url: "https://shop.example/", title: "Shop", referrer: "", language: "en" };

function harness(store = memoryStore()) {
  const clock = new FakeClock();
  const sockets: FakeSocket[] = [];
  const heard: LogEntry[] = [];
  const session = new Session({
    url: "wss://chat.example/ws/visitor",
    chatbot: "demo",
    page: PAGE,
    store,
    clock,
    random: () => 0.5,
    onWakeUp: () => () => {},
    onChange: () => {},
    onEntries: (entries) => heard.push(...entries),
    openSocket: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
  });
  const socket = () => sockets.at(-1) as FakeSocket;
  const tell = (frame: ToVisitor) => socket().receive(frame);
  const welcome = (token = "t1") => {
    socket().onopen?.();
    const more = {
      protocol: "baton.v1",
      conversation: CONVERSATION,
      chatbot: CHATBOT,
      heartbeat_seconds: 20,
      reconnect_within_ms: 500,
    };
    tell({ type: "welcome", token, team: "available", ...more });
  };
  const live = (token?: string) => {
    session.start();
    welcome(token);
    tell({ type: "snapshot", conversation: CONVERSATION, snapshot: emptySnapshot });
  };
  let seq = 0;
  const event = (event: LogEvent) => {
    seq += 1;
    tell({ type: "event", conversation: CONVERSATION, seq, at: seq, event });
    return seq;
  };
  const hello = () => socket().sent[0] as { token: string | null; cursor: unknown; page: unknown };
  return { session, clock, store, sockets, socket, tell, welcome, live, event, hello, heard };
}

describe("who we are", () => {
  test("the token of the welcome is kept and shown at the next hello, with the cursor", () => {
    const chat = harness();
    chat.live("t1");
    expect(chat.hello()).toMatchObject({ token: null, cursor: null, page: PAGE });
    chat.event({ kind: "started" });
    chat.socket().onclose?.({ code: 1006 });
    chat.clock.advance(500);
    chat.socket().onopen?.();
    expect(chat.hello()).toMatchObject({ token: "t1", cursor: { seq: 1, epoch: emptySnapshot.epoch } });
    const next = harness(chat.store);
    next.session.start();
    next.socket().onopen?.();
    expect(next.hello()).toMatchObject({ token: "t1", cursor: null });
  });

  test("a refused token is dropped with its conversation; what was written is kept and sent", () => {
    const chat = harness();
    chat.live("t1");
    chat.session.say("kept");
    chat.socket().onclose?.({ code: 4401 });
    expect(chat.store.get("token")).toBeNull();
    chat.clock.advance(500);
    chat.welcome("t2");
    expect(chat.hello()).toMatchObject({ token: null, cursor: null });
    chat.tell({ type: "snapshot", conversation: "other", snapshot: emptySnapshot });
    expect(chat.socket().types()).toEqual(["hello", "send"]);
    expect(chat.store.get("token")).toBe("t2");
  });

  test("a better token of another tab is used instead of becoming a new visitor", () => {
    const chat = harness();
    chat.live("t1");
    chat.store.set("token", "t9");
    chat.socket().onclose?.({ code: 4401 });
    chat.clock.advance(500);
    chat.socket().onopen?.();
    expect(chat.hello()).toMatchObject({ token: "t9" });
    expect(chat.store.get("token")).toBe("t9");
  });
});

describe("two tabs that start at once", () => {
  test("settle on the lesser token while nothing was said", () => {
    const chat = harness();
    chat.session.start();
    chat.store.set("token", "a");
    chat.welcome("b");
    chat.clock.advance(250);
    chat.socket().onopen?.();
    expect(chat.sockets).toHaveLength(2);
    expect(chat.hello()).toMatchObject({ token: "a", cursor: null });
    expect(chat.store.get("token")).toBe("a");
  });

  test("the lesser token stands against a greater one", () => {
    const chat = harness();
    chat.session.start();
    chat.store.set("token", "b");
    chat.welcome("a");
    expect(chat.store.get("token")).toBe("a");
    expect(chat.sockets).toHaveLength(1);
  });
});

describe("the log", () => {
  test("a gap gets the client back in step through a new hello with its cursor", () => {
    const chat = harness();
    chat.live();
    chat.event({ kind: "started" });
    chat.tell({ type: "event", conversation: CONVERSATION, seq: 5, at: 5, event: { kind: "hidden" } });
    chat.clock.advance(250);
    chat.socket().onopen?.();
    expect(chat.sockets).toHaveLength(2);
    expect(chat.hello()).toMatchObject({ cursor: { seq: 1 } });
  });

  test("each entry is told once, whatever is repeated", () => {
    const chat = harness();
    chat.live();
    chat.event({ kind: "started" });
    const entry: LogEntry = { seq: 1, at: 1, event: { kind: "started" } };
    const next: LogEntry = { seq: 2, at: 2, event: { kind: "agent_joined", agent: LENA } };
    chat.tell({ type: "resumed", conversation: CONVERSATION, epoch: "e", entries: [entry, next] });
    expect(chat.heard.map(({ seq }) => seq)).toEqual([1, 2]);
  });

  test("read is sent once for a message and never for what nobody said", () => {
    const chat = harness();
    chat.live();
    chat.session.markRead();
    chat.event({ kind: "started" });
    chat.event({ kind: "ai_message", turn: 1, text: "hi", sources: [], confident: true });
    chat.session.markRead();
    chat.session.markRead();
    chat.event({ kind: "read", by: "visitor", seq: 2 });
    chat.session.markRead();
    expect(chat.socket().sent.filter(({ type }) => type === "read")).toEqual([{ type: "read", seq: 2 }]);
  });
});

describe("what passes", () => {
  test("a typist lapses, and is gone when their message is here", () => {
    const chat = harness();
    chat.live();
    const typing = {
      type: "typing",
      conversation: CONVERSATION,
      by: { who: "agent", agent: LENA },
      active: true,
    } as const;
    chat.tell(typing);
    expect(chat.session.state.typing).toMatchObject({ who: "agent" });
    chat.clock.advance(6000);
    expect(chat.session.state.typing).toBeNull();
    chat.tell(typing);
    chat.event({ kind: "agent_message", key: "k", agent: LENA, text: "hi" });
    expect(chat.session.state.typing).toBeNull();
  });

  test("own typing is told every three seconds at most, and its end", () => {
    const chat = harness();
    chat.live();
    chat.session.typed(false);
    chat.session.typed(false);
    chat.clock.advance(3000);
    chat.session.typed(false);
    chat.session.typed(true);
    chat.session.typed(true);
    const told = chat.socket().sent.filter(({ type }) => type === "typing");
    expect(told.map(({ active }) => active)).toEqual([true, true, false]);
  });

  test("a half answer goes with the connection", () => {
    const chat = harness();
    chat.live();
    chat.tell({ type: "ai_text", conversation: CONVERSATION, turn: 2, from: 0, text: "Hel" });
    expect(chat.session.state.draft).toEqual({ turn: 2, text: "Hel" });
    chat.socket().onclose?.({ code: 1006 });
    expect(chat.session.state.draft).toBeNull();
  });
});

describe("asking for a human", () => {
  const asked = (chat: ReturnType<typeof harness>) =>
    chat.sockets.flatMap((s) => s.types()).filter((t) => t === "request_handoff");

  test("a press while reconnecting is sent once live, and ends when the log shows it", () => {
    const chat = harness();
    chat.session.start();
    chat.session.ask("request_handoff");
    chat.welcome();
    expect(asked(chat)).toEqual([]);
    chat.tell({ type: "snapshot", conversation: CONVERSATION, snapshot: emptySnapshot });
    expect(asked(chat)).toHaveLength(1);
    chat.event({ kind: "handoff_requested", reason: "button", text: "", brief: null });
    expect(chat.session.state.intent).toBeNull();
  });

  test("a press ends the wait for the crowd of a lost node", () => {
    const chat = harness();
    chat.live();
    chat.socket().onclose?.({ code: 1006 });
    expect(chat.session.state.connection.name).toBe("waiting");
    chat.session.ask("request_handoff");
    expect(chat.session.state.connection.name).toBe("connecting");
  });

  test("too fast is tried again, a final no ends it", () => {
    const chat = harness();
    chat.live();
    chat.session.ask("request_handoff");
    const refused = {
      type: "refused",
      key: null,
      command: "request_handoff",
      conversation: null,
      message: "",
      by: null,
    } as const;
    chat.tell({ ...refused, code: "too_fast" });
    chat.clock.advance(2000);
    expect(asked(chat)).toHaveLength(2);
    chat.tell({ ...refused, code: "handoff_disabled" });
    expect(chat.session.state.intent).toBeNull();
  });

  const log = emptySnapshot;
  const when = (chatbot: Partial<PublicChatbot>, part: Partial<typeof log>): Pick<ChatState, "chatbot" | "log"> => {
    return { chatbot: { ...CHATBOT, ...chatbot }, log: { ...log, ...part } };
  };
  const after = { handoff_button: { rule: "after_answers", count: 2 } } as const;
  test.each([
    ["always", when({}, {}), true],
    ["switched off", when({ handoff_enabled: false }, {}), false],
    ["never", when({ handoff_button: { rule: "never" } }, {}), false],
    ["before the second answer", when(after, { ai_answers: 1 }), false],
    ["after the second answer", when(after, { ai_answers: 2 }), true],
    ["sure", when({ handoff_button: { rule: "when_unsure" } }, {}), false],
    ["unsure", when({ handoff_button: { rule: "when_unsure" } }, { last_answer_confident: false }), true],
    ["already waiting", when({}, { status: "unassigned" }), false],
    ["with an agent", when({}, { status: "open" }), false],
    ["asked already", when({}, { offer: "words" }), false],
    ["after the end", when({}, { status: "ended" }), true],
  ])("the button: %s", (_, state, expected) => {
    expect(offersHuman(state)).toBe(expected);
  });
});
