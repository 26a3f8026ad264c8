import { describe, expect, it } from 'vitest';
import { commandSequence, forEachCommand, writeItemHeader } from '../src/command.ts';
import { CommandAdmission } from '../src/forwarding/command-admission.ts';
import { PendingCommands } from '../src/forwarding/pending-commands.ts';
import { LIMITS } from '../src/limits.ts';

const ITEM_BYTES = 28;

function batchOf(...sequences: number[]): Uint8Array {
  const bytes = new Uint8Array(sequences.length * (ITEM_BYTES + 1));
  let at = 0;
  for (const sequence of sequences) {
    const command = { origin: 1, incarnation: 7, sequence, payloadBytes: 1 };
    at = writeItemHeader(bytes, at, command);
    bytes[at++] = sequence;
  }
  return bytes;
}

function largeBatchOf(sequence: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  const payloadBytes = size - ITEM_BYTES;
  writeItemHeader(bytes, 0, { origin: 1, incarnation: 7, sequence, payloadBytes });
  return bytes;
}

function sequencesIn(batch: Uint8Array): number[] {
  const sequences: number[] = [];
  forEachCommand(batch, (data) => sequences.push(commandSequence(data)));
  return sequences;
}

function fixture() {
  const sent: string[] = [];
  const start = { index: 0, term: 0 };
  const commands = new PendingCommands(start, (leaderId, term, seenIndex, batch) => {
    const seen = seenIndex === 0 ? '' : ` seen ${seenIndex}`;
    sent.push(`${leaderId}@${term}${seen}: ${sequencesIn(batch).join(' ')}`);
  });
  const take = () => sent.splice(0);
  return { commands, take };
}

