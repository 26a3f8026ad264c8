import { isIP } from 'node:net';
import { z } from 'zod';
import { LOG_FORMATS, LOG_LEVELS } from '../logger.ts';
import { DIGEST_ALGORITHMS } from '../server/digest-scheme.ts';
import { FOUR_LETTER_WORDS } from '../server/four-letter-words.ts';
import { SERVER_LIMITS } from '../server/limits.ts';

/** Every schema's message says what the value must be, to be read after "it must be". */
const DAY_MS = 86_400_000;
export const NODE_ID_MAX = 0xffff_ffff;
export const PORT_MAX = 65_535;
const PRIORITY_MAX = 1_000;
/** Less would take a restart for a death. */
const REMOVE_DEAD_MS_MIN = 60_000;
/** The leader looks at what goes by itself in each tick of 100 ms at most. */
export const CONTAINER_CHECK_MS_MIN = 100;

function whole(min: number, max: number, unit = '') {
  const error = `a whole number from ${min} to ${max}${unit}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

function group<Shape extends z.ZodRawShape>(shape: Shape) {
  // Unknown keys keep zod's own report, which names them.
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'invalid_type'
        ? `a group with the keys ${Object.keys(shape).join(', ')}`
        : undefined,
  });
}

function oneOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.enum(values, { error: `one of ${values.join(', ')}` });
}

/** A host name or an address, not something with a port or a scheme attached. */
export function isHost(text: string): boolean {
  return isIP(text) !== 0 || /^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?$/.test(text);
}

/** Of the admin server: the commands are below it. */
export function isAdminPath(text: string): boolean {
  return /^(\/[A-Za-z0-9._~-]+)+$/.test(text);
}

const HOST_ERROR = 'a host name or an IP address, without a port';
const host = z.string({ error: HOST_ERROR }).refine(isHost, { error: HOST_ERROR });

const CLUSTER_ID_ERROR = 'a name of 1 to 64 letters, digits, dots, dashes and underscores';
const DATA_DIR_ERROR = 'the path of a directory';
const WORD_ERROR = `a four-letter word (${FOUR_LETTER_WORDS.join(', ')}) or "*" for all`;
const PEERS_ERROR = 'a list of all nodes, this one too: - { id: 1, host: 10.0.0.1, port: 2888 }';

export const peerSchema = group({
  id: whole(1, NODE_ID_MAX),
  host,
  port: whole(1, PORT_MAX),
  role: oneOf(['voter', 'learner']).optional(),
  clientPort: whole(1, PORT_MAX).optional(),
  priority: whole(0, PRIORITY_MAX).optional(),
});

export const clientSchema = group({
  address: host.optional(),
  port: whole(0, PORT_MAX).optional(),
  readOnly: z.boolean({ error: 'true or false' }).optional(),
  reconfig: z.boolean({ error: 'true or false' }).optional(),
});

const PATH_ERROR = 'a path like /commands';
const CHANGES_ERROR = '"local", "anywhere" or "nowhere"';
const adminSchema = group({
  address: host.optional(),
  port: whole(0, PORT_MAX),
  path: z.string({ error: PATH_ERROR }).refine(isAdminPath, { error: PATH_ERROR }).optional(),
  changes: z.enum(['local', 'anywhere', 'nowhere'], { error: CHANGES_ERROR }).optional(),
});

export const sessionSchema = group({
  timeoutMsMin: whole(1, DAY_MS, ' (milliseconds)').optional(),
  timeoutMsMax: whole(1, DAY_MS, ' (milliseconds)').optional(),
});

export const timingSchema = group({
  tickMs: whole(1, 1_000, ' (milliseconds)').optional(),
  heartbeatTicks: whole(1, 10_000).optional(),
  electionTicksMin: whole(2, 100_000).optional(),
  electionTicksSpread: whole(1, 100_000).optional(),
  silenceMsMin: whole(1, DAY_MS, ' (milliseconds)').optional(),
  silenceMsMax: whole(1, DAY_MS, ' (milliseconds)').optional(),
});

const SUPER_USER_ERROR = 'a user and the hash of user:password, for instance root:D/InIHSb7yE...';
export const digestSchema = group({
  algorithm: oneOf(DIGEST_ALGORITHMS).optional(),
  superUser: z.string({ error: SUPER_USER_ERROR }).optional(),
});

const USERS_ERROR = 'names with their passwords, for instance { ann: secret }';
const saslSchema = group({
  users: z.record(
    z.string().regex(/^[^"\\\s]{1,255}$/),
    z.string({ error: USERS_ERROR }).min(1, { error: USERS_ERROR }),
    { error: USERS_ERROR },
  ),
});

const limitsSchema = group({
  connectionsPerAddressMax: whole(0, 1_000_000).optional(),
  connectionsMax: whole(1, 1_000_000).optional(),
  frameBytesMax: whole(1_024, SERVER_LIMITS.frameBytesMaxMax, ' (bytes)').optional(),
  outstandingMax: whole(SERVER_LIMITS.outstandingPerConnectionMax + 1, 10_000_000).optional(),
  watchesPerSessionMax: whole(0, 1_000_000_000).optional(),
  quotas: oneOf(['enforced', 'reported']).optional(),
  containerCheckMs: whole(CONTAINER_CHECK_MS_MIN, DAY_MS, ' (milliseconds)').optional(),
  containerNeverUsedMsMax: whole(0, 365 * DAY_MS, ' (milliseconds)').optional(),
});

const logSchema = group({
  level: oneOf(LOG_LEVELS).optional(),
  format: oneOf(LOG_FORMATS).optional(),
});

export const settingsSchema = group({
  clusterId: z
    .string({ error: CLUSTER_ID_ERROR })
    .regex(/^[A-Za-z0-9._-]{1,64}$/, { error: CLUSTER_ID_ERROR })
    .optional(),
  nodeId: whole(1, NODE_ID_MAX),
  dataDir: z.string({ error: DATA_DIR_ERROR }).min(1, { error: DATA_DIR_ERROR }),
  client: clientSchema.optional(),
  admin: adminSchema.optional(),
  digest: digestSchema.optional(),
  sasl: saslSchema.optional(),
  peerListenAddress: host.optional(),
  removeDeadAfterMs: whole(REMOVE_DEAD_MS_MIN, 365 * DAY_MS, ' (milliseconds)').optional(),
  join: z.boolean({ error: 'true or false' }).optional(),
  peers: z.array(peerSchema, { error: PEERS_ERROR }).min(1, { error: PEERS_ERROR }).optional(),
  session: sessionSchema.optional(),
  limits: limitsSchema.optional(),
  timing: timingSchema.optional(),
  fourLetterWords: z
    .array(
      z
        .string({ error: WORD_ERROR })
        .refine((word) => word === '*' || FOUR_LETTER_WORDS.includes(word), {
          error: WORD_ERROR,
        }),
      { error: 'a list of four-letter words, for instance [srvr, ruok]' },
    )
    .optional(),
  log: logSchema.optional(),
});

/** Settings as they are written in YAML: what is left out has a default. */
export type Settings = z.infer<typeof settingsSchema>;
export type PeerSettings = z.infer<typeof peerSchema>;
