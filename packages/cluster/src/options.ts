import type { NodeId } from '@bellwether/raft';
import { silenceBoundsFor } from './detection/limits.ts';
import type { LogRetention } from './driver/snapshot-taker.ts';
import { EMBEDDING_LIMITS } from './embedding/limits.ts';
import type { Divergence } from './embedding/replica-comparison.ts';
import { ClusterError } from './errors.ts';
import { LIMITS } from './limits.ts';
import type { Leadership } from './service.ts';
import type { StateMachine } from './state-machine.ts';
import type { ConsensusMember, ConsensusTiming } from './thread/messages.ts';

/** How a node of an embedded cluster is started. */
export interface ClusterOptions<
  Command = Uint8Array,
  Result = unknown,
  Query = never,
  Answer = unknown,
> {
  /** This node; one of `peers`. */
  readonly id: NodeId;
  /**
   * The members with which the cluster is founded, this node among them, and the addresses at which
   * they listen for each other. Later the members are those that the log names (see `addNode`).
   */
  readonly peers: readonly ConsensusMember[];
  /**
   * 'joins' on a node that is new in a cluster that runs: it begins with nothing, and waits until
   * `addNode` was called for it elsewhere. 'founds' when absent.
   */
  readonly start?: 'founds' | 'joins';
  /** Where this node keeps its log and snapshots; created when missing. */
  readonly dataDir: string;
  /** New, without any state: what there was comes from the snapshot and the log. */
  readonly stateMachine: StateMachine<Command, Result, Query, Answer>;
  /** Guards against joining the wrong cluster; the same on all nodes. 'bellwether' when absent. */
  readonly clusterId?: string;
  readonly timing?: Partial<ConsensusTiming>;
  /**
   * Allows reads with consistency 'lease'; the same on all nodes. It costs failover time: nobody is elected
   * before the lease that the old leader may hold has run out (`electionTicksMin`, a second unless set).
   */
  readonly leaseReads?: boolean;
  /**
   * Catches state machines that are not deterministic: nodes compare what commands return (results), and
   * the whole state every 64 entries besides (state: for tests, and for small states). A node that a
   * majority contradicts stops with DIVERGED. Absent: results, unless NODE_ENV is production.
   */
  readonly compareReplicas?: 'off' | 'results' | 'state';
  /** What may be under way at once through this node; more is refused with OVERLOADED. */
  readonly limits?: Partial<EmbeddingLimits>;
  /**
   * A voter that has not been there for so long is removed by itself, if all others are and they are
   * three at least; never when absent. The same on all nodes.
   */
  readonly removeDeadAfterMs?: number;
  /** When snapshots are taken and what of the log is kept; DEFAULT_RETENTION when absent. */
  readonly retention?: LogRetention;
  /**
   * Called when another node leads and serves, at once when this one leads, serves, or leads no longer, and when two
   * ticks after the loss of a leader there is none.
   */
  readonly onLeadership?: (leadership: Leadership) => void;
  /** Replicas were found to differ; a process warning when absent. */
  readonly onDivergence?: (divergence: Divergence) => void;
  /** A line for the log. */
  readonly onEvent?: (text: string) => void;
  /**
   * The node can't go on: it has stopped, its promises are rejected, and the process should end. Absent,
   * and without a listener for `error`: an uncaught exception.
   */
  readonly onFatal?: (error: ClusterError) => void;
}

/** What may be under way at once through one node. */
export interface EmbeddingLimits {
  /** Commands; 65,536 when absent. */
  readonly proposalsMax: number;
  /** Their bytes; 64 MiB when absent. */
  readonly proposalBytesMax: number;
  /** Reads; 65,536 when absent. */
  readonly readsMax: number;
}

/** Fills in what is not given. */
export function completeLimits(given: Partial<EmbeddingLimits> = {}): EmbeddingLimits {
  const { proposalsMax, proposalBytesMax, readsMax } = EMBEDDING_LIMITS;
  return { proposalsMax, proposalBytesMax, readsMax, ...given };
}

type GivenTiming = { readonly [K in keyof ConsensusTiming]?: ConsensusTiming[K] | undefined };

/** Fills in what is not given; the bounds of silence follow from the time between two beats. */
export function completeTiming(given: GivenTiming = {}): ConsensusTiming {
  const clock = {
    tickMs: given.tickMs ?? LIMITS.tickMs,
    heartbeatTicks: given.heartbeatTicks ?? LIMITS.heartbeatTicks,
    electionTicksMin: given.electionTicksMin ?? LIMITS.electionTicksMin,
    electionTicksSpread: given.electionTicksSpread ?? LIMITS.electionTicksSpread,
  };
  const bounds = silenceBoundsFor(clock.tickMs * clock.heartbeatTicks);
  const silenceMsMin = given.silenceMsMin ?? bounds.silenceMsMin;
  const silenceMsMax = given.silenceMsMax ?? Math.max(bounds.silenceMsMax, silenceMsMin);
  return { ...clock, silenceMsMin, silenceMsMax };
}

export const DEFAULT_TIMING: ConsensusTiming = completeTiming();

const NODE_ID_MAX = 2 ** 32 - 1;

/** Says everything that is wrong with the options at once; throws ClusterError BAD_OPTIONS. */
export function checkOptions(
  options: Pick<ClusterOptions, 'id' | 'peers' | 'dataDir' | 'timing' | 'limits'>,
): void {
  const mistakes: string[] = [];
  const ids = options.peers.map((peer) => peer.id);
  for (const id of ids) {
    if (!Number.isInteger(id) || id < 1 || id > NODE_ID_MAX) {
      mistakes.push(`peers: id ${id} is not a whole number from 1 to ${NODE_ID_MAX}`);
    }
  }
  if (new Set(ids).size < ids.length) mistakes.push('peers: an id occurs twice');
  if (!ids.includes(options.id)) mistakes.push(`id: node ${options.id} is not among the peers`);
  if (options.dataDir === '') mistakes.push('dataDir: is empty');
  mistakes.push(...mistakesInTiming(completeTiming(options.timing)));
  for (const [name, value] of Object.entries(completeLimits(options.limits))) {
    if (!(value >= 1)) mistakes.push(`limits.${name}: ${value} is below 1`);
  }
  if (mistakes.length > 0) throw new ClusterError('BAD_OPTIONS', mistakes.join('; '));
}

function mistakesInTiming(timing: ConsensusTiming): string[] {
  const { tickMs, heartbeatTicks, electionTicksMin, electionTicksSpread } = timing;
  const mistakes: string[] = [];
  if (!(tickMs >= 1)) mistakes.push(`timing.tickMs: ${tickMs} is below 1`);
  if (!(heartbeatTicks >= 1)) mistakes.push(`timing.heartbeatTicks: ${heartbeatTicks} is below 1`);
  if (!(electionTicksMin > heartbeatTicks)) {
    const relation = `${electionTicksMin} is not above heartbeatTicks (${heartbeatTicks})`;
    mistakes.push(`timing.electionTicksMin: ${relation}`);
  }
  if (!(electionTicksSpread >= 1)) mistakes.push('timing.electionTicksSpread: is below 1');
  const { silenceMsMin, silenceMsMax } = timing;
  if (!(silenceMsMin > heartbeatTicks * tickMs)) {
    mistakes.push(`timing.silenceMsMin: ${silenceMsMin} is not above the time between two beats`);
  }
  if (!(silenceMsMax >= silenceMsMin)) {
    mistakes.push(`timing.silenceMsMax: ${silenceMsMax} is below silenceMsMin (${silenceMsMin})`);
  }
  return mistakes;
}
