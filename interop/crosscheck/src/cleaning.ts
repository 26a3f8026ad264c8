import { ErrorCode, OPEN_ACL } from '@bellwether/protocol';
import type { CheckedSession } from './checked-session.ts';
import type { Checker } from './checker.ts';
import type { Reply } from './decode.ts';
import { Side } from './side.ts';
import { newSession, ownSession, type Request } from './steps.ts';
import { ask } from './stranger.ts';
import { SESSION_TIMEOUT_MS } from './limits.ts';
import { CLEANER, SUPER_USER } from './users.ts';
import { OBSERVER_IDS } from './vocabulary.ts';

/** The number of the session that looks at everything when a round is over. */
const INSPECTOR = 1_000;
/** What a server has from the beginning. */
const SYSTEM_PATHS: ReadonlySet<string> = new Set([
  '/',
  '/zookeeper',
  '/zookeeper/config',
  '/zookeeper/quota',
]);

const AUTH: Request = { op: 'auth', scheme: 'digest', auth: CLEANER };

/** Compares everything that is there: each znode's content, ACL and children. */
export async function inspect(checker: Checker): Promise<void> {
  const session = checker.session(INSPECTOR);
  await checker.request(session, AUTH);
  await inspectBelow(checker, session, '/');
  await checker.request(session, { op: 'closeSession' });
}

async function inspectBelow(
  checker: Checker,
  session: CheckedSession,
  path: string,
): Promise<void> {
  await checker.request(session, { op: 'getData', path, watch: false });
  await checker.request(session, { op: 'getACL', path });
  const reply = await checker.request(session, { op: 'getChildren2', path, watch: false });
  for (const name of namesIn(reply)) await inspectBelow(checker, session, join(path, name));
}

/**
 * Ends the sessions as far as they are still there, and removes all that they have left: members too,
 * after a round that may have changed them.
 */
export async function cleanUp(checker: Checker, what: 'tree' | 'members'): Promise<void> {
  for (const { bellwether, zookeeper } of checker.sessions) {
    await Promise.all([endSession(bellwether), endSession(zookeeper)]);
  }
  const { hosts } = checker;
  await Promise.all([cleanTree(hosts.bellwether), cleanTree(hosts.zookeeper)]);
  if (what === 'tree') return;
  await Promise.all([cleanMembers(hosts.bellwether), cleanMembers(hosts.zookeeper)]);
}

async function endSession(side: Side): Promise<void> {
  if (!side.hasSession) return;
  // The connection that it has may have answers in it that nobody has taken.
  await side.connect(0, ownSession(SESSION_TIMEOUT_MS));
  if (side.isOpen) await ask(side, { op: 'closeSession' });
  side.forget();
}

async function cleanTree(hosts: readonly string[]): Promise<void> {
  const side = new Side(hosts);
  await side.connect(0, newSession(SESSION_TIMEOUT_MS));
  await ask(side, AUTH);
  await ask(side, { op: 'setACL', path: '/', acls: OPEN_ACL, version: -1 });
  await cleanBelow(side, '/');
  await ask(side, { op: 'closeSession' });
  side.forget();
}

async function cleanMembers(hosts: readonly string[]): Promise<void> {
  const side = new Side(hosts);
  await side.connect(0, newSession(SESSION_TIMEOUT_MS));
  await ask(side, { op: 'auth', scheme: 'digest', auth: SUPER_USER });
  const none = { joining: null, members: null, version: -1 };
  await ask(side, { op: 'reconfig', leaving: OBSERVER_IDS, ...none });
  await ask(side, { op: 'closeSession' });
  side.forget();
}

/** Best effort: what can't be removed stays, in both systems alike. */
async function cleanBelow(side: Side, path: string): Promise<void> {
  await ask(side, { op: 'sync', path });
  const reply = await ask(side, { op: 'getChildren', path, watch: false });
  for (const name of namesIn(reply)) {
    const child = join(path, name);
    await cleanBelow(side, child);
    if (!SYSTEM_PATHS.has(child)) await ask(side, { op: 'delete', path: child, version: -1 });
  }
}

function namesIn(reply: Reply | undefined): readonly string[] {
  if (reply?.error !== ErrorCode.ok) return [];
  const names = reply.fields.find(({ name }) => name === 'names');
  return JSON.parse(String(names?.value ?? '[]')) as string[];
}

function join(path: string, name: string): string {
  return path === '/' ? `/${name}` : `${path}/${name}`;
}
