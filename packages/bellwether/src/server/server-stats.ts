/** Counters behind `srvr`, `stat` and `mntr`; latencies in ms from the arrival of a request to its reply. */
export class ServerStats {
  packetsReceived = 0;
  packetsSent = 0;
  connectionsRejected = 0;
  connectionsDropped = 0;
  #latencyMsMin = Infinity;
  #latencyMsMax = 0;
  #latencyMsSum = 0;
  #latencies = 0;

  /** @param count of requests that took about as long */
  onLatency(ms: number, count: number): void {
    if (ms < this.#latencyMsMin) this.#latencyMsMin = ms;
    if (ms > this.#latencyMsMax) this.#latencyMsMax = ms;
    this.#latencyMsSum += ms * count;
    this.#latencies += count;
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
}
