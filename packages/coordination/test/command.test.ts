import { ErrorCode, OpCode } from '@bellwether/protocol';
import { describe, expect, it } from 'vitest';
import { nextVersion } from '../src/apply-context.ts';
import { encodeIdentities, NO_IDENTITIES } from '../src/command.ts';
import { SNAPSHOT_CHUNK_BYTES_MAX } from '../src/limits.ts';
import { Session } from '../src/session.ts';
import { SnapshotWriter } from '../src/snapshot-writer.ts';
import { Tree } from '../src/tree.ts';
import { body, command, PASSWD, restored, takeSnapshot } from './world.ts';

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function hex(...parts: string[]): string {
  return parts.join('').replaceAll(' ', '');
}

const passwdHex = '000102030405060708090a0b0c0d0e0f';

/** They are in logs on disks: a change of these bytes is a change of the format. */
describe('the bytes of a command', () => {
  it('that creates a session', () => {
    expect(hexOf(command.createSession(2, 4000))).toBe(
      hex('01', passwdHex, '00000fa0', '00000002'),
    );
  });

  it('that attaches a session', () => {
    expect(hexOf(command.attach(5, 0xffff_ffff, PASSWD, 4000))).toBe(
      hex('02', '0000000000000005', 'ffffffff', '00000fa0', passwdHex),
    );
  });

  it('that closes a session', () => {
    expect(hexOf(command.close(5, 'client'))).toBe(hex('03', '0000000000000005', '00'));
    expect(hexOf(command.close(5, 'expired'))).toBe(hex('03', '0000000000000005', '01'));
  });

  it('of a client', () => {
    const request = command.request(5, OpCode.delete, body.delete('/a', -1), 3);
    expect(hexOf(request)).toBe(
      hex('04', '0000000000000005', '00000003', '00000002', '00', '00000002 2f61 ffffffff'),
    );
  });

  it('of a client with an identity', () => {
    const identities = [{ scheme: 'ip', id: '::1' }];
    const request = command.request(5, OpCode.delete, new Uint8Array([7]), 3, identities);
    expect(hexOf(request)).toBe(
      hex(
        '04 0000000000000005 00000003 00000002',
        '01 0000000d 00000002 6970 00000003 3a3a31',
        '07',
      ),
    );
    expect(encodeIdentities([])).toBe(NO_IDENTITIES);
  });
});

describe('a node id of 32 bits', () => {
  it('is not mistaken for a negative one', () => {
    const coordinator = restored(takeSnapshot(stateWith(0).snapshot), 9);
    coordinator.apply(10, 0, command.attach(1, 0xffff_ffff), 'none');
    expect(coordinator.sessions.get(1)!.owner).toBe(0xffff_ffff);
    const request = command.request(1, OpCode.create, body.create('/a', null, 0), 0xffff_ffff);
    expect(coordinator.apply(11, 0, request, 'outcome')!.code).toBe(ErrorCode.ok);
  });
});

/** A state in which the root has had `created` children. */
function stateWith(created: number): { readonly snapshot: SnapshotWriter } {
  const tree = new Tree();
  tree.addSystemZnodes();
  tree.get('/')!.childrenCreated = created;
  const sessions = new Map([[1, new Session(1, PASSWD, 4000, 1)]]);
  return { snapshot: new SnapshotWriter(tree, sessions, 9, SNAPSHOT_CHUNK_BYTES_MAX) };
}

describe('sequence numbers', () => {
  it('end at 2^31 - 1 with an error, and never wrap', () => {
    const coordinator = restored(takeSnapshot(stateWith(2 ** 31 - 1).snapshot), 9);
    const create = command.request(1, OpCode.create, body.create('/n', null, 2));
    expect(coordinator.apply(10, 0, create, 'outcome')).toMatchObject({ path: '/n2147483647' });
    expect(coordinator.apply(11, 0, create, 'outcome')!.code).toBe(ErrorCode.badArguments);
    const plain = command.request(1, OpCode.create, body.create('/n', null, 0));
    expect(coordinator.apply(12, 0, plain, 'outcome')!.code).toBe(ErrorCode.ok);
  });
});

describe('versions', () => {
  it('wrap in 32 bits and leave out -1', () => {
    expect([0, 1, 2 ** 31 - 1, -2].map(nextVersion)).toEqual([1, 2, -(2 ** 31), 0]);
  });
});
