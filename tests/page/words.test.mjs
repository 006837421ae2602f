import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { LANGUAGES, Words, choose } from "../../static/words.js";

const STATIC = new URL("../../static/", import.meta.url);
const read = (name) => readFileSync(new URL(name, STATIC), "utf8");
const TAGS = Object.keys(LANGUAGES);
const FILES = Object.fromEntries(TAGS.map((tag) => [tag, JSON.parse(read(`words/${tag}.json`))]));
const KEYS = Object.keys(FILES.en);
const CODE = readdirSync(STATIC)
  .filter((name) => /\.(js|html)$/.test(name))
  .map(read)
  .join("\n");

const variants = (entry) => (typeof entry === "string" ? [entry] : Object.values(entry));
const places = (text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

test("each language that is offered has its file, and each file is offered", () => {
  const files = readdirSync(new URL("words/", STATIC)).sort();
  assert.deepEqual(files, TAGS.map((tag) => `${tag}.json`).sort());
});

for (const tag of TAGS) {
  test(`${tag} says everything that English says, and nothing else`, () => {
    assert.deepEqual(Object.keys(FILES[tag]), KEYS);
    for (const key of KEYS) {
      const expected = places(variants(FILES.en[key]).at(-1));
      for (const text of variants(FILES[tag][key])) {
        assert.ok(text.trim() === text && text !== "", key);
        // One and two may be words, as in Arabic.
        const counted = typeof FILES[tag][key] === "object" && places(text).length === 0;
        if (!counted) assert.deepEqual(places(text), expected, key);
      }
    }
  });

  test(`${tag} has a plural for every number`, () => {
    const rules = new Intl.PluralRules(tag);
    const possible = rules.resolvedOptions().pluralCategories;
    const plurals = Object.entries(FILES[tag]).filter(([, entry]) => typeof entry === "object");
    assert.ok(plurals.length > 0);
    for (const [key, entry] of plurals) {
      assert.ok("other" in entry, key);
      for (const category of Object.keys(entry)) assert.ok(possible.includes(category), key);
      // Where a word stands for the number, it stands for that number only.
      for (let n = 0; n < 1000; n++) {
        const text = entry[rules.select(n)] ?? entry.other;
        assert.ok(places(text).length === 1 || n === 1 || n === 2, `${key} ${n}`);
      }
    }
  });
}

test("every key that the code uses is there, and every key is used", () => {
  const used = new Set();
  const use = (found, matches) => {
    assert.ok(matches.length > 0, `${found} is no key`);
    for (const key of matches) used.add(key);
  };
  const exact = (key) => use(key, KEYS.filter((other) => other === key));
  const family = (prefix) => use(prefix, KEYS.filter((key) => key.startsWith(prefix)));
  for (const [, key] of CODE.matchAll(/data-(?:say|label|hint)="([^"]+)"/g)) exact(key);
  for (const [, key] of CODE.matchAll(/"([a-z]+(?:\.[a-z_]+)+)"/g)) {
    if (!/\.(js|css|svg|html|txt|webmanifest)$/.test(key)) exact(key);
  }
  for (const [, keys] of CODE.matchAll(/\b(?:say|attract)\(([^"`()]*"[^)]*?)[,)]/g)) {
    for (const [, key] of keys.matchAll(/(?<!=== )"(\w[\w.]*)"/g)) exact(key);
  }
  for (const [, key] of CODE.matchAll(/button\("(\w+)"\)/g)) exact(key);
  for (const [, prefix] of CODE.matchAll(/say\(`([a-z_]+\.)\$\{/g)) family(prefix);
  for (const kind of ["lost", "ended"]) family(`${kind}.`); // by the state of the connection
  assert.deepEqual(KEYS.filter((key) => !used.has(key)), []);
});

test("the first language of the browser that there is, is chosen", () => {
  assert.equal(choose(["fr", "pl-PL", "de"]), "pl-PL");
  assert.equal(choose(["", "AR"]), "AR");
  assert.equal(choose(["toString", "xx"]), "en");
  assert.equal(choose([]), "en");
});

test("numbers, plurals, lists and names are those of the language", () => {
  const polish = new Words("pl", FILES.pl);
  const counted = [1, 2, 5, 22].map((n) => polish.say("guests", { n }));
  assert.equal(new Set(counted.map((text) => text.replace(/\d+/, ""))).size, 3);
  const english = new Words("en-GB", FILES.en);
  assert.equal(english.say("guests", { n: 1234 }), "1,234 people are here.");
  assert.equal(english.list(["a", "b", "c"], "disjunction"), "a, b or c");
  assert.equal(english.name("pl"), "Polish");
  assert.equal(english.name("!"), "!");
  assert.equal(english.seconds(5), "5 seconds");
  assert.equal(english.say("remove", { name: "{name} $&" }), "Remove {name} $&");
  assert.equal(new Words("ar", FILES.ar).direction, "rtl");
});
