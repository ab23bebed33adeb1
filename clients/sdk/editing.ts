import { targetOf } from './changes.ts';
import { type Content, lastOf } from './draft.ts';
import type { Inner } from './inner.ts';
import { chatIdOf, chatRefOf } from './names.ts';
import { newId } from './new-id.ts';
import { laneOf, type Outgoing } from './sending.ts';
import { sleep } from './timing.ts';
import type { Changes, Edits, Recipient } from './types.ts';

/**
 * Edits and deletions of the user's own messages, for `connect`. There is one `Outgoing` for each message: what is asked for
 * later changes it, or waits in it until it is stored.
 */
export const changes: Changes = ({ outbox, logs, credentials, error, spelled }: Inner): Edits => {
  const { describe, requestOf, isDue, send, departs, stored, sent, unsent, left } = outbox;
  /** Deletions that wait for an undo. In the store they are like any other: after a restart they wait no more. */
  const held = new Set<string>();

  /** Whether something has to happen with it. A failed one may still have to be deleted. */
  const isOpen = ({ status, draft }: Outgoing) => status === 'pending' || draft.next !== undefined;

  /** Whether the service cannot have it. */
  const isUntried = ({ status, draft }: Outgoing) => status === 'pending' && draft.after === undefined;

  const hold = (id: string, ms: number) => {
    held.add(id);
    void sleep(ms).then(() => held.delete(id) && outbox.pump());
  };

  /** @param target the seq of a message, or the id of an unsent one */
  const change = (to: Recipient, target: number | string, what: Content): Outgoing => {
    const lane = laneOf(spelled(to));
    const known = outbox
      .all()
      .find((each) => laneOf(each.to) === lane && (each.target ?? each.id) === target);
    if (!known && typeof target === 'string')
      throw new error('unknown_message', 'There is no such unsent message.');
    if (known) {
      // Another tab may have sent it and not told this one yet: now it must be taken for sent.
      if (!outbox.refresh(known)) known.draft.after ??= 0;
      if (known.isDeletion && isOpen(known)) return known;
    }
    if (what.undoMs) hold(what.id, what.undoMs);
    if (known && !known.isDeletion && (what.deletes || isOpen(known))) {
      const { draft } = known;
      if (what.deletes) draft.next = { ...what, before: draft.next };
      else if (draft.next || isUntried(known)) lastOf(draft).content = what.content;
      else draft.next = what;
      return outbox.go(known);
    }
    if (known) outbox.sendings.delete(known.id);
    const made = outbox.add({ ...what, to, target: typeof target === 'number' ? target : undefined });
    outbox.go(made);
    // From the store, which has the new one by now: if the process dies in between, both are there.
    if (known) outbox.remove(known);
    return made;
  };

  /** Ends it unsent. */
  const drop = (sending: Outgoing) => {
    outbox.remove(sending);
    outbox.failed(sending, new error('discarded', 'It was taken back.'));
  };

  /** Begins what was asked for about a message, now that its seq is known. */
  const follow = (sending: Outgoing, target: number) => {
    const { next } = sending.draft;
    if (!next || outbox.sendings.has(next.id)) return;
    const { before: _, ...rest } = next;
    outbox.go(outbox.add({ ...rest, to: sending.to, target }, sending));
  };

  Object.assign(outbox, {
    describe: (draft) => ({
      ...describe(draft),
      get content() {
        return lastOf(draft).content;
      },
      get target() {
        return draft.target;
      },
      get isDeletion() {
        return lastOf(draft).deletes === true;
      },
      get canUndo() {
        const { isDeletion } = this as unknown as Outgoing;
        return isDeletion && (draft.next !== undefined || isUntried(this as never));
      },
    }),

    requestOf(draft) {
      const { id, to, content, target, deletes, after } = draft;
      if (target === undefined) return requestOf(draft);
      return {
        type: deletes ? 'delete_message' : 'edit_message',
        ...{ chat: chatIdOf(credentials.username, chatRefOf(to)), seq: target },
        ...{ content: deletes ? undefined : content, client_message_id: id, after_seq: after },
      };
    },

    isDue: (sending) =>
      (isDue(sending) || (isOpen(sending) && !sending.entry)) && !held.has(lastOf(sending.draft).id),

    async send(sending) {
      const { draft } = sending;
      outbox.refresh(sending);
      if (draft.next && sending.isDeletion) {
        // The deletion wins over what it deletes, unless that may be sent already and has no seq yet.
        if (draft.target) follow(sending, draft.target);
        if (draft.target || isUntried(sending) || sending.status === 'failed') return drop(sending);
      }
      await send(sending);
    },

    departs(sending, seq) {
      const { draft } = sending;
      // While it waited for a connection, it may have been changed.
      if (!outbox.isDue(sending) || (draft.next && draft.after === undefined)) return false;
      const isOff = departs(sending, Math.max(seq, draft.target ?? 0));
      // It can't be undone any more.
      if (draft.deletes) outbox.changed(sending);
      return isOff;
    },

    stored(sending, entry) {
      const { target, deletes } = sending.draft;
      if (target) entry[deletes ? 'deletes' : 'edits'] = target;
      // The entry of an edit carries the message's text, which may be that of another device's later edit.
      if (entry.edits) logs.expect(entry.chat_id, entry.seq);
      else stored(sending, entry);
    },

    sent(sending, entry) {
      if (sending.status !== 'sent') {
        outbox.refresh(sending);
        // Before it is removed: if the process dies in between, both are there.
        follow(sending, targetOf(entry) ?? entry.seq);
      }
      sent(sending, entry);
    },

    async unsent(sending, failure, attempt) {
      // Somebody else was first, or it has expired.
      if (failure.code === 'unknown_message' && sending.draft.deletes) outbox.remove(sending);
      await unsent(sending, failure, attempt);
    },

    left(chatId) {
      left(chatId);
      for (const sending of outbox.all()) if (sending.target && laneOf(sending.to) === chatId) drop(sending);
    },
  } satisfies Partial<typeof outbox>);

  return {
    edit: (to, target, content) => change(to, target, { id: newId(), content }),

    delete: (to, target, undoMs) => change(to, target, { id: newId(), content: '', deletes: true, undoMs }),

    undo(id) {
      const sending = outbox.sendings.get(id);
      if (sending) outbox.refresh(sending);
      if (!sending?.canUndo) return;
      sending.draft.next = sending.draft.next?.before;
      if (sending.draft.deletes) drop(sending);
      else outbox.go(sending);
    },

    flush() {
      held.clear();
      outbox.pump();
    },
  };
};
