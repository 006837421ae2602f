// What was said as text, and as a file that is made in the browser.

/** Return what an item that nobody said tells: who was met, that it is over, the operator's words. */
export function told(item, words) {
  if (item.kind === "end") return words.say("gone.other");
  if (item.kind === "server") return words.say("server", { text: item.text });
  const { common, languages, before } = item;
  const names = languages.map((tag) => words.name(tag));
  return [
    words.say(before ? "met.again" : "met.new"),
    ...(common.length ? [words.say("met.topics", { list: words.list(common) })] : []),
    ...(names.length ? [words.say("met.languages", { list: words.list(names) })] : []),
  ].join(" ");
}

/** Return the items as lines of text. */
export function transcript(items, words) {
  const lines = items.map((item) => {
    const { kind, text, at, mark } = item;
    if (kind !== "mine" && kind !== "theirs") return told(item, words);
    const who = words.say(kind === "mine" ? "you" : "stranger");
    const unsent = kind === "mine" && mark !== "sent" && mark !== "seen";
    return `[${words.time(at)}] ${who} ${text}${unsent ? ` (${words.say("mark.failed")})` : ""}`;
  });
  return `${lines.join("\n")}\n`;
}

/** Let the browser save a text under a name. */
export function save(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
