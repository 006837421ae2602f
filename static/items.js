// What was said: the items of the log, and what becomes of the guest's own messages.
//
// An item is one of:
//   mine    {id, chat, text, at, mark, links}   mark: sending, held, sent, seen, failed
//                                               (may be sent again) or lost (with its chat)
//   theirs  {seq, chat, text, at, links}
//   met     {chat, common, languages, before}   a chat begins
//   end     {chat, why}                         it is over, and another follows below
//   server  {text}
// A held message is sent again by itself, one a second, when the server takes more. Items are
// never changed, only replaced: one that is the same object as before looks the same.

/** Mark those of the guest's messages that are chosen, if they are at one of `from`. */
function mark(items, from, mark, chosen) {
  return items.map((item, index) =>
    item.kind === "mine" && from.includes(item.mark) && chosen(item, index)
      ? { ...item, mark }
      : item,
  );
}

/** Accept the message `id` and all that were on their way before it. */
export function acknowledge(items, chat, id) {
  const last = items.findIndex((item) => item.chat === chat && item.id === id);
  return mark(items, ["sending"], "sent", (item, index) => item.chat === chat && index <= last);
}

/** Mark what the stranger was shown: the server numbers what it accepts, in our order. */
export function see(items, chat, seq) {
  let number = 0;
  return mark(items, ["sending", "sent", "seen"], "seen", (item) => {
    return item.chat === chat && ++number <= seq;
  });
}

/** Mark a message that was refused. */
export function refuse(items, id) {
  return mark(items, ["sending", "sent", "seen", "held"], "failed", (item) => item.id === id);
}

/** Hold a message back that was refused only for now. */
export function hold(items, id) {
  return mark(items, ["sending"], "held", (item) => item.id === id);
}

/** Give up what is still on its way, since the chat is over. */
export function giveUp(items) {
  return mark(items, ["sending", "held", "failed"], "lost", () => true);
}

/** Add a message; it waits behind those that are held, and behind too many on their way. */
export function say(items, item, most) {
  const ahead = items.filter(({ mark }) => mark === "sending" || mark === "held");
  const wait = ahead.length >= most || ahead.some(({ mark }) => mark === "held");
  return [...items, { kind: "mine", ...item, mark: wait ? "held" : "sending" }];
}

/** Return the message that is to be sent again first, if any is held. */
export const firstHeld = (items) => items.find(({ mark }) => mark === "held");

/** Put a message on its way once more: behind all that went, which is how the server numbers it. */
export function resend(items, id) {
  const item = items.find((item) => item.id === id);
  const others = items.filter((other) => other !== item);
  const waiting = others.findIndex(({ mark }) => mark === "held");
  others.splice(waiting < 0 ? others.length : waiting, 0, { ...item, mark: "sending" });
  return others;
}

/** Let links be links in a chat. */
export const link = (items, chat) =>
  items.map((item) => (item.chat === chat && item.text ? { ...item, links: true } : item));
