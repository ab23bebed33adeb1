import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { bodyOf } from './body.ts';
import { type Callers, callerOf, type Signer } from './callers.ts';
import type { Faults } from './faults/faults.ts';
import type { Identity } from './iam.ts';

/** A response of an AWS service: an HTTP status, a body that is sent as JSON, and headers. */
export interface Answer {
  status: number;
  json: unknown;
  headers?: Record<string, string>;
}

/** The dependencies that all local services share. */
export interface ServiceOptions {
  callers: Callers<Identity>;
  faults: Faults;
  /** Kills the instance that makes a call. @returns false if none does, but somebody outside */
  kill: (signer: Signer) => boolean;
}

/** The part of an AWS service that functions use. */
interface Service {
  /** Its name, for messages about its own failures. */
  name: string;
  contentType: string;
  /** The response to unknown callers. */
  stranger: Answer;
  /** The response when the service itself fails. */
  broken: Answer;
  /** Checks a call. @returns the refusal, or a function that performs the call */
  check(caller: Identity, request: IncomingMessage, body: Buffer): Answer | (() => Answer | Promise<Answer>);
}

/** Serves one AWS service over HTTP. The fault `kill` ends a call's caller before or after the call takes effect. */
export function serviceServer(options: ServiceOptions, service: Service): Server {
  const server = createServer((request, response) => {
    const complain = (error: Error) => {
      process.stderr.write(`${service.name}: ${error.stack}\n`);
      return service.broken;
    };
    const answered = answerTo(options, service, request).catch(complain);
    void answered.then((answer) => {
      if (answer === 'cut off') response.destroy();
      else if (answer) respond(response, service.contentType, answer);
    });
  });
  // Clients keep their connections open; the default of 5 s would close them between two messages.
  server.keepAliveTimeout = 65_000;
  return server;
}

/** @returns undefined for a caller that was killed; one from outside is cut off instead */
async function answerTo(
  { callers, faults, kill }: ServiceOptions,
  { stranger, check }: Service,
  request: IncomingMessage,
): Promise<Answer | 'cut off' | undefined> {
  const body = await bodyOf(request);
  const known = callerOf(request.headers, callers);
  if (known === undefined) return stranger;
  const checked = check(known.identity, request, body);
  if (typeof checked !== 'function') return checked;
  const killed = faults.happens('kill');
  const isEarly = killed && faults.outcome('kill') < 0.5;
  const answer = isEarly ? undefined : await checked();
  if (!killed) return answer;
  return kill(known.signer) ? undefined : 'cut off';
}

function respond(response: ServerResponse, contentType: string, { status, json, headers }: Answer): void {
  const body = JSON.stringify(json);
  const length = Buffer.byteLength(body);
  response.writeHead(status, { 'content-type': contentType, 'content-length': length, ...headers }).end(body);
}
