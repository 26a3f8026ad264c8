import type { CommittedBatch } from '@bellwether/cluster';
import { JuteWriter } from '@bellwether/protocol';
import { encodeExpiry } from 'bellwether/testing';
import { describe, expect, it } from 'vitest';
import { watchExpiries } from '../src/zookeeper/expiry-watch.ts';

const SESSION = 7;

interface TestEntry {
  readonly kind: 'command' | 'noop';
  readonly term: number;
  readonly payload: Uint8Array;
}

function expiry(decidedIn: number, term: number): TestEntry {
  const writer = new JuteWriter();
  encodeExpiry(writer, SESSION, decidedIn);
  return { kind: 'command', term, payload: writer.copy() };
}

/** A command that is no expiry. */
const other: TestEntry = { kind: 'command', term: 4, payload: Uint8Array.of(1, 2, 3) };

function batchOf(entries: readonly TestEntry[]): CommittedBatch {
  const before = { index: 0, origin: 3, isOwn: false, sequence: 0, timeMs: 0, payload: undefined };
  const batch = {
    ...before,
    next: () => {
      const entry = entries[batch.index];
      Object.assign(batch, entry, { index: batch.index + 1 });
      return entry !== undefined;
    },
  };
  return batch as unknown as CommittedBatch;
}

/** Applies all of it; the entry at `endingIndex` ends the session. Where that was seen, and by which expiry. */
function endsSeen(entries: readonly TestEntry[], endingIndex: number): string[] {
  const sessions = new Map([[SESSION, { timeoutMs: 800 }]]);
  const seen: string[] = [];
  const batch = watchExpiries(batchOf(entries), sessions, ({ sessionId, term }, { index }, ms) =>
    seen.push(`${sessionId} of ${ms} ms at ${index}, decided in ${term}`),
  );
  while (batch.next()) if (batch.index === endingIndex) sessions.delete(SESSION);
  return seen;
}

describe('the end of a session', () => {
  it('is seen at the expiry that brings it about', () => {
    expect(endsSeen([other, expiry(4, 4)], 2)).toEqual(['7 of 800 ms at 2, decided in 4']);
  });

  it('is not laid to an expiry before it, in the same batch, that is void', () => {
    expect(endsSeen([expiry(3, 4), other, expiry(4, 4)], 3)).toEqual([
      '7 of 800 ms at 3, decided in 4',
    ]);
  });

  it('is seen at an expiry that should have been void', () => {
    expect(endsSeen([expiry(3, 4), expiry(4, 4)], 1)).toEqual(['7 of 800 ms at 1, decided in 3']);
  });

  it('is nobody else’s when its client closes it, before an expiry or behind one', () => {
    expect(endsSeen([other, expiry(4, 4)], 1)).toEqual([]);
    expect(endsSeen([expiry(3, 4), other], 2)).toEqual([]);
  });
});
