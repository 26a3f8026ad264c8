interface Batch {
  readonly lastSequence: number;
  readonly bytes: number;
}

/** Counts the bytes of command batches that were sent off and have not all come back. */
export class UnseenBatches {
  readonly #batches: Batch[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** A batch whose commands end with `lastSequence` is on its way. */
  add(lastSequence: number, bytes: number): void {
    this.#batches.push({ lastSequence, bytes });
    this.#bytes += bytes;
  }

  /** All commands up to `sequence` are accounted for. */
  onSeen(sequence: number): void {
    for (let batch = this.#batches[0]; batch !== undefined; batch = this.#batches[0]) {
      if (batch.lastSequence > sequence) return;
      this.#bytes -= batch.bytes;
      this.#batches.shift();
    }
  }
}
