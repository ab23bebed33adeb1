import type { Load } from './load.ts';
import type { Measures } from './measures.ts';
import { broadcastByScan, inboxPerRecipient } from './others.ts';
import { ours } from './ours.ts';
import type { Usage } from './usage.ts';

/** A month of one design under a load. */
export interface Design {
  name: string;
  usage: Usage;
}

/** The three designs, in display order. */
export const designsOf = (load: Load, measures: Measures): Design[] => [
  { name: 'Parley', usage: ours(load, measures) },
  { name: 'inbox per recipient', usage: inboxPerRecipient(load, measures) },
  { name: 'broadcast by scan', usage: broadcastByScan(load, measures) },
];
