import { type Client, connect } from '../../test/support/client.ts';

// Counted over the whole process. All names have the same length, so page sizes don't depend on what ran before.
let names = 0;
const numbered = (what: string): string => `${what}-${String(++names).padStart(4, '0')}`;

/** Creates users and groups of a cloud; `leave` closes all their connections. */
export class People {
  readonly #url: string;
  readonly #clients: Client[] = [];

  constructor(url: string) {
    this.#url = url;
  }

  async stranger(): Promise<Client> {
    const client = await connect(this.#url);
    this.#clients.push(client);
    return client;
  }

  /** A registered user who is not connected. */
  async away(): Promise<string> {
    const name = numbered('user');
    const client = await this.stranger();
    await client.request({ type: 'register', username: name });
    await client.close();
    return name;
  }

  async device(name: string): Promise<Client> {
    const client = await this.stranger();
    client.name = name;
    await client.request({ type: 'login', username: name });
    return client;
  }

  async user(): Promise<Client> {
    return this.device(await this.away());
  }

  users(count: number): Promise<Client[]> {
    return Promise.all(Array.from({ length: count }, () => this.user()));
  }

  /** A group of the creator's, with these members. */
  async group(creator: Client, members: readonly Client[]): Promise<string> {
    const group = numbered('group');
    await creator.request({ type: 'create_group', group_name: group });
    await Promise.all(members.map((member) => member.request({ type: 'join_group', group_id: group })));
    return group;
  }

  async leave(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
  }
}
