import { arn } from '../template/aws.ts';
import type { BusModel, RuleModel } from '../template/model.ts';

/** The rules that send the detail of every event to one URL, with EventBridge's default retries. */
export const allTo = (url: string, buses: readonly BusModel[]): RuleModel[] =>
  buses.map((bus) => ({
    arn: arn('events', `rule/${bus.name}/to-url`),
    busArn: bus.arn,
    pattern: {},
    targets: [
      {
        id: `to-url-${bus.name}`,
        arn: url,
        // Whoever develops against it starts their server later, or fixes it.
        to: { http: { url, method: 'POST', headers: {}, anyStatus: true } },
        input: { path: ['detail'] },
        retries: RETRIES,
        age: AGE_MS,
      },
    ],
  }));

/** Of a target whose rule says nothing. Source: "RetryPolicy", EventBridge's API reference. */
export const RETRIES = 185;
export const AGE_MS = 24 * 60 * 60_000;
