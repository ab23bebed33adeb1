/** A part of the chats, in the order of their ids, and what this client has of them. */
export interface Slice {
  cursors: Record<string, number>;
  from_chat?: string;
  /** Not itself in it. */
  to_chat?: string;
}

// A browser sends a message in one frame, and API Gateway takes no frame of more than 32 KB: this, and a login's rest.
const ROOM = 28_000;
// What a chat takes beside its id: quotes, colon, comma, the largest seq.
const BESIDE = 20;
// Also what one request may name: protocol/limits.ts.
const MOST = 1_400;

/** Cursors in as few requests as have room for them; together they are about all chats there are. */
export function slicesOf(cursors: Readonly<Record<string, number>>): [Slice, ...Slice[]] {
  let slice: Slice = { cursors: {} };
  const slices: [Slice, ...Slice[]] = [slice];
  let [room, count] = [ROOM, 0];
  for (const id of Object.keys(cursors).sort()) {
    room -= id.length + BESIDE;
    if (room < 0 || ++count > MOST) {
      slice.to_chat = id;
      slice = { cursors: {}, from_chat: id };
      slices.push(slice);
      [room, count] = [ROOM - id.length - BESIDE, 1];
    }
    slice.cursors[id] = cursors[id] as number;
  }
  return slices;
}
