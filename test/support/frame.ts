/** A message in a list: a push without its `type`. */
export interface Message {
  message_id: string;
  chat_id: string;
  seq: number;
  sender: string;
  recipient?: string;
  groupname?: string;
  group_id?: string;
  content: string;
  timestamp: string;
  client_message_id?: string;
}

/** What the server may send, as a client that trusts the protocol page reads it. */
export interface Frame extends Partial<Message> {
  type: string;
  status?: string;
  code?: string;
  reason?: string;
  retry_after_ms?: number;
  request_id?: string;
  after_seq?: number;
  username?: string;
  pending_messages?: Message[];
  messages?: Message[];
  groups?: string[];
  more?: boolean;
  next?: { after_seq?: number; before_seq?: number };
  lines?: string[];
}

/** A frame as JSON if it is an object, else undefined: a line of text. */
export function parseFrame(text: string): Frame | undefined {
  if (!text.startsWith('{')) return undefined;
  return JSON.parse(text);
}

/** A push as lists carry it. */
export function messageOf({ type: _, ...message }: Frame): Message {
  return message as Message;
}

/** The frame without its `request_id`, which the client chose, and its `reason`, which is for people. */
export function plain({ request_id: _, reason, ...frame }: Frame): Frame {
  return reason === undefined ? frame : { ...frame, reason: 'for people' };
}
