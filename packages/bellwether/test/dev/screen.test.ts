import { describe, expect, test, vi } from 'vitest';
import type { NodeReport } from '../../src/dev/node-report.ts';
import { changesBetween, isReady, leaderOf, type NodeView } from '../../src/dev/cluster-view.ts';
import { screenFor } from '../../src/dev/screen.ts';
import { tableOf } from '../../src/dev/table.ts';

function view(id: number, report?: Partial<NodeReport>): NodeView {
  const full: NodeReport = {
    type: 'report',
    clientAddress: { address: '127.0.0.1', port: 2180 + id },
    role: 'follower',
    term: 1,
    leaderId: 1,
    isServing: true,
    appliedIndex: 255,
    sessions: 2,
    ...report,
  };
  return {
    id,
    pid: 100 + id,
    clients: `127.0.0.1:${2180 + id}`,
    report: report && full,
    ended: undefined,
  };
}

describe('who leads', () => {
  test('is the serving leader of the highest term', () => {
    const old = view(1, { role: 'leader', term: 1 });
    const recent = view(2, { role: 'leader', term: 2, leaderId: 2 });
    expect(leaderOf([old, recent, view(3)])).toEqual({ id: 2, term: 2 });
    expect(leaderOf([view(1, { role: 'leader', isServing: false })])).toBeUndefined();
    expect(leaderOf([view(1, { role: 'candidate' }), view(2)])).toBeUndefined();
  });

  test('it is ready when all nodes follow it in its term', () => {
    const leader = view(1, { role: 'leader' });
    expect(isReady([leader, view(2, {}), view(3, {})])).toBe(true);
    expect(isReady([leader, view(2, {}), view(3)])).toBe(false);
    expect(isReady([leader, view(2, {}), view(3, { term: 0 })])).toBe(false);
    expect(isReady([leader, view(2, {}), view(3, { isServing: false })])).toBe(false);
    expect(isReady([leader, view(2, {}), view(3, { leaderId: 2 })])).toBe(false);
  });

  test('is told when it changes, and figures are not', () => {
    const before = [view(1, { role: 'leader' }), view(2, {})];
    const more = [view(1, { role: 'leader', appliedIndex: 300 }), view(2, {})];
    const after = [view(1), view(2, { role: 'leader', term: 2, leaderId: 2 })];
    expect(changesBetween(before, more)).toEqual([]);
    expect(changesBetween(more, after)).toEqual(['node 2 leads (term 2)']);
    expect(changesBetween(after, [view(1), view(2)])).toEqual(['no leader']);
  });
});

test('the table has a row for every node, in columns', () => {
  const down = { ...view(3), pid: undefined, ended: 'was killed by SIGKILL' };
  expect(tableOf([view(1, { role: 'leader' }), view(2), down])).toEqual([
    'node  pid  clients         role    term  zxid  sessions  state',
    '1     101  127.0.0.1:2181  leader  1     0xff  2         serving',
    '2     102  127.0.0.1:2182  -       -     -     -         starting',
    '3     -    127.0.0.1:2183  -       -     -     -         was killed by SIGKILL',
  ]);
});

describe('the screen', () => {
  test('of a terminal redraws the table below the lines, cut to its width', () => {
    vi.useFakeTimers();
    let out = '';
    const terminal = { isTTY: true, columns: 6, write: (text: string) => (out += text) };
    const screen = screenFor(terminal);
    screen.table(['one', 'two']);
    expect(out).toBe('');
    vi.runAllTimers();
    expect(out).toBe('one\ntwo\n');
    screen.line('a line');
    expect(out).toBe('one\ntwo\n\u001b[2A\u001b[Ja line\none\ntwo\n');
    out = '';
    screen.table(['1234567']);
    screen.close();
    expect(out).toBe('\u001b[2A\u001b[J12345\n');
    vi.useRealTimers();
  });

  test('of anything else gets the lines alone', () => {
    let out = '';
    const screen = screenFor({ write: (text: string) => (out += text) });
    screen.table(['one']);
    screen.line('a line');
    screen.close();
    expect(out).toBe('a line\n');
  });
});
