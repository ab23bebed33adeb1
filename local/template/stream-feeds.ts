import { checkPattern } from '../events/pattern.ts';
import type { Value } from './intrinsics.ts';
import type { Pattern, StreamFeedModel } from './model.ts';

type Properties = Record<string, Value>;

const STREAM = /^arn:[^:]+:dynamodb:[^:]+:[^:]+:table\/[^/]+\/stream\//;

/** Whether an event source mapping reads a table's stream. */
export const readsStream = ({ EventSourceArn }: Properties): boolean => STREAM.test(String(EventSourceArn));

// -1, the default of these limits, is none.
const limit = (value: Value | undefined): number | undefined =>
  value === undefined || Number(value) < 0 ? undefined : Number(value);

const onFailure = ({ DestinationConfig }: Properties): Value | undefined =>
  ((DestinationConfig as Properties | undefined)?.OnFailure as Properties | undefined)?.Destination;

const filtersOf = ({ FilterCriteria }: Properties): Pattern[] =>
  (((FilterCriteria as Properties | undefined)?.Filters ?? []) as { Pattern: string }[]).map(
    ({ Pattern }) => JSON.parse(Pattern) as Pattern,
  );

/**
 * An event source mapping of a stream, with Lambda's defaults.
 * @throws Error for properties that the local cloud does not support
 */
export function streamFeedOf(id: string, properties: Properties): StreamFeedModel {
  const { StartingPosition: start, TumblingWindowInSeconds: tumbling = 0 } = properties;
  if (start !== 'LATEST' && start !== 'TRIM_HORIZON')
    throw new Error(`${id}: StartingPosition must be LATEST or TRIM_HORIZON`);
  if (Number(tumbling) > 0) throw new Error(`${id}: the local cloud does not support tumbling windows`);
  const age = limit(properties.MaximumRecordAgeInSeconds);
  const failed = onFailure(properties);
  const filters = filtersOf(properties);
  for (const each of filters) checkPattern(each);
  return {
    id,
    streamArn: String(properties.EventSourceArn),
    functionId: String(properties.FunctionName),
    start,
    batch: Number(properties.BatchSize ?? 100),
    window: Number(properties.MaximumBatchingWindowInSeconds ?? 0) * 1_000,
    bisect: properties.BisectBatchOnFunctionError === true,
    retries: limit(properties.MaximumRetryAttempts),
    ...(age !== undefined && { age: age * 1_000 }),
    partial: ((properties.FunctionResponseTypes ?? []) as string[]).includes('ReportBatchItemFailures'),
    filters,
    ...(failed !== undefined && { failedArn: String(failed) }),
  };
}
