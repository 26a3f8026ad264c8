import {
  ErrorCode,
  OPEN_ACL,
  OpCode,
  READ_ACL,
  type Acl,
  type Identity,
} from '@bellwether/protocol';
import { describe, expect, it } from 'vitest';
import { isInAddressRange, isValidAddressRange } from '../src/ip-address.ts';
import { body, op, World } from './world.ts';

const ann: Identity = { scheme: 'digest', id: 'ann:hashA=' };
const ben: Identity = { scheme: 'digest', id: 'ben:hashB=' };
const root: Identity = { scheme: 'super', id: '' };

function acl(perms: number, scheme: string, id: string): Acl {
  return { perms, scheme, id };
}

function aclsOf(world: World, path: string): readonly Acl[] | number {
  const view = world.coordinator.getAcl(path, world.identities);
  return typeof view === 'number' ? view : view.acls;
}

describe('ACLs of new znodes', () => {
  it('are kept and returned', () => {
    const world = new World();
    const acls = [acl(1, 'world', 'anyone'), acl(31, 'ip', '10.0.0.0/8')];
    world.create('/a', '', 0, acls);
    expect(aclsOf(world, '/a')).toEqual(acls);
    expect(aclsOf(world, '/')).toEqual(OPEN_ACL);
    expect(aclsOf(world, '/zookeeper/config')).toEqual(READ_ACL);
  });

  it('lose duplicates', () => {
    const world = new World();
    world.create('/a', '', 0, [...OPEN_ACL, ...READ_ACL, ...OPEN_ACL]);
    expect(aclsOf(world, '/a')).toEqual([...OPEN_ACL, ...READ_ACL]);
  });

  it.each<[string, readonly Acl[]]>([
    ['none', []],
    ['world:somebody', [acl(31, 'world', 'somebody')]],
    ['an unknown scheme', [acl(31, 'magic', 'x')]],
    ['no scheme, or null, which reads so', [acl(31, '', 'x')]],
    ['a digest without hash', [acl(31, 'digest', 'ann')]],
    ['a digest with an empty hash', [acl(31, 'digest', 'ann:')]],
    ['a bad address', [acl(31, 'ip', '10.0.0')]],
    ['auth of nobody', [acl(31, 'auth', '')]],
    ['a good and a bad one', [...OPEN_ACL, acl(1, 'ip', 'x')]],
  ])('are refused: %s', (_, acls) => {
    const world = new World();
    expect(world.create('/a', '', 0, acls).code).toBe(ErrorCode.invalidACL);
    world.create('/b');
    expect(world.setAcl('/b', acls).code).toBe(ErrorCode.invalidACL);
    expect(world.has('/a')).toBe(false);
  });

  it('have `auth` replaced by who asks, but not by an address', () => {
    const world = new World();
    world.identities = [{ scheme: 'ip', id: '127.0.0.1' }, ann, ben];
    world.create('/a', '', 0, [acl(3, 'auth', '')]);
    world.identities = [ann];
    const view = world.coordinator.getAcl('/a', [ann, root]);
    expect(view).toMatchObject({ acls: [acl(3, 'digest', ann.id), acl(3, 'digest', ben.id)] });
  });
});

describe('permission', () => {
  it('is asked on the znode for reading, writing and administering', () => {
    const world = new World();
    world.identities = [ann];
    world.create('/a', 'x', 0, [acl(31, 'auth', '')]);
    world.identities = [ben];
    expect(world.coordinator.getData('/a', [ben], undefined)).toBe(ErrorCode.noAuth);
    expect(world.coordinator.getChildren('/a', [ben], undefined)).toBe(ErrorCode.noAuth);
    expect(world.coordinator.exists('/a', [ben], undefined)).toBe(ErrorCode.noAuth);
    expect(world.coordinator.getAcl('/a', [ben])).toBe(ErrorCode.noAuth);
    expect(world.setData('/a', 'y').code).toBe(ErrorCode.noAuth);
    expect(world.setAcl('/a', OPEN_ACL).code).toBe(ErrorCode.noAuth);
    expect(world.request(OpCode.check, body.check('/a', -1)).code).toBe(ErrorCode.noAuth);
    world.identities = [ben, ann];
    expect(world.setData('/a', 'y').code).toBe(ErrorCode.ok);
    expect(world.dataAt('/a')).toBe('y');
  });

  it('is asked on the parent for creating and deleting', () => {
    const world = new World();
    world.create('/a', '', 0, [acl(4, 'world', 'anyone'), acl(8, 'digest', ann.id)]);
    expect(world.create('/a/b').code).toBe(ErrorCode.ok);
    expect(world.delete('/a/b').code).toBe(ErrorCode.noAuth);
    world.identities = [ann];
    expect(world.create('/a/c').code).toBe(ErrorCode.ok);
    expect(world.delete('/a/b').code).toBe(ErrorCode.ok);
  });

  it('is given to the super user', () => {
    const world = new World();
    world.create('/a', '', 0, [acl(0, 'digest', ann.id)]);
    world.identities = [root];
    expect(world.setData('/a', 'y').code).toBe(ErrorCode.ok);
  });

  it('is given to addresses of a range', () => {
    const world = new World();
    world.create('/a', '', 0, [acl(31, 'ip', '10.1.0.0/16')]);
    world.identities = [{ scheme: 'ip', id: '10.1.2.3' }];
    expect(world.setData('/a', 'y').code).toBe(ErrorCode.ok);
    world.identities = [{ scheme: 'ip', id: '10.2.2.3' }];
    expect(world.setData('/a', 'y').code).toBe(ErrorCode.noAuth);
  });

  it('protects the configuration from everybody but the super user', () => {
    const world = new World();
    expect(world.setData('/zookeeper/config', 'x').code).toBe(ErrorCode.noAuth);
  });
});

