import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as errors from 'aws-jwt-verify/error';
import { expect, onTestFinished, test, vi } from 'vitest';
import { identityProvider, tokenErrors } from '../../lambdas/runtime/identity-provider.ts';
import { startProvider } from '../support/provider.ts';

type Options = Parameters<typeof startProvider>[1];

/** A provider, and what verifies its tokens; both end with the test. */
async function given(options: Options = {}, settings: Record<string, string> = {}) {
  const provider = await startProvider('chat', options);
  const env = {
    ...{ JWT_ISSUER: provider.issuer, JWT_AUDIENCE: 'chat', JWKS_URI: 'off', USERNAME_CLAIM: 'sub' },
    ...settings,
  };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  onTestFinished(() => {
    provider.close();
    vi.unstubAllEnvs();
  });
  const { verify } = identityProvider();
  return { ...provider, verify };
}

const outcomeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'ok',
    (error) => error.code ?? error.name,
  );

const DISCOVERY = '/.well-known/openid-configuration';
const JWKS = '/.well-known/jwks.json';

test.each<[string, Options, string[]]>([
  [
    'its discovery document says',
    { keysAt: '/certs', pages: (base) => ({ [DISCOVERY]: { issuer: base, jwks_uri: `${base}/certs` } }) },
    [DISCOVERY, '/certs'],
  ],
  ['they are by convention, without a discovery document', {}, [DISCOVERY, JWKS]],
  [
    'they are by convention, where any other path is answered with a page',
    { pages: () => ({ [DISCOVERY]: '<!doctype html>' }) },
    [DISCOVERY, JWKS],
  ],
])('the keys of an issuer are found where %s, once', async (_, options, asked) => {
  const { verify, tokenOf, state } = await given(options);
  expect(await verify(tokenOf({ sub: 'ann' }))).toMatchObject({ username: 'ann' });
  expect(await verify(tokenOf({ sub: 'Bob|1' }))).toMatchObject({ username: 'Bob|1' });
  expect(state.asked).toEqual(asked);
});

test('the claims of a token come with a digest that changes with them, and an access token has none', async () => {
  const { verify, tokenOf } = await given();
  const claimsOf = async (claims: object) => (await verify(tokenOf({ sub: 'ann', ...claims }))).claims;
  const both = { name: 'Ann 王', picture: 'https://example.com/a.png' };
  const claims = await claimsOf(both);
  expect(claims).toEqual({ ...both, digest: expect.stringMatching(/^[\w-]{43}$/) });
  expect(await claimsOf({ ...both, email: 'ann@example.com' })).toEqual(claims);
  const others = [{ name: 'Ann' }, { picture: both.picture }, { ...both, name: 'Ann' }];
  const digests = await Promise.all(others.map(async (each) => (await claimsOf(each))?.digest));
  expect(new Set([claims?.digest, ...digests]).size).toBe(4);
  for (const none of [{}, { name: '' }, { name: 7, picture: ['x'] }])
    expect(await claimsOf(none)).toBeUndefined();
});

test('an issuer may end in a slash, like that of Auth0', async () => {
  const { verify, tokenOf, issuer } = await given();
  vi.stubEnv('JWT_ISSUER', `${issuer}/`);
  const slashed = identityProvider();
  expect(await outcomeOf(slashed.verify(tokenOf({ sub: 'ann', iss: `${issuer}/` })))).toBe('ok');
  const wrong = slashed.verify(tokenOf({ sub: 'ann' }));
  await expect(wrong).rejects.toThrow(`It was issued by "${issuer}", not by ${issuer}/.`);
  expect(await outcomeOf(verify(tokenOf({ sub: 'ann', iss: `${issuer}/` })))).toBe('invalid_token');
});

test('a setting may say where the keys are instead', async () => {
  const other = await startProvider('chat', { issuer: 'https://issuer.example', keysAt: '/k' });
  onTestFinished(() => void other.close());
  const { verify } = await given({}, { JWT_ISSUER: other.issuer, JWKS_URI: other.jwksUri });
  expect(await outcomeOf(verify(other.tokenOf({ sub: 'ann' })))).toBe('ok');
  expect(other.state.asked).toEqual(['/k']);
});

