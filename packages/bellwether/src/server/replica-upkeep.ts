import type { Consensus } from '@bellwether/cluster';
import { isDigestReport, ReplicaWatch, type Coordinator } from '@bellwether/coordination';
import type { NodeId } from '@bellwether/raft';
import type { Logger } from '../logger.ts';
import type { KnownMembers } from './known-members.ts';
import { SERVER_LIMITS } from './limits.ts';
import type { ServerStats } from './server-stats.ts';

/**
 * Tells the other nodes what this node's state comes to, and compares it with theirs. A node that a
 * majority contradicts stops: whatever it serves is not what the cluster agreed on.
 */
export class ReplicaUpkeep {
  readonly #watch: ReplicaWatch;
  readonly #log: Logger;
  readonly #stats: ServerStats;
  readonly #nowMs: () => number;
  readonly #onFatal: (error: Error) => void;
  #reportedMs: number;
  /** Of the divergence that was reported last. */
  #warnedIndex = 0;

  constructor(
    coordinator: Coordinator,
    options: {
      readonly members: KnownMembers;
      readonly log: Logger;
      readonly stats: ServerStats;
      /** Monotonic. */
      readonly nowMs: () => number;
      readonly onFatal: (error: Error) => void;
    },
  ) {
    const { members } = options;
    const voters = (): NodeId[] =>
      members.configs.filter(({ kind }) => kind === 'voter').map(({ id }) => id);
    this.#watch = new ReplicaWatch(coordinator, voters);
    this.#log = options.log;
    this.#stats = options.stats;
    this.#nowMs = options.nowMs;
    this.#onFatal = options.onFatal;
    this.#reportedMs = options.nowMs();
  }

  /** Takes another node's report; false when the message is something else. */
  onMessage(from: NodeId, bytes: Uint8Array): boolean {
    if (!isDigestReport(bytes)) return false;
    this.#watch.onReport(from, bytes);
    return true;
  }

  /** The state was replaced. */
  onRestore(): void {
    this.#watch.onRestore();
    this.#warnedIndex = 0;
  }

  tick(consensus: Consensus): void {
    const nowMs = this.#nowMs();
    if (nowMs - this.#reportedMs < SERVER_LIMITS.digestReportMs) return;
    this.#reportedMs = nowMs;
    const report = this.#watch.report();
    if (report !== undefined) consensus.sendToPeers(report);
    this.#judge();
  }

  #judge(): void {
    const divergence = this.#watch.judge();
    if (divergence === undefined) {
      this.#warnedIndex = 0;
      return;
    }
    const { sameAt, differsAt, differing, verdict } = divergence;
    if (this.#warnedIndex === differsAt && verdict === 'undecided') return;
    this.#warnedIndex = differsAt;
    this.#stats.digestMismatches++;
    const nodes = differing.join(', ');
    const where = `between entry ${sameAt} and entry ${differsAt}`;
    this.#log.error('the state of this node differs from that of others', {
      nodes,
      sameAt,
      differsAt,
    });
    if (verdict === 'undecided') return;
    this.#onFatal(
      new Error(
        `This node's state is not the one that nodes ${nodes} agree on: they parted ${where}. It ` +
          'stops, so that nobody reads what was never written. Started again, it builds its state ' +
          'from its snapshot and log; if it stops again, move its data directory away, so that it is ' +
          'rebuilt from the others, and report it with that directory.',
      ),
    );
  }
}
