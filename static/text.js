// What is in a text: how long it is for the server, whether it is emoji only, where links are.

// What the server takes out (roulette/core/text.py): controls but newline and tab, bidi
// overrides, lone surrogates.
const UNWANTED = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202d\u202e\p{Cs}]/gu;

const EMOJI = /^(?:\p{RGI_Emoji}|\s)+$/v;
const FEW = 40; // code units: some ten emoji

// An address ends where something comes that cannot be seen, so that it is what it looks like.
const ADDRESS = /\bhttps?:\/\/[^\s<>"“”«»\p{C}]+/giu;
const PUNCTUATION = /[.,;:!?'’)\]}*_…،؛؟]$/;

/** Return the text as the server will pass it on. */
export const clean = (text) => text.replace(/\r\n?/g, "\n").replace(UNWANTED, "");

/** Return how many characters a text has for the server: code points, after cleaning. */
export const length = (text) => [...clean(text)].length;

/** Return whether a text is a few emoji and nothing else. */
export const onlyEmoji = (text) => text.length <= FEW && text.trim() !== "" && EMOJI.test(text);

/** Return the text in pieces {text, link}, of which some are addresses of the web. */
export function pieces(text) {
  const found = [];
  let end = 0;
  for (const { 0: match, index } of text.matchAll(ADDRESS)) {
    const address = withoutTail(match);
    if (!leadsThere(address)) continue;
    if (index > end) found.push({ text: text.slice(end, index), link: false });
    found.push({ text: address, link: true });
    end = index + address.length;
  }
  if (end < text.length) found.push({ text: text.slice(end), link: false });
  return found;
}

// What ends the sentence is no part of the address; a bracket that was opened in it is.
function withoutTail(address) {
  while (PUNCTUATION.test(address)) {
    const closes = address.endsWith(")");
    if (closes && address.split("(").length >= address.split(")").length) break;
    address = address.slice(0, -1);
  }
  return address;
}

// An address with a name before an @ looks as if it led to that name.
function leadsThere(address) {
  try {
    const { hostname, username, password } = new URL(address);
    return hostname !== "" && username + password === "";
  } catch {
    return false;
  }
}
