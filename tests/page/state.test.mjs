import assert from "node:assert/strict";
import { test } from "node:test";

import { precious } from "../../static/controls.js";
import { due, hello, onward, owed } from "../../static/frames.js";
import { news } from "../../static/notice.js";
import { restored } from "../../static/session.js";
import { initial, passes, reduce } from "../../static/state.js";

const wishes = { topics: ["jazz"], languages: ["pl"], only: false };
const welcome = (fields) => ({
  type: "welcome",
  resume: "token",
  resumed: true,
  state: "idle",
  guests: 12,
  limits: { text: 2000 },
  ...fields,
});
const after = (state, ...events) =>
  events.reduce((state, event) => freeze(reduce(state, { now: 100, ...event })), freeze(state));
const say = (id) => ({ type: "say", id, text: id.toUpperCase(), at: 1 });
const got = (seq, chat = "c") => ({ type: "gotMessage", chat, seq, text: `#${seq}`, at: 2 });
const connected = (chat) => ({
  type: "connected", chat, commonLikes: ["Jazz"], languages: ["pl"], seenBefore: false,
});
const disconnected = (reason, rematch = true) => ({
  type: "strangerDisconnected", chat: "c", reason, rematch,
});
const refusal = (fields) => ({ type: "error", ref: "message", ...fields });
const texts = (state) => state.items.filter(({ text }) => text).map(({ text }) => text);
const marks = (state) => state.items.filter(({ mark }) => mark).map(({ mark }) => mark);

const here = after(initial, welcome({ resumed: false }));
const searching = after(here, { type: "search", wishes });
const talking = after(searching, connected("c"));
const left = after(talking, { type: "leave" });

// Whatever changes a state instead of replacing it throws.
function freeze(value) {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.values(value).forEach(freeze);
    Object.freeze(value);
  }
  return value;
}

test("a guest comes in without searching, and then searches with its wishes", () => {
  assert.deepEqual(hello(initial), { type: "hello" });
  assert.deepEqual(owed(here, welcome()), []);
  assert.deepEqual([here.phase, here.guests], ["entry", 12]);
  assert.deepEqual(onward(searching), { type: "start", ...wishes });
  assert.deepEqual(owed(searching, welcome()), [{ type: "start", ...wishes }]);
  assert.equal(talking.phase, "talking");
});

test("what means nothing leaves the state as it is", () => {
  for (const type of ["fromTheFuture", "toString", "__proto__"]) {
    assert.equal(reduce(talking, { type, now: 5 }), talking);
  }
  for (const type of ["typing", "strangerAway", "gotMessage", "strangerDisconnected"]) {
    assert.equal(reduce(talking, { type, chat: "other", now: 5 }), talking);
  }
});

test("the wait, its stage and the count are kept", () => {
  const waiting = { type: "waiting", since: 3, stage: "topics", now: 50 };
  assert.deepEqual(after(searching, waiting).search, { since: 47, stage: "topics", estimate: null });
  assert.equal(after(here, waiting).search, null);
  assert.equal(after(here, { type: "guests", count: 99 }).guests, 99);
});

test("messages of another chat, and those that were shown, are dropped", () => {
  const state = after(talking, got(1), got(2), got(2), got(1), got(3, "other"));
  assert.deepEqual(texts(state), ["#1", "#2"]);
  assert.deepEqual(hello(state), { type: "hello", resume: "token", chat: "c", seq: 2 });
});

test("an acknowledgement counts for all before it", () => {
  const state = after(talking, say("a"), say("b"), say("c"), { type: "ack", chat: "c", id: "b" });
  assert.deepEqual(marks(state), ["sent", "sent", "sending"]);
  assert.deepEqual(marks(after(state, { type: "ack", chat: "c", id: "z" })), marks(state));
});

test("what was seen was accepted; what was refused has no number", () => {
  const seen = { type: "seen", chat: "c", seq: 1 };
  const refused = refusal({ code: "invalid_field", id: "a" });
  const state = after(talking, say("a"), refused, say("b"), say("c"), seen);
  assert.deepEqual(marks(state), ["failed", "seen", "sending"]);
  assert.equal(state.error, null); // forgotten with the next thing that is said
});

