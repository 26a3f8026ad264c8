/* Every promise on a history that keeps it, and on one that breaks it. */
import { describe, expect, it } from 'vitest';
import type {
  Change,
  EventRecord,
  HistoryRecord,
  ReadRecord,
  SessionRecord,
  WriteRecord,
} from '../../src/oracle/history.ts';
import { OracleError } from '../../src/oracle/history.ts';
import { judge } from '../../src/oracle/judge.ts';

/** Records are one after the other unless they say otherwise. */
class Teller {
  readonly records: HistoryRecord[] = [];
  #nowMs = 0;

  #base(client: number) {
    this.#nowMs += 10;
    return { client, session: client * 10, invokedMs: this.#nowMs, endedMs: this.#nowMs + 5 };
  }

  write(client: number, zxid: number, changes: readonly Change[], more: Partial<WriteRecord> = {}) {
    const outcome = { outcome: 'done', error: 0, zxid } as const;
    this.records.push({ type: 'write', ...this.#base(client), changes, ...outcome, ...more });
    return this;
  }

  read(client: number, zxid: number, path: string, more: Partial<ReadRecord> = {}) {
    const what = { seen: undefined, children: undefined, watch: 'none' } as const;
    const guarantee = 'sequential' as const;
    const base = this.#base(client);
    this.records.push({ type: 'read', ...base, zxid, path, guarantee, ...what, ...more });
    return this;
  }

  event(client: number, path: string, watch: EventRecord['watch'] = 'data') {
    this.records.push({ type: 'event', ...this.#base(client), path, watch });
    return this;
  }

  session(client: number, what: SessionRecord['what'], more: Partial<SessionRecord> = {}) {
    this.records.push({ type: 'session', ...this.#base(client), what, zxid: 0, ...more });
    return this;
  }

  get verdict(): string {
    try {
      judge(this.records);
      return 'kept';
    } catch (error) {
      if (error instanceof OracleError) return error.promise;
      throw error;
    }
  }
}

const tell = (): Teller => new Teller();

function made(path: string, value: string, version: number, more: Partial<Change> = {}): Change {
  const action = version === 0 ? 'create' : 'set';
  const base = { expectedVersion: -1, kind: 'persistent', made: { path, version } } as const;
  return { action, path, value, ...base, ...more };
}

const seen = (value: string, version: number, mzxid: number, czxid = 100, owner = 0) => ({
  seen: { value, version, mzxid, czxid, owner },
});

const begun = (): Teller => tell().write(1, 100, [made('/r', 'first', 0)]);

describe('the order in which a client is answered', () => {
  it('rises, or stays', () => {
    expect(begun().read(1, 100, '/r', seen('first', 0, 100)).verdict).toBe('kept');
  });

  it('never goes back, on whichever server', () => {
    const history = begun().read(2, 120, '/x').read(2, 110, '/x');
    expect(history.verdict).toBe('clientOrder');
  });
});

describe('what clients are shown', () => {
  it('fits together', () => {
    const history = begun()
      .write(1, 105, [made('/r', 'second', 1)])
      .read(2, 104, '/r', seen('first', 0, 100))
      .read(2, 105, '/r', seen('second', 1, 105));
    expect(history.verdict).toBe('kept');
  });

  it('is not one thing for one and another for the other', () => {
    const history = begun().read(2, 101, '/r', seen('other', 0, 100));
    expect(history.verdict).toBe('oneHistory');
  });

  it('is not a write that was done twice', () => {
    const history = begun()
      .read(2, 105, '/r', seen('again', 1, 105))
      .read(2, 106, '/r', seen('again', 2, 106));
    expect(history.verdict).toBe('appliedOnce');
  });

  it('is not older than the state that answers', () => {
    const history = begun()
      .write(1, 105, [made('/r', 'second', 1)])
      .read(2, 106, '/r', seen('first', 0, 100));
    expect(history.verdict).toBe('readsSeeTheirState');
  });

  it('is not newer than the state that answers', () => {
    const history = begun().read(2, 104, '/r', seen('second', 1, 105));
    expect(history.verdict).toBe('readsSeeTheirState');
  });

  it('is not gone without anybody having deleted it', () => {
    expect(begun().read(2, 104, '/r').verdict).toBe('readsSeeTheirState');
  });

  it('is a multi as a whole or not at all, also when nobody was answered', () => {
    const part = { action: 'set', value: 'both', expectedVersion: -1, kind: 'persistent' } as const;
    const parts: Change[] = [
      { ...part, path: '/a' },
      { ...part, path: '/b' },
    ];
    const unknown = { outcome: 'indeterminate', zxid: 0 } as const;
    const history = (): Teller =>
      tell()
        .write(1, 101, [made('/a', 'a', 0)])
        .write(1, 102, [made('/b', 'b', 0)])
        .write(1, 0, parts, unknown)
        .read(2, 105, '/a', seen('both', 1, 105, 101));
    expect(history().read(2, 105, '/b', seen('both', 1, 105, 102)).verdict).toBe('kept');
    expect(history().read(2, 105, '/b', seen('b', 0, 102, 102)).verdict).toBe('readsSeeTheirState');
  });
});

describe('real time', () => {
  it('orders writes', () => {
    const history = begun()
      .write(1, 105, [made('/r', 'second', 1)])
      .write(2, 104, [made('/q', 'other', 0)]);
    expect(history.verdict).toBe('realTimeOrder');
  });

  it('orders reads behind a sync', () => {
    const history = begun()
      .write(1, 105, [made('/r', 'second', 1)])
      .read(2, 104, '/r', { ...seen('first', 0, 100), guarantee: 'linearizable' });
    expect(history.verdict).toBe('realTimeOrder');
  });

  it('does not order what overlaps', () => {
    const history = begun()
      .write(1, 105, [made('/r', 'second', 1)])
      .write(2, 104, [made('/q', 'other', 0)], { invokedMs: 1 });
    expect(history.verdict).toBe('kept');
  });

  it('is held against what values and versions say, too', () => {
    const history = begun()
      .write(1, 105, [made('/r', 'second', 1)])
      .write(2, 106, [made('/r', 'third', 1)]);
    expect(history.verdict).toBe('linearizable');
  });
});

describe('sequential znodes', () => {
  const next = (name: string): Change[] => [
    made('/q/n-', name, 0, { kind: 'sequential', made: { path: `/q/n-${name}`, version: 0 } }),
  ];

  it('have names that rise', () => {
    expect(tell().write(1, 5, next('01')).write(2, 6, next('02')).verdict).toBe('kept');
  });

  it('never have the same name, or a lower one', () => {
    expect(tell().write(1, 5, next('02')).write(2, 6, next('01')).verdict).toBe('sequences');
    const twice = tell().write(1, 5, next('01'));
    const again = [{ ...(next('01')[0] as Change), value: 'again' }];
    expect(twice.write(2, 6, again).verdict).toBe('sequences');
  });
});

describe('an ephemeral', () => {
  const own = [made('/e/x', 'mine', 0, { kind: 'ephemeral' })];
  const children = (...names: string[]) => ({ children: names });

  it('is there as long as its session, and gone when that is closed', () => {
    const history = tell()
      .write(1, 100, own)
      .read(2, 101, '/e', children('x'))
      .session(1, 'closed', { zxid: 102 })
      .read(2, 103, '/e', children());
    expect(history.verdict).toBe('kept');
  });

  it('does not survive its session', () => {
    const closed = tell().write(1, 100, own).session(1, 'closed', { zxid: 102 });
    expect(closed.read(2, 103, '/e', children('x')).verdict).toBe('ephemerals');
    const replaced = tell()
      .write(1, 100, own)
      .session(1, 'opened', { session: 102 })
      .read(2, 103, '/e', children('x'));
    expect(replaced.verdict).toBe('ephemerals');
  });

  it('does not go before its session', () => {
    const history = tell().write(1, 100, own).read(2, 101, '/e', children()).read(1, 102, '/y');
    expect(history.verdict).toBe('ephemerals');
  });

  it('goes when it is deleted', () => {
    const history = tell()
      .write(1, 100, own)
      .write(1, 101, [{ ...(own[0] as Change), action: 'delete', value: '', kind: 'persistent' }])
      .read(2, 101, '/e', children())
      .read(1, 102, '/y');
    expect(history.verdict).toBe('kept');
  });
});

describe('a watch', () => {
  const watched = (): Teller =>
    begun()
      .read(2, 101, '/r', { ...seen('first', 0, 100), watch: 'data' })
      .write(1, 105, [made('/r', 'second', 1)]);

  it('tells of a change before anything that shows it', () => {
    const history = watched()
      .event(2, '/r')
      .read(2, 105, '/r', seen('second', 1, 105));
    expect(history.verdict).toBe('kept');
  });

  it('does not tell of it later, on whatever znode', () => {
    const history = watched().read(2, 105, '/other').event(2, '/r');
    expect(history.verdict).toBe('watches');
  });

  it('may still be silent when the state is older', () => {
    expect(watched().read(2, 104, '/other').verdict).toBe('kept');
  });

  it('does not tell twice', () => {
    expect(watched().event(2, '/r').event(2, '/r').verdict).toBe('watches');
  });

  it('goes along to another server', () => {
    const moved = watched().session(2, 'resumed');
    expect(moved.read(2, 106, '/other').verdict).toBe('watches');
  });

  it('can miss what came and went while its session had no connection', () => {
    const deletion = { ...made('/d', '', 0), action: 'delete' as const };
    const history = tell()
      .read(2, 101, '/d', { watch: 'data' })
      .write(1, 103, [made('/d', 'short', 0)])
      .write(1, 104, [deletion])
      .session(2, 'resumed')
      .read(2, 106, '/other');
    expect(history.verdict).toBe('kept');
  });

  it('of children tells of those that come', () => {
    const listed = tell()
      .read(2, 101, '/e', { children: [], watch: 'children' })
      .write(1, 103, [made('/e/x', 'mine', 0, { kind: 'ephemeral' })]);
    expect(listed.read(2, 104, '/other').verdict).toBe('watches');
  });
});
