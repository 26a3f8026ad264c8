import fc from 'fast-check';
import {
  ErrorCode,
  NULL_ACL,
  OPEN_ACL,
  OpCode,
  ProtocolError,
  type Acl,
  type MultiOperation,
} from '@bellwether/protocol';
import { describe, expect, it } from 'vitest';
import { plannedMulti } from '../src/operations/multi-plan.ts';
import { body, command, op, RecordingWatcher, statOf, utf8, World } from './world.ts';

describe('multi', () => {
  it('does all, each operation seeing those before it', () => {
    const world = new World();
    const outcome = world.multi(
      op.create('/a'),
      op.create2('/a/n-', 2),
      op.create('/a/n-', 2),
      op.setData('/a', 'new', 0),
      op.check('/a', 1),
      op.delete('/a/n-0000000000'),
    );
    expect(outcome).toMatchObject({
      kind: 'multi',
      code: 0,
      results: [
        { opCode: OpCode.create, path: '/a' },
        { opCode: OpCode.create2, path: '/a/n-0000000000', stat: { czxid: 2 } },
        { opCode: OpCode.create, path: '/a/n-0000000001' },
        { opCode: OpCode.setData, stat: { version: 1, numChildren: 2, cversion: 2 } },
        { opCode: OpCode.check },
        { opCode: OpCode.delete },
      ],
    });
    expect(world.dataAt('/a')).toBe('new');
    expect(world.at('/a').childNames()).toEqual(['n-0000000001']);
  });

  it('does nothing when one fails, and says which: ok before it, inconsistency behind it', () => {
    const world = new World();
    world.create('/a', 'old');
    const before = world.coordinator.digest();
    const outcome = world.multi(
      op.create('/b'),
      op.setData('/a', 'new'),
      op.check('/a', 9),
      op.create('/c'),
      op.create('/'),
    );
    expect(outcome).toEqual({
      kind: 'multi',
      code: 0,
      results: [0, 0, ErrorCode.badVersion, -2, -2].map((error) => ({ opCode: -1, error })),
    });
    expect(world.coordinator.digest()).toBe(before);
    expect(world.dataAt('/a')).toBe('old');
  });

  it('fires watches only when it succeeds, in the order of the operations', () => {
    const world = new World();
    const watcher = new RecordingWatcher();
    for (const path of ['/a', '/b']) world.coordinator.exists(path, [], watcher);
    world.coordinator.getChildren('/', [], watcher);
    world.multi(op.create('/a'), op.delete('/none'));
    expect(watcher.events).toEqual([]);
    world.multi(op.create('/b'), op.create('/a'), op.delete('/a'));
    expect(watcher.events).toEqual(['created /b', 'childrenChanged /', 'created /a']);
    expect(watcher.zxids).toEqual([3, 3, 3]);
  });

  it('gives sequence numbers that were undone again', () => {
    const world = new World();
    world.multi(op.create('/n', 2), op.check('/none', 0));
    expect(world.create('/n', '', 2)).toMatchObject({ path: '/n0000000000' });
  });

  it('puts back ephemerals and what was deleted, for the session as well', () => {
    const world = new World();
    world.create('/e', '', 1);
    world.multi(op.delete('/e'), op.create('/f', 1), op.check('/none', 0));
    expect(world.coordinator.ephemeralsOf(1)).toEqual(['/e']);
    world.multi(op.delete('/e'), op.create('/f', 1));
    expect(world.coordinator.ephemeralsOf(1)).toEqual(['/f']);
  });

  it('is malformed as a whole with a creation whose list of ACLs is null', () => {
    const world = new World();
    const withAcls = (acls: readonly Acl[]): MultiOperation => ({
      opCode: OpCode.create,
      request: { path: '/n', data: null, acls, flags: 0 },
    });
    const plan = (acls: readonly Acl[]) => () => plannedMulti([op.create('/m'), withAcls(acls)]);
    expect(plan(NULL_ACL)).toThrow(ProtocolError);
    expect(plan([])).not.toThrow();
    expect(world.multi(op.create('/m'), withAcls([]))).toMatchObject({
      results: [{ error: 0 }, { error: ErrorCode.invalidACL }],
    });
  });

  it('may be empty', () => {
    expect(new World().multi()).toEqual({ kind: 'multi', code: 0, results: [] });
  });

  it('is a marshalling error when it can not be understood, and then does nothing', () => {
    const world = new World();
    const before = world.coordinator.digest();
    const whole = body.multi([op.create('/a'), op.create('/b')]);
    for (let length = 0; length < whole.length; length++) {
      const outcome = world.request(OpCode.multi, whole.subarray(0, length));
      expect(outcome.code).toBe(ErrorCode.marshallingError);
    }
    expect(world.coordinator.digest()).toBe(before);
  });

  it('does nothing when the identities turn out malformed on the way', () => {
    const world = new World();
    world.create('/locked', '', 0, [{ perms: 31, scheme: 'digest', id: 'ann:hash' }]);
    const before = world.coordinator.digest();
    const operations = body.multi([op.create('/a'), op.setData('/locked', 'x')]);
    const payload = command.request(1, OpCode.multi, operations, 1, [
      { scheme: 'digest', id: 'ann:hash' },
    ]);
    const damaged = payload.slice();
    damaged[22] = 0x7f; // the length of the first scheme
    expect(world.apply(damaged).code).toBe(ErrorCode.marshallingError);
    expect(world.coordinator.digest()).toBe(before);
    expect(world.apply(payload).code).toBe(ErrorCode.ok);
    expect(world.has('/a')).toBe(true);
  });

  const path = fc.constantFrom('/a', '/b', '/a/x', '/a/y', '/a/x/z', '/e', '/none/x', '/');
  const operation: fc.Arbitrary<MultiOperation> = fc.oneof(
    fc.record({
      opCode: fc.constantFrom(OpCode.create, OpCode.create2),
      request: fc.record({
        path,
        data: fc.constantFrom(utf8('one'), utf8('other'), null),
        acls: fc.constant(OPEN_ACL),
        flags: fc.constantFrom(0, 0, 1, 2, 3),
      }),
    }),
    path.map((target) => op.delete(target)),
    fc.tuple(path, fc.constantFrom('abc', 'longer')).map(([p, data]) => op.setData(p, data)),
  );

  it('leaves the state as it was, however it fails (property)', () => {
    fc.assert(
      fc.property(
        fc.array(operation, { maxLength: 8 }),
        fc.array(operation, { maxLength: 8 }),
        (setup, operations) => {
          const world = new World();
          for (const each of setup) world.multi(each);
          const before = world.coordinator.digest();
          const root = statOf(world.at('/'));
          const outcome = world.multi(...operations, op.check('/never', 0));
          expect(outcome).toMatchObject({ kind: 'multi' });
          expect(world.coordinator.digest()).toBe(before);
          expect(statOf(world.at('/'))).toEqual(root);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('does the same as its operations one by one, when all of those succeed (property)', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 10 }), (operations) => {
        const single = new World();
        const good = operations.filter((each) => {
          const outcome = single.multi(each);
          return outcome.kind === 'multi' && outcome.results[0]!.opCode !== OpCode.error;
        });
        const together = new World();
        together.multi(...good);
        for (const target of ['/', '/a', '/b', '/a/x', '/e']) {
          expect(together.has(target)).toBe(single.has(target));
          if (!single.has(target)) continue;
          expect(together.dataAt(target)).toBe(single.dataAt(target));
          const { version, cversion, numChildren } = single.at(target);
          expect(together.at(target)).toMatchObject({ version, cversion, numChildren });
        }
      }),
      { numRuns: 100 },
    );
  });
});