test("what was refused can be sent again, or written anew", () => {
  const state = after(talking, say("a"), refusal({ code: "x", id: "a" }), say("b"));
  const again = after(state, { type: "again", id: "a" }, { type: "seen", chat: "c", seq: 1 });
  assert.deepEqual(texts(again), ["B", "A"]); // as the server numbers them
  assert.deepEqual(marks(again), ["seen", "sending"]);
  const edited = after(state, { type: "draft", text: "more" }, { type: "edit", id: "a" });
  assert.deepEqual([texts(edited), edited.draft], [["B"], "A\nmore"]);
});

test("what comes too fast is held, and sent by and by in its order", () => {
  const slow = refusal({ code: "rate_limited", id: "a", retryAfter: 4 });
  let state = after(talking, say("a"), slow);
  assert.equal(state.error.code, "rate_limited");
  state = after(state, say("b"));
  assert.deepEqual(marks(state), ["held", "held"]);
  assert.ok(passes(state));
  assert.deepEqual(due(state, 103), []);
  assert.deepEqual(after(state, { type: "tick", now: 103 }).items, state.items);
  for (const [id, now] of [["a", 104], ["b", 105]]) {
    assert.deepEqual(due(state, now), [{ type: "message", chat: "c", id, text: id.toUpperCase() }]);
    state = after(state, { type: "tick", now });
    assert.deepEqual(texts(state), ["A", "B"]);
  }
  assert.deepEqual([due(state, 106), marks(state)], [[], ["sending", "sending"]]);
});

test("no more is on its way than the server can know again", () => {
  const limits = welcome({ state: "chatting", chat: "c", limits: { unacknowledged: 2 } });
  const state = after(talking, limits, say("a"), say("b"), say("c"));
  assert.deepEqual(marks(state), ["sending", "sending", "held"]);
});

test("after a resume, what was not acknowledged is owed with the same ids", () => {
  const back = welcome({ state: "chatting", chat: "c" });
  const ack = { type: "ack", chat: "c", id: "a" };
  const events = [say("a"), say("b"), ack, got(1), { type: "shown", seq: 1 }];
  const state = after(talking, ...events, { type: "lost" }, say("x"), back);
  assert.deepEqual(owed(state, back), [
    { type: "seen", chat: "c", seq: 1 },
    { type: "message", chat: "c", id: "b", text: "B" },
    { type: "message", chat: "c", id: "x", text: "X" },
  ]);
  assert.equal(state.phase, "talking");
});

test("a stranger is taken to be there after a resume", () => {
  const gone = after(talking, { type: "strangerReconnecting", chat: "c" });
  assert.equal(gone.stranger, "reconnecting");
  assert.equal(after(gone, welcome({ state: "chatting", chat: "c" })).stranger, "here");
});

test("a stranger writes until it says otherwise, says something, or is not there", () => {
  const writing = after(talking, { type: "typing", chat: "c" });
  assert.equal(writing.typing, true);
  for (const end of [
    { type: "stoppedTyping", chat: "c" },
    got(1),
    disconnected("left"),
    { type: "lost" },
  ]) {
    assert.equal(after(writing, end).typing, false);
  }
});

test("a chat that ended meanwhile is shown to its end", () => {
  const back = welcome();
  const state = after(talking, say("a"), { type: "lost" }, back, got(1), disconnected("next"));
  assert.deepEqual([state.phase, state.why], ["over", "next"]);
  assert.deepEqual([texts(state), marks(state)], [["A", "#1"], ["lost"]]);
  assert.deepEqual(owed(state, back), []);
  assert.deepEqual(hello(state), { type: "hello", resume: "token", seq: 0 });
});

test("a server that knows nothing of the guest has lost the chat", () => {
  const state = after(talking, { type: "lost" }, welcome({ resumed: false, resume: "new" }));
  assert.deepEqual([state.phase, state.why, state.resume], ["over", "lost", "new"]);
});