describe('commands that wait to be seen in the log', () => {
  it('are held while there is no leader', () => {
    const { commands, take } = fixture();
    commands.add(batchOf(1, 2));
    expect(take()).toEqual([]);
    expect(commands.isOpen).toBe(false);
  });

  it('are sent early to a new leader, and again when the first entry of its term is committed', () => {
    const { commands, take } = fixture();
    commands.add(batchOf(1, 2));
    commands.onLeader(2, 5);
    commands.add(batchOf(3));
    expect(take()).toEqual(['2@5: 1 2', '2@5: 3']);
    expect(commands.isOpen).toBe(false);
    commands.onConnected(2);
    expect(take()).toEqual(['2@5: 1 2', '2@5: 3']);
    commands.onTermOpened(5);
    expect(take()).toEqual(['2@5: 1 2', '2@5: 3']);
  });

  it('go along with a vote, once if it was for who leads then, and again to another leader', () => {
    const { commands, take } = fixture();
    commands.add(batchOf(1, 2));
    commands.onLeader(0, 5);
    commands.onVoted(2, 5);
    commands.add(batchOf(3));
    expect(take()).toEqual(['2@5: 1 2', '2@5: 3']);
    expect(commands.isOpen).toBe(false);
    commands.onLeader(2, 5);
    expect(take()).toEqual([]);
    commands.onLeader(0, 6);
    commands.onVoted(3, 6);
    expect(take()).toEqual(['3@6: 1 2', '3@6: 3']);
    commands.onLeader(4, 7);
    expect(take()).toEqual(['4@7: 1 2', '4@7: 3']);
  });

  it('do not go along with a vote whose term is over, or decided', () => {
    const { commands, take } = fixture();
    commands.add(batchOf(1));
    commands.onLeader(0, 5);
    commands.onLeader(3, 6);
    expect(take()).toEqual(['3@6: 1']);
    commands.onVoted(2, 5);
    commands.onVoted(2, 6);
    commands.add(batchOf(2));
    expect(take()).toEqual(['3@6: 2']);
    commands.onTermOpened(6);
    expect(commands.isOpen).toBe(true);
  });

  it('are held until then behind so many that are sent early', () => {
    const { commands, take } = fixture();
    commands.onLeader(2, 5);
    const large = largeBatchOf(1, LIMITS.earlyCommandBytesMax - 10);
    commands.add(large);
    commands.add(batchOf(2));
    commands.add(new Uint8Array(0));
    commands.add(batchOf(3));
    expect(take()).toEqual(['2@5: 1']);
    commands.onTermOpened(5);
    expect(take()).toEqual(['2@5: 1', '2@5: 2', '2@5: 3']);
  });

  it('go straight to a leader that serves', () => {
    const { commands, take } = fixture();
    commands.onLeader(2, 5);
    commands.onTermOpened(5);
    commands.add(batchOf(1));
    commands.add(batchOf(2, 3));
    expect(take()).toEqual(['2@5: 1', '2@5: 2 3']);
  });

  it('are sent to the next leader unless they were seen in the log', () => {
    const { commands, take } = fixture();
    commands.onLeader(2, 5);
    commands.onTermOpened(5);
    commands.add(batchOf(1, 2, 3));
    take();
    commands.onLeader(0, 6);
    commands.onCommitted(1);
    expect(take()).toEqual([]);
    commands.onLeader(3, 6);
    expect(take()).toEqual(['3@6: 2 3']);
    commands.onTermOpened(6);
    expect(take()).toEqual(['3@6: 2 3']);
  });

  it('are sent again over a new connection to the same leader', () => {
    const { commands, take } = fixture();
    commands.onLeader(2, 5);
    commands.onTermOpened(5);
    commands.add(batchOf(1, 2));
    take();
    commands.onConnected(3);
    expect(take()).toEqual([]);
    commands.onConnected(2);
    expect(take()).toEqual(['2@5: 1 2']);
  });

  it('are forgotten once all of a batch was seen', () => {
    const { commands } = fixture();
    commands.add(batchOf(1, 2));
    expect(commands.bytes).toBe(2 * (ITEM_BYTES + 1));
    commands.onCommitted(1);
    commands.onCommitted(2);
    expect(commands.bytes).toBe(0);
  });

  it('are given up when a snapshot may hide their entries, unless they were only held', () => {
    const { commands, take } = fixture();
    commands.onLeader(2, 5);
    commands.onTermOpened(5);
    commands.add(batchOf(1, 2));
    commands.onCommitted(1);
    commands.onLeader(0, 5);
    commands.add(batchOf(3));
    expect(commands.onStateReplaced({ index: 0, term: 5 })).toBe(2);
    expect(commands.onStateReplaced({ index: 0, term: 5 })).toBeUndefined();
    take();
    commands.onLeader(3, 6);
    commands.onTermOpened(6);
    expect(take()).toEqual(['3@6: 3', '3@6: 3']);
    commands.onCommitted(2);
    commands.onCommitted(3);
    expect(commands.bytes).toBe(0);
  });

  it('flow once a snapshot covers the first entry of the term', () => {
    const { commands, take } = fixture();
    commands.add(batchOf(1));
    expect(commands.onStateReplaced({ index: 0, term: 5 })).toBeUndefined();
    commands.onLeader(2, 5);
    expect(take()).toEqual(['2@5: 1']);
    expect(commands.isOpen).toBe(true);
  });

  it('are sent with how much of the log was seen: all that was told, and what a snapshot stands for', () => {
    const { commands, take } = fixture();
    commands.add(batchOf(1, 2));
    commands.onSeen(3);
    commands.onLeader(2, 5);
    commands.onSeen(4);
    commands.onCommitted(1);
    commands.onSeen(5);
    commands.onTermOpened(5);
    commands.onSeen(6);
    expect(take()).toEqual(['2@5 seen 3: 1 2', '2@5 seen 5: 2']);
    commands.onLeader(0, 6);
    commands.add(batchOf(3));
    commands.onStateReplaced({ index: 9, term: 6 });
    commands.onLeader(3, 6);
    expect(take()).toEqual(['3@6 seen 9: 3']);
  });

  it('must be seen in the order of their sequences', () => {
    const { commands } = fixture();
    commands.add(batchOf(1, 2));
    expect(() => commands.onCommitted(2)).toThrow(/in their order/);
    expect(() => fixture().commands.onCommitted(1)).toThrow(/committed once/);
  });
});

describe('the leader admits a command', () => {
  const dataOf = (sequence: number): Uint8Array => batchOf(sequence).subarray(4);

  it('once', () => {
    const admission = new CommandAdmission();
    admission.onElected(3);
    expect([1, 2, 2, 1, 3].map((sequence) => admission.take(dataOf(sequence)))).toEqual([
      true,
      true,
      false,
      false,
      true,
    ]);
  });

  it('only for its own term, and anew in the next', () => {
    const admission = new CommandAdmission();
    admission.onElected(3);
    expect(admission.isFor(2)).toBe(false);
    expect(admission.take(dataOf(1))).toBe(true);
    admission.onElected(4);
    expect(admission.isFor(3)).toBe(false);
    expect(admission.take(dataOf(1))).toBe(true);
  });
});

describe('a batch of commands', () => {
  it('that is cut off anywhere is recognised as malformed', () => {
    const batch = batchOf(1, 2);
    for (let length = 1; length < batch.length; length++) {
      const isWhole = forEachCommand(batch.subarray(0, length), () => undefined);
      expect(isWhole).toBe(length === batch.length / 2);
    }
  });
});
