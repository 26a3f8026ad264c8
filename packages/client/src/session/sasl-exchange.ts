import { saslOperation } from '../operations/catalogue.ts';
import type { SaslCredential } from '../options.ts';
import { answerChallenge } from './digest-md5.ts';
import { Request } from './request.ts';
import type { RequestQueue } from './request-queue.ts';

/**
 * Proves who the client is by SASL DIGEST-MD5, before anything else is sent on a connection.
 * Rejects with `authFailed` when the server does not believe it.
 */
export async function authenticate(
  queue: RequestQueue,
  credential: SaslCredential,
  deadlineMs: number,
): Promise<void> {
  const challenge = await exchange(queue, new Uint8Array(0), deadlineMs);
  await exchange(queue, answerChallenge(challenge, credential), deadlineMs);
}

function exchange(queue: RequestQueue, query: Uint8Array, deadlineMs: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const subject = { operation: saslOperation, query, path: undefined };
    queue.submit(new Request(subject, deadlineMs, undefined, resolve, reject));
  });
}
