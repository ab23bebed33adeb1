import { beforeEach, describe, expect, test } from 'vitest';
import { changePassword } from '../../../chat/accounts/change-password.ts';
import { login } from '../../../chat/accounts/login.ts';
import { logout } from '../../../chat/accounts/logout.ts';
import { register } from '../../../chat/accounts/register.ts';
import { OutcomeUnknown, Unavailable } from '../../../chat/errors.ts';
import type { Caller } from '../../../chat/model.ts';
import { fill, filled, take, waitFor } from '../../../chat/rate-limits/buckets.ts';
import { rateLimiterOf } from '../../../chat/rate-limits/rate-limiter.ts';
import { remember } from '../../../chat/rate-limits/remember.ts';
import { callerAt, type Service, service } from '../../support/chat.ts';

let chat: Service;
beforeEach(() => {
  chat = service();
  Object.assign(chat.ports.policy, { invalidLogins: 3, failedLoginsOfAddress: 100 });
});

const at = (connectionId: string, address = 'home'): Caller => callerAt(connectionId, 'text', address);

async function logIn(username: string, password: string | undefined, caller: Caller): Promise<string> {
  chat.state.sockets[caller.connectionId] ??= { open: true, frames: [] };
  return login(chat.ports, { username, password }, caller).then(
    () => 'in',
    (error) => error.code,
  );
}

/** How long somebody who is refused is told to wait. */
const waitOf = (username: string, caller: Caller): Promise<number> =>
  login(chat.ports, { username, password: 'right' }, caller).then(
    () => 0,
    (error) => error.retryAfter,
  );

async function fail(times: number, username: string, caller: Caller): Promise<string[]> {
  const codes: string[] = [];
  for (let time = 0; time < times; time++) codes.push(await logIn(username, 'wrong', caller));
  return codes;
}

