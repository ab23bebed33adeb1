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
  const tell = (news: string, holds?: () => boolean) => model.say(news, { isNews: true, holds });
  const isOut = (id: string) => () => !model.hasChat(id);
  chat.on('gap', ({ chat_id }) =>
    tell(`Messages of ${chatCalled(chat_id)} that you missed are no longer kept.`),
  );
  // A reply that comes after the removal has the client ask once more whether the user is in the group.
  const told = new Set<string>();
  model.onChange(() => {
    if (told.size > 0) for (const { id } of model.list) told.delete(id);
  });
  chat.on('chat-left', ({ chat_id }) => {
    if (!told.has(chat_id)) tell(`You are not in ${chatCalled(chat_id)} any more.`, isOut(chat_id));
  });
  // On another device, by this user.
  chat.on('LEFT', ({ group_id }) => {
    told.delete(`#${group_id}`);
    model.say('');
  });
  /** The groups that the user has become the owner of, and still is. */
  const owned = new Set<string>();
  chat.on('OWNER_CHANGED', ({ group_id, owner }) => {
    if (owner === chat.username) {
      owned.add(group_id);
      tell(`You own ${chatCalled(`#${group_id}`)} now.`, () => owned.has(group_id));
    } else owned.delete(group_id);
    void people.refresh();
  });
  chat.on('REMOVED', ({ group_id, by }) => {
    const id = `#${group_id}`;
    told.add(id);
    tell(`${isolated(model.nameOf(by))} removed you from ${chatCalled(id)}.`, isOut(id));
  });
}
