import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { Permissions } from '../iam.ts';
import { type Answer, type ServiceOptions, serviceServer } from '../service.ts';
import { arn } from '../template/aws.ts';
import type { BusModel } from '../template/model.ts';
import type { Buses } from './bus.ts';

interface EventsOptions extends ServiceOptions {
  permissions: Permissions;
  buses: () => Buses;
  models: () => readonly BusModel[];
}

/** An entry of PutEvents. */
interface Entry {
  Source?: string;
  DetailType?: string;
  Detail?: string;
  EventBusName?: string;
  Resources?: string[];
  /** Seconds since 1970. */
  Time?: number;
}

type Result = { EventId: string } | { ErrorCode: string; ErrorMessage: string };

// Source: "PutEvents" and "Calculating PutEvents event entry size", EventBridge's API reference and user guide.
const MOST = 10;
const LARGEST = 256 * 1024;
const TIME_BYTES = 14;

/** The part of EventBridge that functions use: `PutEvents`. */
export function eventsServer({ permissions, buses, models, ...options }: EventsOptions): Server {
  const put = (entry: Entry, busArn: string): Result => {
    const refused = refusedOf(entry) ?? (options.faults.happens('entryFails') ? internal : undefined);
    if (refused) return refused;
    const { Source: source = '', DetailType: detailType = '', Detail = '', Resources = [], Time } = entry;
    const time = Time === undefined ? new Date() : new Date(Time * 1_000);
    const event = { busArn, source, detailType, detail: JSON.parse(Detail), resources: Resources, time };
    // An event for a bus that does not exist is accepted, and dropped.
    const exists = models().some((bus) => bus.arn === busArn);
    return { EventId: exists ? buses().put(event) : randomUUID() };
  };
  return serviceServer(options, {
    name: 'EventBridge',
    contentType: 'application/x-amz-json-1.1',
    stranger: refusal(
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
    ),
    broken: { status: 500, json: { __type: 'InternalException', message: 'The local EventBridge failed' } },
    check(caller, request, body) {
      const operation = String(request.headers['x-amz-target']).replace('AWSEvents.', '');
      if (operation !== 'PutEvents')
        return refusal('UnknownOperationException', `The local EventBridge has no ${operation}`);
      const { Entries: entries } = JSON.parse(body.toString()) as { Entries?: Entry[] };
      if (!Array.isArray(entries) || entries.length < 1 || entries.length > MOST)
        return refusal('ValidationException', `A request has 1 to ${MOST} entries.`);
      if (entries.every((entry) => refusedOf(entry)?.ErrorCode === 'InvalidArgument'))
        return refusal('ValidationException', 'No entry has a source, a detail type and a detail.');
      if (entries.reduce((sum, entry) => sum + sizeOf(entry), 0) >= LARGEST)
        return refusal('ValidationException', 'Total size of the entries in the request is over the limit.');
      const wanted = entries.map(({ EventBusName = 'default' }) => busArnOf(EventBusName));
      const action = 'events:PutEvents';
      const denied = permissions.denies(caller, { action, resources: [...new Set(wanted)] });
      if (denied) {
        const message = `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${denied} because no identity-based policy allows the ${action} action`;
        return refusal('AccessDeniedException', message);
      }
      return () => {
        const Entries = entries.map((entry, index) => put(entry, wanted[index] ?? ''));
        const FailedEntryCount = Entries.filter((each) => 'ErrorCode' in each).length;
        return { status: 200, json: { FailedEntryCount, Entries } };
      };
    },
  });
}

const busArnOf = (nameOrArn: string): string =>
  nameOrArn.startsWith('arn:') ? nameOrArn : arn('events', `event-bus/${nameOrArn}`);

const bytesOf = (text = ''): number => Buffer.byteLength(String(text));

const sizeOf = ({ Source, DetailType, Detail, Resources = [], Time }: Entry): number =>
  [Source, DetailType, Detail, ...Resources].reduce(
    (sum, each) => sum + bytesOf(each),
    Time === undefined ? 0 : TIME_BYTES,
  );

const internal = { ErrorCode: 'InternalFailure', ErrorMessage: 'A fault: the entry failed' };

/** Why an entry can't be taken; the others of its request can. */
function refusedOf({ Source, DetailType, Detail }: Entry) {
  for (const [name, value] of Object.entries({ Source, DetailType, Detail }))
    if (!value) return { ErrorCode: 'InvalidArgument', ErrorMessage: `Parameter ${name} is not valid.` };
  try {
    const detail: unknown = JSON.parse(Detail ?? '');
    if (typeof detail === 'object' && detail !== null && !Array.isArray(detail)) return undefined;
  } catch {
    // Reported below.
  }
  return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
}

const refusal = (type: string, message: string): Answer => ({ status: 400, json: { __type: type, message } });
