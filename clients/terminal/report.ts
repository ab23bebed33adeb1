import type { Writable } from 'node:stream';
import type { Code, Message, RequestError, Sending, StateChange } from '../sdk/chat.ts';
import { peerOf } from '../sdk/names.ts';
import { wordsFor } from '../view/words.ts';
import type { InputLine } from './lines-of.ts';
import { clipped, escaped, escapedJson } from './text.ts';
import { timeOf } from './times.ts';
import { isEndedElsewhere, whyOffline, whyOver } from './words.ts';

/** A line of the input, as far as reports need it. */
export type LineOfInput = Pick<InputLine, 'number' | 'text'>;

/** Reports events to a program or its user. */
export interface Report {
  message(message: Message, sender?: string): void;
  sent(message: Message): void;
  /** @param line absent for what an earlier run left */
  failed(sending: Sending, error: RequestError, line?: LineOfInput): void;
  state(change: StateChange): void;
  /** The answer to a command. */
  told(lines: readonly string[]): void;
  /** What has happened to the user's groups. */
  notice(text: string): void;
  /** @param line what it is about, if it is about one */
  problem(text: string, code?: Code, line?: LineOfInput): void;
  /** Asks for the next line, which goes to this chat; undefined once it is there. */
  prompt(chat: string | undefined): void;
  /** @param change whether lines have the numbers of messages */
  set(change: { numbers: boolean }): void;
}

interface Streams {
  output: Writable;
  errors: Writable;
  json: boolean;
  /** Whether a user types the lines, and knows which one is meant. */
  isInteractive?: boolean;
  /** Whether to print the numbers of messages. */
  numbers?: boolean;
}

export const reportAs = (streams: Streams): Report => (streams.json ? inJson(streams) : inLines(streams));

/** Reports one JSON object per line, with its kind in `event`. */
function inJson({ output }: Streams): Report {
  const write = (event: string, fields: object) =>
    output.write(`${escapedJson(JSON.stringify({ event, ...fields }))}\n`);
  return {
    message: (message) => write('message', message),
    sent: (message) => write('sent', message),
    failed: ({ to, content, id, target, isDeletion }, { code, reason }, line) =>
      write('failed', {
        ...{ line: line?.number, to: nameOf(to), content, client_message_id: id, code, reason },
        ...(target !== undefined && { [isDeletion ? 'deletes' : 'edits']: target }),
      }),
    state: ({ state, reason, detail, retryInMs }) =>
      write('state', { state, reason, detail, retry_in_ms: retryInMs && Math.round(retryInMs) }),
    told: (lines) => write('told', { lines }),
    notice: (text) => write('notice', { text }),
    problem: (reason, code, line) =>
      write('problem', { line: line?.number, input: line && startOf(line), code, reason }),
    prompt() {},
    set() {},
  };
}

/** Reports messages as `TIME CHAT SENDER: TEXT`, and everything else on standard error. */
function inLines({ output, errors, isInteractive = false, ...given }: Streams): Report {
  let { numbers = false } = given;
  let prompt: string | undefined;
  const print = (stream: Writable, text: string) => {
    // The prompt's line ends, and the prompt comes again below.
    const start = prompt === undefined ? '' : '\n';
    stream.write(`${start}${escaped(text)}\n`);
    if (prompt !== undefined) output.write(prompt);
  };
  const say = (text: string) => print(errors, text);
  let wasOnline = false;
  /** Why it is offline, as it was said last. */
  let saidOffline: string | undefined;
  return {
    message(message, sender) {
      print(output, isInteractive ? shownLineOf(message, numbers, sender) : lineOf(message, numbers));
    },
    sent: () => {},
    failed(sending, error, line) {
      const reason = wordsFor(error);
      say(line && !isInteractive ? placed(line, reason) : `${whatFailed(sending)} (${reason})`);
    },
    state({ state, reason, detail }) {
      // Once, not at each attempt.
      const why = state === 'waiting' ? whyOffline(reason, detail) : undefined;
      if (why !== undefined && why !== saidOffline) say(why);
      saidOffline = state === 'online' ? undefined : (why ?? saidOffline);
      if (state === 'closed' && wasOnline && reason && isEndedElsewhere(reason)) say(whyOver(reason, detail));
      // The caller of the login reports why it was refused.
      if (state === 'online') wasOnline = true;
    },
    told: (lines) => lines.map((line) => print(output, line)),
    notice: say,
    problem: (text, _code, line) => say(line && !isInteractive ? placed(line, text) : text),
    prompt(chat) {
      prompt = chat === undefined ? undefined : `${escaped(chat)}> `;
      if (prompt !== undefined) output.write(prompt);
    },
    set(change) {
      numbers = change.numbers;
    },
  };
}

// Columns of a line that are enough to find it.
const START = 30;

/** The beginning of a line. */
const startOf = ({ text }: LineOfInput): string => clipped(escaped(text.trim().slice(0, 4 * START)), START);

const placed = (line: LineOfInput, reason: string): string =>
  `line ${line.number}: ${startOf(line)}: ${reason}`;

function lineOf(message: Message, numbers: boolean): string {
  return `${message.timestamp} ${bodyOf(message, numbers)}`;
}

/** For somebody who reads it now. @param sender what they are called */
function shownLineOf(message: Message, numbers: boolean, sender?: string): string {
  return `${timeOf(message.timestamp)} ${bodyOf(message, numbers, sender)}`;
}

// And what looks like them: what is in them is the system.
const QUOTES = /[«»≪≫《》⟪⟫]/gu;

function bodyOf(message: Message, numbers: boolean, called = message.sender): string {
  const { sender, system, content, edits, deletes, seq } = message;
  const name = called.replace(QUOTES, '').trim() || sender;
  const number = numbers ? `:${edits ?? deletes ?? seq} ` : '';
  const chat = 'group_id' in message ? `#${message.group_id} ` : '';
  // As the service writes it in lines: no id has these quotes.
  const of = 'recipient' in message ? ` ${peerOf(message.chat_id, message.recipient)}` : '';
  const who = system ? `«${sender}»${of}` : name === sender ? sender : `${name} (${sender})`;
  const change = edits ? `(${edits} edited) ` : deletes ? `(${deletes} deleted)` : '';
  return `${number}${chat}${who}: ${change}${content}`;
}

function whatFailed({ to, content, target, isDeletion }: Sending): string {
  if (target === undefined) return `not sent: ${nameOf(to)} ${content}`;
  return isDeletion
    ? `not deleted: ${nameOf(to)} :${target}`
    : `not changed: ${nameOf(to)} :${target} ${content}`;
}

const nameOf = (to: Sending['to']): string => (typeof to === 'string' ? to : `#${to.group}`);
