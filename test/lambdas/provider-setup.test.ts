import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { loginByToken } from '../../chat/accounts/login.ts';
import { userProfile } from '../../chat/profiles.ts';
import { identityProvider } from '../../lambdas/runtime/identity-provider.ts';
import { environmentOf } from '../../lib/config.ts';
import { deploymentSettings, settings } from '../../lib/settings.ts';
import { callerAt, service } from '../support/chat.ts';

// Each setup of docs/identity.md, with tokens as that provider makes them: their claims, headers, keys, and where these are.

type Settings = Record<string, string>;

const page = readFileSync(new URL('../../docs/identity.md', import.meta.url), 'utf8');

/** The settings of each command under the headings of the page. */
const setups = page.split(/^## /m).flatMap((section) => {
  const [heading = ''] = section.split('\n');
  return [...section.matchAll(/^ *(?:npx cdk deploy|npm start --)( -c .*)$/gm)].map(([, flags = '']) => {
    const pairs = [...flags.matchAll(/ -c (\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]);
    return { heading, given: Object.fromEntries(pairs) as Settings };
  });
});

/** The setup whose settings have this text in them. */
function setupOf(heading: string, text = ''): Settings {
  const found = setups.filter(
    (each) => each.heading === heading && JSON.stringify(each.given).includes(text),
  );
  expect(found.map(({ heading }) => heading)).toEqual([heading]);
  return found[0]?.given ?? {};
}

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = () => Math.floor(Date.now() / 1000);
const rsa = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwkOf = (key: KeyObject, more: object) => ({ ...key.export({ format: 'jwk' }), ...more });

/** What a provider publishes, by URL, and a key of its own. */
interface Issuer {
  key: KeyObject;
  header: { alg: 'RS256' | 'ES256'; kid: string };
  files: Record<string, object>;
}

/** Publishes a document by which the keys are found. */
const discovery = (issuer: string, jwks_uri: string) => ({
  [`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`]: { issuer, jwks_uri },
});

const COGNITO = 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI';
const AUTH0 = 'https://my-tenant.eu.auth0.com';
const FIREBASE = 'https://securetoken.google.com/my-project';
const MICROSOFT = 'https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47';
const MICROSOFT_V1 = 'https://sts.windows.net/72f988bf-86f1-41af-91ab-2d7cd011db47/';
const KEYCLOAK = 'https://sso.example/realms/my-realm';
const OWN = 'https://app.example';

function issuerOf(
  alg: 'RS256' | 'ES256',
  kid: string,
  keysAt: string,
  more: object,
  files: object = {},
): Issuer {
  const { publicKey, privateKey } = alg === 'RS256' ? rsa() : ec();
  // Providers have several keys, some of them not for signatures.
  const others = [
    jwkOf(rsa().publicKey, { kid: 'the-next', alg: 'RS256', use: 'sig' }),
    jwkOf(rsa().publicKey, { kid: 'for-encryption', alg: 'RSA-OAEP', use: 'enc' }),
  ];
  const keys = [...others, jwkOf(publicKey, { kid, use: 'sig', ...more })];
  return { key: privateKey, header: { alg, kid }, files: { ...files, [keysAt]: { keys } } };
}

const issuers = {
  cognito: issuerOf('RS256', '1234example=', `${COGNITO}/.well-known/jwks.json`, { alg: 'RS256' }),
  auth0: issuerOf(
    'RS256',
    'NjVBRjY5MDlCMUIwNzU4RTA2QzZFMDQ4QzQ2MDAyQjVDNjk1RTM2Qg',
    `${AUTH0}/.well-known/jwks.json`,
    { alg: 'RS256', x5t: 'NjVBRjY5', x5c: ['MIIC'] },
    discovery(`${AUTH0}/`, `${AUTH0}/.well-known/jwks.json`),
  ),
  firebase: issuerOf(
    'RS256',
    'f90fb1ae048a548fb681ad6092b0b869ea467ac6',
    'https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com',
    { alg: 'RS256' },
    discovery(
      FIREBASE,
      'https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com',
    ),
  ),
  // Microsoft's keys do not name their algorithm.
  microsoft: issuerOf(
    'RS256',
    'jS1Xo1OWDj_52vbwGNgvQO2VzMc',
    `${MICROSOFT}/discovery/v2.0/keys`,
    { x5t: 'jS1Xo1OWDj_52vbwGNgvQO2VzMc', x5c: ['MIID'], issuer: `${MICROSOFT}/v2.0` },
    discovery(`${MICROSOFT}/v2.0`, `${MICROSOFT}/discovery/v2.0/keys`),
  ),
  microsoftV1: issuerOf('RS256', 'i6lGk3FZzxRcUb2C3nEQ7syHJlY', `${MICROSOFT}/discovery/keys`, {
    x5t: 'i6lGk3FZzxRcUb2C3nEQ7syHJlY',
  }),
  keycloak: issuerOf(
    'ES256',
    'FJ86GcF3jTbNLOco4NvZkUCIUmfYCqoqtOQeMfbhNlE',
    `${KEYCLOAK}/protocol/openid-connect/certs`,
    { alg: 'ES256' },
    discovery(KEYCLOAK, `${KEYCLOAK}/protocol/openid-connect/certs`),
  ),
  own: issuerOf('ES256', '2026-11', `${OWN}/.well-known/jwks.json`, { alg: 'ES256' }),
} satisfies Record<string, Issuer>;

