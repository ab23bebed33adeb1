import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/** Who may use the service from a browser, besides the pages of this machine. */
export interface Visitors {
  /** Accepted host names, besides `localhost` and IP addresses. */
  hosts?: readonly string[];
  /** Accepted origins. */
  origins?: readonly string[];
  /** Called with the reason of a refusal, since browsers show their users none. */
  refused?: (why: string) => void;
}

// The form that browsers send; anything else could inject into a header or the terminal.
const HOST = /^[\w.:[\]-]+$/;
const ORIGIN = /^[\w.:/[\]-]+$/;
const LOOPBACK = /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * Why a request is refused, for whoever sent it; undefined if it is not.
 *
 * A page anywhere may send requests to this machine. Its `Origin` tells where it is from, unless its owner's name
 * server answers with 127.0.0.1 (DNS rebinding): then origin and host are the same, and only the host's name is strange.
 * What is no browser sends no origin, and could send any.
 */
export function refusalOf(request: IncomingMessage, visitors: Visitors): string | undefined {
  const refusal = whyNot(request, visitors);
  if (refusal !== undefined) visitors.refused?.(refusal);
  return refusal;
}

function whyNot({ headers }: IncomingMessage, visitors: Visitors): string | undefined {
  const { host = '', origin } = headers;
  if (!isKnownHost(host, visitors)) return advice('is not known by the name', 'host', nameOf(host));
  if (origin === undefined || isKnownOrigin(origin, host, visitors)) return undefined;
  return advice('is not for pages of', 'origin', ORIGIN.test(origin) ? origin : undefined);
}

/** The host and port by which a browser reaches the service: those of the proxy in front, if it names them. */
export function publicHostOf({ headers }: IncomingMessage, visitors: Visitors): string {
  const forwarded = first(headers['x-forwarded-host']);
  return forwarded !== undefined && isKnownHost(forwarded, visitors) ? forwarded : (headers.host ?? '');
}

/** Whether the browser uses TLS, to a proxy in front. */
export const isSecure = ({ headers }: IncomingMessage): boolean =>
  /^(https|wss)$/i.test(first(headers['x-forwarded-proto']) ?? '');

const first = (header: string | string[] | undefined): string | undefined =>
  header === undefined ? undefined : String(header).split(',')[0]?.trim();

/** DNS rebinding needs a name: an address as the host is what the browser really requested. */
function isKnownHost(host: string, { hosts = [] }: Visitors): boolean {
  const name = nameOf(host);
  if (name === undefined) return false;
  return LOOPBACK.test(name) || isIP(name.replace(/^\[|\]$/g, '')) !== 0 || hosts.includes(name);
}

function isKnownOrigin(origin: string, host: string, { hosts = [], origins = [] }: Visitors): boolean {
  if (origins.includes(origin)) return true;
  const from = URL.canParse(origin) ? new URL(origin) : undefined;
  if (from === undefined || from.host === '') return false;
  return LOOPBACK.test(from.hostname) || from.host === host.toLowerCase() || hosts.includes(from.hostname);
}

/** The host without its port; undefined if it is invalid. */
function nameOf(host: string): string | undefined {
  const url = `http://${host}`;
  return HOST.test(host) && URL.canParse(url) ? new URL(url).hostname : undefined;
}

function advice(what: string, flag: 'host' | 'origin', value: string | undefined): string {
  const strange = 'This service ';
  if (value === undefined) return `${strange}cannot read the ${flag} of this request.`;
  return `${strange}${what} ${value}. If it should be: npm start -- --allow-${flag} ${value}`;
}
