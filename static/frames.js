// What the page has to tell the server, as it follows from the state (docs: The wire).

import { firstHeld } from "./items.js";
import { isDue } from "./state.js";

/** Return the frame with which to come in, or back in. */
export function hello({ phase, resume, chat, seq }) {
  if (resume === null) return { type: "hello" };
  // A chat that is over would only be told once more.
  return { type: "hello", resume, ...(phase === "talking" ? { chat, seq } : { seq: 0 }) };
}

/** Return the frames that bring the server to where the guest is, after its `welcome`. */
export function owed(state, welcome) {
  const { phase, chat, again, blocking, shown } = state;
  const frames = blocking === null ? [] : [{ type: "block", chat: blocking }];
  const stands = blocking !== null && welcome.state === "chatting" ? "idle" : welcome.state;
  if (phase === "talking") {
    if (shown > 0) frames.push({ type: "seen", chat, seq: shown });
    frames.push(...state.items.filter(({ mark }) => mark === "sending").map(message));
  } else if (phase === "searching") {
    if (stands === "chatting") frames.push({ type: "next", chat: welcome.chat });
    else if (stands === "idle") frames.push({ type: "start", ...state.wishes });
  } else if (stands !== "idle") {
    frames.push({ type: "disconnect" });
  }
  if (again?.asked) frames.push({ type: "rematch", chat: again.chat });
  return frames;
}

/** Return the frame that goes on to somebody else. */
export function onward({ phase, chat, wishes }) {
  return phase === "talking" ? { type: "next", chat } : { type: "start", ...wishes };
}

/** Return the frames that were refused for a while that is over now. */
export function due(state, now) {
  if (!isDue(state, now)) return [];
  const { phase, retry, left, wishes } = state;
  const held = firstHeld(state.items);
  if (held !== undefined) return [message(held)];
  if (phase !== "searching" || retry === null) return [];
  return [retry.ref === "next" ? { type: "next", chat: left } : { type: "start", ...wishes }];
}

/** Return the frame that says one of the guest's own items. */
export function message({ chat, id, text }) {
  return { type: "message", chat, id, text };
}
