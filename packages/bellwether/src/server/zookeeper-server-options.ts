import type { Logger } from '../logger.ts';
import type { ServerSettings } from './server-settings.ts';

/** What the server takes from its surroundings. */
export interface ZookeeperServerOptions {
  readonly settings: ServerSettings;
  readonly log: Logger;
  /** Monotonic. */
  readonly nowMs: () => number;
  /** Wall clock, ms since 1970; only for reports. */
  readonly wallMs: () => number;
  /** Nobody can guess them: passwords of sessions. */
  readonly randomBytes: (count: number) => Uint8Array;
  /** Runs `action` every `intervalMs` until the returned function is called. */
  readonly every: (intervalMs: number, action: () => void) => () => void;
  /** The node can't go on. */
  readonly onFatal: (error: Error) => void;
}
