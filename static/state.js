// What the page knows: one plain object, and one function from (state, event) to state.
//
// An event is a frame of the server's as it came (docs: The wire), or one of the page's own:
//   say {id, text, at}   the guest has written something
//   search {fresh}       the guest wants to meet somebody; fresh forgets what was said so far
//   stop                 the guest wants to be alone
//   error {code}         what the guest wants can't be done
//   connecting, lost {code}, ended {code}   what became of the connection
//
// Whoever calls keeps the promise that a state is never changed, only replaced; so an item
// that is the same object as before looks the same as before.

export const initial = Object.freeze({
  phase: "searching", // where the guest is, or wants to be: searching, talking, gone or stopped
  link: "connecting", // connecting, open, lost (tries again) or ended (does not)
  code: null, // the close code, once the connection is lost or has ended
  resume: null, // the token with which the server knows the guest again
  chat: null,
  left: null, // the chat that the guest has left; the server may not know yet
  seq: 0, // of the last message that came in this chat
  stranger: "here", // here, away or reconnecting
  why: null, // why the stranger has gone: a reason of the server's, or "lost"
  error: null, // the code of an error that the guest should hear about
  limit: 2000, // characters in a message
  items: [], // mine {id, chat, text, at, mark}, theirs {text, at}, end {why}, server {text}
});

const ON = {
  welcome(state, { resumed, state: stands, ...event }) {
    const now = {
      ...state,
      link: "open",
      code: null,
      error: null,
      resume: event.resume,
      limit: event.limits.text,
    };
    if (stands === "chatting" && event.chat !== state.left) {
      return event.chat === state.chat ? { ...now, stranger: "here" } : ON.connected(now, event);
    }
    if (resumed && stands === "waiting") return ON.waiting(now);
    // Messages that were missed, and the true reason, may still follow.
    return state.phase === "talking" ? end(now, "lost") : now;
  },

  waiting: (state) =>
    state.phase === "stopped" ? state : { ...withoutChat(state), phase: "searching" },

  connected: (state, { chat }) =>
    state.phase === "stopped"
      ? state
      : { ...state, phase: "talking", chat, seq: 0, stranger: "here", why: null, error: null },

  gotMessage: (state, { chat, seq, text, at }) =>
    chat !== state.chat || seq <= state.seq
      ? state
      : { ...state, seq, items: [...state.items, { kind: "theirs", text, at }] },

  ack(state, { chat, id }) {
    const last = state.items.findIndex((item) => item.chat === chat && item.id === id);
    return mark(state, "sent", (item, index) => item.chat === chat && index <= last);
  },

  seen(state, { chat, seq }) {
    // The server numbers what it accepts.
    let number = 0;
    const accepted = (item) => item.chat === chat && item.mark !== "failed" && ++number <= seq;
    return mark(state, "sent", accepted);
  },

  strangerAway: stranger("away"),
  strangerBack: stranger("here"),
  strangerReconnecting: stranger("reconnecting"),

  strangerDisconnected: (state, { chat, reason }) =>
    chat === state.chat ? end(state, reason) : state,

  serverMessage: (state, { text }) => ({
    ...state,
    items: [...state.items, { kind: "server", text }],
  }),

  error(state, { code, ref, id }) {
    const now = mark({ ...state, error: code }, "failed", (item) => item.id === id);
    // The mark on the message says it all; that the stranger has gone is told by itself.
    if (code === "stale_chat") return { ...now, error: state.error };
    const searchFailed = state.phase === "searching" && (ref === "start" || ref === "next");
    return searchFailed ? { ...now, phase: "stopped" } : now;
  },

  say: (state, { id, text, at }) => ({
    ...state,
    error: null,
    items: [...state.items, { kind: "mine", id, chat: state.chat, text, at, mark: "sending" }],
  }),

  search: (state, { fresh }) => ({
    ...withoutChat(state),
    phase: "searching",
    error: null,
    items: fresh ? [] : [...state.items, { kind: "end", why: state.why }],
  }),

  stop: (state) => ({ ...withoutChat(state), phase: "stopped", error: null }),

  connecting: (state) => ({ ...state, link: "connecting" }),

  lost: (state, { code }) => ({ ...state, link: "lost", code }),

  ended(state, { code }) {
    const now = { ...state, link: "ended", code };
    // A chat that goes on in another tab can be fetched back; otherwise it is over.
    return code === 4001 ? now : { ...withoutChat(now), phase: "stopped", resume: null };
  },
};

/** Return the state after an event; one that means nothing here leaves it as it is. */
export function reduce(state, event) {
  return Object.hasOwn(ON, event.type) ? ON[event.type](state, event) : state;
}

/** Return the frame with which to come in, or back in. */
export function hello({ resume, chat, seq }) {
  if (resume === null) return { type: "hello" };
  return { type: "hello", resume, ...(chat !== null && { chat }), seq };
}

/** Return the frames that bring the server to where the guest is, after its `welcome`. */
export function owed(state, welcome) {
  switch (state.phase) {
    case "searching":
      if (welcome.state === "waiting") return [];
      return [welcome.state === "idle" ? { type: "start" } : { type: "next", chat: welcome.chat }];
    case "stopped":
      return welcome.state === "idle" ? [] : [{ type: "disconnect" }];
    default:
      return state.items.filter((item) => item.mark === "sending").map(message);
  }
}

/** Return the frame that says one of the guest's own items. */
export function message({ chat, id, text }) {
  return { type: "message", chat, id, text };
}

/** Return the state with which a page begins, after the one with which it was left, if any. */
export function restored(saved) {
  if (saved === null) return initial;
  const state = { ...initial, ...saved, link: "connecting", code: null, error: null };
  // Whoever opens the page wants to meet somebody.
  return state.phase === "stopped" ? reduce(state, { type: "search", fresh: true }) : state;
}

function end(state, why) {
  return mark({ ...state, phase: "gone", why }, "failed", () => true);
}

function withoutChat(state) {
  const left = state.chat ?? state.left;
  return { ...end(state, state.why), left, chat: null, seq: 0 };
}

function stranger(how) {
  return (state, { chat }) => (chat === state.chat ? { ...state, stranger: how } : state);
}

// Mark those of the guest's messages on their way that are chosen.
function mark(state, how, chosen) {
  const items = state.items.map((item, index) =>
    item.kind === "mine" && chosen(item, index) && item.mark === "sending"
      ? { ...item, mark: how }
      : item,
  );
  return { ...state, items };
}
