import { encodeCreateSession, encodeRequestCommand, NO_IDENTITIES } from '@bellwether/coordination';
import {
  JuteWriter,
  OPEN_ACL,
  OpCode,
  writeCreateRequest,
  writeSetDataRequest,
} from '@bellwether/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TIMING_DEFAULT } from '../../src/config/defaults.ts';
import type { ServerSettings } from '../../src/server/server-settings.ts';
import { TestServer } from './support/test-server.ts';

const utf8 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
/** Their noop is the first entry. */
const SESSION_ID = 2;

const NODE: ServerSettings['node'] = {
  nodeId: 1,
  dataDir: '/nonexistent',
  members: [1, 2, 3].map((id) => ({
    id,
    host: '127.0.0.1',
    port: 1,
    clientPort: undefined,
    kind: 'voter' as const,
  })),
  timing: { ...TIMING_DEFAULT, electionTicksMin: 40 },
};

function bytesOf(write: (writer: JuteWriter) => void): Uint8Array {
  const writer = new JuteWriter();
  write(writer);
  return writer.copy();
}

const request = (opCode: number, body: Uint8Array): Uint8Array =>
  bytesOf((writer) =>
    encodeRequestCommand(writer, SESSION_ID, 1, opCode, NO_IDENTITIES, body, 'reported'),
  );

const create = (path: string): Uint8Array =>
  request(
    OpCode.create,
    bytesOf((writer) =>
      writeCreateRequest(writer, { path, data: utf8('data'), acls: OPEN_ACL, flags: 0 }),
    ),
  );

const setData = (path: string, text: string): Uint8Array =>
  request(
    OpCode.setData,
    bytesOf((writer) => writeSetDataRequest(writer, { path, data: utf8(text), version: -1 })),
  );

describe('nodes that compare their states', () => {
  let nodes: TestServer[];

  beforeEach(async () => {
    nodes = [];
    for (let id = 1; id <= 3; id++) nodes.push(await TestServer.start({ node: NODE }));
    write(bytesOf((writer) => encodeCreateSession(writer, new Uint8Array(16), 30_000, 1)));
    write(create('/n'));
  });
  afterEach(async () => {
    for (const node of nodes) await node.stop();
  });

  /** Nobody's client has asked for it, so nobody gets a reply. */
  function write(payload: Uint8Array): void {
    for (const { consensus } of nodes) {
      consensus.commitForeign(payload, 9);
      consensus.flush();
    }
  }

  /** Time passes on all nodes, and what they tell each other arrives. */
  function pass(ms: number): void {
    for (const node of nodes) node.pass(ms);
    for (const [from, { consensus }] of nodes.entries()) {
      for (const bytes of consensus.toPeers.splice(0)) {
        for (const [to, { server }] of nodes.entries()) {
          if (to !== from) server.onMessage(from + 1, bytes);
        }
      }
    }
  }

  const fatal = (): number[] => nodes.map((node) => node.fatal.length);

  it('say nothing while they are equal', () => {
    for (let i = 0; i < 500; i++) {
      write(setData('/n', `${i}`));
      if (i % 100 === 0) pass(1000);
    }
    pass(1000);
    pass(1000);
    expect(fatal()).toEqual([0, 0, 0]);
    expect(nodes.map(({ server }) => server.stats.digestMismatches)).toEqual([0, 0, 0]);
  });

  it('stop the one whose memory was damaged, and it says where it parted', () => {
    for (let i = 0; i < 200; i++) write(setData('/n', `${i}`));
    pass(1000);
    pass(1000);
    const damaged = nodes[1]!.server.coordinator.getData('/n', [], undefined);
    if (typeof damaged === 'number') throw new Error('there is no /n');
    damaged.data![0]! ^= 1;
    for (let i = 0; i < 200; i++) write(setData('/n', `${i}`));
    pass(1000);
    pass(1000);
    expect(fatal()).toEqual([0, 1, 0]);
    const { message } = nodes[1]!.fatal[0]!;
    expect(message).toContain('not the one that nodes 1, 3 agree on');
    expect(message).toMatch(/between entry 20\d and entry 256/);
    expect(nodes[0]!.lines.join('\n')).toContain('differs from that of others');
    expect(nodes[0]!.server.stats.digestMismatches).toBe(1);
  });

  it('go on when nobody knows who is right', () => {
    for (const [at, { consensus }] of nodes.entries()) {
      consensus.commitForeign(create(`/only-on-${at}`), 9);
      consensus.flush();
    }
    pass(1000);
    pass(1000);
    pass(1000);
    expect(fatal()).toEqual([0, 0, 0]);
    expect(nodes.map(({ server }) => server.stats.digestMismatches)).toEqual([1, 1, 1]);
  });

  it('stop the one that was given a wrong snapshot', () => {
    write(setData('/n', 'x'));
    const donor = nodes[0]!;
    const { appliedIndex } = donor.consensus;
    const { server } = nodes[2]!;
    server.onRestoreBegin();
    const chunks = donor.server.beginSnapshot();
    for (let chunk = chunks.next(); chunk.done !== true; chunk = chunks.next()) {
      const bytes = Buffer.from(chunk.value);
      bytes[bytes.indexOf('/n') + 2 + 7]! ^= 1;
      server.onRestoreChunk(bytes);
    }
    server.onRestoreEnd(appliedIndex);
    pass(1000);
    pass(1000);
    expect(fatal()).toEqual([0, 0, 1]);
  });
});
