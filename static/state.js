// What the page knows: one plain object, and one function from (state, event) to state.
//
// An event is a frame of the server's as it came (docs: The wire), or one of the page's own:
//   draft {text}, say {id, text, at}   the guest writes, and has written
//   again {id}, edit {id}   sends again what failed, or writes it anew
//   shown {seq}             has seen the stranger's messages up to this one
//   search {wishes}, leave, block, rematch   wants to; without wishes, as the last time
//   ask {what}              is asked whether to: next, block, or nothing (null)
//   refuse {code, lasts}    can't have what it wants, and is told so for some seconds; or,
//                           without a code, has mended it
//   connecting, lost {code}, ended {code}, tick   the connection changes; time passes
// Each has `now`, in Unix seconds; the state keeps it. A state is never changed, only replaced.

import * as items from "./items.js";

const REMATCH_WITHIN = 60;
const ERROR_LASTS = 6;

// What is forgotten with a chat, or a search.
const BLANK = {
  chat: null,
  seq: 0, // of the last message that came in this chat
  shown: 0, // of the last one that was seen; -1 if not even that the chat has begun
  stranger: "here", // here, away or reconnecting
  typing: false, // whether the stranger writes
  links: false, // whether links are links
  asking: null, // what the guest has to confirm: next or block
  error: null, // what the guest is told {code, until}
  search: null, // {since, stage, estimate}
  retry: null, // when {at} to send again what was refused for now {ref}
};

export const initial = Object.freeze({
  ...BLANK,
  phase: "entry", // where the guest is, or wants to be: entry, searching, talking or over
  link: "connecting", // connecting, open, lost (tries again) or ended (does not)
  code: null, // the close code of a connection that is lost or has ended
  resume: null, // the token with which the server knows the guest again
  guests: 0, // how many are here
  limits: { text: 2000, topics: 10, topic: 32, languages: 10, unacknowledged: 256 },
  wishes: { topics: [], languages: [], only: false },
  left: null, // the last chat, which the server may think goes on
  blocking: null, // the chat whose stranger is blocked, which the server may not know
  why: null, // why the chat is over: a reason of the server's, "lost", "me" or "blocked"
  again: null, // the chance to meet again {chat, until, asked, offered}
  banner: null, // what the operator said outside of a chat
  draft: "", // what is written and not sent
  items: [], // see items.js
  now: 0,
});

