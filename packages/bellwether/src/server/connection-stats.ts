/** What `cons` tells of one connection. Times in ms, monotonic. */
export class ConnectionStats {
  /** Frames that came, and that went. */
  received = 0;
  sent = 0;
  /** -1 before the first request; pings and the like have no xid of their own and leave it. */
  lastXid = -1;
  /** undefined before the first request. */
  lastOpCode: number | undefined = undefined;
  /** -1 before the first reply. */
  lastZxid = -1;
  lastResponseMs = 0;
  lastLatencyMs = 0;
  latencyMsMax = 0;
  #latencyMsMin = Infinity;
  #latencyMsSum = 0;
  #latencies = 0;

  onAnswered(xid: number, opCode: number, zxid: number, arrivedMs: number, nowMs: number): void {
    const latencyMs = nowMs > arrivedMs ? nowMs - arrivedMs : 0;
    if (xid >= 0) this.lastXid = xid;
    this.lastOpCode = opCode;
    this.lastZxid = zxid;
    this.lastResponseMs = nowMs;
    this.lastLatencyMs = latencyMs;
    if (latencyMs < this.#latencyMsMin) this.#latencyMsMin = latencyMs;
    if (latencyMs > this.latencyMsMax) this.latencyMsMax = latencyMs;
    this.#latencyMsSum += latencyMs;
    this.#latencies++;
  }

  get latencyMsMin(): number {
    return this.#latencies === 0 ? 0 : this.#latencyMsMin;
  }

  get latencyMsMean(): number {
    return this.#latencies === 0 ? 0 : this.#latencyMsSum / this.#latencies;
  }

  /** As after the connection was made. */
  reset(): void {
    this.received = 0;
    this.sent = 0;
    this.lastXid = -1;
    this.lastOpCode = undefined;
    this.lastZxid = -1;
    this.lastResponseMs = 0;
    this.lastLatencyMs = 0;
    this.latencyMsMax = 0;
    this.#latencyMsMin = Infinity;
    this.#latencyMsSum = 0;
    this.#latencies = 0;
  }
}
