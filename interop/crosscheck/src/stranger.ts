import { setTimeout as sleep } from 'node:timers/promises';
import { ErrorCode } from '@bellwether/protocol';
import { decodeReply, type Reply } from './decode.ts';
import { encodeRequest, opCodeOf, type Resolver } from './encode.ts';
import { GONE_TIMEOUT_MS, POLL_INTERVAL_MS, SESSION_TIMEOUT_MS } from './limits.ts';
import { Side } from './side.ts';
import { newSession, type Request } from './steps.ts';

/*
 * What is asked of one system alone and compared with nothing.
 */

const XID = 1;

const NOTHING_KNOWN: Resolver = {
  path: (path) => (typeof path === 'string' ? path : null),
  zxid: () => 0,
};

/** The answer; undefined when the connection has ended. */
export async function ask(side: Side, request: Request): Promise<Reply | undefined> {
  side.send(encodeRequest(request, XID, NOTHING_KNOWN));
  const { frame } = await side.receive();
  return frame === undefined ? undefined : decodeReply(frame, opCodeOf(request));
}

/** Looks again and again, in a session of its own. */
export async function waitUntilGone(hosts: readonly string[], path: string): Promise<void> {
  const side = new Side(hosts);
  const deadlineMs = performance.now() + GONE_TIMEOUT_MS;
  await side.connect(0, newSession(SESSION_TIMEOUT_MS));
  for (;;) {
    await ask(side, { op: 'sync', path });
    const reply = await ask(side, { op: 'exists', path, watch: false });
    if (reply?.error === ErrorCode.noNode) break;
    if (performance.now() > deadlineMs) throw new Error(`${path} is not gone at ${hosts.join()}`);
    await sleep(POLL_INTERVAL_MS);
  }
  await ask(side, { op: 'closeSession' });
  side.forget();
}
