import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Faults, pause } from '../faults/faults.ts';
import { type Pages, pageServer } from '../pages.ts';
import type { CloudModel, RouteModel } from '../template/model.ts';
import { isFromAllowedPage, refusalOf, type Visitors } from '../visitors.ts';
import { Connection, newConnectionId, type Peer } from './connection.ts';
import { type EventType, eventOf, handshakeOf } from './events.ts';
import { watchFrames } from './frame-guard.ts';
import type { GatewayLimits } from './limits.ts';
import type { OpenConnections } from './open-connections.ts';
import { proxied, RouteError, routeKeyOf } from './proxy.ts';
import type { Throttles } from './throttles.ts';

/** Runs a function, by id. Rejects if it fails, for whatever reason. */
export type Invoke = (
  functionId: string,
  event: { requestContext: { requestId: string } },
) => Promise<unknown>;

/** A client whose connection has ended, and why. */
type Ended = Peer & Pick<Connection, 'closing'>;

const LATE_MS = 2_000;
// Code and reason for a connection that ended without a closing handshake.
const LEFT_OPEN = { code: 1006, reason: 'Connection closed abnormally' };

/** API Gateway's WebSocket API: routes what clients send to functions, and what functions return to clients. */
export class Gateway {
  readonly server: Server;
  readonly connections = new Map<string, Connection>();
  readonly #model: CloudModel;
  readonly #invoke: Invoke;
  readonly #limits: GatewayLimits;
  readonly #faults: Faults;
  readonly #open: OpenConnections;
  readonly #throttles: Throttles | undefined;
  readonly #visitors: Visitors;
  readonly #sockets: WebSocketServer;
  readonly #routes: ReadonlyMap<string, RouteModel>;
  readonly #disconnects = new WeakMap<Connection, Promise<void>>();
  readonly #handshakes = new Set<Duplex>();
  readonly #messages = new Set<Promise<void>>();
  #closed = false;

