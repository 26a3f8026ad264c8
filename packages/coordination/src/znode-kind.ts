import {
  CONTAINER_OWNER,
  isContainer,
  ownerOfSession,
  ownerOfTtl,
  TTL_MS_MAX,
  ttlOf,
  ownerAsNumber,
  type OwnerWords,
} from '@bellwether/protocol';

/**
 * The kind of a znode as one safe integer, since ZooKeeper's 64 bits would need more:
 *
 *   0            persistent
 *   above 0      ephemeral: the id of its session
 *   below 0      -ttlMs: goes when it has had neither change nor children for so long
 *   CONTAINER    goes with its last child
 */
export type ZnodeKind = number;

export const PERSISTENT: ZnodeKind = 0;
export const CONTAINER: ZnodeKind = -TTL_MS_MAX - 1;

const NOBODY: OwnerWords = { ephemeralOwnerHigh: 0, ephemeralOwnerLow: 0 };

/** What ZooKeeper has as its ephemeralOwner. */
export function ownerWordsOf(kind: ZnodeKind): OwnerWords {
  if (kind === PERSISTENT) return NOBODY;
  if (kind > 0) return ownerOfSession(kind);
  return kind === CONTAINER ? CONTAINER_OWNER : ownerOfTtl(-kind);
}

/** The kind that has this ephemeralOwner. */
export function kindOfOwner(words: OwnerWords): ZnodeKind {
  if (isContainer(words)) return CONTAINER;
  const ttlMs = ttlOf(words);
  return ttlMs === 0 ? ownerAsNumber(words) : -ttlMs;
}
