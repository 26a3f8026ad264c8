/**
 * Measures somebody who is asked again and again, one question at a time: a disk, another thread. All
 * times are of the clock that it is given.
 */
export class AnswerTimer {
  readonly #nowMs: () => number;
  #askedMs: number | undefined;
  #answeredMs: number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#answeredMs = nowMs();
  }

  onAsked(): void {
    this.#askedMs = this.#nowMs();
  }

  onAnswered(): void {
    this.#askedMs = undefined;
    this.#answeredMs = this.#nowMs();
  }

  get isPending(): boolean {
    return this.#askedMs !== undefined;
  }

  /** Since the last answer. */
  get ageMs(): number {
    return this.#nowMs() - this.#answeredMs;
  }

  /** How long an answer has been owed; 0 when none is. */
  get pendingMs(): number {
    return this.#askedMs === undefined ? 0 : this.#nowMs() - this.#askedMs;
  }
}
