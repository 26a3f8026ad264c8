import type { Connection } from './connection.ts';
import { DigestMd5Exchange } from './digest-md5.ts';

/** The first byte of a Kerberos (GSS-API) token. */
const GSS_API_TAG = 0x60;

/** continues: `token` goes back to the client. */
export type SaslStep =
  | { readonly outcome: 'continues'; readonly token: Uint8Array }
  | { readonly outcome: 'failed'; readonly reason: string };

/** Clients prove who they are by SASL: DIGEST-MD5 for the users of the configuration. */
export class SaslAuthentication {
  readonly #users: ReadonlyMap<string, string>;
  readonly #exchanges = new WeakMap<Connection, DigestMd5Exchange>();

  /** @param users passwords by name; when there are none, nobody can prove anything */
  constructor(users: ReadonlyMap<string, string>) {
    this.#users = users;
  }

  /** An empty token asks for a challenge, any other one answers it. */
  step(connection: Connection, token: Uint8Array | null): SaslStep {
    if (token?.[0] === GSS_API_TAG) return failed('Kerberos is not spoken here');
    if (this.#users.size === 0) return failed('there are no users for SASL');
    const exchange = this.#exchanges.get(connection);
    if (token === null || token.length === 0) {
      const begun = new DigestMd5Exchange(this.#users);
      this.#exchanges.set(connection, begun);
      return { outcome: 'continues', token: begun.challenge() };
    }
    if (exchange === undefined) return failed('no challenge was asked for');
    const verdict = exchange.verify(token);
    if (verdict.outcome === 'failed') return verdict;
    const isTaken = connection.credentials.add({ scheme: 'sasl', id: verdict.user });
    if (!isTaken) return failed('it has too many identities');
    return { outcome: 'continues', token: verdict.token };
  }
}

function failed(reason: string): SaslStep {
  return { outcome: 'failed', reason };
}
