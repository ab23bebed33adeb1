import { isolated } from '../../view/words.ts';
import type { Model } from './model.ts';

/** Has the page say what happens to its user's groups, and which messages were missed. */
export function tellWhatHappens(model: Model): void {
  const { chat, people } = model;
  const chatCalled = (id: string): string => {
    const row = model.list.find((each) => each.id === id);
    const group = { kind: 'group', name: id.slice(1) } as const;
    return isolated(row ? model.titleOf(row) : id.startsWith('#') ? model.titleOf(group) : id);
  };
  const tell = (news: string) => model.say(news, { isNews: true });
  chat.on('gap', ({ chat_id }) =>
    tell(`Messages of ${chatCalled(chat_id)} that you missed are no longer kept.`),
  );
  // A reply that comes after the removal has the client ask once more whether the user is in the group.
  const told = new Set<string>();
  model.onChange(() => {
    if (told.size > 0) for (const { id } of model.list) told.delete(id);
  });
  chat.on('chat-left', ({ chat_id }) => {
    if (!told.has(chat_id)) tell(`You are not in ${chatCalled(chat_id)} any more.`);
  });
  // On another device, by this user.
  chat.on('LEFT', ({ group_id }) => {
    told.delete(`#${group_id}`);
    model.say('');
  });
  chat.on('OWNER_CHANGED', ({ group_id, owner }) => {
    if (owner === chat.username) tell(`You own ${chatCalled(`#${group_id}`)} now.`);
    void people.refresh();
  });
  chat.on('REMOVED', ({ group_id, by }) => {
    told.add(`#${group_id}`);
    tell(`${isolated(model.nameOf(by))} removed you from ${chatCalled(`#${group_id}`)}.`);
  });
}
