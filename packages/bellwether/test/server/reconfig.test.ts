import {
  ErrorCode,
  OpCode,
  writeReconfigRequest,
  type ReconfigRequest,
} from '@bellwether/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { membersAskedFor } from '../../src/server/reconfig-request.ts';
import { memberConfigOf, serverLine } from '../../src/server/member-note.ts';
import { dataOf, type Reply, type TestClient } from './support/test-client.ts';
import { TestServer } from './support/test-server.ts';

const SUPER = 'super:D/InIHSb7yEEbrWz8b9l71RjZJU=';
const CONFIG = '/zookeeper/config';

/** As ZooKeeper shows them; node 1 is this one. */
const lineOf = (id: number, role = 'participant'): string =>
  `server.${id}=10.0.0.${id}:2888:3888:${role};0.0.0.0:2181`;

const wish = (request: Partial<ReconfigRequest>): ReconfigRequest => ({
  joiningServers: null,
  leavingServers: null,
  newMembers: null,
  curConfigId: -1,
  ...request,
});

function reconfig(client: TestClient, request: Partial<ReconfigRequest>): Promise<Reply> {
  return client.send(OpCode.reconfig, (writer) => writeReconfigRequest(writer, wish(request)));
}

function membersOf(...lines: string[]) {
  const reading = membersAskedFor(wish({ newMembers: lines.join(',') }), []);
  if ('members' in reading) return reading.members;
  throw new Error(reading.mistake);
}

async function started(settings: Parameters<typeof TestServer.start>[0] = {}) {
  const digest = { algorithm: 'SHA1' as const, superUser: SUPER };
  const server = await TestServer.start({ digest, ...settings });
  onTestFinished(() => server.stop());
  server.consensus.found(membersOf(lineOf(1), lineOf(2), lineOf(3)));
  const client = await server.client();
  const admin = await server.client();
  await admin.auth('digest', 'super:test');
  return { server, client, admin };
}

const versionIn = (data: string): number => parseInt(/version=(.*)$/.exec(data)?.[1] ?? '', 16);

describe('/zookeeper/config', () => {
  it('names the founders from the first entry on', async () => {
    const { client } = await started();
    const { data, stat } = dataOf(await client.getData(CONFIG));
    expect(data).toBe([lineOf(1), lineOf(2), lineOf(3), 'version=0'].join('\n'));
    expect(stat).toMatchObject({ version: -1, mzxid: 0, aversion: -1 });
  });

  it('is written by nobody but reconfig', async () => {
    const { client } = await started();
    expect(await client.setData(CONFIG, 'x')).toMatchObject({ error: ErrorCode.noAuth });
  });
});

