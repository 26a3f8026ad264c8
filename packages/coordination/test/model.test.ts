import fc from 'fast-check';
import { OPEN_ACL, OpCode, type MultiOperation } from '@bellwether/protocol';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../src/outcome.ts';
import { Model, type ModelCommand } from './model.ts';
import { body, command, op, statOf, utf8, World } from './world.ts';

const path = fc.constantFrom('/a', '/b', '/a/x', '/a/x/y', '/b/x', '/zookeeper', '/', '/no/x');
const data = fc.constantFrom('', 'one', 'two', 'longer', null);
const version = fc.constantFrom(-1, -1, -1, 0, 1, 2);
/** Two sessions; 1 is opened by World, 2 right behind it. */
const session = fc.constantFrom(1, 2);
const flags = fc.constantFrom(0, 0, 0, 1, 2, 3);

const create = fc.record({ kind: fc.constant('create' as const), path, data, flags, session });
const remove = fc.record({ kind: fc.constant('delete' as const), path, version });
const setData = fc.record({ kind: fc.constant('setData' as const), path, data, version });
const check = fc.record({ kind: fc.constant('check' as const), path, version });
const single = fc.oneof({ weight: 3, arbitrary: create }, remove, setData, check);
const commands: fc.Arbitrary<ModelCommand> = fc.oneof(
  { weight: 12, arbitrary: single },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('multi' as const),
      // The parts of a multi are all of the session that sends it.
      commands: fc.array(
        single.map((part) => (part.kind === 'create' ? { ...part, session: 1 } : part)),
        { maxLength: 4 },
      ),
    }),
  },
);

function bytesOf(text: string | null): Uint8Array | null {
  return text === null ? null : utf8(text);
}

function operationOf(part: ModelCommand): MultiOperation {
  switch (part.kind) {
    case 'create': {
      const request = { path: part.path, data: bytesOf(part.data), acls: OPEN_ACL };
      return { opCode: OpCode.create, request: { ...request, flags: part.flags } };
    }
    case 'delete':
      return op.delete(part.path, part.version);
    case 'setData': {
      const request = { path: part.path, data: bytesOf(part.data), version: part.version };
      return { opCode: OpCode.setData, request };
    }
    case 'check':
      return op.check(part.path, part.version);
    default:
      throw new Error(`${part.kind} in a multi`);
  }
}

function payloadOf(each: ModelCommand): Uint8Array {
  switch (each.kind) {
    case 'create': {
      const request = body.create(each.path, bytesOf(each.data), each.flags);
      return command.request(each.session, OpCode.create, request);
    }
    case 'delete':
      return command.request(1, OpCode.delete, body.delete(each.path, each.version));
    case 'setData': {
      const request = body.setData(each.path, bytesOf(each.data), each.version);
      return command.request(1, OpCode.setData, request);
    }
    case 'check':
      return command.request(1, OpCode.check, body.check(each.path, each.version));
    case 'close':
      return command.close(each.session, 'expired');
    case 'multi':
      return command.request(1, OpCode.multi, body.multi(each.commands.map(operationOf)));
  }
}

/** The first error in it. */
function errorOf(outcome: Outcome): number {
  if (outcome.kind !== 'multi') return outcome.code;
  const errors = outcome.results.map((result) => ('error' in result ? result.error : 0));
  return errors.find((error) => error !== 0) ?? 0;
}

function expectSame(world: World, model: Model): void {
  expect(world.coordinator.znodeCount).toBe(model.paths().length);
  for (const each of model.paths()) {
    expect(world.dataAt(each), each).toBe(model.dataAt(each));
    expect(statOf(world.at(each)), each).toEqual(model.statOf(each, World.timeOf));
    expect(world.at(each).childNames().toSorted()).toEqual(model.children(each).toSorted());
  }
}

describe('the tree', () => {
  it('does what a simple model does (property)', () => {
    fc.assert(
      fc.property(fc.array(commands, { maxLength: 40 }), (steps) => {
        const world = new World();
        world.openSession();
        const model = new Model();
        // Session 2 ends after everything else: its ephemerals must have counted until then.
        for (const each of [...steps, { kind: 'close' as const, session: 2 }]) {
          const outcome = world.apply(payloadOf(each));
          expect(errorOf(outcome)).toBe(model.apply(each, world.index));
          expectSame(world, model);
        }
      }),
      { numRuns: 150 },
    );
  }, 20_000);
});

describe('two coordinators', () => {
  it('with the same log are equal after every entry, garbage included (property)', () => {
    const garbage = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc
        .tuple(commands, fc.nat(), fc.nat({ max: 255 }))
        .map(([each, at, value]) =>
          payloadOf(each).map((b, i, all) => (i === at % all.length ? value : b)),
        ),
      fc
        .tuple(commands, fc.nat({ max: 60 }))
        .map(([each, length]) => payloadOf(each).slice(0, length)),
    );
    const payloads = fc.oneof({ weight: 3, arbitrary: commands.map(payloadOf) }, garbage);
    fc.assert(
      fc.property(fc.array(payloads, { maxLength: 40 }), (log) => {
        const [one, other] = [new World(), new World()];
        for (const payload of log) {
          expect(other.apply(payload)).toEqual(one.apply(payload));
          expect(other.coordinator.digest()).toBe(one.coordinator.digest());
        }
      }),
      { numRuns: 150 },
    );
  }, 20_000);

  it('differ by digest when anything differs', () => {
    const variants: ((world: World) => void)[] = [
      () => {},
      (world) => world.create('/b'),
      (world) => world.setData('/a', 'x'),
      (world) => world.setData('/a', ''),
      (world) => world.setAcl('/a', [{ perms: 31, scheme: 'ip', id: '::1' }]),
      (world) => world.setAcl('/a', [{ perms: 31, scheme: 'ip', id: '::2' }]),
      (world) => world.apply(command.createSession()),
      (world) => world.apply(command.attach(1, 2)),
      (world) => world.apply(command.close(1)),
      (world) => world.create('/a/b'),
    ];
    const digests = variants.map((variant) => {
      const world = new World();
      world.create('/a');
      variant(world);
      return world.coordinator.digest();
    });
    expect(new Set(digests).size).toBe(variants.length);
  });
});
