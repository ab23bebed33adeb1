import { inject } from 'vitest';
import type { Access } from '../../local/cloud.ts';
import type { FaultPlan } from '../../local/faults/plan.ts';
import type { Grant, Use } from '../../local/iam.ts';

const ask = async (path: string, init?: RequestInit): Promise<unknown> =>
  (await fetch(inject('controlUrl') + path, init)).json();

/** What the e2e suites' cloud saw. There is none for a deployed stage. */
export const cloud = {
  isThere: () => inject('controlUrl') !== '',
  grants: () => ask('/grants') as Promise<{ granted: Grant[]; used: Use[]; denied: Grant[] }>,
  logs: () => ask('/logs') as Promise<string[]>,
  /** How a backend reaches its server API. */
  backend: () => ask('/backend') as Promise<Access & { functionName: string }>,
  /** Until every message that it has read by now has had its reply, or can have none any more. */
  answered: () => ask('/answered'),
  /** Puts items into a table, past all functions. */
  fill: (table: string, items: readonly Record<string, unknown>[]) =>
    ask('/fill', { method: 'POST', body: JSON.stringify({ table, items }) }),
  setFaults: (plan: FaultPlan | null) => ask('/faults', { method: 'POST', body: JSON.stringify(plan) }),
};
