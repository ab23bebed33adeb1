import { expect, test } from 'vitest';
import type { Bucket, Credential, Session } from '../../chat/model.ts';
import type {
  Copies,
  Credentials,
  Inboxes,
  Profiles,
  RateLimits,
  Sessions,
  Verdict,
  Verdicts,
} from '../../chat/ports.ts';

let fresh = 0;
const unique = (word: string) => `${word}-${++fresh}`;

/** What the rules rely on in whatever keeps credentials. */
export function credentialsContract(credentials: () => Credentials): void {
  const credentialOf = (username: string, attemptId: string): Credential => ({
    username,
    attemptId,
    password: attemptId,
  });

  test('when several callers create one user at once, one succeeds and all are told which', async () => {
    const username = unique('ann');
    const rivals = ['a', 'b', 'c', 'd'].map((attemptId) => credentialOf(username, attemptId));
    const answers = await Promise.all(rivals.map((each) => credentials().create(each)));
    const holder = await credentials().get(username);
    expect(rivals).toContainEqual(holder);
    expect(answers).toEqual(rivals.map(() => holder));
  });

  test('a user without a password has none, and an unknown user has no credential', async () => {
    const username = unique('ann');
    await expect(credentials().get(username)).resolves.toBeUndefined();
    await credentials().create({ username, attemptId: 'a', password: undefined });
    const found = await credentials().get(username);
    expect(found).toMatchObject({ username, attemptId: 'a' });
    expect(found?.password).toBeUndefined();
  });

  test('when two callers replace the same credential, one succeeds', async () => {
    const username = unique('ann');
    await credentials().create(credentialOf(username, 'old'));
    const rivals = ['a', 'b'].map((attemptId) => ({ ...credentialOf(username, attemptId), epoch: 1 }));
    const answers = await Promise.all(rivals.map((each) => credentials().replace('old', each)));
    expect(answers.toSorted()).toEqual([false, true]);
    await expect(credentials().get(username)).resolves.toEqual(rivals[answers.indexOf(true)]);
    await expect(credentials().replace('old', credentialOf(username, 'late'))).resolves.toBe(false);
  });

  test('claims are noted only on the credential that was read', async () => {
    const username = unique('ann');
    const credential = { username, attemptId: 'a' };
    await credentials().noteClaims(credential, 'before there is one');
    await expect(credentials().get(username)).resolves.toBeUndefined();
    await credentials().create(credential);
    for (const digest of ['d1', 'd2', 'd2']) await credentials().noteClaims(credential, digest);
    await expect(credentials().get(username)).resolves.toEqual({ ...credential, claims: 'd2' });
    await credentials().replace('a', { username, attemptId: 'b', erased: true });
    await credentials().noteClaims(credential, 'late');
    await expect(credentials().get(username)).resolves.toEqual({ username, attemptId: 'b', erased: true });
  });

  test('a credential that does not exist cannot be replaced', async () => {
    const username = unique('ann');
    await expect(credentials().replace('old', credentialOf(username, 'a'))).resolves.toBe(false);
    await expect(credentials().get(username)).resolves.toBeUndefined();
  });
}

/** Likewise for profiles. */
export function profilesContract(profiles: () => Profiles): void {
  test('each field of a profile is set, kept and removed by itself', async () => {
    const [id, other] = [unique('@ann'), unique('@bob')];
    const name = 'Zoë 王 👩‍🚀';
    await expect(profiles().set(id, { name, avatar: 'https://a' })).resolves.toEqual({
      name,
      avatar: 'https://a',
    });
    await expect(profiles().set(id, { data: '{"a":1}', avatar: '' })).resolves.toEqual({
      name,
      data: '{"a":1}',
    });
    await expect(profiles().set(id, { topic: 'the moon' })).resolves.toMatchObject({ topic: 'the moon' });
    // As it is, if nothing is given.
    await expect(profiles().set(id, {})).resolves.toEqual({ name, data: '{"a":1}', topic: 'the moon' });
    await expect
      .poll(() => profiles().getMany([id, other]))
      .toEqual(new Map([[id, { name, data: '{"a":1}', topic: 'the moon' }]]));
  });

  test('an empty profile counts as absent, like one that never existed', async () => {
    const id = unique('@ann');
    await expect(profiles().set(id, { name: '' })).resolves.toEqual({});
    await profiles().set(id, { name: 'Ann' });
    await expect(profiles().set(id, { name: '' })).resolves.toEqual({});
    await expect(profiles().getMany([id, unique('@nobody')])).resolves.toEqual(new Map());
    await expect(profiles().getMany([])).resolves.toEqual(new Map());
  });

  test('an erased profile cannot be set again', async () => {
    const [id, never] = [unique('@ann'), unique('@bob')];
    await profiles().set(id, { name: 'Ann' });
    for (const each of [id, id, never]) await profiles().erase(each);
    for (const each of [id, never]) {
      await expect(profiles().set(each, { name: 'late' })).resolves.toBeUndefined();
      await expect(profiles().set(each, { name: '' })).resolves.toBeUndefined();
    }
    await expect(profiles().getMany([id, never])).resolves.toEqual(new Map());
  });
}

