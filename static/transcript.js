// What was said as a file, made in the browser.

import { met } from "./status.js";

/** Return the items as lines of text. */
export function transcript(items, words) {
  const lines = items.map((item) => {
    switch (item.kind) {
      case "met":
        return met(item, words);
      case "end":
        return words.say("gone.other");
      case "server":
        return words.say("server", { text: item.text });
    }
    const who = words.say(item.kind === "mine" ? "you" : "stranger");
    const unsent = item.kind === "mine" && item.mark !== "sent" && item.mark !== "seen";
    const mark = unsent ? ` (${words.say("mark.failed")})` : "";
    return `[${words.time(item.at)}] ${who} ${item.text}${mark}`;
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
