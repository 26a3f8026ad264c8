import type { QuotaExceeded } from '@bellwether/coordination';
import type { Logger } from '../logger.ts';
import { SERVER_LIMITS } from './limits.ts';

/** Says which quotas are exceeded, each only so often. */
export class QuotaWarnings {
  readonly #log: Logger;
  readonly #nowMs: () => number;
  readonly #saidMs = new Map<string, number>();

  /** @param nowMs monotonic clock */
  constructor(log: Logger, nowMs: () => number) {
    this.#log = log;
    this.#nowMs = nowMs;
  }

  onExceeded({ path, what, limitKind, limit, value }: QuotaExceeded): void {
    const nowMs = this.#nowMs();
    const saidMs = this.#saidMs.get(path);
    if (saidMs !== undefined && nowMs - saidMs < SERVER_LIMITS.quotaWarningMs) return;
    if (this.#saidMs.size >= SERVER_LIMITS.quotaWarningsKept) this.#saidMs.clear();
    this.#saidMs.set(path, nowMs);
    this.#log.warn('quota exceeded', { path, what, limitKind, limit, value });
  }
}
