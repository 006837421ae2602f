// Where the page's parts meet: events go into the state, the state goes to the views, and
// what the guest wants goes to the server.

import { Composer } from "./composer.js";
import { Connection, chatUrl } from "./connection.js";
import { translate } from "./dom.js";
import { Entry } from "./entry.js";
import * as frames from "./frames.js";
import { Log } from "./log.js";
import { Notice } from "./notice.js";
import * as preferring from "./preferences.js";
import { Presence } from "./presence.js";
import * as session from "./session.js";
import { Settings } from "./settings.js";
import { news, passes, precious, reduce, restored } from "./state.js";
import { clean, length } from "./text.js";
import * as transcript from "./transcript.js";
import { View } from "./view.js";
import { Words, choose } from "./words.js";

const TICK = 1_000; // ms
const ESCAPES_WITHIN = 1.5; // s

const storage = () => localStorage;
const timers = {
  setTimeout: (act, delay) => setTimeout(act, delay),
  clearTimeout: (timer) => clearTimeout(timer),
  now: () => performance.now(),
};

let preferences = preferring.load(storage, navigator.languages);
let words = await Words.load(choose([preferences.language, ...navigator.languages]));
let state = restored(session.take());
let ticking = null;

const connection = new Connection(
  chatUrl(document.baseURI),
  {
    hello: () => frames.hello(state),
    heard(frame) {
      const before = state;
      happened(frame);
      if (frame.type === "welcome") {
        [...frames.owed(state, frame), presence.owed()].forEach((due) => connection.send(due));
      }
      if (state.seq > before.seq && state.chat === before.chat) attract("notify.message");
      else if (frame.type === "connected" && state.phase === "talking") attract("notify.met");
    },
    lost: (code) => happened({ type: "lost", code }),
    ended: (code) => happened({ type: "ended", code }),
  },
  { WebSocket, random: Math.random, ...timers },
);
const presence = new Presence((frame) => connection.send(frame), timers);
const notice = new Notice();
const settings = new Settings(chosen);
const entry = new Entry({ chosen, start: () => search(preferences), refused });
const log = new Log({ looked, again, edit: (id) => happened({ type: "edit", id }) });
const composer = new Composer({ draft, say, escape });
const view = new View({
  leave,
  next,
  rematch,
  cancel: leave,
  here: open,
  block: () => ask("block"),
  save: () => transcript.save("roulette.txt", transcript.transcript(state.items, words)),
  yes: () => (state.asking === "block" ? block(true) : search()),
  stop: () => block(false),
  no: () => ask(null),
});

function happened(event) {
  const { guests, limits } = state;
  state = reduce(state, { ...event, now: Date.now() / 1000 });
  if (state.guests !== guests) entry.count(state.guests);
  if (state.limits !== limits) entry.draw(preferences, state.limits, words);
  draw();
  if (passes(state)) ticking ??= setInterval(tick, TICK);
  else ticking = clearInterval(ticking) ?? null;
}

function draw() {
  view.draw(state, words);
  log.draw(state, news(state), words);
  composer.draw(state, words);
  notice.show(news(state), words);
}

function drawAll() {
  translate(words);
  settings.draw(preferences, words);
  entry.draw(preferences, state.limits, words);
  entry.count(state.guests);
  draw();
}

function tick() {
  const due = frames.due(state, Date.now() / 1000);
  happened({ type: "tick" });
  due.forEach((frame) => connection.send(frame));
}

// What the guest chooses.

async function chosen(change) {
  preferences = { ...preferences, ...change };
  preferring.save(storage, preferences);
  if (change.notifications && !(await notice.allow())) {
    refused("notifications");
    return chosen({ notifications: false });
  }
  if (change.sound) notice.ring();
  if (change.language) words = await Words.load(choose([change.language]));
  drawAll();
}

// What the guest wants.

function search({ topics, languages, only } = state.wishes) {
  const frame = frames.onward({ ...state, wishes: { topics, languages, only } });
  happened({ type: "search", wishes: { topics, languages, only } });
  if (state.link === "ended") open();
  else connection.send(frame);
}

function next() {
  if (precious(state) && state.asking !== "next") ask("next");
  else search();
}

function leave() {
  connection.send({ type: "disconnect", ...(state.chat !== null && { chat: state.chat }) });
  happened({ type: "leave" });
}

function block(goesOn) {
  const chat = state.chat ?? state.left;
  happened({ type: "block" });
  connection.send({ type: "block", chat });
  if (goesOn) search();
}

function rematch() {
  if (state.again === null || state.again.asked) return;
  connection.send({ type: "rematch", chat: state.again.chat });
  happened({ type: "rematch" });
}

function ask(what) {
  happened({ type: "ask", what });
}

function refused(code, lasts) {
  happened({ type: "refuse", code, lasts });
}

function escape() {
  if (state.asking !== null) return ask(null);
  if (state.phase !== "talking" && state.phase !== "over") return;
  const { error } = state;
  if (error?.code === "escape" && Date.now() / 1000 < error.until) next();
  else refused("escape", ESCAPES_WITHIN);
}

function draft(text) {
  happened({ type: "draft", text });
  if (state.phase === "talking") presence.writes(state.chat, text);
}

function say() {
  const text = clean(state.draft);
  if (text.trim() === "") {
    if (state.phase === "over") search();
    return;
  }
  if (state.phase !== "talking" || state.link === "ended") return refused("nobody");
  if (length(text) > state.limits.text) return refused("message_too_large");
  presence.rests(true);
  happened({ type: "say", id: freshId(), text, at: Date.now() / 1000 });
  transmit(state.items.at(-1));
}

function again(id) {
  happened({ type: "again", id });
  transmit(state.items.at(-1));
}

function transmit(item) {
  if (item.mark === "sending") connection.send(frames.message(item));
}

// crypto.randomUUID is there only for pages that came over TLS.
function freshId() {
  return crypto.getRandomValues(new Uint32Array(4)).join("-");
}

// What the guest sees, and does not see.

function looked() {
  if (document.hidden || state.chat === null || log.inView <= state.shown) return;
  happened({ type: "shown", seq: log.inView });
  if (state.phase === "talking" && state.shown > 0) presence.saw(state.chat, state.shown);
}

function attract(key) {
  looked();
  if (!document.hidden && document.hasFocus()) return;
  if (preferences.sound) notice.ring();
  if (preferences.notifications) notice.notify(words.say(key));
}

function open() {
  happened({ type: "connecting" });
  connection.open();
}

addEventListener("offline", () => connection.drop());
addEventListener("online", () => connection.retry());
addEventListener("pagehide", () => session.save(state));
document.addEventListener("visibilitychange", () => {
  presence.looks(!document.hidden);
  if (document.hidden) return session.save(state);
  connection.retry();
  looked();
});
navigator.serviceWorker?.register("sw.js");
drawAll();
open();