test.each<[string, Options]>([
  [
    'a discovery document of another issuer',
    { pages: (base) => ({ [DISCOVERY]: { issuer: 'https://evil.example', jwks_uri: `${base}${JWKS}` } }) },
  ],
  [
    'keys that would come over a network without TLS',
    { pages: (base) => ({ [DISCOVERY]: { issuer: base, jwks_uri: 'http://keys.example/jwks' } }) },
  ],
  [
    'keys that look like an address of this machine',
    { pages: (base) => ({ [DISCOVERY]: { issuer: base, jwks_uri: 'http://localhost.evil.example/' } }) },
  ],
  ['keys that are none', { keysAt: '/elsewhere', pages: () => ({ [JWKS]: '{"keys":7}' }) }],
  ['keys that are not there', { keysAt: '/elsewhere' }],
  [
    'an endless answer',
    { keysAt: '/elsewhere', pages: () => ({ [JWKS]: `{"keys":[]${' '.repeat(2 ** 20)}}` }) },
  ],
  [
    'a key that is broken',
    {
      keysAt: '/elsewhere',
      pages: () => ({ [JWKS]: { keys: [{ kty: 'RSA', kid: 'k1', e: 'AQAB' }] } }),
    },
  ],
])('%s is not the fault of a token, and nobody but the issuer is asked', async (_, options) => {
  const { verify, tokenOf, issuer } = await given(options);
  const asked = vi.spyOn(globalThis, 'fetch');
  onTestFinished(() => asked.mockRestore());
  expect(await outcomeOf(verify(tokenOf({ sub: 'ann' })))).toBe('Unavailable');
  expect(new Set(asked.mock.calls.map(([address]) => new URL(String(address)).origin))).toEqual(
    new Set([issuer]),
  );
});

test('an issuer that takes too long is not waited for', async () => {
  const { verify, tokenOf } = await given();
  const patience = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.abort());
  expect(await outcomeOf(verify(tokenOf({ sub: 'ann' })))).toBe('Unavailable');
  patience.mockRestore();
  expect(await outcomeOf(verify(tokenOf({ sub: 'ann' })))).toBe('ok');
});

test('keys that are elsewhere by now, as a redirect says, are not fetched: it could lead away from HTTPS', async () => {
  const { verify, tokenOf, jwksUri } = await given();
  const redirecting = createServer((_, response) => response.writeHead(302, { location: jwksUri }).end());
  await new Promise<void>((done) => redirecting.listen(0, '127.0.0.1', done));
  onTestFinished(() => void redirecting.close());
  vi.stubEnv('JWKS_URI', `http://localhost:${(redirecting.address() as AddressInfo).port}/`);
  expect(await outcomeOf(identityProvider().verify(tokenOf({ sub: 'ann' })))).toBe('Unavailable');
  expect(await outcomeOf(verify(tokenOf({ sub: 'ann' })))).toBe('ok');
});

test.each([
  ['no answer', 'down', [DISCOVERY, JWKS]],
  // It does not count as "no discovery document": the keys may be elsewhere.
  ['an answer that ends in the middle', 'cut', [DISCOVERY]],
] as const)(
  '%s of the issuer is not the fault of a token, and it is asked again later',
  async (_, fault, asked) => {
    const { verify, tokenOf, state } = await given();
    state[fault] = true;
    expect(await outcomeOf(verify(tokenOf({ sub: 'ann' })))).toBe('Unavailable');
    expect(state.asked).toEqual(asked);
    state[fault] = false;
    expect(await outcomeOf(verify(tokenOf({ sub: 'ann' })))).toBe('ok');
  },
);

test('a new key is fetched, but strangers who name unknown keys cause few requests', async () => {
  const { verify, tokenOf, state } = await given();
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
  onTestFinished(() => void vi.useRealTimers());
  const by = (kid: string) => outcomeOf(verify(tokenOf({ sub: 'ann' }, { header: { kid } })));
  expect(await by('k1')).toBe('ok');
  state.asked.length = 0;
  expect(await by('new')).toBe('invalid_token');
  // That one is known not to exist; of others nobody knows yet.
  expect([await by('new'), await by('newer'), await by('k1')]).toEqual([
    'invalid_token',
    'Unavailable',
    'ok',
  ]);
  expect(state.asked).toEqual([DISCOVERY, JWKS]);
  vi.setSystemTime(Date.now() + 10_000);
  expect([await by('newer'), await by('new')]).toEqual(['invalid_token', 'Unavailable']);
  expect(state.asked).toHaveLength(4);
});

test.each([
  ['replaced by one of the same id', 'k1'],
  ['withdrawn', 'k2'],
])('a key that was %s is believed for an hour at most, or until the issuer answers again', async (_, kid) => {
  const { verify, tokenOf, replaceKey, state } = await given();
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
  onTestFinished(() => void vi.useRealTimers());
  const old = tokenOf({ sub: 'ann', exp: Date.now() / 1000 + 7_200 });
  expect(await outcomeOf(verify(old))).toBe('ok');
  replaceKey(kid);
  state.down = true;
  vi.setSystemTime(Date.now() + 59 * 60_000);
  expect(await outcomeOf(verify(old))).toBe('ok');
  expect(state.asked).toHaveLength(2);
  vi.setSystemTime(Date.now() + 60_000);
  // The issuer is asked again, though not for each token.
  expect([await outcomeOf(verify(old)), await outcomeOf(verify(old))]).toEqual(['ok', 'ok']);
  expect(state.asked).toHaveLength(4);
  state.down = false;
  vi.setSystemTime(Date.now() + 10_000);
  expect(await outcomeOf(verify(old))).toBe('invalid_token');
  expect(await outcomeOf(verify(tokenOf({ sub: 'ann' }, { header: { kid } })))).toBe('ok');
});

