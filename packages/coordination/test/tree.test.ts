import { ErrorCode, OpCode } from '@bellwether/protocol';
import { describe, expect, it } from 'vitest';
import { body, command, statOf, utf8, World } from './world.ts';

const EPHEMERAL = 1;
const SEQUENTIAL = 2;
const EPHEMERAL_SEQUENTIAL = 3;

function codeOf(outcome: { code: number }): number {
  return outcome.code;
}

describe('a new tree', () => {
  it("has ZooKeeper's system znodes, with their odd Stats", () => {
    const world = new World();
    expect(world.at('/').childNames()).toEqual(['zookeeper']);
    expect(world.at('/zookeeper').childNames().toSorted()).toEqual(['config', 'quota']);
    expect(world.at('/').cversion).toBe(-1);
    expect(world.at('/zookeeper').cversion).toBe(-2);
    expect(world.at('/zookeeper/config').aversion).toBe(-1);
    expect(world.dataAt('/zookeeper/quota')).toBe('');
  });
});

describe('create', () => {
  it('makes a znode whose Stat counts from here, and changes its parent', () => {
    const world = new World();
    world.create('/a', 'hello');
    const time = World.timeOf(2);
    expect(statOf(world.at('/a'))).toEqual({
      czxid: 2,
      mzxid: 2,
      ctime: time,
      mtime: time,
      version: 0,
      cversion: 0,
      aversion: 0,
      ephemeralOwner: 0,
      ephemeralOwnerHigh: 0,
      ephemeralOwnerLow: 0,
      dataLength: 5,
      numChildren: 0,
      pzxid: 2,
    });
    expect(world.at('/')).toMatchObject({ cversion: 0, numChildren: 2, pzxid: 2, mzxid: 0 });
  });

  it('answers with the path and the Stat', () => {
    const world = new World();
    const outcome = world.create('/a', 'hello');
    expect(outcome).toMatchObject({ kind: 'created', code: 0, path: '/a', stat: { czxid: 2 } });
  });

  it('tells null data from empty data', () => {
    const world = new World();
    world.request(OpCode.create, body.create('/null', null, 0));
    world.create('/empty');
    expect(world.dataAt('/null')).toBeNull();
    expect(world.dataAt('/empty')).toBe('');
    expect(world.at('/null').dataLength).toBe(0);
  });

  it('fails without a parent, on a znode that is there, and under an ephemeral', () => {
    const world = new World();
    world.create('/a');
    world.create('/e', '', EPHEMERAL);
    expect(codeOf(world.create('/b/c'))).toBe(ErrorCode.noNode);
    expect(codeOf(world.create('/a'))).toBe(ErrorCode.nodeExists);
    expect(codeOf(world.create('/'))).toBe(ErrorCode.nodeExists);
    expect(codeOf(world.create('/e/c'))).toBe(ErrorCode.noChildrenForEphemerals);
  });

  it('changes nothing when it fails, but uses its zxid', () => {
    const world = new World();
    world.create('/a');
    const before = world.coordinator.digest();
    world.create('/a');
    expect(world.coordinator.digest()).toBe(before);
    expect(world.create('/b')).toMatchObject({ stat: { czxid: 4 } });
  });

  it.each([
    ['a', 'no slash'],
    ['', 'empty'],
    ['/a/', 'a slash at the end'],
    ['//a', 'an empty name'],
    ['/a//b', 'an empty name in the middle'],
    ['/.', 'a dot'],
    ['/..', 'two dots'],
    ['/a/./b', 'a dot in the middle'],
    ['/a/..', 'two dots at the end'],
    ['/a\u0000b', 'a null'],
    ['/a\u0001', 'a control character'],
    ['/a\u007f', 'delete'],
    ['/a\u009f', 'a control character of the upper half'],
    ['/a\ue000', 'private use'],
    ['/a😀', 'surrogates'],
    ['/a\uffff', 'a special'],
  ])('refuses %j: %s', (path) => {
    const world = new World();
    expect(codeOf(world.setData(path, ''))).toBe(ErrorCode.badArguments);
    const above = path.slice(0, path.lastIndexOf('/'));
    const isParentThere = path.includes('/') && world.has(above);
    if (isParentThere || !path.includes('/')) {
      expect(codeOf(world.create(path))).toBe(ErrorCode.badArguments);
    }
  });

  it.each(['/...', '/a..', '/.a', '/..a', '/a.b', '/ü', '/日本', '/a b', '/\u00a0', '/\uffef'])(
    'allows %j',
    (path) => {
      const world = new World();
      expect(codeOf(world.create(path))).toBe(ErrorCode.ok);
      expect(world.has(path)).toBe(true);
    },
  );

  it('judges the parent before the path, as ZooKeeper does', () => {
    const world = new World();
    expect(codeOf(world.create('/none/'))).toBe(ErrorCode.noNode);
    expect(codeOf(world.create('/none/..'))).toBe(ErrorCode.noNode);
  });

  it('refuses unknown flags, and modes with a TTL, for which it has no room', () => {
    const world = new World();
    expect(codeOf(world.create('/a', '', 7))).toBe(ErrorCode.badArguments);
    expect(codeOf(world.create('/a', '', -1))).toBe(ErrorCode.badArguments);
    expect(codeOf(world.create('/a', '', 5))).toBe(ErrorCode.badArguments);
    expect(codeOf(world.create('/a', '', 6))).toBe(ErrorCode.badArguments);
  });

  it('does not keep the bytes of the log entry', () => {
    const world = new World();
    const payload = command.request(1, OpCode.create, body.create('/a', utf8('kept'), 0));
    world.apply(payload);
    payload.fill(0);
    expect(world.dataAt('/a')).toBe('kept');
  });
});

