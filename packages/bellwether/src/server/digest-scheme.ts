import { createHash } from 'node:crypto';
import type { Identity } from '@bellwether/protocol';

/** Names as Java and ZooKeeper's digestAlg have them, and those of Node.js. */
const HASHES = {
  SHA1: 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
  'SHA3-256': 'sha3-256',
  'SHA3-512': 'sha3-512',
} as const;

export type DigestAlgorithm = keyof typeof HASHES;
export const DIGEST_ALGORITHMS = Object.keys(HASHES) as [DigestAlgorithm, ...DigestAlgorithm[]];

/** How passwords of scheme digest become what stands in ACLs. The same on all nodes. */
export interface DigestConfig {
  readonly algorithm: DigestAlgorithm;
  /** `user:hash` of who may do everything (ZooKeeper's superDigest); undefined: nobody. */
  readonly superUser: string | undefined;
}

export const DIGEST_DEFAULT: DigestConfig = { algorithm: 'SHA1', superUser: undefined };

/**
 * `user:base64(hash(user:password))`, which is what stands in an ACL of scheme digest. The bytes are
 * text first, as in ZooKeeper: what is no UTF-8 in them is replaced before they are hashed.
 */
export function digestId(auth: Uint8Array | string, algorithm: DigestAlgorithm): string {
  const text = Buffer.from(auth).toString('utf8');
  const hash = createHash(HASHES[algorithm]).update(text).digest('base64');
  return `${text.split(':', 1)[0]!}:${hash}`;
}

/** Proofs of scheme digest: a user's name and password. */
export class DigestScheme {
  readonly #config: DigestConfig;

  constructor(config: DigestConfig) {
    this.#config = config;
  }

  /** Who somebody is who offers this: always somebody, for any password makes a hash. */
  identitiesOf(auth: Uint8Array): readonly Identity[] {
    const { algorithm, superUser } = this.#config;
    const id = digestId(auth, algorithm);
    const identity = { scheme: 'digest', id };
    return id === superUser ? [{ scheme: 'super', id: '' }, identity] : [identity];
  }
}
