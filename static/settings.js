// The settings of the page itself, in a dialog. Fetched when they are asked for.

import { at } from "./dom.js";
import { THEMES } from "./preferences.js";
import { LANGUAGES } from "./words.js";

const FLAGS = ["sound", "notifications"];

const allowed = async () => (await globalThis.Notification?.requestPermission()) === "granted";

export class Settings {
  #page;

  /** `page` has `words`, `preferences`, and `refused` and `chosen`, which takes what has changed. */
  constructor(page) {
    this.#page = page;
    const { chosen } = page;
    at("words").addEventListener("change", ({ target }) => chosen({ language: target.value }));
    at("theme").addEventListener("change", ({ target }) => chosen({ theme: target.value }));
    at("sound").addEventListener("change", ({ target }) => chosen({ sound: target.checked }));
    at("notifications").addEventListener("change", ({ target }) => this.#notify(target));
  }

  async #notify(box) {
    const refused = box.checked && !(await allowed());
    this.#page.chosen({ notifications: box.checked && !refused });
    if (refused) this.#page.refused("notifications");
  }

  draw() {
    const { words, preferences } = this.#page;
    const themes = THEMES.map((name) => [words.say(`theme.${name}`), name]);
    const languages = Object.entries(LANGUAGES).map(([tag, name]) => [name, tag]);
    choices("theme", themes, preferences.theme);
    choices("words", languages, words.language);
    for (const id of FLAGS) at(id).checked = preferences[id];
  }

  show() {
    this.draw();
    at("choices").showModal();
  }
}

function choices(id, options, chosen) {
  at(id).replaceChildren(...options.map(([text, value]) => new Option(text, value)));
  at(id).value = chosen;
}
