// The conversation: what the guest does in it, and how it shows. Only who searches needs it, so
// it is fetched then.

import { Composer } from "./composer.js";
import { bind, drawControls, precious } from "./controls.js";
import { message } from "./frames.js";
import { Log } from "./log.js";
import { Notice, news } from "./notice.js";
import { Presence } from "./presence.js";
import { clean, length } from "./text.js";
import { save, transcript } from "./transcript.js";

const ESCAPES_WITHIN = 1.5; // s
const NOTICES = { gotMessage: "notify.message", connected: "notify.met" };

export class Talk {
  #page;
  #log;
  #composer;
  #presence;
  #notice = new Notice();

  /** `page` has `state`, `words`, `preferences`, and `happened`, `send`, `search` and `refused`. */
  constructor(page) {
    this.#page = page;
    const edit = (id) => page.happened({ type: "edit", id });
    this.#log = new Log({ looked: () => this.#looked(), again: (id) => this.#again(id), edit });
    this.#composer = new Composer({
      draft: (text) => this.#draft(text),
      say: () => this.#say(),
      escape: () => this.#escape(),
    });
    this.#presence = new Presence(page.send);
    bind(this);
    const look = () => {
      this.#presence.looks(!document.hidden);
      this.#looked();
    };
    document.addEventListener("visibilitychange", look);
    look();
    // Where there is none, or no network just now, everything else works.
    navigator.serviceWorker?.register("sw.js").catch(() => {});
  }

  draw() {
    const { state, words } = this.#page;
    drawControls(state, words);
    this.#log.draw(state, news(state), words);
    this.#composer.draw(state, words);
    this.#notice.show(news(state), words);
  }

  /** Return what the server must hear after each welcome. */
  owed() {
    return [this.#presence.owed()];
  }

  /** Note that a frame has changed the state; make oneself noticed if nobody looks. */
  heard({ type }) {
    this.#looked();
    const { words, preferences } = this.#page;
    if (!Object.hasOwn(NOTICES, type) || (!document.hidden && document.hasFocus())) return;
    if (preferences.sound) this.ring();
    if (preferences.notifications) this.#notice.notify(words.say(NOTICES[type]));
  }

  ring() {
    this.#notice.ring();
  }

  // What the buttons do, by their ids.

  next() {
    const { state, search } = this.#page;
    const asks = state.phase === "talking" && precious(state.items) && state.asking !== "next";
    if (asks) this.#ask("next");
    else search();
  }

  leave() {
    const { state, happened, send } = this.#page;
    send({ type: "disconnect", ...(state.chat !== null && { chat: state.chat }) });
    happened({ type: "leave" });
  }

  cancel() {
    this.leave();
  }

  rematch() {
    const { state, happened, send } = this.#page;
    if (state.again === null || state.again.asked) return;
    send({ type: "rematch", chat: state.again.chat });
    happened({ type: "rematch" });
  }

  save() {
    const { state, words } = this.#page;
    save("roulette.txt", transcript(state.items, words));
  }

  block() {
    this.#ask("block");
  }

  yes() {
    if (this.#page.state.asking === "block") this.stop();
    this.#page.search();
  }

  stop() {
    const { state, happened, send } = this.#page;
    send({ type: "block", chat: state.chat ?? state.left });
    happened({ type: "block" });
  }

  no() {
    this.#ask(null);
  }

  #ask(what) {
    this.#page.happened({ type: "ask", what });
  }

  #escape() {
    const { state, refused } = this.#page;
    if (state.asking !== null) return this.no();
    if (state.phase !== "talking" && state.phase !== "over") return;
    const { error } = state;
    if (error?.code === "escape" && Date.now() / 1000 < error.until) this.next();
    else refused("escape", ESCAPES_WITHIN);
  }

  #draft(text) {
    this.#page.happened({ type: "draft", text });
    const { phase, chat } = this.#page.state;
    if (phase === "talking") this.#presence.writes(chat, text);
  }

  #say() {
    const { state, happened, search, refused } = this.#page;
    const text = clean(state.draft);
    if (text.trim() === "") {
      if (state.phase === "over") search();
    } else if (state.phase !== "talking" || state.link === "ended") {
      refused("nobody");
    } else if (length(text) > state.limits.text) {
      refused("message_too_large");
    } else {
      this.#presence.rests(true);
      const id = freshId();
      happened({ type: "say", id, text, at: Date.now() / 1000 });
      this.#transmit(id);
    }
  }

  #again(id) {
    this.#page.happened({ type: "again", id });
    this.#transmit(id);
  }

  #transmit(id) {
    const item = this.#page.state.items.findLast((item) => item.id === id);
    if (item.mark === "sending") this.#page.send(message(item));
  }

  #looked() {
    const { state, happened } = this.#page;
    const { inView } = this.#log;
    if (document.hidden || state.chat === null || inView <= state.shown) return;
    happened({ type: "shown", seq: inView });
    if (state.phase === "talking" && inView > 0) this.#presence.saw(state.chat, inView);
  }
}

// crypto.randomUUID is there only for pages that came over TLS.
const freshId = () => crypto.getRandomValues(new Uint32Array(4)).join("-");
