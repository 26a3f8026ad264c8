import { join } from 'node:path';
import type { NodeId } from '@bellwether/raft';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ClusterOptions, RestoreSink, StateMachine } from '@bellwether/cluster';
import { Cluster, ClusterError } from '@bellwether/cluster';
import { freePorts, Signal, temporaryDirectory } from './support.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

/** Remembers every command; a snapshot is one chunk for each. */
class Journal implements StateMachine<Uint8Array, Uint8Array, RegExp, number> {
  lines: string[] = [];
  readonly #onChange: () => void;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  apply(command: Uint8Array): Uint8Array {
    const line = decode(command);
    if (line === 'explode') throw new Error('boom');
    this.lines.push(line);
    this.#onChange();
    return encode(`${this.lines.length}: ${line}`);
  }

  query(pattern: RegExp): number {
    if (pattern.source === 'explode') throw new RangeError('no such thing');
    return this.lines.filter((line) => pattern.test(line)).length;
  }

  snapshot(): Iterable<Uint8Array> {
    return this.lines.map(encode);
  }

  restore(): RestoreSink {
    const lines: string[] = [];
    return {
      write: (chunk) => lines.push(decode(chunk)),
      end: () => {
        this.lines = lines;
        this.#onChange();
      },
    };
  }
}

type JournalCluster = Cluster<Uint8Array, Uint8Array, RegExp, number>;
type JournalOptions = ClusterOptions<Uint8Array, Uint8Array, RegExp, number>;

interface Member {
  readonly cluster: JournalCluster;
  readonly journal: Journal;
  readonly failures: Error[];
}

async function fixture(count: number, more: Partial<JournalOptions> = {}) {
  const directory = temporaryDirectory();
  const ports = await freePorts(count);
  const peers = ports.map((port, i) => ({ id: i + 1, host: '127.0.0.1', port }));
  const signal = new Signal();
  const events: string[] = [];
  const start = async (id: NodeId): Promise<Member> => {
    const journal = new Journal(signal.changed);
    const failures: Error[] = [];
    const cluster = await Cluster.start({
      id,
      peers,
      dataDir: join(directory, `${id}`),
      stateMachine: journal,
      onLeadership: signal.changed,
      onEvent: (text) => {
        events.push(`${id}: ${text}`);
        signal.changed();
      },
      onFatal: (error) => {
        failures.push(error);
        signal.changed();
      },
      ...more,
    });
    onTestFinished(() => cluster.stop());
    return { cluster, journal, failures };
  };
  const startAll = () => Promise.all(peers.map((peer) => start(peer.id)));
  return { start, startAll, signal, events };
}

const propose = async (member: Member, line: string): Promise<string> =>
  decode(await member.cluster.propose(encode(line)));

describe('a cluster of one', () => {
  it('serves by itself, and has everything after a restart', async () => {
    const { start } = await fixture(1);
    const first = await start(1);
    expect(await propose(first, 'a')).toBe('1: a');
    expect(first.cluster.leadership).toMatchObject({ role: 'leader', leaderId: 1 });
    await first.cluster.stop();
    const second = await start(1);
    expect(await propose(second, 'b')).toBe('2: b');
    expect(second.journal.lines).toEqual(['a', 'b']);
  });

  it('tells whoever waits that the outcome is unknown when it is stopped', async () => {
    const { start } = await fixture(3);
    const { cluster } = await start(1);
    const waiting = cluster.propose(encode('never ordered: two of three are missing'));
    await cluster.stop();
    await expect(waiting).rejects.toMatchObject({ code: 'STOPPED' });
    await expect(cluster.readBarrier()).rejects.toBeInstanceOf(ClusterError);
  });

  it('ends with a clear error when its state machine throws', async () => {
    const { start, signal } = await fixture(1);
    const member = await start(1);
    await expect(propose(member, 'explode')).rejects.toMatchObject({
      code: 'STATE_MACHINE_FAILED',
      message: expect.stringMatching(/apply\(\) at index \d+ .*Error: boom/) as string,
    });
    await signal.until(() => member.failures.length === 1);
  });

  it('names every mistake in its options at once', async () => {
    const stateMachine = new Journal(() => undefined);
    const peers = [{ id: 0, host: 'h', port: 1 }];
    await expect(
      Cluster.start({ id: 7, peers, dataDir: '', stateMachine, timing: { tickMs: 0 } }),
    ).rejects.toThrow(/id 0 is not.*node 7 is not.*dataDir.*tickMs/);
  });
});