/** Likewise for sessions. */
export function sessionsContract(sessions: () => Sessions): void {
  test('a session is found by its digest until it ends, with its times to the millisecond', async () => {
    const session: Session = { digest: unique('d'), username: 'ann', epoch: 3, expires: 1_700_000_000_123 };
    await expect(sessions().get(session.digest)).resolves.toBeUndefined();
    await sessions().open(session);
    await expect(sessions().get(session.digest)).resolves.toEqual(session);
    await sessions().end(session.digest);
    await sessions().end(session.digest);
    await expect(sessions().get(session.digest)).resolves.toBeUndefined();
  });

  test('a session that has expired may still be returned, so its reader has to check', async () => {
    const session: Session = { digest: unique('d'), username: 'ann', epoch: 0, expires: 1 };
    await sessions().open(session);
    await expect(sessions().get(session.digest)).resolves.toEqual(session);
  });
}

const LATER = 4_000_000_000_000;

/** Likewise for levels. */
export function levelsContract(rateLimits: () => RateLimits): void {
  const at = (level: number): Bucket => ({ level, at: 1_000 + level });

  test('when several callers set a bucket at once, one succeeds and the others are told its level', async () => {
    const id = unique('l');
    const answers = await Promise.all([1, 2, 3, 4].map((n) => rateLimits().set(id, undefined, at(n), LATER)));
    const standing = (await rateLimits().getMany([id])).get(id);
    expect(answers.filter((answer) => answer === undefined)).toHaveLength(1);
    expect(answers[Number(standing?.level) - 1]).toBeUndefined();
    for (const answer of answers) if (answer) expect(answer).toEqual(standing);
  });

  test('a bucket is set only by a caller that knows its current level', async () => {
    const id = unique('l');
    await rateLimits().set(id, undefined, at(1.5), LATER);
    await expect(rateLimits().set(id, at(9), at(2), LATER)).resolves.toEqual(at(1.5));
    await expect(rateLimits().set(id, at(1.5), at(2), LATER)).resolves.toBeUndefined();
    await expect(rateLimits().getMany([id])).resolves.toEqual(new Map([[id, at(2)]]));
  });

  test('a bucket that has expired meanwhile counts as empty', async () => {
    const id = unique('l');
    await expect(rateLimits().set(id, at(9), at(1), LATER)).resolves.toBeUndefined();
    await expect(rateLimits().getMany([id, unique('none')])).resolves.toEqual(new Map([[id, at(1)]]));
    await expect(rateLimits().getMany([])).resolves.toEqual(new Map());
  });
}

/** Likewise for copies. */
export function copiesContract(copies: () => Copies): void {
  test('when several copies claim a part at once, one gets it, and gets it again whenever it asks', async () => {
    const part = unique('p');
    const rivals = ['a', 'b', 'c', 'd'];
    const claim = (copy: string) => copies().claim(part, copy, LATER);
    const told = await Promise.all(rivals.map(claim));
    expect(told.filter((isIts) => isIts)).toHaveLength(1);
    expect(await Promise.all(rivals.map(claim))).toEqual(told);
    await expect(copies().claim(unique('p'), 'b', LATER)).resolves.toBe(true);
  });

  test('the first end of a page that is recorded stays, also for a last page', async () => {
    const [page, lastPage] = [unique('p'), unique('p')];
    const told = await Promise.all(['a', 'b', undefined].map((last) => copies().endPage(page, last, LATER)));
    expect(new Set(told).size).toBe(1);
    await expect(copies().endPage(page, 'c', LATER)).resolves.toBe(told[0]);
    await expect(copies().endPage(lastPage, undefined, LATER)).resolves.toBeUndefined();
    await expect(copies().endPage(lastPage, 'z', LATER)).resolves.toBeUndefined();
    // The part of the same name is another item.
    await expect(copies().claim(page, 'one', LATER)).resolves.toBe(true);
  });

  test('the first list of messages that is recorded stays, and whoever comes later is told it', async () => {
    const list = unique('p');
    const rivals = [
      { by: 7, seqs: [7, 6, 9] },
      { by: 6, seqs: [6] },
    ];
    await expect(copies().gathered(list)).resolves.toBeUndefined();
    const told = await Promise.all(rivals.map((each) => copies().gather(list, each, LATER)));
    expect(rivals).toContainEqual(told[0]);
    expect(told[1]).toEqual(told[0]);
    await expect(copies().gather(list, { by: 8, seqs: [8] }, LATER)).resolves.toEqual(told[0]);
    await expect(copies().gathered(list)).resolves.toEqual(told[0]);
  });
}

