// Without a network the page is a small one that says so. Nothing else is kept, so that a new
// version of the page is seen at once.

const KEPT = ["offline.html", "style.css", "favicon.svg"];

addEventListener("install", (event) => {
  event.waitUntil(caches.open("offline").then((cache) => cache.addAll(KEPT)));
});

addEventListener("fetch", (event) => {
  const { mode, url } = event.request;
  const file = new URL(url).pathname.split("/").at(-1);
  if (mode !== "navigate" && !KEPT.includes(file)) return;
  event.respondWith(
    fetch(event.request).catch(() => caches.match(mode === "navigate" ? KEPT[0] : file)),
  );
});

addEventListener("notificationclick", (event) => {
  event.notification.close();
  const focus = async () => {
    const [page] = await clients.matchAll({ type: "window" });
    await page?.focus();
  };
  event.waitUntil(focus());
});
