import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Faults } from '../faults/faults.ts';
import { Queue } from '../queues/queue.ts';
import { ACCOUNT, REGION } from '../template/aws.ts';
import type { RuleModel } from '../template/model.ts';
import { deliverTo, type Send } from './delivery.ts';
import { matches } from './pattern.ts';

/** An event as rules and targets see it. Source: "Event structure", EventBridge's user guide. */
export interface BusEvent {
  version: '0';
  id: string;
  'detail-type': string;
  source: string;
  account: string;
  time: string;
  region: string;
  resources: string[];
  detail: unknown;
}

/** An entry of PutEvents that was accepted. */
export interface Accepted {
  busArn: string;
  source: string;
  detailType: string;
  detail: unknown;
  resources: string[];
  time: Date;
}

/** What buses need of the cloud. */
interface BusOptions {
  rules: readonly RuleModel[];
  /** A folder in which events survive the process until their targets have them; absent, they are in memory. */
  folder: string | undefined;
  acceptDamage?: boolean;
  faults: Faults;
  send: Send;
}

/** The events that a target has yet to get are never hidden for longer than its retries take. */
const HIDDEN_MS = 24 * 60 * 60_000;

/** The buses of EventBridge: an event goes to the targets of each rule that it matches, at least once. */
export class Buses {
  readonly #rules: readonly RuleModel[];
  readonly #waiting = new Map<string, Queue>();

  constructor({ rules, folder, acceptDamage, faults, send }: BusOptions) {
    this.#rules = rules;
    for (const rule of rules) {
      for (const target of rule.targets) {
        const model = { id: target.id, arn: target.arn, visibility: HIDDEN_MS };
        const waiting = new Queue(model, folder && join(folder, 'targets'), () => undefined, acceptDamage);
        this.#waiting.set(target.id, waiting);
        deliverTo({ rule, target, waiting, faults, send });
      }
    }
  }

  /** Takes an event; what its targets get is durable once this returns. @returns its id */
  put({ busArn, source, detailType, detail, resources, time }: Accepted): string {
    const id = randomUUID();
    const event: BusEvent = {
      version: '0',
      id,
      'detail-type': detailType,
      source,
      account: ACCOUNT,
      // Whole seconds, as there.
      time: time.toISOString().replace(/\.\d+Z$/, 'Z'),
      region: REGION,
      resources,
      detail,
    };
    for (const rule of this.#rules) {
      if (rule.busArn !== busArn || !matches(rule.pattern, event)) continue;
      for (const target of rule.targets) this.#waiting.get(target.id)?.send(JSON.stringify(event));
    }
    return id;
  }

  /** The number of events that each target has yet to get. */
  get waiting(): Record<string, number> {
    return Object.fromEntries([...this.#waiting].map(([id, { size }]) => [id, size]));
  }

  close(): void {
    for (const queue of this.#waiting.values()) queue.close();
  }
}