for (const [type, frame] of [["search", "next"], ["leave", "disconnect"], ["block", "block"]]) {
  test(`${type}, wanted without a connection, is told after the resume`, () => {
    const back = welcome({ state: "chatting", chat: "c" });
    const state = after(talking, { type: "lost" }, { type }, back);
    const [first, ...more] = owed(state, back);
    assert.equal(first.type, frame);
    assert.equal(first.chat ?? "c", "c");
    assert.deepEqual(more, []);
    assert.deepEqual(hello(state), { type: "hello", resume: "token", seq: 0 });
  });
}

test("who blocked offline and went on is owed both", () => {
  const back = welcome({ state: "chatting", chat: "c" });
  const state = after(talking, { type: "lost" }, { type: "block" }, { type: "search" }, back);
  assert.deepEqual(owed(state, back), [
    { type: "block", chat: "c" },
    { type: "start", ...wishes },
  ]);
  assert.equal(after(state, { type: "waiting", since: 0, stage: "anyone" }).blocking, null);
});

test("a stranger whose coming got lost with the connection is there after the resume", () => {
  const back = welcome({ state: "chatting", chat: "d" });
  const state = after(talking, { type: "search" }, { type: "lost" }, back, got(1, "d"));
  assert.deepEqual([state.phase, state.chat, state.seq], ["talking", "d", 1]);
  assert.deepEqual(owed(state, back), []);
});

test("who is still in the pool needs to ask for nothing; who wants to be alone does", () => {
  const back = welcome({ state: "waiting" });
  assert.deepEqual(owed(after(searching, { type: "lost" }, back), back), []);
  const alone = after(searching, { type: "leave" });
  assert.deepEqual(owed(alone, back), [{ type: "disconnect" }]);
});

test("what was on its way when the guest left changes nothing", () => {
  for (const state of [left, after(talking, { type: "search" }), after(searching, { type: "leave" })]) {
    assert.deepEqual(after(state, got(1), disconnected("left")), state);
  }
  const alone = after(searching, { type: "leave" });
  assert.equal(reduce(alone, { ...connected("d"), now: 1 }), alone);
});

test("to meet again takes a minute at most, and the words of before stay", () => {
  const over = after(talking, got(1), disconnected("left"));
  assert.deepEqual(over.again, { chat: "c", until: 160, asked: false, offered: false });
  assert.equal(after(over, { type: "tick", now: 160 }).again, null);
  assert.equal(after(talking, disconnected("timeout", false)).again, null);
  const asked = after(over, { type: "rematch" });
  assert.deepEqual(owed(asked, welcome()), [{ type: "rematch", chat: "c" }]);
  const again = after(asked, connected("d"), got(1, "d"));
  assert.deepEqual(again.items.map(({ kind }) => kind), ["met", "theirs", "end", "met", "theirs"]);
});

test("an offer to meet again reaches whoever left", () => {
  const offer = { type: "rematchOffered", chat: "c", expires: 20 };
  for (const state of [left, after(talking, { type: "search" }), after(left, { type: "leave" })]) {
    const offered = after(state, offer);
    assert.deepEqual([offered.again.offered, offered.again.until], [true, 120]);
    assert.equal(after(offered, { type: "rematch" }, connected("d")).phase, "talking");
  }
  assert.equal(after(talking, { type: "block" }, offer).again, null);
  const late = after(left, { type: "rematch" }, refusal({ ref: "rematch", code: "stale_chat" }));
  assert.deepEqual([late.again, late.error.code], [null, "stale_chat"]);
});

test("a search that is refused ends, and says why; for a while only, it is tried again", () => {
  const refused = after(searching, { type: "error", code: "draining", ref: "start" });
  assert.deepEqual([refused.phase, refused.error.code], ["entry", "draining"]);
  const next = after(talking, { type: "search" });
  const slow = { type: "error", code: "rate_limited", ref: "next", retryAfter: 2 };
  const later = after(next, slow);
  assert.equal(later.phase, "searching");
  assert.deepEqual([due(later, 101), due(later, 102)], [[], [{ type: "next", chat: "c" }]]);
  assert.deepEqual(due(after(later, { type: "lost" }), 102), []);
  const stale = after(next, { type: "error", code: "stale_chat", ref: "next" });
  assert.deepEqual(due(stale, 100), [{ type: "start", ...wishes }]);
});

