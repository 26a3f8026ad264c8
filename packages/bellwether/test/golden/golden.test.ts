import { afterEach, describe, expect, it } from 'vitest';
import type { TestServer } from '../server/support/test-server.ts';
import { SERVERS, type Exchange } from './capture.ts';
import { exchangesIn } from './captured.ts';
import * as messages from './messages.ts';
import { Replay } from './replay.ts';
import { startFor } from './replay-servers.ts';
import { directoryOf, PROGRAMS, SCENARIOS } from './scenarios.ts';

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
    events: events.map((event) => messages.shapeOf(messages.readEvent(event))),
    reply: messages.shapeOf(messages.readReply(operation, opCode, reply)),
  };
}

/**
 * As hexadecimal digits. Ids of ZooKeeper's sessions may have more bits than a number holds, and are read
 * as the nearest number: a server finds them unknown, and that is all that it does with them.
 */
function withoutSessionId({ operation }: Exchange, frame: Buffer, at: number): string {
  const copy = Buffer.from(frame);
  if (operation === messages.CONNECT) copy.fill(0, at, at + 8);
  return copy.toString('hex');
}

/** Clients' empty strings that they send as null, `ffffffff`; they read as empty, and are written so. */
const EMPTY_AS_NULL: ReadonlySet<string> = new Set(['kazoo 7 create']);

const recordings = SCENARIOS.flatMap((scenario) =>
  PROGRAMS[scenario].map((client) => ({ name: directoryOf(client, scenario), scenario })),
);

describe.each(recordings)('$name', ({ name: directory, scenario }) => {
  const exchanges = exchangesIn(directory);
  let server: TestServer | undefined;
  afterEach(() => server?.stop());

  it('sends requests that say what they should, and are written the same', () => {
    for (const exchange of exchanges) {
      const { operation, request, value } = exchange;
      const read = messages.readRequest(operation, request);
      expect(messages.describe(read), nameOf(exchange)).toBe(value);
      const [written, sent] = [read.bytes, request].map((frame) =>
        withoutSessionId(exchange, frame, 16),
      );
      if (!EMPTY_AS_NULL.has(`${directory} ${nameOf(exchange)}`)) {
        expect(written, nameOf(exchange)).toBe(sent);
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
        const [written, came] = [read.bytes, reply].map((frame) =>
          withoutSessionId(exchange, frame, 8),
        );
        expect(written, nameOf(exchange)).toBe(came);
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
    server = await startFor(scenario);
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
