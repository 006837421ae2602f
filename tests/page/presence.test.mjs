import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Presence } from "../../static/presence.js";
import { World } from "./world.mjs";

let world, sent, presence;
const told = () => sent.splice(0).map(({ type }) => type);

beforeEach(() => {
  world = new World();
  sent = [];
  presence = new Presence((frame) => sent.push(frame), world);
});

test("typing is repeated every three seconds, and ends after five idle ones", () => {
  for (let time = 0; time <= 6_000; time += 500) {
    presence.writes("c", "x");
    world.pass(500);
  }
  assert.deepEqual(told(), ["typing", "typing", "typing"]);
  world.pass(4_499);
  assert.deepEqual(told(), []);
  world.pass(1);
  assert.deepEqual(told(), ["stoppedTyping"]);
  world.pass(60_000);
  assert.deepEqual(told(), []);
});

test("who empties the box writes no longer; who sends it need not say so", () => {
  presence.writes("c", "x");
  presence.writes("c", "");
  presence.writes("c", "");
  assert.deepEqual(told(), ["typing", "stoppedTyping"]);
  presence.writes("c", "x");
  presence.rests(true);
  world.pass(60_000);
  presence.writes("c", "y");
  assert.deepEqual(told(), ["typing", "typing"]);
});

test("another chat is told at once", () => {
  presence.writes("c", "x");
  presence.rests(true);
  presence.writes("d", "x");
  assert.deepEqual(sent.map(({ chat }) => chat), ["c", "d"]);
});

test("a burst is seen at once", () => {
  for (let seq = 1; seq <= 99; seq++) presence.saw("c", seq);
  world.pass(1_000);
  assert.deepEqual(sent, [{ type: "seen", chat: "c", seq: 99 }]);
});

test("a stream that never ends is seen all the same", () => {
  for (let seq = 1; seq <= 99; seq++) {
    presence.saw("c", seq);
    world.pass(100);
  }
  assert.ok(sent.length > 10);
});

test("away after a minute, back at once", () => {
  presence.looks(false);
  world.pass(59_999);
  presence.looks(true);
  presence.looks(false);
  world.pass(59_999);
  assert.deepEqual([told(), presence.owed().type], [[], "back"]);
  world.pass(1);
  assert.deepEqual([told(), presence.owed().type], [["away"], "away"]);
  presence.looks(true);
  presence.looks(true);
  assert.deepEqual([told(), presence.owed().type], [["back"], "back"]);
});
