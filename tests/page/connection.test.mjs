import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Connection, backOff } from "../../static/connection.js";
import { World } from "./world.mjs";

let world, told, connection;

beforeEach(() => {
  world = new World();
  told = [];
  const on = {
    hello: () => ({ type: "hello", resume: "token" }),
    heard: (frame) => told.push(frame.type),
    lost: (code) => told.push(["lost", code]),
    ended: (code) => told.push(["ended", code]),
  };
  connection = new Connection(on, world);
  connection.open();
});

test("hello comes first, and other frames after the welcome", () => {
  assert.deepEqual([world.last.url, world.last.subprotocol], ["ws", "roulette.v1.json"]);
  connection.send({ type: "start" });
  world.last.onopen();
  connection.send({ type: "start" });
  assert.deepEqual(world.last.sent, [{ type: "hello", resume: "token" }]);
  world.hear({ type: "welcome" });
  connection.send({ type: "start" });
  assert.deepEqual(world.last.sent.at(-1), { type: "start" });
  assert.deepEqual(told, ["welcome"]);
});

test("delays double from half a second to thirty, and are drawn", () => {
  const longest = [0, 1, 2, 5, 6, 60, 6000].map((failures) => backOff(failures, () => 1));
  assert.deepEqual(longest, [500, 1000, 2000, 16_000, 30_000, 30_000, 30_000]);
  assert.equal(backOff(3, () => 0.25), 1000);
});

test("each failure in a row waits longer", () => {
  const opened = [];
  for (let failure = 1; failure <= 4; failure++) {
    world.last.onclose({ code: 1006 });
    const before = world.time;
    const sockets = world.sockets.length;
    while (world.sockets.length === sockets) world.pass(50);
    opened.push(world.time - before);
  }
  assert.deepEqual(opened, [500, 1000, 2000, 4000]);
});

test("only a connection that was steady makes the failures forgotten", () => {
  for (const [steady, delay] of [[0, 500], [0, 1000], [5001, 250], [1000, 500]]) {
    world.welcome();
    world.pass(steady);
    world.last.onclose({ code: 1006 });
    const sockets = world.sockets.length;
    world.pass(delay - 1);
    assert.equal(world.sockets.length, sockets);
    world.pass(1);
    assert.equal(world.sockets.length, sockets + 1);
  }
});

for (const code of [1008, 4001, 4003]) {
  test(`after ${code} only a person may try again`, () => {
    world.welcome();
    world.last.onclose({ code });
    connection.retry();
    connection.drop();
    world.pass(3_600_000);
    assert.equal(world.sockets.length, 1);
    assert.deepEqual(told, ["welcome", ["ended", code]]);
    connection.open();
    assert.equal(world.sockets.length, 2);
  });
}

const answered = () => new Promise(setImmediate);

test("who is banned at the handshake is told so, and does not try again", async () => {
  world.answer = 403;
  world.last.onclose({ code: 1006 });
  await answered();
  assert.deepEqual(world.asked, ["ws"]);
  world.pass(3_600_000);
  assert.equal(world.sockets.length, 1);
  assert.deepEqual(told, [["lost", 1006], ["ended", 4003]]);
});

test("an attempt that began meanwhile is given up", async () => {
  world.answer = 403;
  world.last.onclose({ code: 1006 });
  world.pass(500);
  assert.equal(world.sockets.length, 2);
  await answered();
  assert.equal(world.last.closed, true);
  world.pass(3_600_000);
  assert.equal(world.sockets.length, 2);
  assert.deepEqual(told.at(-1), ["ended", 4003]);
});

for (const answer of [426, 503, new Error("no network")]) {
  test(`a handshake that failed for another reason is tried again: ${answer}`, async () => {
    world.answer = answer;
    world.last.onclose({ code: 1006 });
    await answered();
    world.pass(500);
    assert.equal(world.sockets.length, 2);
    assert.deepEqual(told, [["lost", 1006]]);
  });
}

test("who was let in asks nothing", async () => {
  world.answer = 403;
  world.welcome();
  world.last.onclose({ code: 1006 });
  await answered();
  assert.deepEqual(world.asked, []);
  assert.deepEqual(told, ["welcome", ["lost", 1006]]);
});

test("a server that does not answer is given up", () => {
  world.welcome();
  world.pass(3_600_000);
  assert.equal(world.sockets.length, 1); // there was nothing to answer
  connection.send({ type: "message" });
  world.pass(6_000);
  connection.send({ type: "message" });
  world.pass(3_999);
  assert.equal(world.sockets.length, 1);
  world.pass(1);
  assert.equal(world.last.closed, true);
  world.pass(250);
  assert.equal(world.sockets.length, 2);
  assert.deepEqual(told, ["welcome", ["lost", undefined]]);
});

test("a server that answers is not given up", () => {
  world.welcome();
  for (let count = 0; count < 9; count++) {
    connection.send({ type: "message" });
    world.pass(9_000);
    world.hear({ type: "ack" });
  }
  world.pass(3_600_000);
  assert.equal(world.sockets.length, 1);
});

test("what no server answers is not waited for", () => {
  world.welcome();
  for (const type of ["typing", "stoppedTyping", "seen", "away", "back", "rematch"]) {
    connection.send({ type });
    world.pass(3_600_000);
  }
  assert.equal(world.sockets.length, 1);
});

for (const [code, delay] of [[1001, 2_000], [1012, 2_000], [1013, 4_000], [4029, 4_000]]) {
  test(`after ${code} it comes back later than after other ends`, () => {
    world.welcome();
    world.pass(60_000);
    world.last.onclose({ code });
    world.pass(delay - 1);
    assert.equal(world.sockets.length, 1);
    world.pass(1);
    assert.equal(world.sockets.length, 2);
  });
}

test("a handshake that takes too long is given up", () => {
  world.pass(10_000 + 500);
  assert.equal(world.sockets.length, 2);
  assert.deepEqual(told, [["lost", undefined]]);
});

test("what a connection says after it was given up is not heard", () => {
  world.welcome();
  const dead = world.last;
  connection.drop();
  assert.deepEqual([dead.onopen, dead.onmessage, dead.onclose], [null, null, null]);
  connection.drop();
  assert.deepEqual(told, ["welcome", ["lost", undefined]]);
});

test("a change of the network is a reason to try at once, and only once", () => {
  connection.retry();
  assert.equal(world.sockets.length, 1);
  world.last.onclose({ code: 1006 });
  connection.retry();
  connection.retry();
  assert.equal(world.sockets.length, 2);
  world.welcome();
  world.pass(3_600_000);
  assert.equal(world.sockets.length, 2);
});
