// What the stranger is told without words: that one writes, has seen, is away or back.
//
// All times are in ms. `world` has what the global object has: the timers and the clock.

const TYPING_EVERY = 3_000;
const TYPING_IDLES = 5_000;
const SEEN_EVERY = 300;
const AWAY_AFTER = 60_000;

export class Presence {
  #send;
  #world;
  #chat = null; // in which one writes
  #told = -Infinity; // when the stranger was last told so
  #seen = null; // what the stranger is about to be told
  #timers = {};
  #away = false;

  /** `send` takes a frame; what is lost with the connection is not missed. */
  constructor(send, world = globalThis) {
    this.#send = send;
    this.#world = world;
  }

  /** Note what is in the box now. */
  writes(chat, text) {
    if (text === "") return this.rests();
    const now = this.#world.performance.now();
    if (this.#chat !== chat || now - this.#told >= TYPING_EVERY) {
      this.#chat = chat;
      this.#told = now;
      this.#send({ type: "typing", chat });
    }
    this.#later("typing", TYPING_IDLES, () => this.rests());
  }

  /** Note that nothing more is written. A message says so `silently`, by itself. */
  rests(silently = false) {
    this.#stop("typing");
    if (this.#chat !== null && !silently) this.#send({ type: "stoppedTyping", chat: this.#chat });
    this.#chat = null;
  }

  /** Note that everything up to `seq` was seen; a burst is told as one. */
  saw(chat, seq) {
    if (this.#seen === null) {
      this.#later("seen", SEEN_EVERY, () => {
        this.#send({ type: "seen", ...this.#seen });
        this.#seen = null;
      });
    }
    this.#seen = { chat, seq };
  }

  /** Note whether the page can be seen. */
  looks(visible) {
    this.#stop("away");
    if (!visible) {
      this.#later("away", AWAY_AFTER, () => {
        this.#away = true;
        this.#send({ type: "away" });
      });
    } else if (this.#away) {
      this.#away = false;
      this.#send({ type: "back" });
    }
  }

  /** Return what the server must hear after a resume: it still knows what was true before. */
  owed() {
    return { type: this.#away ? "away" : "back" };
  }

  #later(name, delay, act) {
    this.#stop(name);
    this.#timers[name] = this.#world.setTimeout(act, delay);
  }

  #stop(name) {
    this.#world.clearTimeout(this.#timers[name]);
  }
}
