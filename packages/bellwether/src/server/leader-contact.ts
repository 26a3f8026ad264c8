import type { Consensus } from '@bellwether/cluster';
import { JuteReader, JuteWriter } from '@bellwether/protocol';
import type { NodeId } from '@bellwether/raft';
import { SERVER_LIMITS } from './limits.ts';

/*
 * From service to service, beside touched sessions (which begin with a count) and digests (-1):
 *
 *   int -2, long number   how far do you hear me?
 *   int -3, long number   the leader, of the same number
 */
const QUESTION = -2;
const ANSWER = -3;
const MESSAGE_BYTES = 12;

/**
 * Whether the leader hears this node, and this node the leader. The leader ends sessions of which nobody
 * tells it anything; a node that can't tell it anything would go on answering the pings of a client
 * whose session is long over, and whose lock somebody else has. Questions go the way of what is told of
 * sessions, behind it, so an answer also says that everything before its question has arrived.
 */
export class LeaderContact {
  readonly #nowMs: () => number;
  readonly #writer = new JuteWriter(MESSAGE_BYTES);
  #tickedMs: number;
  #askedMs: number;
  #number = 0;
  /** Of the questions that may still be answered: the first of them has #number - length + 1. */
  readonly #questionsMs: number[] = [];
  #contactMs: number;
  #isAsking = false;

  /** @param nowMs monotonic clock */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#tickedMs = nowMs();
    this.#askedMs = this.#tickedMs;
    this.#contactMs = this.#tickedMs;
  }

  /** What was told of sessions before has reached a leader; monotonic. */
  get contactMs(): number {
    return this.#contactMs;
  }

  /**
   * For how long nothing shows that the leader knows of a session here; 0 while nobody has to know.
   *
   * @param openedMs when it came here: that went by the log
   */
  lostForMs(openedMs: number): number {
    return this.#isAsking ? this.#nowMs() - Math.max(this.#contactMs, openedMs) : 0;
  }

  /** One round: asks, if it is time and there is somebody who depends on it. */
  tick(consensus: Consensus, dependants: number): void {
    const nowMs = this.#nowMs();
    // Whoever came since the round before has come by the log, and so with a leader's knowledge.
    if (!this.#isAsking) this.#contactMs = this.#tickedMs;
    this.#tickedMs = nowMs;
    this.#isAsking = dependants > 0;
    if (!this.#isAsking) return;
    if (nowMs - this.#askedMs < SERVER_LIMITS.contactAskMs) return;
    this.#askedMs = nowMs;
    this.#number += 1;
    this.#questionsMs.push(nowMs);
    if (this.#questionsMs.length > SERVER_LIMITS.contactQuestionsMax) this.#questionsMs.shift();
    consensus.sendToLeader(this.#message(QUESTION, this.#number));
  }

  /**
   * Takes a question or an answer; false when the message is something else.
   *
   * @param judges whether this node leads, and judges sessions
   */
  onMessage(from: NodeId, bytes: Uint8Array, judges: boolean, consensus: Consensus): boolean {
    if (bytes.length !== MESSAGE_BYTES) return false;
    const reader = new JuteReader(bytes);
    const kind = reader.readInt();
    if (kind !== QUESTION && kind !== ANSWER) return false;
    const number = reader.readLong();
    if (kind === ANSWER) this.#onAnswer(number);
    else if (judges) consensus.sendTo(from, this.#message(ANSWER, number));
    return true;
  }

  #onAnswer(number: number): void {
    const position = this.#questionsMs.length - 1 - (this.#number - number);
    const askedMs = this.#questionsMs[position];
    if (askedMs === undefined) return;
    this.#questionsMs.splice(0, position + 1);
    this.#contactMs = Math.max(this.#contactMs, askedMs);
  }

  #message(kind: number, number: number): Uint8Array {
    this.#writer.reset();
    this.#writer.writeInt(kind);
    this.#writer.writeLong(number);
    return this.#writer.copy();
  }
}