/** Serves the files of an issuer, each host by a server of its own. @returns the same text with the local addresses */
async function serve(files: Record<string, object>, settings: Settings) {
  const origins = [...new Set(Object.keys(files).map((url) => new URL(url).origin))];
  const hosts = await Promise.all(
    origins.map(async (origin) => {
      const server = createServer(({ url = '' }, response) => {
        const file = files[origin + url];
        response.writeHead(file ? 200 : 404).end(file && local(JSON.stringify(file)));
      });
      await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
      onTestFinished(() => void server.close());
      return [origin, `http://localhost:${(server.address() as AddressInfo).port}`] as const;
    }),
  );
  // An issuer whose keys are elsewhere serves nothing, and stays who it is.
  const local = (text: string) => hosts.reduce((all, [from, to]) => all.replaceAll(from, to), text);
  return { local, settings: JSON.parse(local(JSON.stringify(settings))) as Settings };
}

/** A service with these settings, and how somebody logs in with a token of the issuer. */
async function deployed(given: Settings, { key, header, files }: Issuer) {
  const { local, settings } = await serve(files, given);
  for (const [name, value] of Object.entries(environmentOf((name) => settings[name], 'dev')))
    vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  const chat = service();
  chat.state.areApart = true;
  Object.assign(chat.ports.policy, { hasProvider: true });
  const ports = { ...chat.ports, provider: identityProvider() };
  chat.runtime.at = Date.now();

  return async (claims: object, more: object = {}) => {
    const text = `${part({ ...header, ...more })}.${part(JSON.parse(local(JSON.stringify(claims))))}`;
    const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });
    const token = `${text}.${signature.toString('base64url')}`;
    const connectionId = chat.runtime.newId();
    chat.state.sockets[connectionId] = { open: true, frames: [] };
    await loginByToken(ports, { token }, callerAt(connectionId));
    return { reply: chat.framesOf(connectionId)[0], profiles: chat.state.profiles };
  };
}

const times = (lifetime: number) => ({ iat: now(), exp: now() + lifetime });

/** A kind of token: its claims and header, and who the user is. */
interface Good {
  claims: () => Record<string, unknown>;
  header?: object;
  id: string;
}

interface Case {
  settings: Settings;
  issuer: Issuer;
  good: Record<string, Good>;
  /** What the page warns of: how the token differs from the first good one, and what the refusal says. */
  bad: Record<string, [claims: object, header: object, reason: RegExp]>;
}

const UUID = 'c3d4e5f6-a7b8-4c9d-8e0f-1a2b3c4d5e6f';
const OBJECT_ID = '690222be-ff1a-4d56-abd1-7e4f7d38e474';
const API = '6e74172b-be56-4843-9ff4-e66a39bb12e3';
const PAIRWISE = 'HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ';

const entra = () => ({
  aud: API,
  iss: `${MICROSOFT}/v2.0`,
  // Five minutes back.
  iat: now() - 300,
  nbf: now() - 300,
  exp: now() + 4500,
  aio: 'AXQAi/8IAAAAtAaZLo3ChMif6KOnttRB7eBq4/DccQzjcJGxPYy',
  azp: '99f5e1b2-7d1a-4f0c-9a55-6d1c2b3a4f5e',
  azpacr: '0',
  name: 'Abe Lincoln',
  oid: OBJECT_ID,
  preferred_username: 'abeli@example.com',
  rh: 'I',
  scp: 'access_as_user',
  sub: PAIRWISE,
  tid: '72f988bf-86f1-41af-91ab-2d7cd011db47',
  uti: 'fqiBqXLPj0eQa82S-IYFAA',
  ver: '2.0',
});

const { usernameClaim: _, ...entraBySub } = setupOf('Microsoft Entra ID', '/v2.0');

