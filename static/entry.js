// The first view: what this is, the rules, and with whom one would like to talk.

import { at, element, isComposed } from "./dom.js";

const OFFERED =
  "ar bg bn ca cs da de el en es et fa fi fr he hi hr hu id it ja ko lt lv ms nl no pl pt ro ru sk sl sr sv sw ta th tr uk ur vi zh";

const same = (text) => text.normalize("NFKC").toLowerCase();

export class Entry {
  #page;
  #topic = at("topic");
  #select = at("language");

  /** `page` has `state`, `words`, `preferences`, and `chosen`, `refused` and `search`. */
  constructor(page) {
    this.#page = page;
    this.#topic.addEventListener("keydown", (event) => {
      const ends = event.key === "," || (event.key === "Enter" && this.#topic.value.trim() !== "");
      if (!ends || isComposed(event)) return;
      event.preventDefault();
      this.#addTopic();
    });
    this.#select.addEventListener("change", () => {
      const { languages } = page.preferences;
      page.chosen({ languages: [...languages, this.#select.value] });
    });
    for (const id of ["only", "consent"]) {
      at(id).addEventListener("change", ({ target }) => page.chosen({ [id]: target.checked }));
    }
    at("entry").addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.#addTopic()) return;
      if (page.preferences.consent) page.search(page.preferences);
      else this.#refuse("consent", at("consent"));
    });
  }

  draw() {
    const { state, words, preferences } = this.#page;
    const { topics, languages, only, consent } = preferences;
    this.#chips("topics", topics, (topic) => topic, this.#topic);
    this.#chips("languages", languages, (tag) => words.name(tag), this.#select);
    at("only").checked = only;
    at("consent").checked = consent;
    const rest = OFFERED.split(" ").filter((tag) => !languages.includes(tag));
    const options = rest.map((tag) => new Option(words.name(tag), tag));
    options.sort((one, other) => one.text.localeCompare(other.text, words.language));
    this.#select.replaceChildren(new Option("+", ""), ...options);
    this.#select.hidden = languages.length >= state.limits.languages;
  }

  // Return whether what stands in the box is a topic now, or nothing.
  #addTopic() {
    const { topics } = this.#page.preferences;
    const { limits } = this.#page.state;
    const topic = this.#topic.value.trim();
    if ([...topic].length > limits.topic) return this.#refuse("topic_too_long", this.#topic);
    if (topic && !topics.some((other) => same(other) === same(topic))) {
      if (topics.length >= limits.topics) return this.#refuse("too_many_topics", this.#topic);
      this.#page.chosen({ topics: [...topics, topic] });
    }
    this.#topic.value = "";
    return true;
  }

  #refuse(code, where) {
    this.#page.refused(code);
    where.focus();
    return false;
  }

  #chips(of, values, label, next) {
    const { words, chosen } = this.#page;
    const chips = values.map((value) => {
      const name = label(value);
      const named = { type: "button", ariaLabel: words.say("remove", { name }) };
      const button = element("button", named, element("bdi", {}, name), " ×");
      button.addEventListener("click", () => {
        chosen({ [of]: values.filter((other) => other !== value) });
        next.focus();
      });
      return element("li", {}, button);
    });
    at(of).querySelector(".chips").replaceChildren(...chips);
  }
}
