// A world of which the test is the reactor: time passes when it says so.
export class World {
  sockets = [];
  timers = new Map();
  time = 0;
  answer = new Error("no network"); // to every request
  asked = [];
  Math = { random: () => 0.5 };
  performance = { now: () => this.time };
  fetch = async (path) => {
    this.asked.push(path);
    if (this.answer instanceof Error) throw this.answer;
    return { status: this.answer };
  };
  clearTimeout = (timer) => this.timers.delete(timer);

  constructor() {
    const world = this;
    this.WebSocket = class {
      sent = [];
      closed = false;
      constructor(url, subprotocol) {
        Object.assign(this, { url, subprotocol });
        world.sockets.push(this);
      }
      send(data) {
        this.sent.push(JSON.parse(data));
      }
      close() {
        this.closed = true;
      }
    };
  }

  setTimeout = (act, delay) => {
    const timer = Symbol("timer");
    this.timers.set(timer, { act, at: this.time + delay });
    return timer;
  };

  pass(ms) {
    const end = this.time + ms;
    for (;;) {
      const [timer, due] = [...this.timers].sort(([, a], [, b]) => a.at - b.at)[0] ?? [];
      if (timer === undefined || due.at > end) break;
      this.timers.delete(timer);
      this.time = due.at;
      due.act();
    }
    this.time = end;
  }

  get last() {
    return this.sockets.at(-1);
  }

  hear(frame) {
    this.last.onmessage({ data: JSON.stringify(frame) });
  }

  welcome() {
    this.last.onopen();
    this.hear({ type: "welcome" });
  }
}