describe('failed logins', () => {
  beforeEach(async () => {
    await register(chat.ports, { username: 'alice', password: 'right' }, at('r'));
  });

  test('have to wait after a few, longer each time, and at most half a minute', async () => {
    expect(await fail(4, 'alice', at('c1'))).toEqual([
      ...Array(3).fill('invalid_credentials'),
      'rate_limited',
    ]);
    const waits: number[] = [];
    for (let time = 0; time < 8; time++) {
      const wait = await waitOf('alice', at('c1'));
      waits.push(wait);
      chat.runtime.at += wait;
      expect(await logIn('alice', 'wrong', at('c1'))).toBe('invalid_credentials');
    }
    expect(waits[0]).toBe(1_000);
    expect(waits.toSorted((one, other) => one - other)).toEqual(waits);
    expect(Math.max(...waits)).toBe(30_000);
  });

  test('are forgotten as they leak', async () => {
    const codes: string[] = [];
    for (let time = 0; time < 4; time++) {
      codes.push(await logIn('alice', 'wrong', at('c1')));
      chat.runtime.at += 100;
    }
    expect(codes.at(-1)).toBe('rate_limited');
  });

  test('that have to wait are not examined, so they do not count', async () => {
    await fail(20, 'alice', at('c1'));
    expect(await waitOf('alice', at('c1'))).toBe(1_000);
  });

  test('are forgiven by a success', async () => {
    await fail(2, 'alice', at('c1'));
    expect(await logIn('alice', 'right', at('c1'))).toBe('in');
    expect(await fail(3, 'alice', at('c1'))).toEqual(Array(3).fill('invalid_credentials'));
  });

  test('are all forgiven by a success at an address where the user has been before', async () => {
    expect(await logIn('alice', 'right', at('c1'))).toBe('in');
    await fail(2, 'alice', at('c1'));
    expect(await logIn('alice', 'right', at('c1'))).toBe('in');
    expect(await fail(3, 'alice', at('c1'))).toEqual(Array(3).fill('invalid_credentials'));
  });

  test('that wait on the account do not count on the address', async () => {
    chat.ports.policy.failedLoginsOfAddress = 5;
    await fail(20, 'alice', at('c1'));
    expect(await fail(3, 'bob', at('c1'))).toEqual([...Array(2).fill('invalid_credentials'), 'rate_limited']);
  });

  test.each([
    [-1, 'in'],
    [0, 'rate_limited'],
  ])('find a user known for 90 days, and %i ms', async (more, outcome) => {
    expect(await logIn('alice', 'right', at('c1'))).toBe('in');
    chat.runtime.at += 90 * 24 * 3600_000 + more;
    for (let id = 0; id < 9; id++) await fail(1, 'alice', at(`s${id}`, `botnet ${id}`));
    expect(await logIn('alice', 'right', at('c2'))).toBe(outcome);
  });

  test('are forgiven with time', async () => {
    await fail(3, 'alice', at('c1'));
    chat.runtime.at += 3 * 60_000;
    expect(await fail(4, 'alice', at('c1'))).toEqual([
      ...Array(3).fill('invalid_credentials'),
      'rate_limited',
    ]);
  });

  test('on an account count from all addresses', async () => {
    for (const id of ['c1', 'c2', 'c3']) await fail(1, 'alice', at(id, id));
    expect(await logIn('alice', 'right', at('c4', 'elsewhere'))).toBe('rate_limited');
  });

  test('of a stranger keep no user out at an address where they have been, nor with a session', async () => {
    expect(await logIn('alice', 'right', at('c1', 'at alice'))).toBe('in');
    for (let id = 0; id < 50; id++) await fail(1, 'alice', at(`s${id}`, `botnet ${id}`));
    expect(await logIn('alice', 'right', at('c3', 'a new place'))).toBe('rate_limited');
    const json = callerAt('c4', 'json', 'a new place');
    chat.state.sessions['digest of t'] = {
      digest: 'digest of t',
      username: 'alice',
      epoch: 0,
      expires: 1e15,
    };
    chat.state.sockets.c4 = { open: true, frames: [] };
    await expect(login(chat.ports, { session_token: 't' }, json)).resolves.toBeUndefined();
    expect(await logIn('alice', 'right', at('c2', 'at alice'))).toBe('in');
  });

  /** How many passwords were looked at while something happened. */
  async function lookedAt(action: () => Promise<unknown>): Promise<number> {
    const { secrets } = chat.ports;
    let looked = 0;
    const matches: typeof secrets.matches = async (...of) => {
      looked++;
      return secrets.matches(...of);
    };
    Object.assign(chat.ports, { secrets: { ...secrets, matches } });
    await action();
    Object.assign(chat.ports, { secrets });
    return looked;
  }

  const atOnce = (times: number, one: (time: number) => Promise<unknown>) => () =>
    Promise.all(Array.from({ length: times }, (_, time) => one(time)));

  describe('many at once are examined no more than one after the other', () => {
    test('for one account, from many addresses', async () => {
      const storm = atOnce(200, (time) => fail(1, 'alice', at(`c${time}`, `botnet ${time}`)));
      expect(await lookedAt(storm)).toBe(3);
      for (let turn = 0; turn < 3; turn++) {
        chat.runtime.at += 30_000;
        expect(await lookedAt(storm)).toBe(1);
      }
    });

    test('from one address, for many accounts', async () => {
      chat.ports.policy.failedLoginsOfAddress = 5;
      const spray = atOnce(24, (time) => fail(1, `acct${time}`, at(`c${time}`)));
      expect(await lookedAt(spray)).toBe(5);
      chat.runtime.at += 1_000;
      expect(await lookedAt(spray)).toBe(1);
    });

    test('for an account at an address of its user', async () => {
      expect(await logIn('alice', 'right', at('c'))).toBe('in');
      expect(await lookedAt(atOnce(24, (time) => fail(1, 'alice', at(`c${time}`))))).toBe(3);
      chat.runtime.at += 1_000;
      expect(await lookedAt(atOnce(24, (time) => fail(1, 'alice', at(`c${time}`))))).toBe(1);
    });

    test('with change_password', async () => {
      expect(await logIn('alice', 'right', at('c'))).toBe('in');
      const guess = (time: number) =>
        changePassword(chat.ports, { old_password: `guess ${time}`, new_password: 'mine' }, at('c')).catch(
          () => {},
        );
      expect(await lookedAt(atOnce(24, guess))).toBe(3);
    });

    test('even if the buckets are so busy that an attempt cannot be counted and is refused', async () => {
      let stood = 0;
      const { rateLimits } = chat.ports;
      chat.ports.rateLimits = {
        ...rateLimits,
        set: async () => ({ level: ++stood / 1e6, at: chat.runtime.at }),
      };
      expect(
        await lookedAt(async () => expect(await fail(1, 'alice', at('c1'))).toEqual(['rate_limited'])),
      ).toBe(0);
    });
  });

  test('that cannot succeed count on no account', async () => {
    for (let time = 0; time < 50; time++) {
      expect(await logIn('alice', undefined, at(`c${time}`, 'a stranger'))).toBe('invalid_credentials');
      const token = login(
        chat.ports,
        { username: 'alice', session_token: 'dead' },
        at(`c${time}`, 'a stranger'),
      );
      await expect(token).rejects.toMatchObject({ code: 'invalid_credentials' });
    }
    expect(chat.state.levels).toEqual({});
    expect(await logIn('alice', 'right', at('d', 'a new place'))).toBe('in');
  });

  const fiveInvalid = () =>
    rateLimiterOf(chat.ports.rateLimits, 'invalid logins', { perSecond: 1, burst: 5 }, chat.runtime);

  test('that cannot succeed are limited by address', async () => {
    chat.ports.invalidLogins = fiveInvalid();
    const codes: string[] = [];
    for (let time = 0; time < 6; time++) codes.push(await logIn('alice', undefined, at('c1')));
    expect(codes).toEqual([...Array(5).fill('invalid_credentials'), 'rate_limited']);
    expect(await logIn('alice', undefined, at('c1', 'elsewhere'))).toBe('invalid_credentials');
  });

  test('that cannot succeed count together with logouts of no session; others are free', async () => {
    chat.ports.invalidLogins = fiveInvalid();
    const end = (session_token: string, address?: string) =>
      logout(chat.ports, { session_token }, at('stranger', address)).then(
        () => 'done',
        ({ code }) => code,
      );
    const tokens: string[] = [];
    for (let time = 0; time < 7; time++) {
      await logIn('alice', 'right', callerAt('d', 'json', 'home'));
      const { session_token } = chat.framesOf('d').at(-1) as { session_token: string };
      tokens.push(session_token);
    }
    for (const token of tokens) expect(await end(token)).toBe('done');
    const codes: string[] = [];
    for (let time = 0; time < 4; time++) codes.push(await end(`nobody ${time}`));
    codes.push(await logIn('alice', undefined, at('c1')), await end('nobody'));
    expect(codes).toEqual([...Array(4).fill('done'), 'invalid_credentials', 'rate_limited']);
    expect(await end('nobody', 'elsewhere')).toBe('done');
  });

  test('are not forgiven at addresses where only the old password was used', async () => {
    await logIn('alice', 'right', at('c1', 'at a thief'));
    await logIn('alice', 'right', at('c2', 'at alice'));
    await changePassword(chat.ports, { old_password: 'right', new_password: 'better' }, at('c2', 'at alice'));
    for (let id = 0; id < 9; id++) await fail(1, 'alice', at(`s${id}`, `botnet ${id}`));
    expect(await logIn('alice', 'better', at('c3', 'at a thief'))).toBe('rate_limited');
    expect(await logIn('alice', 'better', at('c4', 'at alice'))).toBe('in');
  });

  test('cost a known user one write', async () => {
    await logIn('alice', 'right', at('c1'));
    let writes = 0;
    const { rateLimits } = chat.ports;
    const set: typeof rateLimits.set = (...of) => {
      writes++;
      return rateLimits.set(...of);
    };
    chat.ports.rateLimits = { ...rateLimits, set };
    chat.runtime.at += 3_600_000;
    expect(await logIn('alice', 'right', at('c2'))).toBe('in');
    expect(writes).toBe(1);
  });

  test('that succeed do not count', async () => {
    for (let time = 0; time < 10; time++)
      expect(await logIn('alice', 'right', at(`c${time}`, `place ${time}`))).toBe('in');
  });

  test('from one address have to wait, whatever names they try', async () => {
    chat.ports.policy.failedLoginsOfAddress = 5;
    for (let id = 0; id < 5; id++) await fail(1, `name-${id}`, at(`c${id}`));
    expect(await logIn('alice', 'right', at('c9'))).toBe('rate_limited');
    expect(await logIn('alice', 'right', at('c10', 'elsewhere'))).toBe('in');
  });

  test('are all let through if the limit is off', async () => {
    Object.assign(chat.ports.policy, { invalidLogins: undefined, failedLoginsOfAddress: undefined });
    expect(new Set(await fail(60, 'alice', at('c1')))).toEqual(new Set(['invalid_credentials']));
    expect(await logIn('alice', 'right', at('c2'))).toBe('in');
    expect(chat.state.levels).toEqual({});
  });

  test('look the same for existing and for unknown users', async () => {
    expect(await fail(5, 'nobody', at('c1'))).toEqual(await fail(5, 'alice', at('c2', 'x')));
  });
});

