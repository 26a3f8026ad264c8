/**
 * Counters behind `srvr`, `stat` and `mntr`; latencies in ms from the arrival of a request to its
 * reply. Time is read twice in a turn (a chunk of requests, or a batch of committed entries), not
 * twice per request.
 */
export class ServerStats {
  packetsReceived = 0;
  packetsSent = 0;
  connectionsRejected = 0;
  connectionsDropped = 0;
  /** Monotonic time at the beginning of the turn. */
  turnMs = 0;
  #answeredAtOnce = 0;
  #latencyMsMin = Infinity;
  #latencyMsMax = 0;
  #latencyMsSum = 0;
  #latencies = 0;

  beginTurn(nowMs: number): void {
    this.turnMs = nowMs;
  }

  /** A request of this turn was answered in it. */
  onAnsweredAtOnce(): void {
    this.#answeredAtOnce++;
  }

  /** A request of an earlier turn was answered. */
  onAnswered(arrivedMs: number): void {
    this.#addLatency(Math.max(0, this.turnMs - arrivedMs), 1);
  }

  endTurn(nowMs: number): void {
    if (this.#answeredAtOnce === 0) return;
    this.#addLatency(Math.max(0, nowMs - this.turnMs), this.#answeredAtOnce);
    this.#answeredAtOnce = 0;
  }

  /** 0 when nothing was measured yet, as in ZooKeeper. */
  get latencyMsMin(): number {
    return this.#latencies === 0 ? 0 : this.#latencyMsMin;
  }

  get latencyMsMax(): number {
    return this.#latencyMsMax;
  }

  get latencyMsMean(): number {
    return this.#latencies === 0 ? 0 : this.#latencyMsSum / this.#latencies;
  }

  #addLatency(ms: number, count: number): void {
    if (ms < this.#latencyMsMin) this.#latencyMsMin = ms;
    if (ms > this.#latencyMsMax) this.#latencyMsMax = ms;
    this.#latencyMsSum += ms * count;
    this.#latencies += count;
  }
}
