import type { ServerResponse } from 'node:http';
import type { Faults } from '../faults/faults.ts';

/** A response of the management API. */
export interface Answer {
  status: number;
  /** The error's name in the SDK. */
  type?: string;
  json?: object;
}

/** The parts of a response that depend on its form. */
interface Form {
  headers: Record<string, string>;
  body: string;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const PAGE = '<html><body><center><h1>Error</h1></center></body></html>';

/**
 * Writes a response. The service's errors come in several forms: the first is documented, the others were observed; fault
 * plans choose among them.
 */
export function respond(response: ServerResponse, answer: Answer, faults: Faults): void {
  const { headers, body } = formOf(answer, faults);
  const { status } = answer;
  response
    .writeHead(status, { ...headers, ...(status !== 204 && { 'content-length': Buffer.byteLength(body) }) })
    .end(body);
}

function formOf({ status, type, json }: Answer, faults: Faults): Form {
  const named = json === undefined ? '' : JSON.stringify(json);
  const headers = json === undefined ? {} : JSON_TYPE;
  if (status < 400) return { headers, body: named };
  switch (faults.first(['bare', 'nullMessage', 'typeInBody', 'html'])) {
    case 'bare':
      return { headers: {}, body: '' };
    case 'nullMessage':
      return { headers: JSON_TYPE, body: '{"message":null}' };
    case 'typeInBody':
      return { headers: JSON_TYPE, body: JSON.stringify({ __type: type, ...json }) };
    case 'html':
      return { headers: { 'content-type': 'text/html' }, body: PAGE };
    default:
      return { headers: { ...headers, ...(type && { 'x-amzn-errortype': type }) }, body: named };
  }
}
