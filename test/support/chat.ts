import { append, type Draft, readTail } from '../../chat/history/append.ts';
import type { Caller, Identity, LogEntry } from '../../chat/model.ts';
import type { Runtime } from '../../chat/ports.ts';
import { grammarOf } from '../../lambdas/runtime/event.ts';
import type { Form } from '../../protocol/index.ts';
import { type AllPorts, emptyState, type Gate, type MemoryState, memoryPorts } from './memory.ts';

/** A runtime whose clock and ids a test sets. */
export function testWorld(start = 1_700_000_000_000): Runtime & { at: number } {
  let ids = 0;
  let waits = 1;
  const world = {
    at: start,
    now() {
      return this.at;
    },
    newId: () => `id-${++ids}`,
    timeLeft: () => Number.POSITIVE_INFINITY,
    // Each waits for a while of its own, as chance would have it.
    async backOff(failures: number) {
      waits = (waits * 7 + 3) % 31;
      for (let left = waits % 2 ** failures; left > 0; left--) await new Promise(setImmediate);
    },
    async pause(time: number) {
      world.at += time;
    },
  };
  return world;
}

/** The caller on a connection, as the edge describes it. */
export const callerAt = (connectionId: string, form: Form = 'json', address = 'home'): Caller => ({
  connectionId,
  ...grammarOf(form),
  address,
});

/** A chat service in memory, with words to set it up. */
export interface Service {
  state: MemoryState;
  ports: AllPorts;
  runtime: Runtime & { at: number };
  /** Users with these names. */
  users(...names: string[]): void;
  /** Opens a connection and puts it into the user's inbox, as a login would. */
  online(username: string, connectionId: string, form?: Form, batches?: 'takes batches'): Caller;
  group(name: string, ...members: string[]): void;
  /** Who is in a group. */
  membersOf(group: string): string[];
  /** A token of the identity provider. */
  tokenOf(identity: Identity): string;
  /** The frames that a connection took, parsed if they are JSON. */
  framesOf(connectionId: string): unknown[];
  /** Writes to a chat's log, and nothing else. */
  write(draft: Draft): Promise<LogEntry>;
  /** Ports over the same state, which let `then` happen before the nth call; 0 is the first. */
  interrupted(nth: number, then: () => Promise<unknown>): { ports: AllPorts; calls: () => number };
}

export function service(gate?: Gate): Service {
  const state = emptyState();
  const runtime = testWorld();
  const ports = memoryPorts(state, runtime, gate);
  return {
    state,
    ports,
    runtime,
    users(...names) {
      for (const name of names) {
        state.names[name] = { name, kind: 'user', created: 0, attemptId: name };
        state.credentials[name] = { username: name, attemptId: name };
      }
    },
    online(username, connectionId, form = 'json', batches) {
      state.sockets[connectionId] ??= { open: true, frames: [] };
      state.connections[connectionId] = { username, form };
      state.inboxes[username] ??= { connections: {}, pending: {} };
      state.inboxes[username].connections[connectionId] = {
        form,
        since: runtime.at,
        login: connectionId,
        ...(batches && { batches: true }),
      };
      return callerAt(connectionId, form);
    },
    group(name, ...members) {
      state.names[name] = {
        name,
        kind: 'group',
        created: 0,
        owner: members[0],
        members: members.length,
        attemptId: name,
      };
      const chat = `#${name}`;
      state.members[chat] = Object.fromEntries(
        members.map((username) => [
          username,
          { chat, username, role: 'member', since: 1, joined: runtime.at, attemptId: username },
        ]),
      );
    },
    membersOf: (group) =>
      Object.values(state.members[`#${group}`] ?? {})
        .filter(({ removed }) => !removed)
        .map(({ username }) => username)
        .sort(),
    tokenOf: (identity) => JSON.stringify(identity),
    framesOf: (connectionId) => (state.sockets[connectionId]?.frames ?? []).map(parsed),
    write: async (draft) => append(ports.history, runtime, draft, await readTail(ports.history, draft)),
    interrupted(nth, then) {
      let calls = 0;
      const counting: Gate = async (_, perform) => {
        if (calls++ === nth) await then();
        return perform();
      };
      const { secrets, policy, provider } = ports;
      const counted = { ...memoryPorts(state, runtime, counting), secrets, policy, provider };
      return { ports: counted, calls: () => calls };
    },
  };
}

const parsed = (frame: string): unknown => (frame.startsWith('{') ? JSON.parse(frame) : frame);
