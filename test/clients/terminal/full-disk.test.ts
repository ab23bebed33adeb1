import { expect, test } from 'vitest';
import { tellFullDisk } from '../../../clients/terminal/full-disk.ts';
import { aMessage } from '../view/views.ts';
import { FakeChat } from './fake-chat.ts';

test('a disk without room is said once, and again when it is full again', () => {
  const chat = new FakeChat();
  const store: { unkept?: 'some' } = {};
  const told: string[] = [];
  const stop = tellFullDisk(store, chat, (line) => told.push(line));
  chat.send('bob', 'fits');
  expect(told).toEqual([]);
  store.unkept = 'some';
  chat.send('bob', 'does not');
  chat.emit('message', aMessage(4));
  expect(told).toEqual(['This disk has no room left: what is not sent yet is lost when this program ends.']);
  delete store.unkept;
  chat.emit('message', aMessage(5));
  store.unkept = 'some';
  chat.become('waiting', 'unreachable');
  expect(told).toHaveLength(2);
  stop();
  delete store.unkept;
  chat.emit('message', aMessage(6));
  store.unkept = 'some';
  chat.emit('message', aMessage(7));
  expect(told).toHaveLength(2);
});
