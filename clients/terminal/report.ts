import type { Writable } from 'node:stream';
import type { Code, Message, RequestError, Sending, StateChange } from '../sdk/chat.ts';
import { withoutSource } from '../view/detail.ts';
import { escaped, escapedJson } from './text.ts';
import { inWords, isEndedElsewhere } from './words.ts';

/** Reports events to a program or its user. */
export interface Report {
  message(message: Message): void;
  sent(message: Message): void;
  failed(sending: Sending, error: RequestError): void;
  state(change: StateChange): void;
  /** The answer to a command. */
  told(lines: readonly string[]): void;
  problem(text: string, code?: Code): void;
}

interface Streams {
  output: Writable;
  errors: Writable;
  json: boolean;
}

export const reportAs = (streams: Streams): Report => (streams.json ? inJson(streams) : inLines(streams));

/** Reports one JSON object per line, with its kind in `event`. */
function inJson({ output }: Streams): Report {
  const write = (event: string, fields: object) =>
    output.write(`${escapedJson(JSON.stringify({ event, ...fields }))}\n`);
  return {
    message: (message) => write('message', message),
    sent: (message) => write('sent', message),
    failed: ({ to, content, id }, { code, reason }) =>
      write('failed', { to: nameOf(to), content, client_message_id: id, code, reason }),
    state: ({ state, reason, detail, retryInMs }) =>
      write('state', { state, reason, detail, retry_in_ms: retryInMs && Math.round(retryInMs) }),
    told: (lines) => write('told', { lines }),
    problem: (reason, code) => write('problem', { code, reason }),
  };
}

/** Reports messages as `TIME CHAT SENDER: TEXT`, and everything else on standard error. */
function inLines({ output, errors }: Streams): Report {
  const say = (text: string) => void errors.write(`${escaped(text)}\n`);
  let wasOnline = false;
  return {
    message: (message) => void output.write(`${escaped(lineOf(message))}\n`),
    sent: () => {},
    failed: ({ to, content }, { reason }) => say(`not sent: ${nameOf(to)} ${content} (${reason})`),
    state({ state, reason, detail }) {
      if (state === 'waiting') say(`offline: ${reason === 'no_token' ? withoutSource(detail) : reason}`);
      if (state === 'closed' && wasOnline && reason && isEndedElsewhere(reason)) say(inWords(reason, detail));
      // The caller of the login reports why it was refused.
      if (state === 'online') wasOnline = true;
    },
    told: (lines) => lines.map((line) => output.write(`${escaped(line)}\n`)),
    problem: (text) => say(text),
  };
}

function lineOf(message: Message): string {
  const { timestamp, sender, content, edits, deletes } = message;
  const chat = 'group_id' in message ? `#${message.group_id} ` : '';
  const change = edits ? `(${edits} edited) ` : deletes ? `(${deletes} deleted)` : '';
  return `${timestamp} ${chat}${sender}: ${change}${content}`;
}

const nameOf = (to: Sending['to']): string => (typeof to === 'string' ? to : `#${to.group}`);
