// What the page says. Everything that a person reads and that may change is here.

const ERRORS = {
  message_too_large: "That message is too long: it may have # characters.",
  nobody_yet: "Nobody is here yet; your message waits in the box.",
  rate_limited: "Not so fast: wait a moment, then try again.",
  server_full: "The server is full. Try again later.",
  draining: "The server is about to restart. Try again in a minute.",
};

const LOST = {
  1001: "The server is restarting. Reconnecting…",
  1012: "The server is restarting. Reconnecting…",
  1013: "The server is full. Trying again…",
};

const ENDED = {
  1008: "The server has shown you out.",
  4001: "This chat goes on in another tab.",
  4003: "You are banned from this server.",
};

const SEARCHING = "Looking for a stranger…";

const GONE = {
  left: "The stranger has left.",
  next: "The stranger has left, to meet somebody else.",
  timeout: "The stranger’s connection is lost.",
  kicked: "The stranger was shown out.",
  shutdown: "The server is shutting down; the stranger has left.",
  lost: "The connection was lost, and the chat with it.",
};

const TALKING = {
  here: "You are talking with a stranger.",
  away: "The stranger is looking elsewhere.",
  reconnecting: "The stranger has lost the connection and may come back.",
};

export const MARKS = { sending: "sending…", sent: "sent", failed: "not sent" };
export const MINE = "You: ";
export const THEIRS = "Stranger: ";
export const SERVER = "From the server: ";

/** Return where the guest is, in words, and a tone for it: busy, good, warn or off. */
export function status({ link, phase, ...state }) {
  if (link === "ended") return { words: ENDED[state.code], tone: "off" };
  if (link === "lost") {
    return { words: LOST[state.code] ?? "The connection is lost. Reconnecting…", tone: "warn" };
  }
  switch (phase) {
    case "talking": {
      const hello = state.stranger === "here" && state.items.length === 0 ? " Say hello!" : "";
      const tone = state.stranger === "reconnecting" ? "warn" : "good";
      return { words: TALKING[state.stranger] + hello, tone };
    }
    case "gone":
      return { words: gone(state.why), tone: "off" };
    case "stopped":
      return { words: "You have stopped.", tone: "off" };
    default:
      return { words: link === "open" ? SEARCHING : "Connecting…", tone: "busy" };
  }
}

/** Return why the stranger has gone. */
export function gone(why) {
  return GONE[why] ?? GONE.left;
}

/** Return what to say about what was refused, nothing if nothing was. */
export function problem({ error, limit }) {
  if (error === null) return "";
  const words = ERRORS[error] ?? `The server could not take that (${error}).`;
  return words.replace("#", limit.toLocaleString("en"));
}

/** Return what the button says that stops, starts, or starts again. */
export function toggle({ link, code, phase }) {
  if (link === "ended") return code === 4001 ? "Go on here" : "Start again";
  return phase === "stopped" ? "Start" : "Stop";
}
