// The languages of the page: each is a file of words, and the rules of its numbers and lists.

/** The languages that there are, by their own names. */
export const LANGUAGES = {
  ar: "العربية",
  de: "Deutsch",
  en: "English",
  es: "Español",
  pl: "Polski",
};

const RIGHT_TO_LEFT = ["ar"];
const SECONDS = { style: "unit", unit: "second", unitDisplay: "long" };
const CLOCK = { hour: "2-digit", minute: "2-digit" };

/** Return the first of the tags in whose language there are words, else English. */
export const choose = (tags) => tags.find((tag) => Object.hasOwn(LANGUAGES, base(tag))) ?? "en";

/** Return the language of a tag: "pt" of "pt-BR". */
export const base = (tag) => tag.split("-")[0].toLowerCase();

export class Words {
  /** `tag` says how numbers and times look, `texts` are the words of its language. */
  constructor(tag, texts) {
    this.tag = tag;
    this.language = base(tag);
    this.direction = RIGHT_TO_LEFT.includes(this.language) ? "rtl" : "ltr";
    this.#texts = texts;
    this.#plural = new Intl.PluralRules(tag);
    this.#names = new Intl.DisplayNames(tag, { type: "language" });
  }

  #texts;
  #plural;
  #names;

  /** Fetch the words for a tag; raises TypeError without a network. */
  static async load(tag) {
    const file = await fetch(`words/${base(tag)}.json`);
    return new Words(tag, await file.json());
  }

  /**
   * Return the words for a key, or for the `other` of its family if it is none that is foreseen.
   * `{n}` and the like in them are replaced, `n` chooses the plural.
   */
  say(key, values = {}) {
    let text = this.#texts[key] ?? this.#texts[key.replace(/\..*/s, ".other")];
    if (typeof text === "object") text = text[this.#plural.select(values.n)] ?? text.other;
    return text.replace(/\{(\w+)\}/g, (_, name) => {
      const value = values[name];
      return typeof value === "number" ? this.number(value) : value;
    });
  }

  /** Return "a, b and c", or "or" for a `disjunction`. */
  list(items, type = "conjunction") {
    return new Intl.ListFormat(this.tag, { type }).format(items);
  }

  /** Return the name of a language; a tag that means nothing stays as it is. */
  name(tag) {
    try {
      return this.#names.of(tag);
    } catch {
      return tag;
    }
  }

  number = (n) => n.toLocaleString(this.tag);
  seconds = (n) => n.toLocaleString(this.tag, SECONDS);
  time = (at) => new Date(at * 1000).toLocaleTimeString(this.tag, CLOCK);
}
