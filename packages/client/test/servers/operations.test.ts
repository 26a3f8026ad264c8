import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CREATOR_ALL_ACL, digestAcl } from '../../src/acls.ts';
import { Client } from '../../src/client.ts';
import type { ClientError } from '../../src/errors.ts';
import type { OneShotEvent } from '../../src/watches/events.ts';
import { Ensemble } from './ensemble.ts';
import { SYSTEMS, titleOf } from './systems.ts';

const START_MS_MAX = 60_000;

const failure = (promise: Promise<unknown>): Promise<ClientError> =>
  promise.then(
    () => Promise.reject(new Error('it succeeded')),
    (error: ClientError) => error,
  );

describe.each(SYSTEMS.map((system) => ({ system, title: titleOf(system) })))(
  '$title',
  ({ system }) => {
    if (system.missing !== undefined) {
      it.skip('is not here');
      return;
    }
    let ensemble: Ensemble;
    let client: Client;
    let round = 0;

    beforeAll(async () => {
      ensemble = await Ensemble.start(system, 1);
    }, START_MS_MAX);
    afterAll(() => ensemble.stop());
    beforeEach(async () => {
      round++;
      client = await Client.connect(`${ensemble.connectString}/round${round}`);
      await client.ensurePath('/');
    });
    afterEach(() => client.close());

    it('creates znodes of every kind', async () => {
      const plain = await client.create('/plain', 'one');
      expect(plain.path).toBe('/plain');
      expect(plain.stat).toMatchObject({ version: 0, dataLength: 3, ephemeralOwner: 0 });
      const first = await client.create('/plain/n-', null, { sequential: true });
      expect(first.path).toBe('/plain/n-0000000000');
      const mine = await client.create('/plain/e-', 'x', { kind: 'ephemeral', sequential: true });
      expect(mine.path).toBe('/plain/e-0000000001');
      expect(client.owns(mine.stat)).toBe(true);
      expect(client.owns(plain.stat)).toBe(false);
      expect(mine.stat.czxid).toBeGreaterThan(first.stat.czxid);
      await client.create('/container', null, { kind: 'container' });
      await client.create('/ttl', null, { ttlMs: 60_000 });
      await client.create('/ttl/s-', null, { ttlMs: 60_000, sequential: true });
      if (system.version >= 3.6) {
        expect(await client.getEphemerals('/')).toEqual(['/plain/e-0000000001']);
        expect(await client.getAllChildrenNumber('/')).toBe(6);
      }
      expect(await failure(client.create('/plain'))).toMatchObject({
        code: 'nodeExists',
        path: '/plain',
      });
      expect((await failure(client.create('/no/parent'))).code).toBe('noNode');
      expect((await failure(client.create(`${mine.path}/x`))).code).toBe('noChildrenForEphemerals');
    });

    it('reads and writes data with versions', async () => {
      await client.create('/a');
      const empty = await client.getData('/a');
      expect(empty.data).toHaveLength(0);
      const stat = await client.setData('/a', 'zwölf €', { version: 0 });
      expect(stat.version).toBe(1);
      expect((await client.getData('/a')).data.toString()).toBe('zwölf €');
      expect((await failure(client.setData('/a', 'x', { version: 0 }))).code).toBe('badVersion');
      const large = Buffer.alloc(900_000, 7);
      await client.setData('/a', large);
      expect((await client.getData('/a')).data.equals(large)).toBe(true);
      expect((await failure(client.delete('/a', { version: 1 }))).code).toBe('badVersion');
      await client.delete('/a', { version: 2 });
      expect(await client.exists('/a')).toBeNull();
      expect((await failure(client.getData('/a'))).code).toBe('noNode');
    });

    it('lists children, also very many', async () => {
      await client.create('/many');
      const names = Array.from({ length: 5_000 }, (_, i) => `child-with-a-long-name-${i}`);
      await Promise.all(names.map((name) => client.create(`/many/${name}`)));
      const { children, stat } = await client.getChildren('/many');
      expect(children.toSorted()).toEqual(names.toSorted());
      expect(stat.numChildren).toBe(5_000);
      expect((await failure(client.delete('/many'))).code).toBe('notEmpty');
    });

    it('deletes whole trees, whatever others do meanwhile', async () => {
      const names = Array.from({ length: 700 }, (_, i) => `/tree/${i % 7}/${i}`);
      await client.ensurePath('/tree');
      await Promise.all([0, 1, 2, 3, 4, 5, 6].map((i) => client.create(`/tree/${i}`)));
      await Promise.all(names.map((name) => client.create(name)));
      const deleting = [client.deleteTree('/tree'), client.deleteTree('/tree')];
      await client.create('/tree/late').catch(() => undefined);
      await Promise.all(deleting);
      expect(await client.exists('/tree')).toBeNull();
      await client.deleteTree('/tree');
      expect((await failure(client.deleteTree('relative'))).code).toBe('badArguments');
    });

    it('runs transactions', async () => {
      const [made, stat, deleted] = await client
        .multi()
        .create('/t', '1')
        .setData('/t', '2', { version: 0 })
        .delete('/t')
        .commit();
      expect(made.path).toBe('/t');
      expect(stat.version).toBe(1);
      expect(deleted).toBeUndefined();
      const failed = await failure(
        client.multi().create('/u', 'x').check('/nothing').delete('/u').commit(),
      );
      expect(failed).toMatchObject({
        name: 'TransactionError',
        code: 'noNode',
        failedIndex: 1,
        path: '/nothing',
      });
      expect(await client.exists('/u')).toBeNull();
    });

    it.skipIf(system.version < 3.6)('reads several things at once', async () => {
      await client.create('/r', 'data');
      await client.create('/r/child');
      const answers = await client.multiRead([
        { read: 'data', path: '/r' },
        { read: 'children', path: '/r' },
        { read: 'data', path: '/missing' },
      ]);
      expect(answers).toMatchObject([
        { read: 'data', data: Buffer.from('data') },
        { read: 'children', children: ['child'] },
        { read: 'error', error: { code: 'noNode', path: '/missing' } },
      ]);
    });

    it('keeps secrets by digest', async () => {
      const other = await Client.connect(`${ensemble.connectString}/round${round}`);
      try {
        await client.addAuth('digest', 'ann:secret');
        await client.create('/secret', 'x', { acls: CREATOR_ALL_ACL });
        expect((await client.getAcl('/secret')).acls).toEqual([digestAcl('ann', 'secret')]);
        expect((await failure(other.getData('/secret'))).code).toBe('noAuth');
        await other.addAuth('digest', 'ann:secret');
        expect((await other.getData('/secret')).data.toString()).toBe('x');
        await client.setAcl('/secret', [digestAcl('bob', 'b')], { version: 0 });
        expect((await failure(client.getData('/secret'))).code).toBe('noAuth');
      } finally {
        await other.close();
      }
    });

    it('fires one-shot watches once', async () => {
      const events: OneShotEvent[] = [];
      const onWatch = (event: OneShotEvent): void => void events.push(event);
      await client.exists('/w', { onWatch });
      await client.create('/w', '1');
      await client.getData('/w', { onWatch });
      await client.getChildren('/w', { onWatch });
      await client.setData('/w', '2');
      await client.setData('/w', '3');
      await client.create('/w/c');
      await client.sync('/w');
      expect(events).toEqual([
        { type: 'created', path: '/w' },
        { type: 'dataChanged', path: '/w' },
        { type: 'childrenChanged', path: '/w' },
      ]);
      expect(client.watchCount).toBe(0);
    });

    it.skipIf(system.version < 3.6)('streams the events of persistent watches', async () => {
      const stream = client.watch('/p', { recursive: true });
      await stream.ready;
      await client.create('/p', '1');
      await client.create('/p/q', '1');
      await client.setData('/p/q', '2');
      await client.delete('/p/q');
      const seen: string[] = [];
      for await (const { type, path } of stream) {
        seen.push(`${type} ${path}`);
        if (type === 'deleted') break;
      }
      expect(seen).toEqual(['created /p', 'created /p/q', 'dataChanged /p/q', 'deleted /p/q']);
    });

    it('has the members of the ensemble and who it is', async () => {
      await client.getConfig();
      if (system.version < 3.7) return;
      const identities = await client.whoAmI();
      expect(identities).toContainEqual({ authScheme: 'ip', user: '127.0.0.1' });
    });

    it.skipIf(system.version >= 3.6)('says what a server does not know', async () => {
      const stream = client.watch('/w', { recursive: true });
      expect((await failure(stream.ready)).code).toBe('unimplemented');
      expect((await failure(client.getEphemerals('/'))).code).toBe('unimplemented');
      expect((await failure(client.whoAmI())).code).toBe('unimplemented');
      // Such servers close the connection, too.
      await client.exists('/');
      await client.create('/still', 'here');
    });

    it('has thousands of requests in flight', async () => {
      await client.create('/busy');
      const writes = Array.from({ length: 5_000 }, () => client.setData('/busy', 'x'));
      const reads = Array.from({ length: 5_000 }, () => client.exists('/busy'));
      const stats = await Promise.all(writes);
      expect(stats.map(({ version }) => version)).toEqual(stats.map((_, i) => i + 1));
      for (const stat of await Promise.all(reads)) expect(stat?.version).toBe(5_000);
      expect(client.pendingRequests).toBe(0);
    });

    it('ends the session when it is closed', async () => {
      const other = await Client.connect(`${ensemble.connectString}/round${round}`);
      await other.create('/mine', null, { kind: 'ephemeral' });
      const events: OneShotEvent[] = [];
      await client.exists('/mine', { onWatch: (event) => events.push(event) });
      await other.close();
      await client.sync();
      expect(events).toEqual([{ type: 'deleted', path: '/mine' }]);
    });
  },
);
