// How the page makes itself noticed while one looks elsewhere. Never with what was said.

const TAG = "roulette";
const NOTES = [659, 880]; // Hz: a fourth up
const LOUDNESS = 0.06;

/** Return how much has come that was not seen: messages, or at first that a chat has begun. */
export const news = ({ seq, shown }) => seq - Math.max(shown, 0) || Number(shown < 0);

export class Notice {
  #title = document.title;
  #icon = document.querySelector("link[rel=icon]");
  #audio = null;

  /** Show how much is new in the title and on the icon. */
  show(news, words) {
    const title = news ? `(${words.number(news)}) ${this.#title}` : this.#title;
    if (document.title === title) return;
    document.title = title;
    this.#icon.setAttribute("href", news ? "favicon-news.svg" : "favicon.svg");
    if (!news) this.#clear();
  }

  /** Play two soft notes; a browser may want a click first, and is silent until then. */
  ring() {
    this.#audio ??= new AudioContext();
    this.#audio.resume();
    NOTES.forEach((pitch, number) => {
      const note = new OscillatorNode(this.#audio, { frequency: pitch });
      const volume = new GainNode(this.#audio, { gain: 0 });
      const start = this.#audio.currentTime + number * 0.12;
      volume.gain.setTargetAtTime(LOUDNESS, start, 0.01);
      volume.gain.setTargetAtTime(0, start + 0.06, 0.08);
      note.connect(volume).connect(this.#audio.destination);
      note.start(start);
      note.stop(start + 0.6);
    });
  }

  /** Show a notification. It is the service worker's, since phones know no other. */
  async notify(text) {
    const worker = await this.#worker();
    await worker?.showNotification(this.#title, { body: text, tag: TAG, icon: "icon.svg" });
  }

  async #clear() {
    const worker = await this.#worker();
    for (const shown of (await worker?.getNotifications({ tag: TAG })) ?? []) shown.close();
  }

  async #worker() {
    const allowed = globalThis.Notification?.permission === "granted";
    return allowed ? navigator.serviceWorker?.getRegistration() : undefined;
  }
}
