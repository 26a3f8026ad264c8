import { encodeIdentities, NO_IDENTITIES, type EncodedIdentities } from '@bellwether/coordination';
import type { Identity } from '@bellwether/protocol';
import type { DigestScheme } from './digest-scheme.ts';
import { SERVER_LIMITS } from './limits.ts';

/** What a node's clients may prove more than their address with; the rest of 255 is its address. */
const IDENTITIES_MAX = 64;

/** Who a connection speaks for: its address, and what it has proved. */
export class Credentials {
  #identities: readonly Identity[] = [];
  #encoded: EncodedIdentities = NO_IDENTITIES;

  /** @param address of the client; an IPv4 address in IPv6 form counts as IPv4 */
  constructor(address: string) {
    this.#add({ scheme: 'ip', id: address.replace(/^::ffff:(?=\d+\.)/, '') });
  }

  get identities(): readonly Identity[] {
    return this.#identities;
  }

  /** As requests carry them in the log. */
  get encoded(): EncodedIdentities {
    return this.#encoded;
  }

  /** Takes what the client offers; false when the scheme is unknown or it offers too much. */
  authenticate(scheme: string, auth: Uint8Array | null, digest: DigestScheme): boolean {
    // The address is known without being offered; ZooKeeper takes the offer all the same.
    if (scheme === 'ip') return true;
    if (scheme !== 'digest' || auth === null) return false;
    return digest.identitiesOf(auth).every((identity) => this.add(identity));
  }

  /** Something that it has proved; false when that is too much. */
  add(identity: Identity): boolean {
    const { scheme, id } = identity;
    if (this.#identities.some((one) => one.scheme === scheme && one.id === id)) return true;
    if (this.#identities.length >= IDENTITIES_MAX) return false;
    const bytes = this.#encoded.length + 2 * id.length;
    if (bytes > SERVER_LIMITS.identitiesBytesMax) return false;
    this.#add(identity);
    return true;
  }

  #add(identity: Identity): void {
    this.#identities = [...this.#identities, identity];
    this.#encoded = encodeIdentities(this.#identities);
  }
}