describe('sequential create', () => {
  it('numbers by the children ever created, with ten digits, deletions not counted', () => {
    const world = new World();
    world.create('/q');
    expect(world.create('/q/n-', '', SEQUENTIAL)).toMatchObject({ path: '/q/n-0000000000' });
    world.create('/q/other');
    world.delete('/q/other');
    expect(world.create('/q/n-', '', SEQUENTIAL)).toMatchObject({ path: '/q/n-0000000002' });
    expect(world.create('/q/', '', EPHEMERAL_SEQUENTIAL)).toMatchObject({
      path: '/q/0000000003',
      stat: { ephemeralOwner: 1 },
    });
  });

  it('begins at 0 under the root, whose child /zookeeper does not count', () => {
    const world = new World();
    expect(world.create('/n', '', SEQUENTIAL)).toMatchObject({ path: '/n0000000000' });
  });

  it('is not repeated by a failed create', () => {
    const world = new World();
    world.create('/n0000000000');
    expect(world.create('/n', '', SEQUENTIAL)).toMatchObject({ path: '/n0000000001' });
  });
});

describe('delete', () => {
  it('removes the znode and changes the parent: cversion counts it, pzxid too', () => {
    const world = new World();
    world.create('/a');
    world.create('/a/b');
    expect(world.at('/a')).toMatchObject({ cversion: 1, numChildren: 1, pzxid: 3 });
    expect(codeOf(world.delete('/a/b'))).toBe(ErrorCode.ok);
    expect(world.has('/a/b')).toBe(false);
    expect(world.at('/a')).toMatchObject({ cversion: 2, numChildren: 0, pzxid: 4, version: 0 });
  });

  it('fails on what is not there, has children or another version', () => {
    const world = new World();
    world.create('/a');
    world.create('/a/b');
    expect(codeOf(world.delete('/none'))).toBe(ErrorCode.noNode);
    expect(codeOf(world.delete('/none/x'))).toBe(ErrorCode.noNode);
    expect(codeOf(world.delete('/a'))).toBe(ErrorCode.notEmpty);
    expect(codeOf(world.delete('/a/b', 1))).toBe(ErrorCode.badVersion);
    expect(codeOf(world.delete('/a', 1))).toBe(ErrorCode.badVersion);
    expect(codeOf(world.delete('/a/b', 0))).toBe(ErrorCode.ok);
  });

  it.each(['/', '/zookeeper', '/zookeeper/quota', '/zookeeper/config', 'a', ''])(
    'refuses %j',
    (path) => {
      expect(codeOf(new World().delete(path))).toBe(ErrorCode.badArguments);
    },
  );
});

