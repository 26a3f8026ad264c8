import { addAbortListener, removeAbortListener } from '../../abort-listeners.ts';
import type { WatchOptions } from '../../watching-client.ts';

/**
 * Something that happens, for one who waits: events between two waits are not forgotten. Whoever
 * makes one closes it, which takes its watches back.
 */
export class Alarm {
  /** For a read: what it leaves rings the alarm. */
  readonly watch: WatchOptions;
  readonly #controller = new AbortController();
  readonly #alsoRings: (() => void) | undefined;
  #isRung = false;
  #wake: (() => void) | undefined;

  /** @param alsoRings is called whenever it is rung */
  constructor(alsoRings?: () => void) {
    this.#alsoRings = alsoRings;
    this.watch = { onWatch: this.ring, watchSignal: this.#controller.signal };
  }

  readonly ring = (): void => {
    this.#isRung = true;
    this.#wake?.();
    this.#alsoRings?.();
  };

  /** Resolves when it has been rung since the last wait, or the signal aborts. */
  async wait(signal?: AbortSignal): Promise<void> {
    if (!this.#isRung && signal?.aborted !== true) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          removeAbortListener(signal, wake);
          this.#wake = undefined;
          resolve();
        };
        this.#wake = wake;
        addAbortListener(signal, wake);
      });
    }
    this.#isRung = false;
  }

  /** Takes back the watches that were left with it. */
  close(): void {
    this.#controller.abort();
  }
}
