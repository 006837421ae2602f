// The first view: what this is, the rules, and with whom one would like to talk.

import { at, element, isComposed } from "./dom.js";

const MANY = 10; // so many guests are worth telling
const OFFERED =
  "ar bg bn ca cs da de el en es et fa fi fr he hi hr hu id it ja ko lt lv ms nl no pl pt ro ru sk sl sr sv sw ta th tr uk ur vi zh";

const same = (text) => text.normalize("NFKC").toLowerCase();

export class Entry {
  #topic = at("topic");
  #select = at("language");
  #on;
  #wishes;
  #words;

  /** `on` has `chosen`, which takes what has changed, `refused` a code, and `start`. */
  constructor(on) {
    this.#on = on;
    this.#topic.addEventListener("keydown", (event) => {
      if (isComposed(event) || (event.key !== "Enter" && event.key !== ",")) return;
      if (event.key === "Enter" && this.#topic.value.trim() === "") return;
      event.preventDefault();
      this.#addTopic();
    });
    this.#select.addEventListener("change", () => {
      this.#choose("languages", [...this.#wishes.languages, this.#select.value]);
    });
    for (const id of ["only", "consent"]) {
      at(id).addEventListener("change", ({ target }) => on.chosen({ [id]: target.checked }));
    }
    at("entry").addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.#addTopic()) return;
      if (this.#wishes.consent) return on.start();
      on.refused("consent");
      at("consent").focus();
    });
  }

  draw(preferences, limits, words) {
    const { topics, languages } = preferences;
    this.#wishes = preferences;
    this.#words = words;
    this.limits = limits;
    this.#chips("topics", topics, (topic) => topic, this.#topic);
    this.#chips("languages", languages, (tag) => words.name(tag), this.#select);
    at("only").checked = preferences.only;
    at("consent").checked = preferences.consent;
    const rest = OFFERED.split(" ").filter((tag) => !languages.includes(tag));
    const options = rest.map((tag) => [words.name(tag), tag]);
    options.sort(([one], [other]) => one.localeCompare(other, words.language));
    this.#select.replaceChildren(
      ...[["+", ""], ...options].map(([name, tag]) => new Option(name, tag)),
    );
    this.#select.hidden = languages.length >= limits.languages;
    const rules = at("rules");
    if (rules.dataset.ours || rules.childElementCount === 0) {
      rules.dataset.ours = true; // the operator has none
      const lines = [1, 2, 3].map((number) => element("li", {}, words.say(`rule.${number}`)));
      rules.replaceChildren(...lines);
    }
  }

  count(guests) {
    at("guests").hidden = guests < MANY;
    at("guests").textContent = this.#words.say("guests", { n: guests });
  }

  // Return whether what stands in the box is a topic now, or nothing.
  #addTopic() {
    const topic = this.#topic.value.trim();
    const { topics } = this.#wishes;
    if ([...topic].length > this.limits.topic) return this.#refuse("topic_too_long");
    if (topic && !topics.some((other) => same(other) === same(topic))) {
      if (topics.length >= this.limits.topics) return this.#refuse("too_many_topics");
      this.#choose("topics", [...topics, topic]);
    }
    this.#topic.value = "";
    return true;
  }

  #refuse(code) {
    this.#on.refused(code);
    this.#topic.focus();
    return false;
  }

  #choose(name, values) {
    this.#on.chosen({ [name]: values });
  }

  #chips(name, values, label, next) {
    const chips = values.map((value) => {
      const button = element("button", { type: "button" }, element("bdi", {}, label(value)), " ×");
      button.ariaLabel = this.#words.say("remove", { name: label(value) });
      button.addEventListener("click", () => {
        this.#choose(name, values.filter((other) => other !== value));
        next.focus();
      });
      return element("li", {}, button);
    });
    at(name).querySelector(".chips").replaceChildren(...chips);
  }
}
