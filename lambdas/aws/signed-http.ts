import { text } from 'node:stream/consumers';
import { fromEnv } from '@aws-sdk/credential-provider-env';
import { Sha256 } from '@smithy/core/checksum';
import { HttpRequest, type HttpResponse } from '@smithy/core/protocols';
import { NodeHttpHandler, type NodeHttpHandlerOptions } from '@smithy/node-http-handler';
import { SignatureV4, type SignatureV4Init } from '@smithy/signature-v4';

/** An AWS service, and how to sign for it. */
export interface Service {
  /** The endpoint; its path is prepended to each request's path. */
  endpoint: string;
  /** The service name in signatures. */
  name: string;
  region: SignatureV4Init['region'];
  /** Headers of every request. */
  headers?: Readonly<Record<string, string>>;
  /** Default: from the function's environment. */
  credentials?: SignatureV4Init['credentials'];
}

/**
 * Makes one signed request.
 * @throws Error with `$metadata.httpStatusCode`, like the SDK's errors, for a status of 300 and above; the network's error
 *   if there was no response
 */
export type SignedHttp = (method: string, path: string, body?: string) => Promise<HttpResponse>;

/**
 * Signed HTTP requests to an AWS service, with the SDK's own signer and HTTP handler. For operations that are one plain
 * request: the SDK's clients take three times the CPU (`npm run bench:posts`).
 */
export function signedHttp(service: Service, options: NodeHttpHandlerOptions): SignedHttp {
  const { endpoint, name, region, headers: always, credentials = fromEnv() } = service;
  const { protocol, hostname, host, port, pathname } = new URL(endpoint);
  const origin = { protocol, hostname, ...(port && { port: Number(port) }) };
  const base = pathname === '/' ? '' : pathname;
  const signer = new SignatureV4({ service: name, region, credentials, sha256: Sha256 });
  const http = new NodeHttpHandler(options);
  return async (method, path, body) => {
    const headers = { host, ...always, ...lengthOf(body) };
    const request = new HttpRequest({ ...origin, method, path: base + path, headers, body });
    const { response } = await http.handle((await signer.sign(request)) as HttpRequest);
    if (response.statusCode >= 300) throw errorOf(response.statusCode, await text(response.body));
    return response;
  };
}

const lengthOf = (body: string | undefined): Record<string, string> =>
  body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };

const errorOf = (httpStatusCode: number, said: string): Error =>
  Object.assign(new Error(`${httpStatusCode} ${said.slice(0, 500)}`), { $metadata: { httpStatusCode } });