describe('setACL', () => {
  it('changes the ACL and aversion alone', () => {
    const world = new World();
    world.create('/a');
    const outcome = world.setAcl('/a', READ_ACL, 0);
    expect(outcome).toMatchObject({ stat: { aversion: 1, version: 0, mzxid: 2, pzxid: 2 } });
    expect(aclsOf(world, '/a')).toEqual(READ_ACL);
    expect(world.setAcl('/a', OPEN_ACL).code).toBe(ErrorCode.noAuth);
  });

  it('checks aversion, the path and that the znode is there', () => {
    const world = new World();
    world.create('/a');
    expect(world.setAcl('/a', OPEN_ACL, 1).code).toBe(ErrorCode.badVersion);
    expect(world.setAcl('/none', OPEN_ACL).code).toBe(ErrorCode.noNode);
    expect(world.setAcl('/a/', OPEN_ACL).code).toBe(ErrorCode.badArguments);
  });
});

describe('getACL', () => {
  it('hides hashes from those who may read but not administer', () => {
    const world = new World();
    world.create('/a', '', 0, [acl(1, 'world', 'anyone'), acl(16, 'digest', ann.id)]);
    expect(aclsOf(world, '/a')).toEqual([acl(1, 'world', 'anyone'), acl(16, 'digest', 'ann:x')]);
    world.identities = [ann];
    expect(aclsOf(world, '/a')).toEqual([acl(1, 'world', 'anyone'), acl(16, 'digest', ann.id)]);
  });
});

describe('lists of ACLs', () => {
  const own = (n: number) => [acl(31, 'world', 'anyone'), acl(1, 'ip', `10.0.0.${n}`)];

  it('are shared by all znodes that have the same', () => {
    const world = new World();
    const before = world.coordinator.aclListCount;
    for (let i = 0; i < 5; i++) world.create(`/a${i}`, '', 0, own(1));
    world.setAcl('/a0', own(2));
    expect(world.coordinator.aclListCount).toBe(before + 2);
  });

  it('go with the last znode that has them: deleted, changed, or in a multi done or undone', () => {
    const world = new World();
    const before = world.coordinator.aclListCount;
    const create = (path: string) => ({
      opCode: OpCode.create,
      request: { path, data: null, acls: own(1), flags: 0 },
    });
    world.create('/a', '', 0, own(1));
    world.create('/b', '', 0, own(1));
    world.delete('/a');
    expect(world.coordinator.aclListCount).toBe(before + 1);
    world.setAcl('/b', own(2));
    expect(world.coordinator.aclListCount).toBe(before + 1);
    world.setAcl('/b', OPEN_ACL);
    expect(world.coordinator.aclListCount).toBe(before);
    world.multi(create('/c'), op.check('/none', 0));
    expect(world.coordinator.aclListCount).toBe(before);
    world.multi(create('/c'), op.check('/c', 0));
    world.multi(op.delete('/c'), op.check('/none', 0));
    expect(world.coordinator.aclListCount).toBe(before + 1);
    world.multi(op.delete('/c'));
    expect(world.coordinator.aclListCount).toBe(before);
  });
});

describe('addresses', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1', true],
    ['10.0.0.1', '10.0.0.2', false],
    ['10.0.0.1', '10.0.0.0/31', true],
    ['10.0.0.2', '10.0.0.0/31', false],
    ['1.2.3.4', '9.9.9.9/0', true],
    ['::1', '::1', true],
    ['::1', '0:0:0:0:0:0:0:1', true],
    ['fe80::5', 'fe80::/10', true],
    ['fec0::5', 'fe80::/10', false],
    ['::1', '0.0.0.0/0', false],
    ['nonsense', '0.0.0.0/0', false],
    ['10.0.0.1', '+10.00.0000.001/+08', true],
    ['1.2.3.4', '9.9.9.9/-0', true],
  ])('%s in %s: %s', (address, range, isIn) => {
    expect(isInAddressRange(address, range)).toBe(isIn);
  });

  it.each([
    ...['1.2.3', '1.2.3.256', '1.2.3.4/33', '1.2.3.4/', '1.2.3.4/-1', '1.2.3.4/8/8', '1.2.3.-4'],
    ...[' 1.2.3.4', '1.2.3.', '1.2.3.4x', '1::2::3', ':::', '12345::', '::/129'],
  ])('%s is none', (text) => {
    expect(isValidAddressRange(text)).toBe(false);
  });
});