describe('a cluster of three', () => {
  it('executes what any member proposes, everywhere in the same order', async () => {
    const { startAll, signal } = await fixture(3);
    const members = await startAll();
    const results = members.flatMap((member, i) =>
      [0, 1, 2, 3].map((j) => propose(member, `${i}.${j}`)),
    );
    await Promise.all(results);
    await signal.until(() => members.every(({ journal }) => journal.lines.length === 12));
    for (const { journal } of members) expect(journal.lines).toEqual(members[0]?.journal.lines);
  });

  it('reads nothing older than what was acknowledged before, on any member', async () => {
    const { startAll } = await fixture(3);
    const members = await startAll();
    for (const [i, writer] of members.entries()) {
      await propose(writer, `w${i}`);
      const reader = members[(i + 1) % 3];
      await reader?.cluster.readBarrier();
      expect(reader?.journal.lines).toHaveLength(i + 1);
    }
  });

  it('loses nothing and doubles nothing when the leader stops under load', async () => {
    const { startAll, start, signal } = await fixture(3);
    const members = await startAll();
    await Promise.all(members.map((member, i) => propose(member, `first ${i}`)));
    const leader = members.find(({ cluster }) => cluster.leadership.role === 'leader');
    const survivors = members.filter((member) => member !== leader);
    const results = survivors.flatMap((member, i) =>
      Array.from({ length: 200 }, (_, j) => propose(member, `${i}.${j}`)),
    );
    await leader?.cluster.stop();
    await Promise.all(results);
    const back = await start(leader?.cluster.id ?? 0);
    await propose(back, 'last');
    await signal.until(() => survivors.every(({ journal }) => journal.lines.length === 404));
    expect(new Set(back.journal.lines).size).toBe(404);
    expect(back.journal.lines).toEqual(survivors[0]?.journal.lines);
  });

  it('hands leadership over on request', async () => {
    const { startAll, signal } = await fixture(3);
    const members = await startAll();
    await Promise.all(members.map((member) => propose(member, 'x')));
    const leader = members.find(({ cluster }) => cluster.leadership.role === 'leader');
    const target = members.find((member) => member !== leader);
    await leader?.cluster.transferLeadership(target?.cluster.id ?? 0);
    await signal.until(() => target?.cluster.leadership.role === 'leader');
  });

  it('brings a member that was away for long up by a snapshot', async () => {
    const retention = { snapshotAfterBytes: 2_000, entriesKept: 5, segmentBytes: 16_384 };
    const { startAll, start, signal, events } = await fixture(3, { retention });
    const members = await startAll();
    await Promise.all(members.map((member) => propose(member, 'x'.repeat(100))));
    const away = members[0];
    await away?.cluster.stop();
    const rest = members.slice(1);
    for (let i = 0; i < 200; i++) {
      const writer = rest[i % 2];
      if (writer !== undefined) await propose(writer, `${i} ${'y'.repeat(100)}`);
    }
    const writer = rest[0];
    for (
      let i = 0;
      i < 10_000 && rest.some(({ cluster }) => cluster.status.raft.firstIndex === 1);
      i++
    ) {
      if (writer !== undefined) await propose(writer, 'until the log is let go of');
    }
    const back = await start(1);
    const count = rest[0]?.journal.lines.length;
    await signal.until(() => back.journal.lines.length === count);
    // Events are told a moment later, together.
    const received: unknown = expect.stringMatching(/^1: receiving snapshot/);
    await vi.waitFor(() => expect(events).toContainEqual(received));
    expect(back.journal.lines).toEqual(rest[0]?.journal.lines);
  });
});
