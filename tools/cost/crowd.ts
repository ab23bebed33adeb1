import type { Person, Wire } from './wire.ts';

const AT_ONCE = 8;
// The joins per concurrent worker: each worker needs its own instances of functions, which are slow to start.
const MEMBERS_EACH = 20;
// The SDK takes several messages in a frame.
const AS_SDK = { batches: true };

/** Reports progress. */
export type Say = (what: string, done?: number, of?: number) => void;

/** Creates the users and groups of a local cloud. */
export class Crowd {
  readonly #wire: Wire;
  readonly #say: Say;
  #names = 0;

  constructor(wire: Wire, say: Say) {
    this.#wire = wire;
    this.#say = say;
  }

  stranger(): Promise<Person> {
    return this.#wire.connect();
  }

  /** A registered user who is not logged in. */
  async away(): Promise<string> {
    const [person, username] = [await this.stranger(), this.#name()];
    await person.request({ type: 'register', username });
    await person.close();
    return username;
  }

  async login(username: string): Promise<Person> {
    const person = await this.stranger();
    await person.request({ type: 'login', username, ...AS_SDK });
    return person;
  }

  async user(): Promise<{ name: string; person: Person }> {
    const name = await this.away();
    return { name, person: await this.login(name) };
  }

  /**
   * Creates a group.
   * @param here the number of connected members, besides the one who is returned
   */
  async group(members: number, here: number): Promise<{ group: string; member: Person }> {
    const [group, { person: member }] = [this.#name(), await this.user()];
    await member.request({ type: 'create_group', group_name: group });
    let joined = 1;
    const join = async (index: number, visitors: Person) => {
      const username = this.#name();
      const person = index < here ? await this.stranger() : visitors;
      await person.request({ type: 'register', username });
      await person.request({ type: 'login', username, ...AS_SDK });
      await person.request({ type: 'join_group', group_id: group });
      if (index >= here) await person.request({ type: 'logout' });
      this.#say('members', ++joined, members);
    };
    let next = 0;
    const work = async () => {
      const visitors = await this.stranger();
      for (let index = next++; index < members - 1; index = next++) await join(index, visitors);
      await visitors.close();
    };
    const workers = Math.min(AT_ONCE, Math.ceil(members / MEMBERS_EACH));
    await Promise.all(Array.from({ length: workers }, work));
    return { group, member };
  }

  #name(): string {
    return `u${++this.#names}`;
  }
}
