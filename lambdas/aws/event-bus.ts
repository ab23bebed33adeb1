import { json } from 'node:stream/consumers';
import { Unavailable } from '../../chat/errors.ts';
import type { EventSink } from '../../chat/ports.ts';
import type { BusEvent } from '../../protocol/index.ts';
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

/** @param hasContent whether it has a message's text */
export function entryOf(event: BusEvent, hasContent: boolean): Entry {
  const { content, ...rest } = event as BusEvent & { content?: string };
  const detail = hasContent && content !== undefined ? { ...rest, content } : rest;
  return { type: event.type, detail: JSON.stringify(detail) };
}

/** As many events in a request as it may have. */
export function requestsOf<E extends Entry>(entries: readonly E[]): E[][] {
  const requests: E[][] = [];
  let room = 0;
  for (const each of entries) {
    const request = requests.at(-1);
    const size = sizeOf(each);
    if (request && request.length < MOST && size <= room) request.push(each);
    else {
      requests.push([each]);
      room = LARGEST;
    }
    room -= size;
  }
  return requests;
}

/** The bus for rules. */
export const sinkOf = (putEvents: PutEvents, hasContent: boolean): EventSink => ({
  async put(events) {
    for (const entries of requestsOf(events.map((event) => entryOf(event, hasContent))))
      if ((await putEvents(entries).catch(notPut)) !== undefined) throw refused();
  },
});

const refused = (cause?: unknown) => new Unavailable('EventBridge does not take events', { cause });

function notPut(cause: unknown): never {
  throw refused(cause);
}

// Source: "PutEvents", EventBridge's API reference.
const MOST = 10;
const LARGEST = 256 * 1024 - 1;

/** The bytes that an entry counts for. Source: "Calculating PutEvents event entry size", EventBridge's user guide. */
const sizeOf = ({ type, detail }: Entry): number => Buffer.byteLength(SOURCE + type + detail);
