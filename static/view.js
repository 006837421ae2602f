// The frame around: which parts are shown, what the buttons say, and where the focus is.

import { at, show, write } from "./dom.js";
import * as say from "./status.js";

// Where the focus goes when what had it is gone.
const HOME = { entry: "start", searching: "cancel", talking: "text", over: "text" };

const BUTTONS = "leave block save cancel here rematch next yes stop no settings";

export class View {
  #phase = null;
  #asking = null;

  /** `pressed` takes the id of a button. */
  constructor(pressed) {
    for (const id of BUTTONS.split(" ")) {
      at(id).addEventListener("click", () => {
        if (at("more").matches(":popover-open")) at("more").hidePopover();
        pressed(id);
      });
    }
    // A pointer leaves the focus where it is, so that no phone opens or shuts its keyboard.
    for (const button of document.querySelectorAll("#composer button")) {
      button.addEventListener("mousedown", (event) => event.preventDefault());
    }
  }

  draw(state, words) {
    const { phase, asking, again, link, code } = state;
    const { text, tone } = say.status(state, words);
    const inChat = phase === "talking" || phase === "over";
    const offer = again && (phase === "over" || again.offered);
    Object.assign(document.body.dataset, { phase, tone });
    document.body.toggleAttribute("data-typing", state.typing);
    write(at("status"), text);
    write(at("detail"), say.detail(state, words));
    write(at("notice"), say.problem(state, words));
    write(at("leave"), words.say(phase === "talking" ? "leave" : "close"));
    show({
      entry: phase === "entry",
      log: inChat,
      composer: inChat,
      leave: inChat,
      save: inChat,
      block: phase === "talking" || (phase === "over" && state.why !== "blocked"),
      cancel: phase === "searching",
      here: link === "ended" && code === 4001,
      rematch: offer,
      ask: asking !== null,
      stop: asking === "block",
    });
    if (offer) this.#offer(again, state.now, words);
    if (asking !== null) {
      write(at("question"), words.say(`ask.${asking}`));
      write(at("yes"), words.say(`ask.${asking}_yes`));
    }
    this.#focus(phase, asking);
  }

  #offer({ asked, offered, until }, now, words) {
    const key = asked ? "rematch.asked" : offered ? "rematch.offered" : "rematch.ask";
    write(at("rematch"), words.say(key, { time: words.seconds(Math.max(0, Math.ceil(until - now))) }));
    at("rematch").ariaDisabled = asked;
    at("rematch").className = offered && !asked ? "main" : "";
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