/** Likewise for verdicts. */
export function verdictsContract(verdicts: () => Verdicts): void {
  const all: Verdict[] = [
    { verdict: 'allow' },
    { verdict: 'deny', reason: 'No.' },
    { verdict: 'rewrite', content: ' \n\u0000é' },
  ];

  test('when several verdicts on a message come at once, all are told the same one, and so is who comes later', async () => {
    const message = unique('m');
    const told = await Promise.all(all.map((verdict) => verdicts().first(message, verdict, LATER)));
    expect(all).toContainEqual(told[0]);
    for (const each of told) expect(each).toEqual(told[0]);
    await expect(verdicts().first(message, { verdict: 'allow' }, LATER)).resolves.toEqual(told[0]);
  });

  test.each(all)('a verdict comes back as it was: %o', async (verdict) => {
    const message = unique('m');
    await verdicts().first(message, verdict, LATER);
    await expect(verdicts().first(message, { verdict: 'deny', reason: 'x' }, LATER)).resolves.toEqual(
      verdict,
    );
  });
}

/** What ends sessions, and bounds connections, in the inboxes. */
export function epochsContract(inboxes: () => Inboxes): void {
  const device = { form: 'json', since: 5, login: 'l1' } as const;

  test('a login whose proof is older than the end of all sessions is refused, and a newer one is accepted', async () => {
    const user = unique('ann');
    await inboxes().connect(user, 'c1', device, { epoch: 0 });
    const revoked = await inboxes().revoke(user, 7_000);
    expect([revoked.epoch, [...revoked.connections.keys()]]).toEqual([1, ['c1']]);
    const late = await inboxes().connect(user, 'c2', device, { epoch: 0 });
    expect([late.refused, late.epoch, [...late.connections.keys()]]).toEqual([true, 1, ['c1']]);
    expect((await inboxes().connect(user, 'c2', device, { epoch: 1 })).refused).toBeUndefined();
    // A token holds in any epoch; one that has not begun is no obstacle either.
    expect((await inboxes().connect(user, 'c3', device)).refused).toBeUndefined();
    const last = await inboxes().connect(user, 'c4', device, { epoch: 7 });
    expect([...last.connections.keys()].toSorted()).toEqual(['c1', 'c2', 'c3', 'c4']);
  });

  test('a token issued before all sessions were ended, or at that moment, is refused, and a later one is accepted', async () => {
    const user = unique('ann');
    expect((await inboxes().connect(user, 'c1', device, { issued: 1_000 })).refused).toBeUndefined();
    expect((await inboxes().revoke(user, 5_500)).revoked).toBe(5_500);
    for (const issued of [1_000, 5_000, 5_500]) {
      const { refused, revoked, connections } = await inboxes().connect(user, 'c2', device, { issued });
      expect([refused, revoked, [...connections.keys()]]).toEqual([true, 5_500, ['c1']]);
    }
    expect((await inboxes().connect(user, 'c2', device, { issued: 6_000 })).refused).toBeUndefined();
    expect((await inboxes().connect(user, 'c3', device, { epoch: 1 })).refused).toBeUndefined();
  });

  test('a device is removed only if its login is the expected one', async () => {
    const user = unique('ann');
    await inboxes().connect(user, 'c1', device);
    await inboxes().connect(user, 'c1', { ...device, login: 'l2', until: 9 });
    const still = await inboxes().disconnect(user, 'c1', 7, 'l1');
    expect(still.connections.get('c1')).toEqual({ ...device, login: 'l2', until: 9 });
    expect(still.lastSeen).toBeUndefined();
    const gone = await inboxes().disconnect(user, 'c1', 8, 'l2');
    expect([gone.connections.size, gone.lastSeen]).toEqual([0, 8]);
    expect((await inboxes().disconnect(user, 'c1', 9, 'l2')).lastSeen).toBe(8);
  });

  test('when a login meets the end of all sessions, the login is either refused or listed', async () => {
    for (let round = 0; round < 10; round++) {
      const user = unique('ann');
      await inboxes().create(user);
      const [login, revoked] = await Promise.all([
        inboxes().connect(user, 'c1', device, { epoch: 0 }),
        inboxes().revoke(user, 7_000),
      ]);
      expect(revoked.connections.has('c1')).toBe(login.refused === undefined);
    }
  });

  test('each end of all sessions starts a new epoch', async () => {
    const user = unique('ann');
    await inboxes().create(user);
    await Promise.all(Array.from({ length: 5 }, () => inboxes().revoke(user, 7_000)));
    expect((await inboxes().getMany([user])).get(user)?.epoch).toBe(5);
  });

  test('a user has at most the given number of devices, of which each may log in again', async () => {
    const user = unique('ann');
    const devices = 8;
    for (let index = 0; index < devices; index++)
      await inboxes().connect(user, `c${index}`, device, { epoch: 0 }, devices);
    const more = await inboxes().connect(user, 'one-more', device, { epoch: 0 }, devices);
    expect([more.refused, more.connections.size]).toEqual([true, devices]);
    expect(
      (await inboxes().connect(user, 'c7', { ...device, login: 'l2' }, { epoch: 0 }, devices)).refused,
    ).toBeUndefined();
    await inboxes().disconnect(user, 'c7', 9);
    expect(
      (await inboxes().connect(user, 'one-more', device, { epoch: 0 }, devices)).refused,
    ).toBeUndefined();
  });
}
