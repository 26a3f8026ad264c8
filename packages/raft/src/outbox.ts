import type { Message } from './messages.ts';
import type { NodeId, ReadState, Term } from './types.ts';

const NONE: readonly never[] = [];

/**
 * What waits for the next Ready. A message that promises something durable (an accepted entry, a vote)
 * goes `afterPersist`; all others go at once. That a term shows in a message before it is durable here
 * is harmless: only votes and acknowledgements are promises, and those wait.
 */
export class Outbox {
  #messages: Message[] = [];
  #afterPersist: Message[] = [];
  #readStates: ReadState[] = [];

  get isEmpty(): boolean {
    return (
      this.#messages.length === 0 &&
      this.#afterPersist.length === 0 &&
      this.#readStates.length === 0
    );
  }

  /** Leaves with the next Ready. */
  send(message: Message): void {
    this.#messages.push(message);
  }

  /** Leaves when everything up to the next Ready is durable. */
  sendAfterPersist(message: Message): void {
    this.#afterPersist.push(message);
  }

  /**
   * Acknowledges the log up to `index`, after it is durable. Within one Ready the newest
   * acknowledgement to the same leader says everything.
   */
  acknowledge(from: NodeId, to: NodeId, term: Term, index: number): void {
    const last = this.#afterPersist.length - 1;
    const previous = this.#afterPersist[last];
    const isSuperseded =
      previous?.type === 'AppendEntriesResponse' &&
      previous.to === to &&
      previous.term === term &&
      previous.index <= index;
    if (isSuperseded) this.#afterPersist.pop();
    this.#afterPersist.push({
      type: 'AppendEntriesResponse',
      from,
      to,
      term,
      accepted: true,
      index,
      hintIndex: 0,
      hintTerm: 0,
    });
  }

  answerRead(state: ReadState): void {
    this.#readStates.push(state);
  }

  takeMessages(): readonly Message[] {
    const taken = this.#messages;
    if (taken.length === 0) return NONE;
    this.#messages = [];
    return taken;
  }

  takeAfterPersist(): readonly Message[] {
    const taken = this.#afterPersist;
    if (taken.length === 0) return NONE;
    this.#afterPersist = [];
    return taken;
  }

  takeReadStates(): readonly ReadState[] {
    const taken = this.#readStates;
    if (taken.length === 0) return NONE;
    this.#readStates = [];
    return taken;
  }
}
