// Where one writes: the box, the counter near the limit, and the keys.

import { at, isComposed } from "./dom.js";
import { length } from "./text.js";

const NEAR = 200; // characters before the limit at which the counter appears

export class Composer {
  #text = at("text");
  #count = at("count");

  /** `on` has `draft`, which takes what is written, `say` and `escape`. */
  constructor(on) {
    at("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      on.say();
    });
    // A pointer leaves the focus where it is, so that no phone opens or shuts its keyboard.
    for (const button of document.querySelectorAll("#composer button")) {
      button.addEventListener("mousedown", (event) => event.preventDefault());
    }
    this.#text.addEventListener("input", () => on.draft(this.#text.value));
    this.#text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || isComposed(event)) return;
      event.preventDefault();
      if (!event.repeat) on.say();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || isComposed(event) || event.repeat) return;
      if (!document.querySelector("dialog[open], :popover-open")) on.escape();
    });
  }

  draw({ draft, limits }, words) {
    if (this.#text.value !== draft) this.#text.value = draft;
    // A text has at most as many characters as code units.
    const left = draft.length > limits.text - NEAR ? limits.text - length(draft) : NEAR;
    this.#count.hidden = left >= NEAR;
    if (left < NEAR) {
      this.#count.textContent = words.say(left < 0 ? "too_many" : "left", { n: Math.abs(left) });
    }
    this.#count.className = left < 0 ? "bad" : "";
  }
}
