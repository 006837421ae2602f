// Where the page's parts meet: events go into the state, the state goes to the views, and
// what the guest wants goes to the server.

import { Connection } from "./connection.js";
import { at, styled, translate } from "./dom.js";
import { Entry } from "./entry.js";
import * as frames from "./frames.js";
import * as preferring from "./preferences.js";
import * as session from "./session.js";
import { passes, reduce } from "./state.js";
import { View } from "./view.js";
import { Words, choose } from "./words.js";

const TICK = 1_000; // ms

const preferences = preferring.load(navigator.languages);

// What the parts share: what is so now, and what they may do.
const page = {
  preferences,
  words: await Words.load(choose([preferences.language, ...navigator.languages])),
  state: session.take(),
  happened,
  refused,
  chosen,
  search,
  send: (frame) => connection.send(frame),
};
const connection = new Connection({
  hello: () => frames.hello(page.state),
  heard,
  lost: (code) => happened({ type: "lost", code }),
  ended: (code) => happened({ type: "ended", code }),
});
const entry = new Entry(page);
const view = new View();
let ticking = null;
let fetching = null;
let talk = null; // the conversation, once somebody is looked for
let settings = null; // the dialog, once it was asked for

function happened(event) {
  page.state = reduce(page.state, { ...event, now: Date.now() / 1000 });
  if (event.type === "welcome") entry.draw(); // with its limits
  draw();
  if (passes(page.state)) ticking ??= setInterval(tick, TICK);
  else ticking = clearInterval(ticking) ?? null;
}

function tick() {
  const due = frames.due(page.state, Date.now() / 1000);
  happened({ type: "tick" });
  due.forEach(page.send);
}

function heard(frame) {
  const before = page.state;
  happened(frame);
  if (frame.type === "welcome") {
    [...frames.owed(page.state, frame), ...(talk?.owed() ?? [])].forEach(page.send);
  }
  if (page.state !== before) talk?.heard(frame);
}

function refused(code, lasts) {
  happened({ type: "refuse", code, lasts });
}

function draw() {
  talk?.draw();
  view.draw(page.state, page.words);
}

function drawAll() {
  translate(page.words);
  document.documentElement.dataset.theme = page.preferences.theme;
  settings?.draw();
  entry.draw();
  draw();
}

async function chosen(change) {
  page.preferences = { ...page.preferences, ...change };
  preferring.save(page.preferences);
  refused(null);
  if (change.sound) talk?.ring();
  if (change.language) page.words = (await fetched(Words.load(change.language))) ?? page.words;
  drawAll();
}

async function showSettings() {
  const module = await fetched(import("./settings.js"));
  if (module === null) return;
  settings ??= new module.Settings(page);
  settings.show();
}

async function fetchTalk() {
  fetching ??= Promise.all([import("./talk.js"), styled("talk.css")]);
  try {
    const [{ Talk }] = await fetching;
    return (talk ??= new Talk(page));
  } catch (error) {
    fetching = null; // to be tried again
    throw error;
  }
}

// Return what comes; if it does not, say so, and return null.
async function fetched(coming) {
  try {
    return await coming;
  } catch {
    refused("network");
    return null;
  }
}

/** Search with wishes, or else the last ones; from a chat, this leaves it. */
async function search({ topics, languages, only } = page.state.wishes) {
  if (talk === null && (await fetched(fetchTalk())) === null) return;
  const wishes = { topics, languages, only };
  const frame = frames.onward({ ...page.state, wishes });
  happened({ type: "search", wishes });
  if (page.state.link === "ended") open();
  else page.send(frame);
}

function open() {
  happened({ type: "connecting" });
  connection.open();
}

at("here").addEventListener("click", open);
at("settings").addEventListener("click", showSettings);
at("more").addEventListener("click", () => at("more").hidePopover(), { capture: true });
addEventListener("offline", () => connection.drop());
addEventListener("online", () => connection.retry());
addEventListener("pagehide", () => session.save(page.state));
document.addEventListener("visibilitychange", () => {
  if (document.hidden) session.save(page.state);
  else connection.retry();
});
// Who touches the form will search.
at("entry").addEventListener("focusin", () => fetchTalk().catch(() => {}), { once: true });
if (page.state.phase !== "entry") await fetchTalk();
drawAll();
open();
