import { assert } from './assert.ts';

/*
 * ZooKeeper tells the kind of a znode by the 64 bits of its ephemeralOwner (EphemeralType):
 *
 *   0                          persistent
 *   0x8000000000000000         container
 *   0xff 00 00 and 40 bits     TTL, in milliseconds
 *   anything else              ephemeral: the id of its session
 *
 * That can need more bits than a number has, so it is told in two words of 32 bits. Clients see 0
 * for containers and TTL nodes (DataNode.getClientEphemeralOwner); the 64 bits are kept on disk.
 */
const TWO_TO_32 = 0x1_0000_0000;
const TTL_HIGH_PREFIX = 0xff0000;

/** The longest TTL in milliseconds: 40 bits, about 34 years. */
export const TTL_MS_MAX = 2 ** 40 - 1;

/** A 64-bit ephemeralOwner: the signed high and the unsigned low word. */
export interface OwnerWords {
  readonly ephemeralOwnerHigh: number;
  readonly ephemeralOwnerLow: number;
}

/** The owner of every container. */
export const CONTAINER_OWNER: OwnerWords = {
  ephemeralOwnerHigh: -0x8000_0000,
  ephemeralOwnerLow: 0,
};

/** Of the id of a session, a safe integer. */
export function ownerOfSession(sessionId: number): OwnerWords {
  const high = Math.floor(sessionId / TWO_TO_32);
  return { ephemeralOwnerHigh: high | 0, ephemeralOwnerLow: sessionId - high * TWO_TO_32 };
}

/** `ttlMs` is in (0, TTL_MS_MAX]. */
export function ownerOfTtl(ttlMs: number): OwnerWords {
  assert(ttlMs > 0 && ttlMs <= TTL_MS_MAX, 'a TTL fits its 40 bits');
  const high = (TTL_HIGH_PREFIX << 8) | Math.floor(ttlMs / TWO_TO_32);
  return { ephemeralOwnerHigh: high, ephemeralOwnerLow: ttlMs % TWO_TO_32 };
}

/** The TTL in milliseconds, or 0 for what is no TTL node. */
export function ttlOf({ ephemeralOwnerHigh, ephemeralOwnerLow }: OwnerWords): number {
  if (ephemeralOwnerHigh >>> 8 !== TTL_HIGH_PREFIX) return 0;
  return (ephemeralOwnerHigh & 0xff) * TWO_TO_32 + ephemeralOwnerLow;
}

export function isContainer({ ephemeralOwnerHigh, ephemeralOwnerLow }: OwnerWords): boolean {
  return ephemeralOwnerHigh === CONTAINER_OWNER.ephemeralOwnerHigh && ephemeralOwnerLow === 0;
}

/** As one number: exact within 2^53 and for containers, otherwise the nearest one. */
export function ownerAsNumber({ ephemeralOwnerHigh, ephemeralOwnerLow }: OwnerWords): number {
  return ephemeralOwnerHigh * TWO_TO_32 + ephemeralOwnerLow;
}
