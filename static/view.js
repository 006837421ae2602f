// The frame around: where the guest is, in words, and where the focus is.

import { at, show, write } from "./dom.js";
import * as say from "./status.js";

const MANY = 10; // so many guests are worth telling

// Where the focus goes when what had it is gone.
const HOME = { entry: "start", searching: "cancel", talking: "text", over: "text" };

export class View {
  #phase = null;
  #asking = null;

  /** Draw all but the conversation, which must be there already to have the focus. */
  draw(state, words) {
    const { phase, asking, link, code, guests } = state;
    const { text, tone } = say.status(state, words);
    Object.assign(document.body.dataset, { phase, tone });
    write(at("guests"), words.say("guests", { n: guests }));
    write(at("status"), text);
    write(at("notice"), say.problem(state, words));
    at("notice").classList.toggle("bad", state.error !== null);
    show({
      entry: phase === "entry",
      guests: guests >= MANY,
      cancel: phase === "searching",
      here: link === "ended" && code === 4001,
    });
    this.#focus(phase, asking);
  }

  #focus(phase, asking) {
    const active = document.activeElement;
    const gone = active === document.body || active.closest("[hidden]") !== null;
    if (asking !== this.#asking && asking !== null) at("yes").focus();
    // Who has only just opened the page begins at its top.
    else if (gone && (phase !== "entry" || this.#phase !== phase && this.#phase !== null)) {
      at(HOME[phase]).focus();
    }
    this.#phase = phase;
    this.#asking = asking;
  }
}
