import type { Client } from '../client.ts';
import { ClientError, isClientError } from '../errors.ts';
import { TransactionError } from '../operations/multi.ts';
import type { Hold } from './support/hold.ts';
import { waitForChange, type WaitOptions } from './support/patience.ts';
import { isTransient, pause } from './support/persist.ts';

/** An item that is taken, and not done yet. */
export class QueueItem {
  readonly data: Buffer;
  readonly #client: Client;
  readonly #entryPath: string;
  readonly #hold: Hold;

  constructor(client: Client, entryPath: string, data: Buffer, hold: Hold) {
    this.#client = client;
    this.#entryPath = entryPath;
    this.data = data;
    this.#hold = hold;
  }

  /** Aborts when somebody else may take the item: stop working on it. */
  get signal(): AbortSignal {
    return this.#hold.signal;
  }

  /** Whether nobody else can have taken it, as far as can be known here and now. */
  get isHeld(): boolean {
    return this.#hold.isHeld;
  }

  /** Higher than that of every earlier taker of anything in this queue. */
  get fencingToken(): number {
    return this.#hold.fencingToken;
  }

  /**
   * It is done: takes it out of the queue. Rejects with `lost` when it was not ours any more, and
   * then it goes to another, unless `indeterminate` says that it may have been taken out before.
   */
  async complete(options: WaitOptions = {}): Promise<void> {
    await waitForChange(this.#client, options, (signal) => this.#complete(signal));
  }

  /** It is not done: the next one may take it. */
  release(options: WaitOptions = {}): Promise<void> {
    return this.#hold.release(options);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  async #complete(signal: AbortSignal): Promise<void> {
    const { path } = this.#hold;
    let indeterminate = false;
    for (;;) {
      const about = { path: this.#entryPath, indeterminate };
      if (this.signal.aborted) throw new ClientError('lost', about);
      if (signal.aborted) throw new ClientError('aborted', about);
      try {
        await this.#client.multi().delete(this.#entryPath).delete(path).commit({ signal });
        return this.#hold.lose('it is done', 'gone');
      } catch (error) {
        if (isClientError(error, 'noNode')) return this.#onMissing(error);
        indeterminate ||= isClientError(error) && error.indeterminate;
        if (!isTransient(error) && !signal.aborted) throw error;
      }
      if (!signal.aborted) await pause(this.#client, this.signal);
    }
  }

  /** Of the entry and our mark, the first that is missing. */
  async #onMissing(error: ClientError): Promise<void> {
    const isEntryThere = error instanceof TransactionError && error.failedIndex > 0;
    // Only who has it takes it out: an answer of ours was lost.
    if (!isEntryThere) return this.#hold.release();
    this.#hold.lose('its mark was deleted', 'gone');
    throw new ClientError('lost', { path: this.#entryPath });
  }
}
