import type { CommittedBatch } from '@bellwether/cluster';
import { type Expiry, readExpiry } from 'bellwether/testing';

/** The sessions that there are, by their ids. */
type Sessions = ReadonlyMap<number, { readonly timeoutMs: number }>;

/**
 * The batch as it is, for whoever applies it entry by entry, but for being seen: `onEnded` is told of every
 * session that is there before an expiry and not behind it. One batch may hold more that is about the same
 * session, such as an expiry that is void, or its client's own close: they have not ended it.
 */
export function watchExpiries(
  batch: CommittedBatch,
  sessions: Sessions,
  onEnded: (expiry: Expiry, entry: CommittedBatch, timeoutMs: number) => void,
): CommittedBatch {
  let onTaken = (): void => undefined;
  const next = (): boolean => {
    onTaken();
    onTaken = () => undefined;
    if (!batch.next()) return false;
    const expiry = batch.kind === 'command' ? readExpiry(batch.payload) : undefined;
    const session = expiry && sessions.get(expiry.sessionId);
    if (expiry === undefined || session === undefined) return true;
    const { timeoutMs } = session;
    onTaken = () => {
      if (!sessions.has(expiry.sessionId)) onEnded(expiry, batch, timeoutMs);
    };
    return true;
  };
  return new Proxy(batch, {
    get: (target, name) => (name === 'next' ? next : Reflect.get(target, name, target)),
  });
}
