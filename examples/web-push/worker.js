// The service worker: it shows what the backend pushes, also while no page is open. An app has it on its own origin.
self.addEventListener('push', (event) => {
  const { title, body, chat_id, url } = event.data.json();
  // A later one of the chat takes its place. Browsers want each push to show something.
  event.waitUntil(self.registration.showNotification(title, { body, tag: chat_id, data: { url } }));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(lead(event.notification.data.url));
});

/** Focuses a page that shows the chat already, or opens one. */
async function lead(url) {
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const page = pages.find((each) => each.url === url);
  return page ? page.focus() : self.clients.openWindow(url);
}
