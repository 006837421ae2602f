// The state of a tab while it is being reloaded.
//
// It is written only when the tab is left, and taken away as it is read: so a tab that is
// duplicated begins anew, instead of taking the chat away from the first.

const KEY = "roulette.1";

export function save(state) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(state));
  } catch {
    // No storage, or no room: then a reload begins anew.
  }
}

/** Return the state that was saved, or null. */
export function take() {
  try {
    const saved = JSON.parse(sessionStorage.getItem(KEY));
    sessionStorage.removeItem(KEY);
    return saved;
  } catch {
    return null;
  }
}
