import { type ChatEvent, nameFor, writeEvent } from '../../protocol/index.ts';
import { bestEffort } from '../after-commit.ts';
import { type DeliverPorts, postToDevices } from './deliver.ts';

/**
 * Notifies the online devices of users of an event. Best effort: nothing is marked pending for offline users, a busy
 * database or gateway drops the notice, and no connection is closed for it.
 * @param source the connection that caused the event, which gets a reply instead
 */
export async function notify(
  ports: DeliverPorts,
  event: ChatEvent,
  usernames: readonly string[],
  source: string,
): Promise<void> {
  const notifyAll = async () => {
    const inboxes = await ports.inboxes.getMany([...new Set(usernames)]);
    const posts = [...inboxes].map(([username, inbox]) =>
      postToDevices(ports, username, inbox, (form) => writeEvent(event, form, whereFor(event, username)), {
        except: source,
        dispensable: true,
      }),
    );
    await Promise.all(posts);
  };
  await bestEffort(notifyAll());
}

const whereFor = (event: ChatEvent, viewer: string): string =>
  'chat_id' in event ? nameFor(event.chat_id, viewer) : event.group_id;
