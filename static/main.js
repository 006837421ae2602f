// Where the page's parts meet: events go into the state, the state goes to the views, and
// what the guest wants goes to the server.

import { Connection, chatUrl } from "./connection.js";
import { at, styled, translate } from "./dom.js";
import { Entry } from "./entry.js";
import * as frames from "./frames.js";
import * as preferring from "./preferences.js";
import * as session from "./session.js";
import { passes, reduce } from "./state.js";
import { View } from "./view.js";
import { Words, choose } from "./words.js";

const TICK = 1_000; // ms
const OURS = { here: open, settings: showSettings }; // buttons that are not the conversation's

const storage = () => localStorage;
const timers = {
  setTimeout: (act, delay) => setTimeout(act, delay),
  clearTimeout: (timer) => clearTimeout(timer),
  now: () => performance.now(),
};

let preferences = preferring.load(storage, navigator.languages);
let words = await Words.load(choose([preferences.language, ...navigator.languages]));
let state = session.take();
let ticking = null;
let talk = null; // the conversation, once somebody is looked for
let fetching = null;
let settings = null; // the dialog, once it was asked for

const connection = new Connection(
  chatUrl(document.baseURI),
  {
    hello: () => frames.hello(state),
    heard(frame) {
      const before = state;
      happened(frame);
      if (frame.type === "welcome") {
        [...frames.owed(state, frame), ...(talk?.owed() ?? [])].forEach(send);
      }
      if (state !== before) talk?.heard(frame);
    },
    lost: (code) => happened({ type: "lost", code }),
    ended: (code) => happened({ type: "ended", code }),
  },
  { WebSocket, fetch: (path) => fetch(path), random: Math.random, ...timers },
);
const page = {
  get state() {
    return state;
  },
  get words() {
    return words;
  },
  get preferences() {
    return preferences;
  },
  happened,
  send,
  search,
  refused,
};
const entry = new Entry({ chosen, refused, start: () => search(preferences) });
const view = new View((id) => (id in OURS ? OURS[id]() : talk[id]()));

function happened(event) {
  const { guests, limits } = state;
  state = reduce(state, { ...event, now: Date.now() / 1000 });
  if (state.guests !== guests) entry.count(state.guests);
  if (state.limits !== limits) entry.draw(preferences, state.limits, words);
  draw();
  if (passes(state)) ticking ??= setInterval(tick, TICK);
  else ticking = clearInterval(ticking) ?? null;
}

function tick() {
  const due = frames.due(state, Date.now() / 1000);
  happened({ type: "tick" });
  due.forEach(send);
}

function send(frame) {
  connection.send(frame);
}

function refused(code, lasts) {
  happened({ type: "refuse", code, lasts });
}

function draw() {
  view.draw(state, words);
  talk?.draw();
}

function drawAll() {
  translate(words);
  document.documentElement.dataset.theme = preferences.theme;
  settings?.draw(preferences, words);
  entry.draw(preferences, state.limits, words);
  entry.count(state.guests);
  draw();
}

async function chosen(change) {
  const refuses = async () => (await globalThis.Notification?.requestPermission()) !== "granted";
  if (change.notifications && (await refuses())) {
    change = { notifications: false };
    refused("notifications");
  }
  preferences = { ...preferences, ...change };
  preferring.save(storage, preferences);
  if (change.sound) talk?.ring();
  if (change.language) words = await Words.load(choose([change.language]));
  drawAll();
}

async function showSettings() {
  try {
    settings ??= new (await import("./settings.js")).Settings(chosen);
  } catch {
    return refused("network");
  }
  settings.draw(preferences, words);
  settings.show();
}

function fetchTalk() {
  fetching ??= Promise.all([import("./talk.js"), styled("talk.css")]).then(
    ([{ Talk }]) => (talk = new Talk(page, timers)),
    (error) => {
      fetching = null; // to be tried again
      throw error;
    },
  );
  return fetching;
}

/** Search with wishes, or else the last ones; from a chat, this leaves it. */
async function search({ topics, languages, only } = state.wishes) {
  try {
    if (talk === null) await fetchTalk();
  } catch {
    return refused("network");
  }
  const wishes = { topics, languages, only };
  const frame = frames.onward({ ...state, wishes });
  happened({ type: "search", wishes });
  if (state.link === "ended") open();
  else send(frame);
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
// Who touches the form will search.
at("entry").addEventListener("focusin", () => fetchTalk().catch(() => {}), { once: true });
if (state.phase !== "entry") await fetchTalk();
drawAll();
open();
