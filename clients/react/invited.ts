import type { RequestError } from '../sdk/chat.ts';
import { type Invitation, Invitations } from '../view/invitations.ts';
import { kept } from './kept.ts';
import type { Model } from './model.ts';
import type { InvitationList } from './types.ts';

/** The user's invitations. They are read once somebody shows them. */
export class Invited {
  readonly initial: InvitationList;
  readonly #model: Model;
  #invitations: Invitations | undefined;
  #isLoaded = false;
  #isOver = false;
  #error: RequestError | undefined;

  constructor(model: Model) {
    this.#model = model;
    this.initial = this.#snapshot([], false, undefined);
  }

  /** Somebody shows them. */
  watch(): void {
    if (this.#invitations) return;
    this.#invitations = new Invitations(this.#model.listened, () => this.#changed());
    // Otherwise they are read with the connection.
    if (!this.#model.isOnline) return;
    this.#invitations.refresh().catch((error) => {
      this.#error = error;
      this.#model.changed();
    });
  }

  /** Nothing of them may be shown any more. */
  end(error: RequestError): void {
    this.#isOver = true;
    this.#error = error;
  }

  #changed(): void {
    this.#isLoaded = true;
    this.#error = undefined;
    this.#model.changed();
  }

  readonly #accept = async (group: string): Promise<void> => {
    await this.#model.actions.joinGroup(group);
    this.#invitations?.settle(group);
  };

  readonly #decline = async (group: string): Promise<void> => {
    await this.#invitations?.decline(group);
  };

  readonly #snapshot = kept(
    (
      invitations: readonly Invitation[],
      isLoaded: boolean,
      error: RequestError | undefined,
    ): InvitationList => ({
      ...{ invitations, error },
      isLoading: !isLoaded && error === undefined,
      ...{ accept: this.#accept, decline: this.#decline },
    }),
  );

  get snapshot(): InvitationList {
    const list = (!this.#isOver && this.#invitations?.list) || this.initial.invitations;
    return this.#snapshot(list, this.#isLoaded, this.#error);
  }
}
