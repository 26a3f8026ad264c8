import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { TestServer } from '../server/support/test-server.ts';
import { parseCaptures, SERVERS, type Exchange } from './capture.ts';
import * as messages from './messages.ts';
import { Replay } from './replay.ts';

const TESTDATA = fileURLToPath(new URL('testdata/', import.meta.url));

/** All that a client has sent, in its order. */
function exchangesOf(client: string): Exchange[] {
  const files = readdirSync(join(TESTDATA, client));
  const texts = files.map((file) => readFileSync(join(TESTDATA, client, file), 'utf8'));
  return texts.flatMap(parseCaptures).sort((a, b) => a.order - b.order);
}

function nameOf({ order, operation }: Exchange): string {
  return `${order} ${operation}`;
}

/** A client that is run again may count from elsewhere; nothing else is changed. */
function withXidOf({ operation, request }: Exchange, reply: Buffer): Buffer {
  if (operation === messages.CONNECT) return reply;
  return Buffer.concat([request.subarray(0, 4), reply.subarray(4)]);
}

/** Of an answer: the events before it, and itself. */
function shapesOf(exchange: Exchange, events: readonly Buffer[], reply: Buffer): unknown {
  const { operation, request } = exchange;
  const opCode = request.readInt32BE(4);
  // Where a client begins to count is its own affair: C's begins at the time of day.
  if (operation !== messages.CONNECT) expect(reply.readInt32BE(0)).toBe(request.readInt32BE(0));
  return {
    exchange: nameOf(exchange),
    events: events.map((event) => messages.shapeOfEvent(messages.readEvent(event))),
    reply: messages.shapeOf(messages.readReply(operation, opCode, reply)),
  };
}

/** A client's empty string that it sends as null, `ffffffff`; it reads as empty, and is written so. */
const EMPTY_AS_NULL: ReadonlySet<string> = new Set(['kazoo 7 create']);

const clients = readdirSync(TESTDATA);

it('has captures of four clients and of every operation that one of them can ask for', () => {
  expect(clients.sort()).toEqual(['c', 'java', 'kazoo', 'node']);
  const operations = new Set(clients.flatMap(exchangesOf).map(({ operation }) => operation));
  expect([...operations].sort()).toEqual([
    'addWatch',
    'auth',
    'checkWatches',
    'closeSession',
    'connect',
    'create',
    'create2',
    'createContainer',
    'createTTL',
    'delete',
    'exists',
    'getACL',
    'getAllChildrenNumber',
    'getChildren',
    'getChildren2',
    'getData',
    'getEphemerals',
    'multi',
    'multiRead',
    'ping',
    'removeWatches',
    'setACL',
    'setData',
    'setWatches',
    'setWatches2',
    'sync',
    'whoAmI',
  ]);
});

describe.each(clients)('%s', (client) => {
  const exchanges = exchangesOf(client);
  let server: TestServer | undefined;
  afterEach(() => server?.stop());

  it('sends requests that say what they should, and are written the same', () => {
    for (const exchange of exchanges) {
      const { operation, request, value } = exchange;
      const read = messages.readRequest(operation, request);
      expect(messages.describe(read), nameOf(exchange)).toBe(value);
      const written = read.bytes.toString('hex');
      if (!EMPTY_AS_NULL.has(`${client} ${nameOf(exchange)}`)) {
        expect(written, nameOf(exchange)).toBe(request.toString('hex'));
        continue;
      }
      expect(read.bytes).toHaveLength(request.length);
      const differing = [...read.bytes].filter((byte, i) => byte !== request[i]);
      expect(differing).toEqual([0, 0, 0, 0]);
    }
  });

  it('is answered with what is read, and written the same', () => {
    for (const exchange of exchanges) {
      const { operation, request, answers } = exchange;
      for (const { reply, events } of SERVERS.map((name) => answers[name])) {
        const read = messages.readReply(operation, request.readInt32BE(4), reply);
        expect(read.bytes.toString('hex'), nameOf(exchange)).toBe(reply.toString('hex'));
        for (const event of events) {
          expect(messages.readEvent(event).bytes.toString('hex')).toBe(event.toString('hex'));
        }
      }
    }
  });

  it('was answered alike by both servers', () => {
    for (const exchange of exchanges) {
      const [zookeeper, own] = SERVERS.map((name) => {
        const { events, reply } = exchange.answers[name];
        return shapesOf(exchange, events, withXidOf(exchange, reply));
      });
      expect(own).toEqual(zookeeper);
    }
  });

  it('is answered now as ZooKeeper has answered', async () => {
    server = await TestServer.start();
    const replay = new Replay(server.port);
    for (const exchange of exchanges) {
      const { zookeeper } = exchange.answers;
      const { events, reply } = await replay.ask(exchange);
      const wanted = shapesOf(exchange, zookeeper.events, zookeeper.reply);
      expect(shapesOf(exchange, events, reply)).toEqual(wanted);
    }
    replay.end();
  });
});
