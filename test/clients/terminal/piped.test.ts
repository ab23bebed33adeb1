import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  type ChatSummary,
  type Message,
  type Recipient,
  RequestError,
  type Sending,
} from '../../../clients/sdk/chat.ts';
import { pipe } from '../../../clients/terminal/piped.ts';
import { aMessage, aSummary, inGroup } from '../view/views.ts';
import { FakeChat } from './fake-chat.ts';

/** A service that stores what is sent to anybody but `nobody`, and answers when the test says so. */
class Service extends FakeChat {
  /** Answers that are held back, by what was sent. */
  readonly held = new Map<string, () => void>();
  holds: (content: string) => boolean = () => false;
  #seq = 10;

  override edit(to: Recipient, target: number | string, content: string): Sending {
    return Object.assign(super.edit(to, target, content), { message: this.#change(target) });
  }

  override delete(to: Recipient, target: number | string): Sending {
    return Object.assign(super.delete(to, target), { message: this.#change(target) });
  }

  async #change(target: number | string): Promise<Message> {
    if (target === 404) throw new RequestError('unknown_message', 'You sent no such message.');
    return aMessage(99);
  }

  override send(to: Recipient, content: string): Sending {
    const held = new Promise<void>((resolve) => {
      if (this.holds(content)) this.held.set(content, resolve);
      else resolve();
    });
    const seq = ++this.#seq;
    const message = held.then((): Message => {
      if (to === 'nobody' || content === 'refused')
        throw new RequestError('unknown_recipient', 'No user has this name.');
      const chat = typeof to === 'string' ? { chat_id: `alice:${to}`, recipient: to } : inGroup();
      return aMessage(seq, { ...chat, sender: 'alice', content });
    });
    message.catch(() => {});
    return Object.assign(super.send(to, content), { message });
  }
}

/** A run whose input is written by the test. */
function aRun(given: Partial<Parameters<typeof pipe>[1]> = {}, prepare: (chat: Service) => void = () => {}) {
  const chat = new Service();
  chat.summaries = [
    aSummary(),
    aSummary({ chat_id: '#team', kind: 'group', name: 'team', last_seq: 7, read: 2, unread: 5 }),
  ];
  prepare(chat);
  const [input, output, errors] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const [said, warned] = [text(output), text(errors)];
  const code = pipe(
    async (opened) => {
      opened(chat);
      return chat;
    },
    { input, output, errors, json: false, follow: false, ...given },
  );
  // All that was stored before has arrived.
  const ended = (async () => {
    const isFine = await code;
    output.end();
    errors.end();
    return { code: isFine, said: (await said).split('\n'), warned: (await warned).split('\n') };
  })();
  onTestFinished(() => chat.close());
  const asked = (type: string) => chat.asked.filter((each) => (each as { type: string }).type === type);
  const runs = (lines: string | Buffer) => {
    input.end(lines);
    queueMicrotask(() => chat.emit('caught-up', undefined));
    return ended;
  };
  return { chat, input, asked, runs, ended };
}

const objects = (lines: readonly string[]) => lines.filter(Boolean).map((line) => JSON.parse(line));

test('each line is sent to a user or a group', async () => {
  const { runs, asked } = aRun();
  expect(await runs('Bob  two  spaces\n#team hi\nteam  all\r\n\n')).toEqual({
    code: 0,
    said: [''],
    warned: [''],
  });
  expect(asked('send')).toMatchObject([
    { to: 'bob', content: ' two  spaces' },
    { to: { group: 'team' }, content: 'hi' },
    { to: { group: 'team' }, content: ' all' },
  ]);
});

test('each line that failed is named with its number, its beginning and the reason, and the others are sent', async () => {
  const { runs, asked } = aRun();
  const lines = [
    'nobody hello to somebody who is not there',
    'bob one',
    'bob',
    '/nothing',
    '# to no group',
    '/join',
    '/join nowhere',
    'bob a\0b',
    'bob last',
  ];
  const { code, said, warned } = await runs(`${lines.join('\n')}\n`);
  expect([code, said]).toEqual([1, ['']]);
  expect(warned).toEqual([
    'line 1: nobody hello to somebody who …: There is no user of this name.',
    'line 3: bob: There is nothing to send. A line is TO MESSAGE.',
    'line 4: /nothing: There is no /nothing: /help lists the commands.',
    'line 5: # to no group: It does not say to whom. A line is TO MESSAGE.',
    'line 6: /join: /join GROUP',
    'line 7: /join nowhere: No join_group here.',
    'line 8: bob a\\x00b: There is a NUL in this line: is it text?',
    '',
  ]);
  expect(asked('send').map((each) => (each as { content: string }).content)).toContain('last');
});

test('problems come in the order of the lines, though answers come in any order', async () => {
  const { chat, input, ended } = aRun({}, (service) => {
    service.holds = (content) => content === 'late';
  });
  input.write('nobody late\nnobody soon\nbob\n');
  // All three lines are read.
  await expect.poll(() => chat.asked.filter((each) => 'content' in each).length).toBe(2);
  input.end();
  chat.emit('caught-up', undefined);
  await expect.poll(() => chat.held.size).toBe(1);
  chat.held.get('late')?.();
  expect((await ended).warned.map((line) => line.slice(0, 6))).toEqual(['line 1', 'line 2', 'line 3', '']);
});

test('with JSON the number of the line and the reason are fields', async () => {
  const { runs } = aRun({ json: true });
  const { code, said, warned } = await runs(Buffer.from('nobody x\nbob \xff\n/nothing\nbob last', 'latin1'));
  expect([code, warned]).toEqual([1, ['']]);
  expect(objects(said).filter(({ event }) => event !== 'sent')).toMatchObject([
    { event: 'failed', line: 1, to: 'nobody', content: 'x', code: 'unknown_recipient' },
    { event: 'problem', line: 2, input: 'bob \ufffd', reason: 'This line is not valid UTF-8.' },
    { event: 'problem', line: 3, input: '/nothing', reason: expect.stringContaining('/help') },
  ]);
  expect(objects(said).find(({ event }) => event === 'sent')).toMatchObject({ content: 'last', seq: 12 });
});

test('what an earlier run left and cannot be sent is reported without a line', async () => {
  const { runs } = aRun({}, (chat) => void chat.send('nobody', 'old'));
  const { code, warned } = await runs('bob new\n');
  expect([code, warned]).toEqual([1, ['not sent: nobody old (There is no user of this name.)', '']]);
});

test('with --strict nothing is sent after a line that failed', async () => {
  const { runs, asked } = aRun({ strict: true });
  const { code, warned } = await runs('bob one\nnobody two\nbob three\n');
  expect([code, warned]).toEqual([1, ['line 2: nobody two: There is no user of this name.', '']]);
  expect(asked('send')).toHaveLength(2);
});

test('/edit and /delete change the last message that this run sent to somebody, or one of a number', async () => {
  const { runs, asked } = aRun({}, ({ answers }) =>
    Object.assign(answers, { edit_message: {}, delete_message: {} }),
  );
  const lines = [
    '/edit bob too early',
    'bob one',
    'team other',
    'bob two',
    '/edit bob better  so',
    '/delete Bob',
    '/delete bob',
    '/delete bob',
    'bob three',
    'nobody x',
    '/edit nobody y',
    'bob refused',
    '/edit bob not three',
    '/edit #team :5 five',
    '/delete team :6',
    '/delete team six',
    '/edit team :404 x',
  ];
  const { code, warned } = await runs(lines.join('\n'));
  expect([code, warned.map((line) => line.split(':')[0])]).toEqual([
    1,
    ['line 1', 'line 8', 'line 10', 'line 11', 'line 12', 'line 13', 'line 16', 'line 17', ''],
  ]);
  expect(warned[0]).toBe(
    'line 1: /edit bob too early: Nothing was sent to bob by this run: give the number of a message, like :12.',
  );
  expect([...asked('edit'), ...asked('delete')]).toMatchObject([
    { to: 'bob', target: 13, content: 'better  so' },
    { to: { group: 'team' }, target: 5, content: 'five' },
    { to: { group: 'team' }, target: 404 },
    { to: 'bob', target: 13 },
    { to: 'bob', target: 11 },
    { to: { group: 'team' }, target: 6 },
  ]);
});

test('/switch opens a chat, to which lines go whole until it is closed', async () => {
  const { runs, asked } = aRun();
  await runs('/switch tea\nbob is here\n//x\n/switch\nbob back\n');
  expect(asked('send')).toMatchObject([
    { to: { group: 'team' }, content: 'bob is here' },
    { to: { group: 'team' }, content: '/x' },
    { to: 'bob', content: 'back' },
  ]);
});

test('/chats lists what is unread, and messages have numbers if asked', async () => {
  const { chat, input, ended } = aRun({ numbers: true });
  input.write('/chats\n/switch nobody-i-know\n');
  await expect.poll(() => chat.asked.length).toBeGreaterThan(0);
  chat.emit('message', aMessage(8, { content: 'hi' }));
  chat.emit('message', aMessage(9, { edits: 8, content: 'hi!' }));
  input.end();
  chat.emit('caught-up', undefined);
  const { said, warned } = await ended;
  expect(said).toContain('bob: 2 unread');
  expect(said).toContain('#team: 5 unread');
  expect(said).toContain('2026-11-23T12:08:00.000Z :8 bob: hi');
  expect(said).toContain('2026-11-23T12:09:00.000Z :8 bob: (8 edited) hi!');
  expect(warned[0]).toContain('line 2: /switch nobody-i-know: There is no chat nobody-i-know.');
});

test('what happens to groups is told on standard error, or as an event', async () => {
  for (const json of [false, true]) {
    const { chat, input, ended } = aRun({ json });
    input.write('/switch\n');
    await expect.poll(() => chat.asked.length + input.readableLength).toBe(0);
    chat.emit('INVITED', { type: 'INVITED', group_id: 'news', by: 'bob' });
    input.end();
    chat.emit('caught-up', undefined);
    const { said, warned } = await ended;
    const text = 'bob invites you to #news: /join news or /decline news';
    expect(json ? objects(said) : warned).toEqual(json ? [{ event: 'notice', text }] : [text, '']);
  }
});

test('whoever types is told what is new, by name, and sees a chat that they open', async () => {
  const { chat, input, ended, asked } = aRun({ isInteractive: true }, (service) => {
    service.log = [aMessage(2), aMessage(3)];
    service.summaries = [aSummary()];
    Object.assign(service.answers, {
      get_profiles: { profiles: [{ username: 'bob', display_name: 'Боб' }] },
      get_groups: { groups: [] },
      mark_read: {},
      list_members: {},
      list_invitations: { invitations: [{ group_id: 'news', by: 'bob' }] },
    });
  });
  input.write('/next\n');
  await expect.poll(() => asked('mark_read').length).toBe(1);
  chat.emit('message', aMessage(11, { content: 'live' }));
  await expect.poll(() => asked('mark_read').length).toBe(2);
  input.end('/msg #team hello\nto bob\n');
  const { said } = await ended;
  expect(said[0]).toBe('There is something new in 1 of your chats: /next opens one, /chats lists them.');
  expect(said[1]).toBe('You are invited to a group: /invitations');
  expect(said.join('\n')).toMatch(/message 2\n\d\d:\d\d Боб \(bob\): message 3\nbob> \n.*: live\nbob> /);
  expect(asked('send')).toMatchObject([{ to: { group: 'team' } }, { to: 'bob', content: 'to bob' }]);
});

describe('what is new in a chat that whoever types opens', () => {
  const numbers = (from: number, upTo: number) =>
    Array.from({ length: upTo - from + 1 }, (_, index) => from + index);

  /** A chat of fifty messages of Bob's, read up to one. */
  function aChat(read: number, more: Partial<ChatSummary> = {}) {
    const service = (chat: Service) => {
      chat.log = numbers(1, 50).map((seq) => aMessage(seq));
      chat.summaries = [aSummary({ last_seq: 50, read, unread: 50 - read, ...more })];
      Object.assign(chat.answers, { mark_read: {}, list_invitations: { invitations: [] } });
    };
    const { chat, input, ended, asked } = aRun({ isInteractive: true }, service);
    /** What was printed: the numbers of messages, and the first words of what else was told. */
    async function told() {
      input.end();
      const { said } = await ended;
      const found = said
        .join('\n')
        .matchAll(/: message (\d+)|There is more|This is where it begins|Of \d+ unread/g);
      return [...found].map(([text, seq]) => (seq ? Number(seq) : text));
    }
    /** Bob writes. */
    function comes(seq: number) {
      chat.log.push(aMessage(seq));
      chat.emit('message', aMessage(seq));
    }
    const marked = () => asked('mark_read').map((each) => (each as { seq?: number }).seq);
    return { chat, input, asked, told, comes, marked };
  }

  test('begins where they left off, goes on with /next, and is read as far as it was printed', async () => {
    const { input, told, comes, marked } = aChat(20);
    input.write('/switch bob\n');
    await expect.poll(marked).toEqual([40]);
    // It comes after those that were not printed.
    comes(51);
    input.write('/next\n');
    await expect.poll(marked).toEqual([40, 51]);
    comes(52);
    await expect.poll(marked).toEqual([40, 51, 52]);
    input.write('/history\n/history\n');
    const all = await told();
    // They are printed once, as they come, which may be before it is said that there is more.
    const isLive = (each: number | string) => Number(each) > 50;
    expect(all.filter(isLive)).toEqual([51, 52]);
    expect(all.filter((each) => !isLive(each))).toEqual([
      ...numbers(21, 40),
      'There is more',
      ...numbers(41, 50),
      ...numbers(1, 20),
      'This is where it begins',
    ]);
    expect(marked()).toEqual([40, 51, 52]);
  });

  test.each([40, 0])(
    'and what comes while it is asked for, are printed once: read up to %i',
    async (read) => {
      const { chat, input, told, comes, marked } = aChat(read, read === 0 ? { unread: 20 } : {});
      const { request } = chat;
      chat.request = (each) => {
        if (each.type === 'fetch_history' && chat.log.length === 50) comes(51);
        return request.call(chat, each);
      };
      input.write('/switch bob\n');
      await expect.poll(marked).toEqual([51]);
      expect(await told()).toEqual([51, ...numbers(read === 0 ? 31 : 41, 50)]);
    },
  );

  describe('and is still arriving, as what was missed does', () => {
    const arrives = (chat: Service, from: number, upTo: number) => {
      for (const seq of numbers(from, upTo)) chat.emit('message', aMessage(seq));
    };

    test('is printed once where it comes after it was printed, and read when all of it is there', async () => {
      const { chat, input, told, comes, marked } = aChat(20);
      input.write('/switch bob\n');
      await expect.poll(marked).toEqual([40]);
      arrives(chat, 21, 45);
      // It goes on behind what has come.
      input.write('/next\n');
      await expect.poll(marked).toEqual([40, 50]);
      arrives(chat, 46, 50);
      chat.emit('caught-up', undefined);
      comes(51);
      await expect.poll(marked).toEqual([40, 50, 51]);
      input.write('/history\n');
      expect(await told()).toEqual([
        ...numbers(21, 40),
        'There is more',
        ...numbers(41, 51),
        ...numbers(1, 20),
      ]);
    });

    test('is printed once where it comes before, or while it is asked for', async () => {
      const { chat, input, told, marked } = aChat(20);
      const { request } = chat;
      chat.request = (each) => {
        if (each.type === 'fetch_history') {
          chat.request = request;
          arrives(chat, 21, 30);
        }
        return request.call(chat, each);
      };
      input.write('/switch bob\n');
      await expect.poll(marked).toEqual([40]);
      arrives(chat, 31, 50);
      expect(marked()).toEqual([40]);
      chat.emit('caught-up', undefined);
      await expect.poll(marked).toEqual([40, 50]);
      expect(await told()).toEqual([...numbers(21, 40), 'There is more', ...numbers(41, 50)]);
    });

    test('is printed once in a chat that was read elsewhere, where an edit is told though its message was printed', async () => {
      const { chat, input, told } = aChat(50);
      input.write('/switch bob\n');
      await expect.poll(() => chat.asked.some((each) => 'before_seq' in each)).toBe(true);
      arrives(chat, 28, 49);
      chat.emit('message', aMessage(50, { edits: 40, content: 'message 40, edited' }));
      const printed = await told();
      expect(printed.toSorted((one, two) => Number(one) - Number(two))).toEqual([...numbers(28, 50)]);
    });
  });

  test('is read as it comes, also if the list of chats told of it before', async () => {
    const { chat, input, comes, marked } = aChat(40);
    const { chats } = chat;
    chat.answers.join_group = {};
    let lists = 0;
    chat.chats = () => {
      lists++;
      return chats.call(chat);
    };
    const listsTo = async (last_seq: number, read: number) => {
      const before = lists;
      chat.summaries = [aSummary({ last_seq, read, unread: last_seq - read })];
      // Whoever joins a group gets the list anew.
      input.write('/join news\n');
      await expect.poll(() => lists).toBeGreaterThan(before);
    };
    input.write('/switch bob\n');
    await expect.poll(marked).toEqual([50]);
    chat.emit('caught-up', undefined);
    await listsTo(52, 50);
    comes(51);
    await expect.poll(marked).toEqual([50, 51]);
    comes(52);
    await expect.poll(marked).toEqual([50, 51, 52]);
    // What is missed without a connection is marked at once, when all of it is here.
    chat.become('waiting', 'connection_lost');
    chat.become('online');
    await listsTo(54, 52);
    comes(53);
    comes(54);
    expect(marked()).toEqual([50, 51, 52]);
    chat.emit('caught-up', undefined);
    await expect.poll(marked).toEqual([50, 51, 52, 54]);
    input.end();
  });

  test('is shown from its end where nothing was ever read, and read once all of it was printed', async () => {
    const { input, asked, told, comes, marked } = aChat(0);
    input.write('/switch bob\n');
    await expect.poll(() => asked('fetch_history')).toHaveLength(1);
    // Something is unread above it.
    comes(51);
    input.write('/history\n/history\n');
    await expect.poll(marked).toEqual([51]);
    expect((await told()).filter((each) => each !== 51)).toEqual([
      ...numbers(31, 50),
      'Of 50 unread',
      ...numbers(11, 30),
      ...numbers(1, 10),
    ]);
  });

  test('is read at once where all of it is printed', async () => {
    const { input, told, marked } = aChat(0, { unread: 20 });
    input.write('/switch bob\n');
    await expect.poll(marked).toEqual([50]);
    expect(await told()).toEqual(numbers(31, 50));
  });

  test("is marked where only one's own were counted", async () => {
    const { input, told, marked } = aChat(40, { unread: 0, unread_more: true });
    input.write('/switch bob\n/history\n');
    await expect.poll(marked).toEqual([50]);
    expect(await told()).toEqual([...numbers(31, 50), ...numbers(11, 30)]);
  });

  test('goes on where a page ended early, as one of long messages does', async () => {
    const { chat, input, told, marked } = aChat(20);
    chat.mostInPage = 12;
    for (const upTo of [32, 44, 50]) {
      input.write(upTo === 32 ? '/switch bob\n' : '/next\n');
      await expect.poll(() => marked().at(-1)).toBe(upTo);
    }
    expect(await told()).toEqual([
      ...numbers(21, 32),
      'There is more',
      ...numbers(33, 44),
      'There is more',
      ...numbers(45, 50),
    ]);
  });

  test('is not read, nor at its beginning, because the last page ended early', async () => {
    const { chat, input, told, marked } = aChat(0);
    chat.mostInPage = 12;
    input.write('/switch bob\n/history\n/history\n/history\n/read\n');
    await expect.poll(marked).toEqual([undefined]);
    // All of it was printed now.
    input.write('/history\n/history\n');
    expect(await told()).toEqual([
      ...numbers(39, 50),
      'Of 50 unread',
      ...numbers(27, 38),
      ...numbers(15, 26),
      ...numbers(3, 14),
      ...numbers(1, 2),
      'This is where it begins',
    ]);
    expect(marked()).toEqual([undefined, 50]);
  });

  test('is all read once its user says so, and is not gone on with then', async () => {
    const { chat, input, told, marked } = aChat(20);
    input.write('/switch bob\n');
    await expect.poll(marked).toEqual([40]);
    chat.summaries = [aSummary({ last_seq: 50, read: 50, unread: 0 })];
    input.write('/read\n/next\n');
    await expect.poll(marked).toEqual([40, undefined]);
    expect(await told()).toEqual([...numbers(21, 40), 'There is more', ...numbers(31, 50)]);
  });
});

test('whoever types without a connection may write at once, and is told what needs one', async () => {
  const { chat, input, ended, asked } = aRun({ isInteractive: true }, (service) => {
    service.state = 'waiting';
    service.chats = () => new Promise(() => {});
  });
  input.write('bob hello\n/edit bob better\n/join news\n/quit\n');
  const { code, warned } = await ended;
  expect([code, warned]).toEqual([
    0,
    [
      'You are offline. /join needs the service: try again when you are online.',
      'Not sent yet: 2. That is done when you are here again.',
      '',
    ],
  ]);
  expect(asked('send')).toHaveLength(1);
  // That message, and none before it.
  expect(asked('edit')).toMatchObject([{ target: chat.sendings[0]?.id, content: 'better' }]);
  expect(chat.state).toBe('waiting');
});

test('whoever loses the connection is answered at once, though something is not sent', async () => {
  const { chat, input, ended, asked } = aRun({ isInteractive: true }, (service) => {
    service.holds = () => true;
  });
  input.write('bob hello\n/edit bob better\n');
  await expect.poll(() => asked('send')).toHaveLength(1);
  expect(asked('edit')).toEqual([]);
  chat.become('waiting', 'connection_lost');
  await expect.poll(() => asked('edit')).toHaveLength(1);
  input.write('/nonsense\n/logout\n/quit\n');
  const { warned } = await ended;
  expect(warned).toEqual([
    'offline: The connection is lost.',
    'There is no /nonsense: /help lists the commands.',
    '2 messages and changes of yours are not sent yet. They are lost if you log out now. /logout! does it anyway.',
    'Not sent yet: 2. That is done when you are here again.',
    '',
  ]);
  expect(asked('logout')).toEqual([]);
});

test('a password is not read from a script', async () => {
  const { runs, asked } = aRun();
  const { warned } = await runs('/password\nsecret\n');
  expect(warned[0]).toBe('line 1: /password: This is asked for at a terminal only.');
  expect(asked('change_password')).toEqual([]);
});

test('whoever types is asked for a new password without seeing it, and for the next line', async () => {
  const echoed: boolean[] = [];
  const { chat, input, ended, asked } = aRun(
    { isInteractive: true, echo: (isOn) => void echoed.push(isOn) },
    ({ answers }) => Object.assign(answers, { change_password: {} }),
  );
  input.write('/password\nold\nnew\nnew\n/switch bob\nhello\n/quit\n');
  const { code, said } = await ended;
  expect(code).toBe(0);
  expect(echoed).toEqual([false, true]);
  expect(asked('change_password')).toEqual([
    { type: 'change_password', old_password: 'old', new_password: 'new' },
  ]);
  expect(chat.asked).toContainEqual({ type: 'send', to: 'bob', content: 'hello' });
  expect(said.join('\n')).toMatch(/> .*changed[\s\S]*bob> /);
});
