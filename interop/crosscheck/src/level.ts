import { OPEN_ACL } from '@bellwether/protocol';
import type { Hosts } from './checked-session.ts';
import { SESSION_TIMEOUT_MS } from './limits.ts';
import { Side } from './side.ts';
import { newSession, type Request } from './steps.ts';
import { ask } from './stranger.ts';
import { SUPER_USER } from './users.ts';

/*
 * The znodes that a server has from the beginning outlive a round, and remember how often they were
 * changed. After a round that has not been the same in both systems they are made the same again.
 */

const PATHS: readonly string[] = ['/', '/zookeeper', '/zookeeper/quota'];

/** What of a Stat counts changes, and the changes that add to it: two to cversion, one to the others. */
const COUNTERS = ['version', 'aversion', 'cversion'] as const;
type Counter = (typeof COUNTERS)[number];

function changesOf(counter: Counter, path: string): readonly Request[] {
  const child = path === '/' ? '/level' : `${path}/level`;
  switch (counter) {
    case 'version':
      return [{ op: 'setData', path, data: '', version: -1 }];
    case 'aversion':
      return [{ op: 'setACL', path, acls: OPEN_ACL, version: -1 }];
    case 'cversion':
      return [
        { op: 'create', path: child, data: '', acls: OPEN_ACL, flags: 0 },
        { op: 'delete', path: child, version: -1 },
      ];
    default:
      return counter satisfies never;
  }
}

/** Both count the same from here on, and have changed last at the same moment. */
export async function levelSystems(hosts: Hosts): Promise<void> {
  const sides = await Promise.all([open(hosts.bellwether), open(hosts.zookeeper)]);
  for (const path of PATHS) {
    for (const counter of COUNTERS) {
      const counts = await Promise.all(sides.map((side) => countOf(side, path, counter)));
      const behind = Math.max(...counts);
      for (const [i, side] of sides.entries()) {
        // One more in any case: it was changed last now.
        const times = (behind - counts[i]!) / changesOf(counter, path).length + 1;
        for (let n = 0; n < times; n += 1) await askAll(side, changesOf(counter, path));
      }
    }
  }
  await Promise.all(sides.map(close));
}

async function open(hosts: readonly string[]): Promise<Side> {
  const side = new Side(hosts);
  await side.connect(0, newSession(SESSION_TIMEOUT_MS));
  await ask(side, { op: 'auth', scheme: 'digest', auth: SUPER_USER });
  return side;
}

async function close(side: Side): Promise<void> {
  await ask(side, { op: 'closeSession' });
  side.forget();
}

async function countOf(side: Side, path: string, counter: Counter): Promise<number> {
  const reply = await ask(side, { op: 'exists', path, watch: false });
  return Number(reply?.fields.find(({ name }) => name === `stat.${counter}`)?.value ?? 0);
}

async function askAll(side: Side, requests: readonly Request[]): Promise<void> {
  for (const request of requests) await ask(side, request);
}
