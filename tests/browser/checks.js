// What axe-core does not measure: `checks()` returns what is wrong with the page, by the check.

globalThis.checks = () => {
  const TOUCH = 44; // CSS px; WCAG 2.2, 2.5.5
  const FOCUSABLE = "a[href], button, input, select, textarea, [tabindex]";
  const SCROLLERS = "#log, #entry, #now, dialog";
  const dialog = document.querySelector("dialog[open]");
  const scope = dialog ?? document;
  const isSeen = (node) => node.checkVisibility({ visibilityProperty: true });
  const name = (node) =>
    `${node.localName}#${node.id || node.className || node.textContent.slice(0, 20)}`;
  const focusable = [...scope.querySelectorAll(FOCUSABLE)].filter(isSeen);

  // A box is touched through its label; a link within a sentence is as high as the line (2.5.8).
  const touched = (node) => node.closest("label") ?? node;
  const targets = focusable.filter((node) => node.localName !== "a");

  const small = targets.map(touched).filter((node) => {
    const { width, height } = node.getBoundingClientRect();
    return width < TOUCH || height < TOUCH;
  });

  // What does not scroll must be on the screen, with nothing upon it.
  const hidden = focusable.filter((node) => {
    if (node.closest(SCROLLERS)) return false;
    const { top, left, bottom, right, width, height } = node.getBoundingClientRect();
    if (top < 0 || left < 0 || bottom > innerHeight + 0.5 || right > innerWidth + 0.5) return true;
    const popover = document.querySelector(":popover-open");
    if (popover && !popover.contains(node)) return false;
    const hit = document.elementFromPoint(left + width / 2, top + height / 2);
    return !node.contains(hit);
  });

  const wide = [document.scrollingElement, ...document.querySelectorAll("body *")].filter(
    (node) => {
      if (!isSeen(node) || node.closest(".unseen")) return false;
      const { left, right, width } = node.getBoundingClientRect();
      const scrolls = getComputedStyle(node).overflowX;
      const inner = scrolls === "clip" ? 0 : node.scrollWidth - node.clientWidth;
      const inline = getComputedStyle(node).display === "inline";
      return (width > 0 && (left < -0.5 || right > innerWidth + 0.5)) ||
        (!inline && inner > 1 && !["hidden"].includes(scrolls));
    },
  );

  const active = document.activeElement;
  const lost = active === document.body || !isSeen(active);

  const roles = (role) => document.querySelectorAll(`[role=${role}]`).length;
  return {
    targets: small.map(name),
    reach: hidden.map(name),
    overflow: wide.map(name),
    focus: lost ? [name(active)] : [],
    live: ["log", "status", "alert"].filter((role) => roles(role) !== 1),
  };
};
