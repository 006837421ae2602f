import assert from "node:assert/strict";
import { test } from "node:test";

import { hello, initial, owed, reduce, restored } from "../../static/state.js";

const welcome = (fields) => ({
  type: "welcome",
  resume: "token",
  resumed: true,
  state: "idle",
  limits: { text: 2000 },
  ...fields,
});
const after = (state, ...events) => events.reduce(reduce, freeze(state));
const say = (id) => ({ type: "say", id, text: id.toUpperCase(), at: 1 });
const got = (seq, chat = "c") => ({ type: "gotMessage", chat, seq, text: `#${seq}`, at: 2 });
const marks = (state) => state.items.map((item) => item.mark);

const waiting = after(initial, welcome({ resumed: false }), { type: "waiting" });
const talking = after(waiting, { type: "connected", chat: "c" });

// Whatever changes a state instead of replacing it throws.
function freeze(value) {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.values(value).forEach(freeze);
    Object.freeze(value);
  }
  return value;
}

test("a new guest searches at once", () => {
  assert.deepEqual(hello(initial), { type: "hello" });
  assert.deepEqual(owed(waiting, welcome({ resumed: false })), [{ type: "start" }]);
  assert.equal(waiting.phase, "searching");
  assert.equal(talking.phase, "talking");
});

test("what means nothing leaves the state as it is", () => {
  for (const type of ["guests", "typing", "fromTheFuture", "toString", "__proto__"]) {
    assert.equal(reduce(talking, { type }), talking);
  }
});

test("messages of another chat, and those that were shown, are dropped", () => {
  const state = after(talking, got(1), got(2), got(2), got(1), got(3, "other"));
  assert.deepEqual(state.items.map((item) => item.text), ["#1", "#2"]);
  assert.deepEqual(hello(state), { type: "hello", resume: "token", chat: "c", seq: 2 });
});

test("an acknowledgement counts for all before it", () => {
  const state = after(talking, say("a"), say("b"), say("c"), { type: "ack", chat: "c", id: "b" });
  assert.deepEqual(marks(state), ["sent", "sent", "sending"]);
});

test("an acknowledgement for a message that is not there counts for none", () => {
  const state = after(talking, say("a"), { type: "ack", chat: "c", id: "z" });
  assert.deepEqual(marks(state), ["sending"]);
});

test("what was seen was accepted; what was refused has no number", () => {
  const refused = { type: "error", code: "invalid_field", ref: "message", id: "a" };
  const seen = { type: "seen", chat: "c", seq: 1 };
  const state = after(talking, say("a"), refused, say("b"), say("c"), seen);
  assert.deepEqual(marks(state), ["failed", "sent", "sending"]);
  assert.equal(state.error, null); // forgotten with the next thing that is said
});

test("after a resume, what was not acknowledged is owed with the same ids", () => {
  const back = welcome({ state: "chatting", chat: "c" });
  const ack = { type: "ack", chat: "c", id: "a" };
  const state = after(talking, say("a"), say("b"), ack, { type: "lost" }, say("x"), back);
  assert.deepEqual(owed(state, back), [
    { type: "message", chat: "c", id: "b", text: "B" },
    { type: "message", chat: "c", id: "x", text: "X" },
  ]);
  assert.equal(state.phase, "talking");
});

test("a stranger is taken to be there after a resume", () => {
  const gone = after(talking, { type: "strangerReconnecting", chat: "c" });
  assert.equal(gone.stranger, "reconnecting");
  assert.equal(after(gone, welcome({ state: "chatting", chat: "c" })).stranger, "here");
  assert.equal(after(gone, { type: "strangerBack", chat: "other" }).stranger, "reconnecting");
});

test("a chat that ended meanwhile is shown to its end", () => {
  const back = welcome({ state: "idle" });
  const ended = { type: "strangerDisconnected", chat: "c", reason: "next" };
  const state = after(talking, say("a"), { type: "lost" }, back, got(1), ended);
  assert.deepEqual([state.phase, state.why], ["gone", "next"]);
  assert.deepEqual(state.items.map((item) => item.text), ["A", "#1"]);
  assert.deepEqual(marks(state), ["failed", undefined]);
  assert.deepEqual(owed(state, back), []);
});

