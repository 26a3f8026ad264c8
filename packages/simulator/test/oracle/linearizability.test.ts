import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkLinearizability } from '../../src/oracle/linearizability/checker.ts';
import type { Operation } from '../../src/oracle/linearizability/model.ts';
import {
  znodeModel,
  type ZnodeInput,
  type ZnodeOutput,
} from '../../src/oracle/linearizability/znode-model.ts';
import { isLinearizableByDefinition } from './brute-force.ts';

type ZnodeOperation = Operation<ZnodeInput, ZnodeOutput>;

const verdictOf = (operations: readonly ZnodeOperation[]): string =>
  checkLinearizability(znodeModel, operations).verdict;

const at = (invokedMs: number, endedMs: number) => ({ invokedMs, endedMs });
const done = (version?: number): ZnodeOutput => ({ error: 0, version });
const create = (value: string) => ({ kind: 'create', value }) as const;
const set = (value: string, expectedVersion = -1) =>
  ({ kind: 'set', value, expectedVersion }) as const;
const read = { kind: 'read' } as const;
const shows = (value: string, version: number): ZnodeOutput => ({ error: 0, value, version });

/** The znode is there with value '0'. */
const born: ZnodeOperation = { input: create('0'), output: done(0), ...at(0, 1) };

describe('linearizable are', () => {
  it('operations one after the other', () => {
    const first = { input: set('a'), output: done(1), ...at(2, 3) };
    expect(verdictOf([born, first, { input: read, output: shows('a', 1), ...at(4, 5) }])).toBe(
      'linearizable',
    );
  });

  it('reads that overlap a write and see either side of it, in that order', () => {
    const write = { input: set('a'), output: done(1), ...at(2, 9) };
    const before = { input: read, output: shows('0', 0), ...at(3, 4) };
    const after = { input: read, output: shows('a', 1), ...at(5, 6) };
    expect(verdictOf([born, write, before, after])).toBe('linearizable');
  });

  it('a write without an answer, seen long after, or never', () => {
    const write = { input: set('a'), output: undefined, ...at(2, 3) };
    const old = { input: read, output: shows('0', 0), ...at(50, 51) };
    const young = { input: read, output: shows('a', 1), ...at(90, 91) };
    expect(verdictOf([born, write, old, young])).toBe('linearizable');
    expect(verdictOf([born, write, old])).toBe('linearizable');
  });

  it('a refusal, where the version was another one', () => {
    const refused = { input: set('b', 0), output: { error: -103 }, ...at(4, 5) };
    const write = { input: set('a'), output: done(1), ...at(2, 3) };
    expect(verdictOf([born, write, refused])).toBe('linearizable');
  });
});

describe('not linearizable are', () => {
  it('a stale read', () => {
    const write = { input: set('a'), output: done(1), ...at(2, 3) };
    const stale = { input: read, output: shows('0', 0), ...at(4, 5) };
    const result = checkLinearizability(znodeModel, [born, write, stale]);
    expect(result).toMatchObject({ verdict: 'notLinearizable', stuck: [stale] });
  });

  it('reads that go back', () => {
    const write = { input: set('a'), output: done(1), ...at(2, 9) };
    const after = { input: read, output: shows('a', 1), ...at(3, 4) };
    const before = { input: read, output: shows('0', 0), ...at(5, 6) };
    expect(verdictOf([born, write, after, before])).toBe('notLinearizable');
  });

  it('an acknowledged write that nobody sees any more', () => {
    const lost = { input: set('a'), output: done(1), ...at(2, 3) };
    const next = { input: set('b'), output: done(1), ...at(4, 5) };
    expect(verdictOf([born, lost, next])).toBe('notLinearizable');
  });

  it('a write that happened twice', () => {
    const once = { input: set('a'), output: undefined, ...at(2, 3) };
    const other = { input: set('b'), output: done(3), ...at(4, 5) };
    expect(verdictOf([born, once, other])).toBe('notLinearizable');
  });

  it('an unanswered write before it was asked for', () => {
    const early = { input: read, output: shows('a', 1), ...at(2, 3) };
    const write = { input: set('a'), output: undefined, ...at(4, 5) };
    expect(verdictOf([born, early, write])).toBe('notLinearizable');
  });

  it('two that were both told that their version fits', () => {
    const one = { input: set('a', 0), output: done(1), ...at(2, 9) };
    const two = { input: set('b', 0), output: done(1), ...at(2, 9) };
    expect(verdictOf([born, one, two])).toBe('notLinearizable');
  });
});