describe('reconfig', () => {
  it('adds, and removes, and answers with the new configuration', async () => {
    const { admin } = await started();
    const added = dataOf(await reconfig(admin, { joiningServers: lineOf(4, 'observer') }));
    expect(added.data).toContain(lineOf(4, 'observer'));
    expect(added.stat).toMatchObject({ version: -1, mzxid: versionIn(added.data) });
    const removed = dataOf(await reconfig(admin, { leavingServers: '4,3' }));
    expect(removed.data.split('\n').slice(0, -1)).toEqual([lineOf(1), lineOf(2)]);
    expect(versionIn(removed.data)).toBeGreaterThan(versionIn(added.data));
  });

  it('takes a whole new list', async () => {
    const { admin } = await started();
    const newMembers = [lineOf(1), lineOf(7)].join(',');
    const { data } = dataOf(await reconfig(admin, { newMembers }));
    expect(data.split('\n').slice(0, -1)).toEqual([lineOf(1), lineOf(7)]);
  });

  it('tells who watches the configuration, before it answers', async () => {
    const { admin } = await started();
    await admin.getData(CONFIG, true);
    await reconfig(admin, { leavingServers: '3' });
    expect(admin.events).toMatchObject([{ path: CONFIG }]);
    expect(admin.arrived.at(-1)).not.toHaveProperty('path');
  });

  it('keeps its place among the requests of its client', async () => {
    const { admin, server } = await started();
    server.consensus.hold();
    const replies = [
      admin.create('/a'),
      reconfig(admin, { leavingServers: '3' }),
      admin.getData(CONFIG),
      admin.create('/b'),
    ];
    server.consensus.release();
    const [, changed, read, last] = await Promise.all(replies);
    if (changed === undefined || read === undefined) throw new Error('they were answered');
    expect(dataOf(changed).data).toBe(dataOf(read).data);
    expect(last?.zxid).toBeGreaterThan(changed.zxid);
  });

  it('repeats itself when others were faster and no version was named', async () => {
    const { admin, server } = await started();
    const other = await server.client();
    await other.auth('digest', 'super:test');
    const both = await Promise.all([
      reconfig(admin, { leavingServers: '3' }),
      reconfig(other, { joiningServers: lineOf(4, 'observer') }),
    ]);
    expect(both.map(({ error }) => error)).toEqual([0, 0]);
    const { data } = dataOf(await admin.getData(CONFIG));
    expect(data.split('\n').slice(0, -1)).toEqual([lineOf(1), lineOf(2), lineOf(4, 'observer')]);
  });

  it.each<[string, Partial<ReconfigRequest>, number]>([
    ['another version', { leavingServers: '3', curConfigId: 99 }, ErrorCode.badVersion],
    ['no server line', { joiningServers: 'server.4=foo' }, ErrorCode.badArguments],
    ['no client port', { joiningServers: 'server.4=h:1:2:participant' }, ErrorCode.badArguments],
    ['a role of its own', { joiningServers: 'server.4=h:1:2:king;3' }, ErrorCode.badArguments],
    ['a list without voters', { newMembers: '' }, ErrorCode.badArguments],
    ['that all leave', { leavingServers: '1,2,3' }, ErrorCode.badArguments],
    ['an id of letters', { leavingServers: 'three' }, ErrorCode.badArguments],
  ])('refuses %s', async (_name, request, error) => {
    const { admin } = await started();
    const before = dataOf(await admin.getData(CONFIG)).data;
    expect(await reconfig(admin, request)).toMatchObject({ error });
    expect(dataOf(await admin.getData(CONFIG)).data).toBe(before);
  });

  it('is for those who may write the configuration', async () => {
    const { client } = await started();
    const answer = await reconfig(client, { leavingServers: '3' });
    expect(answer).toMatchObject({ error: ErrorCode.noAuth });
  });

  it('is off unless it was allowed', async () => {
    const { admin } = await started({ reconfig: 'refused' });
    const answer = await reconfig(admin, { leavingServers: '3' });
    expect(answer).toMatchObject({ error: ErrorCode.reconfigDisabled });
  });

  it('is malformed without all of its fields', async () => {
    const { admin } = await started();
    const answer = await admin.send(OpCode.reconfig, (writer) => writer.writeString('server.4'));
    expect(answer).toMatchObject({ error: ErrorCode.marshallingError });
  });

  it('makes no difference to those who are gone before it is decided', async () => {
    const { admin, server, client } = await started();
    server.consensus.hold();
    void reconfig(admin, { leavingServers: '3' });
    await client.ping();
    await admin.drop();
    server.consensus.release();
    expect(await client.create('/after')).toMatchObject({ error: ErrorCode.ok });
  });
});

describe('a server line', () => {
  it.each([
    'server.1=10.0.0.1:2888:3888:participant;0.0.0.0:2181',
    'server.4294967295=host.example:1:2:observer;10.1.1.1:3',
    'server.5=[2001:db8::1]:2888:3888:participant;[::]:2181',
  ])('comes back from the log as it was written: %s', (line) => {
    expect(membersOf(line).map((member) => serverLine(memberConfigOf(member)))).toEqual([line]);
  });

  it('keeps the priority of the member whose place it takes', () => {
    const [before] = membersOf(lineOf(3));
    if (before === undefined) throw new Error('it was read');
    const joining = wish({ joiningServers: lineOf(3, 'observer') });
    const reading = membersAskedFor(joining, [{ ...before, priority: 7 }]);
    expect(reading).toMatchObject({ members: [{ id: 3, role: 'learner', priority: 7 }] });
  });
});
