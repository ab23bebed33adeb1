import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import type { Recipient, Sending } from '../../../clients/sdk/chat.ts';
import { pipe } from '../../../clients/terminal/piped.ts';
import { commands, examples } from '../../../protocol/index.ts';
import { groupProfileFields, profileFields } from '../../../protocol/profile-fields.ts';
import { aMessage, aSummary, inGroup } from '../view/views.ts';
import { FakeChat } from './fake-chat.ts';

/** A service that takes everything, and notes what the protocol calls it. */
class Anything extends FakeChat {
  readonly types = new Set<string>();
  /** Each field of a request, after its type. */
  readonly fields = new Set<string>();

  override send(to: Recipient, content: string) {
    this.types.add(typeof to === 'string' ? 'SEND_MESSAGE' : 'SEND_GROUP_MESSAGE');
    const message = Promise.resolve(aMessage(5, typeof to === 'string' ? { sender: 'alice' } : inGroup()));
    return this.#at(Object.assign(super.send(to, content), { message }));
  }

  override edit(...given: Parameters<FakeChat['edit']>) {
    this.types.add('edit_message');
    return this.#at(Object.assign(super.edit(...given), { message: Promise.resolve(aMessage(6)) }));
  }

  override delete(...given: Parameters<FakeChat['delete']>) {
    this.types.add('delete_message');
    return this.#at(Object.assign(super.delete(...given), { message: Promise.resolve(aMessage(7)) }));
  }

  /** It is sent at once. */
  #at(sending: Sending): Sending {
    this.sendings.length = 0;
    return sending;
  }

  override async request(request: { type: string }): Promise<never> {
    this.types.add(request.type);
    for (const field of Object.keys(request)) this.fields.add(`${request.type} ${field}`);
    return { users: [], profiles: [], groups: [], members: [], invitations: [], group_id: 'team' } as never;
  }

  override async history() {
    this.types.add('fetch_history');
    return [aMessage(1, { sender: 'alice' })];
  }

  override async chats() {
    this.types.add('list_chats');
    return super.chats();
  }

  override async logout() {
    this.types.add('logout');
  }
}

const LINES = [
  '/msg bob hello',
  '/msg #team hello',
  '/edit bob better',
  '/delete bob',
  '/history bob',
  '/chats',
  '/read bob',
  '/who bob',
  '/who team',
  '/create news invite-only',
  '/join news',
  '/invitations',
  '/invite team carol',
  '/invited team',
  '/uninvite team carol',
  '/remove team carol',
  '/owner team bob',
  '/title team Klub',
  '/topic team The moon',
  '/group-picture team https://pictures.example/team.png',
  '/invite-only team',
  '/leave team',
  '/name Alice',
  '/picture https://pictures.example/alice.png',
  '/password',
  'old',
  'new',
  'new',
  '/delete-account',
  'alice',
  'new',
  '/logout',
];

test('for everything that the protocol can do there is a slash command', async () => {
  const chat = new Anything();
  chat.summaries = [aSummary(), aSummary({ chat_id: '#team', kind: 'group', name: 'team' })];
  const input = new PassThrough();
  const errors = new PassThrough();
  input.end(`${LINES.join('\n')}\n`);
  const open = async (opened: (chat: FakeChat) => void) => {
    opened(chat);
    return chat;
  };
  const streams = { input, output: new PassThrough().resume(), errors };
  const code = await pipe(open, { ...streams, json: false, follow: false, isInteractive: true, echo() {} });
  expect([code, String(errors.read() ?? '')]).toEqual([0, expect.not.stringContaining('There is')]);
  const types = commands.map(({ type }) => type);
  // Each has a slash command, or its definition says what does it instead.
  const needsNone = types.filter((type) => examples[type].inTerminal !== undefined);
  expect(types.filter((type) => !chat.types.has(type))).toEqual(needsNone);
  expect(needsNone).toContain('ping');
  const settable = [
    ...Object.keys(profileFields).map((field) => `set_profile ${field}`),
    ...Object.keys(groupProfileFields).map((field) => `update_group ${field}`),
  ];
  // What applications keep with their users is theirs.
  expect(settable.filter((field) => !chat.fields.has(field))).toEqual(['set_profile data']);
});
