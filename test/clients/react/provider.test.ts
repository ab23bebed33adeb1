import { createElement, type ReactNode } from 'react';
import { renderToString } from 'react-dom/server';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ChatProvider, useChats, useConnection, useMessages } from '../../../clients/react/index.ts';
import { memoryStore } from '../../../clients/sdk/memory-store.ts';
import { aServer } from '../sdk/fake-server.ts';
import { aRoot, strictly, watcher } from './rendered.ts';

const options = (url: string, more: object = {}) => ({ url, username: 'ann', webSocket: WebSocket, ...more });

const provided = (props: Parameters<typeof ChatProvider>[0], ...children: ReactNode[]) =>
  createElement(ChatProvider, props, ...children);

test('in StrictMode, which mounts everything twice, there is one connection', async () => {
  const [server, root] = [await aServer(), await aRoot()];
  const connection = watcher(useConnection);
  root.render(strictly(provided(options(server.url), connection.node)));
  expect(connection.last).toEqual({ state: 'connecting', username: 'ann' });
  const { peer } = await server.nextLoggedIn();
  await peer.answer('list_chats', { chats: [] });
  await expect.poll(() => connection.last.state).toBe('online');
  expect(server.untaken).toBe(0);
  root.unmount();
  await peer.closed;
});

test('nothing is left of what is unmounted: no socket, no timer, no listener', async () => {
  const [server, root] = [await aServer(), await aRoot()];
  const before = process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length;
  const messages = watcher(() => useMessages({ user: 'bob' }));
  root.render(provided(options(server.url), messages.node));
  const { peer } = await server.nextLoggedIn();
  await peer.any();
  root.unmount();
  await peer.closed;
  const timers = () => process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length;
  await expect.poll(timers).toBeLessThanOrEqual(before);
});

test('another user connects anew, and sees nothing of the one before', async () => {
  const [server, root] = [await aServer(), await aRoot()];
  const store = memoryStore();
  const chats = watcher(useChats);
  root.render(provided(options(server.url, { store }), chats.node));
  const { peer } = await server.nextLoggedIn();
  const summary = { chat_id: 'ann:bob', kind: 'private', name: 'bob', last_seq: 1, read: 0, unread: 1 };
  await peer.answer('list_chats', { chats: [summary] });
  await expect.poll(() => chats.last.chats.length).toBe(1);
  const { renders } = chats;
  root.render(provided(options(server.url, { store, username: 'eve' }), chats.node));
  expect(chats.all.slice(renders).every((each) => each.chats.length === 0)).toBe(true);
  await peer.closed;
  const login = await (await server.next()).next('login');
  expect(login.username).toBe('eve');
});

function Hello() {
  const { isLoading } = useChats();
  const { messages } = useMessages({ group: 'team' });
  return createElement('p', null, `${useConnection().state} ${isLoading} ${messages.length}`);
}

test('it renders on a server, where there is no window, and connects nobody', async () => {
  const open = () => {
    throw new Error('A server connects nobody.');
  };
  const html = renderToString(provided({ url: 'ws://x', getToken: open, store: open }, createElement(Hello)));
  expect(html).toBe('<p>connecting true 0</p>');
});
