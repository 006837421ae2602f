// Node ws with its add-on in C: no compression, no list of clients, no check of UTF-8, no limit.
import { createRequire } from "node:module";

const { WebSocketServer } = createRequire(new URL("../../build/peers/", import.meta.url))("ws");
const port = Number(process.argv[2]);
let waiting = null;

const server = new WebSocketServer({
  host: "127.0.0.1",
  port,
  path: "/ws",
  backlog: 1024,
  clientTracking: false,
  maxPayload: 0,
  perMessageDeflate: false,
  skipUTF8Validation: true,
});

server.on("listening", () => console.log(`starting on ${port}`));
server.on("connection", (client) => {
  client.on("message", (message) => client.partner.send(message, { binary: false }));
  client.on("error", () => {});
  if (waiting === null) {
    waiting = client;
  } else {
    client.partner = waiting;
    waiting.partner = client;
    waiting = null;
  }
});