test("a server that knows nothing of the guest has lost the chat", () => {
  const state = after(talking, { type: "lost" }, welcome({ resumed: false, resume: "new" }));
  assert.deepEqual([state.phase, state.why, state.resume], ["gone", "lost", "new"]);
});

test("next, pressed without a connection, is told after the resume", () => {
  const back = welcome({ state: "chatting", chat: "c" });
  const state = after(talking, { type: "lost" }, { type: "search", fresh: true }, back);
  assert.equal(state.phase, "searching");
  assert.deepEqual(owed(state, back), [{ type: "next", chat: "c" }]);
  assert.deepEqual(hello(state), { type: "hello", resume: "token", seq: 0 });
});

test("stop, pressed without a connection, is told after the resume", () => {
  const back = welcome({ state: "chatting", chat: "c" });
  const state = after(talking, { type: "lost" }, { type: "stop" }, back);
  assert.equal(state.phase, "stopped");
  assert.deepEqual(owed(state, back), [{ type: "disconnect" }]);
  assert.deepEqual(owed(state, welcome()), []);
});

test("a stranger whose coming got lost with the connection is there after the resume", () => {
  const back = welcome({ state: "chatting", chat: "d" });
  const next = { type: "search", fresh: true };
  const state = after(talking, next, { type: "lost" }, back, got(1, "d"));
  assert.deepEqual([state.phase, state.chat, state.seq], ["talking", "d", 1]);
  assert.deepEqual(owed(state, back), []);
});

test("who is still in the pool needs to ask for nothing", () => {
  const back = welcome({ state: "waiting" });
  assert.deepEqual(owed(after(waiting, { type: "lost" }, back), back), []);
});

test("what was on its way when the guest left changes nothing", () => {
  const searching = after(talking, { type: "search", fresh: true });
  const late = [got(1), { type: "strangerDisconnected", chat: "c", reason: "left" }];
  assert.deepEqual(after(searching, ...late), searching);
  const stopped = after(waiting, { type: "stop" });
  assert.deepEqual(after(stopped, { type: "connected", chat: "d" }, { type: "waiting" }), stopped);
});

test("a search forgets what was said, unless the page goes on by itself", () => {
  const gone = after(talking, got(1), { type: "strangerDisconnected", chat: "c", reason: "left" });
  assert.deepEqual(after(gone, { type: "search", fresh: true }).items, []);
  const kinds = after(gone, { type: "search", fresh: false }).items.map((item) => item.kind);
  assert.deepEqual(kinds, ["theirs", "end"]);
});

test("a search that is refused ends, and says why", () => {
  const state = after(waiting, { type: "error", code: "draining", ref: "start" });
  assert.deepEqual([state.phase, state.error], ["stopped", "draining"]);
});

test("a message for a chat that is over is marked, and needs no words", () => {
  const late = { type: "error", code: "stale_chat", ref: "message", id: "a" };
  const state = after(talking, say("a"), late);
  assert.deepEqual([marks(state), state.error], [["failed"], null]);
});

test("who is replaced keeps the chat; who is shown out does not", () => {
  const replaced = after(talking, { type: "ended", code: 4001 });
  assert.deepEqual([replaced.phase, replaced.resume, replaced.link], ["talking", "token", "ended"]);
  const out = after(talking, { type: "ended", code: 1008 });
  assert.deepEqual([out.phase, out.resume, out.chat], ["stopped", null, null]);
});

test("a reload goes on where it was, but for who had stopped", () => {
  assert.equal(restored(null), initial);
  const saved = JSON.parse(JSON.stringify(after(talking, got(1), say("a"))));
  assert.deepEqual(restored(saved), { ...saved, link: "connecting" });
  assert.equal(restored(after(talking, { type: "stop" })).phase, "searching");
});
