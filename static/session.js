// The state of a tab while it is being reloaded.
//
// It is written only when the tab is left, and taken away as it is read: so a tab that is
// duplicated begins anew, instead of taking the chat away from the first.

import { initial } from "./state.js";

const KEY = "roulette.1";

export function save(state) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(state));
  } catch {
    // No storage, or no room: then a reload begins anew.
  }
}

/** Return the state with which a page begins: the one with which it was left, if any. */
export function take() {
  try {
    const saved = JSON.parse(sessionStorage.getItem(KEY));
    sessionStorage.removeItem(KEY);
    return restored(saved);
  } catch {
    return initial;
  }
}

/** Return a state as it goes on after it was saved, null if none was. */
export function restored(saved) {
  if (saved === null) return initial;
  const anew = { link: "connecting", code: null, error: null, asking: null, typing: false };
  return { ...initial, ...saved, ...anew };
}
