import type { WebSocketRoute } from "playwright-core";
import { applyEntries, type Log } from "web-shared/conversation.ts";
import type { LogEvent, PublicChatbot, ToVisitor, VisitorFrame } from "web-shared/protocol.ts";
import { emptySnapshot } from "../../web-shared/test/fakes.ts";

export const LENA = { id: "11111111-1111-4111-8111-111111111111", name: "Lena Vos" };

type Conversation = { log: Log; sockets: Set<WebSocketRoute>; keys: Map<string, number> };

/** The server's side of `/ws/visitor`, as far as a browser test needs it: tokens, log, acks, resume. What the AI and agents do, the test says. */
export class Hub {
  chatbot: PublicChatbot = {
    id: "demo",
    name: "Fernweh Bikes",
    brand_color: "#1f5f4a",
    position: "bottom_right",
    greeting: "Hello! Ask me anything.",
    starters: ["Where is my order?"],
    handoff_enabled: true,
    handoff_button: { rule: "always" },
    handoff_starter: false,
  };
  /** Take messages and say nothing, as a server does that has just lost its disk. */
  mute = false;
  /** Refuse new connections. */
  down = false;
  readonly frames: VisitorFrame[] = [];
  readonly conversations = new Map<string, Conversation>();

  accept(socket: WebSocketRoute): void {
    if (this.down) {
      void socket.close({ code: 1013 });
      return;
    }
    let mine: Conversation | undefined;
    socket.onMessage((data) => {
      const frame: VisitorFrame = JSON.parse(String(data));
      this.frames.push(frame);
      if (frame.type === "hello") mine = this.#hello(frame, socket);
      else if (mine) this.#command(mine, frame, socket);
    });
    socket.onClose(() => mine?.sockets.delete(socket));
  }

  /** The only conversation there is. */
  get conversation(): Conversation {
    const [only, other] = this.conversations.values();
    if (!only || other) throw new Error(`expected one conversation, got ${this.conversations.size}`);
    return only;
  }

  push(event: LogEvent, to: Conversation = this.conversation): number {
    const entry = { seq: to.log.seq + 1, at: Date.now(), event };
    to.log = applyEntries(to.log, [entry]).log;
    this.tell({ type: "event", conversation: "c", ...entry }, to);
    return entry.seq;
  }

  tell(frame: ToVisitor, to: Conversation = this.conversation): void {
    for (const socket of to.sockets) socket.send(JSON.stringify(frame));
  }

  agentSays(text: string): void {
    if (this.conversation.log.status !== "open") this.push({ kind: "agent_joined", agent: LENA });
    this.push({ kind: "agent_message", key: crypto.randomUUID(), agent: LENA, text });
  }

  cut(code: number): void {
    for (const socket of this.conversation.sockets) void socket.close({ code });
    this.conversation.sockets.clear();
  }

  sent<Type extends VisitorFrame["type"]>(type: Type): Extract<VisitorFrame, { type: Type }>[] {
    return this.frames.filter((frame): frame is Extract<VisitorFrame, { type: Type }> => frame.type === type);
  }

  #hello({ token, cursor }: Extract<VisitorFrame, { type: "hello" }>, socket: WebSocketRoute): Conversation {
    const known = token ?? crypto.randomUUID();
    const mine = this.conversations.get(known) ?? { log: emptySnapshot, sockets: new Set(), keys: new Map() };
    this.conversations.set(known, mine);
    const { chatbot } = this;
    const send = (frame: ToVisitor) => socket.send(JSON.stringify(frame));
    const about = { protocol: "baton.v1", conversation: "c", chatbot, heartbeat_seconds: 20, reconnect_within_ms: 500 };
    send({ type: "welcome", token: known, team: "available", ...about });
    if (cursor) {
      const entries = mine.log.entries.filter(({ seq }) => seq > cursor.seq);
      send({ type: "resumed", conversation: "c", epoch: mine.log.epoch, entries });
    } else {
      send({ type: "snapshot", conversation: "c", snapshot: mine.log });
    }
    mine.sockets.add(socket);
    return mine;
  }

  #command(mine: Conversation, frame: VisitorFrame, socket: WebSocketRoute): void {
    if (this.mute) return;
    switch (frame.type) {
      case "send": {
        const known = mine.keys.get(frame.key);
        if (mine.log.seq === 0) this.push({ kind: "started" }, mine);
        const { key, text } = frame;
        const seq = known ?? this.push({ kind: "visitor_message", key, text }, mine);
        mine.keys.set(key, seq);
        socket.send(JSON.stringify({ type: "ack", key, conversation: "c", seq } satisfies ToVisitor));
        break;
      }
      case "read":
        this.push({ kind: "read", by: "visitor", seq: frame.seq }, mine);
        break;
      case "request_handoff":
        this.push(
          { kind: "handoff_requested", reason: "button", text: "Someone will join you shortly.", brief: null },
          mine,
        );
        this.tell({ type: "queue", ahead: 2, eta_seconds: 240 }, mine);
        break;
      case "cancel_handoff":
        this.push({ kind: "handoff_cancelled" }, mine);
        break;
      case "ping":
        socket.send(JSON.stringify({ type: "pong", id: frame.id, reconnect_within_ms: 500 } satisfies ToVisitor));
    }
  }
}
