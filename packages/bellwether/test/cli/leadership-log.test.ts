import type { Role } from '@bellwether/raft';
import { describe, expect, it } from 'vitest';
import { LeadershipLog } from '../../src/cli/leadership-log.ts';
import { createLogger } from '../../src/logger.ts';

function linesOf(use: (note: (role: Role, term: number, leaderId: number) => void) => void) {
  const lines: string[] = [];
  const sink = { write: (line: string) => lines.push(line), nowMs: () => 0 };
  const log = new LeadershipLog(createLogger({ level: 'info', format: 'text' }, 'serve', sink));
  use((role, term, leaderId) => {
    const isServing = leaderId !== 0;
    log.note({ role, term, leaderId, isServing, appliedIndex: 0, sessions: 0 });
  });
  return lines.map((line) => line.replace(/^.*leadership /, '').trim());
}

describe('the log of leadership', () => {
  it('has one line for a node that asks for an election again and again', () => {
    const lines = linesOf((note) => {
      note('follower', 4, 2);
      for (let i = 0; i < 100; i++) {
        note('preCandidate', 4, 0);
        note('follower', 4, 0);
      }
      note('follower', 4, 2);
    });
    expect(lines).toEqual([
      'role=follower term=4 leader=2 serving=true',
      'role=preCandidate term=4 leader=0 serving=false',
      'role=follower term=4 leader=2 serving=true',
    ]);
  });

  it('has each candidacy, leader and term', () => {
    const lines = linesOf((note) => {
      note('preCandidate', 4, 0);
      note('candidate', 5, 0);
      note('leader', 5, 1);
      note('follower', 6, 0);
    });
    expect(lines).toHaveLength(4);
  });
});
