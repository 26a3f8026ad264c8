import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { LIMITS } from '../limits.ts';

type Collect = (options: { readonly type: 'minor' }) => void;

/**
 * Has the young generation collected when much has come over sockets: chunks of the network are dead as
 * soon as they are read, but V8 looks for them only after twice as much, and memory that is used again
 * soon is still in the processor's caches. It takes less than a millisecond.
 */
export class YoungCollector {
  readonly #collect: Collect | undefined = exposeCollect();
  #bytesAfterLast = 0;

  /** To be called now and then, when there is a moment. */
  look(): void {
    const bytes = getHeapStatistics().external_memory;
    if (bytes - this.#bytesAfterLast < LIMITS.youngBytesMax) {
      this.#bytesAfterLast = Math.min(this.#bytesAfterLast, bytes);
      return;
    }
    this.#collect?.({ type: 'minor' });
    this.#bytesAfterLast = getHeapStatistics().external_memory;
  }
}

/** V8 shows it to contexts that are made while the flag is set. */
function exposeCollect(): Collect | undefined {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext("typeof gc === 'function' ? gc : undefined");
  setFlagsFromString('--no-expose-gc');
  return collect as Collect | undefined;
}
