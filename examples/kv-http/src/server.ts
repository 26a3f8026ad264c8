import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Cluster, ReadConsistency } from 'bellwether';
import { isClusterError } from 'bellwether';
import { WrongVersion, type Command, type Entry } from './store.ts';

export type StoreCluster = Cluster<Command, number, string, Entry | undefined>;

/** How long a request waits for a leader. */
const PATIENCE_MS = 5_000;
const VALUE_CHARACTERS_MAX = 1024 * 1024;

/**
 * `GET`, `PUT` and `DELETE /kv/KEY`. Reads are answered by every node; `?consistency=stale` asks nobody else.
 * Writes are redirected to the leader (307), which curl and fetch follow. A write with `If-Match: VERSION`
 * is done only if the key has that version; 0: only if it is new. `GET /status`: who leads.
 */
export async function serve(cluster: StoreCluster, port: number): Promise<void> {
  const server = createServer((request, response) => {
    answer(cluster, request, response).catch((error: unknown) => fail(response, error));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}

async function answer(
  cluster: StoreCluster,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  if (pathname === '/status') {
    const { id, appliedIndex, leadership } = cluster;
    return send(response, 200, JSON.stringify({ id, appliedIndex, ...leadership }));
  }
  const key = /^\/kv\/([^/]+)$/.exec(pathname)?.[1];
  if (key === undefined) return send(response, 404, 'try /kv/KEY');
  if (request.method === 'GET') {
    const consistency = (searchParams.get('consistency') ?? 'linearizable') as ReadConsistency;
    const entry = await cluster.read(key, { consistency, timeoutMs: PATIENCE_MS });
    if (entry === undefined) return send(response, 404, 'no such key');
    return send(response, 200, entry.value, { etag: String(entry.version) });
  }
  if (redirected(cluster, request, response)) return undefined;
  const command = await commandOf(key, request);
  if (command === undefined) return send(response, 405, 'GET, PUT or DELETE');
  const version = await cluster.propose(command, { timeoutMs: PATIENCE_MS });
  return send(response, version === 0 ? 204 : 200, '', { etag: String(version) });
}

/** Any node could propose; with a redirect the client knows where to go next time. */
function redirected(
  { id, leadership, members }: StoreCluster,
  { url }: IncomingMessage,
  response: ServerResponse,
): boolean {
  const { leaderId } = leadership;
  const leader = members?.members.find((member) => member.id === leaderId);
  if (leader === undefined || leaderId === id) return false;
  send(response, 307, `node ${leaderId} leads`, { location: `${leader.note}${url}` });
  return true;
}

async function commandOf(key: string, request: IncomingMessage): Promise<Command | undefined> {
  const { 'if-match': match } = request.headers;
  const condition = match === undefined ? {} : { ifVersion: Number(match) };
  if (request.method === 'DELETE') return { kind: 'delete', key, ...condition };
  if (request.method !== 'PUT') return undefined;
  let value = '';
  for await (const chunk of request.setEncoding('utf8')) {
    value += String(chunk);
    if (value.length > VALUE_CHARACTERS_MAX) return undefined;
  }
  return { kind: 'put', key, value, ...condition };
}

/** The three outcomes, in HTTP's words. */
function fail(response: ServerResponse, error: unknown): void {
  if (error instanceof WrongVersion) {
    return send(response, 412, error.message, { etag: String(error.version) });
  }
  if (!isClusterError(error)) return send(response, 500, String(error));
  const hint = error.indeterminate ? 'it may have happened' : 'nothing has happened: try again';
  return send(response, error.indeterminate ? 504 : 503, `${error.message} (${hint})`);
}

function send(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, headers).end(body);
}
