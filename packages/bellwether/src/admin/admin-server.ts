import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AdminConfig } from '../node-config.ts';
import type { Logger } from '../logger.ts';
import type { Inspection } from '../server/inspection.ts';
import { ADMIN_LIMITS } from './limits.ts';
import { COMMAND_NAMES, runAdminCommand } from './admin-commands.ts';
import type { JsonFields } from './command.ts';
import { CHANGE_NAMES, refusalOf, runTransfer, type NodeControl } from './control.ts';

const TEXT = 'text/plain;charset=utf-8';

/**
 * ZooKeeper's admin server: commands by HTTP, answers in JSON. Nothing that is asked changes data; one
 * command, of our own, has the node hand its leadership over.
 */
export class AdminServer {
  readonly #config: AdminConfig;
  readonly #inspection: Inspection;
  readonly #control: NodeControl;
  readonly #log: Logger;
  readonly #server: Server;

  constructor(config: AdminConfig, inspection: Inspection, control: NodeControl, log: Logger) {
    this.#config = config;
    this.#inspection = inspection;
    this.#control = control;
    this.#log = log;
    this.#server = createServer(
      {
        maxHeaderSize: ADMIN_LIMITS.headerBytesMax,
        requestTimeout: ADMIN_LIMITS.requestMsMax,
        headersTimeout: ADMIN_LIMITS.requestMsMax,
        keepAliveTimeout: ADMIN_LIMITS.idleMsMax,
      },
      (request, response) => this.#onRequest(request, response),
    );
    this.#server.maxConnections = ADMIN_LIMITS.connectionsMax;
  }

  /** @throws the system's error when the port can't be had, e.g. EADDRINUSE */
  async listen(): Promise<AddressInfo> {
    const server = this.#server;
    const { address, port } = this.#config;
    server.listen({ port, host: address });
    await once(server, 'listening');
    server.on('error', (error) => this.#log.error('admin port failed', { error }));
    return server.address() as AddressInfo;
  }

  /** Cuts those who are still connected. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    // Whatever a client sends behind its request line, nobody looks at it.
    request.resume();
    const { commandPath } = this.#config;
    const { path, query } = targetOf(request.url ?? '/');
    if (path !== commandPath && !path.startsWith(`${commandPath}/`)) {
      return send(response, 404, TEXT, `there is nothing here; see ${commandPath}\n`);
    }
    const name = path.slice(commandPath.length + 1);
    if (name === '') return send(response, 200, 'text/html;charset=utf-8', this.#links());
    if (CHANGE_NAMES.includes(name)) return this.#change(request, query, response);
    this.#answer(name, query, request.method ?? 'GET', response);
  }

  #answer(name: string, query: URLSearchParams, method: string, response: ServerResponse): void {
    if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') {
      response.setHeader('Allow', 'GET, HEAD, POST');
      return send(response, 405, TEXT, `${method} is not for commands\n`);
    }
    const { httpStatus, body } = runAdminCommand(name, query, this.#inspection);
    sendJson(response, httpStatus, body);
  }

  #change(request: IncomingMessage, query: URLSearchParams, response: ServerResponse): void {
    if (request.method !== 'POST') {
      response.setHeader('Allow', 'POST');
      return send(response, 405, TEXT, 'a change is asked for with POST\n');
    }
    const reason = refusalOf(request, this.#config);
    if (reason !== undefined)
      return sendJson(response, 403, { command: 'transfer', error: reason });
    this.#log.info('asked to hand over', { by: request.socket.remoteAddress });
    void this.#transfer(query, response);
  }

  async #transfer(query: URLSearchParams, response: ServerResponse): Promise<void> {
    const { httpStatus, body } = await runTransfer(this.#control, query);
    sendJson(response, httpStatus, body);
  }

  #links(): string {
    const { commandPath } = this.#config;
    return COMMAND_NAMES.map(
      (name) => `<a href="${commandPath}/${name}">${name}</a>\n<br/>\n`,
    ).join('');
  }
}

/** The part before the question mark, and what is behind it. */
function targetOf(target: string): { readonly path: string; readonly query: URLSearchParams } {
  const at = target.indexOf('?');
  const path = at < 0 ? target : target.slice(0, at);
  return { path, query: new URLSearchParams(at < 0 ? '' : target.slice(at + 1)) };
}

function sendJson(response: ServerResponse, status: number, body: JsonFields): void {
  send(response, status, 'application/json', `${JSON.stringify(body, undefined, 2)}\n`);
}

function send(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(text);
}
