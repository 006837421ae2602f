// What the browser remembers of a guest's choices. Nothing of a chat is among it.

import { LANGUAGES, base } from "./words.js";

const KEY = "roulette-preferences";
export const THEMES = ["system", "light", "dark"];

const strings = (most, longest) => (value) =>
  Array.isArray(value) &&
  value.length <= most &&
  value.every((one) => typeof one === "string" && one !== "" && [...one].length <= longest);

// What they must be to be believed, but for flags: anybody may have written there.
const VALID = {
  topics: strings(10, 32),
  languages: strings(10, 35),
  theme: (value) => THEMES.includes(value),
  language: (value) => value === "" || Object.hasOwn(LANGUAGES, value),
};

/** Return the preferences of somebody new, whose browser prefers these language tags. */
export const defaults = (tags) => ({
  consent: false,
  topics: [],
  languages: [...new Set(tags.map(base))].slice(0, 10),
  only: false,
  sound: false,
  notifications: false,
  theme: "system",
  language: "", // of the page; empty is the browser's
});

const ours = () => localStorage; // throws where that is forbidden

/** Return what is remembered, and the defaults in place of all that is not sound. */
export function load(tags, storage = ours) {
  let saved;
  try {
    saved = JSON.parse(storage().getItem(KEY));
  } catch {
    // No storage, or junk in it.
  }
  const anew = defaults(tags);
  const sound = Object.entries(saved ?? {}).filter(([name, value]) => {
    const isValid = VALID[name] ?? ((value) => typeof value === "boolean");
    return Object.hasOwn(anew, name) && isValid(value);
  });
  return { ...anew, ...Object.fromEntries(sound) };
}

/** Remember the preferences where that is possible. */
export function save(preferences, storage = ours) {
  try {
    storage().setItem(KEY, JSON.stringify(preferences));
  } catch {
    // Then they last as long as the page.
  }
}