it('many unanswered writes are decided quickly', () => {
  const unanswered = Array.from({ length: 60 }, (_, i): ZnodeOperation => {
    const expectedVersion = i % 3 === 0 ? i % 7 : -1;
    const label = `set ${expectedVersion}`;
    const isNarrow = expectedVersion !== -1;
    const input = set('?', expectedVersion);
    return { input, output: undefined, ...at(2 + i, 3 + i), label, isNarrow };
  });
  const answered = Array.from({ length: 20 }, (_, i): ZnodeOperation => {
    const version = 2 * i + 2;
    return { input: set(`v${i}`), output: done(version), ...at(100 + i, 100.5 + i) };
  });
  expect(verdictOf([born, ...unanswered, ...answered])).toBe('linearizable');
  const tooFew = [born, ...unanswered.slice(0, 10), ...answered];
  expect(verdictOf(tooFew)).toBe('notLinearizable');
});

const inputs: fc.Arbitrary<ZnodeInput> = fc.oneof(
  fc.record({ kind: fc.constant('create' as const), value: fc.constantFrom('a', 'b') }),
  fc.record({
    kind: fc.constant('set' as const),
    value: fc.constantFrom('a', 'b'),
    expectedVersion: fc.constantFrom(-1, -1, 0, 1),
  }),
  fc.record({ kind: fc.constant('delete' as const), expectedVersion: fc.constantFrom(-1, 0) }),
  fc.constant(read),
);

const outputs: fc.Arbitrary<ZnodeOutput | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.record({
    error: fc.constantFrom(0, 0, 0, -101, -103, -110),
    version: fc.constantFrom(undefined, 0, 1, 2),
  }),
);

const operations: fc.Arbitrary<ZnodeOperation[]> = fc.array(
  fc.record({ input: inputs, output: outputs, from: fc.nat(8), length: fc.nat(5) }).map((draft) => {
    const { input, output, from, length } = draft;
    // Deletes don't tell a version, and what is refused tells nothing.
    const version = input.kind === 'delete' || output?.error !== 0 ? undefined : output.version;
    const answer = output === undefined ? undefined : { error: output.error, version };
    return { input, output: answer, invokedMs: from, endedMs: from + length };
  }),
  { maxLength: 6 },
);

/** As the oracle labels them: nobody was ever shown what they wrote. */
function labelled(operation: ZnodeOperation): ZnodeOperation {
  const { input, output } = operation;
  if (output !== undefined || input.kind === 'read') return operation;
  const expectedVersion = input.kind === 'create' ? -1 : input.expectedVersion;
  const unseen = input.kind === 'delete' ? input : { ...input, value: '?' };
  const label = `${input.kind} ${expectedVersion}`;
  return { ...operation, input: unseen, label, isNarrow: expectedVersion !== -1 };
}

describe('the checker agrees with the definition', { timeout: 60_000 }, () => {
  it('on small random histories', () => {
    let linearizable = 0;
    fc.assert(
      fc.property(operations, (history) => {
        const expected = isLinearizableByDefinition(znodeModel, history);
        if (expected) linearizable += 1;
        expect(verdictOf(history)).toBe(expected ? 'linearizable' : 'notLinearizable');
      }),
      { numRuns: 4000, seed: 1 },
    );
    expect(linearizable).toBeGreaterThan(200);
  });

  it('when unanswered operations are labelled', () => {
    let linearizable = 0;
    fc.assert(
      fc.property(operations, (draft) => {
        const history = draft.map(labelled);
        const expected = isLinearizableByDefinition(znodeModel, history);
        if (expected && history.length > 3) linearizable += 1;
        expect(verdictOf(history)).toBe(expected ? 'linearizable' : 'notLinearizable');
      }),
      { numRuns: 4000, seed: 2 },
    );
    expect(linearizable).toBeGreaterThan(20);
  });
});
