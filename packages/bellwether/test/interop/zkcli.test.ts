import { describe, expect, it } from 'vitest';
import { withCluster } from './cluster-fixture.ts';
import { titleOf, zkCli } from './requirements.ts';
import { runZkCli } from './zkcli.ts';

const TEST_TIMEOUT_MS = 60_000;

describe.skipIf(zkCli.missing !== undefined)(titleOf(zkCli), () => {
  it(
    'creates, reads, lists, sets and deletes on one server, and sees it all on another',
    () =>
      withCluster(async (cluster) => {
        const [first, second] = cluster.nodes;
        const writing = await runZkCli(first!.address, [
          'create /app one',
          'create /app/child two',
          'create -e /app/ephemeral three',
          'create -s /app/item- four',
          'get /app',
          'set /app changed',
          'get -s /app',
          'ls /app',
          'delete /app/child',
          'stat /app',
          'create /app again',
          'delete /missing',
        ]);
        expect(writing).toMatch(/^Created \/app$/m);
        expect(writing).toMatch(/^Created \/app\/child$/m);
        expect(writing).toMatch(/^Created \/app\/ephemeral$/m);
        expect(writing).toMatch(/^Created \/app\/item-0000000002$/m);
        expect(writing).toMatch(/^one$/m);
        expect(writing).toMatch(/^changed$/m);
        expect(writing).toMatch(/^dataVersion = 1$/m);
        expect(writing).toContain('[child, ephemeral, item-0000000002]');
        expect(writing).toMatch(/^cversion = 4$/m);
        expect(writing).toMatch(/^numChildren = 2$/m);
        expect(writing).toContain('Node already exists: /app');
        expect(writing).toContain('Node does not exist: /missing');

        const reading = await runZkCli(second!.address, [
          'sync /app',
          'get /app',
          'ls /app',
          'deleteall /app',
          'ls /',
        ]);
        expect(reading).toMatch(/^changed$/m);
        // The first session has been closed by "quit", and took its ephemeral znode with it.
        expect(reading).toContain('[item-0000000002]');
        expect(reading).toContain('[zookeeper]');
      }),
    TEST_TIMEOUT_MS,
  );

  it(
    'watches, and is told in its own session',
    () =>
      withCluster(async (cluster) => {
        const output = await runZkCli(cluster.nodes[0]!.address, [
          'create /w one',
          'get -w /w',
          'set /w two',
          'ls -w /w',
          'create /w/child x',
          'stat -w /w/child',
          'delete /w/child',
          'set -v 0 /w three',
          'delete -v 7 /w',
        ]);
        expect(output).toContain('type:NodeDataChanged path:/w');
        expect(output).toContain('type:NodeChildrenChanged path:/w');
        expect(output).toContain('type:NodeDeleted path:/w/child');
        expect(output.match(/version No is not valid : \/w/g)).toHaveLength(2);
      }),
    TEST_TIMEOUT_MS,
  );

  it(
    'protects znodes with ACLs, and adds authentication',
    () =>
      withCluster(async (cluster) => {
        const output = await runZkCli(cluster.nodes[0]!.address, [
          'create /a secret',
          'getAcl /a',
          'setAcl /a auth::cdrwa',
          'addauth digest user:password',
          'setAcl /a auth::cdrwa',
          'getAcl -s /a',
          'create /open x world:anyone:r',
          'set /open y',
          'setAcl /missing world:anyone:r',
        ]);
        expect(output).toContain("'world,'anyone\n: cdrwa");
        expect(output).toContain('Acl is not valid : /a');
        // user:base64(sha1(user:password))
        expect(output).toContain("'digest,'user:tpUq/4Pn5A64fVZyQ0gOJ8ZWqkY=\n: cdrwa");
        expect(output).toMatch(/^aclVersion = 1$/m);
        expect(output).toContain('Insufficient permission : /open');
        expect(output).toContain('Node does not exist: /missing');

        const stranger = await runZkCli(cluster.nodes[1]!.address, ['sync /a', 'get /a']);
        expect(stranger).toContain('Insufficient permission : /a');
      }),
    TEST_TIMEOUT_MS,
  );

  it(
    'sets, lists and deletes quotas, and counts what is below',
    () =>
      withCluster(async (cluster) => {
        const output = await runZkCli(cluster.nodes[0]!.address, [
          'create /q abc',
          'setquota -n 5 /q',
          'setquota -b 100 /q',
          'create /q/child defg',
          'listquota /q',
          'ls -R /zookeeper/quota',
          'delquota -n /q',
          'listquota /q',
          'delquota /q',
          'listquota /q',
        ]);
        expect(output).toMatch(/^Output quota for \/q count=5,bytes=100/m);
        expect(output).toMatch(/^Output stat for \/q count=2,bytes=7/m);
        expect(output).toMatch(/^\/zookeeper\/quota\/q\/zookeeper_limits$/m);
        expect(output).toMatch(/^Output quota for \/q count=-1,bytes=100/m);
        expect(output).toContain('quota for /q does not exist');
      }),
    TEST_TIMEOUT_MS,
  );

  it(
    'knows containers, times to live, recursive lists, ephemerals and who it is',
    () =>
      withCluster(async (cluster) => {
        const output = await runZkCli(cluster.nodes[0]!.address, [
          'create -c /container',
          'create /container/deep x',
          'create -t 600000 /ttl x',
          'create -e /mine x',
          'getEphemerals',
          'getAllChildrenNumber /container',
          'ls -R /container',
          'addWatch -m PERSISTENT_RECURSIVE /container',
          'set /container/deep y',
          'removewatches /container',
          'version',
          'whoami',
          'create relative x',
          'create / x',
        ]);
        expect(output).toMatch(/^Created \/container$/m);
        expect(output).toMatch(/^Created \/ttl$/m);
        expect(output).toMatch(/^\[?\/mine\]?$/m);
        expect(output).toMatch(/^1$/m);
        expect(output).toMatch(/^\/container\/deep$/m);
        expect(output).toContain('type:NodeDataChanged path:/container/deep');
        expect(output).toMatch(/^ip: 127\.0\.0\.1$/m);
        expect(output).toContain('Path must start with / character');
        expect(output).toContain('Node already exists: /');
      }),
    TEST_TIMEOUT_MS,
  );
});
