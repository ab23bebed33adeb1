import { execFileSync } from 'node:child_process';
import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { listenOn } from '../../local/listen.ts';

/** The browser's side of a subscription: what it tells a backend, and how it reads a push. */
export interface Subscriber {
  subscription: { endpoint: string; keys: { p256dh: string; auth: string } };
  /** The texts that came, decrypted. */
  got: string[];
  /** What the service answers to the next pushes. */
  answers: number[];
}

const SIGNED = /^vapid t=(\S+), ?k=(\S+)$/;

/** A push service at https://localhost, as browsers have one: it takes what is signed, and decrypts it for its subscribers. */
export async function pushService() {
  const folder = mkdtempSync(join(tmpdir(), 'parley-'));
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
      ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
      ...['-keyout', key, '-out', certificate],
    ],
    { stdio: 'ignore' },
  );
  const subscribers = new Map<string, { subscriber: Subscriber; read: (body: Buffer) => string }>();
  const server = createServer(
    { key: readFileSync(key), cert: readFileSync(certificate) },
    async ({ url = '', headers }, response) => {
      const body = await buffer(response.req);
      const found = subscribers.get(url);
      if (!found) return response.writeHead(404).end();
      const status = found.subscriber.answers.shift() ?? 201;
      if (status === 201) {
        checkSignature(headers.authorization ?? '', origin);
        found.subscriber.got.push(found.read(body));
      }
      response.writeHead(status).end();
    },
  );
  const { port } = await listenOn(server, 0, '127.0.0.1');
  const host = `localhost:${port}`;
  const origin = `https://${host}`;
  return {
    host,
    certificate,
    subscribe(): Subscriber {
      const place = `/push/${subscribers.size}`;
      const ecdh = createECDH('prime256v1');
      const [publicKey, auth] = [ecdh.generateKeys(), randomBytes(16)];
      const keys = { p256dh: publicKey.toString('base64url'), auth: auth.toString('base64url') };
      const subscription = { endpoint: origin + place, keys };
      const subscriber: Subscriber = { subscription, got: [], answers: [] };
      const read = (body: Buffer) =>
        decrypted(body, { secretWith: (sender) => ecdh.computeSecret(sender), publicKey, auth });
      subscribers.set(place, { subscriber, read });
      return subscriber;
    },
    close() {
      server.close();
      server.closeAllConnections();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Source: RFC 8292. @throws if it is not signed by the key that it names, for this service and a time to come */
function checkSignature(authorization: string, audience: string): void {
  const [, token = '', key = ''] = SIGNED.exec(authorization) ?? [];
  const [header = '', claims = '', signature = ''] = token.split('.');
  const point = Buffer.from(key, 'base64url');
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((each) => each.toString('base64url'));
  const publicKey = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
  const isSigned = verify(
    'sha256',
    Buffer.from(`${header}.${claims}`),
    { key: publicKey, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  const { aud, exp, sub } = JSON.parse(Buffer.from(claims, 'base64url').toString());
  const isValid = aud === audience && exp * 1_000 > Date.now() && /^(mailto:|https:)/.test(sub);
  if (!isSigned || !isValid) throw new Error(`A push has no valid signature: ${authorization}`);
}

interface Keys {
  secretWith: (sender: Buffer) => Buffer;
  publicKey: Buffer;
  auth: Buffer;
}

const derive = (secret: Buffer, salt: Buffer, info: string | Buffer, length: number): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, salt, info, length));

/** Source: RFC 8291, of one record. */
function decrypted(body: Buffer, { secretWith, publicKey, auth }: Keys): string {
  const salt = body.subarray(0, 16);
  const end = 21 + body.readUInt8(20);
  const sender = body.subarray(21, end);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), publicKey, sender]);
  const secret = derive(secretWith(sender), auth, info, 32);
  const key = derive(secret, salt, 'Content-Encoding: aes128gcm\0', 16);
  const decipher = createDecipheriv(
    'aes-128-gcm',
    key,
    derive(secret, salt, 'Content-Encoding: nonce\0', 12),
  );
  decipher.setAuthTag(body.subarray(-16));
  const text = Buffer.concat([decipher.update(body.subarray(end, -16)), decipher.final()]);
  // The last record ends with a two, and padding.
  return text.subarray(0, text.lastIndexOf(2)).toString();
}
