// The connection to the server: it comes back by itself when it is lost.
//
// Of the wire it knows our hello, the server's welcome, and which frames are always answered.
// All times are in ms.

const CHAT = "ws"; // beside the page
const SUBPROTOCOL = "roulette.v1.json";
const FIRST_DELAY = 500;
const LONGEST_DELAY = 30_000;
const STEADY_AFTER = 5_000;
const ANSWERED_WITHIN = 10_000;

const ANSWERED = new Set(["hello", "start", "message", "next", "disconnect", "block"]);

// Close codes after which to come back later than after others, as if after so many failures:
// the server stops or restarts, which everybody is told at once; it is full; we were too fast.
const LATER = new Map([[1001, 3], [1012, 3], [1013, 4], [4029, 4]]);

// Those after which only a person may try again: sent away, replaced, banned.
const BANNED = 4003;
const FINAL = new Set([1008, 4001, BANNED]);

/** Return how long to wait after so many failures; drawn, so that not all come at once. */
export function backOff(failures, random) {
  return random() * Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** failures);
}

export class Connection {
  #on;
  #world;
  #socket = null;
  #timer = null;
  #failures = 0;
  #welcomedAt = null;

  /**
   * `on.hello` returns the first frame, `on.heard` takes each that comes. `on.lost` and
   * `on.ended` take the close code, if any: a connection that is lost will be opened again.
   * `world` has what the global object has: sockets, `fetch`, timers, the clock and chance.
   */
  constructor(on, world = globalThis) {
    this.#on = on;
    this.#world = world;
  }

  open() {
    const socket = new this.#world.WebSocket(CHAT, SUBPROTOCOL);
    socket.onopen = () => this.#transmit(this.#on.hello());
    socket.onmessage = ({ data }) => this.#heard(JSON.parse(data));
    socket.onclose = ({ code }) => this.#gone(code);
    this.#socket = socket;
    this.#wait(ANSWERED_WITHIN, () => this.drop());
  }

  /** Send a frame. Before the welcome it is dropped: then the state says what is owed. */
  send(frame) {
    if (this.#welcomedAt !== null) this.#transmit(frame);
  }

  /** Give the connection up, since it is known to be dead, and open another. */
  drop() {
    if (this.#abandon()) this.#gone();
  }

  /** If the connection is lost, try now, since something has changed. */
  retry() {
    if (this.#socket === null && this.#timer !== null) {
      this.#forget();
      this.open();
    }
  }

  // Its own end may be a long time in coming.
  #abandon() {
    const socket = this.#socket;
    if (socket === null) return false;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    this.#socket = null;
    return true;
  }

  #transmit(frame) {
    this.#socket.send(JSON.stringify(frame));
    if (this.#timer === null && ANSWERED.has(frame.type)) {
      this.#wait(ANSWERED_WITHIN, () => this.drop());
    }
  }

  #heard(frame) {
    this.#forget();
    if (frame.type === "welcome") this.#welcomedAt = this.#world.performance.now();
    this.#on.heard(frame);
  }

  #gone(code) {
    const lasted = this.#world.performance.now() - (this.#welcomedAt ?? Infinity);
    const failures = lasted > STEADY_AFTER ? 0 : this.#failures + 1;
    this.#failures = Math.max(failures, LATER.get(code) ?? 0);
    const refused = code === 1006 && this.#welcomedAt === null;
    this.#socket = this.#welcomedAt = null;
    this.#forget();
    if (FINAL.has(code)) {
      this.#on.ended(code);
    } else {
      this.#wait(backOff(this.#failures, this.#world.Math.random), () => this.open());
      this.#on.lost(code);
      if (refused) this.#askWhy();
    }
  }

  // Of a handshake that is refused a page is not told why, but of any other request it is.
  async #askWhy() {
    const { status } = await this.#world.fetch(CHAT).catch(() => ({}));
    if (status !== 403 || this.#welcomedAt !== null) return;
    this.#abandon();
    this.#forget();
    this.#on.ended(BANNED);
  }

  // One timer is enough: for the server's answer, or, without a socket, for the next attempt.
  #wait(delay, act) {
    this.#timer = this.#world.setTimeout(() => {
      this.#timer = null;
      act();
    }, delay);
  }

  #forget() {
    this.#world.clearTimeout(this.#timer);
    this.#timer = null;
  }
}
