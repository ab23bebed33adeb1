import type { Options } from '../../sdk/chat.ts';

export type GetToken = NonNullable<Options['getToken']>;

declare global {
  interface Window {
    /** Set by a script of whoever serves the page, before the page's own. */
    parley?: {
      getToken?: GetToken;
      /** Set by the page: its user has signed out. */
      logout?(): void;
    };
  }
}

/** The question to the page around this one, its answer, and that the user has signed out there. */
const ASK = 'parley:getToken';
const ANSWER = 'parley:token';
const LOGOUT = 'parley:logout';

/**
 * Where tokens come from: `window.parley.getToken`, or the page that shows this one in a frame.
 * @param hosts the origins that are believed
 * @returns undefined if there is neither
 */
export function tokenSource(hosts: readonly string[]): GetToken | undefined {
  const own = window.parley?.getToken;
  if (typeof own === 'function') return own;
  return window.parent !== window && hosts.length > 0 ? (refused) => fromHost(hosts, refused) : undefined;
}

/** @param signedOut whoever hands over the tokens says that there is no user any more. @returns stops */
export function onSignOut(hosts: readonly string[], signedOut: () => void): () => void {
  const own = window.parley;
  if (typeof own?.getToken === 'function') {
    own.logout = signedOut;
    return () => {};
  }
  const take = (event: MessageEvent) => isOfHost(event, hosts) && event.data?.type === LOGOUT && signedOut();
  addEventListener('message', take);
  return () => removeEventListener('message', take);
}

const isOfHost = ({ source, origin }: MessageEvent, hosts: readonly string[]): boolean =>
  source === window.parent && source !== window && hosts.includes(origin);

let last = 0;

/** Asks the page around this one, which the content security policy lets be one of the hosts alone. */
function fromHost(hosts: readonly string[], refused?: string): Promise<string> {
  const id = ++last;
  return new Promise((resolve, reject) => {
    const take = (event: MessageEvent) => {
      const { data } = event;
      if (!isOfHost(event, hosts) || data?.type !== ANSWER || data.id !== id) return;
      removeEventListener('message', take);
      if (typeof data.token === 'string') resolve(data.token);
      else reject(new Error(String(data.error ?? 'the page around this one has none')));
    };
    addEventListener('message', take);
    // Nothing in it is secret.
    window.parent.postMessage({ type: ASK, id, refused }, '*');
  });
}

/** The user whom a token names, as far as this page can tell without checking it; undefined if it can't. */
export function userIn(token: string, claim: string): unknown {
  try {
    const [, claims = ''] = token.split('.');
    return JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/')))[claim];
  } catch {
    return undefined;
  }
}
