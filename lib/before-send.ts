import { Duration } from 'aws-cdk-lib';
import { check } from './config.ts';
import type { ParleyProps } from './parley.ts';
import type { RouteFunction } from './route-function.ts';

const TIMEOUT = Duration.seconds(3);
/** A send has 29 s in all: to look for an earlier attempt, to ask, to store and to deliver. */
const LONGEST = Duration.seconds(10);

/**
 * Lets a function ask the operator's function before it stores a message, and says how.
 * @throws ConfigError for an invalid prop
 */
export function beforeSendOf({
  beforeSend,
  beforeSendTimeout,
  beforeSendFails,
}: ParleyProps): (route: RouteFunction) => void {
  const timeout = (beforeSendTimeout ?? TIMEOUT).toMilliseconds();
  for (const [name, value] of Object.entries({ beforeSendTimeout, beforeSendFails }))
    check(beforeSend !== undefined || value === undefined, `${name} needs beforeSend`);
  check(
    timeout >= 1 && timeout <= LONGEST.toMilliseconds(),
    `beforeSendTimeout=${timeout} ms: must be from 1 ms to ${LONGEST.toSeconds()} s`,
  );
  return (route) => {
    if (beforeSend === undefined) return;
    route.allow(['lambda:InvokeFunction'], [beforeSend.functionArn]);
    const variables = {
      BEFORE_SEND: beforeSend.functionArn,
      BEFORE_SEND_TIMEOUT: String(timeout),
      BEFORE_SEND_FAILS: beforeSendFails ?? 'closed',
    };
    for (const [name, value] of Object.entries(variables)) route.function.addEnvironment(name, value);
  };
}
