// What is around a search and a conversation: how it goes, which buttons there are, and what
// they say and ask.

import { at, show, write } from "./dom.js";

const BUTTONS = ["leave", "block", "save", "cancel", "rematch", "next", "yes", "stop", "no"];

/** Return whether so much was said that nobody shall lose it by mistake. */
export const precious = (items) => items.filter(({ at }) => at !== undefined).length > 10;

/** Return what changes too often to be read out: the time waited, or that the stranger writes. */
export function detail({ phase, link, search, typing, now }, words) {
  if (phase === "talking") return typing ? words.say("typing") : "";
  if (phase !== "searching" || link !== "open" || search === null) return "";
  const say = (key, n) => words.say(key, { time: words.seconds(Math.max(0, n)) });
  const waited = say("waited", Math.floor(now - search.since));
  if (search.estimate === null) return waited;
  return `${waited} ${say("estimate", Math.ceil(search.estimate))}`;
}

/** Let each button do what `acts` has by its id. */
export function bind(acts) {
  for (const id of BUTTONS) at(id).addEventListener("click", () => acts[id]());
}

/** Show what there is to do in a state. */
export function drawControls(state, words) {
  const { phase, asking, again, typing, why, now } = state;
  const inChat = phase === "talking" || phase === "over";
  const offer = again && (phase === "over" || again.offered);
  write(at("detail"), detail(state, words));
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
