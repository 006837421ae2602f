import assert from "node:assert/strict";
import { test } from "node:test";

import { defaults, load, save } from "../../static/preferences.js";

const TAGS = ["pl-PL", "pl", "en-US"];
const none = () => {
  throw new Error("no storage here");
};
const holding = (text) => () => ({ getItem: () => text });

test("somebody new agrees to nothing, and speaks as the browser does", () => {
  const { consent, languages, sound, notifications } = defaults(TAGS);
  assert.deepEqual([consent, languages, sound, notifications], [false, ["pl", "en"], false, false]);
});

test("what is saved is read", () => {
  let kept;
  const storage = () => ({ setItem: (_, text) => (kept = text), getItem: () => kept });
  const preferences = { ...defaults(TAGS), consent: true, topics: ["ジャズ"], theme: "dark" };
  save(preferences, storage);
  assert.deepEqual(load(["de"], storage), preferences);
});

test("without a storage there are the defaults", () => {
  assert.deepEqual(load(TAGS, none), defaults(TAGS));
  save(defaults(TAGS), none);
});

test("junk is not believed", () => {
  for (const junk of [null, "", "{", "1", "[]", '"x"', "null", '{"__proto__": {"consent": true}}']) {
    assert.deepEqual(load(TAGS, holding(junk)), defaults(TAGS), junk);
  }
  const wrong = {
    consent: "yes", topics: [1], languages: "pl", only: 1, theme: "pink", sound: null, toString: 1,
    language: "en-!",
  };
  assert.deepEqual(load(TAGS, holding(JSON.stringify(wrong))), defaults(TAGS));
  const half = { topics: ["a".repeat(33)], only: true };
  assert.deepEqual(load(TAGS, holding(JSON.stringify(half))), { ...defaults(TAGS), only: true });
});
