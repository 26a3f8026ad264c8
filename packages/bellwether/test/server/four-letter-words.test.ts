import { describe, expect, it } from 'vitest';
import {
  answerWord,
  FOUR_LETTER_WORDS,
  wordOf,
  type ServerReport,
} from '../../src/server/four-letter-words.ts';

const REPORT: ServerReport = {
  version: '3.9.0-bellwether, built on 2025-01-01 00:00 UTC',
  mode: 'leader',
  latencyMsMin: 0.2,
  latencyMsMean: 1.23456,
  latencyMsMax: 17.6,
  packetsReceived: 12,
  packetsSent: 11,
  connectionsRejected: 1,
  connectionsDropped: 2,
  outstandingRequests: 3,
  zxid: 0x1_0000_00ff,
  znodes: 5,
  watches: 4,
  ephemerals: 6,
  sessions: 7,
  openFiles: 30,
  openFilesMax: 1024,
  uptimeMs: 1581.4,
  connections: [{ remote: '127.0.0.1:4711', queued: 1, received: 2, sent: 3 }],
  followers: { learners: 2, followers: 2, synced: 2, syncedObservers: 0, quorumSize: 3 },
};

const answer = (word: string, report: Partial<ServerReport> = {}): string =>
  answerWord(
    word,
    FOUR_LETTER_WORDS,
    () => ({ ...REPORT, ...report }),
    () => ({ zxid: 4294967551, digest: '00ff00ff' }),
  );

describe('four-letter words', () => {
  it('recognises the words in what should be a length', () => {
    expect(wordOf(0x72756f6b)).toBe('ruok');
    expect(wordOf(Buffer.from('conf').readInt32BE())).toBe('conf');
    expect(wordOf(2_000_000)).toBeUndefined();
    expect(wordOf(-1)).toBeUndefined();
  });

  it('answers srvr with the fields of ZooKeeper, in its order', () => {
    expect(answer('srvr')).toBe(
      [
        'Zookeeper version: 3.9.0-bellwether, built on 2025-01-01 00:00 UTC',
        'Latency min/avg/max: 0/1.2346/18',
        'Received: 12',
        'Sent: 11',
        'Connections: 1',
        'Outstanding: 3',
        'Zxid: 0x1000000ff',
        'Mode: leader',
        'Node count: 5',
        '',
      ].join('\n'),
    );
  });

  it('lists the clients in stat', () => {
    const lines = answer('stat').split('\n');
    expect(lines.slice(1, 5)).toEqual([
      'Clients:',
      ' /127.0.0.1:4711[1](queued=1,recved=2,sent=3)',
      '',
      'Latency min/avg/max: 0/1.2346/18',
    ]);
  });

  it('separates names and values by a tab in mntr, and names followers only when it leads', () => {
    const leader = answer('mntr').split('\n');
    expect(leader[0]).toBe('zk_version\t3.9.0-bellwether, built on 2025-01-01 00:00 UTC');
    for (const line of ['zk_server_state\tleader', 'zk_avg_latency\t1.2346', 'zk_znode_count\t5']) {
      expect(leader).toContain(line);
    }
    expect(leader).toContain('zk_synced_followers\t2');
    const follower = answer('mntr', { mode: 'follower', followers: undefined });
    expect(follower).toContain('zk_server_state\tfollower\n');
    expect(follower).not.toContain('followers');
  });

  it('prints a whole mean with a fraction, as Java does', () => {
    expect(answer('srvr', { latencyMsMean: 0 })).toContain('Latency min/avg/max: 0/0.0/18');
  });

  it('says so when nothing is served, but is still ok and still has a digest', () => {
    const refusal = 'This ZooKeeper instance is not currently serving requests\n';
    for (const word of ['srvr', 'stat', 'mntr']) {
      expect(answer(word, { mode: undefined })).toBe(refusal);
    }
    expect(answer('ruok', { mode: undefined })).toBe('imok');
    expect(answer('dgst', { mode: undefined })).toBe('zxid 4294967551\ndigest 00ff00ff\n');
  });

  it('refuses a word that is not in the whitelist, without taking a report', () => {
    const fail = (): never => {
      throw new Error('no report is needed');
    };
    expect(answerWord('mntr', ['srvr'], fail, fail)).toBe(
      'mntr is not executed because it is not in the whitelist.\n',
    );
  });
});
