import { systemClock } from '../clock.ts';
import type { ThreadChannel } from './thread-channel.ts';

/** The event loop of the service's thread in production, whatever its channel is made of. */
export abstract class EventLoop implements Pick<ThreadChannel, 'soon' | 'every'> {
  soon(action: () => void): void {
    systemClock.soon(action);
  }

  every(intervalMs: number, action: () => void): () => void {
    const timer = setInterval(action, intervalMs);
    return () => clearInterval(timer);
  }
}
