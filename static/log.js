// The log: draws the items, appending only, and knows which of them are in view.

import { at, element, write } from "./dom.js";
import { onlyEmoji, pieces } from "./text.js";
import { told } from "./transcript.js";

const NEAR = 40; // px from the end within which the log follows what comes

export class Log {
  /** The last of the stranger's messages that has been in view, by its seq. */
  inView = 0;
  #log = at("log");
  #down = at("down");
  #drawn = [];
  #words = null;
  #chat = null;
  #follows = true;
  #top = 0;
  #frame = null;
  #observer;

  /** `on` has `looked`, called when more is in view, and `again` and `edit`, which take an id. */
  constructor(on) {
    this.#observer = new IntersectionObserver(
      (entries) => {
        for (const { isIntersecting, target } of entries) {
          if (!isIntersecting) continue;
          this.#observer.unobserve(target);
          this.inView = Math.max(this.inView, Number(target.dataset.seq));
        }
        on.looked();
      },
      { root: this.#log },
    );
    this.#log.addEventListener("click", ({ target: { dataset } }) => {
      if (dataset.act) on[dataset.act](dataset.id);
    });
    this.#log.addEventListener("scroll", () => {
      const { scrollTop, scrollHeight, clientHeight } = this.#log;
      // Not whenever the end is far: the log may have shrunk, or grown, in the same moment.
      if (scrollHeight - scrollTop - clientHeight < NEAR) this.#follows = true;
      else if (scrollTop < this.#top) this.#follows = false;
      this.#top = scrollTop;
      this.#hint();
    });
    this.#down.addEventListener("click", () => {
      this.#follows = true;
      this.#follow();
    });
    // As when a phone opens its keyboard.
    new ResizeObserver(() => this.#follow()).observe(this.#log);
  }

  draw({ items, chat }, news, words) {
    if (words !== this.#words) this.#keep(0);
    if (chat !== this.#chat) {
      this.#observer.disconnect();
      this.inView = 0;
    }
    this.#words = words;
    this.#chat = chat;
    const before = this.#drawn.length;
    for (const [index, item] of items.entries()) {
      const drawn = this.#drawn[index];
      if (drawn?.item === item) continue;
      if (drawn && isSame(drawn.item, item)) this.#change(drawn, item);
      else this.#add(index, item);
    }
    this.#keep(items.length);
    const said = items.length > before && items.at(-1).kind === "mine";
    if (said || items.length === 0) this.#follows = true;
    write(this.#down, words.say(news ? "down" : "down.none", { n: news }));
    this.#follow();
  }

  // Once a frame, since it costs a layout.
  #follow() {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null;
      if (this.#follows) this.#log.scrollTop = this.#log.scrollHeight;
      this.#hint();
    });
  }

  #hint() {
    this.#down.hidden = this.#follows || this.#log.hidden;
  }

  #keep(count) {
    for (const { node } of this.#drawn.splice(count)) node.remove();
  }

  #add(index, item) {
    this.#keep(index);
    const node = this.#nodeOf(item);
    this.#drawn.push({ item, node });
    this.#log.append(node);
    if (item.kind === "theirs" && item.chat === this.#chat) this.#observer.observe(node);
  }

  // In place: a new node would be read out once more.
  #change(drawn, item) {
    if (item.links !== drawn.item.links) fill(drawn.node.querySelector(".text"), item);
    if (item.mark !== drawn.item.mark) this.#mark(drawn.node, item);
    drawn.item = item;
  }

  #nodeOf(item) {
    const words = this.#words;
    const { kind } = item;
    const mine = kind === "mine";
    if (!mine && kind !== "theirs") {
      return element("p", { className: "line", dir: "auto" }, told(item, words));
    }
    const node = element(
      "div",
      { className: kind },
      element("span", { className: "unseen" }, `${words.say(mine ? "you" : "stranger")} `),
      fill(element("p", { className: "text", dir: "auto" }), item),
      element(
        "p",
        { className: "below" },
        element("time", { dateTime: new Date(item.at * 1000).toISOString() }, words.time(item.at)),
      ),
    );
    if (mine) {
      node.ariaLive = "off"; // who wrote it knows it
      this.#mark(node, item);
    } else {
      node.dataset.seq = item.seq;
    }
    return node;
  }

  #mark(node, { id, mark }) {
    node.dataset.mark = mark;
    const words = this.#words;
    const button = (act) => {
      const button = element("button", { type: "button" }, words.say(act));
      Object.assign(button.dataset, { act, id });
      return button;
    };
    const below = node.querySelector(".below");
    const shown = mark === "lost" ? "failed" : mark;
    below.replaceChildren(
      below.firstChild,
      element("span", { className: "mark" }, words.say(`mark.${shown}`)),
      ...(mark === "failed" ? [button("again")] : []),
      ...(shown === "failed" ? [button("edit")] : []),
    );
  }
}

const isSame = (one, other) =>
  one.kind === other.kind && one.chat === other.chat && one.id === other.id && one.seq === other.seq;

function fill(node, { text, links }) {
  node.classList.toggle("emoji", onlyEmoji(text));
  node.replaceChildren(
    ...pieces(text).map((piece) =>
      links && piece.link
        ? element(
            "a",
            { href: piece.text, target: "_blank", rel: "noopener noreferrer nofollow", dir: "ltr" },
            piece.text,
          )
        : piece.text,
    ),
  );
  return node;
}
