import { json } from 'node:stream/consumers';
import { isServerError, isThrottled, isUnanswered } from '../../store/aws-error.ts';
import { httpOptions } from './http-options.ts';
import { withRetries } from './retries.ts';
import { signedHttp } from './signed-http.ts';

/** An event for the bus: its type, and its fields as JSON. */
export interface Entry {
  type: string;
  detail: string;
}

/** Puts up to ten events on a bus. @returns the index of the first one that the bus refused; undefined if it has all */
export type PutEvents = (entries: readonly Entry[]) => Promise<number | undefined>;

/** The source of all events, which rules may look for. */
const SOURCE = 'parley';

interface Answer {
  Entries: { ErrorCode?: string }[];
}

/**
 * EventBridge's PutEvents. Retries are harmless: events come at least once.
 * Source: "PutEvents", EventBridge's API reference.
 */
export function putEventsOn(bus: string, region: string): PutEvents {
  const send = signedHttp(
    {
      // The SDK's own variable, which the local cloud sets.
      endpoint: process.env.AWS_ENDPOINT_URL_EVENTBRIDGE ?? `https://events.${region}.amazonaws.com`,
      name: 'events',
      region,
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AWSEvents.PutEvents' },
    },
    httpOptions,
  );
  const put = withRetries(
    async (entries: readonly Entry[]) => {
      const Entries = entries.map(({ type, detail }) => ({
        EventBusName: bus,
        Source: SOURCE,
        DetailType: type,
        Detail: detail,
      }));
      const { body } = await send('POST', '/', JSON.stringify({ Entries }));
      return (await json(body)) as Answer;
    },
    (error) => {
      if (isThrottled(error)) return 'THROTTLING';
      return isServerError(error) || isUnanswered(error) ? 'TRANSIENT' : undefined;
    },
  );
  return async (entries) => {
    const { Entries } = await put(entries);
    const refused = Entries.findIndex(({ ErrorCode }) => ErrorCode !== undefined);
    return refused === -1 ? undefined : refused;
  };
}

/** The bytes that an entry counts for. Source: "Calculating PutEvents event entry size", EventBridge's user guide. */
export const sizeOf = ({ type, detail }: Entry): number => Buffer.byteLength(SOURCE + type + detail);
