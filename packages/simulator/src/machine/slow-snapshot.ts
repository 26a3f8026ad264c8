import { Violation } from '../invariants/violation.ts';
import { isSame } from './values.ts';

/** A snapshot that is pulled as slowly as can be, beside one of the same moment that is all there. */
export class SlowSnapshot {
  readonly #chunks: Iterator<Uint8Array>;
  readonly #expected: readonly Uint8Array[];
  #pulled = 0;
  #isOver = false;

  constructor(chunks: Iterable<Uint8Array>, expected: readonly Uint8Array[]) {
    this.#chunks = chunks[Symbol.iterator]();
    this.#expected = expected;
    this.pull();
  }

  /** The next chunk, after something may have changed. */
  pull(): void {
    if (this.#isOver) return;
    const next = this.#chunks.next();
    this.#isOver = next.done === true;
    const chunk = next.done === true ? undefined : next.value;
    const expected = this.#expected[this.#pulled];
    this.#pulled += 1;
    if (isSame(toBuffer(chunk), toBuffer(expected))) return;
    const what =
      `chunk ${this.#pulled} of a snapshot is not what it was when the snapshot was begun: commands that ` +
      'were applied meanwhile show in it';
    throw new Violation('stateMachine.snapshot', what);
  }
}

const toBuffer = (chunk: Uint8Array | undefined): Buffer | undefined =>
  chunk === undefined ? undefined : Buffer.from(chunk);
