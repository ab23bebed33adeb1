import { afterAll, beforeAll, describe } from 'vitest';
import { testWorld } from '../support/chat.ts';
import { emptyState, memoryPorts } from '../support/memory.ts';
import { storeContract } from '../support/store-contract.ts';
import { type RealStore, realStore } from './real-store.ts';

describe('in memory', () => {
  const ports = memoryPorts(emptyState(), testWorld());
  storeContract(() => ports);
});

describe('in DynamoDB', () => {
  let store: RealStore;
  beforeAll(async () => {
    store = await realStore();
  });
  afterAll(() => store.close());
  storeContract(() => store.ports);
});
