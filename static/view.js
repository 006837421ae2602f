// What is seen: draws the state, and says what the person does. Text goes in as text.

import * as words from "./words.js";

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

export class View {
  #at = (id) => document.getElementById(id);
  #log = this.#at("log");
  #text = this.#at("text");
  #drawn = [];
  #follows = true; // whether the last message is to be in view

  /** `on` has three functions: `say` takes a text and tells if it was taken, `next`, `toggle`. */
  constructor(on) {
    const say = (event) => {
      event.preventDefault();
      if (on.say(this.#text.value)) this.#text.value = "";
    };
    this.#at("composer").addEventListener("submit", say);
    this.#text.addEventListener("keydown", (event) => {
      // While an input method composes, Enter chooses a word.
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) say(event);
    });
    for (const [id, act] of [["next", on.next], ["toggle", on.toggle]]) {
      this.#at(id).addEventListener("click", (event) => {
        act();
        // Pressed with a key (no clicks counted), the button may be gone now.
        if (event.detail === 0) this.#text.focus();
      });
    }
    this.#log.addEventListener("scroll", () => {
      const { scrollTop, scrollHeight, clientHeight } = this.#log;
      this.#follows = scrollHeight - scrollTop - clientHeight < 40;
    });
    // As when a phone opens its keyboard.
    new ResizeObserver(() => this.#follow()).observe(this.#log);
    // A pointer leaves the focus where it is, so that no phone opens or shuts its keyboard.
    for (const button of document.querySelectorAll("button")) {
      button.addEventListener("mousedown", (event) => event.preventDefault());
    }
  }

  /** Return whether something is written that is not sent. */
  get drafting() {
    return this.#text.value !== "";
  }

  show(state) {
    const { words: where, tone } = words.status(state);
    write(this.#at("status"), where);
    document.body.dataset.tone = tone;
    document.body.dataset.empty = state.items.length === 0;
    write(this.#at("toggle"), words.toggle(state));
    this.#at("next").disabled =
      state.link === "ended" || state.phase === "searching" || state.phase === "stopped";
    write(this.#at("notice"), words.problem(state));
    this.#draw(state.items);
  }

  #draw(items) {
    const grows = items.length > this.#drawn.length;
    while (this.#drawn.length > items.length) this.#drawn.pop().node.remove();
    items.forEach((item, index) => {
      const drawn = this.#drawn[index];
      if (drawn === undefined) {
        this.#drawn.push({ item, node: this.#log.appendChild(nodeOf(item)) });
      } else if (drawn.item !== item) {
        // A mark alone changes in place: a new node would be read out once more.
        if (item.kind === "mine" && drawn.item.id === item.id) remark(drawn.node, item);
        else drawn.node.replaceWith((drawn.node = nodeOf(item)));
        drawn.item = item;
      }
    });
    if (grows && items.at(-1).kind === "mine") this.#follows = true;
    this.#follow();
  }

  #follow() {
    if (this.#follows) this.#log.scrollTop = this.#log.scrollHeight;
  }
}

function nodeOf(item) {
  if (item.kind === "end") return element("p", "line", words.gone(item.why));
  if (item.kind === "server") return element("p", "line", words.SERVER + item.text);
  const mine = item.kind === "mine";
  const text = element("p", "text", item.text);
  text.dir = "auto";
  const at = new Date(item.at * 1000);
  const time = element("time", "", clock.format(at));
  time.dateTime = at.toISOString();
  const below = element("p", "below", time);
  const node = element(
    "div",
    item.kind,
    element("span", "unseen", mine ? words.MINE : words.THEIRS),
    text,
    below,
  );
  if (mine) {
    const mark = element("span", "mark");
    mark.ariaLive = "off";
    below.append(" · ", mark);
    remark(node, item);
  }
  return node;
}

function remark(node, { mark }) {
  node.dataset.mark = mark;
  node.querySelector(".mark").textContent = words.MARKS[mark];
}

function element(name, className, ...children) {
  const node = document.createElement(name);
  node.className = className;
  node.append(...children);
  return node;
}

// What says the same as before must not be read out again.
function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
