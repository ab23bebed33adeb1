import type { Options } from '../../sdk/chat.ts';

export type GetToken = NonNullable<Options['getToken']>;

declare global {
  interface Window {
    /** Set by a script of whoever serves the page, before the page's own. */
    parley?: { getToken?: GetToken };
  }
}

/** The question to the page around this one, and its answer. */
const ASK = 'parley:getToken';
const ANSWER = 'parley:token';

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

let last = 0;

/** Asks the page around this one, which the content security policy lets be one of the hosts alone. */
function fromHost(hosts: readonly string[], refused?: string): Promise<string> {
  const id = ++last;
  return new Promise((resolve, reject) => {
    const take = ({ source, origin, data }: MessageEvent) => {
      if (source !== window.parent || !hosts.includes(origin)) return;
      if (data?.type !== ANSWER || data.id !== id) return;
      removeEventListener('message', take);
      if (typeof data.token === 'string') resolve(data.token);
      else reject(new Error(String(data.error ?? 'the page around this one has none')));
    };
    addEventListener('message', take);
    // Nothing in it is secret.
    window.parent.postMessage({ type: ASK, id, refused }, '*');
  });
}
