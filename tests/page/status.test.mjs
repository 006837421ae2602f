import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { detail } from "../../static/controls.js";
import { initial } from "../../static/state.js";
import { problem, status } from "../../static/status.js";
import { told, transcript } from "../../static/transcript.js";
import { Words } from "../../static/words.js";

const english = readFileSync(new URL("../../static/words/en.json", import.meta.url));
const words = new Words("en-GB", JSON.parse(english));
const open = { ...initial, link: "open", now: 100 };
const wishes = { topics: ["jazz", "tea"], languages: ["pl", "en"], only: false };
const text = (state) => status(state, words).text;

test("the stage of the search is said in words", () => {
  const at = (stage, wished = wishes) =>
    text({ ...open, phase: "searching", wishes: wished, search: stage && { since: 90, stage } });
  assert.equal(at("topics"), "Looking for somebody who likes jazz or tea…");
  assert.equal(at("languages"), "Looking for somebody who speaks Polish or English…");
  assert.equal(at("anyone"), "Looking for anybody now…");
  assert.equal(at("anyone", initial.wishes), "Looking for a stranger…");
  assert.equal(at(null), "Looking for a stranger…");
});

test("the time waited is told apart, with the estimate if there is one", () => {
  const searching = { ...open, phase: "searching", search: { since: 98.5, estimate: null } };
  assert.equal(detail(searching, words), "1 second so far.");
  const guessed = { ...searching, search: { since: 101, estimate: 2.2 } };
  assert.equal(detail(guessed, words), "0 seconds so far. It mostly takes about 3 seconds.");
  assert.equal(detail({ ...searching, link: "lost" }, words), "");
});

test("every end of the connection has its words", () => {
  for (const code of [1001, 1006, 1012, 1013, 4009, 4029, null]) {
    assert.match(text({ ...open, link: "lost", code }), /connecting|Trying/);
  }
  const ends = [1008, 4001, 4003].map((code) => text({ ...open, link: "ended", code }));
  assert.equal(new Set(ends).size, 3);
});

test("a stranger's state decides the tone", () => {
  const tone = (stranger) => status({ ...open, phase: "talking", stranger }, words).tone;
  assert.deepEqual(["here", "away", "reconnecting"].map(tone), ["good", "warn", "warn"]);
});

test("an error that nobody foresaw is told by its code", () => {
  const error = { code: "teapot", until: 105 };
  assert.equal(problem({ ...open, error }, words), "The server could not take that (teapot).");
  assert.equal(problem({ ...open, banner: "soon" }, words), "From the server: soon");
  assert.equal(problem(open, words), "");
});

test("what two have in common is said", () => {
  const both = { kind: "met", common: ["jazz"], languages: ["pl", "en"], before: true };
  assert.equal(
    told(both, words),
    "You have met this stranger before. You both like jazz. You both speak Polish and English.",
  );
});

test("the transcript holds everything, and says what was not sent", () => {
  const items = [
    { kind: "met", common: [], languages: [], before: false },
    { kind: "theirs", text: "one\ntwo", at: 0 },
    { kind: "mine", text: "three", at: 60, mark: "seen" },
    { kind: "mine", text: "four", at: 60, mark: "lost" },
    { kind: "server", text: "soon" },
    { kind: "end", why: "left" },
  ];
  const lines = transcript(items, words).replace(/\[[^\]]*\]/g, "[]").split("\n");
  assert.deepEqual(lines, [
    "You have met a stranger.",
    "[] Stranger: one",
    "two",
    "[] You: three",
    "[] You: four (not sent)",
    "From the server: soon",
    "The chat is over.",
    "",
  ]);
});
