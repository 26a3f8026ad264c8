import { LIMITS } from '../limits.ts';
import type { ToService } from './messages.ts';

/** What is for the service's log and reports alone: nothing that it does depends on when it hears of it. */
export type NewsItem = Extract<ToService, { readonly type: 'event' | 'failover' }>;

/**
 * Tells the service the news a moment later, together. When a leader is lost there are many, and each would
 * take both sides' time just when peers and clients wait for them.
 */
export class News {
  readonly #post: (message: ToService) => void;
  readonly #status: () => ToService;
  #items: NewsItem[] = [];
  #isStatusDue = false;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param post tells the service
   * @param status how the node is now
   */
  constructor(post: (message: ToService) => void, status: () => ToService) {
    this.#post = post;
    this.#status = status;
  }

  add(item: NewsItem): void {
    this.#items.push(item);
    this.#plan();
  }

  /** The status has changed. */
  addStatus(): void {
    this.#isStatusDue = true;
    this.#plan();
  }

  /** Tells now what there is. */
  tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const items = this.#items;
    this.#items = [];
    for (const item of items) this.#post(item);
    if (this.#isStatusDue) this.#post(this.#status());
    this.#isStatusDue = false;
  }

  #plan(): void {
    this.#timer ??= setTimeout(() => this.tell(), LIMITS.newsMs);
  }
}
