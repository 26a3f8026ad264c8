import { DEFAULT_TIMING } from '@bellwether/cluster';
import type { LimitsConfig, SessionConfig, TimingConfig } from '../node-config.ts';
import type { LogSettings } from '../logger.ts';
import { SERVER_LIMITS } from '../server/limits.ts';

export const CLUSTER_ID_DEFAULT = 'bellwether';
export const CLIENT_PORT_DEFAULT = 2181;

export const SESSION_DEFAULT: SessionConfig = { timeoutMsMin: 1_000, timeoutMsMax: 60_000 };

/** 60 connections from one address is ZooKeeper's default too. */
export const LIMITS_DEFAULT: LimitsConfig = {
  connectionsPerAddressMax: 60,
  connectionsMax: 20_000,
  frameBytesMax: SERVER_LIMITS.frameBytesMax,
  outstandingMax: SERVER_LIMITS.outstandingMax,
  watchesPerSessionMax: SERVER_LIMITS.watchesPerSessionMax,
  quotas: 'reported',
  containerCheckMs: SERVER_LIMITS.containerCheckMs,
  containerNeverUsedMsMax: 0,
};

/** Decided in one place, by the runtime. */
export const TIMING_DEFAULT: TimingConfig = DEFAULT_TIMING;

/** As ZooKeeper, and what `bellwether failovers` asks: the others tell more than a stranger should know. */
export const FOUR_LETTER_WORDS_DEFAULT: readonly string[] = ['fovr', 'hlth', 'srvr'];

export { DIGEST_DEFAULT } from '../server/digest-scheme.ts';

export const LOG_DEFAULT: LogSettings = { level: 'info', format: 'text' };

/** ZooKeeper's path. Its port, 8080, is used only where it is asked for. */
export const ADMIN_PATH_DEFAULT = '/commands';
export const ADMIN_PORT_DEFAULT = 8080;
/** It tells much and asks for no password: only this machine, unless more is asked for. */
export const ADMIN_ADDRESS_DEFAULT = '127.0.0.1';