  /** @param visitors who may use the port from a browser, besides pages of this machine */
  constructor(
    model: CloudModel,
    invoke: Invoke,
    limits: GatewayLimits,
    faults: Faults,
    open: OpenConnections,
    pages?: Pages,
    visitors: Visitors = {},
    throttles?: Throttles,
  ) {
    this.#throttles = throttles;
    this.#visitors = visitors;
    this.#faults = faults;
    this.#open = open;
    this.#model = model;
    this.#invoke = invoke;
    this.#limits = limits;
    this.#routes = new Map(model.routes.map((route) => [route.key, route]));
    this.#sockets = new WebSocketServer({
      noServer: true,
      maxPayload: limits.payload,
      perMessageDeflate: false,
      // API Gateway selects no subprotocol by itself, and our `$connect` selects none.
      handleProtocols: () => false,
    });
    this.server = createServer(pageServer(pages, visitors));
    this.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy());
      this.#handshakes.add(socket);
      socket.once('close', () => this.#handshakes.delete(socket));
      const refusal = refusalOf(request, visitors);
      if (refusal !== undefined) return refuse(socket, 403, `${refusal}\n`);
      void this.#upgrade(request, socket, head);
    });
  }

  /** Runs `$disconnect` for each connection that an earlier process left open. */
  async disconnectLeftOpen(): Promise<void> {
    await Promise.all(
      this.#open.leftOpen().map((peer) => this.#disconnected({ ...peer, closing: LEFT_OPEN })),
    );
  }

  /** Waits until every message that was read by then has been answered, or can't be any more. */
  async answered(): Promise<void> {
    while (this.#messages.size > 0) await Promise.all(this.#messages);
  }

  /** Ends all connections at once. */
  close(): void {
    this.#closed = true;
    for (const socket of this.#handshakes) socket.destroy();
    this.server.close();
    this.server.closeAllConnections();
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const peer: Peer = {
      id: newConnectionId(),
      connectedAt: Date.now(),
      identity: {
        // An IPv4 address in an IPv6 socket's notation.
        sourceIp: request.socket.remoteAddress?.replace(/^::ffff:/, '') ?? '',
        userAgent: String(request.headers['user-agent'] ?? ''),
      },
    };
    const status = await this.#connect(request, peer);
    if (socket.destroyed) return;
    if (status !== undefined) return refuse(socket, status);
    // Put the head back, since only bytes that are read from the socket can be watched.
    if (head.length > 0) socket.unshift(head);
    let accepted: WebSocket | undefined;
    watchFrames(socket, (bytes) => {
      if (bytes > this.#limits.frame) accepted?.close(1009, 'Message too big');
    });
    this.#sockets.handleUpgrade(request, socket, Buffer.alloc(0), (webSocket) => {
      accepted = webSocket;
      this.#accept(webSocket, peer);
    });
  }

  /** Runs the `$connect` route, if there is one. @returns the status to refuse with */
  async #connect(request: IncomingMessage, peer: Peer): Promise<number | undefined> {
    const route = this.#routes.get('$connect');
    if (this.#throttles?.admits('$connect') === false) return 429;
    if (route === undefined) return undefined;
    try {
      const hidden = isFromAllowedPage(request, this.#visitors) ? 'origin' : undefined;
      const { statusCode } = await this.#run(peer, route, 'CONNECT', handshakeOf(request, hidden));
      return statusCode < 200 || statusCode >= 300 ? statusCode : undefined;
    } catch {
      return 502;
    }
  }

  #accept(socket: WebSocket, peer: Peer): void {
    const connection = new Connection(socket, peer, this.#limits, this.#faults);
    this.connections.set(connection.id, connection);
    this.#open.opened(peer);
    socket.on('error', () => {});
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      // The service stops reading when it closes a connection.
      if (!connection.isOpen) return;
      connection.touch();
      if (isBinary) connection.close(1003, 'Binary is not supported');
      else this.#follow(this.#received(connection, data.toString()));
    });
    socket.on('close', (code, reason) => {
      connection.ended();
      connection.closing ??= { code, reason: reason.toString() };
      this.connections.delete(connection.id);
      this.#disconnects.set(connection, this.#disconnected(connection));
    });
  }

  #follow(message: Promise<void>): void {
    this.#messages.add(message);
    void message.finally(() => this.#messages.delete(message));
  }

  /** Handles a message, unless a fault cuts its socket first (the message is lost) or before the reply. */
  async #received(connection: Connection, body: string): Promise<void> {
    const fault = this.#faults.first(['cut', 'early']);
    if (fault) connection.terminate();
    if (fault === 'cut' && this.#faults.outcome('cut') < 0.5) return;
    if (fault === 'early') await this.#afterDisconnect(connection);
    await this.#message(connection, body);
  }

  /** Waits for the outcome of `$disconnect`, after a connection was destroyed. */
  async #afterDisconnect(connection: Connection): Promise<void> {
    while (this.connections.has(connection.id)) await pause(1);
    await this.#disconnects.get(connection);
  }

  /** Best effort, like the service's own. */
  async #disconnected(peer: Ended): Promise<void> {
    const route = this.#routes.get('$disconnect');
    const fault = this.#faults.first(['missing', 'late']);
    if (route === undefined || fault === 'missing') return this.#open.ended(peer.id);
    if (fault === 'late') await pause(this.#faults.outcome('late') * this.#faults.time('lateMs', LATE_MS));
    if (this.#closed) return;
    await this.#run(peer, route, 'DISCONNECT').catch(() => {});
    this.#open.ended(peer.id);
  }

  /** @throws RouteError */
  async #run(peer: Peer, route: RouteModel, eventType: EventType, more: object = {}) {
    const { apiId, stage } = this.#model;
    const event = { ...eventOf(peer, { apiId, stage, routeKey: route.key, eventType }), ...more };
    try {
      return await proxied(this.#invoke(route.functionId, event), this.#limits.integration);
    } catch (error) {
      throw new RouteError('Internal server error', event.requestContext.requestId, error);
    }
  }

  /** Handles one message. Messages of one client run concurrently: API Gateway promises no order between them. */
  async #message(connection: Connection, body: string): Promise<void> {
    const route = this.#routes.get(routeKeyOf(body, this.#model.selection)) ?? this.#routes.get('$default');
    try {
      if (route === undefined) throw new RouteError('Forbidden', randomUUID());
      if (this.#throttles?.admits(route.key) === false)
        throw new RouteError('Too Many Requests', randomUUID());
      const result = await this.#run(connection, route, 'MESSAGE', { body });
      // With a route response, even an empty result is sent, as an empty frame (serverless/serverless #6816).
      if (route.response && connection.isOpen) connection.send(Buffer.from(result.body ?? ''));
    } catch (error) {
      if (!(error instanceof RouteError)) throw error;
      if (connection.isOpen) connection.send(error.frame(connection.id));
    }
  }
}

/** Refuses a handshake with a status and a reason. */
function refuse(socket: Duplex, status: number, why = ''): void {
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    ...(why && ['Content-Type: text/plain']),
    `Content-Length: ${Buffer.byteLength(why)}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${why}`);
}
