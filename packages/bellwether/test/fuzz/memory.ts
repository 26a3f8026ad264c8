import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const MIB = 1024 * 1024;
/** What the first epochs leave behind: compiled code, pools, buffers that are kept. */
const WARM_UP_EPOCHS = 5;
/** What may be more after any later epoch: far less than what a leak of each frame would be. */
const GROWTH_BYTES_MAX = 48 * MIB;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Looks after each epoch whether what is left behind grows. */
export class MemoryCheck {
  #epochs = 0;
  #firstBytes = 0;
  #lastBytes = 0;

  /** @throws Error when more is held than after the first epochs */
  afterEpoch(): void {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    this.#lastBytes = heapUsed + external;
    this.#epochs++;
    if (this.#epochs <= WARM_UP_EPOCHS) this.#firstBytes = this.#lastBytes;
    if (this.#lastBytes > this.#firstBytes + GROWTH_BYTES_MAX) {
      throw new Error(`memory grows: ${this.summary}`);
    }
  }

  get summary(): string {
    const mib = (bytes: number): string => (bytes / MIB).toFixed(1);
    return `${mib(this.#firstBytes)} MiB held after the first epochs, ${mib(this.#lastBytes)} MiB now`;
  }
}
