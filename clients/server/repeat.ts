import type { Code } from './errors.ts';
import { ServerApiError } from './errors.ts';
import type { Call, Reply } from './invoke.ts';
import { keyed, refusedTwice } from './wire.ts';

/** How often a call is made, and how to wait in between. */
export interface Patience {
  /** Calls at most, the first one included. */
  attempts: number;
  pause(milliseconds: number): Promise<unknown>;
  /** From 0 to 1. */
  random(): number;
}

const NOTHING_HAPPENED: ReadonlySet<Code> = new Set(['busy', 'unreachable', 'rate_limited']);
const MAY_HAVE_HAPPENED: ReadonlySet<Code> = new Set(['outcome_unknown', 'internal_error']);

const FIRST_MS = 100;
const LONGEST_MS = 5_000;

/**
 * Makes a call until it is answered. What may have taken effect is repeated only if a repeat does no harm.
 * @throws ServerApiError the last one
 */
export async function repeatedly(
  once: (call: Call) => Promise<Reply>,
  call: Call,
  { attempts, pause, random }: Patience,
): Promise<Reply> {
  let current = withKey(call);
  for (let attempt = 1; ; attempt++) {
    try {
      return await once(current);
    } catch (error) {
      if (!(error instanceof ServerApiError)) throw error;
      const further = beyond(current, error);
      if (further) {
        // It stored nothing, and looked at a part of the chat: that is progress, and no attempt.
        current = further;
        attempt--;
      } else if (attempt >= attempts || !mayRepeat(current, error)) throw error;
      // Full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter").
      else await pause(error.retryAfterMs ?? random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt));
    }
  }
}

const typeOf = ({ request }: Call): string => String(request.type);

/** The call with a key of its own, if it can have one and has none. */
function withKey(call: Call): Call {
  const field = keyed.get(typeOf(call));
  if (field === undefined || call.request[field] !== undefined) return call;
  return { ...call, request: { ...call.request, [field]: crypto.randomUUID() } };
}

/** The call that goes on looking for an earlier attempt where this one stopped. */
function beyond(call: Call, { code, afterSeq }: ServerApiError): Call | undefined {
  const { after_seq: before = 0 } = call.request;
  if (code !== 'too_far_back' || afterSeq === undefined || !(afterSeq > Number(before))) return undefined;
  return { ...call, request: { ...call.request, after_seq: afterSeq } };
}

function mayRepeat(call: Call, { code, retryAfterMs = 0 }: ServerApiError): boolean {
  if (NOTHING_HAPPENED.has(code)) return retryAfterMs <= LONGEST_MS;
  return MAY_HAVE_HAPPENED.has(code) && !refusedTwice.has(typeOf(call));
}
