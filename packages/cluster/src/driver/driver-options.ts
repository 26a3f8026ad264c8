import type { RaftConfig, Random } from '@bellwether/raft';
import type { LogStore } from '@bellwether/storage';
import type { Clock } from '../clock.ts';
import type { DetectionTiming } from '../detection/limits.ts';
import type { PeerAddress, Transport, TransportHandler } from '../transport/transport.ts';
import type { ServicePort } from './service-port.ts';
import type { LogRetention } from './snapshot-taker.ts';

/** What a node's consensus is made of. */
export interface DriverOptions {
  readonly config: RaftConfig;
  readonly log: LogStore;
  readonly service: ServicePort;
  readonly clock: Clock;
  readonly random: Random;
  /** A number that no earlier run of this node is likely to have had; below 2^32. */
  readonly incarnation: number;
  /** DEFAULT_RETENTION when absent. */
  readonly retention?: LogRetention | undefined;
  /** Where peers are by this node's own settings. */
  readonly seeds?: readonly PeerAddress[];
  readonly detection: DetectionTiming;
  /** After so long a dead voter is removed, if all others live and they are three at least; never when absent. */
  readonly removeDeadAfterMs?: number | undefined;
  /** A line for the log. */
  readonly onEvent?: ((text: string) => void) | undefined;
  /** Makes the transport; it calls the handler from then on. */
  readonly connect: (handler: TransportHandler) => Transport;
}
