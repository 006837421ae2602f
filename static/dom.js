// Small help with the document. Texts go in as text only.

// Where the words go that an element's data names.
const PLACES = { say: "textContent", label: "ariaLabel", hint: "placeholder" };

export const at = (id) => document.getElementById(id);

/** Make an element; children are elements or texts. */
export function element(name, properties, ...children) {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
}

/** Write a text; what says the same as before must not be read out again. */
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Show the elements with these ids, or hide them. */
export function show(shown) {
  for (const [id, visible] of Object.entries(shown)) at(id).hidden = !visible;
}

/** Put the words of a language into all that stands in the document. */
export function translate(words) {
  document.documentElement.lang = words.language;
  document.documentElement.dir = words.direction;
  for (const [name, property] of Object.entries(PLACES)) {
    for (const node of document.querySelectorAll(`[data-${name}]`)) {
      node[property] = words.say(node.dataset[name]);
    }
  }
}

/** Add a style sheet; resolves when it is there, rejects if it does not come. */
export function styled(href) {
  return new Promise((onload, onerror) => {
    document.head.append(element("link", { rel: "stylesheet", href, onload, onerror }));
  });
}

/**
 * Return whether a key is an input method's: there Enter chooses a word. Safari has composed
 * when the key comes, which only its code tells: https://bugs.webkit.org/show_bug.cgi?id=165004
 */
export const isComposed = ({ isComposing, keyCode }) => isComposing || keyCode === 229;
