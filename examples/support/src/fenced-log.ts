import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What was accepted. */
export interface FencedLine {
  readonly resource: string;
  readonly token: number;
  readonly line: string;
}

/** Something outside the cluster that is changed by whoever leads, or owns a part of it. */
export interface FencedLog {
  readonly url: string;
  /** What was accepted, in order. */
  readonly lines: readonly FencedLine[];
  /** What was refused because somebody with a higher token had been there. */
  readonly refused: readonly FencedLine[];
  /** Resolves when `holds` is true after something was written. */
  until(holds: () => boolean): Promise<void>;
  stop(): void;
}

/**
 * A log with a place for each resource, which refuses (409) whoever comes with a fencing token lower than the
 * highest that it has seen for it. That is all that a resource has to do to be safe against those who
 * believe that they still lead.
 *
 * `POST /` with `{ resource, token, line }`
 */
export async function fencedLog(onLine?: (line: FencedLine) => void): Promise<FencedLog> {
  const highest = new Map<string, number>();
  const lines: FencedLine[] = [];
  const refused: FencedLine[] = [];
  const waiting: { readonly holds: () => boolean; readonly resolve: () => void }[] = [];
  const take = (line: FencedLine): number => {
    if (line.token < (highest.get(line.resource) ?? 0)) {
      refused.push(line);
      return 409;
    }
    highest.set(line.resource, line.token);
    lines.push(line);
    onLine?.(line);
    return 204;
  };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.writeHead(take(JSON.parse(await bodyOf(request)) as FencedLine)).end();
    for (const waiter of waiting.splice(0)) {
      if (waiter.holds()) waiter.resolve();
      else waiting.push(waiter);
    }
  };
  const server = createServer((request, response) => void serve(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    ...{ lines, refused },
    until: (holds) =>
      holds() ? Promise.resolve() : new Promise((resolve) => waiting.push({ holds, resolve })),
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += String(chunk);
  return body;
}