describe('a rate limiter', () => {
  const rate = { perSecond: 10, burst: 100 };
  const admitted = async (rateLimiter: ReturnType<typeof rateLimiterOf>, times: number): Promise<number> => {
    let count = 0;
    for (let time = 0; time < times; time++)
      count += await rateLimiter.admit('ann').then(
        () => 1,
        () => 0,
      );
    return count;
  };
  const rateLimiter = () => rateLimiterOf(chat.ports.rateLimits, 'messages', rate, chat.runtime);

  test('lets a burst through, then as much as leaks out, and says how long to wait', async () => {
    const one = rateLimiter();
    expect(await admitted(one, 500)).toBe(119);
    const refusal = await one.admit('ann').catch((error) => error);
    expect(refusal).toMatchObject({ code: 'rate_limited', retryAfter: 2_000 });
    chat.runtime.at += refusal.retryAfter;
    await expect(one.admit('ann')).resolves.toBeUndefined();
  });

  test.each([
    ['smaller than what it costs', 5],
    ['just as large', 11],
    ['larger', 100],
  ])(
    'lets a request through that is counted twice, after the waits it names, with a burst %s',
    async (_, burst) => {
      const one = rateLimiterOf(chat.ports.rateLimits, 'messages', { perSecond: 2, burst }, chat.runtime);
      const open = async () => {
        await one.admit('ann', 1);
        await one.admit('ann', 10, 1);
      };
      const attempt = () =>
        open().then(
          () => 0,
          (error) => error.retryAfter as number,
        );
      let wait = 0;
      for (let time = 0; time < 60 && wait === 0; time++) wait = await attempt();
      expect(wait).toBeGreaterThan(0);
      // Each half may refuse once.
      let waits = 0;
      for (; wait > 0 && waits < 5; waits++) {
        chat.runtime.at += wait;
        wait = await attempt();
      }
      expect(waits).toBeLessThanOrEqual(2);
    },
  );

  test('never refuses a user who keeps to the rate', async () => {
    const one = rateLimiter();
    for (let time = 0; time < 1_000; time++) {
      await one.admit('ann');
      chat.runtime.at += 100;
    }
  });

  test('keeps the rate in the long run, over any number of instances', async () => {
    const meters = Array.from({ length: 8 }, rateLimiter);
    let count = 0;
    for (let second = 0; second < 600; second++) {
      for (const each of meters) count += await admitted(each, 5);
      chat.runtime.at += 1_000;
    }
    expect(count).toBeLessThanOrEqual(600 * 10 + 100 + 8 * 20);
    expect(count).toBeGreaterThanOrEqual(600 * 10 - 100);
  });

  test('writes once for twenty requests', async () => {
    let writes = 0;
    const { rateLimits } = chat.ports;
    const set: typeof rateLimits.set = (...of) => {
      writes++;
      return rateLimits.set(...of);
    };
    const one = rateLimiterOf(
      { ...rateLimits, set },
      'messages',
      { perSecond: 1e6, burst: 1e6 },
      chat.runtime,
    );
    await admitted(one, 1_000);
    expect(writes).toBe(50);
  });

  test('that has refused does not read again until there is room', async () => {
    let reads = 0;
    const { rateLimits } = chat.ports;
    const getMany: typeof rateLimits.getMany = (ids) => {
      reads++;
      return rateLimits.getMany(ids);
    };
    const one = rateLimiterOf({ ...rateLimits, getMany }, 'messages', rate, chat.runtime);
    await admitted(one, 120);
    const before = reads;
    chat.runtime.at += 500;
    await expect(one.admit('ann')).rejects.toMatchObject({ code: 'rate_limited', retryAfter: 1_500 });
    expect(reads).toBe(before);
  });

  test('that loses all races lets the request through, and counts it with the next one', async () => {
    let isContended = true;
    const { rateLimits } = chat.ports;
    const set: typeof rateLimits.set = async (...of) =>
      isContended ? { level: 0, at: chat.runtime.at } : rateLimits.set(...of);
    const one = rateLimiterOf({ ...rateLimits, set }, 'messages', rate, chat.runtime);
    expect(await admitted(one, 20)).toBe(20);
    isContended = false;
    await one.admit('ann');
    expect(Object.values(chat.state.levels)).toEqual([{ level: 21, at: chat.runtime.at }]);
  });

  test('writes once for charges of twenty requests', async () => {
    const one = rateLimiter();
    await one.charge('ann', 19);
    expect(chat.state.levels).toEqual({});
    await one.charge('ann', 1);
    expect(Object.values(chat.state.levels)).toEqual([{ level: 20, at: chat.runtime.at }]);
  });

  test('overfills the bucket by one burst at most, however often it is charged', async () => {
    for (const each of [rateLimiter(), rateLimiter(), rateLimiter()]) await each.charge('ann', 150);
    expect(Object.values(chat.state.levels)).toEqual([{ level: 200, at: chat.runtime.at }]);
  });

  test('does not hide errors of the service itself', async () => {
    const set = () => Promise.reject(new TypeError('a mistake'));
    const one = rateLimiterOf({ ...chat.ports.rateLimits, set }, 'messages', rate, chat.runtime);
    await expect(one.charge('ann', 20)).rejects.toThrow('a mistake');
  });

  test('counts each user separately', async () => {
    const one = rateLimiter();
    await admitted(one, 500);
    await expect(one.admit('bob')).resolves.toBeUndefined();
  });

  test('counts an expensive request by its price, and lets it through if there is room', async () => {
    const one = rateLimiter();
    for (let time = 0; time < 4; time++) await one.admit('ann', 25);
    await expect(one.admit('ann', 25)).rejects.toMatchObject({ code: 'rate_limited', retryAfter: 2_500 });
  });

  test('lets a request through that costs more than a burst, once the bucket is empty', async () => {
    const one = rateLimiter();
    await one.admit('ann', 1_000);
    const refusal = await one.admit('ann', 1_000).catch((error) => error);
    chat.runtime.at += refusal.retryAfter;
    await expect(one.admit('ann', 1_000)).resolves.toBeUndefined();
  });

  test('charges for work that was done, in all instances, for at most as long as two bursts take', async () => {
    const [one, other] = [rateLimiter(), rateLimiter()];
    await one.charge('ann', 1_000_000);
    await expect(one.admit('ann')).rejects.toMatchObject({ code: 'rate_limited', retryAfter: 10_100 });
    expect(await admitted(other, 50)).toBe(19);
    chat.runtime.at += 20_000;
    expect(await admitted(other, 50)).toBe(50);
  });

  test.each([new Unavailable('down'), new OutcomeUnknown('no answer')])(
    'defers small charges, and loses none that the database does not take: %s',
    async (error) => {
      let isDown = true;
      const { rateLimits } = chat.ports;
      const set: typeof rateLimits.set = (...of) => (isDown ? Promise.reject(error) : rateLimits.set(...of));
      const one = rateLimiterOf({ ...rateLimits, set }, 'messages', rate, chat.runtime);
      for (let time = 0; time < 25; time++) await one.charge('ann', 1);
      isDown = false;
      await one.charge('ann', 1);
      expect(Object.values(chat.state.levels)).toEqual([{ level: 26, at: chat.runtime.at }]);
    },
  );

  test('with a small burst counts each request before it is let through, and refuses what it could not count', async () => {
    const few = { perSecond: 0.1, burst: 100 };
    const exact = () =>
      rateLimiterOf(chat.ports.rateLimits, 'registrations', few, chat.runtime, { share: 1 / 100 });
    let count = 0;
    for (let instance = 0; instance < 30; instance++) count += await admitted(exact(), 10);
    expect(count).toBe(100);
    const levels = {
      getMany: async () => new Map(),
      set: async () => ({ level: Math.random(), at: 0 }),
    } as never;
    const contended = rateLimiterOf(levels, 'registrations', few, chat.runtime, { share: 1 / 100 });
    await expect(contended.admit('ann')).rejects.toMatchObject({ code: 'rate_limited', retryAfter: 1_000 });
  });

  test('that is off lets everything through, and makes no call', async () => {
    expect(await admitted(rateLimiterOf({} as never, 'messages', undefined, chat.runtime), 5_000)).toBe(
      5_000,
    );
  });
});

