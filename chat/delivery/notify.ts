import { type ChatEvent, writeEvent } from '../../protocol/index.ts';
import { bestEffort } from '../after-commit.ts';
import { nameFor } from '../chat-id.ts';
import { type DeliverPorts, postToDevices } from './deliver.ts';

/**
 * Tells users who are there of an event. Nothing is owed to who is not, and what a busy database or a throttled gateway
 * keeps from being told is not told: the event has taken place all the same, and nobody's connection is closed for it.
 * @param source the connection that caused it, which gets a reply instead
 */
export async function notify(
  ports: DeliverPorts,
  event: ChatEvent,
  usernames: readonly string[],
  source: string,
): Promise<void> {
  const tell = async () => {
    const inboxes = await ports.inboxes.getMany([...new Set(usernames)]);
    const told = [...inboxes].map(([username, inbox]) =>
      postToDevices(ports, username, inbox, (form) => writeEvent(event, form, whereFor(event, username)), {
        except: source,
        dispensable: true,
      }),
    );
    await Promise.all(told);
  };
  await bestEffort(tell());
}

const whereFor = (event: ChatEvent, viewer: string): string =>
  'chat_id' in event ? nameFor(event.chat_id, viewer) : event.group_id;