const ON = {
  welcome(state, { resumed, state: stands, ...event }) {
    const here = {
      ...state,
      link: "open",
      code: null,
      error: null,
      resume: event.resume,
      guests: event.guests,
      limits: { ...state.limits, ...event.limits },
      again: resumed ? state.again : null,
      blocking: resumed ? state.blocking : null,
      banner: resumed ? state.banner : null,
    };
    if (stands === "chatting" && event.chat === state.chat && state.phase === "talking") {
      return { ...here, stranger: "here", typing: false };
    }
    if (stands === "chatting" && event.chat !== state.left && expects(state)) {
      return ON.connected(here, event);
    }
    // Messages that were missed, and the true reason, may still follow.
    return state.phase === "talking" ? end(here, "lost") : here;
  },

  waiting(state, { since, stage, estimate = null, now }) {
    if (state.phase !== "searching") return state;
    const search = { since: now - since, stage, estimate };
    return { ...state, search, blocking: null, retry: null, error: null };
  },

  idle: (state) => ({ ...state, blocking: null }),
  guests: (state, { count }) => ({ ...state, guests: count }),

  connected(state, { chat, commonLikes = [], languages = [], seenBefore = false }) {
    if (!expects(state)) return state;
    const met = { kind: "met", chat, common: commonLikes, languages, before: seenBefore };
    // Who meets again goes on reading where it ended.
    const past = { kind: "end", chat: last(state), why: state.why };
    const before = state.phase === "over" ? [...state.items, past] : [];
    return {
      ...blank(state),
      phase: "talking",
      chat,
      shown: -1,
      why: null,
      again: null,
      banner: null,
      items: [...before, met],
    };
  },

  gotMessage(state, { chat, seq, text, at }) {
    if (chat !== state.chat || seq <= state.seq) return state;
    const item = { kind: "theirs", seq, chat, text, at, links: state.links };
    return trust({ ...state, seq, typing: false, items: [...state.items, item] });
  },

  ack: (state, { chat, id }) => ({ ...state, items: items.acknowledge(state.items, chat, id) }),
  seen: (state, { chat, seq }) => ({ ...state, items: items.see(state.items, chat, seq) }),

  typing: ofStranger({ typing: true }),
  stoppedTyping: ofStranger({ typing: false }),
  strangerAway: ofStranger({ stranger: "away", typing: false }),
  strangerBack: ofStranger({ stranger: "here" }),
  strangerReconnecting: ofStranger({ stranger: "reconnecting", typing: false }),

  strangerDisconnected(state, { chat, reason, rematch, now }) {
    if (chat !== state.chat) return state;
    return end(state, reason, rematch ? chance(chat, now) : null);
  },

  rematchOffered(state, { chat, expires, now }) {
    if (chat !== last(state) || state.why === "blocked" || state.phase === "talking") return state;
    const asked = state.again?.asked ?? false;
    return { ...state, again: { chat, until: now + expires, asked, offered: true } };
  },

  serverMessage: (state, { text }) =>
    state.phase === "talking" || state.phase === "over"
      ? { ...state, items: [...state.items, { kind: "server", text }] }
      : { ...state, banner: text },

  error(state, { code, ref, id, retryAfter, now }) {
    if (code === "banned") return state; // the end of the connection tells it
    const later = retryAfter === undefined ? null : { at: now + retryAfter, ref };
    const told = { ...state, error: { code, until: now + Math.max(ERROR_LASTS, retryAfter ?? 0) } };
    switch (ref) {
      case "message":
        if (later) return { ...told, retry: later, items: items.hold(state.items, id) };
        // The mark on the message says it all; that the stranger has gone is told by itself.
        if (code === "stale_chat") return { ...state, items: items.refuse(state.items, id) };
        return { ...told, items: items.refuse(state.items, id) };
      case "start":
      case "next":
        if (state.phase !== "searching") return state;
        if (code === "stale_chat") return { ...state, retry: { at: now, ref: "start" } };
        if (later) return { ...told, retry: later };
        return { ...told, phase: "entry", search: null };
      case "rematch":
        return { ...told, again: null };
      default:
        // Nobody could do anything about a refusal of the others.
        return ref === undefined || ref === "hello" ? told : state;
    }
  },

  draft: (state, { text }) => ({ ...state, draft: text, error: null }),
  say: (state, { id, text, at }) =>
    trust({
      ...state,
      error: null,
      draft: "",
      items: items.say(
        state.items,
        { id, chat: state.chat, text, at, links: state.links },
        state.limits.unacknowledged,
      ),
    }),

  again: (state, { id }) => ({ ...state, items: items.resend(state.items, id) }),

  edit(state, { id }) {
    const { text } = state.items.find((item) => item.id === id);
    const draft = state.draft === "" ? text : `${text}\n${state.draft}`;
    return { ...state, draft, items: state.items.filter((item) => item.id !== id) };
  },

  shown: (state, { seq }) => (seq > state.shown ? { ...state, shown: seq } : state),

  search: (state, { wishes = state.wishes, now }) => ({
    ...blank(state),
    phase: "searching",
    wishes,
    again: state.phase === "talking" ? chance(state.chat, now) : state.again,
    items: [],
  }),

  leave(state, { now }) {
    if (state.phase !== "talking") return { ...blank(state), phase: "entry", items: [] };
    return { ...end(state, "me", chance(state.chat, now)), left: state.chat, chat: null };
  },

  block: (state) => ({
    ...end(state, "blocked"),
    left: last(state),
    chat: null,
    blocking: last(state),
  }),

  rematch: (state) => ({ ...state, again: { ...state.again, asked: true } }),
  ask: (state, { what }) => ({ ...state, asking: what }),
  refuse: (state, { code, lasts = ERROR_LASTS, now }) => ({
    ...state,
    error: code && { code, until: now + lasts },
  }),

  connecting: (state) => ({ ...state, link: "connecting" }),
  // An attempt to come back that fails without a word leaves the reason as it was.
  lost(state, { code = 1006 }) {
    const known = state.link === "lost" && code === 1006;
    return { ...state, link: "lost", code: known ? state.code : code, typing: false };
  },

  ended(state, { code }) {
    const now = { ...state, link: "ended", code };
    // A chat that goes on in another tab can be fetched back; otherwise it is over.
    if (code === 4001) return now;
    if (state.phase === "talking") return { ...end(now, "lost"), resume: null };
    return { ...now, phase: state.phase === "over" ? "over" : "entry", resume: null, again: null };
  },

  tick(state, { now }) {
    const due = isDue(state, now);
    const held = due && items.firstHeld(state.items);
    return {
      ...state,
      again: state.again && state.again.until > now ? state.again : null,
      error: state.error && state.error.until > now ? state.error : null,
      retry: due ? null : state.retry,
      items: held ? items.resend(state.items, held.id) : state.items,
    };
  },
};

/** Return the state after an event; one that means nothing here leaves it as it is. */
export function reduce(state, event) {
  if (!Object.hasOwn(ON, event.type)) return state;
  const next = ON[event.type](state, event);
  return next === state || event.now === undefined ? next : { ...next, now: event.now };
}

/** Return whether what was refused for now is to be sent again. */
export const isDue = ({ link, retry }, now) => link === "open" && (retry?.at ?? 0) <= now;

/** Return whether time alone changes something that is seen. */
export const passes = ({ phase, again, error, retry, items: all }) =>
  phase === "searching" || Boolean(again || error || retry || items.firstHeld(all));

// Whether to meet somebody is what the guest wants.
const expects = ({ phase, again }) =>
  phase === "searching" || phase === "talking" || Boolean(again?.asked);

const last = ({ chat, left }) => chat ?? left;

const chance = (chat, now) => ({ chat, until: now + REMATCH_WITHIN, asked: false, offered: false });

function end(state, why, again = null) {
  return {
    ...state,
    phase: "over",
    why,
    again,
    typing: false,
    asking: null,
    retry: null,
    items: items.giveUp(state.items),
  };
}

function blank(state) {
  return {
    ...state,
    ...BLANK,
    left: last(state),
    why: state.why === "blocked" ? "blocked" : null,
  };
}

// A link is one only when both have written: until then it may be all that a stranger came for.
function trust(state) {
  const wrote = (kind) => state.items.some((item) => item.kind === kind && item.chat === state.chat);
  if (state.links || !wrote("mine") || !wrote("theirs")) return state;
  return { ...state, links: true, items: items.link(state.items, state.chat) };
}

function ofStranger(change) {
  return (state, { chat }) =>
    chat === state.chat && state.phase === "talking" ? { ...state, ...change } : state;
}
