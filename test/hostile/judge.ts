import { isUtf8 } from 'node:buffer';
import * as z from 'zod/mini';
import { serviceLimits } from '../../local/gateway/limits.ts';
import { type Command, codes, commonCodes, readFrame, requestId } from '../../protocol/index.ts';
import { parseFrame } from '../support/frame.ts';
import type { Outcome } from './attacker.ts';
import type { HostileFrame } from './frames.ts';
import type { Testimony } from './witness.ts';

// Each failure and each flood of a connection or an address is counted there, whatever the reply.
const isOfLimits = (table: string): boolean => table.startsWith('RateLimits');

/** The code with which the service closes a socket for this frame; undefined if it must be answered. */
function closingOf({ body, binary, fragment }: HostileFrame): number | undefined {
  const { frame, payload } = serviceLimits;
  if (Math.min(fragment, body.length) > frame || body.length > payload) return 1009;
  if (binary) return 1003;
  return isUtf8(body) ? undefined : 1007;
}

/** What is wrong with the result of a frame; undefined if nothing is. */
export function complaint(frame: HostileFrame, { reply, closed, ended }: Outcome): string | undefined {
  // The service closes it only after it said why.
  if (ended && closed === 1000) return undefined;
  const closing = closingOf(frame);
  if (closing !== undefined) return closed === closing ? undefined : `closed with ${closed}, not ${closing}`;
  if (closed !== undefined) return `the socket was closed with ${closed}`;
  if (reply === undefined) return 'no answer';
  return complaintOf(reply, new TextDecoder('utf-8', { ignoreBOM: true }).decode(frame.body));
}

function complaintOf(reply: string, body: string): string | undefined {
  if (reply.includes('Internal server error')) return 'a function failed';
  if (reply.includes('Something failed on our side')) return 'internal_error';
  const { command, form, input } = readFrame(body);
  const answer = parseFrame(reply) as Record<string, unknown> | undefined;
  if (form === 'text') return command ? lineComplaint(command, reply) : errorLineComplaint(reply);
  if (answer === undefined) return 'the reply is no JSON';
  if (answer.request_id !== requestId(input)) return 'the reply carries another request_id';
  return command ? replyComplaint(command, answer) : errorComplaint(answer);
}

function lineComplaint({ reply, fail, type }: Command, line: string): string | undefined {
  const isOne = line.startsWith(reply.status) || line.startsWith(`${fail.status} `);
  // `help` says no more than its lines.
  return isOne || type === reply.status ? undefined : `a line that ${type} does not have`;
}

const errorLineComplaint = (line: string): string | undefined =>
  /^error \S.+$/.test(line) ? undefined : 'no error line';

function replyComplaint(command: Command, answer: Record<string, unknown>): string | undefined {
  if (answer.status === command.reply.status && answer.type === command.reply.type) {
    const { error } = z.safeParse(command.replySchema, answer);
    return error && `a reply that ${command.type} does not have: ${error.issues[0]?.message}`;
  }
  const known: readonly string[] = [...commonCodes, ...command.fail.codes];
  const isFail = answer.status === command.fail.status && answer.type === command.fail.type;
  if (!isFail) return `a reply that ${command.type} does not have`;
  return known.includes(String(answer.code)) ? undefined : `${command.type} has no code ${answer.code}`;
}

function errorComplaint({ type, status, code }: Record<string, unknown>): string | undefined {
  const isError = type === 'error' && status === 'error' && Object.hasOwn(codes, String(code));
  return isError ? undefined : 'no error frame';
}

/** How a reply is counted in the report: its code, `ok`, or, in text, a refusal. */
export function codeOf({ reply, closed, ended }: Outcome): string {
  if (ended) return 'session ended elsewhere';
  if (reply === undefined) return closed === undefined ? 'no answer' : `closed with ${closed}`;
  const frame = parseFrame(reply);
  if (frame === undefined) return /^(\w+_fail|error) /.test(reply) ? 'refused in text' : 'ok';
  return frame.code ?? 'ok';
}

/** What a refused frame wrote nevertheless; undefined if it was not refused, or wrote nothing. */
export function writtenThough({ replies, writes }: Testimony): string | undefined {
  const refused = replies.find((reply) => codeOf({ reply }) !== 'ok');
  const kept = writes.filter(({ table, status }) => status === 200 && !isOfLimits(table));
  if (refused === undefined || kept.length === 0) return undefined;
  const what = kept.map(({ operation, table }) => `${operation} ${table}`);
  return `refused (${refused.slice(0, 200)}), and wrote: ${what.join(', ')}`;
}
