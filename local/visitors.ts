import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { called } from '../cli/called.ts';

/** The visitors whose browsers may use the service, besides pages of this machine. */
export interface Visitors {
  /** Accepted host names, besides `localhost` and IP addresses. */
  hosts?: readonly string[];
  /** Accepted origins. */
  origins?: readonly string[];
  /** Origins that the template's functions accept; `$connect` checks them itself. */
  deployed?: readonly string[];
  /** Called with the reason of a refusal, since browsers show their users none. */
  refused?: (why: string) => void;
}

// The form that browsers send; anything else could inject into a header or the terminal.
const HOST = /^[\w.:[\]-]+$/;
const ORIGIN = /^[\w.:/[\]-]+$/;
const LOOPBACK = /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * Returns the reason to refuse a request, as a message to its sender; undefined to accept it.
 *
 * Any web page may send requests to this machine. Its `Origin` shows where it comes from, unless its owner's name server
 * resolves the page's name to 127.0.0.1 (DNS rebinding): then origin and host match, and only the host's name is unknown.
 * Clients other than browsers send no origin, or could send any.
 */
export function refusalOf(request: IncomingMessage, visitors: Visitors): string | undefined {
  const refusal = whyNot(request, visitors);
  if (refusal !== undefined) visitors.refused?.(refusal);
  return refusal;
}

function whyNot({ headers }: IncomingMessage, visitors: Visitors): string | undefined {
  const { host = '', origin } = headers;
  if (!isKnownHost(host, visitors)) return advice('does not accept the host', 'host', nameOf(host));
  if (origin === undefined || isKnownOrigin(origin, host, visitors)) return undefined;
  return advice('does not accept pages from', 'origin', ORIGIN.test(origin) ? origin : undefined);
}

/**
 * Whether a handshake comes from the page that this port serves, or from a page that a flag allows. `$connect` isn't shown
 * the origin of these, so that `allowedOrigins` doesn't lock out the page that `npm start` offers.
 */
export const isFromAllowedPage = (
  { headers: { host = '', origin } }: IncomingMessage,
  visitors: Visitors,
): boolean => origin !== undefined && isAllowedOrigin(origin, host, visitors);

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

/** DNS rebinding needs a name, so an IP address as the host is safe. */
function isKnownHost(host: string, { hosts = [] }: Visitors): boolean {
  const name = nameOf(host);
  if (name === undefined) return false;
  return LOOPBACK.test(name) || isIP(name.replace(/^\[|\]$/g, '')) !== 0 || hosts.includes(name);
}

function isKnownOrigin(origin: string, host: string, visitors: Visitors): boolean {
  if (isAllowedOrigin(origin, host, visitors) || visitors.deployed?.includes(origin)) return true;
  return LOOPBACK.test(urlOf(origin)?.hostname ?? '');
}

function isAllowedOrigin(origin: string, host: string, { hosts = [], origins = [] }: Visitors): boolean {
  if (origins.includes(origin)) return true;
  const from = urlOf(origin);
  return from !== undefined && (from.host === host.toLowerCase() || hosts.includes(from.hostname));
}

/** An origin's URL; undefined for `null` and the like. */
function urlOf(origin: string): URL | undefined {
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  return url?.host === '' ? undefined : url;
}

/** The host without its port; undefined if it is invalid. */
function nameOf(host: string): string | undefined {
  const url = `http://${host}`;
  return HOST.test(host) && URL.canParse(url) ? new URL(url).hostname : undefined;
}

function advice(what: string, flag: 'host' | 'origin', value: string | undefined): string {
  if (value === undefined) return `This service cannot read the ${flag} of this request.`;
  return `This service ${what} ${value}. To allow it: ${called('start', `--allow-${flag} ${value}`)}`;
}