test("a refusal that nobody can do anything about is not told", () => {
  for (const ref of ["typing", "stoppedTyping", "seen", "away", "back", "block", "disconnect"]) {
    assert.equal(reduce(talking, refusal({ ref, code: "rate_limited", now: 1 })), talking);
  }
  const stale = after(talking, say("a"), refusal({ code: "stale_chat", id: "a" }));
  assert.deepEqual([marks(stale), stale.error], [["failed"], null]);
});

test("links are links once both have written, in this chat only", () => {
  const links = (state) => state.items.map(({ links }) => links);
  assert.deepEqual(links(after(talking, got(1), got(2))), [undefined, false, false]);
  const both = after(talking, got(1), say("a"), got(2));
  assert.deepEqual(links(both), [undefined, true, true, true]);
  const again = after(both, disconnected("left"), { type: "rematch" }, connected("d"), got(1, "d"));
  assert.equal(again.items.at(-1).links, false);
});

test("news are what was not shown; that a chat has begun is one", () => {
  assert.equal(news(talking), 1);
  const begun = after(talking, { type: "shown", seq: 0 });
  assert.equal(news(begun), 0);
  const more = after(begun, got(1), got(2));
  assert.equal(news(more), 2);
  assert.equal(news(after(more, { type: "shown", seq: 2 }, { type: "shown", seq: 1 })), 0);
});

test("a chat of more than ten messages is precious", () => {
  const events = Array.from({ length: 10 }, (_, index) => got(index + 1));
  const ten = after(talking, ...events, { type: "serverMessage", text: "soon" });
  assert.equal(precious(ten.items), false);
  assert.equal(precious(after(ten, say("a")).items), true);
});

test("a question is forgotten when the chat is over", () => {
  const asked = after(talking, { type: "ask", what: "next" });
  assert.equal(after(asked, disconnected("left")).asking, null);
});

test("who is replaced keeps the chat; who is shown out keeps the words", () => {
  const replaced = after(talking, { type: "ended", code: 4001 });
  assert.deepEqual([replaced.phase, replaced.resume, replaced.link], ["talking", "token", "ended"]);
  const out = after(talking, got(1), { type: "ended", code: 4003 });
  assert.deepEqual([out.phase, out.resume, texts(out)], ["over", null, ["#1"]]);
});

test("that somebody is banned is told by the end of the connection", () => {
  const told = { type: "error", code: "banned", retryAfter: 86_400 };
  assert.equal(after(talking, told).error, null);
});

test("why the connection was lost is told until something else is known", () => {
  const codes = [1012, 1006, undefined, 1013, 1006].map((code) => ({ type: "lost", code }));
  const states = codes.map((_, index) => after(talking, ...codes.slice(0, index + 1)));
  assert.deepEqual(states.map(({ code }) => code), [1012, 1012, 1012, 1013, 1013]);
  const back = after(states.at(-1), welcome({ state: "chatting", chat: "c", resumed: true }));
  assert.equal(after(back, { type: "lost" }).code, 1006);
});

test("the operator is heard everywhere", () => {
  const said = { type: "serverMessage", text: "soon" };
  assert.deepEqual(texts(after(talking, said)), ["soon"]);
  const told = after(here, said, { type: "search", wishes });
  assert.equal(told.banner, "soon");
  assert.equal(after(told, { type: "lost" }, welcome()).banner, "soon");
  assert.equal(after(told, { type: "lost" }, welcome({ resumed: false })).banner, null);
  assert.equal(after(told, connected("c")).banner, null);
});

test("what is told of errors passes", () => {
  const state = after(here, { type: "refuse", code: "consent" });
  assert.equal(after(state, { type: "tick", now: 105 }).error.code, "consent");
  assert.equal(after(state, { type: "tick", now: 106 }).error, null);
  assert.equal(passes(here), false);
  for (const mended of [{ type: "refuse", code: null }, { type: "draft", text: "x" }]) {
    assert.equal(after(state, mended).error, null);
  }
});

test("a reload goes on where it was", () => {
  assert.equal(restored(null), initial);
  const state = after(talking, got(1), say("a"), { type: "draft", text: "and" });
  const saved = JSON.parse(JSON.stringify(state));
  assert.deepEqual(restored(saved), { ...saved, link: "connecting" });
});
