// The service worker: it shows what the backend pushes, also while no page is open. An app has it on its own origin.
self.addEventListener('push', (event) => {
  const { title, body, tag, url } = read(event.data);
  // A later one of the chat takes its place.
  event.waitUntil(self.registration.showNotification(title, { body, tag, data: { url } }));
});

/** What a push says, or something general in its place: browsers end the subscription of who shows nothing. */
function read(data) {
  let said;
  try {
    said = data.json();
  } catch {}
  const { title, body, chat_id, url } = Object(said);
  const textOr = (value, other) => (typeof value === 'string' && value !== '' ? value : other);
  return {
    title: textOr(title, 'Chat'),
    body: textOr(body, 'Something new waits for you.'),
    tag: textOr(chat_id, ''),
    url: textOr(url, '/'),
  };
}

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