test('a caller that loses all races for a bucket gets an error', async () => {
  let stood = 0;
  const levels = { set: async () => ({ level: ++stood, at: 0 }) } as never;
  expect(await take(levels, 'id', 1, { perSecond: 1, burst: 1e9 }, 0)).toBe('contended');
  expect(stood).toBe(8);
});

describe('a bucket', () => {
  test('holds what has not leaked yet, and is empty in the end', () => {
    expect(filled({ level: 5, at: 0 }, 2, 10, 100)).toEqual({ level: { level: 6, at: 100 }, empty: 700 });
  });

  test('with room makes nobody wait', () => {
    expect(waitFor(undefined, 1, { perSecond: 1, burst: 5 }, 0)).toBe(0);
  });

  test.each([
    [0, 6_000],
    [60_000, 61_000],
  ])('is kept until it is empty, and for at least %i ms', async (keep, until) => {
    const kept: number[] = [];
    const set = async (...[, , , expires]: Parameters<typeof chat.ports.rateLimits.set>) => {
      kept.push(expires);
      return undefined;
    };
    await fill({ ...chat.ports.rateLimits, set }, 'id', { amount: 5, perSecond: 1, keep }, 1_000);
    expect(kept).toEqual([until]);
  });
});

test('when memory is full, the least recently used keys are forgotten', () => {
  const map = new Map<string, number>();
  for (const key of ['ann', 'bob', 'ann', 'cid']) remember(map, key, 1, 2);
  expect([...map.keys()]).toEqual(['ann', 'cid']);
});