const cases: Record<string, Case> = {
  'Amazon Cognito': {
    settings: setupOf('Amazon Cognito'),
    issuer: issuers.cognito,
    good: {
      'an access token': {
        claims: () => ({
          sub: UUID,
          device_key: 'eu-central-1_aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
          'cognito:groups': ['admin'],
          iss: COGNITO,
          version: 2,
          client_id: '1example23456789',
          origin_jti: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
          event_id: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
          token_use: 'access',
          scope: 'openid profile',
          auth_time: now() - 86_400,
          ...times(3600),
          jti: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
          username: 'jane',
        }),
        id: UUID,
      },
      'an ID token': {
        claims: () => ({
          sub: UUID,
          'cognito:groups': ['admin'],
          email_verified: true,
          iss: COGNITO,
          'cognito:username': 'jane',
          aud: '1example23456789',
          token_use: 'id',
          auth_time: now() - 86_400,
          ...times(3600),
          name: 'Jane Doe',
          email: 'jane@example.com',
        }),
        id: UUID,
      },
    },
    bad: {
      'of another app client': [{ client_id: 'another' }, {}, /for "another", not for 1example23456789/],
      'whose own audience is something else': [{ aud: 'https://api.example' }, {}, /for "https:/],
      'of an identity pool': [{ iss: 'https://cognito-identity.amazonaws.com' }, {}, /issued by/],
    },
  },
  Auth0: {
    settings: setupOf('Auth0'),
    issuer: issuers.auth0,
    good: {
      "an access token of Auth0's users": {
        claims: () => ({
          iss: `${AUTH0}/`,
          sub: 'auth0|6553da60a54af58e29493993',
          aud: ['https://chat.example/api', `${AUTH0}/userinfo`],
          ...times(86_400),
          scope: 'openid profile email',
          azp: 'K1AUPhZq8mRi0Q0pjhkfu1D7y6KjDQja',
        }),
        id: 'auth0|6553da60a54af58e29493993',
      },
      "an access token by RFC 9068, of Google's users": {
        claims: () => ({
          iss: `${AUTH0}/`,
          sub: 'google-oauth2|103547991597142817347',
          aud: 'https://chat.example/api',
          ...times(86_400),
          client_id: 'K1AUPhZq8mRi0Q0pjhkfu1D7y6KjDQja',
          jti: 'ooGz3hEfSH1pVhhgAAAA',
        }),
        header: { typ: 'at+jwt' },
        id: 'google-oauth2|103547991597142817347',
      },
    },
    bad: {
      'whose issuer lacks the slash': [{ iss: AUTH0 }, {}, /issued by ".*", not by .*\/\.$/],
      'whose audience has a slash more': [{ aud: 'https://chat.example/api/' }, {}, /It is for/],
      'for the user info alone': [{ aud: `${AUTH0}/userinfo` }, {}, /It is for/],
      'that is signed with HS256': [{}, { alg: 'HS256' }, /asymmetric/],
    },
  },
  Firebase: {
    settings: setupOf('Firebase'),
    issuer: issuers.firebase,
    good: {
      'an ID token': {
        claims: () => ({
          name: 'Jane Doe',
          picture: 'https://lh3.googleusercontent.com/a/jane',
          iss: FIREBASE,
          aud: 'my-project',
          auth_time: now() - 86_400,
          user_id: 'xYz0AbCdEfGhIjKlMnOpQrStUvW2',
          sub: 'xYz0AbCdEfGhIjKlMnOpQrStUvW2',
          ...times(3600),
          email: 'jane@example.com',
          email_verified: true,
          firebase: {
            identities: { 'google.com': ['103547991597142817347'], email: ['jane@example.com'] },
            sign_in_provider: 'google.com',
          },
        }),
        id: 'xYz0AbCdEfGhIjKlMnOpQrStUvW2',
      },
    },
    bad: {
      'of another project': [{ aud: 'another' }, {}, /for "another"/],
      'of the emulator': [{}, { alg: 'none', kid: undefined }, /does not name the key/],
      'whose UID has a space': [{ sub: 'jane doe' }, {}, /no user id/],
    },
  },
  'Microsoft Entra ID': {
    settings: setupOf('Microsoft Entra ID', '/v2.0'),
    issuer: issuers.microsoft,
    good: { 'an access token of version 2': { claims: entra, id: OBJECT_ID } },
    bad: {
      'of version 1': [{ iss: MICROSOFT_V1, ver: '1.0' }, {}, /issued by "https:\/\/sts\.windows\.net/],
      'for Microsoft Graph': [{ aud: '00000003-0000-0000-c000-000000000000' }, {}, /It is for/],
      'without the scope "profile"': [{ oid: undefined }, {}, /claim "oid" is missing/],
    },
  },
  'Microsoft Entra ID, by sub': {
    settings: entraBySub,
    issuer: issuers.microsoft,
    good: { 'an access token of version 2': { claims: entra, id: PAIRWISE } },
    bad: {},
  },
  'Microsoft Entra ID, version 1': {
    settings: setupOf('Microsoft Entra ID', 'sts.windows.net'),
    issuer: issuers.microsoftV1,
    good: {
      'an access token of version 1': {
        claims: () => ({
          aud: `api://${API}`,
          iss: MICROSOFT_V1,
          iat: now() - 300,
          nbf: now() - 300,
          exp: now() + 3600,
          acr: '1',
          amr: ['pwd'],
          appid: '75dbe77f-10a3-4e59-85fd-8c127544f17c',
          appidacr: '0',
          oid: OBJECT_ID,
          scp: 'access_as_user',
          sub: 'l3_roISQU222bULS9yi2k0XpqpOiMz5H3ZACo1GeXA',
          tid: '72f988bf-86f1-41af-91ab-2d7cd011db47',
          unique_name: 'abeli@example.com',
          ver: '1.0',
        }),
        header: { x5t: 'i6lGk3FZzxRcUb2C3nEQ7syHJlY' },
        id: OBJECT_ID,
      },
    },
    bad: {},
  },
  Keycloak: {
    settings: setupOf('Keycloak'),
    issuer: issuers.keycloak,
    good: {
      'an access token': {
        claims: () => ({
          ...times(300),
          auth_time: now() - 60,
          jti: 'onrtac:9d3b2b0e-6a0f-4e4b-9d6a-0c7a6a0f3c11',
          iss: KEYCLOAK,
          aud: ['chat', 'account'],
          sub: 'f3a1c2d4-5b6e-4f70-8a91-b2c3d4e5f607',
          typ: 'Bearer',
          azp: 'web',
          sid: '5b8b8f63-1f0f-4a8e-a7c8-0d7d9d2f7e3a',
          acr: '1',
          'allowed-origins': ['https://app.example'],
          realm_access: { roles: ['offline_access', 'uma_authorization'] },
          resource_access: { account: { roles: ['manage-account', 'view-profile'] } },
          scope: 'openid profile email chat',
          name: 'Jane Doe',
          preferred_username: 'jane',
        }),
        id: 'f3a1c2d4-5b6e-4f70-8a91-b2c3d4e5f607',
      },
    },
    bad: {
      'without the mapper': [{ aud: 'account' }, {}, /for "account", not for chat/],
      'without any audience': [{ aud: undefined }, {}, /for nobody, not for chat/],
      'of another host name': [{ iss: 'http://keycloak:8080/realms/my-realm' }, {}, /issued by/],
    },
  },
  'Your own backend': {
    settings: setupOf('Your own backend', OWN),
    issuer: issuers.own,
    good: {
      'a token of it': {
        claims: () => ({ iss: OWN, aud: 'chat', sub: 'users/4711#EU', ...times(900) }),
        header: { typ: 'JWT' },
        id: 'users/4711#EU',
      },
    },
    bad: {
      'without "exp"': [{ exp: undefined }, {}, /"exp"/],
      'without "iat"': [{ iat: undefined }, {}, /"iat"/],
      'without "kid"': [{}, { kid: undefined }, /does not name the key/],
      'that is signed with HS256': [{}, { alg: 'HS256' }, /asymmetric/],
    },
  },
};

test('every setup of the page is tried, and has settings that exist', () => {
  // That of the example is tried with the example.
  const tried = [
    ...Object.values(cases).map((each) => each.settings),
    setupOf('Your own backend', 'localhost'),
  ];
  for (const { heading, given } of setups) {
    expect(tried, heading).toContainEqual(given);
    expect(Object.keys({ ...settings, ...deploymentSettings })).toEqual(
      expect.arrayContaining(Object.keys(given)),
    );
  }
});

describe.each(Object.entries(cases))('%s', (_, { settings: given, issuer, good }) => {
  test.each(Object.entries(good))('%s logs in, with the settings of the page', async (_, token) => {
    const login = await deployed(given, issuer);
    const claims = token.claims();
    const { reply, profiles } = await login(claims, token.header);
    expect(reply).toMatchObject({
      status: 'login_success',
      username: token.id,
      session_expires: new Date(Number(claims.exp) * 1000).toISOString(),
    });
    const { name, avatar: picture } = profiles[userProfile(token.id)] ?? {};
    expect({ name, picture }).toEqual({ name: claims.name, picture: claims.picture });
    // In a table, the page escapes a bar.
    expect(page.replaceAll('\\|', '|')).toContain(`\`${token.id}\``);
  });
});

const warnings = Object.entries(cases).flatMap(([name, { bad, ...rest }]) =>
  Object.entries(bad).map(([what, [other, header, reason]]) => ({
    name,
    what,
    other,
    header,
    reason,
    ...rest,
  })),
);

test.each(warnings)('$name: a token $what is refused, with the reason', async (warning) => {
  const { settings: given, issuer, good, other, header, reason } = warning;
  const login = await deployed(given, issuer);
  await expect(login({ ...Object.values(good)[0]?.claims(), ...other }, header)).rejects.toMatchObject({
    code: 'invalid_token',
    message: expect.stringMatching(reason),
  });
});
