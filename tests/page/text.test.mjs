import assert from "node:assert/strict";
import { test } from "node:test";

import { clean, length, onlyEmoji, pieces } from "../../static/text.js";

const links = (text) => pieces(text).flatMap(({ text, link }) => (link ? [text] : []));

test("a text is counted as the server counts it", () => {
  assert.equal(length("👍"), 1);
  assert.equal(length("👩‍👩‍👧‍👦"), 7);
  assert.equal(length("a\r\nb\rc"), 5);
  assert.equal(clean("a\0\x1b\x7f\x9f\u202e\u202d\ud800b\t\n\u2067"), "ab\t\n\u2067");
});

test("a few emoji are large", () => {
  for (const text of ["👍", "👩‍👩‍👧‍👦 🏳️‍🌈", "🇵🇱\n👍🏽", "❤️"]) assert.equal(onlyEmoji(text), true, text);
  for (const text of ["", " ", "1", "#", "a👍", "👍".repeat(99)]) assert.equal(onlyEmoji(text), false, text);
});

test("addresses of the web are found, without what ends the sentence", () => {
  const found = {
    "http://a.example": ["http://a.example"],
    "see HTTPS://A.example/B?c=d#e.": ["HTTPS://A.example/B?c=d#e"],
    "(https://a.example/b)": ["https://a.example/b"],
    "https://a.example/b_(c)!": ["https://a.example/b_(c)"],
    "https://a.example/ż، https://b.example…": ["https://a.example/ż", "https://b.example"],
    "<https://a.example>": ["https://a.example"],
  };
  for (const [text, expected] of Object.entries(found)) {
    assert.deepEqual(links(text), expected);
    assert.equal(pieces(text).map(({ text }) => text).join(""), text);
  }
});

test("what is no address, or leads elsewhere than it says, is text", () => {
  for (const text of [
    "javascript:alert(1)",
    "data:text/html,x",
    "xhttps://a.example",
    "https://",
    "https:///.",
    "https://bank.example@evil.example/",
    "ftp://a.example",
  ]) {
    assert.deepEqual(pieces(text), [{ text, link: false }]);
  }
});

test("an address ends where something begins that cannot be seen", () => {
  assert.deepEqual(links("https://a.example/\u200b@b"), ["https://a.example/"]);
  assert.deepEqual(links("https://a.example/\u2067txt"), ["https://a.example/"]);
});

test("long texts cost little", () => {
  const before = process.cpuUsage();
  for (const text of ["a" + "\u0301".repeat(1999), "https://a" + ")".repeat(1990), "👍".repeat(999)]) {
    pieces(text);
    onlyEmoji(text);
  }
  assert.ok(process.cpuUsage(before).user < 500_000); // microseconds
});
