// What can be done in a conversation: which buttons there are, and what they say and ask.

import { at, show, write } from "./dom.js";

const BUTTONS = ["leave", "block", "save", "cancel", "rematch", "next", "yes", "stop", "no"];

/** Return whether so much was said that nobody shall lose it by mistake. */
export const precious = (items) => items.filter(({ at }) => at !== undefined).length > 10;

/** Let each button do what `acts` has by its id. */
export function bind(acts) {
  for (const id of BUTTONS) at(id).addEventListener("click", () => acts[id]());
}

/** Show what there is to do in a state. */
export function drawControls({ phase, asking, again, typing, why, now }, words) {
  const inChat = phase === "talking" || phase === "over";
  const offer = again && (phase === "over" || again.offered);
  document.body.toggleAttribute("data-typing", typing);
  write(at("leave"), words.say(phase === "talking" ? "leave" : "close"));
  show({
    log: inChat,
    composer: inChat,
    leave: inChat,
    save: inChat,
    block: phase === "talking" || (phase === "over" && why !== "blocked"),
    rematch: offer,
    ask: asking !== null,
    stop: asking === "block",
  });
  if (offer) drawOffer(again, now, words);
  if (asking !== null) {
    write(at("question"), words.say(`ask.${asking}`));
    write(at("yes"), words.say(`ask.${asking}_yes`));
  }
}

function drawOffer({ asked, offered, until }, now, words) {
  const key = asked ? "rematch.asked" : offered ? "rematch.offered" : "rematch.ask";
  const time = words.seconds(Math.max(0, Math.ceil(until - now)));
  write(at("rematch"), words.say(key, { time }));
  at("rematch").ariaDisabled = asked;
  at("rematch").className = offered && !asked ? "main" : "";
}
