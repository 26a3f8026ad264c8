import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { JuteWriter, OpCode, OPEN_ACL } from '@bellwether/protocol';
import { writeConnectRequest, writeCreateRequest, writeRequestHeader } from '@bellwether/protocol';
import { nodeProcesses } from '@bellwether/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestCluster } from './cluster-fixture.ts';
import { RawClient } from './raw-client.ts';
import { SERVER } from './server-command.ts';
import { SteadyWriter } from './steady-writer.ts';
import type { TestNode } from './test-node.ts';

/** A server cuts who has said nothing whole for 30 s. */
const CUT_DEADLINE_MS = 60_000;
const BYTE_INTERVAL_MS = 1_000;
const START_MS_MAX = 60_000;
/** Of resident memory, for fifteen hundred connections and what they send. */
const GROWTH_MIB_MAX = 150;
/** For a machine that is busy with other things. */
const GAP_MS_MAX = 3_000;

const CONNECT = frameOf((writer) =>
  writeConnectRequest(writer, {
    ...{ protocolVersion: 0, lastZxidSeen: 0, timeoutMs: 40_000, sessionId: 0, readOnly: false },
    passwd: new Uint8Array(16),
  }),
);

function frameOf(write: (writer: JuteWriter) => void): Uint8Array {
  const writer = new JuteWriter();
  const start = writer.beginFrame();
  write(writer);
  writer.endFrame(start);
  return writer.copy();
}

function lengthOnly(length: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(length);
  return bytes;
}

/** Somebody who speaks to the client port, and what became of it. */
class Stranger {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  received = 0;
  #isClosed = false;

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('error', () => undefined);
    this.socket.on('data', (bytes) => (this.received += bytes.length));
    this.closed = new Promise((resolve) => {
      this.socket.on('close', () => {
        this.#isClosed = true;
        resolve();
      });
    });
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** At once. */
  say(bytes: Uint8Array): this {
    this.socket.write(bytes);
    return this;
  }

  /** A byte a second, as long as it is listened to. */
  dribble(bytes: Uint8Array): this {
    let at = 0;
    const timer = setInterval(() => {
      if (this.#isClosed || at === bytes.length) clearInterval(timer);
      else this.socket.write(bytes.subarray(at, (at += 1)));
    }, BYTE_INTERVAL_MS);
    timer.unref();
    return this;
  }
}

function residentMib({ pid }: TestNode): number {
  const mib = nodeProcesses(pid ?? NaN).map((each) => {
    const status = readFileSync(`/proc/${each}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
  });
  return mib.reduce((sum, each) => sum + each, 0);
}

describe.skipIf(SERVER !== 'bellwether' || process.platform !== 'linux')(
  'a server to whom strangers talk',
  { timeout: CUT_DEADLINE_MS + 60_000 },
  () => {
    let cluster: TestCluster;
    let node: TestNode;
    let writer: SteadyWriter;

    beforeAll(async () => {
      cluster = await TestCluster.start();
      node = cluster.nodes[0]!;
      writer = await SteadyWriter.start(node, '/written');
      await writer.writesReached(100);
    }, START_MS_MAX);
    afterAll(async () => {
      await writer.stop();
      await cluster.destroy();
    });

    const strangers = (count: number): Stranger[] =>
      Array.from({ length: count }, () => new Stranger(node.clientPort));
    const allClosed = (all: readonly Stranger[]): Promise<unknown> =>
      Promise.all(all.map(({ closed }) => closed));

    async function expectServed(): Promise<void> {
      const client = await RawClient.connect(node.clientPort);
      await client.sync();
      expect(Number((await client.getData('/written')).data)).toBeGreaterThan(0);
      await client.close();
      expect(writer.failure).toBeUndefined();
      expect(writer.gapMsMax).toBeLessThan(GAP_MS_MAX);
    }

    it('hangs up on other protocols and on frames that are too long, and serves on', async () => {
      const before = residentMib(node);
      writer.begin();
      const spoken = [
        Buffer.from('GET / HTTP/1.1\r\nHost: example\r\n\r\n'),
        Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]),
        Buffer.from('\u0000\u0000\u0000\u0000'),
        lengthOnly(-1),
        lengthOnly(0x7fff_ffff),
        // What a client with a session may send, a stranger may not.
        Buffer.concat([lengthOnly(1_000_000), Buffer.alloc(100_000)]),
      ];
      await allClosed(spoken.flatMap((bytes) => strangers(50).map((one) => one.say(bytes))));
      const known = strangers(20).map((one) => one.say(CONNECT).say(lengthOnly(2_000_000)));
      await allClosed(known);
      expect(known.every(({ received }) => received > 0)).toBe(true);
      await expectServed();
      expect(residentMib(node) - before).toBeLessThan(GROWTH_MIB_MAX);
    });

    it('keeps a thousand silent ones and many slow ones waiting, cuts them, and serves on', async () => {
      const before = residentMib(node);
      writer.begin();
      const silent = strangers(1_000);
      const slow = strangers(200).map((one) => one.dribble(CONNECT));
      const create = frameOf((out) => {
        writeRequestHeader(out, 1, OpCode.create);
        writeCreateRequest(out, {
          ...{ path: '/never', data: Buffer.alloc(900_000), acls: OPEN_ACL, flags: 0 },
        });
      });
      // They have sessions, and a long request that never comes to its end.
      const patient = strangers(100).map((one) => one.say(CONNECT).dribble(create));
      await expect.poll(() => patient.every(({ received }) => received > 0)).toBe(true);
      await expectServed();
      await Promise.race([allClosed([...silent, ...slow]), timeUp(CUT_DEADLINE_MS)]);
      expect([...silent, ...slow].filter(({ isClosed }) => !isClosed)).toHaveLength(0);
      expect(patient.filter(({ isClosed }) => isClosed)).toHaveLength(0);
      await expectServed();
      expect(residentMib(node) - before).toBeLessThan(GROWTH_MIB_MAX);
      patient.forEach(({ socket }) => socket.destroy());
    });
  },
);

function timeUp(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
