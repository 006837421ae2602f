// The settings of the page itself, in a dialog. Fetched when they are asked for.

import { at } from "./dom.js";
import { THEMES } from "./preferences.js";
import { LANGUAGES } from "./words.js";

const FLAGS = ["sound", "notifications"];

export class Settings {
  /** `chosen` takes what has changed. */
  constructor(chosen) {
    at("words").addEventListener("change", ({ target }) => chosen({ language: target.value }));
    at("theme").addEventListener("change", ({ target }) => chosen({ theme: target.value }));
    for (const id of FLAGS) {
      at(id).addEventListener("change", ({ target }) => chosen({ [id]: target.checked }));
    }
  }

  draw({ theme, ...preferences }, words) {
    const themes = THEMES.map((name) => [words.say(`theme.${name}`), name]);
    const languages = Object.entries(LANGUAGES).map(([tag, name]) => [name, tag]);
    choices("theme", themes, theme);
    choices("words", languages, words.language);
    for (const id of FLAGS) at(id).checked = preferences[id];
  }

  show() {
    at("choices").showModal();
  }
}

function choices(id, options, chosen) {
  at(id).replaceChildren(...options.map(([text, value]) => new Option(text, value)));
  at(id).value = chosen;
}
