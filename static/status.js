// Where the guest is, in words: from the state to what is said of it.

/** Return {text, tone}: where the guest is; the tone is busy, good, warn or off. */
export function status(state, words) {
  const { link, phase, code, stranger, why } = state;
  const lost = link === "ended" || link === "lost";
  if (lost) return { text: words.say(`${link}.${code}`), tone: link === "lost" ? "warn" : "off" };
  if (phase === "over") return { text: words.say(`gone.${why}`), tone: "off" };
  if (phase === "talking") {
    const tone = stranger === "here" ? "good" : "warn";
    return { text: words.say(`talking.${stranger}`), tone };
  }
  if (link === "connecting") return { text: words.say("connecting"), tone: "busy" };
  return { text: phase === "searching" ? searching(state, words) : "", tone: "busy" };
}

/** Return what was refused, or else what the operator says; nothing if neither. */
export function problem({ error, banner, limits, now }, words) {
  if (error !== null) {
    const n = error.code === "message_too_large" ? limits.text : Math.ceil(error.until - now);
    return words.say(`error.${error.code}`, { n, code: error.code });
  }
  return banner === null ? "" : words.say("server", { text: banner });
}

function searching({ search, why, wishes }, words) {
  const { topics, languages } = wishes;
  const wished = { topics, languages: languages.map((tag) => words.name(tag)) };
  const names = wished[search?.stage] ?? [];
  const text = names.length
    ? words.say(`stage.${search.stage}`, { list: words.list(names, "disjunction") })
    : words.say(topics.length && search ? "stage.now_anyone" : "stage.anyone");
  return why === "blocked" ? `${words.say("gone.blocked")} ${text}` : text;
}
