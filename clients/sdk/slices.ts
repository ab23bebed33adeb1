/** A range of chats, by id, and the client's cursors in it. */
export interface Slice {
  cursors: Record<string, number>;
  from_chat?: string;
  /** Exclusive. */
  to_chat?: string;
}

// A browser sends a message as one frame, of which API Gateway allows 32 KB; this leaves room for the rest of a login.
const ROOM = 28_000;
// Bytes per chat beside its id in quotes: colon, comma, the largest seq.
const BESIDE = 18;
// Chats that one request may name: protocol/limits.ts.
const MOST = 1_400;

/** Splits cursors into as few requests as fit. Together the slices cover all chats. */
export function slicesOf(cursors: Readonly<Record<string, number>>): [Slice, ...Slice[]] {
  let slice: Slice = { cursors: {} };
  const slices: [Slice, ...Slice[]] = [slice];
  let [room, count] = [ROOM, 0];
  for (const id of Object.keys(cursors).sort()) {
    const size = JSON.stringify(id).length + BESIDE;
    room -= size;
    if (room < 0 || ++count > MOST) {
      slice.to_chat = id;
      slice = { cursors: {}, from_chat: id };
      slices.push(slice);
      [room, count] = [ROOM - size, 1];
    }
    slice.cursors[id] = cursors[id] as number;
  }
  return slices;
}
