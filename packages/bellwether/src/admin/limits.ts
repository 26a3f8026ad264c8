import { assert } from '../server/assert.ts';

/** Every bound of the admin server. Bytes and milliseconds are named as such. */
export const ADMIN_LIMITS = {
  connectionsMax: 64,
  headerBytesMax: 8 * 1024,
  /** For a request to arrive whole. */
  requestMsMax: 10_000,
  /** Between two requests of one connection; ZooKeeper's admin.idleTimeout. */
  idleMsMax: 30_000,
} as const;

assert(
  ADMIN_LIMITS.requestMsMax < ADMIN_LIMITS.idleMsMax,
  'a slow request is cut before an idle one',
);
