import type { Person, Wire } from './wire.ts';

const AT_ONCE = 8;
// Each needs instances of functions, which take longer to start than so few take to join.
const MEMBERS_EACH = 20;

/** Told how much is done. */
export type Say = (what: string, done?: number, of?: number) => void;

/** Users of a local cloud, and how they come to be. */
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
    await person.request({ type: 'login', username });
    return person;
  }

  async user(): Promise<{ name: string; person: Person }> {
    const name = await this.away();
    return { name, person: await this.login(name) };
  }

  /**
   * A group of so many.
   * @param here members who are connected, beside the one who is returned
   */
  async group(members: number, here: number): Promise<{ group: string; member: Person }> {
    const [group, { person: member }] = [this.#name(), await this.user()];
    await member.request({ type: 'create_group', group_name: group });
    let joined = 1;
    const join = async (index: number, visitors: Person) => {
      const username = this.#name();
      const person = index < here ? await this.stranger() : visitors;
      await person.request({ type: 'register', username });
      await person.request({ type: 'login', username });
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
