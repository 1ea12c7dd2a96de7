// The comparison peer of the load generator: a plain socket.io relay of the frames that Baton carries.
// It stores nothing and checks nothing, so it is what a chat costs before any promise is kept.
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
// Only the real transport: the generator never polls, and browsers upgrade away from it too.
const io = new Server(http, { transports: ["websocket"], serveClient: false });
const tails = new Map();

io.on("connection", (socket) => {
  const { conversation } = socket.handshake.auth;
  if (typeof conversation !== "string") {
    socket.disconnect(true);
    return;
  }
  socket.join(conversation);
  socket.on("send", ({ key, text }, acknowledge) => {
    const seq = (tails.get(conversation) ?? 0) + 1;
    tails.set(conversation, seq);
    acknowledge({ type: "ack", key, conversation, seq });
    const event = { kind: "visitor_message", key, text };
    socket.to(conversation).emit("event", { type: "event", conversation, seq, at: Date.now(), event });
  });
});

http.listen(Number(process.env.PORT), "127.0.0.1", 16_384, () => {
  process.stdout.write("ready\n");
});
process.on("SIGTERM", () => process.exit(0));
