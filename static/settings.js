// The settings of the page itself, in a dialog.

import { at } from "./dom.js";
import { THEMES } from "./preferences.js";
import { LANGUAGES } from "./words.js";

const FLAGS = ["sound", "notifications"];

export class Settings {
  /** `chosen` takes what has changed. */
  constructor(chosen) {
    at("settings").addEventListener("click", () => at("choices").showModal());
    at("words").addEventListener("change", ({ target }) => chosen({ language: target.value }));
    at("theme").addEventListener("change", ({ target }) => chosen({ theme: target.value }));
    for (const id of FLAGS) {
      at(id).addEventListener("change", ({ target }) => chosen({ [id]: target.checked }));
    }
  }

  draw({ theme, ...preferences }, words) {
    document.documentElement.dataset.theme = theme;
    const themes = THEMES.map((name) => new Option(words.say(`theme.${name}`), name));
    at("theme").replaceChildren(...themes);
    at("theme").value = theme;
    at("words").replaceChildren(
      ...Object.entries(LANGUAGES).map(([tag, name]) => new Option(name, tag)),
    );
    at("words").value = words.language;
    for (const id of FLAGS) at(id).checked = preferences[id];
  }
}
