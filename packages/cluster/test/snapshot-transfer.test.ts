import type { InstallSnapshot, Message, RaftNode } from '@bellwether/raft';
import { LogStore } from '@bellwether/storage';
import { FaultyFileSystem } from '@bellwether/storage/testing';
import { describe, expect, it } from 'vitest';
import { receiveSnapshot } from '../src/driver/snapshot-transfer.ts';
import type { Transport } from '../src/transport/transport.ts';

const MEMBERSHIP = { voters: [1, 2], votersOutgoing: [], learners: [] };

function offerOf(index: number, term: number): InstallSnapshot {
  const snapshot = { index, term: 1, membership: MEMBERSHIP };
  return { type: 'InstallSnapshot', from: 2, to: 1, term, snapshot };
}

/** A node whose core only takes down what it is told. */
function openNode() {
  const completions: (() => void)[] = [];
  const fileSystem = new FaultyFileSystem({
    random: () => 0,
    schedule: (run) => void completions.push(run),
  });
  const log = LogStore.open({ fileSystem, directory: '/log', clusterId: 'test', nodeId: 1 });
  const steps: Message[] = [];
  const core = { term: 3, commitIndex: 5, step: (message: Message) => void steps.push(message) };
  const owner = { id: 1, core: core as unknown as RaftNode, log, transport: {} as Transport };
  const flush = (): void => completions.splice(0).forEach((run) => run());
  return { core, steps, owner, flush };
}

function receive(node: ReturnType<typeof openNode>, offer: InstallSnapshot): string[] {
  const outcomes: string[] = [];
  const sink = receiveSnapshot(node.owner, offer, () => outcomes.push('done'));
  if (sink === undefined) return ['refused'];
  sink.write(Uint8Array.of(1));
  sink.commit((error) => outcomes.push(error === undefined ? 'installed' : 'failed'));
  return outcomes;
}

describe('a snapshot that a peer streams', () => {
  it('is told to the core once it is durable', () => {
    const node = openNode();
    const outcomes = receive(node, offerOf(20, 3));
    expect(node.steps).toEqual([]);
    node.flush();
    expect(node.steps).toEqual([offerOf(20, 3)]);
    expect(outcomes).toEqual(['installed', 'done']);
  });

  it('is refused when it is no news, or comes from a leader of the past', () => {
    const node = openNode();
    expect(receive(node, offerOf(5, 3))).toEqual(['refused']);
    expect(receive(node, offerOf(20, 2))).toEqual(['refused']);
  });

  it('makes the core say how far it is when it is refused, so that it is not offered for ever', () => {
    const node = openNode();
    const offer = offerOf(5, 3);
    receive(node, offer);
    expect(node.steps).toEqual([offer]);
  });

  it('does so too when it is no news any more at its end', () => {
    const node = openNode();
    const offer = offerOf(20, 3);
    const sink = receiveSnapshot(node.owner, offer, () => {});
    node.core.commitIndex = 25;
    const errors: (Error | undefined)[] = [];
    sink?.commit((error) => errors.push(error));
    expect(errors).toHaveLength(1);
    expect(errors[0]?.message).toBe('the snapshot is no longer needed');
    expect(node.steps).toEqual([offer]);
  });

  it('gives way to a newer one that the core turned down', () => {
    const node = openNode();
    receive(node, offerOf(20, 3));
    node.core.term = 4;
    node.flush();
    receive(node, offerOf(10, 4));
    node.flush();
    expect(node.steps.at(-1)).toEqual(offerOf(20, 4));
    const newest = node.owner.log.snapshot();
    node.owner.log.installSnapshot(newest);
    expect(node.owner.log.lastIndex()).toBe(20);
  });
});
