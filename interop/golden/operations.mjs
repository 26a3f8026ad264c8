// Every operation of node-zookeeper-client, once: argument 1 is host:port. The recorder of golden
// captures runs it.
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import zookeeper from 'node-zookeeper-client';

const { ACL, CreateMode, Id, Permission } = zookeeper;
const client = zookeeper.createClient(process.argv[2], { sessionTimeout: 4_000 });
const call = (name, ...args) => promisify(client[name].bind(client))(...args);
const fails = (promise) =>
  promise.then(
    () => process.exit(1),
    () => undefined,
  );
const nobody = () => undefined;

const connected = new Promise((resolve) => client.once('connected', resolve));
client.connect();
await connected;
client.addAuthInfo('digest', Buffer.from('user:password'));
await call('create', '/golden', Buffer.from('one'));
await call('create', '/golden/null');
await call('create', '/golden/e-', Buffer.from('x'), CreateMode.EPHEMERAL_SEQUENTIAL);
await call('create', '/golden/mine', Buffer.from('x'), ACL.CREATOR_ALL_ACL);
await call('exists', '/golden', nobody);
await call('exists', '/missing');
await call('getData', '/golden', nobody);
await fails(call('getData', '/missing'));
await call('getChildren', '/golden', nobody);
await call('setData', '/golden', Buffer.from('two'), 0);
await fails(call('setData', '/golden', Buffer.from('three'), 7));
await call('getACL', '/golden/mine');
const acls = [new ACL(Permission.READ | Permission.ADMIN, new Id('ip', '127.0.0.1'))];
await call('setACL', '/golden/mine', acls, -1);
const good = client.transaction().check('/golden', 1).create('/golden/multi', Buffer.from('m'));
good.setData('/golden/multi', Buffer.from('n'), 0).remove('/golden/multi', 1);
await promisify(good.commit.bind(good))();
const bad = client.transaction().create('/golden/never', Buffer.from('m')).check('/golden', 99);
bad.remove('/golden/never', -1);
await fails(promisify(bad.commit.bind(bad))());
await fails(call('remove', '/golden', -1));
await call('remove', '/golden/null', 0);
await setTimeout(3_000);
const disconnected = new Promise((resolve) => client.once('disconnected', resolve));
client.close();
await disconnected;