describe('setData', () => {
  it('changes data, version, mzxid and mtime, and nothing else', () => {
    const world = new World();
    world.create('/a', 'one');
    const before = statOf(world.at('/a'));
    world.setData('/a', 'three');
    expect(world.dataAt('/a')).toBe('three');
    expect(statOf(world.at('/a'))).toEqual({
      ...before,
      version: 1,
      mzxid: 3,
      mtime: World.timeOf(3),
      dataLength: 5,
    });
  });

  it('checks the version', () => {
    const world = new World();
    world.create('/a');
    expect(codeOf(world.setData('/a', 'x', 1))).toBe(ErrorCode.badVersion);
    expect(world.setData('/a', 'x', 0)).toMatchObject({ kind: 'changed', stat: { version: 1 } });
    expect(codeOf(world.setData('/a', 'x', 0))).toBe(ErrorCode.badVersion);
  });

  it('fails on what is not there and on what can not be', () => {
    const world = new World();
    expect(codeOf(world.setData('/none', ''))).toBe(ErrorCode.noNode);
    expect(codeOf(world.setData('/none/', ''))).toBe(ErrorCode.badArguments);
    expect(codeOf(world.setData('', ''))).toBe(ErrorCode.badArguments);
  });

  it('goes to null and back', () => {
    const world = new World();
    world.create('/a', 'x');
    world.request(OpCode.setData, body.setData('/a', null, -1));
    expect(world.dataAt('/a')).toBeNull();
    world.setData('/a', 'y');
    expect(world.dataAt('/a')).toBe('y');
  });
});

describe('check', () => {
  it('says whether the version is right', () => {
    const world = new World();
    world.create('/a');
    const check = (path: string, version: number) =>
      codeOf(world.request(OpCode.check, body.check(path, version)));
    expect(check('/a', 0)).toBe(ErrorCode.ok);
    expect(check('/a', -1)).toBe(ErrorCode.ok);
    expect(check('/a', 1)).toBe(ErrorCode.badVersion);
    expect(check('/b', -1)).toBe(ErrorCode.noNode);
  });
});

describe('reads', () => {
  it('find the root by the empty path too', () => {
    const world = new World();
    expect(world.at('').path).toBe('/');
  });

  it('answer with an error code where there is nothing', () => {
    const { coordinator } = new World();
    expect(coordinator.getData('/a', [], undefined)).toBe(ErrorCode.noNode);
    expect(coordinator.getChildren('/a', [], undefined)).toBe(ErrorCode.noNode);
    expect(coordinator.getAcl('/a', [])).toBe(ErrorCode.noNode);
    expect(coordinator.exists('/a\u0000', [], undefined)).toBe(ErrorCode.badArguments);
  });
});

describe('a request that can not be understood', () => {
  it('has the outcome marshallingError and changes nothing', () => {
    const world = new World();
    const before = world.coordinator.digest();
    const cut = body.create('/a', utf8('x'), 0).subarray(0, 9);
    expect(codeOf(world.request(OpCode.create, cut))).toBe(ErrorCode.marshallingError);
    expect(codeOf(world.apply(new Uint8Array(0)))).toBe(ErrorCode.marshallingError);
    expect(codeOf(world.apply(new Uint8Array([99])))).toBe(ErrorCode.marshallingError);
    expect(world.coordinator.digest()).toBe(before);
  });

  it('has the outcome unimplemented for an unknown op code', () => {
    const world = new World();
    expect(codeOf(world.request(77, new Uint8Array(0)))).toBe(ErrorCode.unimplemented);
  });
});

describe('outcomes', () => {
  it('are not made for those who do not want them', () => {
    const { coordinator } = new World();
    const payload = command.request(1, OpCode.create, body.create('/a', null, 0));
    expect(coordinator.apply(2, 0, payload, 'none')).toBeUndefined();
    expect(coordinator.exists('/a', [], undefined)).toMatchObject({ czxid: 2 });
  });

  it('are followed by entries that are no commands', () => {
    const world = new World();
    world.coordinator.skip(7);
    expect(world.create('/a')).toMatchObject({ stat: { czxid: 8 } });
  });
});
