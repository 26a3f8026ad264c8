import { SizeStats, Summary } from './summary.ts';

/**
 * Counters behind `srvr`, `stat` and `mntr`; latencies in ms from the arrival of a request to its
 * reply. Time is read twice in a turn (a chunk of requests, or a batch of committed entries), not
 * twice per request.
 */
export class ServerStats {
  packetsReceived = 0;
  packetsSent = 0;
  bytesReceived = 0;
  bytesSent = 0;
  connectionRequests = 0;
  connectionsRejected = 0;
  connectionsDropped = 0;
  /** Sessions that came back to a new connection here. */
  sessionsRevalidated = 0;
  sessionsExpired = 0;
  authFailures = 0;
  /** Replies that were longer than a frame may be. */
  repliesTooLong = 0;
  /** How often a client was left waiting because too much was in flight. */
  throttled = 0;
  /** How often this node's state was found to differ from another's. */
  digestMismatches = 0;
  /** Entries of the log applied here. */
  commits = 0;
  /** Of all requests. */
  readonly latencyMs = new Summary();
  /** Of those that waited for a log entry, and of the others. */
  readonly updateLatencyMs = new Summary();
  readonly readLatencyMs = new Summary();
  readonly replyBytes = new SizeStats();
  readonly proposalBytes = new SizeStats();
  /** Monotonic time at the beginning of the turn. */
  turnMs = 0;
  #answeredAtOnce = 0;

  beginTurn(nowMs: number): void {
    this.turnMs = nowMs;
  }

  /** A request of this turn was answered in it. */
  onAnsweredAtOnce(): void {
    this.#answeredAtOnce++;
  }

  /** A read of an earlier turn was answered. */
  onAnswered(arrivedMs: number): void {
    const ms = Math.max(0, this.turnMs - arrivedMs);
    this.latencyMs.add(ms);
    this.readLatencyMs.add(ms);
  }

  onWriteAnswered(arrivedMs: number): void {
    const ms = Math.max(0, this.turnMs - arrivedMs);
    this.latencyMs.add(ms);
    this.updateLatencyMs.add(ms);
  }

  endTurn(nowMs: number): void {
    if (this.#answeredAtOnce === 0) return;
    const ms = Math.max(0, nowMs - this.turnMs);
    this.latencyMs.add(ms, this.#answeredAtOnce);
    this.readLatencyMs.add(ms, this.#answeredAtOnce);
    this.#answeredAtOnce = 0;
  }

  /** What `srst` resets; the counts of connections go on. */
  reset(): void {
    this.packetsReceived = 0;
    this.packetsSent = 0;
    this.bytesReceived = 0;
    this.bytesSent = 0;
    this.commits = 0;
    this.latencyMs.reset();
    this.updateLatencyMs.reset();
    this.readLatencyMs.reset();
    this.replyBytes.reset();
    this.proposalBytes.reset();
  }
}
