import { ErrorCode, PASSWORD_BYTES, type JuteReader } from '@bellwether/protocol';
import type { ApplyContext } from '../apply-context.ts';
import { readCloseCause, type CloseCause } from '../command.ts';
import { failed, type Outcome } from '../outcome.ts';
import { Session, type SessionListener } from '../session.ts';
import { removeZnode } from './delete.ts';

type Listener = SessionListener | undefined;
type Sessions = Map<number, Session>;

/** The session's id is the zxid of this command. */
export function createSession(
  context: ApplyContext,
  sessions: Sessions,
  reader: JuteReader,
  listener: Listener,
): Outcome {
  const passwd = new Uint8Array(reader.readRaw(PASSWORD_BYTES));
  const timeoutMs = reader.readInt();
  const owner = reader.readInt() >>> 0;
  const session = new Session(context.zxid, passwd, timeoutMs, owner);
  sessions.set(session.id, session);
  context.tree.digest.addSession(session);
  listener?.onSessionCreated(session);
  return opened(session);
}

/** authFailed for a wrong password, which the client hears as an expired session. */
export function attachSession(
  context: ApplyContext,
  sessions: Sessions,
  reader: JuteReader,
  listener: Listener,
): Outcome {
  const session = sessions.get(reader.readLong());
  const owner = reader.readInt() >>> 0;
  const timeoutMs = reader.readInt();
  const passwd = reader.readRaw(reader.remaining);
  if (session === undefined) return failed(ErrorCode.sessionExpired);
  if (!areEqual(session.passwd, passwd)) return failed(ErrorCode.authFailed);
  const previousOwner = session.owner;
  context.tree.digest.subtractSession(session);
  session.owner = owner;
  session.timeoutMs = timeoutMs;
  context.tree.digest.addSession(session);
  listener?.onSessionAttached(session, previousOwner);
  return opened(session);
}

/** sessionExpired when it is gone already. */
export function closeSession(
  context: ApplyContext,
  sessions: Sessions,
  reader: JuteReader,
  listener: Listener,
): Outcome {
  const sessionId = reader.readLong();
  const cause = readCloseCause(reader);
  if (cause === undefined) return failed(ErrorCode.marshallingError);
  const session = sessions.get(sessionId);
  if (session === undefined) return failed(ErrorCode.sessionExpired);
  endSession(context, sessions, session);
  context.events.fire(context.zxid);
  listener?.onSessionClosed(session, cause);
  return closed(sessionId, cause);
}

/** The ephemerals go in the order of their paths, which is the same on every node. */
function endSession(context: ApplyContext, sessions: Sessions, session: Session): void {
  const owned = [...(context.tree.ephemeralsOf(session.id) ?? [])];
  owned.sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const znode of owned) removeZnode(context, znode, context.tree.parentOf(znode));
  sessions.delete(session.id);
  context.tree.digest.subtractSession(session);
}

function opened(session: Session): Outcome {
  const { id, timeoutMs, passwd } = session;
  return { kind: 'sessionOpened', code: ErrorCode.ok, sessionId: id, timeoutMs, passwd };
}

function closed(sessionId: number, cause: CloseCause): Outcome {
  return { kind: 'sessionClosed', code: ErrorCode.ok, sessionId, cause };
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