/** A token by any key and algorithm. */
function tokenBy(issuer: string, alg: string, kid: string, signed: (text: string) => Buffer): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer, aud: 'chat', sub: 'ann', iat: now, exp: now + 60 };
  const text = `${part({ alg, kid })}.${part(claims)}`;
  return `${text}.${signed(text).toString('base64url')}`;
}

test('keys of all asymmetric kinds work, and a signature that does not fit its key is the fault of the token', async () => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ed = generateKeyPairSync('ed25519');
  const jwkOf = (key: KeyObject, more: object) => ({ ...key.export({ format: 'jwk' }), ...more });
  const keys = [jwkOf(ec.publicKey, { kid: 'ec' }), jwkOf(ed.publicKey, { kid: 'ed' })];
  const { verify, issuer, tokenOf } = await given({
    pages: (base) => ({
      [DISCOVERY]: { issuer: base, jwks_uri: `${base}/all` },
      '/all': {
        keys: [...keys, jwkOf(ec.publicKey, { kid: 'enc', use: 'enc' }), { kty: 'oct', kid: 'oct' }],
      },
    }),
  });
  const ofEc = (text: string) =>
    sign('sha256', Buffer.from(text), { key: ec.privateKey, dsaEncoding: 'ieee-p1363' });
  const ofEd = (text: string) => sign(null, Buffer.from(text), ed.privateKey);
  const by = (...of: [alg: string, kid: string, signed: (text: string) => Buffer]) =>
    outcomeOf(verify(tokenBy(issuer, ...of)));
  expect([await by('ES256', 'ec', ofEc), await by('EdDSA', 'ed', ofEd)]).toEqual(['ok', 'ok']);
  for (const [alg, kid, signed] of [
    ['RS256', 'ed', ofEd],
    ['EdDSA', 'ec', ofEc],
    ['ES256', 'ec', () => Buffer.from('short')],
    ['HS256', 'oct', ofEc],
    ['ES256', 'enc', ofEc],
  ] as const)
    expect(await by(alg, kid, signed), `${alg} by ${kid}`).toBe('invalid_token');
  expect(await outcomeOf(verify(tokenOf({ sub: 'ann' }, { header: { kid: undefined } })))).toBe(
    'invalid_token',
  );
});

test.each([
  ['to the end of time', 1e300, '9999-12-31T23:59:59.999Z'],
  ['a fraction of a second', 4_000_000_000.5, '2096-10-02T07:06:40.500Z'],
])('a token may be good for %s', async (_, exp, until) => {
  const { verify, tokenOf } = await given();
  const identity = await verify(tokenOf({ sub: 'ann', exp, iat: 1_700_000_000.9 }));
  expect(identity).toEqual({ username: 'ann', issued: 1_700_000_000_000, until: Date.parse(until) });
});

test.each<[string, object, object, RegExp]>([
  [
    'that was issued in the future, as milliseconds are',
    { iat: Date.now() },
    {},
    /"iat".* lies in the future/,
  ],
  ['that is not valid before a time that cannot be', { nbf: Date.now() * 1000 }, {}, /time that cannot be/],
  ['that expired at a time that cannot be', { exp: -1e300 }, {}, /time that cannot be/],
  ['with an extension that must be understood', {}, { crit: ['exp'] }, /"crit"/],
])('a token %s is refused', async (_, claims, header, reason) => {
  const { verify, tokenOf } = await given();
  const refusal = verify(tokenOf({ sub: 'ann', ...claims }, { header }));
  await expect(refusal).rejects.toThrow(reason);
  expect(await outcomeOf(refusal)).toBe('invalid_token');
});

test('clocks may differ by a minute', async () => {
  const { verify, tokenOf } = await given();
  expect(await outcomeOf(verify(tokenOf({ sub: 'ann', iat: Date.now() / 1000 + 50 })))).toBe('ok');
});

test('the user is in the claim that the setting names', async () => {
  const { verify, tokenOf } = await given({}, { USERNAME_CLAIM: 'email' });
  expect(await verify(tokenOf({ email: 'Ann@Example.com' }))).toMatchObject({ username: 'Ann@Example.com' });
  for (const email of [undefined, '', 7, ['ann'], 'a b', 'é', 'x'.repeat(129)])
    expect(await outcomeOf(verify(tokenOf({ email })))).toBe('invalid_token');
});

test('every error of the library is the token’s fault, the issuer’s, or impossible', () => {
  // None of these is asked for: issuer and audience, which are checked before, scopes, other verifiers, the synchronous
  // one, wrong parameters, and mere base classes.
  const never =
    /^(Alb|Cognito)|InvalidIssuer|InvalidAudience|Scope|InvalidClaim|FailedAssertion|JwtBase|Parameter|NotAvailableInCache|NotSupported/;
  const thrown = Object.entries(errors).filter(([name]) => !never.test(name));
  expect(new Set(thrown.map(([, kind]) => kind))).toEqual(new Set(tokenErrors.keys()));
});
