// Where the page's parts meet: events go into the state, the state goes to the view, and
// what the guest wants goes to the server.

import { Connection, chatUrl } from "./connection.js";
import * as session from "./session.js";
import { hello, message, owed, reduce, restored } from "./state.js";
import { View } from "./view.js";

// How long the page says that the stranger has gone before it looks for another, in ms.
const PAUSE = 3_000;

let state = restored(session.take());
let pause = null;

const connection = new Connection(
  chatUrl(location),
  {
    hello: () => hello(state),
    heard(frame) {
      happened(frame);
      if (frame.type === "welcome") owed(state, frame).forEach((due) => connection.send(due));
    },
    lost: (code) => happened({ type: "lost", code }),
    ended: (code) => happened({ type: "ended", code }),
  },
  {
    WebSocket,
    setTimeout: (act, delay) => setTimeout(act, delay),
    clearTimeout: (timer) => clearTimeout(timer),
    now: () => performance.now(),
    random: Math.random,
  },
);

const view = new View({ say, next: () => search(true), toggle });

function happened(event) {
  state = reduce(state, event);
  view.show(state);
  if (state.phase !== "gone") {
    clearTimeout(pause);
    pause = null;
  } else if (pause === null) {
    pause = setTimeout(goOn, PAUSE);
  }
}

// Nobody is brought to a new stranger while they look elsewhere, or write to the last one.
function goOn() {
  if (document.hidden || view.drafting) pause = setTimeout(goOn, PAUSE);
  else search(false);
}

function search(fresh) {
  const frame = state.phase === "talking" ? { type: "next", chat: state.chat } : { type: "start" };
  happened({ type: "search", fresh });
  connection.send(frame);
}

function toggle() {
  const { link, code, phase } = state;
  if (link === "ended") {
    if (code !== 4001) happened({ type: "search", fresh: true });
    open();
  } else if (phase === "stopped") {
    search(true);
  } else {
    happened({ type: "stop" });
    connection.send({ type: "disconnect" });
  }
}

function say(text) {
  if (text.trim() === "") return false;
  const nobody = state.phase !== "talking" || state.link === "ended";
  if (nobody || [...text].length > state.limit) {
    happened({ type: "error", code: nobody ? "nobody_yet" : "message_too_large" });
    return false;
  }
  happened({ type: "say", id: freshId(), text, at: Date.now() / 1000 });
  connection.send(message(state.items.at(-1)));
  return true;
}

// crypto.randomUUID is there only for pages that came over TLS.
function freshId() {
  return crypto.getRandomValues(new Uint32Array(4)).join("-");
}

function open() {
  happened({ type: "connecting" });
  connection.open();
}

addEventListener("offline", () => connection.drop());
addEventListener("online", () => connection.retry());
addEventListener("pagehide", () => session.save(state));
document.addEventListener("visibilitychange", () => {
  if (document.hidden) session.save(state);
  else connection.retry();
});
open();
